# SPDX-License-Identifier: BSD-2-Clause
# examples/: Graft's library in other people's programs.
$(B)/host/examples/loader: $(call objects,$(B)/host,examples/linux-loader/loader.c $(LIB_HOSTED))
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -o $@ $^
$(B)/host/examples/hello: examples/linux-loader/hello.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -std=c11 $(WARN) -O2 -ffreestanding -fno-builtin $(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns) -fno-pic -fno-stack-protector \
		-nostdlib -static -Wl,-z,noexecstack -o $@ $<

#: make examples builds examples/
.PHONY: examples
examples: $(B)/host/examples/loader $(B)/host/examples/hello
all: examples

# The capability loader in a plain root task: two programs from one source, packed, and a root task that carries the archive.
ifeq ($(ARCH),x86_64)
ROOT_TASK := $(T)/examples/root-task
$(ROOT_TASK)/red.o: EXAMPLE_LETTER := 'r'
$(ROOT_TASK)/blue.o: EXAMPLE_LETTER := 'b'
$(ROOT_TASK)/red.o $(ROOT_TASK)/blue.o: examples/root-task/program.c $(T)/user/.flags
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(USER_CFLAGS) -DLETTER="$(EXAMPLE_LETTER)" -c -o $@ $<
# Linked as the linker likes it: no script of ours.
$(ROOT_TASK)/%.elf: $(ROOT_TASK)/%.o $(T)/user/examples/root-task/program.S.o
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -o $@ $^
$(ROOT_TASK)/programs.graft: $(ROOT_TASK)/red.elf $(ROOT_TASK)/blue.elf $(B)/host/graft
	$(call say,PACK,$@)$(B)/host/graft pack -o $@ $(ROOT_TASK)/red.elf $(ROOT_TASK)/blue.elf
$(ROOT_TASK)/root.S.o: examples/root-task/root.S $(ROOT_TASK)/programs.graft
	$(call say,AS,$@)$(CC) $(ARCH_USER_CFLAGS) -DARCHIVE='"$(ROOT_TASK)/programs.graft"' -c -o $@ $<
$(ROOT_TASK)/root.elf: $(ROOT_TASK)/root.S.o $(call objects,$(T)/user,examples/root-task/root.c examples/root-task/report.c) \
		$(T)/libspace.a $(T)/libgraft.a examples/root-task/root.ld
	$(call say,LINK,$@)$(CC) $(ARCH_USER_CFLAGS) $(USER_LDFLAGS) -Wl,-T,examples/root-task/root.ld -o $@ $(filter %.o %.a,$^)
examples: $(ROOT_TASK)/root.elf
endif
