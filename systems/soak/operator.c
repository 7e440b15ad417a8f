/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: asks the controller for one thing after another, at random, and knows beforehand what must come of it. Its model of
 * every domain (model.h) predicts each answer, the list and the ledger; whatever differs ends the run with the seed and the step.
 *
 * Each step draws its numbers from the seed and its own number alone. In epochs in which the keeper kills the controller, an answer may be
 * CONTROLLER_RESTARTED: then the list must show the domain as it was or as it was asked to be. README.md tells what else is done. */
#include "lib/archive/archive.h"
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "systems/soak/model.h"
#include "systems/verdict.h"

#define CLOCK_PORT_ID 2u
#define CLOCK_PORT   0x70u

#define BURNERS_MAX   6u   /* domains that use up their budgets: the others must have their turns */
#define EPOCH_STEPS   300u /* then everything is emptied, and the ledger is what it was at the start */
#define SWEEP_STEPS   25u  /* every so many all domains are checked */
#define PATIENCE_SECONDS 60u /* for anything that must come about */
#define NEWS_SECONDS  15u

__attribute__((section(".data.patched"))) volatile struct keeper_desk *keeper = 0;
__attribute__((section(".data.patched"))) const char *orders = 0; /* text: seed, seconds, steps, kills */

/* The archive, which we can write; 0: nobody can, and images map its pages in place. */
__attribute__((section(".data.patched"))) uint8_t *archive_bytes = 0;
__attribute__((section(".data.patched"))) seL4_Word archive_size = 0;

static struct model model;
static struct archive_entry guest_entry[PROGRAMS]; /* where the guests lie in an archive that we can write */
static seL4_Word seed, seconds_wanted, steps_wanted, kill_percent;
static seL4_Word busy_answers, restarted_answers, refused_answers, shared_answers;
static uint64_t random_state;

/* ---- verdicts ---- */

static void demand_here(bool holds, const char *what, seL4_Word figure)
{
	if (holds)
		return;
	keeper->armed = 0;
	graft_printf("graft: soak FAILED: seed %lu, step %lu: %s (0x%lx)\n", seed, step_number, what, figure);
	graft_printf("graft: soak: last verb %lu of domain %u; %lu kills, %lu crashes (fault %lu, 0x%lx, 0x%lx)\n", model.last_verb,
	             model.last_domain, keeper->kills, keeper->crashes, keeper->crash[0], keeper->crash[1], keeper->crash[2]);
	end_machine(EXIT_FAILED);
}

static seL4_Word below(seL4_Word n)
{
	return random_below(&random_state, n);
}

/* ---- time: the seconds of the machine's clock ---- */

static unsigned int clock_second(void)
{
	unsigned int bcd;

	microkit_x86_ioport_write_8(CLOCK_PORT_ID, CLOCK_PORT, 0);
	bcd = microkit_x86_ioport_read_8(CLOCK_PORT_ID, CLOCK_PORT + 1);
	return (bcd >> 4) * 10 + (bcd & 15);
}

/* Since the first call; called at least once a minute. */
static seL4_Word seconds_now(void)
{
	static unsigned int last = 60;
	static seL4_Word seconds;
	unsigned int second = clock_second();

	if (last < 60)
		seconds += (second + 60 - last) % 60;
	last = second;
	return seconds;
}

/* ---- the controller's list and ledger ---- */

static bool is_killing(void)
{
	return keeper->armed != 0;
}

/* A request over which the controller was killed may be made again if it only asks. */
static bool is_to_be_repeated(seL4_Word error)
{
	if (error != CONTROLLER_RESTARTED)
		return false;
	demand_here(is_killing(), "RESTARTED, and nobody killed the controller", 0);
	restarted_answers++;
	return true;
}

static unsigned int get_list(struct controller_domain lines[DOMAINS])
{
	unsigned int count = 0;
	seL4_Word error;

	do
		error = controller_list(OPERATOR_CONTROLLER, lines, DOMAINS, &count);
	while (is_to_be_repeated(error));
	demand_here(error == CONTROLLER_OK, "LIST is refused", error);
	return count;
}

/* false: it is not there. */
static bool find_line(seL4_Word child, struct controller_domain *line)
{
	struct controller_domain lines[DOMAINS];
	unsigned int count = get_list(lines);

	for (unsigned int i = 0; i < count; i++) {
		if (lines[i].id == child) {
			*line = lines[i];
			return true;
		}
	}
	return false;
}

static void get_ledger(seL4_Word words[LEDGER_WORDS])
{
	seL4_Word error;

	do
		error = controller_ledger(OPERATOR_CONTROLLER, words);
	while (is_to_be_repeated(error));
	demand_here(error == CONTROLLER_OK, "LEDGER is refused", error);
}

static bool line_is(const struct controller_domain *line, const struct seat *seat)
{
	return line->state == seat->state && (line->generation == seat->generation || seat->lost_count) &&
	       line->program_id == (seat->state == CONTROLLER_EMPTY ? 0 : seat->program);
}

/* line: NULL if the domain is not there. */
static void fail_line(const struct controller_domain *line, const struct seat *seat)
{
	if (line)
		graft_printf("operator: domain %lu: state %lu, generation %lu, program %lu; not %u, %lu, %u\n", line->id, line->state,
		             line->generation, line->program_id, seat->state, seat->generation, seat->program);
	demand_here(false, is_killing() ? "a domain is on neither side after a restart" : "a domain is not as it should be", seat->child);
}

/* A wild domain has duplicated itself: what came of it is as wild. */
static void adopt(struct seat *seat)
{
	seat->is_there = seat->is_wild = seat->is_mute = true;
}

