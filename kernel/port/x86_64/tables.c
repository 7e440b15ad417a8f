/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables of x86_64, and the way into the kernel that system calls take.
 *
 * Invariants:
 *   D1 no gate is reachable by INT from ring 3 but breakpoint (3) and the unused vectors 158..255, which are unknown
 *      system calls (255: nothing), as on seL4;
 *   D2 I/O ports can't be used from ring 3: IOPL is 0 and the TSS has no bitmap. */
#include "layout.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/trap.h"

#define GATE_INTERRUPT   0x8e00u /* present, ring 0 */
#define GATE_USER        0x6000u /* may be called from ring 3 */
#define STUB_BYTES       16u
#define CPUID_FSGSBASE   1u
#define SPARE_STACK_BYTES 4096u

struct gate {
	uint16_t address_low;
	uint16_t selector;
	uint16_t flags; /* low byte: number of the stack */
	uint16_t address_middle;
	uint32_t address_high;
	uint32_t zero;
};
_Static_assert(sizeof(struct gate) == 16, "gate size");

struct pseudo_descriptor {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct task {
	uint32_t reserved_0;
	word     stack_ring_0; /* trap_context: entry.S lays the TSS out so that this field is aligned */
	word     stack_ring_1, stack_ring_2, reserved_1;
	word     spare_stack[7];
	word     reserved_2;
	uint16_t reserved_3;
	uint16_t io_map; /* behind the limit: no port */
} __attribute__((packed));

#define CHECK_CONTEXT(name) \
	_Static_assert(CONTEXT_##name + CONTEXT_BYTES == REG_##name * (int)sizeof(word), "offset of " #name)
CHECK_CONTEXT(FS_BASE);
CHECK_CONTEXT(GS_BASE);
CHECK_CONTEXT(RAX);
CHECK_CONTEXT(RBX);
CHECK_CONTEXT(RCX);
CHECK_CONTEXT(RDX);
CHECK_CONTEXT(RSI);
CHECK_CONTEXT(RDI);
CHECK_CONTEXT(RBP);
CHECK_CONTEXT(R10);
CHECK_CONTEXT(R8);
CHECK_CONTEXT(R9);
CHECK_CONTEXT(R15);
CHECK_CONTEXT(R11);
CHECK_CONTEXT(R12);
CHECK_CONTEXT(R13);
CHECK_CONTEXT(R14);
CHECK_CONTEXT(FAULT_IP);
CHECK_CONTEXT(ERROR);
CHECK_CONTEXT(NEXT_IP);
CHECK_CONTEXT(CS);
CHECK_CONTEXT(RFLAGS);
CHECK_CONTEXT(RSP);
CHECK_CONTEXT(SS);
_Static_assert(REGISTER_COUNT * sizeof(word) == CONTEXT_BYTES, "length of the register file");
_Static_assert((offsetof(struct tcb, registers) + CONTEXT_BYTES) % 16 == 0, "the CPU aligns the stack it pushes to");

extern struct task trap_task;
extern const char entry_stubs[], entry_syscall[], entry_stub_nmi[], entry_stub_double_fault[],
    entry_stub_machine_check[];

static struct gate gates[VECTOR_COUNT] __attribute__((aligned(16)));
static uint8_t spare_stacks[4][SPARE_STACK_BYTES] __attribute__((aligned(16)));

/* The task's two entries are made by load_task. */
static uint64_t gdt[] = {
	[SELECTOR_KERNEL_CODE / 8] = 0x00af9b000000ffff, /* 64-bit, ring 0 */
	[SELECTOR_KERNEL_DATA / 8] = 0x00cf93000000ffff,
	[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff,
	[SELECTOR_USER_CODE / 8] = 0x00affb000000ffff, /* 64-bit, ring 3 */
	[SELECTOR_SYSRET_CODE / 8] = 0x00affb000000ffff,
};

static void load_tables(void)
{
	struct pseudo_descriptor gdt_pointer = { sizeof gdt - 1, (uint64_t)gdt };
	struct pseudo_descriptor idt_pointer = { sizeof gates - 1, (uint64_t)gates };
	__asm__ volatile("lgdt %0" : : "m"(gdt_pointer));
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; "
	                 "1:" : : "i"(SELECTOR_KERNEL_CODE) : "rax", "memory");
	__asm__ volatile("movw %w0, %%ss; movw %w1, %%ds; movw %w1, %%es; movw %w1, %%fs; movw %w1, %%gs"
	                 : : "r"(SELECTOR_KERNEL_DATA), "r"(0));
	__asm__ volatile("lidt %0; lldt %w1" : : "m"(idt_pointer), "r"(0));
}

static void load_task(void)
{
	word base = (word)&trap_task, limit = sizeof trap_task - 1;
	for (unsigned i = 0; i < 3; i++) {
		trap_task.spare_stack[i] = (word)spare_stacks[i + 1]; /* the end of stack i */
	}
	trap_task.io_map = sizeof trap_task;
	gdt[SELECTOR_TASK / 8] = limit | (base & 0xffffff) << 16 | 0x89ul << 40 | (base >> 24 & 0xff) << 56;
	gdt[SELECTOR_TASK / 8 + 1] = base >> 32;
	__asm__ volatile("ltr %w0" : : "r"(SELECTOR_TASK));
}

static void set_gate(unsigned vector, const char *entry, uint16_t flags)
{
	uint64_t address = (uint64_t)entry;
	gates[vector] = (struct gate){ (uint16_t)address, SELECTOR_KERNEL_CODE, flags, (uint16_t)(address >> 16),
	                               (uint32_t)(address >> 32), 0 };
}

static void set_gates(void)
{
	for (unsigned vector = 0; vector < VECTOR_COUNT; vector++) {
		bool for_user = vector == VECTOR_BREAKPOINT || vector >= VECTOR_TRAP_MIN;
		set_gate(vector, entry_stubs + vector * STUB_BYTES, GATE_INTERRUPT | (for_user ? GATE_USER : 0));
	}
	set_gate(VECTOR_NMI, entry_stub_nmi, GATE_INTERRUPT | 1);
	set_gate(VECTOR_DOUBLE_FAULT, entry_stub_double_fault, GATE_INTERRUPT | 2);
	set_gate(VECTOR_MACHINE_CHECK, entry_stub_machine_check, GATE_INTERRUPT | 3);
}

/* SYSCALL: everything that could harm the kernel is masked from the flags, not only TF and IF: IRETQ with NT set is a
 * protection fault in ring 0, and AC would open user pages to a kernel with SMAP. */
static void enable_syscall(void)
{
	cpu_write_msr(MSR_EFER, cpu_read_msr(MSR_EFER) | EFER_SYSCALL);
	cpu_write_msr(MSR_STAR, (uint64_t)SELECTOR_SYSRET_BASE << 48 | (uint64_t)SELECTOR_KERNEL_CODE << 32);
	cpu_write_msr(MSR_LSTAR, (uint64_t)entry_syscall);
	cpu_write_msr(MSR_SYSCALL_MASK, FLAG_TRAP | FLAG_INTERRUPT | FLAG_DIRECTION | FLAG_IO_PRIVILEGE | FLAG_NESTED_TASK
	                                | FLAG_RESUME | FLAG_ALIGNMENT_CHECK);
}

/* The entry code saves and loads the bases with instructions of their own. */
static void enable_bases(void)
{
	if (cpu_identify(0, 0).eax < 7 || !(cpu_identify(7, 0).ebx & CPUID_FSGSBASE)) {
		kernel_panic("this CPU has no FSGSBASE");
	}
	cpu_write_cr4(cpu_read_cr4() | CR4_FSGSBASE);
}

void trap_init(void)
{
	__asm__ volatile("movq %0, %%dr7" : : "r"(0x400ul)); /* no breakpoint of a boot loader survives */
	set_gates();
	load_tables();
	load_task();
	enable_syscall();
	enable_bases();
}
