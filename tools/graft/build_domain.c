/* SPDX-License-Identifier: BSD-2-Clause */
/* Every domain's image before it exists: the symbols to be set in its program, its arguments, and the plan of its address
 * space, made by the code that the monitor and the controller will make it with. What can't work is refused here. */
#include "tools/graft/build.h"
#include "tools/graft/sdf_xml.h"
#include "lib/base/bytes.h"
#include "lib/start/start.h"
#include "user/space/limits.h"
#include <string.h>

#define CONTROLLER_MAPS 3u /* grant, record, archive */

#define ull(x) ((unsigned long long)(x))
#define REFUSE(line, element, ...) xml_refuse(job->sdf->path, line, element, __VA_ARGS__)

static const char *image_element(const struct sdf_domain *domain)
{
	return domain->managed ? "graft_managed" : "program_image";
}

/* ---- symbols ---- */

static void add_patch(struct job *job, uint32_t index, const struct build_patch *patch)
{
	struct build_domain *domain = &job->domains[index];
	domain->patches = arena_grow(job->sdf->arena, domain->patches, domain->patch_count, sizeof *patch);
	domain->patches[domain->patch_count++] = *patch;
}

static void add_word(struct job *job, uint32_t index, unsigned line, const char *element, const char *symbol,
	uint64_t value)
{
	uint32_t word_bytes = job->sdf->machine->plan->word_bytes;
	struct build_patch patch = { .line = line, .element = element, .symbol = symbol, .size_bytes = word_bytes,
		.symbol_bytes = word_bytes };
	bytes_put64(patch.bytes, value);
	add_patch(job, index, &patch);
}

/* Which of the domain's channel ids may notify, and which may call. */
static void sum_channels(const struct sdf *sdf, uint32_t index, uint64_t *notifications, uint64_t *calls)
{
	for (uint32_t i = 0; i < sdf->channel_count; i++)
		for (unsigned k = 0; k < 2; k++) {
			const struct sdf_end *end = &sdf->channels[i].end[k];
			if (end->domain != index)
				continue;
			*notifications |= end->notify ? 1ull << end->id : 0;
			*calls |= end->call ? 1ull << end->id : 0;
		}
	for (uint32_t i = 0; i < sdf->domains[index].offer_count; i++) {
		const struct sdf_offer *offer = &sdf->domains[index].offers[i];
		*notifications |= offer->flags & SYSTEM_OFFER_PEER_NOTIFY ? 1ull << offer->id : 0;
		*calls |= offer->flags & SYSTEM_OFFER_PEER_CALL ? 1ull << offer->id : 0;
	}
}

static void add_microkit_patches(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	const char *element = image_element(domain);
	uint64_t irqs = 0, notifications = 0, calls = 0, ports = 0;
	for (uint32_t i = 0; i < domain->irq_count; i++)
		irqs |= 1ull << domain->irqs[i].irq.id;
	for (uint32_t i = 0; i < domain->port_count; i++)
		ports |= 1ull << domain->ports[i].id;
	sum_channels(job->sdf, index, &notifications, &calls);
	struct build_patch name = {
		.line = domain->image_line, .element = element, .symbol = "microkit_name",
			.size_bytes = (uint32_t)strlen(domain->name) + 1
	};
	memcpy(name.bytes, domain->name, name.size_bytes);
	add_patch(job, index, &name);
	struct build_patch passive = {
		.line = domain->image_line, .element = element, .symbol = "microkit_passive", .size_bytes = 1,
			.bytes = { domain->passive }
	};
	add_patch(job, index, &passive);
	add_word(job, index, domain->image_line, element, "microkit_irqs", irqs);
	add_word(job, index, domain->image_line, element, "microkit_notifications", notifications);
	add_word(job, index, domain->image_line, element, "microkit_pps", calls);
	add_word(job, index, domain->image_line, element, "microkit_ioports", ports);
}

static void collect_patches(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	add_microkit_patches(job, index);
	for (uint32_t i = 0; i < domain->setvar_count; i++) {
		const struct sdf_setvar *setvar = &domain->setvars[i];
		add_word(job, index, setvar->line, setvar->element, setvar->symbol, setvar->value);
	}
}

/* ---- arguments ---- */

