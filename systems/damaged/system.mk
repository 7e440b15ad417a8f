# SPDX-License-Identifier: BSD-2-Clause
# Programs that have something of everything a loader looks at: the guest is at fixed addresses and has patchable symbols; systems/relocate's
# mover is position-independent and has relocations, thread-local storage, RELRO; and once more with packed relocations and a note.
DAMAGED_PROGRAMS := $(T)/systems/damaged/guest.elf $(T)/systems/relocate/programs/mover.elf $(T)/systems/damaged/programs/packed.elf
$(T)/systems/damaged/programs/packed.elf: $(T)/pie/systems/relocate/programs/mover.c.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) -nostdlib -static-pie -Wl,--build-id=sha1 -Wl,-z,noexecstack -Wl,-z,text -Wl,-z,relro \
		-Wl,-z,now -Wl,-z,max-page-size=0x1000 -Wl,-z,pack-relative-relocs -Wl,--no-dynamic-linker -o $@ $<
$(T)/systems/damaged/programs.archive: $(B)/host/graft $(DAMAGED_PROGRAMS)
	$(call say,PACK,$@)$(B)/host/graft pack -o $@ $(DAMAGED_PROGRAMS)
# What the operator is to do: here a short run; `make damaged` writes others.
$(T)/systems/damaged/orders:
	@mkdir -p $(@D)
	$(call say,GEN,$@)printf 'seed=1 first=0 count=200 each=0\n' > $@
EXTRA_damaged := $(T)/systems/damaged/programs.archive $(T)/systems/damaged/orders
