# SPDX-License-Identifier: BSD-2-Clause
# The bundled kernel, one per ABI set: build/<arch>-<abi>/kernel.elf, in the 32-bit container that boot loaders take.
# kernel/port/<arch>/ is the machine, kernel/port/x86/ what both machines have in common; that includes the machine's layout.h
# by name alone.
KERNEL_CFLAGS := $(BASE_CFLAGS) $(ARCH_KERNEL_CFLAGS) -Ikernel/port/$(ARCH) -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer
$(eval $(call tree,$(T)/kernel,$(KERNEL_CFLAGS)))

KERNEL_SOURCES := $(sort $(wildcard kernel/*.c kernel/core/*.c kernel/port/x86/*.c kernel/port/$(ARCH)/*.c kernel/port/$(ARCH)/*.S))
KERNEL_LD := kernel/port/$(ARCH)/kernel.ld

# $(call link_kernel,OUTPUT,TABLE): with this table of symbols.
define link_kernel
$(1): $$(call objects,$$(T)/kernel,$$(KERNEL_SOURCES) $$(LIB_FREESTANDING)) $(2) $$(KERNEL_LD)
	$$(call say,LINK,$$@)$$(CC) $$(ARCH_KERNEL_CFLAGS) -fno-pic -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=0x1000 -Wl,-T,$$(KERNEL_LD) -o $$@ $$(filter %.o %.S,$$^)
endef
$(eval $(call link_kernel,$(T)/kernel-unnamed.elf,$(T)/kernel-no-symbols.S))
$(eval $(call link_kernel,$(T)/kernel-linked.elf,$(T)/kernel-symbols.S))
$(T)/kernel-no-symbols.S: mk/kernel-symbols
	@mkdir -p $(@D)
	@mk/kernel-symbols > $@
$(T)/kernel-symbols.S: $(T)/kernel-unnamed.elf mk/kernel-symbols
	@mk/kernel-symbols $< > $@
$(T)/kernel.elf: $(T)/kernel-linked.elf $(T)/kernel-symbols.S
	@mk/kernel-symbols $< | cmp -s - $(T)/kernel-symbols.S || { echo 'the table of symbols moved the code'; exit 1; }
	$(call say,OBJCOPY,$@)objcopy -O elf32-i386 $< $@

.PHONY: kernel
kernel: $(T)/kernel.elf
