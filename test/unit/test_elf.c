/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/elf: what must be accepted, what the native form says, and verdicts on many damaged files against an independent
 * statement of the rules. What must be refused, rule by rule, is in test/reject. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/support/elf_random.h"
#include "test/support/elf_rules.h"
#include "test/support/elf_spec.h"

static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };

static enum status judge(const uint8_t *bytes, uint64_t size_bytes, uint16_t machine, struct elf *elf)
{
	struct elf_policy policy;
	struct where where = { .value = 0x5eed };
	elf_policy_strict(machine, &policy);
	enum status status = elf_read(bytes, size_bytes, elf, &where);
	if (status == STATUS_OK)
		status = elf_check(elf, &policy, &where);
	if (status == STATUS_OK)
		assert_int_equal(where.value, 0x5eed); /* filled only on refusal */
	else
		assert_true(where.offset <= size_bytes || where.offset < 64);
	return status;
}

static void expect_accepted(const struct elf_spec *spec)
{
	struct elf elf;
	uint8_t *bytes = elf_spec_build(spec);
	assert_string_equal(status_name(judge(bytes, spec->size_bytes, (uint16_t)spec->header[ELF_E_MACHINE], &elf)), "OK");
	free(bytes);
}

static void test_native_form(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct elf_spec spec;
		struct elf elf;
		elf_spec_default(&spec, machines[m]);
		uint8_t *bytes = elf_spec_build(&spec);
		assert_int_equal(judge(bytes, spec.size_bytes, machines[m], &elf), STATUS_OK);
		assert_ptr_equal(elf.bytes, bytes);
		assert_int_equal(elf.size_bytes, SPEC_SIZE);
		assert_int_equal(elf.class_bits, machines[m] == ELF_MACHINE_386 ? 32 : 64);
		assert_int_equal(elf.type, ELF_TYPE_EXEC);
		assert_int_equal(elf.machine, machines[m]);
		assert_int_equal(elf.entry, SPEC_ENTRY);
		assert_int_equal(elf.segment_count, SPEC_SEGMENT_COUNT);
		for (uint32_t i = 0; i < elf.segment_count; i++) {
			const struct elf_segment *got = &elf.segment[i];
			struct elf_segment wanted = spec.segment[i];
			wanted.header_offset = elf.phoff + i * elf.phentsize;
			assert_memory_equal(got, &wanted, sizeof wanted);
		}
		free(bytes);
	}
}

static void test_refusal_leaves_the_result_alone(void **state)
{
	struct elf_spec spec;
	struct elf elf, before;
	struct where where;
	(void)state;
	memset(&elf, 0x77, sizeof elf);
	before = elf;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.header[ELF_E_PHOFF] = SPEC_SIZE;
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_ELF_TABLE_OUTSIDE);
	assert_memory_equal(&elf, &before, sizeof elf);
	free(bytes);
}

/* Two loadable segments, headers in neither, no stack header: what Microkit's linker script makes. */
static void test_microkit_layout(void **state)
{
	struct elf_spec spec;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.segment[0] = spec.segment[SPEC_TEXT];
	spec.segment[1] = spec.segment[SPEC_DATA];
	spec.segment_count = 2;
	spec.header[ELF_E_PHNUM] = 2;
	expect_accepted(&spec);
}

static void add_load(struct elf_spec *spec, uint32_t flags, uint64_t vaddr, uint64_t offset, uint64_t file_bytes, uint64_t memory_bytes)
{
	const struct elf_segment load = { .type = ELF_LOAD, .flags = flags, .vaddr = vaddr, .offset = offset,
		.file_bytes = file_bytes, .memory_bytes = memory_bytes, .align = 0x1000 };
	elf_spec_add(spec, &load);
}

static void test_harmless_oddities(void **state)
{
	struct elf_spec spec;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.ident[7] = 3;                                                   /* GNU */
	add_load(&spec, ELF_R | ELF_W, SPEC_BASE + 0x5f00, 0x1f80, 0x10, 0); /* replaced below: bytes in the file need memory */
	spec.segment[SPEC_SEGMENT_COUNT].file_bytes = 0;                     /* S2: an empty segment may say anything */
	spec.segment[SPEC_SEGMENT_COUNT].align = 3;
	spec.segment[SPEC_SEGMENT_COUNT].flags = 0xffffffff;
	spec.segment[SPEC_SEGMENT_COUNT].vaddr = UINT64_MAX;
	add_load(&spec, ELF_R | ELF_W, SPEC_BASE + 0x5300, UINT64_MAX, 0, 8); /* same rights in one page; odd offset, no bytes */
	add_load(&spec, ELF_R, SPEC_BASE + 0x7000, 0, 0x400, 0x400);         /* read-only bytes of the file a second time */
	add_load(&spec, ELF_R, SPEC_BASE + 0x7400, SPEC_TEXT_OFFSET + 0x400, 4, 4);
	spec.segment[SPEC_RELRO].memory_bytes = 0x2400;                      /* rounded up to the page end, as lld does */
	spec.segment[SPEC_RELRO].memory_bytes = 0x3100;
	expect_accepted(&spec);
}

