/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* memfd_create */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "kernel/core/slot.h"
#include "kernel/core/paging.h"
#include "test/support/kernelcheck.h"

#define SYSCALL_BYTES 2u /* of the instruction */
#define BUFFER_CAPS   (seL4_MsgMaxLength + 2)
#define ROOT_GUARD    abi_cnode_data(0, seL4_WordBits - FAKE_CNODE_BITS)

/* Where boot's objects lie in the lower half of memory. */
#define AT_CNODE  0x100000u
#define AT_TCB    0x110000u
#define AT_SC     0x111000u
#define AT_VSPACE 0x112000u
#define AT_BUFFER 0x113000u
#define AT_POOL   0x114000u
#define USER_BUFFER 0x10000000ul

uint32_t fake_memory_bits = FAKE_MEMORY_BITS;

static struct fake *fake_of(struct kernel *k)
{
	return k->port;
}

/* ---- what the core asks of a machine ---- */
_Noreturn void port_panic(struct kernel *k, enum kernel_panic kind, const char *message)
{
	struct fake *f = fake_of(k);
	f->panic_message = message;
	if (f->expects_panic)
		longjmp(f->panic_jump, (int)kind);
	fail_msg("kernel panic %d: %s", (int)kind, message);
	abort();
}

bool port_interrupt_pending(struct kernel *k)
{
	struct fake *f = fake_of(k);
	f->polls++;
	return f->interrupt_pending;
}

uint64_t port_ticks(struct kernel *k)
{
	struct fake *f = fake_of(k);
	f->ticks += f->ticks_per_read;
	return f->ticks;
}

void port_set_deadline(struct kernel *k, uint64_t ticks)
{
	fake_of(k)->deadline = ticks;
}

void port_switch_space(struct kernel *k, struct tcb *tcb)
{
	(void)tcb;
	fake_of(k)->switches++;
}

void port_fpu_release(struct kernel *k, struct tcb *tcb)
{
	fake_of(k)->fpu_released = tcb;
}

void port_tcb_init(struct kernel *k, struct tcb *tcb)
{
	(void)k;
	for (size_t i = 0; i < sizeof(*tcb); i++)
		assert_int_equal(((uint8_t *)tcb)[i], 0);
	tcb->registers[REG_RFLAGS] = 0x202;
}

word port_sanitise(unsigned register_index, word value)
{
	if (register_index == REG_RFLAGS)
		return (value & 0xcd5) | 0x202;
	return value;
}

void port_clear(void *at, size_t bytes)
{
	assert_int_equal((uintptr_t)at % 16, 0);
	assert_int_equal(bytes % 16, 0);
	memset(at, 0, bytes);
}

void port_flush_page(struct kernel *k, const void *root, word address)
{
	struct fake *f = fake_of(k);
	f->flushed_pages++;
	f->flushed_root = root;
	f->flushed_address = address;
}

void port_flush_space(struct kernel *k, const void *root)
{
	struct fake *f = fake_of(k);
	f->flushed_spaces++;
	f->flushed_root = root;
}

uint32_t port_io_read(struct kernel *k, word port, unsigned bytes)
{
	(void)k;
	return (uint32_t)port << 8 | bytes;
}

void port_io_write(struct kernel *k, word port, unsigned bytes, uint32_t value)
{
	struct fake *f = fake_of(k);
	f->route[0] = port, f->route[1] = bytes, f->route[2] = value;
}

void port_vspace_init(struct kernel *k, void *root)
{
	(void)k;
	((word *)root)[511] = FAKE_KERNEL_ENTRY;
}

void port_irq_set_masked(struct kernel *k, word irq, bool is_masked)
{
	uint64_t *bits = &fake_of(k)->irq_masked[irq / 64];
	*bits = is_masked ? *bits | 1ull << irq % 64 : *bits & ~(1ull << irq % 64);
}

void port_irq_ack(struct kernel *k, word irq)
{
	fake_of(k)->irq_acked = irq;
}

word port_ioapic_count(struct kernel *k)
{
	return fake_of(k)->ioapics;
}

word port_ioapic_pins(struct kernel *k, word ioapic)
{
	(void)k;
	assert_int_equal(ioapic, 0);
	return 24;
}

void port_ioapic_route(struct kernel *k, word ioapic, word pin, bool is_level, bool is_low, word irq)
{
	const word route[] = { ioapic, pin, is_level, is_low, irq };
	memcpy(fake_of(k)->route, route, sizeof(route));
}

