# SPDX-License-Identifier: BSD-2-Clause
# The host tool, build/host/graft.
HOST_CFLAGS := $(BASE_CFLAGS) -O2 -D_POSIX_C_SOURCE=200809L
$(eval $(call tree,$(B)/host,$(HOST_CFLAGS)))

TOOL_SOURCES := $(sort $(wildcard tools/graft/*.c))
TOOL_LIBS := -lexpat -lsodium

.PHONY: host
host: $(B)/host/graft
$(B)/host/graft: $(call objects,$(B)/host,$(TOOL_SOURCES) $(LIB_HOSTED))
	$(call say,LINK,$@)$(CC) -o $@ $^ $(TOOL_LIBS)
