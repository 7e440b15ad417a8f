# SPDX-License-Identifier: BSD-2-Clause
# Tests. Host tests run under AddressSanitizer and UBSan; boot tests run under QEMU. test/check runs them all and counts.
CHECK_CFLAGS := $(BASE_CFLAGS) -Itest/support/sel4_host -O1 -D_POSIX_C_SOURCE=200809L -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(eval $(call tree,$(B)/check,$(CHECK_CFLAGS)))

$(B)/check/liball.a: $(call objects,$(B)/check,$(LIB_HOSTED) $(sort $(wildcard kernel/core/*.c user/space/*.c test/support/*.c)))
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^

UNIT_TESTS := $(patsubst test/unit/%.c,$(B)/check/unit/%,$(sort $(wildcard test/unit/test_*.c)))
$(B)/check/unit/%: $(B)/check/test/unit/%.c.o $(B)/check/liball.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -fsanitize=address,undefined -o $@ $< $(B)/check/liball.a -lcmocka

$(B)/check/graft: $(call objects,$(B)/check,$(TOOL_SOURCES) $(LIB_HOSTED))
	$(call say,LINK,$@)$(CC) -fsanitize=address,undefined -o $@ $^ $(TOOL_LIBS)

.PHONY: check units
units: $(UNIT_TESTS) $(B)/check/graft
check:
	@mk/need check
	@test/check
