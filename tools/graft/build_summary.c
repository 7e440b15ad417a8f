/* SPDX-License-Identifier: BSD-2-Clause */
/* What an image needs of a kernel, summed up from the description and the plans, and the table of domains for people. The
 * figures are what must be there at least: objects alone, without what power-of-two pieces of memory leave over. The
 * monitor compares them with what the kernel gave before it makes anything (doc/system.md has the formula). */
#include "tools/graft/build.h"
#include "tools/graft/sdf_xml.h"
#include "user/space/build.h"
#include "user/space/grant.h"
#include <string.h>

#define ull(x) ((unsigned long long)(x))

/* Objects of a domain besides its image: two CNodes, notification, endpoint, reply, the monitor's reply for its fault,
 * scheduling context; and the root slots that hold them and the fault endpoint's copy. The image of a static domain may take
 * an untyped of its own. */
#define DOMAIN_CNODE_SLOTS     (64u + 512u)
#define DOMAIN_REPLIES         2u
#define DOMAIN_CONTEXT_BYTES   256u
#define DOMAIN_ENDPOINT_BYTES  16u
#define DOMAIN_SLOTS           7u
#define IMAGE_SLOTS            1u
#define IRQ_SLOTS              2u
#define PORT_SLOTS             1u
/* Of a controller: grant and record pages, the window's table, the ASID pool, reply objects; slots for these, the ASID pool's
 * untyped and a copy of the VSpace. */
#define CONTROLLER_PAGES       (SYSTEM_GRANT_PAGES + SYSTEM_RECORD_PAGES + 1u + 1u)
#define CONTROLLER_SLOTS       (CONTROLLER_PAGES + GRANT_REPLIES + 3u)
/* Of a spawned domain its scheduling context; of all controllers that spawn together: a slot for the capabilities they send, and a
 * thread to try these on. */
#define SPAWN_BYTES            (256u + 32u) /* scheduling context, reply object */
#define SPAWN_SLOTS            2u
#define SPAWNERS_BYTES         2048u
#define SPAWNERS_SLOTS         2u
/* Of the monitor itself: endpoint, reply, tables of its window, the loader's CNodes, two objects made as a check. */
#define MONITOR_BYTES          (64u << 10)
#define MONITOR_SLOTS          12u

static uint64_t count_ones(uint64_t x)
{
	uint64_t ones = 0;
	for (; x; x &= x - 1)
		ones++;
	return ones;
}

/* Radix of the CNode that an image's account keeps its capabilities in. */
static uint32_t account_radix(uint64_t slots)
{
	uint32_t radix = ACCOUNT_RADIX_MIN;
	while (slots > 1ull << radix)
		radix++;
	return radix;
}

static uint64_t account_bytes(const struct system_machine *machine, const struct plan_bill *bill)
{
	return (1ull << (machine->slot_bits + account_radix(bill->slots))) + bill->untyped_bytes;
}

/* The most slots that the CNode of an account can have: as many as fit behind the largest grant. */
static uint64_t account_slots_max(const struct job *job)
{
	return 1ull << job->sdf->machine->slots_bits_max;
}

static uint64_t domain_bytes(const struct system_machine *machine)
{
	return ((uint64_t)DOMAIN_CNODE_SLOTS << machine->slot_bits) + (1ull << machine->notification_bits)
		+ ((uint64_t)DOMAIN_REPLIES << machine->reply_bits) + DOMAIN_CONTEXT_BYTES;
}

bool build_fits_account(const struct job *job, uint32_t index)
{
	const struct build_domain *made = &job->domains[index];
	const struct sdf_domain *domain = &job->sdf->domains[index];
	plan_finish(made->plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
	if (made->plan->bill.slots <= account_slots_max(job))
		return true;
	return xml_refuse(job->sdf->path, domain->line, "protection_domain",
		"domain '%s' needs %llu slots for its pages and tables, more than one image can have (%llu); use large pages",
		domain->name, ull(made->plan->bill.slots), ull(account_slots_max(job)));
}

static void add_domain(const struct job *job, uint32_t index, struct build_needs *needs)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	const struct build_domain *made = &job->domains[index];
	const struct system_machine *machine = job->sdf->machine;
	needs->root_slots += DOMAIN_SLOTS + domain->has_endpoint + IRQ_SLOTS * domain->irq_count + PORT_SLOTS * domain->port_count;
	needs->memory_bytes += domain_bytes(machine) + (domain->has_endpoint ? DOMAIN_ENDPOINT_BYTES : 0);
	if (!domain->managed) {
		needs->memory_bytes += account_bytes(machine, &made->plan->bill);
		needs->root_slots += IMAGE_SLOTS;
	}
	if (!domain->controller.line)
		return;
	needs->root_slots += CONTROLLER_SLOTS + count_ones(domain->controller.pool_bytes) + SPAWN_SLOTS * domain->controller.spawn_domains;
	needs->memory_bytes += SPAWN_BYTES * domain->controller.spawn_domains;
	needs->memory_bytes += CONTROLLER_PAGES * PAGE_BYTES + ((uint64_t)GRANT_REPLIES << machine->reply_bits);
	needs->memory_bytes += (1ull << (machine->slot_bits + domain->controller.slots_bits)) + domain->controller.pool_bytes;
}

