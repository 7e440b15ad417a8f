/* SPDX-License-Identifier: BSD-2-Clause */
/* The entries of the kernel: system calls, faults, interrupts, the timer, and boot's first steps. */
#include <graft/refuse.h>
#include <sel4/syscall.h>
#include "kernel/core/fast.h"
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/irq.h"
#include "kernel/core/refuse.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

void kernel_init(struct kernel *k, uint64_t ticks_per_us)
{
	k->ticks_per_us = ticks_per_us;
	k->ticks_min = BUDGET_MIN_US * ticks_per_us;
	k->now = port_ticks(k);
	k->deadline = UINT64_MAX;
	k->idle.state = THREAD_IDLE;
	k->idle.flags = seL4_TCBFlag_fpuDisabled;
	k->current = &k->idle;
	for (word irq = IRQ_USER_LAST + 1; irq < IRQ_COUNT; irq++)
		k->irq_states[irq] = IRQ_RESERVED;
}

void kernel_boot_slot(struct cte *slot, struct cap cap)
{
	slot->cap = cap;
	cte_set_node(slot, NULL, NULL, CTE_FLAGS);
}

void kernel_boot_thread(struct kernel *k, struct tcb *tcb, struct sched_context *sc, unsigned sc_bits)
{
	kernel_assert(k, budget_refills_max(sc_bits) >= REFILLS_MIN, "a scheduling context for the first thread");
	budget_set(k, sc, REFILLS_MIN, BOOT_TIMESLICE_US * k->ticks_per_us, 0);
	port_tcb_init(k, tcb);
	tcb->priority = seL4_MaxPrio;
	tcb->mcp = seL4_MaxPrio;
	thread_set_state(k, tcb, THREAD_RUNNING);
	sc_bind_tcb(k, sc, tcb);
}

struct tcb *kernel_start(struct kernel *k)
{
	schedule_again(k);
	return schedule(k);
}

/* ---- system calls ---- */
static bool send(struct kernel *k, word address, bool is_call, bool can_block)
{
	struct invocation call;
	call.is_call = is_call;
	call.can_block = can_block;
	call.can_donate = is_call;
	call.is_first_phase = false;
	return invoke(k, address, &call);
}

/* The sending half: does not wait, lends the scheduling context. */
static bool send_first(struct kernel *k, word address)
{
	struct invocation call;
	call.is_call = false;
	call.can_block = false;
	call.can_donate = true;
	call.is_first_phase = true;
	return invoke(k, address, &call);
}

static void receive_fault(struct kernel *k, word address)
{
	struct lookup_failure why = lookup_missing(0);
	fault_capability(k, k->current, address, true, &why);
}

/* The reply object that a receiving call names; false: the thread has faulted. */
static bool find_reply(struct kernel *k, struct reply **reply)
{
	struct lookup_failure why;
	word address = k->current->registers[REG_REPLY];
	const struct cte *slot = cspace_find(k->current, address, &why);
	if (slot == NULL) {
		fault_capability(k, k->current, address, true, &why);
		return false;
	}
	if (cap_kind(slot->cap) != CAP_REPLY) {
		receive_fault(k, address);
		return false;
	}
	*reply = cap_object(slot->cap);
	return true;
}

static void receive(struct kernel *k, bool can_block, bool can_reply)
{
	struct tcb *tcb = k->current;
	struct lookup_failure why;
	word address = tcb->registers[REG_CAP];
	const struct cte *slot = cspace_find(tcb, address, &why);
	if (slot == NULL) {
		fault_capability(k, tcb, address, true, &why);
		return;
	}
	struct cap cap = slot->cap;
	enum cap_kind kind = cap_kind(cap);
	if ((kind != CAP_ENDPOINT && kind != CAP_NOTIFICATION) || !cap_has_right(cap, ABI_RIGHT_READ)) {
		receive_fault(k, address);
	} else if (kind == CAP_ENDPOINT) {
		struct reply *reply = NULL;
		if (!can_reply || find_reply(k, &reply))
			endpoint_receive(k, tcb, cap_object(cap), can_block, reply);
	} else {
		struct notification *notification = cap_object(cap);
		if (notification->bound_tcb != NULL && notification->bound_tcb != tcb)
			receive_fault(k, address);
		else
			notification_wait(k, tcb, notification, can_block);
	}
}

static void unknown_syscall(struct kernel *k, sword number)
{
	struct fault fault = { .kind = seL4_Fault_UnknownSyscall, .words = { (word)number } };
	fault_raise(k, k->current, &fault);
}

