/* SPDX-License-Identifier: BSD-2-Clause */
/* Single instructions of the CPU that C has no words for, and the numbers they take. */
#pragma once
#include "lib/base/base.h"

#define CR0_MONITOR_COPROCESSOR (1ul << 1)
#define CR0_EMULATION           (1ul << 2)
#define CR0_TASK_SWITCHED       (1ul << 3)
#define CR0_NUMERIC_ERROR       (1ul << 5)
#define CR0_WRITE_PROTECT       (1ul << 16)
#define CR4_LARGE_PAGES         (1ul << 4)
#define CR4_GLOBAL_PAGES        (1ul << 7)
#define CR4_OSFXSR              (1ul << 9)
#define CR4_FSGSBASE            (1ul << 16)
#define CR4_OSXSAVE             (1ul << 18)
#define CR4_SMEP                (1ul << 20)
#define CR4_SMAP                (1ul << 21)

#define MSR_APIC_BASE           0x1bu
#define MSR_SYSENTER_CS         0x174u
#define MSR_SYSENTER_ESP        0x175u
#define MSR_SYSENTER_EIP        0x176u
#define MSR_PAT                 0x277u
#define MSR_TSC_DEADLINE        0x6e0u
#define MSR_EFER                0xc0000080u
#define MSR_STAR                0xc0000081u
#define MSR_LSTAR               0xc0000082u
#define MSR_SYSCALL_MASK        0xc0000084u
#define EFER_SYSCALL            (1ull << 0)
#define EFER_NO_EXECUTE         (1ull << 11)

#define FLAG_ALWAYS             (1ul << 1)
#define FLAG_TRAP               (1ul << 8)
#define FLAG_INTERRUPT          (1ul << 9)
#define FLAG_DIRECTION          (1ul << 10)
#define FLAG_IO_PRIVILEGE       (3ul << 12)
#define FLAG_NESTED_TASK        (1ul << 14)
#define FLAG_RESUME             (1ul << 16)
#define FLAG_ALIGNMENT_CHECK    (1ul << 18)

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint64_t cpu_read_msr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void cpu_write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline uint64_t cpu_time_stamp(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpu_identify(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid id;
	__asm__ volatile("cpuid" : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx) : "a"(leaf), "c"(subleaf));
	return id;
}

#define CPU_CONTROL_REGISTER(n) \
	static inline unsigned long cpu_read_cr##n(void) \
	{ \
		unsigned long value; \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value) : : "memory"); \
		return value; \
	} \
	static inline void cpu_write_cr##n(unsigned long value) \
	{ \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(value) : "memory"); \
	}
CPU_CONTROL_REGISTER(0)
CPU_CONTROL_REGISTER(2)
CPU_CONTROL_REGISTER(3)
CPU_CONTROL_REGISTER(4)
#undef CPU_CONTROL_REGISTER

static inline void cpu_invalidate_page(unsigned long address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}
