# SPDX-License-Identifier: BSD-2-Clause
# x86_64: compiler flags of kernel and programs, and the emulator.
ARCH_USER_CFLAGS   := -m64 -mno-red-zone -Iuser/sel4/x86_64
ARCH_KERNEL_CFLAGS := -m64 -mno-red-zone -mcmodel=kernel -mgeneral-regs-only
QEMU     ?= qemu-system-x86_64
QEMU_CPU ?= qemu64,+fsgsbase,+pdpe1gb,+xsave,+xsaveopt
QEMU_MEM ?= 512M