static void check_line(const struct controller_domain *line)
{
	struct seat *seat = model_seat(&model, line->id);

	demand_here(seat != NULL, "a domain is there that can't be", line->id);
	if (!seat->is_there && model.was_wild)
		adopt(seat);
	demand_here(seat->is_there, "a domain is there that should not be", line->id);
	if (seat->is_wild)
		return;
	if (!line_is(line, seat))
		fail_line(line, seat);
}

/* excess_bytes: what images' accounts have beyond the least, as the list says. Those of copies may have some too, which nothing tells;
 * once everything is emptied the ledger must be exact again. */
static void check_ledger(seL4_Word excess_bytes)
{
	seL4_Word words[LEDGER_WORDS], predicted[LEDGER_WORDS];

	get_ledger(words);
	model_ledger(&model, predicted);
	predicted[LEDGER_UNTYPED_BYTES_FREE] -= excess_bytes;
	if (predicted[LEDGER_UNTYPED_BYTES_FREE] - words[LEDGER_UNTYPED_BYTES_FREE] <= model_text_bytes(&model))
		predicted[LEDGER_UNTYPED_BYTES_FREE] = words[LEDGER_UNTYPED_BYTES_FREE];
	for (unsigned int i = 0; i < LEDGER_WORDS; i++) {
		if (words[i] != predicted[i])
			graft_printf("operator: ledger word %u is %lu, not %lu\n", i, words[i], predicted[i]);
	}
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand_here(words[i] == predicted[i], "the ledger differs", i);
}

/* How much more an image has than the least: where memory is short, an account is made of smaller blocks, or of a larger last one. */
static seL4_Word excess_of(const struct controller_domain *line)
{
	const struct seat *seat = model_seat(&model, line->id);
	seL4_Word least = seat->state == CONTROLLER_EMPTY ? 0 : model.cost[seat->program - 1][LEDGER_UNTYPED_BYTES_FREE];

	demand_here(line->account_bytes >= least && line->account_bytes <= 2 * least, "an image has an odd size", line->account_bytes);
	return line->account_bytes - least;
}

/* Who is wild may go while the list is told in pieces, and shift what comes behind. */
static void check_list_and_ledger(void)
{
	struct controller_domain lines[DOMAINS];
	unsigned int count = get_list(lines);
	seL4_Word excess_bytes = 0;

	for (unsigned int i = 0; i < count; i++)
		check_line(&lines[i]);
	if (model_has_wild(&model))
		return;
	demand_here(count == model_count(&model), "domains are missing", count);
	for (unsigned int i = 0; i < count; i++)
		excess_bytes += excess_of(&lines[i]);
	check_ledger(excess_bytes);
}

/* ---- guests ---- */

static void check_answer(struct seat *seat)
{
	seL4_Word program = microkit_mr_get(ANSWER_PROGRAM), token = microkit_mr_get(ANSWER_TOKEN);
	seL4_Word flaw = microkit_mr_get(ANSWER_FLAW);

	model.last_error = microkit_mr_get(ANSWER_ERROR);
	model.last_domain = (unsigned int)seat->child;
	demand_here(flaw == 0, "a guest found its memory changed", flaw);
	demand_here(program == seat->program, "a guest is another program", program);
	demand_here(token == seat->token, "a guest has another token", token);
}

/* Asks a guest for its self-check. A call that it was replaced over is made again. */
static void call_guest(const struct seat *seat)
{
	microkit_msginfo info;

	do {
		microkit_mr_set(0, below(1u << 16));
		info = microkit_ppcall(seat->channel, microkit_msginfo_new(GUEST_CHECK, 1));
	} while (microkit_msginfo_get_label(info) == CONTROLLER_RESTARTED);
	demand_here(microkit_msginfo_get_label(info) == 0, "a guest does not answer", microkit_msginfo_get_label(info));
}

static bool can_answer(const struct seat *seat)
{
	return seat->is_there && !seat->is_wild && !seat->is_deaf && !seat->is_mute && seat->state == CONTROLLER_RUNNING;
}

static void check_guest(struct seat *seat)
{
	if (!can_answer(seat))
		return;
	call_guest(seat);
	check_answer(seat);
}

static void check_everything(void)
{
	demand_here(keeper->crashes == 0, "the controller faulted", keeper->crashes);
	check_list_and_ledger();
	for (unsigned int i = 0; i < DOMAINS; i++)
		check_guest(&model.seat[i]);
}

/* ---- requests ---- */

/* Made again while the controller has two other jobs, or one on this domain. */
static bool is_busy(seL4_Word error)
{
	static seL4_Word since, in_step;

	if (error != CONTROLLER_BUSY)
		return false;
	demand_here(model_is_async(&model), "BUSY, and nobody else asks for anything", 0);
	if (in_step != step_number)
		since = seconds_now();
	in_step = step_number;
	demand_here(seconds_now() - since < PATIENCE_SECONDS, "BUSY for too long", 0);
	busy_answers++;
	seL4_Yield();
	return true;
}

