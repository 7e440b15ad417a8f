/* SPDX-License-Identifier: BSD-2-Clause */
/* The rest of what kernel/core/port.h asks of a machine; interrupts and time are in apic.c, address spaces in
 * space.c. */
#include "kernel/core/kernel.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/fpu.h"
#include "layout.h"

#define FLAGS_KEPT 0xfd7ul /* the low 12 without those that must be 0: no IOPL, NT, RF, VM, AC */

_Noreturn void port_panic(struct kernel *k, enum kernel_panic kind, const char *message)
{
	(void)k;
	(void)kind;
	kernel_panic("%s", message);
}

#if ABI_PRINTING
void port_debug_put(struct kernel *k, char c)
{
	(void)k;
	if (c == '\n') {
		console_put('\r');
	}
	console_put(c);
}

_Noreturn void port_debug_halt(struct kernel *k)
{
	(void)k;
	kernel_panic("halted by a debug call");
}
#endif

void port_fpu_release(struct kernel *k, struct tcb *tcb)
{
	(void)k;
	fpu_release(tcb);
}

void port_tcb_init(struct kernel *k, struct tcb *tcb)
{
	(void)k;
	tcb->registers[REG_CS] = SELECTOR_USER_CODE;
	tcb->registers[REG_SS] = SELECTOR_USER_DATA;
	tcb->registers[REG_FLAGS] = FLAG_INTERRUPT | FLAG_ALWAYS;
	fpu_init_area(tcb);
}

/* A non-canonical instruction pointer would be a trap in the kernel, at SYSRET or IRETQ. */
static bool is_canonical(word address)
{
#if ABI_WORD_BITS == 64
	return address <= 0x00007ffffffffffful || address >= 0xffff800000000000ul;
#else
	(void)address;
	return true;
#endif
}

word port_sanitise(unsigned register_index, word value)
{
	switch (register_index) {
	case REG_FLAGS:
		return ((value & FLAGS_KEPT) | FLAG_ALWAYS | FLAG_INTERRUPT) & ~FLAG_TRAP;
	case REG_FAULT_IP:
	case REG_NEXT_IP:
	case REG_FS_BASE:
	case REG_GS_BASE:
		return is_canonical(value) ? value : 0;
	default:
		return value;
	}
}

void port_clear(void *at, size_t bytes)
{
	size_t words = bytes / sizeof(word);
#if ABI_WORD_BITS == 64
	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(0ul) : "memory");
#else
	__asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"(0ul) : "memory");
#endif
}

uint32_t port_io_read(struct kernel *k, word port, unsigned bytes)
{
	(void)k;
	switch (bytes) {
	case 1: return inb((uint16_t)port);
	case 2: return inw((uint16_t)port);
	default: return inl((uint16_t)port);
	}
}

void port_io_write(struct kernel *k, word port, unsigned bytes, uint32_t value)
{
	(void)k;
	switch (bytes) {
	case 1: outb((uint16_t)port, (uint8_t)value); break;
	case 2: outw((uint16_t)port, (uint16_t)value); break;
	default: outl((uint16_t)port, value); break;
	}
}
