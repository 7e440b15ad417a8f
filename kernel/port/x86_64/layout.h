/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, selectors and vectors of the x86_64 port, for C and assembly alike.
 *
 * virtual address      what                                                         through
 * 0 .. USER_TOP        the thread's own VSpace                                      user tables, PML4 entries 0..255
 * PHYSICAL_WINDOW      RAM at a fixed offset, 2M pages, writable, not executable     PML4 entry 511
 * KERNEL_BASE          the kernel's image, 4K pages, nothing writable + executable   PML4 entry 511
 * DEVICE_WINDOW        local APIC and IOAPIC, uncached                              PML4 entry 511
 */
#pragma once

#define KERNEL_BASE          0xffffffff80000000
#define KERNEL_LOAD_ADDRESS  0x100000
#define KERNEL_IMAGE_BYTES   0x400000 /* what the image's two page tables can map, from physical 0 */
#define KERNEL_STACK_BYTES   0x4000

#define PHYSICAL_WINDOW      0xffffff8000000000
/* RAM above it is given out as device memory, as seL4 does with what its window cannot hold */
#define WINDOW_BYTES         0x1000000000

#define KERNEL_IS_HIDDEN     1 /* a fault of ring 3 at a kernel address looks as if nothing were there */

#define DEVICE_WINDOW        0xffffffffc0000000
#define LOCAL_APIC           DEVICE_WINDOW
#define IO_APIC              (DEVICE_WINDOW + 0x1000)

/* As on seL4, user code gets no memory that sends interrupts when written. */
#define MESSAGE_INTERRUPT_ADDRESS 0xfffffff8
#define MESSAGE_INTERRUPT_END     0x100000000

/* Selectors. Programs can read their own, so they are seL4's: a thread gets USER_CODE by IRETQ and, since SYSRET takes
 * user data at STAR + 8 and user code at STAR + 16, SYSRET_CODE by SYSRET; its data segments are null. */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_TASK        0x18 /* two entries */
#define SELECTOR_USER_CODE   0x2b
#define SELECTOR_USER_DATA   0x33
#define SELECTOR_SYSRET_CODE 0x3b
#define SELECTOR_SYSRET_BASE 0x2b

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
#define CONTEXT_BYTES    192
#define CONTEXT_FS_BASE  -192
#define CONTEXT_GS_BASE  -184
#define CONTEXT_RAX      -176
#define CONTEXT_RBX      -168
#define CONTEXT_RCX      -160
#define CONTEXT_RDX      -152
#define CONTEXT_RSI      -144
#define CONTEXT_RDI      -136
#define CONTEXT_RBP      -128
#define CONTEXT_R10      -120
#define CONTEXT_R8       -112
#define CONTEXT_R9       -104
#define CONTEXT_R15      -96
#define CONTEXT_R11      -88
#define CONTEXT_R12      -80
#define CONTEXT_R13      -72
#define CONTEXT_R14      -64
#define CONTEXT_FAULT_IP -56
#define CONTEXT_ERROR    -48
#define CONTEXT_NEXT_IP  -40
#define CONTEXT_CS       -32
#define CONTEXT_RFLAGS   -24
#define CONTEXT_RSP      -16
#define CONTEXT_SS       -8