static void test_empty_tls_and_notes(void **state)
{
	struct elf_spec spec;
	const struct elf_segment tls = { .type = ELF_TLS, .align = 3 }, property = { .type = ELF_GNU_PROPERTY, .align = 8,
		.offset = SPEC_NOTE_OFFSET, .file_bytes = 24 };
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	elf_spec_add(&spec, &tls);
	elf_spec_add(&spec, &property); /* one note of 4 + 4 bytes, the description padded to 8 */
	expect_accepted(&spec);
}

static void test_lookups(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(judge(bytes, spec.size_bytes, ELF_MACHINE_X86_64, &elf), STATUS_OK);
	const struct elf_segment *data = &elf.segment[SPEC_DATA];
	assert_ptr_equal(elf_segment_around(&elf, SPEC_DATA_VADDR, SPEC_DATA_MEMORY), data);
	assert_null(elf_segment_around(&elf, SPEC_DATA_VADDR, SPEC_DATA_MEMORY + 1));
	assert_null(elf_segment_around(&elf, SPEC_DATA_VADDR - 1, 1));
	assert_null(elf_segment_around(&elf, SPEC_DATA_VADDR + 1, UINT64_MAX));
	assert_null(elf_segment_around(&elf, UINT64_MAX, 2));
	assert_ptr_equal(elf_segment_find(&elf, ELF_NOTE), &elf.segment[SPEC_NOTE]);
	assert_null(elf_segment_find(&elf, ELF_TLS));
	free(bytes);
}

static void test_policies(void **state)
{
	static const char *const names[] = { "i386", "x86_64", "aarch64", "riscv64" };
	struct elf_policy policy;
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		elf_policy_strict(machines[m], &policy);
		assert_int_equal(policy.machine, machines[m]);
		assert_int_equal(policy.class_bits, m == 0 ? 32 : 64);
		assert_int_equal(policy.floor, 0x10000);
		assert_false(policy.stack_header_required || policy.writable_and_executable_allowed || policy.page_sharing_refused
		             || policy.tls_refused);
		assert_int_equal(policy.relocation, ELF_RELOCATE_LOADER);
		assert_string_equal(elf_machine_name(machines[m]), names[m]);
	}
	elf_policy_strict(40, &policy);
	assert_int_equal(policy.class_bits, 0);
	assert_string_equal(elf_machine_name(40), "unknown machine");
}

/* Each permission turns exactly its refusal into acceptance. */
static void test_permissions(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	struct elf_policy policy;
	struct where where;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.segment[SPEC_TEXT].flags = 7;
	spec.segment[SPEC_NOTE].type = ELF_TLS;
	spec.header[ELF_E_TYPE] = ELF_TYPE_DYN;
	uint8_t *bytes = elf_spec_build(&spec);
	elf_policy_strict(ELF_MACHINE_X86_64, &policy);
	policy.relocation = ELF_RELOCATE_REFUSED;
	policy.tls_refused = true;
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(elf_check(&elf, &policy, &where), STATUS_ELF_POSITION_INDEPENDENT);
	policy.relocation = ELF_RELOCATE_PROGRAM;
	assert_int_equal(elf_check(&elf, &policy, &where), STATUS_ELF_WRITABLE_AND_EXECUTABLE);
	policy.writable_and_executable_allowed = true;
	assert_int_equal(elf_check(&elf, &policy, &where), STATUS_ELF_TLS_UNSUPPORTED);
	policy.tls_refused = false;
	assert_int_equal(elf_check(&elf, &policy, &where), STATUS_OK);
	free(bytes);
}

/* Right programs are accepted, damaged ones get the verdict of the rules. */
static void test_against_the_rules(void **state)
{
	struct random random = random_start("against_the_rules", 0x6721);
	uint32_t accepted = 0, refused = 0;
	(void)state;
	for (uint32_t round = 0; round < 60000; round++) {
		struct elf_spec spec;
		struct elf_policy policy;
		struct elf elf;
		uint16_t machine = elf_random_machine(&random);
		if (random_below(&random, 2))
			elf_spec_default(&spec, machine);
		else
			elf_random_program(&random, machine, &spec);
		bool damage = random_below(&random, 8) != 0;
		if (damage)
			elf_random_damage(&random, &spec);
		uint8_t *bytes = elf_spec_build(&spec);
		elf_policy_strict(machine, &policy);
		enum status status = judge(bytes, spec.size_bytes, machine, &elf);
		if ((status == STATUS_OK) != elf_rules_accept(bytes, spec.size_bytes, &policy) || (!damage && status != STATUS_OK))
			fail_msg("round %u: lib/elf says %s, the rules say otherwise", round, status_name(status));
		accepted += status == STATUS_OK;
		refused += status != STATUS_OK;
		free(bytes);
	}
	printf("against_the_rules: %u accepted, %u refused\n", accepted, refused);
	assert_true(accepted > 10000 && refused > 10000); /* the generator must keep to both sides */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_form),
		cmocka_unit_test(test_refusal_leaves_the_result_alone),
		cmocka_unit_test(test_microkit_layout),
		cmocka_unit_test(test_harmless_oddities),
		cmocka_unit_test(test_empty_tls_and_notes),
		cmocka_unit_test(test_lookups),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_against_the_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