static seL4_Word ask_once(seL4_Word verb, seL4_Word child, const struct plan_of *plan, struct controller_result *result)
{
	const char *const argv[] = { plan->name, plan->number };

	switch (verb) {
	case CONTROLLER_LOAD:
		return controller_load(OPERATOR_CONTROLLER, child, plan->name, 2, argv, result);
	case CONTROLLER_SWAP:
		if (plan->on_probation)
			return controller_swap_on_probation(OPERATOR_CONTROLLER, child, 0, plan->name, 2, argv, result);
		return controller_swap(OPERATOR_CONTROLLER, child, plan->name, 2, argv, result);
	case CONTROLLER_CONFIRM:
		return controller_confirm(OPERATOR_CONTROLLER, child, result);
	case CONTROLLER_ROLLBACK:
		return controller_rollback(OPERATOR_CONTROLLER, child, result);
	case CONTROLLER_STOP:
		return controller_stop(OPERATOR_CONTROLLER, child, result);
	case CONTROLLER_RESUME:
		return controller_resume(OPERATOR_CONTROLLER, child, result);
	case CONTROLLER_UNLOAD:
		return controller_unload(OPERATOR_CONTROLLER, child, result);
	case CONTROLLER_SPAWN:
		return controller_spawn(OPERATOR_CONTROLLER, &plan->spawning, plan->name, 2, argv, result);
	case CONTROLLER_DUPLICATE:
		return controller_duplicate(OPERATOR_CONTROLLER, child, &plan->spawning, result);
	default:
		return controller_remove(OPERATOR_CONTROLLER, child, result);
	}
}

static seL4_Word ask(seL4_Word verb, seL4_Word child, const struct plan_of *plan, struct controller_result *result)
{
	seL4_Word error;

	model.last_verb = verb;
	model.last_domain = (unsigned int)child;
	do
		error = ask_once(verb, child, plan, result);
	while (is_busy(error));
	if (error == CONTROLLER_RESTARTED)
		demand_here(is_killing(), "RESTARTED, and nobody killed the controller", verb);
	restarted_answers += error == CONTROLLER_RESTARTED;
	return error;
}

/* Too little memory is no surprise where the figures say so. */
static bool is_short(const struct controller_result *result)
{
	seL4_Word ledger[LEDGER_WORDS];

	if (result->error != CONTROLLER_NO_MEMORY)
		return false;
	model_ledger(&model, ledger);
	demand_here(result->figure[0] > result->figure[1], "NO_MEMORY, and less is needed than there is", result->figure[0]);
	demand_here(model_is_async(&model) || result->figure[1] <= ledger[LEDGER_UNTYPED_BYTES_FREE], "NO_MEMORY with a wrong figure",
	       result->figure[1]);
	model.short_answers++;
	return true;
}

/* A generation that was not known is from now on. */
static void take_generation(struct seat *seat, seL4_Word generation)
{
	if (seat->lost_count)
		seat->generation = generation;
	seat->lost_count = false;
	demand_here(seat->generation == generation, "an answer has another generation", generation);
}

/* After a kill the list tells which side a domain is on. */
static void settle(struct seat *seat, const struct seat *after)
{
	struct controller_domain line;
	bool is_there = find_line(seat->child, &line);

	if (is_there == seat->is_there && (!is_there || line_is(&line, seat)))
		seat->lost_count |= after->is_wild && !is_there; /* a wild one may have come and gone */
	else if (is_there == after->is_there && (!is_there || after->is_wild || line_is(&line, after)))
		*seat = *after;
	else
		fail_line(is_there ? &line : NULL, after);
	if (seat->is_wild)
		seat->lost_count = true;
	if (is_there)
		take_generation(seat, line.generation);
}

/* A verb on a domain that is there; *after is the domain as it will be if expected is CONTROLLER_OK. */
static void ask_and_compare(seL4_Word verb, struct seat *seat, const struct plan_of *plan, seL4_Word expected, const struct seat *after)
{
	struct controller_result result;
	seL4_Word error = ask(verb, seat->child, plan, &result);

	if (error == CONTROLLER_RESTARTED) {
		settle(seat, expected == CONTROLLER_OK ? after : seat);
		return;
	}
	if ((expected == CONTROLLER_OK || expected == CONTROLLER_BAD_PROGRAM) && model_needs_memory(verb) && is_short(&result))
		return;
	demand_here(error == expected, expected == CONTROLLER_OK ? "a request is refused" : "a request ends otherwise", error << 8 | expected);
	if (error == CONTROLLER_BAD_PROGRAM)
		demand_here(result.detail == STATUS_ARCHIVE_PAYLOAD_DIGEST, "a program is refused for another reason", result.detail);
	if (error != CONTROLLER_OK)
		return;
	*seat = *after;
	take_generation(seat, result.generation);
}

/* ---- steps: verbs on domains ---- */

static struct seat *any_seat(void)
{
	return &model.seat[below(DOMAINS)];
}

static void make_plan_of(struct plan_of *plan, unsigned int program)
{
	plan->program = program;
	plan->on_probation = false;
	plan->token = (unsigned int)below(1u << 30);
	(void)graft_snprintf(plan->name, sizeof plan->name, "guest%u", program);
	(void)graft_snprintf(plan->number, sizeof plan->number, "%lu", plan->token);
}

static void step_verb(seL4_Word verb, struct seat *seat)
{
	struct plan_of plan;
	struct seat after = *seat;
	seL4_Word expected;

	/* Stopped where it waits for the next call: a duplicate of one that was stopped elsewhere has other floating-point registers. */
	if (verb == CONTROLLER_STOP)
		check_guest(seat);
	make_plan_of(&plan, 1 + (unsigned int)below(PROGRAMS));
	expected = model_expect(&model, verb, seat);
	model_apply(verb, &after, &plan);
	if (expected == CONTROLLER_OK && model_needs_memory(verb) && below(12) == 0) {
		memcpy(plan.name, "nobody", 7);
		expected = CONTROLLER_NO_PROGRAM;
	}
	ask_and_compare(verb, seat, &plan, expected, &after);
	check_guest(seat);
}

