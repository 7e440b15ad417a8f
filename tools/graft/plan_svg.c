/* SPDX-License-Identifier: BSD-2-Clause */
/* An address space as a picture: a column of blocks, the highest address on top. A block is a run of pages; its height grows with
 * the logarithm of its size, so that a page and a gigabyte fit one picture. Colour says where the pages come from, the letters
 * what the program may do with them, brackets on the right which segments of the file they are. Unmapped stretches are thin, and
 * hatched where they guard the stack. Plain SVG 1.1: no script, no font of its own, nothing from elsewhere. */
#include "tools/graft/plan_svg.h"
#include "tools/graft/graft.h"
#include <inttypes.h>
#include <stdlib.h>

enum {
	WIDTH = 1010, MARGIN = 24, BLOCK_X = 190, BLOCK_WIDTH = 430, BRACKET_X = 632, LANE_WIDTH = 16, LABEL_X = 664, LABEL_HEIGHT = 18,
	TITLE_HEIGHT = 76, ROW = 30, ROW_PER_DOUBLING = 4, ROW_MAX = 90, GAP = 26, LEGEND_HEIGHT = 64, ROWS_MAX = 2 * PLAN_RUNS_MAX + 4
};

enum kind { KIND_ZERO, KIND_BYTES, KIND_SHARED, KIND_REGION, KIND_STACK, KIND_GUARD, KIND_NOTHING, KINDS };
static const struct { const char *fill, *edge, *what; } looks[KINDS] = {
	[KIND_ZERO] = { "#eceff1", "#90a4ae", "zero" }, [KIND_BYTES] = { "#bbdefb", "#1e88e5", "filled from file" },
	[KIND_SHARED] = { "#c8e6c9", "#43a047", "shared with the archive" }, [KIND_REGION] = { "#ffe0b2", "#fb8c00", "memory region" },
	[KIND_STACK] = { "#e1bee7", "#8e24aa", "stack, IPC buffer" }, [KIND_GUARD] = { "url(#guard)", "#e53935", "guard" },
	[KIND_NOTHING] = { "#ffffff", "#cfd8dc", "not mapped" },
};

/* One block, or one stretch between two. */
struct row {
	uint64_t start, end;
	const struct plan_run *run; /* NULL: nothing is mapped */
	enum kind kind;
	unsigned y, height;
};
struct picture {
	const struct plan *plan;
	struct row row[ROWS_MAX];
	uint32_t count;
	unsigned bottom;
};

bool svg_start(struct svg *svg)
{
	*svg = (struct svg){ .height = 0 };
	svg->body = open_memstream(&svg->text, &svg->text_bytes);
	if (!svg->body)
		complain("plan: no memory");
	return svg->body != NULL;
}

/* ---- what is where ---- */

static bool is_stack(const struct plan *plan, uint64_t vaddr)
{
	return (vaddr >= plan->stack_bottom && vaddr < plan->stack_top) || vaddr == plan->ipc_buffer;
}

static enum kind kind_of(const struct plan *plan, const struct plan_run *run)
{
	static const enum kind kinds[] = { [PLAN_ZERO] = KIND_ZERO, [PLAN_BYTES] = KIND_BYTES, [PLAN_SHARED] = KIND_SHARED,
		[PLAN_REGION] = KIND_REGION };
	return is_stack(plan, run->vaddr) ? KIND_STACK : kinds[run->source];
}

static unsigned height_of(const struct row *row)
{
	unsigned height = ROW;
	if (!row->run)
		return GAP;
	for (uint64_t pages = (row->end - row->start) / PAGE_BYTES; pages > 1; pages /= 2)
		height += ROW_PER_DOUBLING;
	return height < ROW_MAX ? height : ROW_MAX;
}

static void add_row(struct picture *picture, uint64_t start, uint64_t end, const struct plan_run *run, enum kind kind)
{
	if (start < end && picture->count < ROWS_MAX)
		picture->row[picture->count++] = (struct row){ .start = start, .end = end, .run = run, .kind = kind };
}

/* Nothing is mapped from start to end; the pages next to stack and IPC buffer are kept so. */
static void add_gap(struct picture *picture, uint64_t start, uint64_t end)
{
	const struct plan *plan = picture->plan;
	if (start >= end)
		return;
	if (end == plan->stack_bottom) {
		add_row(picture, start, end - PAGE_BYTES, NULL, KIND_NOTHING);
		add_row(picture, end - PAGE_BYTES, end, NULL, KIND_GUARD);
	} else {
		add_row(picture, start, end, NULL, start == plan->stack_top ? KIND_GUARD : KIND_NOTHING);
	}
}

