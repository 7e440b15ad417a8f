# SPDX-License-Identifier: BSD-2-Clause
# examples/: Graft's library in other people's programs.
$(B)/host/examples/loader: $(call objects,$(B)/host,examples/linux-loader/loader.c $(LIB_HOSTED))
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -o $@ $^
$(B)/host/examples/hello: examples/linux-loader/hello.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -std=c11 $(WARN) -O2 -ffreestanding -fno-builtin $(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns) -fno-pic -fno-stack-protector \
		-nostdlib -static -no-pie -Wl,-z,noexecstack -o $@ $<

#: make examples builds examples/
.PHONY: examples
examples: $(B)/host/examples/loader $(B)/host/examples/hello
all: examples
