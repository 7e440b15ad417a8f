# SPDX-License-Identifier: BSD-2-Clause
# The capability loader in a plain root task: a program, and a root task that carries it.
SPACE_TEST := $(T)/test/space
$(SPACE_TEST)/child.elf: $(call objects,$(T)/user,test/boot/space/child.c test/boot/space/child.S) test/boot/space/child.ld
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,test/boot/space/child.ld -o $@ $(filter %.o,$^)
$(SPACE_TEST)/root.S.o: test/boot/space/root.S $(SPACE_TEST)/child.elf
	$(call say,AS,$@)$(CC) $(ARCH_USER_CFLAGS) -DCHILD_ELF='"$(SPACE_TEST)/child.elf"' -c -o $@ $<
$(SPACE_TEST)/root.elf: $(SPACE_TEST)/root.S.o $(call objects,$(T)/user,test/boot/space/root.c) $(T)/libspace.a $(T)/libgraft.a \
		test/boot/space/root.ld
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,test/boot/space/root.ld -o $@ $(filter %.o %.a,$^)
$(if $(filter x86_64,$(ARCH)),user: $(SPACE_TEST)/root.elf)
