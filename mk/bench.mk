# SPDX-License-Identifier: BSD-2-Clause
# Figures, in guest instructions: QEMU's -icount shift=0 makes one tick of the time-stamp counter one instruction. With SEL4_KERNEL
# the same files are counted on that kernel too. Judges nothing.
BENCH_OBJECTS := $(call objects,$(T)/user,bench/calls.c bench/start.S lib/base/memory.c)
$(T)/bench/calls.elf: $(BENCH_OBJECTS) bench/bench.ld
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,bench/bench.ld -o $@ $(BENCH_OBJECTS)

# bench/life: a system of its own, whose programs are of 16, 256 and 4,096 pages.
FILLERS := $(patsubst %,$(T)/bench/life/filler%.elf,16 256 4096)
$(T)/bench/life/%.elf: $(T)/user/bench/life/%.c.o $(T)/libmicrokit.a $(T)/libgraft.a $(PROGRAM_LD)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(PROGRAM_LD) -o $@ $< \
		-Wl,--whole-archive $(T)/libmicrokit.a -Wl,--no-whole-archive $(T)/libgraft.a
$(T)/bench/life/fillers.archive: $(B)/host/graft $(FILLERS)
	$(call say,PACK,$@)$(B)/host/graft pack -o $@ $(FILLERS)
$(T)/bench/life/image.elf: bench/life/life.system $(B)/host/graft $(T)/monitor.elf $(foreach d,$(DOMAINS),$(T)/$(d).elf) \
		$(T)/bench/life/operator.elf $(T)/bench/life/fillers.archive
	$(call say,BUILD,$@)$(B)/host/graft build --monitor $(T)/monitor.elf --abi $(ABI) -I $(T)/bench/life -I $(T) -o $@ $< >/dev/null

.PHONY: bench
bench: $(T)/bench/calls.elf $(T)/bench/life/image.elf $(T)/kernel.elf
	@mk/need run
	@QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' SEL4_KERNEL='$(SEL4_KERNEL)' bench/run $(T)
