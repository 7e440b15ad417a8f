/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan of an image: an ordered list of page runs and the exact bill, made
 * before the first kernel call. Printing it, testing it, fuzzing it and carrying
 * it out are four uses of the same data.
 *
 * Invariants: P1 runs ascend by vaddr and do not overlap. P2 every page of the
 * image is in exactly one run. P3 no run of the program is writable and executable
 * unless the policy allowed it; a region's rights are the description's. P4 the bill is exact: carrying the plan out makes that many
 * objects and fills that many slots. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/limits.h"
#include "lib/elf/elf.h"
#include "lib/reloc/reloc.h"

enum plan_source {
	PLAN_ZERO,   /* a fresh frame as the kernel made it */
	PLAN_BYTES,  /* a fresh frame filled by plan_fill: payload bytes, relocations, patches */
	PLAN_SHARED, /* the payload's own pages mapped in place; never writable */
	PLAN_REGION  /* frames of a memory region of the domain */
};

struct plan_run {
	uint64_t vaddr;       /* multiple of the page size */
	uint64_t pages;
	uint8_t  page_bits;   /* PAGE_BITS or LARGE_PAGE_BITS */
	uint8_t  rights;      /* ELF_R | ELF_W | ELF_X */
	uint8_t  source;      /* enum plan_source */
	uint8_t  uncached;    /* PLAN_REGION only */
	uint64_t offset;      /* BYTES, SHARED: offset in the payload of the run's first page; REGION: byte offset in the region */
	uint64_t file_bytes;  /* BYTES: bytes that come from the payload, from the run's first byte on; the rest stays zero */
	uint32_t skip_bytes;  /* BYTES: of these, so many at the start stay zero too (a file that is no page images); < PAGE_BYTES */
	uint32_t region;      /* REGION: index the caller gave */
	uint32_t first_frame; /* ZERO, BYTES: number of the run's first frame among the image's own frames of its size */
};

/* Objects and slots one image takes. Sizes follow from the machine's table geometry. */
struct plan_bill {
	uint64_t frames;       /* own 4K frames */
	uint64_t large_frames; /* own 2M frames */
	uint64_t tables[3];    /* page tables by level: [0] holds pages, [1] holds tables of level 0, ... */
	uint64_t copies;       /* capabilities copied for SHARED and REGION pages */
	uint64_t slots;        /* all slots the image's CNode needs: root + tables + frames + copies + thread and what the caller adds */
	uint64_t untyped_bytes; /* sum of the sizes of all objects */
};

/* Table geometry and address-space limits of a machine. */
struct plan_machine {
	uint16_t elf_machine;
	uint8_t  levels;          /* tables below the root: 3 on x86_64, 1 on i386 */
	uint8_t  index_bits;      /* 9 on x86_64, 10 on i386 */
	uint8_t  large_page_bits; /* 21, 22: what one level-0 table holds */
	uint8_t  word_bytes;
	uint64_t user_top;        /* first address past user space */
	/* Thread-local storage: below the thread pointer, ending at it (variant II), or above it, so many bytes on (variant I). What
	 * belongs to the thread itself lies at the pointer, or right below it. */
	bool     tls_is_below;
	uint8_t  tls_gap_bytes;
	uint8_t  tcb_bytes;       /* at the thread pointer (variant II), or below it (RISC-V); aarch64's are the gap */
};
extern const struct plan_machine plan_machine_x86_64, plan_machine_i386, plan_machine_aarch64, plan_machine_riscv64;

/* The machine with this number of e_machine, or NULL. */
const struct plan_machine *plan_machine_of(uint16_t machine);

/* Bytes laid over the image after zeroing and copying: symbol patches, the start frame. */
struct plan_patch {
	uint64_t vaddr;
	uint32_t size_bytes;
	const void *bytes; /* owned by the caller until the image is built */
};

/* The main thread's block of thread-local storage: a copy of the image that PT_TLS names, relocated like that. */
struct plan_tls {
	uint64_t image_vaddr, block_vaddr;
	uint64_t file_bytes;
};

struct plan {
	const struct plan_machine *machine;
	uint32_t run_count;
	uint32_t patch_count;
	struct plan_run run[PLAN_RUNS_MAX];
	struct plan_patch patch[PLAN_PATCHES_MAX];
	bool patch_is_file[PLAN_PATCHES_MAX]; /* the patch is bytes of the payload in a page that others begin: relocated like them */
	struct plan_bill bill;
	uint64_t entry;
	uint64_t ipc_buffer;   /* vaddr of the IPC buffer's page */
	uint64_t stack_top;    /* first byte above the stack; the guard page lies from here to the IPC buffer */
	uint64_t stack_bottom;
	uint64_t thread_pointer; /* at the start; 0: the program has none, or sets it itself */
	struct reloc reloc;      /* applied by plan_fill; empty: nothing is */
	struct plan_tls tls;
	uint8_t  self[8];        /* what the thread pointer points to where that is a pointer to itself; a patch refers to it */
};

/* A memory region mapping of the domain, to be part of every image's plan. */
struct plan_map {
	uint64_t vaddr;
	uint64_t pages;
	uint8_t  page_bits;
	uint8_t  rights;
	uint8_t  uncached;
	uint32_t region; /* the caller's number of it */
};

/* Starts a plan: IPC buffer in the top page, one guard page, stack_pages of stack below (Microkit's layout), nothing else.
 * stack_pages: 1..PLAN_STACK_PAGES_MAX. */
void plan_start(const struct plan_machine *machine, uint64_t stack_pages, struct plan *plan);

/* Adds the segments of an accepted file, and a guard page below the stack that none of them may touch. share: read-only pages
 * are mapped in place (the bytes begin on a page boundary and can be changed by nobody); else they are copied. A segment whose
 * pages hold other bytes than its own, or reach past the end of the file, is copied all the same. Where two segments share
 * a page, the bytes of the second in it become a patch that points into the file.
 * STATUS_PLAN_MACHINE, STATUS_PLAN_OUTSIDE_USER_SPACE, STATUS_PLAN_OVERLAP (with a region, the stack, its guards or the IPC
 * buffer), STATUS_PLAN_TOO_MANY_RUNS, STATUS_PLAN_TOO_MANY_PATCHES. Nothing is added on failure. */
enum status plan_add_image(struct plan *plan, const struct elf *elf, bool share, struct where *where) MUST_USE;

/* Adds a region mapping. STATUS_PLAN_MAP_PAGE_SIZE, STATUS_PLAN_MAP_UNALIGNED, STATUS_PLAN_MAP_RANGE (empty, page 0, past user
 * space), STATUS_PLAN_MAP_RIGHTS, STATUS_PLAN_OVERLAP with anything planned so far (it may end where the stack begins, as in
 * Microkit), STATUS_PLAN_TOO_MANY_RUNS. */
enum status plan_add_map(struct plan *plan, const struct plan_map *map, struct where *where) MUST_USE;

/* Adds a patch; the pages it touches become PLAN_BYTES (runs are split as needed). A patch of 0 bytes is dropped.
 * STATUS_PLAN_PATCH_OUTSIDE unless it lies wholly in writable ZERO or BYTES pages; STATUS_PLAN_TOO_MANY_PATCHES,
 * STATUS_PLAN_TOO_MANY_RUNS. Nothing is changed on failure. */
enum status plan_add_patch(struct plan *plan, const struct plan_patch *patch, struct where *where) MUST_USE;

/* Does what the start-up code of a program with a C library does itself, for one that leaves it to the loader (ruling 2f):
 * - relocations: *reloc, checked, is copied into the plan; zero pages with relocated words become PLAN_BYTES;
 * - thread-local storage: a block as the machine's ABI lays it out, on fresh pages in the highest free place below the stack, with
 *   an unmapped page on both sides; thread_pointer;
 * - RELRO (E6): its pages become read-only. An end inside a page counts as the page's end if no byte of a segment follows in it,
 *   else as the page's start.
 * To be called once, after regions and patches; *elf has been added with plan_add_image. The plan must not be moved afterwards.
 * STATUS_PLAN_TOO_MANY_RUNS, STATUS_PLAN_TOO_MANY_PATCHES, STATUS_PLAN_NO_ROOM (for the block): the plan is then of no use.
 * Cost: a pass over the relocations for each run of zero pages (at most one per segment). */
enum status plan_add_startup(struct plan *plan, const struct elf *elf, const struct reloc *reloc, struct where *where) MUST_USE;

/* Makes large pages of the image's own pages wherever a whole one is covered without a gap by pages of the same rights, with bytes of
 * the payload at its start at most: fewer frames, slots, tables and calls, the same bytes and rights at every address. To be called last,
 * before plan_finish. Where runs would become too many, the rest stays small. */
void plan_enlarge(struct plan *plan);

/* How far plan_fill is: start with { 0 }. */
struct plan_cursor {
	struct reloc_cursor reloc;
	uint32_t run;
	bool started, run_is_patched;
};

/* Must page number page of run number run, a ZERO or BYTES one, be filled? If not it stays as the kernel made it. This and the next two
 * count pages of PAGE_BYTES, in a run of large ones too; if the first page of a large one need not be filled, none of it need. */
bool plan_is_filled(const struct plan *plan, struct plan_cursor *cursor, uint32_t run, uint64_t page);

/* Fills so many pages from that one on, zero bytes at `at`: bytes of the payload, then relocations, then patches. Pages should ascend: then
 * relocations cost one pass over their tables in all, but a page of the thread-local block costs one of its own. */
void plan_fill(const struct plan *plan, struct plan_cursor *cursor, uint32_t run, uint64_t page, uint64_t pages, const uint8_t *payload,
               uint8_t *at);

/* Lays only the patches with values over those pages: for copies of some that were filled earlier and have been written to since. */
void plan_lay_values(const struct plan *plan, struct plan_cursor *cursor, uint32_t run, uint64_t page, uint64_t pages, uint8_t *at);

/* Numbers the frames and makes the bill. extra_slots, extra_bytes: what the caller retypes besides (the thread, ...).
 * bill.slots does not include the CNode's own rounding; untyped_bytes does not include the CNode. */
void plan_finish(struct plan *plan, uint64_t extra_slots, uint64_t extra_bytes);

/* Walks the tables the plan needs, parents first: start with *cursor = {0}; false when there are no more.
 * level 2..0 on x86_64 (PDPT, PD, PT). Cost per call: constant on average. */
struct plan_table_cursor {
	uint8_t  level_done;
	uint8_t  started;
	uint32_t run;
	uint64_t vaddr;
};
bool plan_table_next(const struct plan *plan, struct plan_table_cursor *cursor, uint8_t *level, uint64_t *vaddr);

/* The run that covers vaddr, or NULL. */
const struct plan_run *plan_run_at(const struct plan *plan, uint64_t vaddr);
