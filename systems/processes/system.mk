# SPDX-License-Identifier: BSD-2-Clause
# Processes are linked with the C runtime, not with Microkit's.
$(T)/systems/processes/%.elf: $(T)/user/systems/processes/%.c.o $(T)/libcrt.a $(T)/libgraft.a $(PROGRAM_LD)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(PROGRAM_LD) -o $@ $(filter %.o,$^) \
		-Wl,-u,_start $(T)/libcrt.a $(T)/libgraft.a
# What is typed when nobody is there.
INPUT_processes := systems/processes/script
