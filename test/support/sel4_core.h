/* SPDX-License-Identifier: BSD-2-Clause */
/* The user-side stubs on the kernel core, in one process: the test program is the root thread of a fake machine
 * (fakeport.h). In the root thread's window and texts the test program sees the very memory of the frames that are mapped there, with
 * the rights that they are mapped with; nothing else is there. */
#pragma once
#include "test/support/fakeport.h"
#include "user/sel4/sel4.h"

/* Addresses of texts (user/space/text.h), with their topmost table; the first pages of each are seen. */
#define SEL4_CORE_TEXT       0x500000000000ul
#define SEL4_CORE_TEXT_PAGES 16u

#define SEL4_CORE_WINDOW 0x20000000ul /* address of the window, in the test program and in the root thread's VSpace alike */
#define SEL4_CORE_WINDOW_PAGES 2u
#define SEL4_CORE_LARGE_WINDOW 0x20200000ul /* and of two large pages */

/* Makes a machine whose root thread the stubs act for, with tables for the window in slots FAKE_FREE.. *next_slot is the first
 * free slot after them. */
struct fake *sel4_core_start(uint64_t *next_slot);
void sel4_core_end(void);

/* Every invocation is counted; number refuse_at from now on (1: the next; 0: none) is answered with the error given and does not
 * reach the kernel. Sends are counted too, and reach it always. sel4_core_refuse returns how many there still were to the one that was
 * to be refused before (0: it has been, or there was none). */
extern uint64_t sel4_core_calls;
uint64_t sel4_core_refuse(uint64_t refuse_at, seL4_Error error);

/* Called after each invocation and send that the kernel has carried out or refused, if not NULL. May leave by longjmp: the caller
 * was stopped for good right behind that call. */
extern void (*sel4_core_after)(void);

/* Asked before each send if not NULL: true if it has taken the message in the kernel's place; such a send is not counted. */
extern bool (*sel4_core_sent)(seL4_CPtr to, seL4_MessageInfo_t info);

/* Asked before each call if not NULL: true if it has answered the call in the place of some server; such a call is not counted. The
 * message's words are in *words and, from the fifth on, in the IPC buffer; so is the answer, its info in *info. */
extern bool (*sel4_core_server)(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words);
