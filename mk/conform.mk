# SPDX-License-Identifier: BSD-2-Clause
# The conformance root task, one per ABI set: build/<arch>-<abi>/conform.elf (test/boot/check-conform boots it).
CONFORM_SOURCES := $(sort $(wildcard test/boot/conform/*.c test/boot/conform/$(ARCH)/*.S)) lib/base/memory.c lib/base/divide.c
CONFORM_LD := test/boot/conform/conform.ld
$(T)/conform.elf: $(call objects,$(T)/user,$(CONFORM_SOURCES)) $(CONFORM_LD)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(CONFORM_LD) -o $@ $(filter %.o,$^)

# The same without the comparison: programs that do anything.
HOSTILE_SOURCES := test/boot/hostile/hostile.c $(addprefix test/boot/conform/,support.c $(ARCH)/start.S) lib/base/memory.c lib/base/divide.c
$(T)/hostile.elf: $(call objects,$(T)/user,$(HOSTILE_SOURCES)) $(CONFORM_LD)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(CONFORM_LD) -o $@ $(filter %.o,$^)

.PHONY: conform
conform: $(T)/conform.elf $(T)/hostile.elf $(T)/kernel.elf
