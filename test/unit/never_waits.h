/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel calls that a domain's own code has no business with: waiting is the runtime's, so each of them fails the test. */
#pragma once
#include "user/sel4/sel4.h"

seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)from, (void)badge, (void)words, (void)reply;
	fail();
	return 0;
}

seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from, seL4_Word *badge,
                                    struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)to, (void)info, (void)from, (void)badge, (void)words, (void)reply;
	fail();
	return 0;
}

void sel4_machine_yield(void)
{
	fail();
}
