# SPDX-License-Identifier: BSD-2-Clause
# systems/<name>/: every .c file is a program; <name>.system is the description; system.mk, if there, makes what else the image
# is built from, and names it in EXTRA_<name>. OPTIONS_<name>: further options of graft build. KERNEL_OPTIONS_<name>: words for the
# bundled kernel's command line.
# DESCRIPTION_<name>: a description made from <name>.system.
# signed and versions need a library that Debian has for 64 bits only.
NOT_ON_i386  := signed versions
SYSTEM_NAMES := $(filter-out $(NOT_ON_$(ARCH)),$(patsubst systems/%/,%,$(wildcard systems/*/)))
$(T)/systems/%.elf: $(T)/user/systems/%.c.o $(T)/libmicrokit.a $(T)/libgraft.a $(PROGRAM_LD)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(PROGRAM_LD) -o $@ $< \
		-Wl,--whole-archive $(T)/libmicrokit.a -Wl,--no-whole-archive $(T)/libgraft.a

define system
-include systems/$(1)/system.mk
$(T)/systems/$(1)/image.elf: $$(or $$(DESCRIPTION_$(1)),systems/$(1)/$(1).system) $(B)/host/graft $(T)/monitor.elf $(foreach d,$(DOMAINS),$(T)/$(d).elf) \
		$(patsubst systems/$(1)/%.c,$(T)/systems/$(1)/%.elf,$(sort $(wildcard systems/$(1)/*.c))) $$(EXTRA_$(1))
	$$(call say,BUILD,$$@)$(B)/host/graft build --monitor $(T)/monitor.elf --abi $(ABI) \
		-I $(T)/systems/$(1) -I $(T) -I systems/$(1) $$(OPTIONS_$(1)) -o $$@ $$< > $(T)/systems/$(1)/build.log
endef
$(foreach s,$(SYSTEM_NAMES),$(eval $(call system,$(s))))

.PHONY: systems
systems: $(foreach s,$(SYSTEM_NAMES),$(T)/systems/$(s)/image.elf)
.SECONDARY:
