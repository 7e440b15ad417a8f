/* SPDX-License-Identifier: BSD-2-Clause */
/* The keepers: programs whose image can be told from every other: by number, and by how many calls it has had. */
#pragma once
#include "systems/walk/walk.h"

/* Data from the file, memory that was zero, and what the loader has set: all must stay what this image made of them. */
#define KEPT_WORDS 2048u
static seL4_Word kept[KEPT_WORDS] = { [0] = KEEPER_NUMBER, [KEPT_WORDS - 1] = KEEPER_NUMBER };
static seL4_Word zeroed[KEPT_WORDS];
static seL4_Word calls;

void init(void)
{
	for (unsigned int i = 0; i < KEPT_WORDS; i++)
		kept[i] += i;
}

static bool is_sound(void)
{
	for (unsigned int i = 0; i < KEPT_WORDS; i++) {
		seL4_Word number = i == 0 || i == KEPT_WORDS - 1 ? KEEPER_NUMBER : 0;

		if (kept[i] != number + i || zeroed[i] != calls)
			return false;
	}
	return true;
}

static microkit_msginfo answer_asked(void)
{
	microkit_mr_set(0, KEEPER_NUMBER);
	microkit_mr_set(2, is_sound());
	microkit_mr_set(1, ++calls);
	for (unsigned int i = 0; i < KEPT_WORDS; i++)
		zeroed[i] = calls;
	return microkit_msginfo_new(0, 3);
}

static microkit_msginfo talk(void)
{
	microkit_mr_set(0, 41);
	(void)microkit_ppcall(KEEPER_PEER, microkit_msginfo_new(0, 1));
	microkit_mr_set(0, microkit_mr_get(0) == 42);
	microkit_notify(KEEPER_PEER);
	return microkit_msginfo_new(0, 1);
}

/* In the child this goes back to nobody. */
static microkit_msginfo duplicate_itself(void)
{
	const struct controller_spawning spawning = { .priority = 90, .budget_us = 3000, .period_us = 10000 };
	struct controller_result result = { 0 };

	(void)controller_duplicate(KEEPER_CONTROLLER, CONTROLLER_SELF, &spawning, &result);
	microkit_mr_set(0, result.error);
	microkit_mr_set(1, result.detail);
	microkit_mr_set(2, result.child);
	return microkit_msginfo_new(0, 3);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	struct controller_result result = { 0 };

	(void)ch;
	if (microkit_msginfo_get_label(info) == KEEPER_ASK)
		return answer_asked();
	if (microkit_msginfo_get_label(info) == KEEPER_TALK)
		return talk();
	if (microkit_msginfo_get_label(info) == KEEPER_DUPLICATE_YOURSELF)
		return duplicate_itself();
	(void)controller_swap(KEEPER_CONTROLLER, CONTROLLER_SELF, KEEPER_OTHER, 0, NULL, &result);
	microkit_mr_set(0, result.error);
	microkit_mr_set(1, result.detail);
	return microkit_msginfo_new(0, 2);
}

void notified(microkit_channel ch)
{
	(void)ch;
	*(volatile int *)0x123000 = 1;
}