/* A wild one goes, if it is there still: first it is stopped, so that it does not ask for anything any more. A managed domain stays. */
static void remove_wild(struct seat *seat)
{
	bool is_spawned = seat_is_spawned(&model, seat);
	struct controller_result result;
	seL4_Word error;

	(void)ask(CONTROLLER_STOP, seat->child, NULL, &result);
	do
		error = ask(is_spawned ? CONTROLLER_REMOVE : CONTROLLER_UNLOAD, seat->child, NULL, &result);
	while (error == CONTROLLER_RESTARTED);
	demand_here(error == CONTROLLER_OK || error == (is_spawned ? CONTROLLER_NO_DOMAIN : CONTROLLER_WRONG_STATE),
	       "a wild domain can't be removed", error);
	model_leave(seat);
	if (!is_spawned)
		seat->is_there = true;
}

static void step_any_verb(void)
{
	static const seL4_Word verbs[] = { CONTROLLER_LOAD, CONTROLLER_SWAP, CONTROLLER_SWAP, CONTROLLER_STOP, CONTROLLER_RESUME,
	                                   CONTROLLER_RESUME, CONTROLLER_UNLOAD, CONTROLLER_REMOVE };
	seL4_Word verb = verbs[below(sizeof verbs / sizeof verbs[0])];
	struct seat *seat = any_seat();

	if (seat->is_there && seat->is_wild)
		remove_wild(seat);
	else if (seat->is_there || !model_has_wild(&model)) /* else somebody wild may have come of itself */
		step_verb(verb, seat);
}

/* ---- steps: spawning ---- */

/* What is wrong with a request for a domain, if anything; always the same thing for the same number. */
static seL4_Word spoil(struct plan_of *plan)
{
	struct controller_spawning *spawning = &plan->spawning;

	switch (below(20)) {
	case 0:
		spawning->priority = CONTROLLER_PRIORITY + (unsigned int)below(60);
		return CONTROLLER_BAD_PRIORITY;
	case 1:
		spawning->priority = OPERATOR_PRIORITY - (unsigned int)below(50);
		return CONTROLLER_BAD_PRIORITY;
	case 2:
		spawning->connection[0].offer = SPAWNED + (unsigned int)below(1000);
		return CONTROLLER_NO_OFFER;
	case 3:
		spawning->connection[1].channel = spawning->connection[0].channel;
		return CONTROLLER_BAD_REQUEST;
	case 4:
		spawning->budget_us = spawning->period_us + 1;
		return CONTROLLER_BAD_REQUEST;
	case 5:
		spawning->budget_us = spawning->period_us;
		return CONTROLLER_NO_BUDGET;
	case 6:
		memcpy(plan->name, "nobody", 7);
		return CONTROLLER_NO_PROGRAM;
	case 7:
		spawning->stack_pages = 0;
		return CONTROLLER_BAD_REQUEST;
	default:
		return CONTROLLER_OK;
	}
}

static void make_spawning(struct plan_of *plan)
{
	unsigned int offer = (unsigned int)below(SPAWNED);

	while (model_offer_is_taken(&model, offer))
		offer = (offer + 1) % SPAWNED;
	plan->spawning = (struct controller_spawning){
		.priority = OPERATOR_PRIORITY + 1 + (unsigned int)below(CONTROLLER_PRIORITY - OPERATOR_PRIORITY - 1),
		.stack_pages = 2, .budget_us = SPAWN_BUDGET_US, .period_us = SPAWN_PERIOD_US, .connection_count = 2,
		.connection = { { offer, GUEST_OPERATOR }, { CONTROLLER_OFFER_SELF, GUEST_CONTROLLER } },
	};
}

/* The first empty seat is the one that the controller takes. */
static struct seat *next_seat(void)
{
	unsigned int i = MANAGED;

	while (i < DOMAINS && model.seat[i].is_there)
		i++;
	return i < DOMAINS ? &model.seat[i] : NULL;
}

/* Those that are known, then what they have made of themselves, until there are no more. */
static void remove_all_wild(void)
{
	while (model_has_wild(&model)) {
		for (unsigned int i = 0; i < DOMAINS; i++) {
			if (model.seat[i].is_there && model.seat[i].is_wild)
				remove_wild(&model.seat[i]);
		}
		check_list_and_ledger();
	}
}

/* A wild one that has removed itself leaves its seat to the next; one that has duplicated itself has taken one. */
static struct seat *seat_of_answer(struct seat *seat, seL4_Word child)
{
	struct seat *other = model_seat(&model, child);

	if (child == seat->child)
		return seat;
	demand_here(model.was_wild && other && (other->is_wild || !other->is_there), "a spawned domain has another id", child);
	if (other->is_there)
		model_leave(other);
	return other;
}

/* Wild ones take seats, duplicates and shares of the processor that the model does not know of. */
static bool is_taken_by_wild(seL4_Word error)
{
	return model_has_wild(&model) && (error == CONTROLLER_NO_SEATS || error == CONTROLLER_NO_DUPLICATES || error == CONTROLLER_NO_BUDGET);
}

static void spawn(struct plan_of *plan, seL4_Word expected)
{
	struct seat *seat = next_seat(), after = *seat;
	struct controller_result result;
	seL4_Word error = ask(CONTROLLER_SPAWN, 0, plan, &result);

	model_spawn(&after, plan);
	if (error == CONTROLLER_RESTARTED) {
		settle(seat, expected == CONTROLLER_OK ? &after : seat);
		return;
	}
	if (is_short(&result) || is_taken_by_wild(error))
		return;
	demand_here(error == expected, expected == CONTROLLER_OK ? "SPAWN is refused" : "SPAWN ends otherwise", error << 8 | expected);
	if (error != CONTROLLER_OK)
		return;
	seat = seat_of_answer(seat, result.child);
	model_spawn(seat, plan);
	take_generation(seat, result.generation);
}

