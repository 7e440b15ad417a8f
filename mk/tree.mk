# SPDX-License-Identifier: BSD-2-Clause
# Object trees. $(call tree,DIR,CFLAGS) makes rules that compile any source file of the
# repository to DIR/<source>.o with these flags; changed flags rebuild the tree.
define tree
$(1)/.flags: FORCE
	@mkdir -p $$(@D); printf '%s\n' '$(CC) $(2)' | cmp -s - $$@ || printf '%s\n' '$(CC) $(2)' > $$@
$(1)/%.c.o: %.c $(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$(CC) $(2) -c -o $$@ $$<
$(1)/%.S.o: %.S $(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,AS,$$@)$(CC) $(2) -c -o $$@ $$<
endef
.PHONY: FORCE
FORCE:

# $(call objects,DIR,SOURCES) names the objects of sources in a tree.
objects = $(patsubst %,$(1)/%.o,$(2))

LIB_SOURCES := $(sort $(wildcard lib/*/*.c))
# lib/base/memory.c replaces the C library's memory functions where there is none.
LIB_FREESTANDING := $(LIB_SOURCES)
LIB_HOSTED := $(filter-out lib/base/memory.c,$(LIB_SOURCES))
