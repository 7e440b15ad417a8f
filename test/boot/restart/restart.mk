# SPDX-License-Identifier: BSD-2-Clause
# systems/processes with a parent of the process server that kills it when it is told to (test/boot/check-processes).
RESTART_TEST := $(T)/test/restart
$(RESTART_TEST)/keeper.elf: $(call objects,$(T)/user,test/boot/restart/keeper.c) $(T)/libmicrokit.a $(T)/libgraft.a $(PROGRAM_LD)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,$(PROGRAM_LD) -o $@ $(filter %.o,$^) \
		-Wl,--whole-archive $(T)/libmicrokit.a -Wl,--no-whole-archive $(T)/libgraft.a
$(RESTART_TEST)/restart.system: systems/processes/processes.system test/boot/restart/parent
	@mkdir -p $(@D)
	$(call say,GEN,$@)test/boot/restart/parent $< > $@
$(RESTART_TEST)/image.elf: $(RESTART_TEST)/restart.system $(RESTART_TEST)/keeper.elf $(T)/systems/processes/image.elf
	$(call say,BUILD,$@)$(B)/host/graft build --monitor $(T)/monitor.elf --abi $(ABI) -I $(RESTART_TEST) -I $(T)/systems/processes -I $(T) \
		-o $@ $< > $(RESTART_TEST)/build.log
systems: $(RESTART_TEST)/image.elf
