# SPDX-License-Identifier: BSD-2-Clause
# What the operator is to do, as text in a memory region: here a short run; `make soak` writes another and makes an image of its own.
$(T)/systems/soak/orders:
	@mkdir -p $(@D)
	$(call say,GEN,$@)printf 'seed=1 seconds=0 steps=600 kills=50\n' > $@
# A badge of i386 has room for 26 channels: the operator offers fourteen instead of thirty there, and so many domains are spawned.
ifeq ($(ARCH),i386)
DESCRIPTION_soak := $(T)/systems/soak/soak.system
$(DESCRIPTION_soak): systems/soak/soak.system systems/soak/system.mk
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed -e '/<graft_offer .* id="\(2[6-9]\|[34].\)"/d' -e 's/<graft_spawn domains="30"/<graft_spawn domains="14"/' $< > $@
endif
# guest1 to guest3 have the ids 1 to 3.
SOAK_PROGRAMS := $(foreach p,guest1 guest2 guest3 hostile,$(T)/systems/soak/$(p).elf)
$(T)/systems/soak/programs.archive: $(B)/host/graft $(SOAK_PROGRAMS)
	$(call say,PACK,$@)$(B)/host/graft pack -o $@ $(SOAK_PROGRAMS)
EXTRA_soak := $(T)/systems/soak/orders $(T)/systems/soak/programs.archive