#if ABI_PRINTING
void port_debug_put(struct kernel *k, char c)
{
	fake_of(k)->route[0] = (word)c;
}

_Noreturn void port_debug_halt(struct kernel *k)
{
	longjmp(fake_of(k)->panic_jump, 1);
}
#endif

/* ---- boot ---- */
static void boot_slots(struct fake *f)
{
	uint8_t *m = f->memory;
	word untyped_bytes = 1ul << (fake_memory_bits - 1);
	/* An address that names device memory, far from anything that is mapped. */
	f->device = cap_untyped((void *)0x400000000000ul, FAKE_DEVICE_BITS, true, 0);
	struct cap buffer = cap_frame(m + AT_BUFFER, FRAME_4K, 3, false);
	const struct { word slot; struct cap cap; } boot[] = {
		{ FAKE_TCB, cap_tcb(m + AT_TCB) },
		{ FAKE_CNODE, cap_cnode(m + AT_CNODE, FAKE_CNODE_BITS, ROOT_GUARD) },
		{ FAKE_VSPACE, cap_vspace(m + AT_VSPACE, 0) },
		{ FAKE_IRQ_CONTROL, cap_control(CAP_IRQ_CONTROL) },
		{ FAKE_ASID_CONTROL, cap_control(CAP_ASID_CONTROL) },
		{ FAKE_ASID_POOL, cap_asid_pool(m + AT_POOL, 0) },
		{ FAKE_IO_PORT_CONTROL, cap_control(CAP_IO_PORT_CONTROL) },
		{ FAKE_BUFFER, buffer },
		{ FAKE_DOMAIN, cap_control(CAP_DOMAIN) },
		{ FAKE_SC, cap_sched_context(m + AT_SC, 8) },
		{ FAKE_SCHED_CONTROL, cap_sched_control(0) },
		/* As after boot: used up to the end, so the first retype clears it. */
		{ FAKE_UNTYPED, cap_untyped(m + untyped_bytes, fake_memory_bits - 1, false, untyped_bytes) },
		{ FAKE_DEVICE, f->device },
	};
	for (size_t i = 0; i < sizeof(boot) / sizeof(boot[0]); i++)
		kernel_boot_slot(&f->cnode[boot[i].slot], boot[i].cap);
	asid_assign(f->asid_pool, 1, &f->cnode[FAKE_VSPACE]);
	f->kernel.asid_pools[0] = f->asid_pool;
}

/* The memory of the last machine that ended: fresh pages would cost more than most tests. */
static struct fake_memory spare_memory;

/* A file's, so that it can be mapped at other addresses too; aligned to its size, and nothing is mapped beside it. */
static struct fake_memory make_memory(void)
{
	const size_t size = 1u << fake_memory_bits;
	struct fake_memory memory = { .fd = memfd_create("machine", 0) };

	memory.place = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(memory.place, MAP_FAILED);
	assert_int_equal(ftruncate(memory.fd, (off_t)size), 0);
	memory.bytes = mmap(memory.place + (size - (uintptr_t)memory.place % size) % size, size, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_FIXED, memory.fd, 0);
	assert_ptr_not_equal(memory.bytes, MAP_FAILED);
	return memory;
}

static struct fake_memory take_memory(void)
{
	struct fake_memory memory = spare_memory.bytes ? spare_memory : make_memory();

	spare_memory.bytes = NULL;
	return memory;
}

static void give_memory(struct fake_memory memory)
{
	if (spare_memory.bytes) {
		munmap(spare_memory.place, 2u << fake_memory_bits);
		close(spare_memory.fd);
	}
	spare_memory = memory;
}