/* argv[0] is the program's name, then what the description says. */
static void collect_arguments(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	struct build_domain *made = &job->domains[index];
	if (!*made->program_name)
		return;
	size_t bytes = strlen(made->program_name) + 1;
	for (uint32_t i = 0; i < domain->argument_count; i++)
		bytes += strlen(domain->arguments[i]) + 1;
	char *to = arena_take(job->sdf->arena, bytes);
	made->arguments = to;
	made->arguments_bytes = (uint32_t)bytes;
	made->argument_count = domain->argument_count + 1;
	strcpy(to, made->program_name);
	for (uint32_t i = 0; i < domain->argument_count; i++) {
		to += strlen(to) + 1;
		strcpy(to, domain->arguments[i]);
	}
}

/* ---- the plan ---- */

static bool plan_image(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	struct build_domain *made = &job->domains[index];
	struct where where;
	enum status status = plan_add_image(made->plan, &made->load->elf, true, &where);
	if (status == STATUS_OK)
		return true;
	return REFUSE(domain->image_line, image_element(domain), "program '%s': %s (0x%llx)", made->program_name,
		status_text(status), ull(where.value));
}

static bool plan_map(struct job *job, uint32_t index, const struct sdf_map *map)
{
	const struct sdf_region *region = &job->sdf->regions[map->region];
	struct build_domain *made = &job->domains[index];
	uint8_t page_bits = sdf_page_bits(job->sdf, region);
	struct plan_map planned = {
		.vaddr = map->vaddr, .pages = region->size >> page_bits, .page_bits = page_bits, .rights = (uint8_t)map->rights,
		.uncached = !map->cached, .region = map->region
	};
	struct where where;
	enum status status = plan_add_map(made->plan, &planned, &where);
	if (status == STATUS_PLAN_OVERLAP)
		return REFUSE(map->line, "map", "'%s' at 0x%llx with 0x%llx bytes overlaps the program '%s' of domain '%s'",
			region->name, ull(map->vaddr), ull(region->size), made->program_name, job->sdf->domains[index].name);
	if (status != STATUS_OK)
		return REFUSE(map->line, "map", "'%s' in domain '%s': %s", region->name, job->sdf->domains[index].name,
			status_text(status));
	return true;
}

/* What the monitor maps into a controller besides. */
static bool plan_controller(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	const struct sdf_controller *controller = &domain->controller;
	const struct system_machine *machine = job->sdf->machine;
	uint64_t archive_pages = controller->archive == SYSTEM_NONE
		? 0 : job->sdf->regions[controller->archive].size / PAGE_BYTES;
	const struct plan_map maps[] = {
		{ machine->addresses.grant, SYSTEM_GRANT_PAGES, PAGE_BITS, ELF_R, 0, BUILD_REGION_GRANT },
		{ machine->addresses.record, SYSTEM_RECORD_PAGES, PAGE_BITS, ELF_R | ELF_W, 0, BUILD_REGION_RECORD },
		{ machine->addresses.archive, archive_pages, PAGE_BITS, ELF_R, 0, controller->archive },
	};
	for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		struct where where;
		enum status status = maps[i].pages ? plan_add_map(job->domains[index].plan, &maps[i], &where) : STATUS_OK;
		if (status != STATUS_OK)
			return REFUSE(domain->image_line, "program_image",
				"program '%s' reaches into 0x%llx to 0x%llx, which is kept for controllers",
				job->domains[index].program_name, ull(machine->addresses.grant), ull(machine->addresses.end - 1));
	}
	return true;
}

static bool plan_patch(struct job *job, uint32_t index, const struct build_patch *patch)
{
	const struct build_domain *made = &job->domains[index];
	const char *name = made->program_name;
	struct archive_symbol symbol;
	struct where where;
	enum status status = archive_symbol_find(&made->load->elf, patch->symbol, &symbol);
	if (status != STATUS_OK && job->sdf->domains[index].managed)
		return true; /* the controller passes over what a program has not */
	if (status != STATUS_OK)
		return REFUSE(patch->line, patch->element, "program '%s' has no variable '%s' in a writable segment%s", name,
			patch->symbol, strncmp(patch->symbol, "microkit_", 9) == 0 ? "; is it linked with libmicrokit?" : "");
	if (patch->symbol_bytes ? symbol.size_bytes != patch->symbol_bytes : symbol.size_bytes < patch->size_bytes)
		return REFUSE(patch->line, patch->element, "the variable '%s' of program '%s' has %llu bytes, not %s%u",
			patch->symbol, name, ull(symbol.size_bytes), patch->symbol_bytes ? "" : "at least ", patch->size_bytes);
	struct plan_patch planned = { .vaddr = symbol.vaddr, .size_bytes = patch->size_bytes, .bytes = patch->bytes };
	status = plan_add_patch(made->plan, &planned, &where);
	if (status != STATUS_OK)
		return REFUSE(patch->line, patch->element, "program '%s', variable '%s': %s", name, patch->symbol,
			status_text(status));
	return true;
}

