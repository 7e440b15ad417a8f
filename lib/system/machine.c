/* SPDX-License-Identifier: BSD-2-Clause */
/* The machines that there are systems for. */
#include "lib/system/system.h"

#define MACHINE(name, of_plan)                                                                                            \
	{                                                                                                                 \
		.addresses = { SYSTEM_##name##_GRANT, SYSTEM_##name##_RECORD, SYSTEM_##name##_WINDOW, SYSTEM_##name##_ARCHIVE, \
		               SYSTEM_##name##_TEXT, SYSTEM_##name##_END },                                               \
		.plan = &of_plan, .badge_bits = SYSTEM_##name##_BADGE_BITS,                                               \
		.channel_id_max = SYSTEM_##name##_BADGE_BITS - 3, .slots_bits_max = SYSTEM_##name##_SLOTS_BITS_MAX,       \
		.controllers_max = SYSTEM_##name##_ASID_POOLS - 1, .slot_bits = SYSTEM_##name##_SLOT_BITS,                \
		.notification_bits = SYSTEM_##name##_NOTIFICATION_BITS, .reply_bits = SYSTEM_##name##_REPLY_BITS,         \
	}

static const struct system_machine machines[] = { MACHINE(X86_64, plan_machine_x86_64), MACHINE(I386, plan_machine_i386) };

const struct system_machine *system_machine_of(uint32_t elf_machine)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		if (machines[i].plan->elf_machine == elf_machine)
			return &machines[i];
	}
	return NULL;
}
