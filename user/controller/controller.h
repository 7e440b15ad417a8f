/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the controller share.
 *
 *   controller.c  entry points of the domain: init, protected, fault; who may ask for what
 *   request.c     message words -> struct request
 *   verbs.c       what each verb does to a domain
 *   probation.c   confirm, and the way back
 *   job.c         load, swap and duplicate, in steps: program -> plan -> build -> hand-over
 *   restart.c     what to do with what an interrupted controller left
 *   program.c     name -> a program that has passed every check
 *   trust.c       is it signed for, and no older than what has run?
 *   domain.c      index -> what a domain owns, in the description or spawned
 *   spawn.c       domains made at run time, and given back
 *   duplicate.c   domains made of others
 *   answer.c      status -> error of the protocol
 *   report.c      faults, in words
 *
 * Invariants: C1 a domain's account, and the one kept beside it, are changed by domain_note_handed_over, probation_confirm,
 * verbs_unload and restart.c only. C2 nothing of a request is read from the message after request_decode. C3 at most one job on a
 * domain. C4 every caller gets exactly one answer: now, when its job ends, or "restarted" from restart.c. C5 all variables outside the
 * record are reset by controller_start. */
#pragma once
#include <graft.h>
#include "lib/archive/archive.h"
#include "lib/base/sha256.h"
#include "lib/load/load.h"
#include "lib/start/start.h"
#include "user/controller/protocol.h"
#include "user/controller/record.h"
#include "user/space/grant.h"
#include "user/space/space.h"

#define DOMAIN_NONE UINT32_MAX
#define NAME_BYTES  (CONTROLLER_NAME_WORDS * sizeof(seL4_Word))

struct controller {
	const struct grant *grant;
	struct record *record;
	struct space space;
	struct space_caps region[GRANT_REGIONS_MAX];
};
extern struct controller controller;

/* Fills *controller from a grant and a record: an empty one, or one that an earlier start of the controller left, at whatever
 * point it was interrupted; then what was going on is finished or undone. STATUS_SPACE_BAD_USE, or as pool_add. */
enum status controller_start(const struct grant *grant, struct record *record) MUST_USE;

/* Closes an account that no record names any more. If the kernel refuses, the next load tries again, and the console is told. */
void controller_close(uint32_t account);
void controller_not_back(const struct where *where);

/* ---- requests and answers ---- */

/* What SPAWN says beside the program, and DUPLICATE. */
#define SPAWN_SAME_PRIORITY UINT32_MAX /* DUPLICATE: as the source's */
#define SPAWN_SAME          UINT64_MAX

struct spawn_request {
	uint32_t priority, stack_pages;
	uint64_t budget_us, period_us;
	uint32_t flags;        /* enum system_domain_flag; this and the next two are not the asker's to say */
	bool     is_duplicate;
	uint32_t family;       /* record.h */
	uint32_t connection_count;
	struct record_connection connection[SPAWN_CONNECTIONS_MAX];
};

struct answer;

struct request {
	seL4_Word verb;
	uint32_t  domain;  /* index in the grant */
	bool      by_self; /* the domain's own program asks */
	bool      older_too; /* an older version than one that has run is wanted */
	bool      on_probation; /* SWAP: the old image is to be kept */
	uint64_t  deadline_ms;  /* after which it comes back unasked; 0: never */
	char      name[NAME_BYTES];
	struct start_arguments arguments;
	char      strings[CONTROLLER_ARGUMENT_BYTES];
	struct spawn_request spawn;
	uint32_t source; /* DUPLICATE, once begun: index of the domain that is duplicated */
	/* DUPLICATE by the domain itself: its call returns so in the duplicate. */
	seL4_Word duplicate_label, duplicate_word;
	/* NULL, or called when the job has ended, and is one no more, before its asker is answered: may change the answer. Of its domain it
	 * finds in domain_record whether it got its image; one that could not be spawned is gone already. */
	void (*ended)(const struct request *request, struct answer *answer);
};

struct answer {
	seL4_Word label; /* CONTROLLER_OK or an enum controller_error */
	seL4_Word word[3];
	seL4_Word words; /* how many; 0 if the words are in the IPC buffer already */
	bool      in_buffer;
};

/* Reads a message of the IPC buffer. false: malformed. Does not look at MR0. */
bool request_decode(seL4_MessageInfo_t info, struct request *request);

