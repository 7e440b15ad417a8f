# SPDX-License-Identifier: BSD-2-Clause
# i386: compiler flags of kernel and programs, and the emulator. An ordinary gcc for x86_64 compiles for it; neither 32-bit
# headers nor its 32-bit library are needed (lib/base/divide.c).
ARCH_USER_CFLAGS   := -m32 -march=i686 -msse2 -mfpmath=sse -mno-stackrealign -Iuser/sel4/i386
ARCH_KERNEL_CFLAGS := -m32 -march=i686 -mgeneral-regs-only
ARCH_LDFLAGS       := -Wl,-m,elf_i386
QEMU     ?= qemu-system-i386
QEMU_CPU ?= max
QEMU_MEM ?= 512M
# It has one ABI set.
ARCH_LEAVES_OUT := user/monitor/set_microkit_release.c user/monitor/set_microkit_debug.c
