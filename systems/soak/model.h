/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator's model of the system: what every domain should be, what each request should be answered with, and what the ledger
 * should say. No calls, no clock, no random numbers. */
#pragma once
#include "lib/base/base.h"
#include "lib/system/system.h"
#include "systems/soak/soak.h"

/* As in soak.system. */
#define CONTROLLER_PRIORITY 190u
#define OPERATOR_PRIORITY   80u
#define SPAWN_BUDGET_US     300u
#define SPAWN_PERIOD_US     10000u
#define PROGRAM_HOSTILE     4u /* its place in the archive, behind the guests */
#define FAMILY_SPAWNED      MANAGED
#define SPAWNED_DUPLICATES  12u

/* How many duplicates of each managed domain may live, and of all spawned ones together. */
static inline unsigned int duplicates_granted(unsigned int family)
{
	return family == FAMILY_SPAWNED ? SPAWNED_DUPLICATES : family < 8 ? 2 : 0;
}

struct seat {
	bool is_there;
	bool is_wild;    /* runs the hostile program, or has: nothing is known of it but that it may be removed */
	bool is_deaf;    /* runs in a loop for ever, or would if it were resumed: it is not to be called */
	bool is_mute;    /* has no channel to the operator */
	bool is_duplicate;
	bool lost_count; /* its generation is not known any more: a wild one was there */
	unsigned int state, program, offer;
	unsigned int family; /* a managed domain's number, or FAMILY_SPAWNED: with whom it shares the right to be duplicated */
	microkit_channel channel; /* of the operator's */
	seL4_Word child, token, generation;
};

/* What is asked for. */
struct plan_of {
	char name[16], number[24]; /* of the program; its token as text */
	unsigned int program;
	seL4_Word token;
	bool on_probation; /* SWAP */
	struct controller_spawning spawning;
};

struct model {
	struct seat seat[DOMAINS]; /* those of the description, then the spawned ones by child id */
	seL4_Word empty[LEDGER_WORDS];              /* the ledger when nothing is loaded */
	seL4_Word cost[PROGRAMS + 1][LEDGER_WORDS]; /* what each program takes away from that (counts it adds: as a two's complement) */
	seL4_Word cost_text[PROGRAMS + 1][LEDGER_WORDS]; /* the copy of it that its images share; nothing where they need none */
	seL4_Word cost_spawned[LEDGER_WORDS];       /* a spawned domain without its program */
	bool was_wild;          /* there has been a wild one since everything was emptied, and there may be what it made of itself */
	unsigned int pending;   /* guests that were told to swap themselves and are not settled */
	seL4_Word last_error;    /* what a guest's last request of its own came to */
	seL4_Word last_verb, short_answers;
	unsigned int last_domain;
};

static inline bool seat_is_spawned(const struct model *model, const struct seat *seat)
{
	return seat >= &model->seat[MANAGED];
}

static inline void model_start(struct model *model)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		struct seat *seat = &model->seat[i];

		*seat = (struct seat){ .is_there = i < MANAGED, .state = CONTROLLER_EMPTY };
		seat->family = i < MANAGED ? i : FAMILY_SPAWNED;
		seat->child = i < MANAGED ? 1 + i : SYSTEM_SPAWN_ID_FIRST + (i - MANAGED);
		seat->channel = OPERATOR_MANAGED + i;
	}
}

static inline struct seat *model_seat(struct model *model, seL4_Word child)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		if (model->seat[i].child == child)
			return &model->seat[i];
	}
	return NULL;
}

static inline unsigned int model_count(const struct model *model)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DOMAINS; i++)
		count += model->seat[i].is_there;
	return count;
}

static inline bool model_has_wild(const struct model *model)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		if (model->seat[i].is_there && model->seat[i].is_wild)
			return true;
	}
	return false;
}

/* Those who use up their budgets. */
static inline unsigned int model_burners(const struct model *model)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DOMAINS; i++)
		count += model->seat[i].is_there && (model->seat[i].is_wild || model->seat[i].is_deaf);
	return count;
}

/* Somebody else may be asking the controller for something. */
static inline bool model_is_async(const struct model *model)
{
	return model->pending > 0 || model_has_wild(model);
}

static inline bool model_offer_is_taken(const struct model *model, unsigned int offer)
{
	for (unsigned int i = MANAGED; i < DOMAINS; i++) {
		if (model->seat[i].is_there && !model->seat[i].is_mute && model->seat[i].offer == offer)
			return true;
	}
	return false;
}

static inline unsigned int model_duplicates(const struct model *model, unsigned int family)
{
	unsigned int count = 0;

	for (unsigned int i = MANAGED; i < DOMAINS; i++)
		count += model->seat[i].is_there && model->seat[i].is_duplicate && model->seat[i].family == family;
	return count;
}

