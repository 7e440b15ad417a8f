/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of controllers to the monitor, in front of a fake kernel: the arithmetic of shares, and every refusal; what the
 * kernel was asked for otherwise. Whatever came, the slot for capabilities is empty afterwards. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "user/monitor/budget.h"
#include "user/monitor/domains.h"
#include "user/monitor/give.h"
#include "user/monitor/requests.h"

#define CONTEXTS     100u /* slots: the first controller's two contexts; the second's one is 102 */
#define CONTROL      50u
#define RECEIVED     60u
#define TRIAL        61u
#define MICROKIT     70u /* the peer's CNode */
#define REPLY        80u
#define GRANTED      300000u

static struct fake {
	seL4_Word refused_label, refusal; /* this label is refused so */
	seL4_Word label[16], to[16], mr[16][4];
	uint32_t calls, drops;
	seL4_Word answer, word0, word1;
	bool answered;
} fake;

static struct monitor monitor;
static struct system_header header;
static struct system_controller controllers[2];
static struct system_offer offers[3];
static seL4_IPCBuffer buffer;
seL4_IPCBuffer *__sel4_ipc_buffer;

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word tag, seL4_Word *badge,
                                struct sel4_words *words, seL4_CPtr reply)
{
	seL4_Word label = seL4_MessageInfo_get_label((seL4_MessageInfo_t){ { tag } });

	(void)reply;
	assert_int_equal(number, (seL4_Word)seL4_SysCall);
	assert_in_range(fake.calls, 0, 15);
	fake.label[fake.calls] = label;
	fake.to[fake.calls] = to;
	memcpy(fake.mr[fake.calls++], words, sizeof *words);
	fake.drops += label == CNodeDelete && to == seL4_CapInitThreadCNode && words->mr0 == RECEIVED;
	*badge = 0;
	return seL4_MessageInfo_new(label == fake.refused_label ? fake.refusal : seL4_NoError, 0, 0, 0).words[0];
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	assert_int_equal(number, (seL4_Word)seL4_SysSend);
	assert_int_equal(to, REPLY);
	assert_false(fake.answered);
	assert_int_equal(seL4_MessageInfo_get_length((seL4_MessageInfo_t){ { info } }), 2);
	fake.answered = true;
	fake.answer = seL4_MessageInfo_get_label((seL4_MessageInfo_t){ { info } });
	fake.word0 = words->mr0;
	fake.word1 = words->mr1;
}

static int set_up(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&monitor, 0, sizeof monitor);
	seL4_SetIPCBuffer(&buffer);
	fake.refused_label = ~0ul;
	header.controllers.count = 2;
	header.offers.count = 3;
	offers[0] = (struct system_offer){ .domain = 1, .id = 5, .controller = 1, .flags = 15 };
	offers[1] = (struct system_offer){ .domain = 1, .id = 6, .controller = 0, .flags = SYSTEM_OFFER_PEER_NOTIFY };
	offers[2] = (struct system_offer){ .domain = 1, .id = 61, .controller = 0, .flags = SYSTEM_OFFER_PEER_CALL };
	monitor.system = (struct system){ .header = &header, .controllers = controllers, .offers = offers };
	monitor.sched_control = CONTROL;
	monitor.received = RECEIVED;
	monitor.trial_thread = TRIAL;
	monitor.domain[1].microkit = MICROKIT;
	monitor.controller[0].spawn_contexts = CONTEXTS;
	monitor.controller[0].budget = (struct budget){ .granted = GRANTED, .contexts = 2 };
	monitor.controller[1].spawn_contexts = CONTEXTS + 2;
	monitor.controller[1].budget = (struct budget){ .granted = 1, .contexts = 1 };
	return 0;
}

