/* SPDX-License-Identifier: BSD-2-Clause */
/* verdicts ARCHIVE ORDERS: what systems/damaged must say of the same files: the library's own verdict on each, under the domain's
 * description, in the words of systems/damaged/verdict.h. It goes through the steps as the controller does, but in one
 * piece, and knows nothing of kernels, pools and copies. */
#include <stdio.h>
#include <stdlib.h>
#include "lib/archive/archive.h"
#include "lib/load/load.h"
#include "lib/start/start.h"
#include "systems/damaged/spoil.h"
#include "systems/damaged/verdict.h"
#include "systems/orders.h"
#include "tools/graft/file.h"
#include "tools/graft/graft.h"

/* The domain, as in damaged.system. */
#define DESK_VADDR  0x10000000u
#define STACK_PAGES 2u
#define DOMAIN_NAME "first"

struct domain_symbol { const char *name; uint32_t bytes; }; /* 0: a word */
static const struct domain_symbol symbols[] = {
	{ "microkit_name", sizeof DOMAIN_NAME }, { "microkit_passive", 1 }, { "microkit_irqs", 0 }, { "microkit_notifications", 0 },
	{ "microkit_pps", 0 }, { "microkit_ioports", 0 }, { "desk", 0 },
};

static struct archive archive;
static const struct plan_machine *machine;
static struct tally tally;
static bool tells_each;

/* ---- the plan ---- */

static enum status add_symbol(struct plan *plan, const struct elf *elf, const struct domain_symbol *wanted, struct where *where)
{
	static const uint8_t zeros[64];
	struct archive_symbol symbol;
	struct plan_patch patch = { .size_bytes = wanted->bytes ? wanted->bytes : machine->word_bytes, .bytes = zeros };
	enum status status = archive_symbol_find(elf, wanted->name, &symbol);
	if (status == STATUS_SYMBOL_UNKNOWN)
		return STATUS_OK;
	*where = (struct where) { .value = patch.size_bytes };
	if (status != STATUS_OK)
		return status;
	if (symbol.size_bytes < patch.size_bytes) {
		*where = (struct where) { .offset = symbol.vaddr, .value = symbol.size_bytes };
		return STATUS_SYMBOL_TOO_SMALL;
	}
	patch.vaddr = symbol.vaddr;
	return plan_add_patch(plan, &patch, where);
}

static enum status add_start_frame(struct plan *plan, const struct elf *elf, struct where *where)
{
	static uint8_t frame[START_BYTES_MAX];
	static const struct start_arguments none;
	struct start_auxv auxv;
	uint32_t bytes;
	start_auxv_of(elf, &auxv);
	enum status status = start_frame(&none, &auxv, machine->word_bytes, plan->stack_top, frame, sizeof frame, &bytes);
	return status != STATUS_OK ? status : plan_add_patch(plan, &(struct plan_patch) { plan->stack_top - bytes, bytes, frame }, where);
}

static enum status make_plan(const struct load *load, struct where *where)
{
	static const struct plan_map desk = { .vaddr = DESK_VADDR, .pages = 1, .page_bits = PAGE_BITS, .rights = ELF_R | ELF_W };
	static struct plan plan;
	plan_start(machine, STACK_PAGES, &plan);
	enum status status = plan_add_image(&plan, &load->elf, true, where);
	if (status == STATUS_OK)
		status = plan_add_map(&plan, &desk, where);
	for (size_t i = 0; status == STATUS_OK && i < sizeof symbols / sizeof symbols[0]; i++)
		status = add_symbol(&plan, &load->elf, &symbols[i], where);
	if (status == STATUS_OK)
		status = add_start_frame(&plan, &load->elf, where);
	return status == STATUS_OK ? load_add_startup(load, &plan, where) : status;
}

/* ---- one file ---- */

/* Figures that do not fit a word of the machine are told as the largest that does. */
static unsigned long figure(uint64_t value)
{
	return (unsigned long)(machine->word_bytes == 4 && value > UINT32_MAX ? UINT32_MAX : value);
}