struct fake *fake_new(void)
{
	struct fake *f = aligned_alloc(64, (sizeof(*f) + 63) / 64 * 64);
	memset(f, 0, sizeof(*f));
	f->taken = take_memory();
	f->memory = f->taken.bytes;
	/* What an earlier owner of the memory left. */
	memset(f->memory, 0xa5, 1u << fake_memory_bits);
	memset(f->memory + AT_CNODE, 0, 0x20000);
	f->cnode = (struct cte *)(f->memory + AT_CNODE);
	f->root = (struct tcb *)(f->memory + AT_TCB);
	f->asid_pool = (struct asid_pool *)(f->memory + AT_POOL);
	f->kernel.port = f;
	f->ticks = 1000;
	f->ioapics = 1;
	f->kernel.physical_window = (word)f->memory;
	kernel_init(&f->kernel, FAKE_TICKS_PER_US);
	boot_slots(f);
	kernel_boot_thread(&f->kernel, f->root, (struct sched_context *)(f->memory + AT_SC), 8);
	slot_insert(fake_cap(f, FAKE_CNODE), &f->cnode[FAKE_CNODE], &f->root->slots[TCB_SLOT_CSPACE]);
	slot_insert(fake_cap(f, FAKE_VSPACE), &f->cnode[FAKE_VSPACE], &f->root->slots[TCB_SLOT_VSPACE]);
	slot_insert(fake_cap(f, FAKE_BUFFER), &f->cnode[FAKE_BUFFER], &f->root->slots[TCB_SLOT_BUFFER]);
	f->root->buffer_address = USER_BUFFER;
	f->root->registers[REG_NEXT_IP] = f->root->registers[REG_FAULT_IP] = 0x200000;
	assert_ptr_equal(kernel_start(&f->kernel), f->root);
	/* One below the highest, so that tests can have threads that are more important. */
	f->root->priority = FAKE_ROOT_PRIORITY;
	kernelcheck_all(f);
	return f;
}

void fake_free(struct fake *f)
{
	kernelcheck_zero(f);
	give_memory(f->taken);
	free(f);
}

/* ---- system calls ---- */
void fake_put(struct fake *f, const struct message *message)
{
	struct tcb *tcb = f->kernel.current;
	word *buffer = thread_buffer(tcb, false);
	for (word i = 0; i < message->length; i++) {
		if (i < MESSAGE_REGISTERS)
			tcb->registers[REG_MESSAGE + i] = message->words[i];
		else if (buffer != NULL)
			buffer[i + 1] = message->words[i];
	}
	for (word i = 0; i < message->cap_count && buffer != NULL; i++)
		buffer[BUFFER_CAPS + i] = message->caps[i];
	tcb->registers[REG_INFO] = seL4_MessageInfo_new(message->label, 0, message->cap_count, message->length).words[0];
}

struct message fake_get(struct fake *f, const struct tcb *tcb)
{
	(void)f;
	seL4_MessageInfo_t info = { { tcb->registers[REG_INFO] } };
	struct message message = {
		.label = seL4_MessageInfo_get_label(info),
		.length = seL4_MessageInfo_get_length(info),
		.cap_count = seL4_MessageInfo_get_extraCaps(info),
	};
	const word *buffer = thread_buffer(tcb, false);
	for (word i = 0; i < message.length; i++)
		message.words[i] = i < MESSAGE_REGISTERS ? tcb->registers[REG_MESSAGE + i] : buffer[i + 1];
	for (word i = 0; i < message.cap_count; i++)
		message.caps[i] = buffer[BUFFER_CAPS + i];
	return message;
}

void fake_enter(struct fake *f, sword number)
{
	struct tcb *tcb = f->kernel.current;
	assert_ptr_not_equal(tcb, &f->kernel.idle);
	tcb->registers[REG_FAULT_IP] = tcb->registers[REG_NEXT_IP];
	tcb->registers[REG_NEXT_IP] += SYSCALL_BYTES;
	struct tcb *next = kernel_syscall(&f->kernel, number);
	assert_ptr_equal(next, f->kernel.current);
	if (!f->does_not_check)
		kernelcheck_all(f);
}

word fake_call(struct fake *f, word cap, const struct message *message, struct message *answer)
{
	struct tcb *tcb = f->kernel.current;
	word start = tcb->registers[REG_NEXT_IP];
	fake_put(f, message);
	tcb->registers[REG_CAP] = cap;
	do
		fake_enter(f, seL4_SysCall);
	while (f->kernel.current == tcb && tcb->registers[REG_NEXT_IP] == start);
	struct message got = fake_get(f, tcb);
	if (answer != NULL)
		*answer = got;
	return got.label;
}

void fake_send(struct fake *f, sword number, word cap, const struct message *message)
{
	struct tcb *tcb = f->kernel.current;
	fake_put(f, message);
	tcb->registers[REG_CAP] = cap;
	fake_enter(f, number);
}

void fake_receive(struct fake *f, sword number, word cap, word reply)
{
	struct tcb *tcb = f->kernel.current;
	tcb->registers[REG_CAP] = cap;
	tcb->registers[REG_REPLY] = reply;
	fake_enter(f, number);
}

void fake_reply_receive(struct fake *f, word cap, word reply, const struct message *message)
{
	fake_put(f, message);
	fake_receive(f, seL4_SysReplyRecv, cap, reply);
}

void fake_yield(struct fake *f)
{
	fake_enter(f, seL4_SysYield);
}

