# SPDX-License-Identifier: BSD-2-Clause
# Tests. Host tests run under AddressSanitizer and UBSan; boot tests run under QEMU. test/check runs them all and counts.
# COVERAGE=1 (make coverage): counters in the place of sanitizers, whose own branches would be counted too.
COVERAGE ?= 0
CHECK_INSTRUMENTS := $(if $(filter 1,$(COVERAGE)),-O0 --coverage,-O1 -fsanitize=address,undefined -fno-sanitize-recover=all)
CHECK_CFLAGS := $(BASE_CFLAGS) -Itest/support/sel4_host -Iuser/microkit/include -idirafter user/crt/include -D_POSIX_C_SOURCE=200809L $(CHECK_INSTRUMENTS) -fno-omit-frame-pointer
$(eval $(call tree,$(B)/check,$(CHECK_CFLAGS)))

$(B)/check/liball.a: $(call objects,$(B)/check,$(LIB_HOSTED) $(sort $(wildcard kernel/core/*.c user/space/*.c user/microkit/*.c test/support/*.c) $(filter-out user/monitor/monitor.c,$(wildcard user/monitor/*.c))))
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^

UNIT_TESTS := $(patsubst test/unit/%.c,$(B)/check/unit/%,$(sort $(wildcard test/unit/test_*.c)))
$(B)/check/unit/%: $(B)/check/test/unit/%.c.o $(B)/check/liball.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $< $(B)/check/liball.a -lcmocka -lsodium

# test_abi.c is compiled once for every set.
UNIT_TESTS := $(filter-out %/test_abi,$(UNIT_TESTS))
define abi_test
UNIT_TESTS += $(B)/check/unit/test_abi-$(1)
$(B)/check/unit/test_abi-$(1): test/unit/test_abi.c test/support/abi_numbers.def $(wildcard abi/include/sel4/*.h) $(B)/check/.flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$(CC) $(filter-out -MMD -MP,$(CHECK_CFLAGS)) -UABI_SET -DABI_SET=$(ABI_SET_$(1)) -o $$@ $$< -lcmocka
endef
$(foreach s,microkit-release microkit-debug plain,$(eval $(call abi_test,$(s))))

# All of test/reject is one program.
UNIT_TESTS += $(B)/check/unit/test_reject
$(B)/check/unit/test_reject: $(call objects,$(B)/check,$(sort $(wildcard test/reject/*.c))) $(B)/check/liball.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $^ -lcmocka -lsodium

$(B)/check/graft: $(call objects,$(B)/check,$(TOOL_SOURCES) $(LIB_HOSTED))
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $^ $(TOOL_LIBS)

# Root tasks of boot tests bring their own rules.
include $(wildcard test/boot/*/*.mk)

$(B)/check/mutate: $(call objects,$(B)/check,test/tool/mutate.c test/support/random.c)
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $^

.PHONY: check units
units: $(UNIT_TESTS) $(B)/check/graft $(B)/check/mutate
check:
	@mk/need check
	@test/check

#: make coverage says which lines and branches of lib/ no unit or reject test reaches (FILES=<paths> for others)
FILES ?= lib
.PHONY: coverage
coverage:
	@mk/need check
	@$(MAKE) --no-print-directory B=$(B)/coverage COVERAGE=1 units
	@B=$(B)/coverage test/coverage $(FILES)

# Fuzzing: the same targets run for a fixed number of inputs in `make check` (test/fuzz/driver.c) and under libFuzzer for as
# long as asked by `make fuzz SECONDS=n`.
FUZZ_TARGETS := $(patsubst test/fuzz/fuzz_%.c,%,$(sort $(wildcard test/fuzz/fuzz_*.c)))
$(B)/check/fuzz/%: $(B)/check/test/fuzz/fuzz_%.c.o $(B)/check/test/fuzz/driver.c.o $(B)/check/liball.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $^

units: $(foreach f,$(FUZZ_TARGETS),$(B)/check/fuzz/$(f))

SECONDS ?= 60
FUZZ_CFLAGS := $(filter-out -MMD -MP,$(BASE_CFLAGS)) -O1 -D_POSIX_C_SOURCE=200809L -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
.PHONY: fuzz
fuzz: systems
	@mk/need fuzz
	@mkdir -p $(B)/fuzz
	@for target in $(FUZZ_TARGETS); do \
		clang $(FUZZ_CFLAGS) -o $(B)/fuzz/$$target test/fuzz/fuzz_$$target.c $(LIB_HOSTED) || exit 1; \
		mkdir -p $(B)/fuzz/$$target.corpus; test/fuzz/seeds $$target $(T) $(B)/fuzz/$$target.corpus; \
		$(B)/fuzz/$$target -max_total_time=$(SECONDS) -max_len=65536 -print_final_stats=1 \
			-artifact_prefix=$(B)/fuzz/$$target- $(B)/fuzz/$$target.corpus || exit 1; \
	done

#: make sabotage breaks one thing at a time in a copy of the tree and wants the tests to fail
.PHONY: sabotage
sabotage:
	@test/sabotage/run $(NAMES)