static void lay_out(struct picture *picture)
{
	const struct plan *plan = picture->plan;
	uint64_t end = 0;
	for (uint32_t i = 0; i < plan->run_count; i++) {
		const struct plan_run *run = &plan->run[i];
		add_gap(picture, end, run->vaddr);
		end = run->vaddr + (run->pages << run->page_bits);
		add_row(picture, run->vaddr, end, run, kind_of(plan, run));
	}
	unsigned y = TITLE_HEIGHT;
	for (uint32_t i = picture->count; i-- > 0;) {
		picture->row[i].y = y;
		picture->row[i].height = height_of(&picture->row[i]);
		y += picture->row[i].height;
	}
	picture->bottom = y;
}

/* ---- drawing ---- */

/* A text of the file's or the command line's: markup in it is not markup here. */
static void put_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '<' || c == '>' || c == '&' || c == '"' || c < ' ' || c >= 0x7f)
			fprintf(to, "&#%u;", c < ' ' || c >= 0x7f ? '?' : c);
		else
			fputc(c, to);
	}
}

static const char *size_text(uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	static char text[32];
	unsigned unit = 0;
	uint64_t whole = bytes;
	for (; whole >= 1024 && unit < 4; unit++)
		whole /= 1024;
	bool exact = (whole << 10 * unit) == bytes;
	snprintf(text, sizeof text, "%s%" PRIu64 " %s", exact ? "" : "about ", whole, units[unit]);
	return text;
}

static const char *name_of(const struct plan *plan, const struct plan_run *run)
{
	if (run->vaddr == plan->ipc_buffer)
		return "IPC buffer";
	if (is_stack(plan, run->vaddr))
		return "stack";
	if (run->source == PLAN_REGION)
		return "region";
	return run->rights & ELF_X ? "code" : run->rights & ELF_W ? run->source == PLAN_ZERO ? "zero data" : "data" : "read-only data";
}

static void draw_block(FILE *to, const struct plan *plan, const struct row *row)
{
	const struct plan_run *run = row->run;
	unsigned middle = row->y + row->height / 2 + 5;
	fprintf(to, "<rect x=\"%d\" y=\"%u\" width=\"%d\" height=\"%u\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>\n", BLOCK_X, row->y,
	        BLOCK_WIDTH, row->height, looks[row->kind].fill, looks[row->kind].edge, run ? "1.5" : "0.7");
	if (!run) {
		bool is_guard = row->kind == KIND_GUARD;
		fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"%s\" text-anchor=\"middle\">%s%s</text>\n", BLOCK_X + BLOCK_WIDTH / 2, middle,
		        is_guard ? "guard" : "quiet", is_guard ? "guard page" : "not mapped: ",
		        is_guard ? "" : size_text(row->end - row->start));
		return;
	}
	fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"rights\">%c%c%c</text>\n", BLOCK_X + 12, middle, run->rights & ELF_R ? 'r' : '-',
	        run->rights & ELF_W ? 'w' : '-', run->rights & ELF_X ? 'x' : '-');
	fprintf(to, "<text x=\"%d\" y=\"%u\">%s", BLOCK_X + 62, middle, name_of(plan, run));
	if (plan->entry >= row->start && plan->entry < row->end)
		fprintf(to, ", <tspan class=\"entry\">entry</tspan> at 0x%" PRIx64, plan->entry);
	fputs("</text>\n", to);
	fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"quiet\" text-anchor=\"end\">%s%s%s</text>\n", BLOCK_X + BLOCK_WIDTH - 12, middle,
	        size_text(row->end - row->start), run->source == PLAN_BYTES ? ", filled" : run->source == PLAN_SHARED ? ", shared" : "",
	        run->page_bits == PAGE_BITS ? "" : ", large pages");
}

static void draw_column(FILE *to, const struct picture *picture)
{
	for (uint32_t i = 0; i < picture->count; i++) {
		const struct row *row = &picture->row[i];
		draw_block(to, picture->plan, row);
		fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"address\" text-anchor=\"end\">0x%" PRIx64 "</text>\n", BLOCK_X - 10,
		        row->y + row->height + 4, row->start);
	}
	if (picture->count)
		fprintf(to, "<text x=\"%d\" y=\"%d\" class=\"address\" text-anchor=\"end\">0x%" PRIx64 "</text>\n", BLOCK_X - 10,
		        TITLE_HEIGHT + 4, picture->row[picture->count - 1].end);
}

/* The height at which an address lies, within its block. */
static unsigned y_of(const struct picture *picture, uint64_t vaddr)
{
	for (uint32_t i = 0; i < picture->count; i++) {
		const struct row *row = &picture->row[i];
		if (vaddr >= row->start && vaddr <= row->end)
			return row->y + row->height - (unsigned)((double)(vaddr - row->start) / (double)(row->end - row->start) * row->height);
	}
	return picture->bottom;
}