/* A request of controller number; what it was answered with. */
static seL4_Word request_by(uint64_t number, seL4_Word verb, seL4_Word words, seL4_Word caps, seL4_Word a, seL4_Word b, seL4_Word c)
{
	fake.calls = fake.drops = 0;
	fake.answered = false;
	seL4_SetMR(0, a);
	seL4_SetMR(1, b);
	seL4_SetMR(2, c);
	requests_serve(&monitor, MONITOR_BADGE_REQUEST | number, seL4_MessageInfo_new(verb, 0, caps, words), REPLY);
	assert_true(fake.answered);
	assert_int_equal(fake.drops, caps != 0 || verb == MONITOR_CONNECT ? 1 : 0); /* what an earlier refusal left goes with it */
	return fake.answer;
}

static seL4_Word request(seL4_Word verb, seL4_Word words, seL4_Word caps, seL4_Word a, seL4_Word b, seL4_Word c)
{
	return request_by(0, verb, words, caps, a, b, c);
}

/* ---- shares ---- */

static void shares_are_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(budget_share(1000, 1000), 1000000);
	assert_int_equal(budget_share(500, 1000), 500000);
	assert_int_equal(budget_share(20, 1ull << 40), 1);
	assert_int_equal(budget_share(1000000, 3000001), 333334);
	assert_int_equal(budget_share(1ull << 40, 1ull << 40), 1000000);
	assert_int_equal(budget_share((1ull << 40) - 1, 1ull << 40), 1000000);
}

static void shares_add_up_to_what_is_granted(void **state)
{
	struct budget budget = { .granted = GRANTED, .contexts = 3, .share = { 100000, 0, 50000 } };
	uint32_t asked, left;

	(void)state;
	assert_int_equal(budget_check(&budget, 1, 150, 1000, &asked, &left), MONITOR_OK);
	assert_int_equal(asked, 150000);
	assert_int_equal(left, 150000);
	assert_int_equal(budget_check(&budget, 1, 151, 1000, &asked, &left), MONITOR_NO_SHARE);
	assert_int_equal(budget_check(&budget, 0, 250, 1000, &asked, &left), MONITOR_OK); /* its own counts as free */
	assert_int_equal(budget_check(&budget, 0, 251, 1000, &asked, &left), MONITOR_NO_SHARE);
	assert_int_equal(left, 250000);
	assert_int_equal(budget_check(&budget, 0, 0, 0, &asked, &left), MONITOR_OK);
	assert_int_equal(asked, 0);
	assert_int_equal(budget_check(&budget, 3, 0, 0, &asked, &left), MONITOR_NO_CONTEXT);
	assert_int_equal(budget_check(&budget, UINT64_MAX, 20, 1000, &asked, &left), MONITOR_NO_CONTEXT);
}

static void impossible_budgets_are_refused(void **state)
{
	struct budget budget = { .granted = SYSTEM_SHARE_MAX, .contexts = 1 };
	uint32_t asked, left;

	(void)state;
	assert_int_equal(budget_check(&budget, 0, 19, 1000, &asked, &left), MONITOR_BAD_BUDGET);
	assert_int_equal(budget_check(&budget, 0, 20, 19, &asked, &left), MONITOR_BAD_BUDGET);
	assert_int_equal(budget_check(&budget, 0, 20, 0, &asked, &left), MONITOR_BAD_BUDGET);
	assert_int_equal(budget_check(&budget, 0, 20, 1000001, &asked, &left), MONITOR_BAD_BUDGET);
	assert_int_equal(budget_check(&budget, 0, UINT64_MAX, UINT64_MAX, &asked, &left), MONITOR_BAD_BUDGET);
	assert_int_equal(budget_check(&budget, 0, 1000000, 1000000, &asked, &left), MONITOR_OK);
}

static void budget_configures_the_context(void **state)
{
	(void)state;
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 1, 200, 1000), MONITOR_OK);
	assert_int_equal(fake.word0, 200000);
	assert_int_equal(fake.word1, 100000);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(fake.label[0], SchedControlConfigureFlags);
	assert_int_equal(fake.to[0], CONTROL);
	assert_int_equal(buffer.caps_or_badges[0], CONTEXTS + 1);
	assert_int_equal(fake.mr[0][0], 200);
	assert_int_equal(fake.mr[0][1], 1000);
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 0, 101, 1000), MONITOR_NO_SHARE);
	assert_int_equal(fake.calls, 0);
	assert_int_equal(fake.word0, 101000);
	assert_int_equal(fake.word1, 100000);
	assert_int_equal(request_by(1, MONITOR_BUDGET, 3, 0, 0, 20, 1000), MONITOR_NO_SHARE); /* another's grant */
	assert_int_equal(request_by(1, MONITOR_BUDGET, 3, 0, 1, 20, 1000), MONITOR_NO_CONTEXT);
}

