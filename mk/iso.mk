# SPDX-License-Identifier: BSD-2-Clause
#: make iso      a bootable CD or USB image of SYSTEM, for machines without QEMU's loader
.PHONY: iso
iso:
	@mk/need iso
	@ENGINE='$(ENGINE)' ABI='$(ABI)' SYSTEM='$(SYSTEM)' ARCH='$(ARCH)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' \
	MICROKIT_BOARD='$(MICROKIT_BOARD)' MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/sel4-kernel --check
	@$(MAKE) --no-print-directory $(T)/systems/$(SYSTEM)/image.elf $(if $(filter bundled,$(ENGINE)),$(T)/kernel.elf)
	@ENGINE='$(ENGINE)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' MICROKIT_BOARD='$(MICROKIT_BOARD)' \
	MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/iso $(T)/kernel.elf $(T)/systems/$(SYSTEM)/image.elf $(T)/systems/$(SYSTEM)/image.iso
	@printf '%s\n' '$(T)/systems/$(SYSTEM)/image.iso'