static void spawn_too_many(struct plan_of *plan)
{
	struct controller_result result;
	seL4_Word error = ask(CONTROLLER_SPAWN, 0, plan, &result);

	if (error != CONTROLLER_RESTARTED)
		demand_here(error == CONTROLLER_NO_SEATS && result.figure[1] == SPAWNED, "too many domains end otherwise", error);
}

/* Where the controller may be killed it must be certain which seat is taken. */
static void step_spawn(void)
{
	struct plan_of plan;
	seL4_Word expected;

	make_plan_of(&plan, 1 + (unsigned int)below(PROGRAMS));
	if (is_killing() || next_seat() == NULL)
		remove_all_wild();
	if (next_seat() == NULL) {
		plan.spawning = (struct controller_spawning){ .priority = 100, .stack_pages = 1, .budget_us = 20, .period_us = 20000 };
		spawn_too_many(&plan);
		return;
	}
	make_spawning(&plan);
	expected = spoil(&plan);
	spawn(&plan, expected);
}

static void step_taken_offer(void)
{
	struct seat *seat = any_seat();
	struct plan_of plan;

	if (!seat_is_spawned(&model, seat) || !seat->is_there || seat->is_wild || seat->is_mute || next_seat() == NULL)
		return;
	make_plan_of(&plan, 1);
	make_spawning(&plan);
	plan.spawning.connection[0].offer = seat->offer;
	spawn(&plan, CONTROLLER_OFFER_TAKEN);
}

/* Of a domain that is stopped; the new one is as the source would be if it were resumed. */
static void duplicate(const struct seat *source, struct plan_of *plan, seL4_Word expected)
{
	struct seat *seat = next_seat(), after = *seat;
	struct controller_result result;
	unsigned int offer = plan->spawning.connection[0].offer;
	seL4_Word error = ask(CONTROLLER_DUPLICATE, source->child, plan, &result);

	model_duplicate(&after, source, offer);
	if (error == CONTROLLER_RESTARTED) {
		settle(seat, expected == CONTROLLER_OK ? &after : seat);
		return;
	}
	if (is_short(&result) || is_taken_by_wild(error))
		return;
	demand_here(error == expected, expected == CONTROLLER_OK ? "DUPLICATE is refused" : "DUPLICATE ends otherwise", error << 8 | expected);
	if (error != CONTROLLER_OK)
		return;
	seat = seat_of_answer(seat, result.child);
	model_duplicate(seat, source, offer);
	take_generation(seat, result.generation);
	check_guest(seat);
}

static void step_duplicate(void)
{
	struct seat *source = any_seat();
	struct plan_of plan;

	if (is_killing())
		remove_all_wild();
	/* One that is stopped, if there is one. */
	for (unsigned int i = 0; i < DOMAINS && (source->is_wild || source->state != CONTROLLER_STOPPED); i++)
		source = &model.seat[(unsigned int)(source - model.seat + 1) % DOMAINS];
	if (source->is_wild || next_seat() == NULL || (source->is_deaf && model_burners(&model) >= BURNERS_MAX))
		return;
	make_spawning(&plan);
	plan.spawning.budget_us = plan.spawning.period_us = CONTROLLER_SAME;
	duplicate(source, &plan, model_expect_duplicate(&model, source, CONTROLLER_STOPPED));
}

/* In a domain of its own, or in one of the description. */
static void step_hostile(void)
{
	struct seat *seat = &model.seat[below(2 * MANAGED)], after = *seat;
	struct plan_of plan;

	if (model_burners(&model) >= BURNERS_MAX || next_seat() == NULL || seat->is_wild)
		return;
	if (is_killing())
		remove_all_wild();
	make_plan_of(&plan, PROGRAM_HOSTILE);
	memcpy(plan.name, "hostile", 8);
	model.was_wild = true;
	if (seat_is_spawned(&model, seat)) {
		make_spawning(&plan);
		spawn(&plan, CONTROLLER_OK);
		return;
	}
	model_load(&after, &plan);
	ask_and_compare(seat->state == CONTROLLER_EMPTY ? CONTROLLER_LOAD : CONTROLLER_SWAP, seat, &plan, CONTROLLER_OK, &after);
}

/* ---- steps: an archive that changes ---- */

/* While a program is asked for, one byte of it is another: it is refused, unless somebody runs from a copy. Who runs does not notice. */
static void step_changed(void)
{
	struct seat *seat = &model.seat[below(MANAGED)], after;
	unsigned int program = 1 + (unsigned int)below(PROGRAMS);
	const struct archive_entry *entry = &guest_entry[program - 1];
	volatile uint8_t *byte = &archive_bytes[entry->offset + below((seL4_Word)entry->size_bytes)];
	struct plan_of plan;
	seL4_Word verb;
	bool is_shared;

	remove_all_wild();
	after = *seat;
	verb = seat->state == CONTROLLER_EMPTY ? CONTROLLER_LOAD : CONTROLLER_SWAP;
	make_plan_of(&plan, program);
	model_load(&after, &plan);
	is_shared = model_has_text(&model, program);
	*byte ^= 0xff;
	ask_and_compare(verb, seat, &plan, is_shared ? CONTROLLER_OK : CONTROLLER_BAD_PROGRAM, &after);
	*byte ^= 0xff;
	shared_answers += is_shared;
	refused_answers += !is_shared;
	check_guest(seat);
}

/* ---- steps: orders to guests ---- */

