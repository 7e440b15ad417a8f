/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe of the kernel's ABI set.
 *
 * A kernel answers a message with a label that a capability does not know with IllegalOperation, and one with a label
 * that it knows but without the arguments with TruncatedMessage; neither changes anything. ASIDControl knows one
 * label only, MakePool, and that comes after every label that depends on an option (HARDWARE_DEBUG_API adds four
 * before it, IOMMU three, VTX one), so its number alone tells the supported sets apart: 51, 55 and 48 on x86_64; on
 * i386 there is one set, with 47. Of all the capabilities that could be asked, this one does not make a debug kernel
 * print either. The three labels needed for printing lie at fixed distances behind it (set.inc). */
#include "user/monitor/probe.h"
#include "user/sel4/sel4.h"

static bool is_make_pool(seL4_Word label)
{
	seL4_MessageInfo_t reply = seL4_Call(seL4_CapASIDControl, seL4_MessageInfo_new(label, 0, 0, 0));
	return seL4_MessageInfo_get_label(reply) == seL4_TruncatedMessage;
}

static const struct set *known_set(void)
{
	static const struct set *const sets[] = {
#if ABI_WORD_BITS == 64
		&set_microkit_release, &set_microkit_debug,
#endif
		&set_plain,
	};
	for (uint32_t pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
			bool is_own = sets[i]->number == ABI_SET;
			if (is_own == (pass == 0) && is_make_pool(sets[i]->make_pool))
				return sets[i];
		}
	}
	return NULL;
}

const struct set *probe_kernel(struct set *unknown)
{
	const struct set *set = known_set();
	if (set != NULL)
		return set;
	for (uint16_t label = 1; label <= PROBE_LABEL_MAX; label++) {
		if (is_make_pool(label)) {
			*unknown = (struct set){ .name = "unknown", .make_pool = label, .issue = (uint16_t)(label + 2),
			                         .in8 = (uint16_t)(label + 3), .out8 = (uint16_t)(label + 6) };
			return unknown;
		}
	}
	return NULL;
}