#if ABI_PRINTING
/* Kinds as the interface numbers them. */
static const uint8_t debug_kinds[CAP_KIND_COUNT] = {
	[CAP_NULL] = 0, [CAP_UNTYPED] = 2, [CAP_ENDPOINT] = 4, [CAP_NOTIFICATION] = 6, [CAP_REPLY] = 8, [CAP_CNODE] = 10,
	[CAP_TCB] = 12, [CAP_IRQ_CONTROL] = 14, [CAP_IRQ_HANDLER] = 16, [CAP_ZOMBIE] = 18, [CAP_DOMAIN] = 20,
	[CAP_SCHED_CONTEXT] = 22, [CAP_SCHED_CONTROL] = 24, [CAP_FRAME] = 1, [CAP_PAGE_TABLE] = 3, [CAP_PAGE_DIRECTORY] = 5,
	[CAP_PDPT] = 7, [CAP_VSPACE] = 9, [CAP_ASID_CONTROL] = 11, [CAP_ASID_POOL] = 13, [CAP_IO_PAGE_TABLE] = 17,
	[CAP_IO_PORT] = 19, [CAP_IO_PORT_CONTROL] = 31,
};

static void debug_identify(struct kernel *k)
{
	struct lookup_failure why;
	const struct cte *slot = cspace_find(k->current, k->current->registers[REG_CAP], &why);
	k->current->registers[REG_CAP] = slot != NULL ? debug_kinds[cap_kind(slot->cap)] : 0;
}

static void debug_syscall(struct kernel *k, sword number)
{
	switch (number) {
	case seL4_SysDebugPutChar:
		port_debug_put(k, (char)k->current->registers[REG_CAP]);
		break;
	case seL4_SysDebugHalt:
		port_debug_halt(k);
	case seL4_SysDebugCapIdentify:
		debug_identify(k);
		break;
	case seL4_SysDebugDumpScheduler:
	case seL4_SysDebugSnapshot:
	case seL4_SysDebugNameThread:
		break;
	default:
		unknown_syscall(k, number);
	}
}
#else
static void debug_syscall(struct kernel *k, sword number)
{
	unknown_syscall(k, number);
}
#endif

static void other_syscall(struct kernel *k, sword number)
{
	if (number == GRAFT_SYS_REFUSE && k->refusal.is_enabled)
		refusal_syscall(k);
	else
		debug_syscall(k, number);
}

/* What NBSendRecv sends to. */
static word second_cap(const struct tcb *tcb)
{
#ifdef REG_NBSEND_CAP
	return tcb->registers[REG_NBSEND_CAP];
#else
	const word *buffer = thread_buffer(tcb, false);
	return buffer != NULL ? buffer[offsetof(seL4_IPCBuffer, userData) / sizeof(word)] : 0;
#endif
}

struct tcb *kernel_syscall_general(struct kernel *k, sword number)
{
	const word *registers = k->current->registers;
	switch (number) {
	case seL4_SysCall:
		send(k, registers[REG_CAP], true, true);
		break;
	case seL4_SysReplyRecv:
		if (send_first(k, registers[REG_REPLY]))
			receive(k, true, true);
		break;
	case seL4_SysNBSendRecv:
		if (send_first(k, second_cap(k->current)))
			receive(k, true, true);
		break;
	case seL4_SysNBSendWait:
		if (send_first(k, registers[REG_REPLY]))
			receive(k, true, false);
		break;
	case seL4_SysSend:
		send(k, registers[REG_CAP], false, true);
		break;
	case seL4_SysNBSend:
		send(k, registers[REG_CAP], false, false);
		break;
	case seL4_SysRecv:
		receive(k, true, true);
		break;
	case seL4_SysNBRecv:
		receive(k, false, true);
		break;
	case seL4_SysWait:
		receive(k, true, false);
		break;
	case seL4_SysNBWait:
		receive(k, false, false);
		break;
	case seL4_SysYield:
		budget_yield(k);
		break;
#if ABI_WORD_BITS == 32
	case seL4_SysSetTLSBase:
		k->current->registers[REG_TLS_BASE] = registers[REG_CAP];
		break;
#endif
	default:
		other_syscall(k, number);
	}
	return schedule(k);
}

struct tcb *kernel_syscall(struct kernel *k, sword number)
{
	if (number == seL4_SysCall && fast_call(k))
		return k->current;
	if (number == seL4_SysReplyRecv && fast_reply_receive(k))
		return k->current;
	return kernel_syscall_general(k, number);
}

/* ---- faults, interrupts, timer ---- */
struct tcb *kernel_vm_fault(struct kernel *k, word address, word fsr, bool is_fetch)
{
	struct fault fault = { .kind = seL4_Fault_VMFault, .words = { address, fsr }, .is_fetch = is_fetch };
	fault_raise(k, k->current, &fault);
	return schedule(k);
}

struct tcb *kernel_exception(struct kernel *k, word number, word code)
{
	struct fault fault = { .kind = seL4_Fault_UserException, .words = { number, code } };
	fault_raise(k, k->current, &fault);
	return schedule(k);
}

struct tcb *kernel_interrupt(struct kernel *k, word irq)
{
	irq_deliver(k, irq);
	return schedule(k);
}

struct tcb *kernel_timer(struct kernel *k)
{
	k->deadline = UINT64_MAX;
	k->must_set_deadline = true;
	budget_charge(k);
	return schedule(k);
}
