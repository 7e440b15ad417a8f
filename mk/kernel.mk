# SPDX-License-Identifier: BSD-2-Clause
# The bundled kernel, one per ABI set: build/<arch>-<abi>/kernel.elf, in the 32-bit container that boot loaders take.
# kernel/port/<arch>/ is the machine, kernel/port/x86/ what both machines have in common; that includes the machine's layout.h
# by name alone.
KERNEL_CFLAGS := $(BASE_CFLAGS) $(ARCH_KERNEL_CFLAGS) -Ikernel/port/$(ARCH) -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer
$(eval $(call tree,$(T)/kernel,$(KERNEL_CFLAGS)))

KERNEL_SOURCES := $(sort $(wildcard kernel/*.c kernel/core/*.c kernel/port/x86/*.c kernel/port/$(ARCH)/*.c kernel/port/$(ARCH)/*.S))
KERNEL_LD := kernel/port/$(ARCH)/kernel.ld

$(T)/kernel-linked.elf: $(call objects,$(T)/kernel,$(KERNEL_SOURCES) $(LIB_FREESTANDING)) $(KERNEL_LD)
	$(call say,LINK,$@)$(CC) $(ARCH_KERNEL_CFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=0x1000 -Wl,-T,$(KERNEL_LD) -o $@ $(filter %.o,$^)
$(T)/kernel.elf: $(T)/kernel-linked.elf
	$(call say,OBJCOPY,$@)objcopy -O elf32-i386 $< $@

.PHONY: kernel
kernel: $(T)/kernel.elf