/* A figure for a message: the largest word stands for whatever is larger. */
static inline seL4_Word word_of(uint64_t value)
{
	seL4_Word word = (seL4_Word)value;

	return word == value ? word : (seL4_Word)-1;
}

struct answer answer_ok(uint64_t generation);
struct answer answer_error(enum controller_error error, seL4_Word word0, seL4_Word word1, seL4_Word word2);
struct answer answer_status(enum status status, const struct where *where); /* status is not STATUS_OK */

/* ---- domains ---- */

#define SPAWN_CHANNEL_FIRST 0x80u /* a spawned domain calls on this channel plus the number of its seat */
#define SPAWN_CHANNELS      (MICROKIT_MAX_CHANNELS < 54 ? MICROKIT_MAX_CHANNELS : 54u) /* ids that a spawned domain can use */
#define SPAWN_SYMBOLS       6u

/* A domain is an index: first those of the description, then the seats for spawned ones. */
uint32_t domain_seats(void);
bool domain_is_spawned(uint32_t domain);
bool domain_is_there(uint32_t domain); /* of the description, or a seat that is taken */
struct record_spawned *domain_spawned(uint32_t domain);
const struct grant_domain *domain_grant(uint32_t domain);
uint32_t domain_of_channel(uint32_t ch);   /* DOMAIN_NONE: nobody's */
uint32_t domain_of_child(uint64_t child);

/* What a slot number in its grant_domain stands for: the CPtr, and the name for CNode invocations. */
seL4_CPtr domain_cptr(uint32_t domain, uint32_t slot);
struct space_caps domain_caps(uint32_t domain, uint32_t slot);

/* The ith of the patch_count symbols to be set in its programs. */
struct domain_symbol {
	const char *symbol;
	uint32_t size_bytes;
	const char *bytes;
};
struct domain_symbol domain_symbol_of(uint32_t domain, uint32_t i);

static inline struct record_domain *domain_record(uint32_t domain)
{
	return &controller.record->domain[domain];
}

/* What was written to the record before is there before what is written after. */
static inline void record_barrier(void)
{
	__asm__ volatile("" ::: "memory");
}

/* The CPtr of a slot of the grant. */
static inline seL4_CPtr grant_cptr(uint32_t slot)
{
	return controller.grant->slot_cptr | (seL4_CPtr)slot << controller.grant->slot_shift;
}

struct commit_domain domain_owns(uint32_t domain);
seL4_CPtr domain_thread(uint32_t domain); /* CPtr of its thread; it has an image */

/* ---- verbs ---- */

struct answer verbs_stop(const struct request *request);
struct answer verbs_resume(const struct request *request);
struct answer verbs_unload(const struct request *request);
/* only: one domain's index, or DOMAIN_NONE for all. skipped: how many to leave out first. */
struct answer verbs_list(uint32_t only, seL4_Word skipped);
struct answer verbs_ledger(void);

/* Makes a domain without an image in a free seat; false: *answer is the refusal, and nothing is left. */
bool spawn_open(const struct spawn_request *spawn, uint32_t *domain, struct answer *answer);

/* Gives a spawned domain that has no image back: memory, budget, connections; its peers are told. */
void spawn_close(uint32_t domain);

/* SPAWN: makes the domain and begins the job that loads its program, as job_start; spawn_finish when that ended. REMOVE. */
bool spawn_start(struct request *request, seL4_CPtr asker, struct answer *answer);
void spawn_finish(uint32_t domain, struct answer *answer);
struct answer spawn_remove(const struct request *request);

/* DUPLICATE. request: verb CONTROLLER_DUPLICATE; domain, the source; by_self if its own program asks and waits for the answer, else the
 * source must be stopped; spawn: priority (SPAWN_SAME_PRIORITY), budget_us, period_us (SPAWN_SAME), connections; duplicate_label,
 * duplicate_word; ended. The rest is filled in here: then request->domain is the new domain, empty so far. true: a job is on; it ends
 * with the answer child id, generation for the asker (0: nobody waits) and the new domain running, or with a refusal and the domain
 * given back. false: refused, *answer says why: BUSY, WRONG_STATE, NO_RIGHT, HAS_REGIONS, NO_DUPLICATES; by itself NOT_ALLOWED,
 * BAD_PRIORITY; then as SPAWN. */
bool duplicate_start(struct request *request, seL4_CPtr asker, struct answer *answer);

/* After an interruption: is this a seat whose domain was not whole yet, or not any more? Its account is not to be kept. */
bool spawn_is_incomplete(uint32_t domain);
void spawn_settle(uint32_t domain); /* gives back what is not in its account, and the seat */