/* Nothing stays bound, and what remains is next to nothing. */
static void budget_of_0_gives_back(void **state)
{
	(void)state;
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 0, 300, 1000), MONITOR_OK);
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 0, 0, 1000), MONITOR_OK);
	assert_int_equal(fake.word1, GRANTED);
	assert_int_equal(fake.label[0], SchedContextUnbind);
	assert_int_equal(fake.to[0], CONTEXTS);
	assert_int_equal(fake.mr[1][0], MONITOR_BUDGET_US_MIN);
	assert_int_equal(fake.mr[1][1], MONITOR_PERIOD_US_MAX);
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 1, 300, 1000), MONITOR_OK);
}

static void budget_refused_by_the_kernel_is_not_counted(void **state)
{
	(void)state;
	fake.refused_label = SchedControlConfigureFlags;
	fake.refusal = seL4_RangeError;
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 0, 300, 1000), MONITOR_KERNEL_REFUSED);
	assert_int_equal(fake.word0, seL4_RangeError);
	fake.refused_label = ~0ul;
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 1, 300, 1000), MONITOR_OK);
	fake.refused_label = SchedContextUnbind;
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 1, 0, 0), MONITOR_KERNEL_REFUSED);
	assert_int_equal(request(MONITOR_BUDGET, 3, 0, 0, 20, 1000), MONITOR_NO_SHARE); /* it still has it */
}

/* ---- connections ---- */

static void connects_with_the_least_rights(void **state)
{
	(void)state;
	assert_int_equal(request(MONITOR_CONNECT, 3, 1, 0, MONITOR_NOTIFY, 7), MONITOR_OK);
	assert_int_equal(fake.label[0], TCBBindNotification); /* tried, */
	assert_int_equal(fake.to[0], TRIAL);
	assert_int_equal(fake.label[1], TCBUnbindNotification);
	assert_int_equal(fake.label[2], CNodeDelete); /* the old one goes, */
	assert_int_equal(fake.to[2], MICROKIT);
	assert_int_equal(fake.mr[2][0], DOMAINS_NOTIFY + 6);
	assert_int_equal(fake.label[3], CNodeMint); /* the new one comes */
	assert_int_equal(fake.mr[3][0], DOMAINS_NOTIFY + 6);
	assert_int_equal(fake.mr[3][2], RECEIVED);
	assert_int_equal(buffer.msg[4], ABI_RIGHT_WRITE);
	assert_int_equal(buffer.msg[5], 1 << 7);
	assert_int_equal(request(MONITOR_CONNECT, 3, 1, 1, MONITOR_CALL, 61), MONITOR_OK);
	assert_int_equal(fake.label[0], TCBSetTimeoutEndpoint);
	assert_int_equal(fake.mr[2][0], DOMAINS_CALL + 61);
	assert_int_equal(buffer.msg[4], ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY);
	assert_int_equal(buffer.msg[5], 1ull << 63 | 61);
	assert_int_equal(request(MONITOR_DISCONNECT, 2, 0, 1, MONITOR_CALL, 0), MONITOR_OK);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(fake.mr[0][0], DOMAINS_CALL + 61);
}

