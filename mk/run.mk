# SPDX-License-Identifier: BSD-2-Clause
# Booting: on the bundled kernel, or on a real seL4 kernel that the user names.
TIMEOUT ?= 120
.PHONY: run
run:
	@mk/need run
	@ENGINE='$(ENGINE)' ABI='$(ABI)' SYSTEM='$(SYSTEM)' ARCH='$(ARCH)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' \
	MICROKIT_BOARD='$(MICROKIT_BOARD)' MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/sel4-kernel --check
	@$(MAKE) --no-print-directory $(T)/systems/$(SYSTEM)/image.elf $(if $(filter bundled,$(ENGINE)),$(T)/kernel.elf)
	@QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' QEMU_FLAGS='$(QEMU_FLAGS)' TIMEOUT='$(TIMEOUT)' \
	CLOCK='$(CLOCK)' INPUT='$(INPUT_$(SYSTEM))' \
	KERNEL_OPTIONS='$(or $(KERNEL_OPTIONS),$(KERNEL_OPTIONS_$(SYSTEM)))' \
	ENGINE='$(ENGINE)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' MICROKIT_BOARD='$(MICROKIT_BOARD)' \
	MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/boot $(T)/kernel.elf $(T)/systems/$(SYSTEM)/image.elf $(T)/systems/$(SYSTEM)/transcript