/* ---- short forms ---- */
word fake_retype_from(struct fake *f, word untyped, word type, word size_bits, word slot, word count)
{
	return CALL(f, untyped, UntypedRetype, WORDS(type, size_bits, 0, 0, slot, count), CAPS(FAKE_CNODE));
}

word fake_retype(struct fake *f, word type, word size_bits, word slot, word count)
{
	return fake_retype_from(f, FAKE_UNTYPED, type, size_bits, slot, count);
}

word fake_copy(struct fake *f, word from, word to, word rights)
{
	return CALL(f, FAKE_CNODE, CNodeCopy, WORDS(to, 64, from, 64, rights), CAPS(FAKE_CNODE));
}

word fake_mint(struct fake *f, word from, word to, word rights, word data)
{
	return CALL(f, FAKE_CNODE, CNodeMint, WORDS(to, 64, from, 64, rights, data), CAPS(FAKE_CNODE));
}

word fake_move(struct fake *f, word from, word to)
{
	return CALL(f, FAKE_CNODE, CNodeMove, WORDS(to, 64, from, 64), CAPS(FAKE_CNODE));
}

word fake_delete(struct fake *f, word slot)
{
	return CALL(f, FAKE_CNODE, CNodeDelete, WORDS(slot, 64));
}

word fake_revoke(struct fake *f, word slot)
{
	return CALL(f, FAKE_CNODE, CNodeRevoke, WORDS(slot, 64));
}

struct cap fake_cap(const struct fake *f, word slot)
{
	return f->cnode[slot].cap;
}

struct tcb *fake_tcb(const struct fake *f, word slot)
{
	assert_int_equal(cap_kind(fake_cap(f, slot)), CAP_TCB);
	return cap_object(fake_cap(f, slot));
}

struct tcb *fake_passive_thread(struct fake *f, word slot, word priority)
{
	assert_int_equal(fake_retype(f, seL4_TCBObject, 0, slot + THREAD_TCB, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_SchedContextObject, 8, slot + THREAD_SC, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, slot + THREAD_BUFFER, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_ReplyObject, 0, slot + THREAD_REPLY, 1), seL4_NoError);
	word tcb = slot + THREAD_TCB;
	assert_int_equal(CALL(f, tcb, TCBConfigure, WORDS(0, 0, USER_BUFFER + slot * 0x1000),
	                      CAPS(FAKE_CNODE, FAKE_VSPACE, slot + THREAD_BUFFER)), seL4_NoError);
	assert_int_equal(CALL(f, tcb, TCBSetMCPriority, WORDS(255), CAPS(FAKE_TCB)), seL4_NoError);
	assert_int_equal(CALL(f, tcb, TCBSetPriority, WORDS(priority), CAPS(FAKE_TCB)), seL4_NoError);
	word context[] = { 0x400000 + slot * 0x1000, 0x7fff0000 };
	assert_int_equal(CALL(f, tcb, TCBWriteRegisters, WORDS(0, 2, context[0], context[1])), seL4_NoError);
	return fake_tcb(f, tcb);
}

struct tcb *fake_thread(struct fake *f, word slot, word priority)
{
	struct tcb *tcb = fake_passive_thread(f, slot, priority);
	assert_int_equal(CALL(f, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(1000, 1000, 0, slot, 0),
	                      CAPS(slot + THREAD_SC)), seL4_NoError);
	assert_int_equal(CALL(f, slot + THREAD_SC, SchedContextBind, CAPS(slot + THREAD_TCB)), seL4_NoError);
	assert_int_equal(CALL(f, slot + THREAD_TCB, TCBResume, .length = 0), seL4_NoError);
	return tcb;
}

static void pass(struct fake *f, uint64_t until)
{
	if (until <= f->ticks)
		return;
	if (f->kernel.current == f->watched)
		f->watched_ticks += until - f->ticks;
	f->ticks = until;
}

void fake_wait(struct fake *f, uint64_t us)
{
	uint64_t end = f->ticks + us * FAKE_TICKS_PER_US;
	while (f->deadline != 0 && f->deadline <= end && f->ticks < end) {
		/* A timer rings after its time, if only just. */
		pass(f, f->deadline > f->ticks ? f->deadline : f->ticks + 1);
		f->deadline = 0;
		kernel_timer(&f->kernel);
		kernelcheck_all(f);
	}
	pass(f, end);
}

void fake_expect_current(const struct fake *f, const struct tcb *tcb)
{
	assert_ptr_equal(f->kernel.current, tcb);
}