/* Nothing that is refused before the capability is looked at touches anything but the slot it came in. */
static void refuses_what_is_not_offered(void **state)
{
	static const struct { seL4_Word error, controller, verb, words, caps, a, b, c; } tries[] = {
		{ MONITOR_NO_OFFER, 0, MONITOR_CONNECT, 3, 1, 2, MONITOR_NOTIFY, 0 }, /* the other controller's is no third */
		{ MONITOR_NO_OFFER, 1, MONITOR_CONNECT, 3, 1, 1, MONITOR_NOTIFY, 0 },
		{ MONITOR_NO_OFFER, 0, MONITOR_CONNECT, 3, 1, ~0ul, MONITOR_NOTIFY, 0 },
		{ MONITOR_NO_OFFER, 0, MONITOR_DISCONNECT, 2, 0, 2, MONITOR_NOTIFY, 0 },
		{ MONITOR_NOT_OFFERED, 0, MONITOR_CONNECT, 3, 1, 0, MONITOR_CALL, 0 },
		{ MONITOR_NOT_OFFERED, 0, MONITOR_CONNECT, 3, 1, 1, MONITOR_NOTIFY, 0 },
		{ MONITOR_NOT_OFFERED, 0, MONITOR_DISCONNECT, 2, 0, 0, MONITOR_CALL, 0 },
		{ MONITOR_BAD_CAPABILITY, 0, MONITOR_CONNECT, 3, 0, 0, MONITOR_NOTIFY, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_CONNECT, 3, 1, 0, MONITOR_NOTIFY, 62 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_CONNECT, 3, 1, 0, 2, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_CONNECT, 2, 1, 0, MONITOR_NOTIFY, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_DISCONNECT, 3, 0, 0, MONITOR_NOTIFY, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_DISCONNECT, 2, 1, 0, MONITOR_NOTIFY, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_BUDGET, 2, 0, 0, 20, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_BUDGET, 3, 1, 0, 20, 1000 },
		{ MONITOR_BAD_REQUEST, 0, 0, 0, 0, 0, 0, 0 },
		{ MONITOR_BAD_REQUEST, 0, MONITOR_DISCONNECT + 1, 120, 3, 0, 0, 0 },
		{ MONITOR_BAD_REQUEST, 2, MONITOR_BUDGET, 3, 0, 0, 0, 0 }, /* a badge that was never given */
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		assert_int_equal(request_by(tries[i].controller, tries[i].verb, tries[i].words, tries[i].caps, tries[i].a, tries[i].b,
		                            tries[i].c), tries[i].error);
		assert_int_equal(fake.calls, fake.drops != 0 ? 2 : 0); /* the slot, and the trial thread's handler */
	}
}

static void refuses_capabilities_of_another_kind(void **state)
{
	static const struct { seL4_Word direction, offer, label; } tries[] = {
		{ MONITOR_NOTIFY, 0, TCBBindNotification }, { MONITOR_NOTIFY, 0, TCBUnbindNotification },
		{ MONITOR_CALL, 1, TCBSetTimeoutEndpoint },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		fake.refused_label = tries[i].label;
		fake.refusal = seL4_InvalidCapability;
		assert_int_equal(request(MONITOR_CONNECT, 3, 1, tries[i].offer, tries[i].direction, 0), MONITOR_BAD_CAPABILITY);
		assert_int_equal(fake.word0, seL4_InvalidCapability);
		for (uint32_t c = 0; c < fake.calls; c++)
			assert_int_not_equal(fake.to[c], MICROKIT);
	}
	fake.refused_label = CNodeMint; /* badged already, or nothing in the slot */
	assert_int_equal(request(MONITOR_CONNECT, 3, 1, 0, MONITOR_NOTIFY, 0), MONITOR_BAD_CAPABILITY);
	fake.refused_label = CNodeDelete;
	assert_int_equal(request(MONITOR_DISCONNECT, 2, 0, 0, MONITOR_NOTIFY, 0), MONITOR_KERNEL_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_rounded_up),
		cmocka_unit_test(shares_add_up_to_what_is_granted),
		cmocka_unit_test(impossible_budgets_are_refused),
		cmocka_unit_test_setup(budget_configures_the_context, set_up),
		cmocka_unit_test_setup(budget_of_0_gives_back, set_up),
		cmocka_unit_test_setup(budget_refused_by_the_kernel_is_not_counted, set_up),
		cmocka_unit_test_setup(connects_with_the_least_rights, set_up),
		cmocka_unit_test_setup(refuses_what_is_not_offered, set_up),
		cmocka_unit_test_setup(refuses_capabilities_of_another_kind, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
