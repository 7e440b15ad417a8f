/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, selectors and vectors of the i386 port, for C and assembly alike.
 *
 * virtual address      what                                                         through
 * 0 .. USER_TOP        the thread's own VSpace                                      user tables, entries 0..895
 * KERNEL_BASE          physical 0..4 MiB in 4K pages, with the kernel's image,      entry 896
 *                      whose code and constants are read-only
 * PHYSICAL_WINDOW      RAM at a fixed offset, 4M pages, writable                    entries 897..1022
 * DEVICE_WINDOW        local APIC and IOAPIC, uncached                              entry 1023
 */
#pragma once

#define KERNEL_BASE          0xe0000000 /* the image lies inside the window */
#define KERNEL_LOAD_ADDRESS  0x100000
#define KERNEL_IMAGE_BYTES   0x400000 /* what the first page table can map, from physical 0 */
#define KERNEL_STACK_BYTES   0x4000

#define PHYSICAL_WINDOW      0xe0000000
#define WINDOW_BYTES         0x1fc00000 /* RAM above it is given out as device memory, as on seL4 */

#define KERNEL_IS_HIDDEN     0 /* a fault of ring 3 at a kernel address tells that something is there, as on seL4 */

#define DEVICE_WINDOW        0xffc00000
#define LOCAL_APIC           DEVICE_WINDOW
#define IO_APIC              (DEVICE_WINDOW + 0x1000)

/* Selectors. SYSENTER takes kernel code and the next as stack, SYSEXIT the two after those for the user. The last two
 * are data segments whose bases are the running thread's. */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_CODE   0x1b
#define SELECTOR_USER_DATA   0x23
#define SELECTOR_TASK        0x28
#define SELECTOR_FS          0x33
#define SELECTOR_GS          0x3b
#define SELECTOR_SPARE_TASK  0x40
#define GDT_ENTRIES          9

#define FLAG_BIT_TRAP        0x100
#define FLAG_BIT_INTERRUPT   0x200
#define FLAG_BIT_VIRTUAL_8086 0x20000

/* Vectors, as seL4 places them on pc99. */
#define VECTOR_DEBUG         1
#define VECTOR_NMI           2
#define VECTOR_BREAKPOINT    3
#define VECTOR_DOUBLE_FAULT  8
#define VECTOR_PAGE_FAULT    14
#define VECTOR_MACHINE_CHECK 18
#define VECTOR_IRQ_MIN       0x20 /* IRQ number 0; 0x20..0x2f belong to the masked PIC */
#define VECTOR_USER_MIN      0x30
#define VECTOR_USER_MAX      155
#define VECTOR_IOMMU         156
#define VECTOR_TIMER         157
#define VECTOR_TRAP_MIN      158 /* 158..254: software interrupts, unknown system calls */
#define VECTOR_SPURIOUS      255
#define VECTOR_COUNT         256

/* Offsets of saved registers from the end of a thread's register file, where the TSS's stack pointer points; in the
 * order of enum register_index. The thread's whole register file is this long. */
#define CONTEXT_BYTES    64
#define CONTEXT_FS_BASE  -64
#define CONTEXT_GS_BASE  -60
#define CONTEXT_EAX      -56
#define CONTEXT_EBX      -52
#define CONTEXT_ECX      -48
#define CONTEXT_EDX      -44
#define CONTEXT_ESI      -40
#define CONTEXT_EDI      -36
#define CONTEXT_EBP      -32
#define CONTEXT_FAULT_IP -28
#define CONTEXT_ERROR    -24
#define CONTEXT_NEXT_IP  -20
#define CONTEXT_CS       -16
#define CONTEXT_EFLAGS   -12
#define CONTEXT_ESP      -8
#define CONTEXT_SS       -4