/* Reads what follows the arguments in the message. false: malformed. */
bool spawn_decode(const seL4_Word *words, seL4_Word count, struct spawn_request *spawn);
bool spawn_decode_duplicate(const seL4_Word *message, seL4_Word count, struct spawn_request *spawn); /* from MR0 on */
struct domain_symbol spawn_symbol(const struct record_spawned *spawned, uint32_t i);

/* Stops what faulted and says so on the console. */
void report_fault(uint32_t domain, seL4_MessageInfo_t info);

/* If the description asks for a trace: what was mapped for a load that is done, and how many kernel calls it took. */
void report_load(uint32_t domain, const char *program, const struct plan *plan, uint64_t calls);
void verbs_faulted(uint32_t domain);

/* Notes what is about to be done to a domain, so that a restart can finish it; RECORD_NOTHING when it is done. */
void domain_is_doing(uint32_t domain, enum record_doing doing);

/* ---- jobs: LOAD, SWAP, and what SPAWN and DUPLICATE put into their new domains ---- */

#define JOBS_MAX 2u

/* Three figures bound how long others wait: in one step so many kernel calls, bytes digested, or relocations checked. */
#define JOB_STEP_CALLS 64u
#define JOB_STEP_BYTES (PAGE_BYTES / 4u)
#define JOB_STEP_RELOCATIONS 128u

void jobs_reset(void);

/* Begins a job; asker: the reply object its caller waits in, 0 for none. false: refused, *answer says why, nobody waits. */
bool job_start(const struct request *request, seL4_CPtr asker, struct answer *answer);

/* The same for a duplicate, once everything is checked and the domain made. */
void job_start_duplicate(const struct request *request, seL4_CPtr asker);

/* One step of one job; jobs take turns. true: there is more to do. */
bool jobs_work(void);

bool jobs_are_full(void);
bool job_is_on(uint32_t domain);     /* one that makes or changes it, or makes another one of it */
bool job_copies(uint32_t domain);    /* one that makes another one of it: it must not run */
bool job_has_asker(seL4_CPtr asker);

/* The domain's program was stopped from outside: it does not wait in a call any more. */
void job_forget_caller(uint32_t domain);

/* How the last job ended that nobody waited for. */
extern struct answer job_told;

/* Sends an answer to a reply object. */
void answer_send(seL4_CPtr asker, const struct answer *answer);

/* Another image has the domain: the record says so. Also when a restart finds it handed over. Returns the account that is to be closed,
 * ACCOUNT_NONE if there is none. */
uint32_t domain_note_handed_over(uint32_t domain);

/* The same, and closes it. */
void domain_handed_over(uint32_t domain);

/* The domain's image is stopped and goes. */
void domain_emptied(uint32_t domain);

/* What is being done to a domain's program by a job; CONTROLLER_SWAP_IDLE without one. */
enum controller_swap_state job_swap_state(uint32_t domain);

/* ---- probation ----
 *
 * Between a swap on probation and its end the old image is kept as it stopped (record.h: kept). It comes back by the same hand-over. */

bool probation_is_on(uint32_t domain);

/* CONFIRM, ROLLBACK. Errors: NOT_ON_PROBATION; WRONG_STATE (to confirm what has faulted); ROLLBACK as commit_hand_over. */
struct answer probation_confirm(const struct request *request);
struct answer probation_roll_back(const struct request *request);

/* The program has faulted. true: it was on probation, and the one before it has the domain again. */
bool probation_fell(uint32_t domain);

/* Asks the timer when a probation that begins now would be over; false: there is none that answers. No deadline: 0. */
bool probation_ends_at(uint64_t deadline_ms, uint64_t *ends_ms) MUST_USE;

/* Has the timer call for the next deadline; what to do when it has called on this channel. */
void probation_set_alarm(void);
void probation_notified(microkit_channel ch);

/* ---- a personality ----
 *
 * A program may be linked from the controller's files and a few of its own, and so offer something else on the same mechanism
 * (user/process/). It defines what it needs of these; controller.c has weak ones that do nothing. */

/* The controller is ready; called once, by init. */
void personality_start(void);

/* A call on a channel. true: it was the personality's: *answer is what to say, or the caller waits (controller_answer_later). */
bool personality_serve(microkit_channel ch, microkit_msginfo info, struct answer *answer);