/* Does any program of the archive have the variable? */
static bool archive_has_symbol(const struct system_machine *machine, const struct sdf_region *region, const char *name)
{
	struct archive archive;
	struct where where;
	if (archive_open(region->prefill, region->prefill_bytes, &archive, &where) != STATUS_OK)
		return false;
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry entry;
		struct archive_symbol symbol;
		struct load load;
		archive_entry_get(&archive, i, &entry);
		if (build_open_payload(machine, region->prefill + entry.offset, entry.size_bytes, entry.flags, &load, &where) == STATUS_OK &&
			archive_symbol_find(&load.elf, name, &symbol) == STATUS_OK)
			return true;
	}
	return false;
}

/* A setvar of a managed domain is for whichever programs have the variable; if none has and none can come, it is a mistake. */
static bool check_managed_setvars(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	uint32_t archive = job->sdf->domains[domain->parent].controller.archive;
	for (uint32_t i = 0; archive != SYSTEM_NONE && i < domain->setvar_count; i++) {
		const struct sdf_setvar *setvar = &domain->setvars[i];
		if (!job->sdf->regions[archive].written && !archive_has_symbol(job->sdf->machine, &job->sdf->regions[archive], setvar->symbol))
			return REFUSE(setvar->line, setvar->element,
				"no program of the archive '%s' has a variable '%s' in a writable segment",
				job->sdf->regions[archive].name, setvar->symbol);
	}
	return true;
}

static bool plan_start_frame(struct job *job, uint32_t index)
{
	static uint8_t frame[START_BYTES_MAX];
	const struct sdf_domain *domain = &job->sdf->domains[index];
	struct build_domain *made = &job->domains[index];
	struct start_arguments arguments = {
		.argc = made->argument_count, .strings = made->arguments, .strings_bytes = made->arguments_bytes
	};
	struct start_auxv auxv;
	start_auxv_of(&made->load->elf, &auxv);
	uint32_t bytes;
	enum status status = start_frame(&arguments, &auxv, made->plan->machine->word_bytes, made->plan->stack_top, frame,
		sizeof frame, &bytes);
	struct plan_patch patch = { .vaddr = made->plan->stack_top - (status == STATUS_OK ? bytes : 0), .bytes = frame };
	patch.size_bytes = (uint32_t)(made->plan->stack_top - patch.vaddr);
	struct where where;
	if (status == STATUS_OK)
		status = plan_add_patch(made->plan, &patch, &where);
	if (status != STATUS_OK)
		return REFUSE(domain->image_line, image_element(domain), "program '%s' with its arguments: %s",
			made->program_name, status_text(status));
	return true;
}

static bool plan_startup(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	struct build_domain *made = &job->domains[index];
	struct where where;
	enum status status = load_add_startup(made->load, made->plan, &where);
	return status == STATUS_OK ||
	       REFUSE(domain->image_line, image_element(domain), "program '%s': %s", made->program_name, status_text(status));
}

static bool plan_domain(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	struct build_domain *made = &job->domains[index];
	uint32_t maps = domain->map_count + (domain->controller.line ? CONTROLLER_MAPS : 0);
	if (maps > BUILD_REGIONS_MAX)
		return REFUSE(domain->line, "protection_domain", "domain '%s' has %u maps, more than an image can have (%u)",
			domain->name, maps, BUILD_REGIONS_MAX);
	made->plan = arena_take(job->sdf->arena, sizeof *made->plan);
	plan_start(job->sdf->machine->plan, domain->stack_size / PAGE_BYTES, made->plan);
	if ((made->load && !plan_image(job, index)) || (domain->controller.line && !plan_controller(job, index)))
		return false;
	for (uint32_t i = 0; i < domain->map_count; i++)
		if (!plan_map(job, index, &domain->maps[i]))
			return false;
	for (uint32_t i = 0; made->load && i < made->patch_count; i++)
		if (!plan_patch(job, index, &made->patches[i]))
			return false;
	if (made->load && (!plan_start_frame(job, index) || !plan_startup(job, index)))
		return false;
	return build_fits_account(job, index);
}

bool build_plan_domains(struct job *job)
{
	for (uint32_t i = 0; i < job->sdf->domain_count; i++) {
		collect_patches(job, i);
		collect_arguments(job, i);
		if ((job->sdf->domains[i].managed && !check_managed_setvars(job, i)) || !plan_domain(job, i))
			return false;
	}
	return true;
}
