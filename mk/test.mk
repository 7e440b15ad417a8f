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

# Beside systems/damaged: the library's verdicts on the same files, and archives of any files.
$(B)/check/verdicts $(B)/check/pack-raw: $(B)/check/%: $(B)/check/test/tool/%.c.o \
		$(call objects,$(B)/check,$(addprefix tools/graft/,complain.c file.c sections.c startup.c) $(LIB_HOSTED))
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $^

# Whatever ARCH is: the scripts themselves go through the machines.
MAKE_FOR_CHECK := $(MAKE) ARCH=x86_64
.PHONY: check units
units: $(UNIT_TESTS) $(addprefix $(B)/check/,graft mutate verdicts pack-raw)
check:
	@mk/need check
	@MAKE='$(MAKE_FOR_CHECK)' test/check

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
# What a target needs beside lib/.
FUZZ_CORE := $(sort $(wildcard kernel/core/*.c user/space/*.c user/microkit/*.c test/support/*.c))
FUZZ_SOURCES_kernel := $(sort $(wildcard kernel/core/*.c)) $(addprefix test/support/,fakeport.c kernelcheck.c)
FUZZ_SOURCES_controller := $(FUZZ_CORE)
FUZZ_SOURCES_store := $(sort $(wildcard user/microkit/*.c))
FUZZ_SOURCES_description := $(filter-out tools/graft/main.c tools/graft/complain.c,$(TOOL_SOURCES))
FUZZ_LIBS := -lcmocka $(TOOL_LIBS)
define fuzz_target
$(B)/check/fuzz/$(1): $(B)/check/test/fuzz/fuzz_$(1).c.o $(B)/check/test/fuzz/driver.c.o \
		$(if $(filter description,$(1)),$(call objects,$(B)/check,$(FUZZ_SOURCES_description))) $(B)/check/liball.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$(CC) $(CHECK_INSTRUMENTS) -o $$@ $$^ $(FUZZ_LIBS)
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_target,$(t))))
$(B)/check/generate: $(call objects,$(B)/check,test/fuzz/generate.c)
	$(call say,LINK,$@)$(CC) $(CHECK_INSTRUMENTS) -o $@ $^

units: $(foreach f,$(FUZZ_TARGETS),$(B)/check/fuzz/$(f)) $(B)/check/generate

SECONDS ?= 60
FUZZ_CFLAGS := $(filter-out -MMD -MP,$(BASE_CFLAGS)) -Itest/support/sel4_host -Iuser/microkit/include -O1 -D_POSIX_C_SOURCE=200809L \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -fsanitize-coverage-ignorelist=test/fuzz/not-counted
#: make fuzz     TARGETS="elf kernel ..." for some of the targets only
TARGETS ?= $(FUZZ_TARGETS)
.PHONY: fuzz
fuzz: systems $(B)/check/generate $(addprefix fuzz-,$(TARGETS))
define fuzz_run
.PHONY: fuzz-$(1)
fuzz-$(1): systems $(B)/check/generate
	@mk/need fuzz
	@mkdir -p $(B)/fuzz/$(1).corpus
	$$(call say,FUZZ,$(1))clang $(FUZZ_CFLAGS) -o $(B)/fuzz/$(1) test/fuzz/fuzz_$(1).c $(FUZZ_SOURCES_$(1)) $(LIB_HOSTED) $(FUZZ_LIBS)
	@B=$(B) test/fuzz/seeds $(1) $(T) $(B)/fuzz/$(1).corpus
	@$(B)/fuzz/$(1) -max_total_time=$(SECONDS) -max_len=65536 -print_final_stats=1 -artifact_prefix=$(B)/fuzz/$(1)- $(B)/fuzz/$(1).corpus
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_run,$(t))))

#: make sabotage breaks one thing at a time in a copy of the tree and wants the tests to fail
.PHONY: sabotage
sabotage:
	@test/sabotage/run $(NAMES)
