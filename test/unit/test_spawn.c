/* SPDX-License-Identifier: BSD-2-Clause */
/* SPAWN's message and its checks, before anything is made: every word out of range, every length, every clash of connections. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "user/controller/answer.c"
#include "user/controller/domain.c"
#include "user/controller/duplicate.c"
#include "user/controller/job.c"
#include "user/controller/probation.c"
#include "user/controller/program.c"
#include "user/controller/report.c"
#include "user/controller/request.c"
#include "user/controller/restart.c"
#include "user/controller/spawn.c"
#include "user/controller/trust.c"
#include "user/controller/verbs.c"
#include "user/controller/controller.c"

static struct grant grant;
static struct record record;

static int set_up(void **state)
{
	(void)state;
	memset(&grant, 0, sizeof grant);
	memset(&record, 0, sizeof record);
	grant.domain_count = 1;
	grant.spawn_count = 2;
	grant.priority = 100;
	grant.offer_count = 3;
	grant.offer[0] = (struct grant_offer){ .flags = SYSTEM_OFFER_CALL, .priority = 50 };
	grant.offer[1] = (struct grant_offer){ .flags = SYSTEM_OFFER_PEER_CALL, .priority = 50 };
	grant.offer[2] = (struct grant_offer){ .flags = SYSTEM_OFFER_NOTIFY | SYSTEM_OFFER_PEER_NOTIFY, .priority = 50 };
	record.spawned[0].account = record.spawned[1].account = ACCOUNT_NONE;
	controller.grant = &grant;
	controller.record = &record;
	return 0;
}

static void takes_and_refuses_messages(void **state)
{
	static const struct { uint32_t word; seL4_Word value; bool taken; } changes[] = {
		{ PRIORITY_WORD, 254, true }, { PRIORITY_WORD, 255, false }, { PRIORITY_WORD, 1ull << 32, false },
		{ STACK_WORD, 0, false }, { STACK_WORD, 4096, true }, { STACK_WORD, 4097, false }, { STACK_WORD, 1ull << 32 | 1, false },
		{ BUDGET_WORD, 0, false }, { BUDGET_WORD, ~0ull, true /* the monitor's to refuse */ },
		{ COUNT_WORD, 1, false }, { COUNT_WORD, 3, false }, { COUNT_WORD, 9, false }, { COUNT_WORD, ~0ull, false },
		{ 5, 53, true }, { 5, 54, false }, { 5, 0xffffff00ull | 1, true }, { 5, 1ull << 32, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		seL4_Word words[16] = { 10, 2, 700, 10000, 2, 0 << 8 | 1, 2 << 8 | 2 };
		struct spawn_request spawn;

		assert_true(spawn_decode(words, 7, &spawn));
		assert_int_equal(spawn.connection[1].offer, 2);
		assert_int_equal(spawn.connection[1].channel, 2);
		assert_false(spawn_decode(words, 6, &spawn));
		assert_false(spawn_decode(words, 8, &spawn));
		assert_false(spawn_decode(words, 4, &spawn));
		words[changes[i].word] = changes[i].value;
		assert_int_equal(spawn_decode(words, 7, &spawn), changes[i].taken);
	}
}

static void expect(seL4_Word error, uint32_t priority, uint32_t count, struct record_connection a, struct record_connection b)
{
	struct spawn_request spawn = { .priority = priority, .connection_count = count, .connection = { a, b } };
	struct answer answer = { .label = CONTROLLER_OK };

	assert_int_equal(check_request(&spawn, &answer), error == CONTROLLER_OK);
	assert_int_equal(answer.label, error);
}

static void checks_priorities_and_offers(void **state)
{
	const struct record_connection none = { 0, 0 }, self = { CONTROLLER_OFFER_SELF, 4 }, calls = { 0, 1 }, serves = { 1, 1 };
	const struct record_connection notifies = { 2, 2 }, beyond = { 3, 1 };

	(void)state;
	expect(CONTROLLER_OK, 99, 0, none, none);
	expect(CONTROLLER_BAD_PRIORITY, 100, 0, none, none);
	expect(CONTROLLER_OK, 99, 2, self, notifies);
	expect(CONTROLLER_OK, 49, 2, calls, notifies);
	expect(CONTROLLER_BAD_PRIORITY, 50, 1, calls, none);
	expect(CONTROLLER_BAD_PRIORITY, 50, 1, serves, none);
	expect(CONTROLLER_OK, 51, 1, serves, none);
	expect(CONTROLLER_NO_OFFER, 49, 1, beyond, none);
	expect(CONTROLLER_BAD_REQUEST, 49, 2, calls, (struct record_connection){ 2, 1 }); /* a channel twice */
	expect(CONTROLLER_BAD_REQUEST, 49, 2, calls, (struct record_connection){ 0, 5 }); /* an offer twice */
	expect(CONTROLLER_BAD_REQUEST, 49, 2, self, (struct record_connection){ CONTROLLER_OFFER_SELF, 5 });
	record.spawned[1] = (struct record_spawned){ .account = 7, .connection_count = 1, .connection = { notifies } };
	expect(CONTROLLER_OFFER_TAKEN, 49, 2, calls, notifies);
	record.spawned[1].account = ACCOUNT_NONE; /* a domain that is gone takes nothing */
	expect(CONTROLLER_OK, 49, 2, calls, notifies);
}

static void finds_domains_that_are_there_only(void **state)
{
	(void)state;
	grant.domain[0].child_id = 3;
	grant.domain[0].channels = 1ull << 61;
	assert_int_equal(domain_of_child(3), 0);
	assert_int_equal(domain_of_child(0), DOMAIN_NONE);
	assert_int_equal(domain_of_channel(61), 0);
	assert_int_equal(domain_of_channel(60), DOMAIN_NONE);
	assert_int_equal(domain_of_channel(SPAWN_CHANNEL_FIRST + 1), DOMAIN_NONE);
	record.spawned[1] = (struct record_spawned){ .account = 7, .domain.child_id = 33 };
	assert_int_equal(domain_of_child(33), 2);
	assert_int_equal(domain_of_child(32), DOMAIN_NONE);
	assert_int_equal(domain_of_channel(SPAWN_CHANNEL_FIRST + 1), 2);
	assert_int_equal(domain_of_channel(SPAWN_CHANNEL_FIRST), DOMAIN_NONE);
	assert_int_equal(domain_of_channel(0xff), DOMAIN_NONE);
	assert_int_equal(find_seat(), 1);
	record.spawned[0].account = 8;
	assert_int_equal(find_seat(), DOMAIN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(takes_and_refuses_messages, set_up),
		cmocka_unit_test_setup(checks_priorities_and_offers, set_up),
		cmocka_unit_test_setup(finds_domains_that_are_there_only, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
