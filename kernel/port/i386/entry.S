/* SPDX-License-Identifier: BSD-2-Clause */
/* Into the kernel and out of it.
 *
 * The kernel runs on one stack, with interrupts off, and keeps nothing on it between entries: an entry saves the
 * running thread's registers into its TCB, C decides who goes on (trap.c), and entry_resume takes that thread's
 * registers from its TCB.
 *
 * tss.esp0 (trap_context) always points behind the register file of the running thread. On a trap from ring 3 the CPU
 * pushes SS, ESP, EFLAGS, CS, EIP right there; the stubs add the error code and the vector below.
 *
 * SYSENTER saves nothing: the thread's stub has put its stack pointer into ECX and its own address into EDX, as
 * seL4's interface has it, and SYSEXIT gives both back in the same registers. A thread that was preempted or had its
 * registers written returns by IRET with all of them.
 *
 * Ring 3 may load its segment registers with whatever it likes: the kernel loads DS and ES before it uses them, and
 * gives all four back as the interface has them, FS and GS with the thread's bases.
 *
 * Traps from ring 0 are either interrupts while idle (entry_idle), or a single step that user code set up for
 * SYSENTER, which is dropped, or the end: trap_kernel panics. A double fault has a task of its own (tables.c). */
#include "layout.h"

/* The data segments of the kernel are the user's: flat. */
.macro LOAD_DATA_SEGMENTS scratch
	movl %ds, \scratch
	cmpl $SELECTOR_USER_DATA, \scratch
	je 1f
	movl $SELECTOR_USER_DATA, \scratch
	movl \scratch, %ds
1:	movl %es, \scratch
	cmpl $SELECTOR_USER_DATA, \scratch
	je 2f
	movl $SELECTOR_USER_DATA, \scratch
	movl \scratch, %es
2:
.endm

	.text
	.balign 16
	.global entry_syscall
	.type entry_syscall, @function
entry_syscall: /* ESP: address of trap_context (MSR_SYSENTER_ESP); EDX: SYSENTER's own address; ECX: the thread's ESP */
	movl (%esp), %esp
	leal -4(%esp), %esp     /* SS stays what it was; no flag changes */
	pushl %ecx              /* ESP */
	pushfl                  /* EFLAGS, but for the interrupt flag, which SYSENTER clears */
	orl $FLAG_BIT_INTERRUPT, (%esp)
	andl $~FLAG_BIT_TRAP, (%esp)
	subl $4, %esp           /* CS stays what it was */
	pushl %edx              /* NEXT_IP */
	addl $2, (%esp)
	pushl $-1               /* ERROR */
	pushl %edx              /* FAULT_IP */
	pushl %ebp
	pushl %edi
	pushl %esi
	pushl %edx
	pushl %ecx
	pushl %ebx
	pushl %eax
	LOAD_DATA_SEGMENTS %ecx
	movl $kernel_stack_end, %esp
	pushl $2                /* none of its flags here: with NT set IRET would switch tasks, AC would undo SMAP */
	popfl
	xorl %ebp, %ebp
	pushl %eax
	call trap_syscall /* does not return */
	ud2
	.size entry_syscall, . - entry_syscall

/* Every trap from ring 3 joins here with vector and error code pushed: ESP is at FAULT_IP of the running thread. */
	.balign 16
	.type entry_trap, @function
entry_trap:
	testl $FLAG_BIT_VIRTUAL_8086, 16(%esp)
	jnz entry_from_virtual_8086
	testb $3, 12(%esp) /* CS: which ring? */
	jz entry_from_kernel
	cld
	pushl %ebp
	pushl %edi
	pushl %esi
	pushl %edx
	pushl %ecx
	pushl %ebx
	pushl %eax
	LOAD_DATA_SEGMENTS %ecx
	subl $CONTEXT_EAX, %esp /* to the end of the register file */
	movl CONTEXT_FAULT_IP(%esp), %eax /* the vector, for now */
	movl CONTEXT_NEXT_IP(%esp), %ecx
	movl %ecx, CONTEXT_FAULT_IP(%esp)
	movl CONTEXT_ERROR(%esp), %edx
	movl $kernel_stack_end, %esp
	xorl %ebp, %ebp
	pushl %edx
	pushl %eax
	call trap_user /* does not return */
	ud2
	.size entry_trap, . - entry_trap

/* An emulator (QEMU 7.2) lets ring 3 set the virtual-8086 flag with IRET, which no CPU does. Then a trap pushes four
 * segment registers more, before the others, and CS and SS are no selectors. The frame is moved to where it belongs,
 * and the thread is an ordinary one again. Whatever is pushed here goes where the general registers will. */
entry_from_virtual_8086:
	movl $SELECTOR_USER_DATA, 40(%esp) /* SS */
	pushl 20(%esp)
	popl 36(%esp)                      /* ESP */
	pushl 16(%esp)
	popl 32(%esp)                      /* EFLAGS */
	andl $~FLAG_BIT_VIRTUAL_8086, 32(%esp)
	movl $SELECTOR_USER_CODE, 28(%esp) /* CS */
	pushl 8(%esp)
	popl 24(%esp)                      /* EIP */
	pushl 4(%esp)
	popl 20(%esp)                      /* error */
	pushl (%esp)
	popl 16(%esp)                      /* vector */
	addl $16, %esp
	jmp entry_trap

