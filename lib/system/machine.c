/* SPDX-License-Identifier: BSD-2-Clause */
/* The machines that there are systems for. Numbers of the kernel's interface stand here once more, because the tool makes
 * tables for a machine that it does not run on; test/unit/test_system.c and check-abi-i386 compare them with abi/. */
#include "lib/system/system.h"

static const struct system_machine machines[] = {
	{ .addresses = { SYSTEM_X86_64_GRANT, SYSTEM_X86_64_RECORD, SYSTEM_X86_64_WINDOW, SYSTEM_X86_64_ARCHIVE,
	                 SYSTEM_X86_64_TEXT, SYSTEM_X86_64_END },
	  .plan = &plan_machine_x86_64, .badge_bits = 64, .channel_id_max = 61, .slots_bits_max = 16, .controllers_max = 7,
	  .slot_bits = 5, .notification_bits = 6, .reply_bits = 5 },
	{ .addresses = { SYSTEM_I386_GRANT, SYSTEM_I386_RECORD, SYSTEM_I386_WINDOW, SYSTEM_I386_ARCHIVE, SYSTEM_I386_TEXT,
	                 SYSTEM_I386_END },
	  .plan = &plan_machine_i386, .badge_bits = 28, .channel_id_max = 25, .slots_bits_max = 13, .controllers_max = 3,
	  .slot_bits = 4, .notification_bits = 5, .reply_bits = 4 },
};

const struct system_machine *system_machine_of(uint32_t elf_machine)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		if (machines[i].plan->elf_machine == elf_machine)
			return &machines[i];
	}
	return NULL;
}
