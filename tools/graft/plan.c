/* SPDX-License-Identifier: BSD-2-Clause */
/* graft plan: what loading a program maps, and what it costs. A program is planned as it would be from an archive: packed,
 * with its read-only pages mapped in place. */
#include "tools/graft/graft.h"
#include "tools/graft/check.h"
#include "tools/graft/plan_svg.h"
#include "tools/graft/program.h"
#include "tools/graft/report.h"
#include "tools/graft/startup.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum form { FORM_TEXT, FORM_JSON, FORM_SVG };
static struct svg picture; /* FORM_SVG: all of it, printed at the end */

static const char *const source_names[] = {
	[PLAN_ZERO] = "zero", [PLAN_BYTES] = "bytes", [PLAN_SHARED] = "shared", [PLAN_REGION] = "region",
};

static const char *rights_text(uint8_t rights)
{
	static const char *const text[8] = { "---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx" };
	return text[rights & 7];
}

static void print_run(const struct plan_run *run)
{
	printf("  0x%016" PRIx64 " %10" PRIu64 "  %-6s  %-6s", run->vaddr, run->pages, rights_text(run->rights),
	       source_names[run->source]);
	if (run->source == PLAN_SHARED)
		printf("  pages at 0x%" PRIx64, run->offset);
	else if (run->source == PLAN_BYTES)
		printf("  0x%" PRIx64 " bytes at 0x%" PRIx64, run->file_bytes - run->skip_bytes, run->offset + run->skip_bytes);
	putchar('\n');
}

static void print_tables(const struct plan *plan)
{
	struct plan_table_cursor cursor = { 0 };
	uint8_t level;
	for (uint64_t vaddr; plan_table_next(plan, &cursor, &level, &vaddr);)
		printf("  0x%016" PRIx64 "             table of level %u\n", vaddr, level);
}

static void print_bill(const struct plan_bill *bill)
{
	printf("  bill: %" PRIu64 " frames, %" PRIu64 " large frames, %" PRIu64 "+%" PRIu64 "+%" PRIu64 " tables of level 0, 1, 2, %" PRIu64
	       " copies, %" PRIu64 " slots, %" PRIu64 " bytes of untyped memory\n",
	       bill->frames, bill->large_frames, bill->tables[0], bill->tables[1], bill->tables[2], bill->copies, bill->slots,
	       bill->untyped_bytes);
}

static void print_text(const char *label, const struct plan *plan)
{
	printf("%s: %s, entry 0x%" PRIx64 ", stack 0x%" PRIx64 " to 0x%" PRIx64 ", IPC buffer 0x%" PRIx64 "\n", label,
	       elf_machine_name(plan->machine->elf_machine), plan->entry, plan->stack_bottom, plan->stack_top, plan->ipc_buffer);
	printf("  %-18s %10s  %-6s  %-6s  %s\n", "address", "pages", "rights", "source", "from the payload");
	for (uint32_t i = 0; i < plan->run_count; i++)
		print_run(&plan->run[i]);
	print_tables(plan);
	print_bill(&plan->bill);
}

static void print_json_runs(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->run_count; i++) {
		const struct plan_run *run = &plan->run[i];
		printf("%s\n    {\"vaddr\": %" PRIu64 ", \"pages\": %" PRIu64 ", \"page_bytes\": %llu, \"rights\": \"%s\", \"source\": \"%s\"",
		       i ? "," : "", run->vaddr, run->pages, 1ull << run->page_bits, rights_text(run->rights),
		       source_names[run->source]);
		if (run->source == PLAN_SHARED || run->source == PLAN_BYTES)
			printf(", \"offset\": %" PRIu64 ", \"file_bytes\": %" PRIu64, run->offset + run->skip_bytes,
			       run->source == PLAN_SHARED ? run->pages << run->page_bits : run->file_bytes - run->skip_bytes);
		putchar('}');
	}
}

static void print_json_tables(const struct plan *plan)
{
	struct plan_table_cursor cursor = { 0 };
	const char *comma = "";
	uint8_t level;
	for (uint64_t vaddr; plan_table_next(plan, &cursor, &level, &vaddr); comma = ",")
		printf("%s\n    {\"level\": %u, \"vaddr\": %" PRIu64 "}", comma, level, vaddr);
}

