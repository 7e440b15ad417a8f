# SPDX-License-Identifier: BSD-2-Clause
# Programs that run on the target: the monitor (root task), the system domains and everything under systems/.
# user/<name>/ with a main file <name>.c is a program; user/sel4, microkit and space are what programs are linked from.
USER_CFLAGS := $(BASE_CFLAGS) $(ARCH_USER_CFLAGS) -Iuser/microkit/include -Iuser/crt/include -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
$(eval $(call tree,$(T)/user,$(USER_CFLAGS)))

USER_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--gc-sections -Wl,-z,max-page-size=0x1000
PROGRAM_LD   := user/microkit/program.ld
MONITOR_LD   := user/monitor/monitor.ld
MONITOR_SOURCES := $(filter-out $(ARCH_LEAVES_OUT),$(sort $(wildcard user/monitor/*.c user/monitor/$(ARCH)/*.S)))

$(T)/libgraft.a: $(call objects,$(T)/user,$(LIB_FREESTANDING))
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^
$(T)/libmicrokit.a: $(call objects,$(T)/user,$(sort $(wildcard user/microkit/*.c user/microkit/$(ARCH)/*.S)))
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^
$(T)/libspace.a: $(call objects,$(T)/user,$(sort $(wildcard user/space/*.c)))
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^

# What processes are linked with; formatted text is one for all.
$(T)/libcrt.a: $(call objects,$(T)/user,$(sort $(wildcard user/crt/*.c user/crt/$(ARCH)/*.S)) user/microkit/format.c)
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^

# Signatures: Debian's libsodium.a, if there is one for the machine; a controller needs it (user/signature).
SODIUM := $(filter /%,$(shell $(CC) $(ARCH_USER_CFLAGS) -print-file-name=libsodium.a))
$(T)/libsignature.a: $(call objects,$(T)/user,user/signature/$(if $(SODIUM),sodium,none).c)
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^
LIBS_controller := $(T)/libsignature.a $(SODIUM)

# Domains: everything under user/<name>/*.c, for each of these names.
DOMAINS := $(filter-out sel4 microkit crt space monitor signature,$(patsubst user/%/,%,$(wildcard user/*/)))
# The process server is a controller with a personality.
SOURCES_process := $(sort $(wildcard user/controller/*.c))
LIBS_process := $(LIBS_controller)
define domain
$(T)/$(1).elf: $(call objects,$(T)/user,$(sort $(wildcard user/$(1)/*.c)) $(SOURCES_$(1))) $(T)/libmicrokit.a $(T)/libspace.a $(T)/libgraft.a \
		$$(LIBS_$(1)) $(PROGRAM_LD)
	$$(call say,LINK,$$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(PROGRAM_LD) -o $$@ \
		$$(filter %.o,$$^) -Wl,--whole-archive $(T)/libmicrokit.a -Wl,--no-whole-archive $(T)/libspace.a $$(LIBS_$(1)) $(T)/libgraft.a
endef
$(foreach d,$(DOMAINS),$(eval $(call domain,$(d))))

$(T)/monitor.elf: $(call objects,$(T)/user,$(MONITOR_SOURCES)) $(T)/libspace.a $(T)/libgraft.a $(MONITOR_LD)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(MONITOR_LD) -o $@ $(filter %.o,$^) $(T)/libspace.a $(T)/libgraft.a

.PHONY: user
user: $(T)/monitor.elf $(foreach d,$(DOMAINS),$(T)/$(d).elf)
