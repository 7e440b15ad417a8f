/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's door in a host test: takes the place of user/sel4/x86_64/sel4_machine.h by include path, and calls functions that
 * the test links: the kernel core in the same process, or a fake that the test brings itself. Same contract, same five functions. */
#pragma once
#include <sel4/types.h>
#include <sel4/syscall.h>

struct sel4_words {
	seL4_Word mr0, mr1, mr2, mr3;
};

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words);
seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply);
seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply);
seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from, seL4_Word *badge,
                                    struct sel4_words *words, seL4_CPtr reply);
void sel4_machine_yield(void);
