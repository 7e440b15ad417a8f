/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O port ranges issued so far. Invariant: range 0 is the monitor's own serial line, while it has it. */
#include "user/monitor/ports.h"
#include "user/monitor/print.h"

#define PORTS_MAX 256u /* far more than descriptions name; a range beyond it is issued but not found again */

static struct {
	uint32_t first, last;
	seL4_CPtr slot; /* 0: given up */
} range[PORTS_MAX];
static uint32_t range_count;

seL4_Error ports_issue(const struct set *set, uint32_t first, uint32_t last, seL4_CPtr slot)
{
	seL4_SetCap(0, seL4_CapInitThreadCNode);
	seL4_Error error = sel4_invoke(seL4_CapIOPortControl, set->issue, 1, 4, first, last, slot, seL4_WordBits);
	if (error == seL4_NoError && range_count < PORTS_MAX) {
		range[range_count].first = first;
		range[range_count].last = last;
		range[range_count++].slot = slot;
	}
	return error;
}

void ports_release_serial(uint32_t first, uint32_t last)
{
	if (range_count == 0 || range[0].slot == 0 || first > PORTS_SERIAL_LAST || last < PORTS_SERIAL_FIRST)
		return;
	print_open(0, NULL);
	(void)seL4_CNode_Delete(seL4_CapInitThreadCNode, range[0].slot, seL4_WordBits);
	range[0].slot = 0;
}

seL4_CPtr ports_find(uint32_t port)
{
	for (uint32_t i = 0; i < range_count; i++) {
		if (range[i].slot != 0 && range[i].first <= port && port <= range[i].last)
			return range[i].slot;
	}
	return 0;
}