static struct verdict judge(const uint8_t *bytes, uint64_t size_bytes, uint32_t flags)
{
	struct elf_policy policy;
	struct load load;
	struct where where = { 0 };
	load_policy(machine->elf_machine, flags, &policy);
	enum status status = load_accept(bytes, size_bytes, &policy, LOAD_BASE_DEFAULT, &load, &where);
	if (status == STATUS_OK)
		status = make_plan(&load, &where);
	if (status == STATUS_OK)
		return (struct verdict) { STATUS_OK, { 0, 0 } };
	return (struct verdict) { status, { figure(where.offset), figure(where.value) } };
}

/* The file is copied to a block of its own, so that a byte read past it is seen. */
static void judge_and_tell(const struct spoil *file, unsigned long number, const char *name, bool tells)
{
	uint8_t *exact = malloc((size_t)file->size_bytes);
	if (!exact)
		exit(EXIT_USAGE);
	memcpy(exact, file->bytes, (size_t)file->size_bytes);
	struct verdict verdict = judge(exact, file->size_bytes, file->flags);
	free(exact);
	tally_add(&tally, number, &verdict);
	if (tells && verdict.status == STATUS_OK)
		printf(VERDICT_ACCEPTED, number, name);
	else if (tells)
		printf(VERDICT_REFUSED, number, name, status_text((enum status)verdict.status), verdict.figure[0], verdict.figure[1]);
}

static void copy(uint32_t index, struct archive_entry *entry, struct spoil *file)
{
	archive_entry_get(&archive, index, entry);
	file->bytes = malloc((size_t)(entry->size_bytes + SPOIL_MORE_PAGES * PAGE_BYTES));
	if (!file->bytes)
		exit(EXIT_USAGE);
	file->size_bytes = entry->size_bytes;
	file->flags = entry->flags;
	memcpy(file->bytes, archive.bytes + entry->offset, (size_t)entry->size_bytes);
}

static void judge_whole(unsigned long number)
{
	struct archive_entry entry;
	struct spoil file;
	copy((uint32_t)number, &entry, &file);
	judge_and_tell(&file, number, entry.name, true);
	free(file.bytes);
}

static void judge_spoiled(unsigned long seed, unsigned long number)
{
	struct archive_entry entry;
	struct spoil file;
	copy(spoil_start(&file, seed, number, archive.entry_count), &entry, &file);
	spoil(&file);
	judge_and_tell(&file, number, entry.name, tells_each);
	free(file.bytes);
}

/* Everything, in the system's order. The first file is the system's own program: it says what machine this is. */
static void judge_all(const char *orders)
{
	unsigned long first = order_number(orders, "first="), count = order_number(orders, "count=");
	struct archive_entry entry;
	archive_entry_get(&archive, 0, &entry);
	machine = archive.bytes[entry.offset + ELF_IDENT_CLASS] == 1 ? &plan_machine_i386 : &plan_machine_x86_64;
	tells_each = order_number(orders, "each=") != 0;
	for (unsigned long i = 0; i < archive.entry_count; i++)
		judge_whole(i);
	for (unsigned long i = 0; i < count; i++)
		judge_spoiled(order_number(orders, "seed="), first + i);
	printf(VERDICT_TALLY, tally.accepted, tally.refused, tally.reasons, tally_sum(&tally));
}

int main(int argc, char **argv)
{
	struct file file;
	struct where where;
	if (argc != 3)
		return fputs("usage: verdicts ARCHIVE ORDERS\n", stderr), EXIT_USAGE;
	if (!file_read_all(argv[1], &file))
		return EXIT_USAGE;
	enum status status = archive_open(file.bytes, file.size_bytes, &archive, &where);
	if (status != STATUS_OK)
		return fprintf(stderr, "verdicts: %s: %s\n", argv[1], status_text(status)), EXIT_USAGE;
	judge_all(argv[2]);
	file_free(&file);
	return 0;
}