/* What a request to duplicate a domain is answered with, if there are memory and a seat. */
static inline seL4_Word model_expect_duplicate(const struct model *model, const struct seat *source, unsigned int state)
{
	unsigned int granted = duplicates_granted(source->family);

	if (!source->is_there)
		return CONTROLLER_NO_DOMAIN;
	if (source->state != state)
		return CONTROLLER_WRONG_STATE;
	if (granted == 0)
		return CONTROLLER_NO_RIGHT;
	return model_duplicates(model, source->family) < granted ? CONTROLLER_OK : CONTROLLER_NO_DUPLICATES;
}

static inline bool model_needs_memory(seL4_Word verb)
{
	return verb == CONTROLLER_LOAD || verb == CONTROLLER_SWAP || verb == CONTROLLER_SPAWN;
}

/* What a request of the operator's on a domain is answered with, if there is memory enough. */
static inline seL4_Word model_expect(const struct model *model, seL4_Word verb, const struct seat *seat)
{
	unsigned int state = seat->state;
	bool fits;

	if (!seat->is_there)
		return CONTROLLER_NO_DOMAIN;
	if (verb == CONTROLLER_REMOVE)
		return seat_is_spawned(model, seat) ? CONTROLLER_OK : CONTROLLER_NOT_ALLOWED;
	fits = verb == CONTROLLER_LOAD ? state == CONTROLLER_EMPTY : verb == CONTROLLER_STOP ? state == CONTROLLER_RUNNING :
	       verb == CONTROLLER_RESUME ? state == CONTROLLER_STOPPED : state != CONTROLLER_EMPTY;
	return fits ? CONTROLLER_OK : CONTROLLER_WRONG_STATE;
}

static inline void model_leave(struct seat *seat)
{
	seat->lost_count = seat->is_wild || seat->lost_count;
	seat->is_there = seat->is_wild = seat->is_deaf = seat->is_mute = seat->is_duplicate = false;
	seat->state = CONTROLLER_EMPTY;
}

static inline void model_load(struct seat *seat, const struct plan_of *plan)
{
	seat->state = CONTROLLER_RUNNING;
	seat->program = plan->program;
	seat->is_wild = plan->program == PROGRAM_HOSTILE;
	seat->is_deaf = false;
	seat->token = plan->token;
	seat->generation++;
}

/* The domain after a request that was carried out. */
static inline void model_apply(seL4_Word verb, struct seat *seat, const struct plan_of *plan)
{
	switch (verb) {
	case CONTROLLER_LOAD:
	case CONTROLLER_SWAP:
		model_load(seat, plan);
		break;
	case CONTROLLER_STOP:
		seat->state = CONTROLLER_STOPPED;
		break;
	case CONTROLLER_RESUME:
		seat->state = CONTROLLER_RUNNING;
		break;
	case CONTROLLER_UNLOAD:
		seat->state = CONTROLLER_EMPTY;
		seat->is_deaf = false;
		break;
	default:
		model_leave(seat);
	}
}

static inline void model_spawn(struct seat *seat, const struct plan_of *plan)
{
	seat->is_there = true;
	seat->family = FAMILY_SPAWNED;
	seat->offer = plan->spawning.connection[0].offer;
	seat->channel = OPERATOR_OFFERED + seat->offer;
	model_load(seat, plan);
}

/* offer: SPAWNED for none. */
static inline void model_duplicate(struct seat *seat, const struct seat *source, unsigned int offer)
{
	seat->is_there = seat->is_duplicate = true;
	seat->is_mute = offer == SPAWNED;
	seat->offer = offer;
	seat->channel = OPERATOR_OFFERED + offer;
	seat->family = source->family;
	seat->is_deaf = source->is_deaf;
	seat->state = CONTROLLER_RUNNING;
	seat->program = source->program;
	seat->token = source->token;
	seat->generation++;
}

/* Is there a copy of the program, if programs are copied? As long as anybody has an image of it. */
static inline bool model_has_text(const struct model *model, unsigned int program)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		const struct seat *seat = &model->seat[i];

		if (seat->is_there && seat->state != CONTROLLER_EMPTY && seat->program == program)
			return true;
	}
	return false;
}

/* The least that the copies there are take. */
static inline seL4_Word model_text_bytes(const struct model *model)
{
	seL4_Word bytes = 0;

	for (unsigned int program = 1; program <= PROGRAMS; program++)
		bytes += model_has_text(model, program) ? model->cost_text[program - 1][LEDGER_UNTYPED_BYTES_FREE] : 0;
	return bytes;
}

/* Nobody is wild. */
static inline void model_ledger(const struct model *model, seL4_Word words[LEDGER_WORDS])
{
	for (unsigned int word = 0; word < LEDGER_WORDS; word++) {
		words[word] = model->empty[word];
		for (unsigned int i = 0; i < DOMAINS; i++) {
			const struct seat *seat = &model->seat[i];

			if (seat->is_there && seat_is_spawned(model, seat))
				words[word] -= model->cost_spawned[word];
			if (seat->is_there && seat->state != CONTROLLER_EMPTY)
				words[word] -= model->cost[seat->program - 1][word];
		}
		for (unsigned int program = 1; program <= PROGRAMS; program++)
			words[word] -= model_has_text(model, program) ? model->cost_text[program - 1][word] : 0;
	}
}