/* *label_y: of the label below, so that this one stands clear of it. */
static void draw_segment(FILE *to, const struct picture *picture, const struct elf_segment *segment, uint32_t number, unsigned *label_y)
{
	unsigned low = y_of(picture, segment->vaddr), high = y_of(picture, segment->vaddr + segment->memory_bytes);
	unsigned middle = (low + high) / 2;
	*label_y = middle + LABEL_HEIGHT < *label_y ? middle : *label_y - LABEL_HEIGHT;
	fprintf(to, "<path d=\"M%d %u h8 V%u h-8 M%d %u L%d %u\" class=\"bracket\"/>\n", BRACKET_X, high, low, BRACKET_X + 8, middle,
	        LABEL_X - 4, *label_y);
	fprintf(to, "<text x=\"%d\" y=\"%u\">segment %" PRIu32 " <tspan class=\"quiet\">0x%" PRIx64 " in file, 0x%" PRIx64
	        " in memory</tspan></text>\n", LABEL_X, *label_y + 5, number,
	        segment->file_bytes, segment->memory_bytes);
}

static void draw_segments(FILE *to, const struct picture *picture, const struct elf *elf)
{
	unsigned label_y = picture->bottom + LABEL_HEIGHT;
	for (uint32_t i = 0; i < elf->segment_count; i++)
		if (elf->segment[i].type == ELF_LOAD && elf->segment[i].memory_bytes != 0)
			draw_segment(to, picture, &elf->segment[i], i, &label_y);
	fprintf(to, "<path d=\"M%d %u l9 -5 v10 z\" fill=\"#c62828\" transform=\"rotate(180 %d %u)\"/>\n", BLOCK_X + 1,
	        y_of(picture, picture->plan->entry), BLOCK_X + 1, y_of(picture, picture->plan->entry));
}

static void draw_legend(FILE *to, const struct picture *picture)
{
	const struct plan_bill *bill = &picture->plan->bill;
	int x = MARGIN;
	for (unsigned kind = 0; kind < KIND_NOTHING; kind++) {
		fprintf(to, "<rect x=\"%d\" y=\"%u\" width=\"16\" height=\"12\" fill=\"%s\" stroke=\"%s\"/>\n", x, picture->bottom + 20,
		        looks[kind].fill, looks[kind].edge);
		fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"quiet\">%s</text>\n", x + 22, picture->bottom + 31, looks[kind].what);
		x += 40 + (int)strlen(looks[kind].what) * 13 / 2;
	}
	fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"quiet\">takes %" PRIu64 " frames, %" PRIu64 " page tables, %" PRIu64
	        " shared pages, %" PRIu64 " slots, %" PRIu64 " bytes of untyped memory</text>\n", MARGIN, picture->bottom + 54,
	        bill->frames + bill->large_frames,
	        bill->tables[0] + bill->tables[1] + bill->tables[2], bill->copies, bill->slots, bill->untyped_bytes);
}

void svg_draw(struct svg *svg, const char *label, const struct elf *elf, const struct plan *plan)
{
	static struct picture picture; /* too large for a stack, and there is one thread */
	picture = (struct picture){ .plan = plan };
	lay_out(&picture);
	fprintf(svg->body, "<g transform=\"translate(0 %u)\">\n<text x=\"%d\" y=\"34\" class=\"title\">", svg->height, MARGIN);
	put_text(svg->body, label);
	fprintf(svg->body, "</text>\n<text x=\"%d\" y=\"54\" class=\"quiet\">%s, entry 0x%" PRIx64 "</text>\n", MARGIN,
	        elf_machine_name(plan->machine->elf_machine), plan->entry);
	draw_column(svg->body, &picture);
	draw_segments(svg->body, &picture, elf);
	draw_legend(svg->body, &picture);
	fputs("</g>\n", svg->body);
	svg->height += picture.bottom + LEGEND_HEIGHT;
}

bool svg_finish(struct svg *svg, FILE *to)
{
	bool done = fclose(svg->body) == 0;
	if (done && to) {
		fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" "
		        "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"13\" fill=\"#263238\">\n", WIDTH, svg->height, WIDTH,
		        svg->height);
		fputs("<style>.title{font-size:18px;font-weight:bold}.quiet{fill:#607d8b;font-size:12px}.address,.rights{font-family:DejaVu Sans "
		      "Mono,monospace}.address{font-size:12px;fill:#455a64}.rights{font-weight:bold}.bracket{fill:none;stroke:#607d8b}"
		      ".entry{fill:#c62828}.guard{fill:#7f0000;font-size:12px;paint-order:stroke;stroke:#ffebee;stroke-width:4px}</style>\n"
		      "<defs><pattern id=\"guard\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		      "<rect width=\"8\" height=\"8\" fill=\"#ffebee\"/><rect width=\"3\" height=\"8\" fill=\"#ef9a9a\"/></pattern></defs>\n", to);
		fprintf(to, "<rect width=\"%d\" height=\"%u\" fill=\"#ffffff\"/>\n%s</svg>\n", WIDTH, svg->height, svg->text);
	} else if (!done) {
		complain("plan: no memory");
	}
	free(svg->text);
	return done;
}
