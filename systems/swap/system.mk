# SPDX-License-Identifier: BSD-2-Clause
# The archive of the tour: made by graft pack, then two copies of a good program are spoiled. Packing checks, so spoiling comes after:
# `damaged` has one bit of its code flipped, `forged` a wrong e_phentsize (at 54 of a 64-bit header, 42 of a 32-bit one) under digests
# that fit.
SWAP_PROGRAMS := $(patsubst %,$(T)/systems/swap/%.elf,greeter1 greeter2 looper faulty good large)
$(B)/host/damage: $(call objects,$(B)/host,tools/damage/damage.c $(LIB_HOSTED))
	$(call say,LINK,$@)$(CC) -o $@ $^
$(T)/systems/swap/programs.archive: $(B)/host/graft $(B)/host/damage $(SWAP_PROGRAMS)
	$(call say,PACK,$@)for copy in damaged forged; do cp $(T)/systems/swap/good.elf $(T)/systems/swap/$$copy.elf || exit 1; done; \
		$(B)/host/graft pack -o $@ $(SWAP_PROGRAMS) $(T)/systems/swap/damaged.elf $(T)/systems/swap/forged.elf && \
		$(B)/host/damage bit $@ damaged 0x1010 && $(B)/host/damage forge $@ forged $(if $(filter i386,$(ARCH)),42,54) 0x39
EXTRA_swap := $(T)/systems/swap/programs.archive