static void order(const struct seat *seat, enum guest_order what, seL4_Word word0, seL4_Word word1)
{
	microkit_mr_set(0, what);
	microkit_mr_set(1, word0);
	microkit_mr_set(2, word1);
	(void)microkit_ppcall(seat->channel, microkit_msginfo_new(GUEST_ORDER, 3));
	microkit_notify(seat->channel);
}

/* Until the list shows the domain in a state, or not at all. */
static void wait_for(const struct seat *seat, bool is_there, unsigned int state, const char *what)
{
	seL4_Word since = seconds_now();
	struct controller_domain line = { 0 };

	while (find_line(seat->child, &line) ? !is_there || line.state != state : is_there) {
		demand_here(seconds_now() - since < PATIENCE_SECONDS, what, seat->child << 8 | line.state);
		seL4_Yield();
	}
}

/* A guest that was told to swap itself has done so, or found too little memory. */
static void settle_swap(struct seat *seat, const struct plan_of *plan)
{
	call_guest(seat);
	if (microkit_mr_get(ANSWER_TOKEN) == plan->token)
		model_load(seat, plan);
	check_answer(seat);
	if (seat->token != plan->token)
		demand_here(model.last_error == CONTROLLER_NO_MEMORY, "a guest could not swap itself", model.last_error);
	model.pending--;
}

static void begin_swap(struct seat *seat, struct plan_of *plan)
{
	make_plan_of(plan, 1 + (unsigned int)below(PROGRAMS));
	model.pending++;
	order(seat, ORDER_SWAP, plan->program, plan->token);
}

/* Which side it came to is seen in the list: the guest knows it too, but may have been told "restarted". */
static void order_duplicate(struct seat *source)
{
	seL4_Word expected = model_expect_duplicate(&model, source, CONTROLLER_RUNNING);
	struct seat *seat, after;

	remove_all_wild();
	seat = next_seat();
	if (seat == NULL)
		return;
	order(source, ORDER_DUPLICATE, 0, 0);
	check_guest(source);
	after = *seat;
	model_duplicate(&after, source, SPAWNED);
	if (model.last_error == CONTROLLER_RESTARTED)
		settle(seat, expected == CONTROLLER_OK ? &after : seat);
	else if (model.last_error == CONTROLLER_OK)
		*seat = after;
	if (model.last_error != CONTROLLER_RESTARTED && model.last_error != CONTROLLER_NO_MEMORY)
		demand_here(model.last_error == expected, "a guest's duplicate ends otherwise", model.last_error << 8 | expected);
}

static void step_order(void)
{
	struct seat *seat = any_seat();
	enum guest_order what = 1 + (enum guest_order)below(ORDERS - 1);
	struct plan_of plan;

	if (!can_answer(seat) || (what == ORDER_REMOVE && !seat_is_spawned(&model, seat)))
		return;
	if ((what == ORDER_SPIN && model_burners(&model) >= BURNERS_MAX) || (what == ORDER_CRASH && is_killing()))
		return; /* a crash whose message the killed controller had taken is not told again */
	if (what == ORDER_DUPLICATE) {
		order_duplicate(seat);
		return;
	}
	if (what == ORDER_SWAP) {
		begin_swap(seat, &plan);
		settle_swap(seat, &plan);
		return;
	}
	order(seat, what, seat->child + 1 + below(20), 0);
	switch (what) {
	case ORDER_STOP:
		wait_for(seat, true, CONTROLLER_STOPPED, "a guest that stops itself is not stopped");
		seat->state = CONTROLLER_STOPPED;
		break;
	case ORDER_REMOVE:
		wait_for(seat, false, 0, "a guest that removes itself is there still");
		model_leave(seat);
		break;
	case ORDER_SPIN:
		seat->is_deaf = true;
		break;
	case ORDER_MEDDLE:
		check_guest(seat);
		demand_here(model.last_error == CONTROLLER_NOT_ALLOWED, "a guest may ask for another domain", model.last_error);
		break;
	default:
		wait_for(seat, true, CONTROLLER_FAULTED, "a fault does not arrive");
		seat->state = CONTROLLER_FAULTED;
	}
}

/* What others are asked for meanwhile. */
static void step_others(struct seat *const swapping[], unsigned int count)
{
	struct seat *seat = any_seat();

	for (unsigned int i = 0; i < count; i++) {
		if (swapping[i] == seat)
			return;
	}
	if (!seat->is_wild && seat->is_there)
		step_verb(below(2) == 0 ? CONTROLLER_SWAP : CONTROLLER_STOP, seat);
}

/* Several guests swap themselves at once, while the operator goes on with others. */
static void step_burst(void)
{
	struct seat *swapping[4];
	struct plan_of plan[4];
	unsigned int count = 0;

	for (unsigned int i = 0; i < 4; i++) {
		struct seat *seat = any_seat();
		bool is_new = can_answer(seat);

		for (unsigned int k = 0; k < count; k++)
			is_new = is_new && swapping[k] != seat;
		if (!is_new)
			continue;
		swapping[count] = seat;
		begin_swap(seat, &plan[count++]);
	}
	step_others(swapping, count);
	for (unsigned int i = 0; i < count; i++)
		settle_swap(swapping[i], &plan[i]);
}

/* ---- steps: probation ---- */

/* Until the list shows how the probation ended, and no other end than this one. Over a kill a request may be lost, and is made again. */
static void end_probation(const struct seat *seat, seL4_Word verb, enum controller_swap_state end)
{
	seL4_Word since = seconds_now(), error = CONTROLLER_OK;
	struct controller_domain line = { 0 };

	do {
		if (verb != 0)
			error = ask(verb, seat->child, NULL, NULL);
		demand_here(error == CONTROLLER_OK || error == CONTROLLER_RESTARTED, "the end of a probation is refused", error);
		demand_here(find_line(seat->child, &line), "a domain on probation is gone", seat->child);
		demand_here(seconds_now() - since < PATIENCE_SECONDS, "a probation does not end", line.swap);
		seL4_Yield();
	} while (line.swap == CONTROLLER_SWAP_ON_PROBATION);
	demand_here(line.swap == (seL4_Word)end && line.kept_bytes == 0, "a probation ends otherwise", line.swap);
}