static void print_json(const char *label, const struct plan *plan)
{
	const struct plan_bill *bill = &plan->bill;
	printf("{\"program\": ");
	report_json_text(stdout, label);
	printf(", \"machine\": \"%s\", \"entry\": %" PRIu64 ",\n  \"stack_bottom\": %" PRIu64 ", \"stack_top\": %" PRIu64
	       ", \"ipc_buffer\": %" PRIu64 ",\n  \"runs\": [",
	       elf_machine_name(plan->machine->elf_machine), plan->entry, plan->stack_bottom, plan->stack_top, plan->ipc_buffer);
	print_json_runs(plan);
	printf("],\n  \"tables\": [");
	print_json_tables(plan);
	printf("],\n  \"bill\": {\"frames\": %" PRIu64 ", \"large_frames\": %" PRIu64 ", \"tables\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64
	       "], \"copies\": %" PRIu64 ", \"slots\": %" PRIu64 ", \"untyped_bytes\": %" PRIu64 "}}",
	       bill->frames, bill->large_frames, bill->tables[0], bill->tables[1], bill->tables[2], bill->copies, bill->slots,
	       bill->untyped_bytes);
}

/* Plans a payload; what is refused is said. */
static bool make_plan(const char *path, const char *label, const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, struct load *load,
                      struct plan *plan)
{
	struct where where;
	enum status status = check_accept(bytes, size_bytes, flags, load, &where);
	if (status == STATUS_OK)
		status = check_plan(load, true, plan, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, path, label == path ? NULL : label, status, &where, "program header");
		return false;
	}
	plan_finish(plan, 0, 0);
	return true;
}

/* Plans a payload and shows the plan. */
static bool plan_payload(const char *path, const char *label, const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, enum form form)
{
	static struct plan plan;
	struct load load;
	if (!make_plan(path, label, bytes, size_bytes, flags, &load, &plan))
		return false;
	if (form == FORM_SVG)
		svg_draw(&picture, label, &load.elf, &plan);
	else
		(form == FORM_JSON ? print_json : print_text)(label, &plan);
	return true;
}

/* A program file is packed first. */
static bool plan_file(const char *path, const struct file *file, enum form form)
{
	struct load load;
	struct where where;
	uint64_t payload_bytes = 0;
	uint32_t flags = startup_flags(file->bytes, file->size_bytes);
	enum status status = check_file(file->bytes, file->size_bytes, flags, &load, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, path, NULL, status, &where, "program header");
		return false;
	}
	uint8_t *payload = program_payload(path, file->bytes, file->size_bytes, flags, &payload_bytes);
	bool done = payload && plan_payload(path, path, payload, payload_bytes, flags, form);
	if (done && form == FORM_JSON)
		putchar('\n');
	free(payload);
	return done;
}

/* Before anything is shown, so that what is shown is whole. */
static bool all_are_accepted(const char *path, const struct archive *archive)
{
	static struct plan plan;
	struct load load;
	for (uint32_t i = 0; i < archive->entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(archive, i, &entry);
		if (!make_plan(path, entry.name, archive->bytes + entry.offset, entry.size_bytes, entry.flags, &load, &plan))
			return false;
	}
	return true;
}

static bool plan_archive(const char *path, const struct file *file, enum form form)
{
	struct archive archive;
	struct where where;
	enum status status = check_archive_open(file, &archive, &where);
	if (status != STATUS_OK)
		report_refusal(stderr, path, NULL, status, &where, "entry");
	if (status != STATUS_OK || !all_are_accepted(path, &archive))
		return false;
	if (form == FORM_JSON)
		putchar('[');
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(&archive, i, &entry);
		if (form == FORM_JSON && i != 0)
			fputs(",\n", stdout);
		if (!plan_payload(path, entry.name, archive.bytes + entry.offset, entry.size_bytes, entry.flags, form))
			return false;
	}
	if (form == FORM_JSON)
		puts("]");
	return true;
}

/* False if the command line makes no sense. */
static bool parse(int argc, char **argv, const char **path, enum form *form)
{
	*path = NULL;
	*form = FORM_TEXT;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0 && *form == FORM_TEXT)
			*form = FORM_JSON;
		else if (strcmp(argv[i], "--svg") == 0 && *form == FORM_TEXT)
			*form = FORM_SVG;
		else if (argv[i][0] == '-' || *path)
			return false;
		else
			*path = argv[i];
	}
	return *path != NULL;
}

int command_plan(int argc, char **argv)
{
	struct file file;
	const char *path;
	enum form form;
	if (!parse(argc, argv, &path, &form)) {
		complain("plan: name one program or archive, and --json or --svg if wanted");
		return EXIT_USAGE;
	}
	if ((form == FORM_SVG && !svg_start(&picture)) || !file_read_all(path, &file))
		return EXIT_REFUSED;
	bool done = is_archive(&file) ? plan_archive(path, &file, form) : plan_file(path, &file, form);
	if (form == FORM_SVG)
		done = svg_finish(&picture, done ? stdout : NULL) && done;
	file_free(&file);
	return done ? EXIT_DONE : EXIT_REFUSED;
}
