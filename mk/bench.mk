# SPDX-License-Identifier: BSD-2-Clause
# Figures, in guest instructions: QEMU's -icount shift=0 makes one tick of the time-stamp counter one instruction. With SEL4_KERNEL
# the same file is counted on that kernel too. Judges nothing.
BENCH_OBJECTS := $(call objects,$(T)/user,bench/calls.c bench/start.S lib/base/memory.c)
$(T)/bench/calls.elf: $(BENCH_OBJECTS) bench/bench.ld
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,bench/bench.ld -o $@ $(BENCH_OBJECTS)

.PHONY: bench
bench: $(T)/bench/calls.elf $(T)/kernel.elf
	@mk/need run
	@QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' SEL4_KERNEL='$(SEL4_KERNEL)' bench/run $(T)