/* Confirmed, or taken back by request or because it faults: then the old one is what it was, memory and all. */
static void step_probation(void)
{
	struct seat *seat = any_seat(), old = *seat, after = *seat;
	seL4_Word end = below(3);
	struct plan_of plan;

	if (!seat->is_there || seat->is_wild || seat->state == CONTROLLER_EMPTY)
		return;
	make_plan_of(&plan, 1 + (unsigned int)below(PROGRAMS));
	plan.on_probation = true;
	model_load(&after, &plan);
	ask_and_compare(CONTROLLER_SWAP, seat, &plan, CONTROLLER_OK, &after);
	if (seat->token != plan.token)
		return; /* for want of memory, or the controller was killed over it */
	check_guest(seat);
	if (end == 0 && can_answer(seat)) {
		order(seat, ORDER_FAULT, 0, 0);
		end_probation(seat, 0, CONTROLLER_SWAP_ROLLED_BACK);
	} else if (end == 1) {
		end_probation(seat, CONTROLLER_CONFIRM, CONTROLLER_SWAP_CONFIRMED);
	} else {
		end_probation(seat, CONTROLLER_ROLLBACK, CONTROLLER_SWAP_ROLLED_BACK);
	}
	if (end != 1) {
		old.generation = seat->generation + 1;
		old.lost_count = seat->lost_count;
		*seat = old;
	}
	check_guest(seat);
}

/* ---- steps: nonsense ---- */

struct nonsense { seL4_Word verb, words, at, value; };

#define ARGC (1u + CONTROLLER_NAME_WORDS) /* where the arguments begin in a request */

/* Messages that are wrong in one word, or in their length. */
static void step_nonsense(void)
{
	static const struct nonsense all[] = {
		{ 0, 1, 0, 0 }, { 99, 12, 0, 0 }, { ~0ul >> 12, 120, 0, 0 }, { CONTROLLER_STOP, 0, 0, 0 }, { CONTROLLER_STOP, 2, 0, 1 },
		{ CONTROLLER_LOAD, ARGC + 1, 0, 1 }, { CONTROLLER_LOAD, ARGC + 4, 0, 1 }, { CONTROLLER_SWAP, ARGC + 3, ARGC, 65 },
		{ CONTROLLER_SWAP, ARGC + 3, ARGC + 1, 513 }, { CONTROLLER_SWAP, ARGC + 3, ARGC + 1, ~0ul }, { CONTROLLER_SWAP, ARGC + 3, 1, 0 },
		{ CONTROLLER_SWAP, ARGC + 3, ARGC, 1 | CONTROLLER_ON_PROBATION }, { CONTROLLER_CONFIRM, 2, 0, 1 },
		{ CONTROLLER_ROLLBACK, 0, 0, 0 },
		{ CONTROLLER_LIST, 2, 0, 0 }, { CONTROLLER_LEDGER, 3, 0, 0 }, { CONTROLLER_SPAWN, ARGC + 3, 0, 0 },
		{ CONTROLLER_SPAWN, ARGC + 8, ARGC + 7, 9 }, { CONTROLLER_SPAWN, ARGC + 8, ARGC + 3, 255 }, { CONTROLLER_REMOVE, 5, 0, 32 },
	};
	const struct nonsense *one = &all[below(sizeof all / sizeof all[0])];
	seL4_Word *message = seL4_GetIPCBuffer()->msg, label;

	memset(message, 0, seL4_MsgMaxLength * sizeof *message);
	memcpy(&message[1], "guest1", 6);
	message[ARGC] = 1;
	message[ARGC + 1] = 4;
	message[ARGC + 4] = 2;
	message[ARGC + 5] = 100;
	message[ARGC + 6] = 10000;
	message[one->at] = one->value;
	label = microkit_msginfo_get_label(microkit_ppcall(OPERATOR_CONTROLLER, microkit_msginfo_new(one->verb, (seL4_Uint16)one->words)));
	if (!is_to_be_repeated(label))
		demand_here(label == CONTROLLER_BAD_REQUEST, "nonsense is not refused as such", label << 8 | one->verb);
}

static void step_nobody(void)
{
	static const seL4_Word nobody[] = { 0, 11, 31, 62, 63, ~0ul >> 1, CONTROLLER_SELF };
	seL4_Word verb = CONTROLLER_LOAD + below(5), error;
	struct plan_of plan;

	make_plan_of(&plan, 1);
	error = ask(verb, nobody[below(sizeof nobody / sizeof nobody[0])], &plan, NULL);
	if (error != CONTROLLER_RESTARTED)
		demand_here(error == CONTROLLER_NO_DOMAIN, "a request for nobody ends otherwise", error);
}

/* ---- epochs ---- */

static void step(void)
{
	seL4_Word what = below(100);

	if (what < 36)
		step_any_verb();
	else if (what < 42)
		step_probation();
	else if (what < 62)
		step_spawn();
	else if (what < 68)
		step_duplicate();
	else if (what < 84)
		step_order();
	else if (what < 90)
		step_burst();
	else if (what < 92)
		step_hostile();
	else if (what < 94)
		step_taken_offer();
	else if (what < 96)
		step_nonsense();
	else if (what < 98 && archive_bytes)
		step_changed();
	else
		step_nobody();
}