static void add_region(const struct sdf_region *region, struct build_needs *needs)
{
	if (build_is_in_place(region))
		return;
	needs->root_slots += region->size / region->page_bytes;
	if (!region->has_physical)
		needs->memory_bytes += region->size;
}

void build_sum_needs(struct job *job)
{
	struct build_needs needs = { .root_slots = MONITOR_SLOTS, .untypeds = 1, .memory_bytes = MONITOR_BYTES };
	for (uint32_t i = 0; i < job->sdf->domain_count; i++)
		add_domain(job, i, &needs);
	for (uint32_t i = 0; i < job->sdf->region_count; i++)
		add_region(&job->sdf->regions[i], &needs);
	for (uint32_t i = 0; i < job->sdf->domain_count; i++)
		if (job->sdf->domains[i].controller.spawn_line) {
			needs.root_slots += SPAWNERS_SLOTS;
			needs.memory_bytes += SPAWNERS_BYTES;
			break;
		}
	job->needs = needs;
}

/* ---- for people ---- */

static uint64_t largest_pool(const struct sdf *sdf)
{
	uint64_t largest = PAGE_BYTES;
	for (uint32_t i = 0; i < sdf->domain_count; i++)
		while (sdf->domains[i].controller.pool_bytes / 2 >= largest)
			largest *= 2;
	return largest;
}

static void print_domain(const struct job *job, uint32_t index, FILE *to)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	const struct build_domain *made = &job->domains[index];
	const struct plan_bill *bill = &made->plan->bill;
	fprintf(to, "  %-20s %4u  %-20s %6llu %6llu%s%s%s\n", domain->name, domain->priority,
		*made->program_name ? made->program_name : "-", ull(bill->frames), ull(bill->copies),
		domain->managed ? " managed" : "", domain->controller.line ? " controller" : "", domain->passive ? " passive" : "");
}

/* So that nobody overlooks it: a map is writable unless it says otherwise. */
static void print_archive(const struct job *job, uint32_t index, FILE *to)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	uint32_t archive = domain->controller.archive;
	if (!domain->controller.line || archive == SYSTEM_NONE || build_is_in_place(&job->sdf->regions[archive]))
		return;
	fprintf(to, "  %s copies programs before it checks them: '%s' is written by", domain->name, job->sdf->regions[archive].name);
	for (uint32_t d = 0; d < job->sdf->domain_count; d++)
		for (uint32_t i = 0; i < job->sdf->domains[d].map_count; i++)
			if (job->sdf->domains[d].maps[i].region == archive && (job->sdf->domains[d].maps[i].rights & ELF_W))
				fprintf(to, " %s", job->sdf->domains[d].name);
	fprintf(to, "\n");
}

void build_print_summary(const struct job *job, FILE *to)
{
	fprintf(to, "%s: ABI set %s, %llu bytes of system table, programs and prefills\n", job->sdf->path, job->abi_name,
		ull(job->blob.size_bytes));
	fprintf(to,
		"needs of the kernel: %llu free root slots, %llu untyped with at least %llu bytes in one piece, %llu bytes of memory in all\n",
		ull(job->needs.root_slots), ull(job->needs.untypeds), ull(largest_pool(job->sdf)),
		ull(job->needs.memory_bytes));
	fprintf(to, "  %-20s %4s  %-20s %6s %6s\n", "domain", "prio", "program", "pages", "shared");
	for (uint32_t i = 0; i < job->sdf->domain_count; i++)
		print_domain(job, i, to);
	for (uint32_t i = 0; i < job->sdf->domain_count; i++)
		print_archive(job, i, to);
}
