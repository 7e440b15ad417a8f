# SPDX-License-Identifier: BSD-2-Clause
PROBATION_PROGRAMS := $(patsubst %,$(T)/systems/probation/%.elf,steady trial)
$(T)/systems/probation/programs.archive: $(B)/host/graft $(PROBATION_PROGRAMS)
	$(call say,PACK,$@)$(B)/host/graft pack -o $@ $(PROBATION_PROGRAMS)
EXTRA_probation := $(T)/systems/probation/programs.archive
