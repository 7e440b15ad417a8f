/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "test/support/sel4_core.h"
#include <stdarg.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>
#include "kernel/core/paging.h"
#include "user/space/text.h"

__attribute__((weak)) seL4_IPCBuffer *__sel4_ipc_buffer; /* a program under test may bring its own */
uint64_t sel4_core_calls;
bool (*sel4_core_server)(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words);

void (*sel4_core_after)(void);
bool (*sel4_core_sent)(seL4_CPtr to, seL4_MessageInfo_t info);

static struct fake *machine;
static uint64_t refuse_in; /* 0: never */
static seL4_Error refuse_with;

/* ---- the root thread's window and texts: the very memory of the frames that the page tables name ---- */

static word window_entry[SEL4_CORE_WINDOW_PAGES]; /* what is mapped there, as the page table says */
static word text_entry[TEXTS_MAX][SEL4_CORE_TEXT_PAGES];

static word large_entry[2];

static void show_page(uintptr_t vaddr, size_t bytes, word *shown, word entry)
{
	void *at = (void *)vaddr;
	int rights = entry & PTE_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;

	if (*shown == entry)
		return;
	*shown = entry;
	if (entry == 0)
		assert_int_equal(munmap(at, bytes), 0); /* touching it is a crash */
	else
		assert_ptr_equal(mmap(at, bytes, rights, MAP_SHARED | MAP_FIXED, machine->taken.fd, (off_t)(entry & PTE_ADDRESS)), at);
}

/* Pages of one page table, of level 0 or, if they are large, of level 1. */
static void show_pages(uintptr_t first, size_t bytes, word *shown, uint32_t count)
{
	void *root = cap_object(machine->cnode[FAKE_VSPACE].cap);
	struct lookup_failure failure;
	const word *table = paging_entry(&machine->kernel, root, first, bytes == 4096 ? 0 : 1, &failure);

	for (uint32_t i = 0; i < count; i++)
		show_page(first + i * bytes, bytes, &shown[i], table && table[i] & PTE_PRESENT ? table[i] & (PTE_ADDRESS | PTE_WRITE) : 0);
}

static void show_all(void)
{
	show_pages(SEL4_CORE_WINDOW, 4096, window_entry, SEL4_CORE_WINDOW_PAGES);
	show_pages(SEL4_CORE_LARGE_WINDOW, 1ul << seL4_LargePageBits, large_entry, 2);
	for (uint32_t text = 0; text < TEXTS_MAX; text++)
		show_pages(SEL4_CORE_TEXT + text * TEXT_STRIDE_BYTES, 4096, text_entry[text], SEL4_CORE_TEXT_PAGES);
}

static void hide_pages(uintptr_t first, size_t bytes, word *shown, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		show_page(first + i * bytes, bytes, &shown[i], 0);
}

static void hide_all(void)
{
	hide_pages(SEL4_CORE_WINDOW, 4096, window_entry, SEL4_CORE_WINDOW_PAGES);
	hide_pages(SEL4_CORE_LARGE_WINDOW, 1ul << seL4_LargePageBits, large_entry, 2);
	for (uint32_t text = 0; text < TEXTS_MAX; text++)
		hide_pages(SEL4_CORE_TEXT + text * TEXT_STRIDE_BYTES, 4096, text_entry[text], SEL4_CORE_TEXT_PAGES);
}

/* ---- the stubs' door: weak, a test may bring a door of its own ---- */

#define DOOR __attribute__((weak))

static void put_words(struct tcb *tcb, const struct sel4_words *words)
{
	memcpy(&tcb->registers[REG_MESSAGE], words, sizeof *words);
}

/* Issues the call again as long as the kernel stops before it is done. */
static void enter(sword number)
{
	struct tcb *tcb = machine->root;
	word start = tcb->registers[REG_NEXT_IP];

	assert_ptr_equal(machine->kernel.current, tcb);
	do
		fake_enter(machine, number);
	while (machine->kernel.current == tcb && tcb->registers[REG_NEXT_IP] == start);
	assert_ptr_equal(machine->kernel.current, tcb);
	show_all();
}

static void after(void)
{
	if (sel4_core_after)
		sel4_core_after();
}

DOOR seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply)
{
	struct tcb *tcb = machine->root;
	seL4_MessageInfo_t tag = { { info } };

	assert_int_equal(number, (seL4_Word)seL4_SysCall);
	assert_int_equal(reply, 0);
	*badge = 0;
	if (sel4_core_server && sel4_core_server(to, &tag, words))
		return tag.words[0];
	sel4_core_calls++;
	if (refuse_in > 0 && --refuse_in == 0) {
		after();
		return seL4_MessageInfo_new(refuse_with, 0, 0, 0).words[0];
	}
	put_words(tcb, words);
	tcb->registers[REG_INFO] = info;
	tcb->registers[REG_CAP] = to;
	enter(seL4_SysCall);
	memcpy(words, &tcb->registers[REG_MESSAGE], sizeof *words);
	after();
	return tcb->registers[REG_INFO];
}

DOOR void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	struct tcb *tcb = machine->root;

	if (sel4_core_sent && sel4_core_sent(to, (seL4_MessageInfo_t){ { info } }))
		return;
	sel4_core_calls++;
	put_words(tcb, words);
	tcb->registers[REG_INFO] = info;
	tcb->registers[REG_CAP] = to;
	enter((sword)number);
	after();
}

DOOR seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)from, (void)badge, (void)words, (void)reply;
	fail_msg("the test's own thread does not wait");
	return 0;
}

DOOR seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from, seL4_Word *badge,
                                    struct sel4_words *words, seL4_CPtr reply)
{
	(void)to, (void)info;
	return sel4_machine_receive(number, from, badge, words, reply);
}

DOOR void sel4_machine_yield(void)
{
	fail_msg("the test's own thread does not wait");
}

/* ---- the machine ---- */

static uint64_t make_tables(uint64_t slot)
{
	static const uint64_t type[] = { seL4_X86_PDPTObject, seL4_X86_PageDirectoryObject, seL4_X86_PageTableObject };
	static const uint64_t label[] = { X86PDPTMap, X86PageDirectoryMap, X86PageTableMap };

	for (uint32_t i = 0; i < 3; i++, slot++) {
		assert_int_equal(fake_retype(machine, type[i], 0, slot, 1), seL4_NoError);
		assert_int_equal(CALL(machine, slot, label[i], WORDS(SEL4_CORE_WINDOW, 0), CAPS(FAKE_VSPACE)), seL4_NoError);
	}
	assert_int_equal(fake_retype(machine, seL4_X86_PDPTObject, 0, slot, 1), seL4_NoError);
	assert_int_equal(CALL(machine, slot, X86PDPTMap, WORDS(SEL4_CORE_TEXT, 0), CAPS(FAKE_VSPACE)), seL4_NoError);
	return slot + 1;
}

struct fake *sel4_core_start(uint64_t *next_slot)
{
	machine = fake_new();
	refuse_in = 0;
	sel4_core_server = NULL;
	sel4_core_sent = NULL;
	sel4_core_after = NULL;
	sel4_core_calls = 0;
	seL4_SetIPCBuffer((seL4_IPCBuffer *)thread_buffer(machine->root, true));
	*next_slot = make_tables(FAKE_FREE);
	return machine;
}

void sel4_core_end(void)
{
	hide_all();
	fake_free(machine);
	machine = NULL;
}

uint64_t sel4_core_refuse(uint64_t refuse_at, seL4_Error error)
{
	uint64_t left = refuse_in;

	refuse_in = refuse_at;
	refuse_with = error;
	return left;
}
