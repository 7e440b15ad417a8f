# SPDX-License-Identifier: BSD-2-Clause
# Position-independent programs without a C library, linked as the linker does by default: the loader relocates them. mover stands between
# two copies of litter in the archive.
RELOCATE_CFLAGS := $(filter-out -fno-pic,$(USER_CFLAGS)) -fPIE -ftls-model=local-exec
$(eval $(call tree,$(T)/pie,$(RELOCATE_CFLAGS)))
$(T)/systems/relocate/programs/%.elf: $(T)/pie/systems/relocate/programs/%.c.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) -nostdlib -static-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,text -Wl,-z,relro \
		-Wl,-z,now -Wl,-z,max-page-size=0x1000 -Wl,--no-dynamic-linker -o $@ $<
EXTRA_relocate := $(patsubst %,$(T)/systems/relocate/programs/%.elf,mover litter)
