/* SPDX-License-Identifier: BSD-2-Clause */
/* The build: a plan carried out, as a cursor.
 *
 * build_start reserves; build_step makes at most so many kernel calls and returns;
 * when it says BUILD_DONE the image exists: a VSpace with every page in place, and
 * a thread with its registers, priority and fault endpoint that has no scheduling
 * context and no notification yet, so it can't run. commit.h starts it. At any
 * point before that build_abandon gives everything back.
 *
 * Slots of the account's CNode, in order: the root, the thread, the CSpace root's
 * copy, the tables in the order of plan_table_next, the frames in the order of the
 * plan, the large ones, the copies in the order of the plan. */
#pragma once
#include <sel4/types.h>
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "lib/plan/plan.h"
#include "user/space/caps.h"
#include "user/space/limits.h"

struct space;

/* What plan_finish is told about the objects that a build makes beyond the plan's: the thread and a copy of the CSpace root. */
#define BUILD_EXTRA_SLOTS 2u
#define BUILD_EXTRA_BYTES 2048u
#define BUILD_DUPLICATE_SLOTS 3u /* of a duplicate, instead: also a page of the image that it is made of, while it is copied */

enum build_slot { BUILD_ROOT, BUILD_THREAD, BUILD_CSPACE, BUILD_TABLES };

/* What the new thread is to be. */
struct build_thread {
	struct space_caps cspace; /* the CSpace root: a CNode whose guard is as the program will see it */
	seL4_CPtr fault_endpoint;  /* CPtr, with send and grant-reply rights and the badge that names this domain; 0 for none */
	uint8_t  priority;        /* also its maximum controlled priority */
	uint8_t  fpu_off;
	uint64_t entry;
	uint64_t stack_pointer;
};

/* A duplicate: pages of its own get the bytes that the same page of another image has now, and its thread the registers. That image
 * was built from a plan with the same pages, and does not run until the build is done. */
struct build_source {
	uint32_t account;
	bool     is_answered; /* it waits for an answer to its call: in the duplicate that call returns with label and one word */
	seL4_Word label, word;
};

struct build_input {
	const struct plan *plan;         /* finished; must outlive the build */
	const struct build_source *source; /* NULL: the image comes from the payload; must outlive the build */
	const uint8_t *payload;          /* the payload's bytes, mapped here, changeable by nobody; NULL if the plan has no bytes */
	uint32_t text;                   /* the text that the payload is, or TEXT_NONE if it is an archive that nobody can write */
	struct space_caps payload_pages; /* its frames, for PLAN_SHARED; count 0 if the plan shares nothing */
	const struct space_caps *region; /* by the plan's region numbers */
	uint32_t region_count;
	struct build_thread thread;
};

enum build_phase {
	BUILD_RETYPE_THREAD, BUILD_RETYPE_ROOT, BUILD_ASSIGN_ASID, BUILD_RETYPE_TABLES, BUILD_MAP_TABLES, BUILD_RETYPE_FRAMES,
	BUILD_RETYPE_LARGE_FRAMES, BUILD_MAP_PAGES, BUILD_COPY_CSPACE, BUILD_CONFIGURE, BUILD_SCHED_PARAMS, BUILD_FLAGS,
	BUILD_READ_REGISTERS, BUILD_REGISTERS, BUILD_READY
};

struct build {
	struct space *space;
	struct build_input input;
	uint32_t account;
	uint8_t  phase;        /* enum build_phase */
	uint8_t  page_step;    /* MAP_PAGES: which of the page's kernel calls is next */
	uint8_t  level;        /* RETYPE_TABLES: level of the tables being retyped */
	uint32_t done;         /* objects retyped so far in this phase (RETYPE_TABLES: of this level) */
	uint32_t run;          /* MAP_PAGES: number of the current run, and page in it */
	uint64_t page;
	uint32_t filled;       /* pages of PAGE_BYTES of that page filled so far */
	uint32_t copies;       /* copies made so far */
	uint32_t table_at[3];  /* slot of the next table of each level to be mapped */
	uint32_t frames_first; /* slot of the first frame, of the first large one, of the first copy */
	uint32_t large_first;
	uint32_t copies_first;
	seL4_UserContext context; /* that the thread is to start with */
	struct plan_table_cursor table;
	struct plan_cursor cursor; /* MAP_PAGES: of the pages that are filled */
};

enum build_progress { BUILD_MORE, BUILD_DONE, BUILD_FAILED };

/* Reserves the account. STATUS_SPACE_NO_REGION; STATUS_SPACE_LARGE_FRAMES if the plan has large frames and the space no
 * window for them; STATUS_SPACE_OTHER_PLAN if the source's image can't have been built from such a plan,
 * STATUS_SPACE_BAD_USE if there is no second window page for it; errors as account_bill_of and account_open; nothing is held then. */
enum status build_start(struct build *build, struct space *space, const struct build_input *input, struct where *where) MUST_USE;

/* Makes at most calls kernel calls; none, and BUILD_MORE, while another build has a large page in the window that this one needs.
 * BUILD_FAILED: *status says why (STATUS_SPACE_KERNEL_REFUSED with where->value the seL4 error); the caller then abandons. */
enum build_progress build_step(struct build *build, uint32_t calls, enum status *status, struct where *where) MUST_USE;

/* Is there a page in the window of which every build makes use? It must leave it before another one goes on. (The large window is kept by
 * whoever is in it.) */
bool build_is_in_window(const struct build *build);

/* Gives everything back, at any point after a successful build_start. Also the way to destroy an image. */
enum status build_abandon(struct build *build, struct where *where) MUST_USE;

/* The type of page tables of a level, and the call that maps one. */
seL4_Word build_table_type(uint32_t level);
enum status build_map_table(struct space *space, uint32_t level, seL4_CPtr table, seL4_CPtr root, seL4_Word vaddr,
                            struct where *where) MUST_USE;

/* The CPtr of the image's thread, and of its VSpace root, once the build is done. */
seL4_CPtr build_thread_cptr(const struct space *space, uint32_t account);
seL4_CPtr build_vspace_cptr(const struct space *space, uint32_t account);
