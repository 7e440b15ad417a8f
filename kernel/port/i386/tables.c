/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables of i386, and the way into the kernel that system calls take.
 *
 * Invariants:
 *   D1 no gate is reachable by INT from ring 3 but breakpoint (3) and the unused vectors 158..255, which are unknown
 *      system calls (255: nothing), as on seL4;
 *   D2 I/O ports can't be used from ring 3: IOPL is 0 and the TSS has no bitmap;
 *   D3 a double fault switches to a task with a stack of its own: an overflow of the kernel's stack is a message. */
#include "layout.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/memory.h"
#include "kernel/port/x86/trap.h"

#define GATE_INTERRUPT   0x8e00u /* present, ring 0 */
#define GATE_USER        0x6000u /* may be called from ring 3 */
#define GATE_TASK        0x8500u
#define STUB_BYTES       16u
#define SPARE_STACK_BYTES 4096u
#define CPUID_SYSENTER   (1u << 11)

struct gate {
	uint16_t address_low;
	uint16_t selector;
	uint16_t flags;
	uint16_t address_high;
};
_Static_assert(sizeof(struct gate) == 8, "gate size");

struct pseudo_descriptor {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

struct task {
	uint32_t previous;
	word     stack_ring_0; /* trap_context */
	uint32_t stack_selector_0;
	uint32_t other_stacks[4];
	uint32_t cr3;
	uint32_t eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t debug;
	uint16_t io_map; /* behind the limit: no port */
};
_Static_assert(sizeof(struct task) == 104, "task state size");

#define CHECK_CONTEXT(name) \
	_Static_assert(CONTEXT_##name + CONTEXT_BYTES == REG_##name * (int)sizeof(word), "offset of " #name)
CHECK_CONTEXT(FS_BASE);
CHECK_CONTEXT(GS_BASE);
CHECK_CONTEXT(EAX);
CHECK_CONTEXT(EBX);
CHECK_CONTEXT(ECX);
CHECK_CONTEXT(EDX);
CHECK_CONTEXT(ESI);
CHECK_CONTEXT(EDI);
CHECK_CONTEXT(EBP);
CHECK_CONTEXT(FAULT_IP);
CHECK_CONTEXT(ERROR);
CHECK_CONTEXT(NEXT_IP);
CHECK_CONTEXT(CS);
CHECK_CONTEXT(EFLAGS);
CHECK_CONTEXT(ESP);
CHECK_CONTEXT(SS);
_Static_assert(REGISTER_COUNT * sizeof(word) == CONTEXT_BYTES, "length of the register file");

extern struct task trap_task;
extern const char entry_stubs[], entry_syscall[], entry_stub_nmi[], entry_stub_machine_check[], entry_double_fault[];

/* Called from entry.S only. */
_Noreturn void trap_double_fault(void);

static struct gate gates[VECTOR_COUNT] __attribute__((aligned(16)));
static struct task spare_task;
static uint8_t spare_stack[SPARE_STACK_BYTES] __attribute__((aligned(16)));

/* entry.S writes the bases of the last two data segments. */
uint64_t trap_gdt[GDT_ENTRIES];

static void make_descriptors(void)
{
	trap_gdt[SELECTOR_KERNEL_CODE / 8] = 0x00cf9b000000ffff;
	trap_gdt[SELECTOR_KERNEL_DATA / 8] = 0x00cf93000000ffff;
	trap_gdt[SELECTOR_USER_CODE / 8] = 0x00cffb000000ffff;
	trap_gdt[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff;
	trap_gdt[SELECTOR_FS / 8] = 0x00cff3000000ffff;
	trap_gdt[SELECTOR_GS / 8] = 0x00cff3000000ffff;
}

static uint64_t task_descriptor(const struct task *task)
{
	uint64_t base = (word)task, limit = sizeof *task - 1;
	return limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24) << 56;
}

static void load_tables(void)
{
	struct pseudo_descriptor gdt_pointer = { sizeof trap_gdt - 1, (uint32_t)trap_gdt };
	struct pseudo_descriptor idt_pointer = { sizeof gates - 1, (uint32_t)gates };
	__asm__ volatile("lgdt %0" : : "m"(gdt_pointer));
	__asm__ volatile("ljmp %0, $1f; 1:" : : "i"(SELECTOR_KERNEL_CODE) : "memory");
	__asm__ volatile("movw %w0, %%ss; movw %w1, %%ds; movw %w1, %%es; movw %w2, %%fs; movw %w3, %%gs"
	                 : : "r"(SELECTOR_KERNEL_DATA), "r"(SELECTOR_USER_DATA), "r"(SELECTOR_FS), "r"(SELECTOR_GS));
	__asm__ volatile("lidt %0; lldt %w1" : : "m"(idt_pointer), "r"(0));
}

/* A double fault before map.c has built the kernel's tables resets the machine: the spare task uses those. */
static void load_tasks(void)
{
	trap_task.stack_selector_0 = SELECTOR_KERNEL_DATA;
	trap_task.io_map = sizeof trap_task;
	spare_task = (struct task){
		.stack_ring_0 = (word)(spare_stack + sizeof spare_stack), .stack_selector_0 = SELECTOR_KERNEL_DATA,
		.cr3 = memory_kernel_root(), .eip = (uint32_t)entry_double_fault, .eflags = FLAG_ALWAYS,
		.esp = (uint32_t)(spare_stack + sizeof spare_stack), .es = SELECTOR_KERNEL_DATA, .cs = SELECTOR_KERNEL_CODE,
		.ss = SELECTOR_KERNEL_DATA, .ds = SELECTOR_KERNEL_DATA, .fs = SELECTOR_KERNEL_DATA, .gs = SELECTOR_KERNEL_DATA,
		.io_map = sizeof spare_task,
	};
	trap_gdt[SELECTOR_TASK / 8] = task_descriptor(&trap_task);
	trap_gdt[SELECTOR_SPARE_TASK / 8] = task_descriptor(&spare_task);
	__asm__ volatile("ltr %w0" : : "r"(SELECTOR_TASK));
}

static void set_gate(unsigned vector, const char *entry, uint16_t flags)
{
	uint32_t address = (uint32_t)entry;
	gates[vector] = (struct gate){ (uint16_t)address, SELECTOR_KERNEL_CODE, flags, (uint16_t)(address >> 16) };
}

static void set_gates(void)
{
	for (unsigned vector = 0; vector < VECTOR_COUNT; vector++) {
		bool for_user = vector == VECTOR_BREAKPOINT || vector >= VECTOR_TRAP_MIN;
		set_gate(vector, entry_stubs + vector * STUB_BYTES, GATE_INTERRUPT | (for_user ? GATE_USER : 0));
	}
	set_gate(VECTOR_NMI, entry_stub_nmi, GATE_INTERRUPT);
	set_gate(VECTOR_MACHINE_CHECK, entry_stub_machine_check, GATE_INTERRUPT);
	gates[VECTOR_DOUBLE_FAULT] = (struct gate){ 0, SELECTOR_SPARE_TASK, GATE_TASK, 0 };
}

static void enable_sysenter(void)
{
	if (!(cpu_identify(1, 0).edx & CPUID_SYSENTER)) {
		kernel_panic("this CPU has no SYSENTER");
	}
	cpu_write_msr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	cpu_write_msr(MSR_SYSENTER_ESP, (word)&trap_context);
	cpu_write_msr(MSR_SYSENTER_EIP, (word)entry_syscall);
}

void trap_init(void)
{
	__asm__ volatile("movl %0, %%dr7" : : "r"(0x400ul)); /* no breakpoint of a boot loader survives */
	make_descriptors();
	set_gates();
	load_tables();
	load_tasks();
	enable_sysenter();
}

_Noreturn void trap_double_fault(void)
{
	kernel_panic_at(trap_task.eip, trap_task.ebp, "trap %u in the kernel, at 0x%x (flags 0x%x, stack 0x%x, frame 0x%x)",
	                VECTOR_DOUBLE_FAULT, trap_task.eip, trap_task.eflags, trap_task.esp, trap_task.ebp);
}
