/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer: time from the processor's counter, alarms from the PIT (channel 0, I/O port id 1, 0x40 to 0x43; interrupt on terminal
 * count). Nothing runs while nobody waits for a time. The PIT counts 16 bits, 54.9 ms: an alarm further off takes several.
 *
 * The counter's frequency is measured against the PIT at the start. It counts from the machine's start, at a constant rate on all
 * processors of the last fifteen years; where it does not, times are wrong and nothing else is. */
#include <graft.h>
#include "lib/base/base.h"
#include "user/timer/protocol.h"

#define PORT_ID        1u
#define PIT            0x40u
#define PIT_COMMAND    (PIT + 3u)
#define PIT_ONE_SHOT   0x30u /* channel 0, both bytes, interrupt on terminal count */
#define PIT_LATCH      0x00u /* channel 0 */
#define PIT_HZ         1193182u
#define PIT_COUNT_MAX  0xffffu
#define PIT_MS_MAX     54u     /* in PIT_COUNT_MAX */
#define MEASURED       47727u  /* counts of one measurement: 40 ms */
#define MEASUREMENTS   3u
#define LOOKS          8u      /* the quickest look at both counters of so many is taken */

/* Set by the description. */
__attribute__((section(".data.patched"))) seL4_Word timer_irq = GRAFT_NO_CHANNEL;

static uint64_t per_ms; /* the processor's counter */
static uint64_t due_ms;
static microkit_channel asker;
static bool is_set;

struct look {
	uint64_t counter;
	uint32_t pit; /* counts down */
};

static uint64_t counter(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static void pit_start(uint32_t count)
{
	microkit_x86_ioport_write_8(PORT_ID, PIT_COMMAND, PIT_ONE_SHOT);
	microkit_x86_ioport_write_8(PORT_ID, PIT, count & 0xff);
	microkit_x86_ioport_write_8(PORT_ID, PIT, count >> 8);
}

static uint32_t pit_count(void)
{
	uint32_t low;

	microkit_x86_ioport_write_8(PORT_ID, PIT_COMMAND, PIT_LATCH);
	low = microkit_x86_ioport_read_8(PORT_ID, PIT);
	return low | (uint32_t)microkit_x86_ioport_read_8(PORT_ID, PIT) << 8;
}

/* ---- measuring ---- */

/* Both counters at one moment. Somebody may have come between: the quickest of several is the truest. */
static struct look look(void)
{
	uint64_t quickest = UINT64_MAX;
	struct look best = { 0 };

	for (uint32_t i = 0; i < LOOKS; i++) {
		uint64_t before = counter(), took;
		uint32_t pit = pit_count();

		took = counter() - before;
		if (took < quickest) {
			quickest = took;
			best = (struct look){ before + took / 2, pit };
		}
	}
	return best;
}

static uint64_t measure(void)
{
	struct look first, last;

	pit_start(PIT_COUNT_MAX);
	first = look();
	while (PIT_COUNT_MAX - pit_count() < MEASURED)
		continue;
	last = look();
	return (last.counter - first.counter) * (PIT_HZ / 1000) / (first.pit - last.pit);
}

/* The one in the middle. */
static uint64_t middle(const uint64_t value[MEASUREMENTS])
{
	uint64_t low = value[0] < value[1] ? value[0] : value[1], high = value[0] < value[1] ? value[1] : value[0];

	return value[2] < low ? low : value[2] > high ? high : value[2];
}

void init(void)
{
	uint64_t value[MEASUREMENTS];

	for (uint32_t i = 0; i < MEASUREMENTS; i++)
		value[i] = measure();
	per_ms = middle(value);
	if (per_ms == 0)
		per_ms = 1;
}

/* ---- alarms ---- */

static uint64_t now_ms(void)
{
	return counter() / per_ms;
}

/* Tells who asked, or sees to it that there will be another look. */
static void check(void)
{
	uint64_t now = now_ms(), left;

	if (!is_set)
		return;
	if (now >= due_ms) {
		is_set = false;
		microkit_notify(asker);
		return;
	}
	left = due_ms - now;
	pit_start(left > PIT_MS_MAX ? PIT_COUNT_MAX : (uint32_t)left * (PIT_HZ / 1000 + 1));
}

void notified(microkit_channel ch)
{
	if (ch != timer_irq)
		return;
	microkit_irq_ack(ch);
	check();
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	uint64_t now;

	if (microkit_msginfo_get_label(msginfo) == TIMER_ALARM && microkit_msginfo_get_count(msginfo) == 2) {
		due_ms = (uint64_t)microkit_mr_get(1) << 32 | (uint32_t)microkit_mr_get(0);
		asker = ch;
		is_set = true;
		check();
	} else if (microkit_msginfo_get_label(msginfo) != TIMER_NOW) {
		return microkit_msginfo_new(1, 0);
	}
	now = now_ms();
	microkit_mr_set(0, (uint32_t)now);
	microkit_mr_set(1, (seL4_Word)(now >> 32));
	return microkit_msginfo_new(0, 2);
}