/* Everything goes: then the ledger is what it was before anything was there. */
static void empty_everything(void)
{
	seL4_Word words[LEDGER_WORDS];

	remove_all_wild();
	for (unsigned int i = 0; i < DOMAINS; i++) {
		struct seat *seat = &model.seat[i];

		if (seat->is_there && (seat_is_spawned(&model, seat) || seat->state != CONTROLLER_EMPTY))
			step_verb(seat_is_spawned(&model, seat) ? CONTROLLER_REMOVE : CONTROLLER_UNLOAD, seat);
	}
	model.was_wild = false;
	check_everything();
	get_ledger(words);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand_here(words[i] == model.empty[i], "the ledger is not what it was at the start", i);
}

static bool is_over(void)
{
	return (steps_wanted != 0 && step_number >= steps_wanted) || (seconds_wanted != 0 && seconds_now() >= seconds_wanted);
}

static void tell_news(void)
{
	static seL4_Word told;

	if (seconds_now() < told + NEWS_SECONDS)
		return;
	told = seconds_now();
	graft_printf("graft: soak: %lu s, step %lu, %u domains, %lu kills\n", told, step_number, model_count(&model), keeper->kills);
}

/* The keeper may be about to kill once more: its budget may have ended behind its look at the desk. */
static void stop_killing(void)
{
	keeper->rests = 0;
	keeper->armed = 0;
	while (keeper->rests == 0)
		seL4_Yield();
}

static void epoch(void)
{
	keeper->armed = random_below(&random_state, 100) < kill_percent;
	for (unsigned int i = 0; i < EPOCH_STEPS && !is_over(); i++) {
		keeper->step = ++step_number;
		random_state = seed ^ (uint64_t)step_number << 32;
		random_state = random_next(&random_state);
		step();
		if (step_number % SWEEP_STEPS == 0)
			check_everything();
	}
	stop_killing();
	check_everything();
	tell_news();
	empty_everything();
}

/* ---- start ---- */

/* The payloads of the guests; the archive's table does not change. */
static void open_archive(void)
{
	struct archive archive;
	struct where where;
	char name[] = "guest0";

	if (!archive_bytes)
		return;
	demand_here(archive_open(archive_bytes, archive_size, &archive, &where) == STATUS_OK, "there is no archive", archive_size);
	for (unsigned int program = 1; program <= PROGRAMS; program++) {
		name[5] = (char)('0' + program);
		demand_here(archive_find_name(&archive, name, &guest_entry[program - 1]) == STATUS_OK, "a guest is not there", program);
	}
}

static void take_cost(seL4_Word cost[LEDGER_WORDS], const seL4_Word without[LEDGER_WORDS])
{
	seL4_Word with[LEDGER_WORDS];

	get_ledger(with);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		cost[i] = without[i] - with[i];
}

static void learn(seL4_Word verb, seL4_Word child, const struct plan_of *plan)
{
	demand_here(ask(verb, child, plan, NULL) == CONTROLLER_OK, "one of the first requests is refused", verb << 8 | child);
}

/* A program's second image takes less than the first, if they share a copy. */
static void learn_program(unsigned int program)
{
	seL4_Word with_one[LEDGER_WORDS], first[LEDGER_WORDS];
	struct plan_of plan;

	make_plan_of(&plan, program);
	learn(CONTROLLER_LOAD, 1, &plan);
	get_ledger(with_one);
	take_cost(first, model.empty);
	learn(CONTROLLER_LOAD, 2, &plan);
	take_cost(model.cost[program - 1], with_one);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		model.cost_text[program - 1][i] = first[i] - model.cost[program - 1][i];
	demand_here((model.cost_text[program - 1][LEDGER_TEXTS] != 0) == (archive_bytes != NULL), "a program is copied, or is not", program);
	learn(CONTROLLER_UNLOAD, 1, &plan);
	learn(CONTROLLER_UNLOAD, 2, &plan);
}

/* What each program takes, and a spawned domain; the model then predicts the rest. */
static void learn_costs(void)
{
	struct plan_of plan;
	seL4_Word with[LEDGER_WORDS];

	for (unsigned int program = 1; program <= PROGRAMS; program++)
		learn_program(program);
	model.seat[0].generation = model.seat[1].generation = PROGRAMS;
	make_plan_of(&plan, 1);
	make_spawning(&plan);
	spawn(&plan, CONTROLLER_OK);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		with[i] = model.empty[i] - model.cost[0][i] - model.cost_text[0][i];
	take_cost(model.cost_spawned, with);
	empty_everything();
}

void init(void)
{
	seed = order_number(orders, "seed=");
	seconds_wanted = order_number(orders, "seconds=");
	steps_wanted = order_number(orders, "steps=");
	kill_percent = order_number(orders, "kills=");
	random_state = keeper->seed = seed;
	graft_printf("graft: soak: seed %lu, for %lu s or %lu steps (0: for ever), kills in %lu%% of the epochs\n", seed, seconds_wanted,
	             steps_wanted, kill_percent);
	(void)seconds_now();
	open_archive();
	model_start(&model);
	get_ledger(model.empty);
	learn_costs();
	while (!is_over())
		epoch();
	graft_printf("graft: soak: %lu steps in %lu s: %lu kills, %lu RESTARTED, %lu BUSY, %lu NO_MEMORY\n", step_number, seconds_now(),
	             keeper->kills, restarted_answers, busy_answers, model.short_answers);
	graft_printf("graft: soak: while a byte was another: %lu refused, %lu from a copy\n", refused_answers, shared_answers);
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
