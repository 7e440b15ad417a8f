/* SPDX-License-Identifier: BSD-2-Clause */
/* The first instructions of a position-independent program without a C library: everything else has been done by the loader. */
#pragma once
#if __SIZEOF_POINTER__ == 8
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n call begin\n ud2\n");
#else
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %esp, %eax\n sub $12, %esp\n push %eax\n call begin\n ud2\n");
#endif