/* Is the domain the personality's own? Nobody else may then ask anything of it. */
bool personality_owns(uint32_t domain);
void personality_notified(microkit_channel ch);

/* A domain has faulted, in this way (seL4_Fault_...), and is stopped. */
void personality_faulted(uint32_t domain, seL4_Word label);

/* One piece of work; true: there is more to do. */
bool personality_work(void);

/* Is this reply object taken, because somebody waits in it? */
bool personality_holds(seL4_CPtr reply);

/* Prints what the domain is called in reports; false: nothing, the domain's own name is right. */
bool personality_prints_name(uint32_t domain);

/* The caller being served waits on in graft_reply_cap, which somebody holds by now; the next one will wait elsewhere. After that
 * graft_work is asked. */
void controller_answer_later(void);

/* ---- restart ---- */

/* The record is of this grant: attaches to it, settles every domain, revokes what is left over, answers whoever waits. */
enum status restart(const struct space_use *use) MUST_USE;

/* How many reply objects there are: GRAFT_REPLY_CAP and the grant's; the CPtr of one. */
uint32_t reply_count(void);
seL4_CPtr reply_cptr(uint32_t i);


/* ---- programs ---- */

struct program {
	struct archive_entry entry;
	const uint8_t *payload; /* mapped read-only, changeable by nobody: the archive's bytes, or those of the text */
	uint32_t text;          /* that it holds; TEXT_NONE: it lies in an archive that nobody can write, or is not copied yet */
	struct text_copy copy;
	uint64_t base;          /* where the image it is a duplicate of is; else LOAD_BASE_DEFAULT */
	uint64_t start;         /* which start of which domain: what the grant's seed makes is different for each */
	struct load load;       /* once program_check has finished */
	struct sha256 hash;     /* of the bytes digested so far */
	struct reloc_progress relocations; /* checked so far */
};

/* Asks the store, and checks whether what it says can be: bounds, flags. false: *answer is the refusal. */
bool program_find(const char *name, struct program *program, struct answer *answer);

/* The program of an image that is there: it was found right when it was loaded, and nobody can have changed it. */
void program_again(uint32_t account, const struct record_program *from, struct program *program);

/* If somebody can write the archive: at most so many kernel calls towards a copy, or nothing while another job copies the same, or
 * a copy that is there is shared. *finished: payload is what the next checks are made on. Errors as text_open and text_copy_step. */
enum status program_copy(struct program *program, uint32_t calls, bool *finished, struct where *where) MUST_USE;

/* The frames of its payload, to be copied from. */
struct space_caps program_pages(const struct program *program);

/* It is not needed any more: a copy that no image uses goes. */
void program_let_go(struct program *program);

/* Digests up to so many bytes more. *finished: all of them, and the digest is right. STATUS_ARCHIVE_PAYLOAD_DIGEST. */
enum status program_digest(struct program *program, uint64_t bytes, bool *finished, struct where *where) MUST_USE;

/* Every rule of lib/elf, for the program where it is to be; then program_check_relocations, so many entries more, until
 * *finished. */
enum status program_check(struct program *program, struct where *where) MUST_USE;
enum status program_check_relocations(struct program *program, uint64_t entries, bool *finished, struct where *where) MUST_USE;

/* Forgets which payloads were found right. */
void programs_reset(void);

/* ---- trust ---- */

void trust_reset(void);

/* Looks at the archive's signature, if the grant has a key; one that is wrong is told on the console, and refused with every program.
 * STATUS_TRUST_SIGNATURE_UNKNOWN: there is a key, and no way to check anything with it. */
enum status trust_start(void) MUST_USE;

/* Is this, word for word, an entry of the table that is signed with the grant's key? STATUS_OK without a key. The refusals of archive_open
 * and archive_check_signature; STATUS_TRUST_ENTRY_NOT_SIGNED. */
enum status trust_entry(const struct archive_entry *entry, struct where *where) MUST_USE;

/* STATUS_TRUST_PROGRAM_OLDER (where: value = its version, limit = the highest that has run), unless older_too;
 * STATUS_TRUST_TOO_MANY_VERSIONS: its version could not be kept. */
enum status trust_version(const struct archive_entry *entry, bool older_too, struct where *where) MUST_USE;

/* Keeps the version: before the hand-over, which trust_version has allowed, and when it is done, or confirmed; until then a place for it
 * is held. */
void trust_about_to_run(uint32_t domain, const struct archive_entry *entry);
void trust_has_run(uint32_t domain);