entry_from_kernel: /* vector, error, EIP, CS, EFLAGS on the stack; DS may still be the user's */
	cmpl $VECTOR_DEBUG, (%esp)
	je entry_single_step
	cmpb $0, %ss:trap_is_idle
	je entry_kernel_trap
	popl %eax /* vector; whatever was on the stack is of no use any more */
	movl $kernel_stack_end, %esp
	xorl %ebp, %ebp
	pushl %eax
	call trap_idle /* does not return */
	ud2
entry_single_step:
	cmpl $entry_syscall, 8(%esp)
	jne entry_kernel_trap
	andl $~FLAG_BIT_TRAP, 16(%esp)
	addl $8, %esp
	iretl
entry_kernel_trap:
	cld
	movl $SELECTOR_KERNEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %esp, %eax
	leal 20(%esp), %ecx
	pushl %ecx
	pushl %ebp
	pushl %eax
	call trap_kernel /* does not return */
	ud2

/* Gives a data segment the base that the thread has for it, unless it has it already, and loads its selector. */
.macro LOAD_BASE context, loaded, selector, register
	movl \context(%esp), %eax
	cmpl %eax, \loaded
	je 1f
	movl %eax, \loaded
	movw %ax, trap_gdt + (\selector & ~7) + 2
	shrl $16, %eax
	movb %al, trap_gdt + (\selector & ~7) + 4
	movb %ah, trap_gdt + (\selector & ~7) + 7
1:	movl $\selector, %eax
	movl %eax, \register
.endm

/* entry_resume(end of the thread's register file): goes on in ring 3. */
	.balign 16
	.global entry_resume
	.type entry_resume, @function
entry_resume:
	movl 4(%esp), %esp
	LOAD_BASE CONTEXT_FS_BASE, loaded_fs_base, SELECTOR_FS, %fs
	LOAD_BASE CONTEXT_GS_BASE, loaded_gs_base, SELECTOR_GS, %gs
	movl CONTEXT_EAX(%esp), %eax
	movl CONTEXT_EBX(%esp), %ebx
	movl CONTEXT_ESI(%esp), %esi
	movl CONTEXT_EDI(%esp), %edi
	movl CONTEXT_EBP(%esp), %ebp
	cmpl $-1, CONTEXT_ERROR(%esp)
	jne 2f
	movl CONTEXT_NEXT_IP(%esp), %edx
	movl CONTEXT_ESP(%esp), %ecx
	andl $~FLAG_BIT_INTERRUPT, CONTEXT_EFLAGS(%esp) /* of no use there any more: the next entry saves them anew */
	addl $CONTEXT_EFLAGS, %esp
	popfl
	sti /* takes effect behind the next instruction */
	sysexit
2:	movl CONTEXT_EDX(%esp), %edx
	movl CONTEXT_ECX(%esp), %ecx
	addl $CONTEXT_NEXT_IP, %esp
	iretl
	.size entry_resume, . - entry_resume

/* Waits for an interrupt. The flag tells entry_from_kernel that nothing is lost by dropping this stack. */
	.balign 16
	.global entry_idle
	.type entry_idle, @function
entry_idle:
	movl $kernel_stack_end, %esp
	movb $1, trap_is_idle
1:	sti
	hlt
	jmp 1b
	.size entry_idle, . - entry_idle

/* One stub for each vector, STUB_BYTES apart. */
	.balign 16
	.global entry_stubs
	.type entry_stubs, @object
entry_stubs:
	.set vector, 0
	.rept VECTOR_COUNT
	.balign 16
	.if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
	.else
	pushl $0
	.endif
	pushl $vector
	jmp entry_trap
	.set vector, vector + 1
	.endr
	.size entry_stubs, . - entry_stubs

/* Vectors that no thread is to be blamed for, whatever ring they come from. */
	.global entry_stub_nmi, entry_stub_machine_check, entry_double_fault
entry_stub_nmi:
	pushl $0
	pushl $VECTOR_NMI
	jmp entry_kernel_trap
entry_stub_machine_check:
	pushl $0
	pushl $VECTOR_MACHINE_CHECK
	jmp entry_kernel_trap
entry_double_fault: /* the spare task: a stack of its own; what failed is in trap_task */
	call trap_double_fault /* does not return */
	ud2

	.section .bss, "aw", @nobits
	.balign 4
loaded_fs_base: .skip 4 /* bases that the descriptors have now */
loaded_gs_base: .skip 4

/* The task state. Its second field, the ring 0 stack pointer, is the variable trap_context. SYSENTER begins with ESP
 * there: a single step that comes with it is pushed below. */
	.balign 128
	.skip 124
	.global trap_task, trap_context
trap_task:
	.skip 4
trap_context:
	.skip 100

	.section .note.GNU-stack, "", @progbits
