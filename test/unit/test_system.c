/* SPDX-License-Identifier: BSD-2-Clause */
/* system_open: one sound system table, then one change at a time. Every rule T1..T5 of lib/system/system.h has a change that
 * breaks it and nothing else; the status, the record and the value reported are compared. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/system/system.h"

/* Everything at a fixed place, so that changes can name it. */
struct blob {
	struct system_header header;
	struct system_domain domain[3];
	struct system_region region[4];
	struct system_map map[3];
	struct system_end end[2];
	struct system_patch patch[2];
	struct system_port port[2];
	struct system_irq irq[2];
	struct system_cap cap[2];
	struct system_controller controller[1];
	struct system_offer offer[2];
	char strings[64];
};
#define ARCHIVE_AT 4096u
#define PREFILL_AT 8192u
#define BLOB_BYTES 12288u
_Static_assert(sizeof(struct blob) <= ARCHIVE_AT, "the records fit a page");

#define ARRAY(field) { offsetof(struct blob, field), sizeof((struct blob *)0)->field / sizeof((struct blob *)0)->field[0] }

static void name(char to[SYSTEM_NAME_BYTES], const char *from)
{
	strcpy(to, from);
}

static void make_domains(struct blob *blob)
{
	static const char strings[] = "parent\0one\0two\0value...";
	memcpy(blob->strings, strings, sizeof strings);
	for (uint32_t i = 0; i < 3; i++)
		blob->domain[i] = (struct system_domain){ .priority = 10 + i, .budget_us = 1000, .period_us = 1000,
			.stack_pages = 2,
			.parent = SYSTEM_NONE };
	name(blob->domain[0].name, "parent");
	name(blob->domain[0].program, "parent");
	blob->domain[0].flags = SYSTEM_ENDPOINT;
	blob->domain[0].argc = 3;
	blob->domain[0].arguments_bytes = 15;
	name(blob->domain[1].name, "child");
	blob->domain[1].flags = SYSTEM_MANAGED;
	blob->domain[1].parent = 0;
	blob->domain[1].child_id = 31;
	name(blob->domain[2].name, "other");
	name(blob->domain[2].program, "other");
}

static void make_regions(struct blob *blob)
{
	blob->region[0] = (struct system_region){ .size_bytes = 4096, .page_bits = 12, .prefill_offset = PREFILL_AT,
		.prefill_bytes = 100, .flags = SYSTEM_REGION_PREFILLED | SYSTEM_REGION_IN_PLACE };
	blob->region[1] = (struct system_region){ .size_bytes = 4u << 20, .page_bits = 21 };
	blob->region[2] = (struct system_region){ .size_bytes = 8192, .page_bits = 12, .physical = 0xfee00000,
		.flags = SYSTEM_REGION_PHYSICAL };
	blob->region[3] = (struct system_region){ .size_bytes = 8192, .page_bits = 12, .prefill_offset = PREFILL_AT,
		.prefill_bytes = 4096, .flags = SYSTEM_REGION_PREFILLED };
	for (uint32_t i = 0; i < 4; i++)
		name(blob->region[i].name, "region");
	blob->map[0] = (struct system_map){ .domain = 0, .region = 0, .vaddr = 0x10000, .rights = 4 };
	blob->map[1] = (struct system_map){ .domain = 1, .region = 1, .vaddr = 0x200000, .rights = 6, .uncached = 1 };
	blob->map[2] = (struct system_map){ .domain = 1, .region = 3, .vaddr = 0x7ffffffdd000, .rights = 7 };
}

static void make_rest(struct blob *blob)
{
	blob->end[0] = (struct system_end){ .domain = 0, .id = 0, .peer = 2, .peer_id = 61, .notify = 1 };
	blob->end[1] = (struct system_end){ .domain = 2, .id = 61, .peer = 0, .peer_id = 0, .notify = 1, .call = 1 };
	for (uint32_t i = 0; i < 2; i++) {
		blob->patch[i] = (struct system_patch){ .domain = i, .size_bytes = 8, .value = 15 };
		name(blob->patch[i].symbol, "variable");
		blob->port[i] = (struct system_port){ .domain = i, .id = 61, .first = 0x3f8, .last = 0x3ff };
		blob->irq[i] = (struct system_irq){ .domain = i, .id = 61, .kind = i, .vector = SYSTEM_VECTOR_MAX };
		blob->cap[i] = (struct system_cap){ .domain = i, .slot = 63, .kind = SYSTEM_CAP_VSPACE, .of = 2 };
	}
	blob->controller[0] = (struct system_controller){ .domain = 0, .archive = 0, .pool_bytes = 65536,
		.slots_bits = 10, .spawn_domains = SYSTEM_SPAWN_MAX, .budget_share = SYSTEM_SHARE_MAX };
	blob->offer[0] = (struct system_offer){ .domain = 0, .id = 61, .flags = 15 };
	blob->offer[1] = (struct system_offer){ .domain = 2, .id = 60, .flags = SYSTEM_OFFER_NOTIFY };
}

static struct blob *make(void)
{
	struct blob *blob = aligned_alloc(4096, BLOB_BYTES);
	assert_non_null(blob);
	memset(blob, 0, BLOB_BYTES);
	blob->header = (struct system_header){
		.magic = { 'G', 'R', 'A', 'F', 'T', 'S', 'Y', '1' }, .version = 1, .abi_set = 1, .size_bytes = BLOB_BYTES,
		.machine = ELF_MACHINE_X86_64,
		.boot_archive_offset = ARCHIVE_AT, .boot_archive_bytes = 4096, .domains = ARRAY(domain),
		.regions = ARRAY(region),
		.maps = ARRAY(map), .ends = ARRAY(end), .patches = ARRAY(patch), .ports = ARRAY(port), .irqs = ARRAY(irq),
		.caps = ARRAY(cap), .controllers = ARRAY(controller), .offers = ARRAY(offer), .strings = ARRAY(strings)
	};
	make_domains(blob);
	make_regions(blob);
	make_rest(blob);
	return blob;
}

/* ---- changes ---- */

struct change {
	const char *what;
	uint32_t offset, bytes; /* of the field in struct blob */
	uint64_t value;         /* its new value */
	enum status status;     /* STATUS_OK: a change that is allowed, on the edge of what is */
	uint32_t index;         /* of the record reported */
};

#define AT(field) #field, offsetof(struct blob, field), sizeof((struct blob *)0)->field
#define NO WHERE_NO_INDEX

static const struct change changes[] = {
	/* T1 */
	{ AT(header.magic[0]), 'g', STATUS_SYSTEM_MAGIC, NO },
	{ AT(header.magic[7]), '2', STATUS_SYSTEM_MAGIC, NO },
	{ AT(header.version), 0, STATUS_SYSTEM_VERSION, NO },
	{ AT(header.version), 2, STATUS_SYSTEM_VERSION, NO },
	{ AT(header.abi_set), 0, STATUS_SYSTEM_ABI_SET, NO },
	{ AT(header.abi_set), 3, STATUS_OK, NO },
	{ AT(header.abi_set), 4, STATUS_SYSTEM_ABI_SET, NO },
	{ AT(header.machine), 0, STATUS_SYSTEM_MACHINE, NO },
	{ AT(header.machine), ELF_MACHINE_AARCH64, STATUS_SYSTEM_MACHINE, NO },
	{ AT(header.size_bytes), 0, STATUS_SYSTEM_SIZE, NO },
	{ AT(header.size_bytes), BLOB_BYTES - 1, STATUS_SYSTEM_SIZE, NO },
	{ AT(header.size_bytes), BLOB_BYTES + 4096, STATUS_SYSTEM_SIZE, NO },
	{ AT(header.size_bytes), UINT64_MAX - 4095, STATUS_SYSTEM_SIZE, NO },
	{ AT(header.flags), 1, STATUS_OK, NO },
	{ AT(header.flags), 2, STATUS_SYSTEM_VALUE, NO },
	/* T2 */
	{ AT(header.domains.offset), 148, STATUS_SYSTEM_ARRAY_UNALIGNED, NO },
	{ AT(header.controllers.offset), 1, STATUS_SYSTEM_ARRAY_UNALIGNED, NO },
	{ AT(header.domains.count), UINT32_MAX, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.regions.count), 119, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.maps.offset), BLOB_BYTES - 48, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.ends.offset), 0xfffffff8, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.patches.count), 150, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.ports.count), 0x10000000, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.irqs.count), 0x08000000, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.caps.count), 0x10000001, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.controllers.count), 0x20000000, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.strings.count), BLOB_BYTES, STATUS_SYSTEM_ARRAY_OUTSIDE, NO },
	{ AT(header.domains.count), 0, STATUS_SYSTEM_DOMAIN_COUNT, NO },
	{ AT(header.domains.count), 64, STATUS_SYSTEM_DOMAIN_COUNT, NO },
	{ AT(header.boot_archive_offset), 4097, STATUS_SYSTEM_BOOT_ARCHIVE, NO },
	{ AT(header.boot_archive_offset), BLOB_BYTES, STATUS_SYSTEM_BOOT_ARCHIVE, NO },
	{ AT(header.boot_archive_bytes), BLOB_BYTES - ARCHIVE_AT, STATUS_OK, NO },
	{ AT(header.boot_archive_bytes), BLOB_BYTES - ARCHIVE_AT + 1, STATUS_SYSTEM_BOOT_ARCHIVE, NO },
	/* T3 to T5: domains */
	{ AT(domain[1].name[0]), 0, STATUS_SYSTEM_NAME, 1 },
	{ AT(domain[2].program[0]), 0, STATUS_SYSTEM_NAME, 2 },
	{ AT(domain[2].flags), 16, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[2].flags), SYSTEM_PASSIVE | SYSTEM_FPU_OFF, STATUS_OK, NO },
	{ AT(domain[2].flags), SYSTEM_MANAGED, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[2].priority), 254, STATUS_OK, NO },
	{ AT(domain[2].priority), 255, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[2].budget_us), 0, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[2].budget_us), 1001, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[2].stack_pages), 0, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[2].stack_pages), 4096, STATUS_OK, NO },
	{ AT(domain[2].stack_pages), 4097, STATUS_SYSTEM_VALUE, 2 },
	{ AT(domain[1].parent), 1, STATUS_SYSTEM_ORDER, 1 },
	{ AT(domain[1].parent), 2, STATUS_SYSTEM_ORDER, 1 },
	{ AT(domain[1].parent), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(domain[1].child_id), 62, STATUS_SYSTEM_VALUE, 1 },
	{ AT(domain[0].argc), 2, STATUS_SYSTEM_ARGUMENTS, 0 },
	{ AT(domain[0].argc), 4, STATUS_SYSTEM_ARGUMENTS, 0 },
	{ AT(domain[0].argc), 65, STATUS_SYSTEM_ARGUMENTS, 0 },
	{ AT(domain[0].arguments_bytes), 14, STATUS_SYSTEM_ARGUMENTS, 0 },
	{ AT(domain[0].arguments_bytes), 65, STATUS_SYSTEM_STRING, 0 },
	{ AT(domain[0].arguments), 50, STATUS_SYSTEM_STRING, 0 },
	{ AT(domain[0].arguments), UINT32_MAX, STATUS_SYSTEM_STRING, 0 },
	/* regions */
	{ AT(region[1].name[0]), 0, STATUS_SYSTEM_NAME, 1 },
	{ AT(region[1].flags), 8, STATUS_SYSTEM_VALUE, 1 },
	{ AT(region[1].flags), SYSTEM_REGION_IN_PLACE, STATUS_SYSTEM_VALUE, 1 },
	{ AT(region[0].flags), 7, STATUS_SYSTEM_VALUE, 0 },
	{ AT(region[1].page_bits), 13, STATUS_SYSTEM_VALUE, 1 },
	{ AT(region[1].page_bits), 255, STATUS_SYSTEM_VALUE, 1 },
	{ AT(region[1].size_bytes), 0, STATUS_SYSTEM_VALUE, 1 },
	{ AT(region[1].size_bytes), 0x201000, STATUS_SYSTEM_VALUE, 1 },
	{ AT(region[2].physical), 0xfee00800, STATUS_SYSTEM_VALUE, 2 },
	{ AT(region[2].physical), UINT64_MAX - 4095, STATUS_SYSTEM_VALUE, 2 },
	{ AT(region[3].prefill_offset), PREFILL_AT + 8, STATUS_SYSTEM_PREFILL, 3 },
	{ AT(region[3].prefill_offset), BLOB_BYTES, STATUS_SYSTEM_PREFILL, 3 },
	{ AT(region[3].prefill_offset), UINT64_MAX - 4095, STATUS_SYSTEM_PREFILL, 3 },
	{ AT(region[3].prefill_bytes), 0, STATUS_SYSTEM_PREFILL, 3 },
	{ AT(region[3].prefill_bytes), 4097, STATUS_SYSTEM_PREFILL, 3 },
	{ AT(region[3].prefill_bytes), 8193, STATUS_SYSTEM_PREFILL, 3 },
	{ AT(region[0].size_bytes), 8192, STATUS_SYSTEM_PREFILL, 0 },
	{ AT(region[1].flags), SYSTEM_REGION_PREFILLED, STATUS_SYSTEM_PREFILL, 1 },
	/* maps */
	{ AT(map[2].domain), 3, STATUS_SYSTEM_INDEX, 2 },
	{ AT(map[2].domain), 0, STATUS_SYSTEM_ORDER, 2 },
	{ AT(map[1].region), 4, STATUS_SYSTEM_INDEX, 1 },
	{ AT(map[0].vaddr), 0x10800, STATUS_SYSTEM_VALUE, 0 },
	{ AT(map[1].vaddr), 0x201000, STATUS_SYSTEM_VALUE, 1 },
	{ AT(map[2].vaddr), 0x7fffffffe000, STATUS_SYSTEM_VALUE, 2 },
	{ AT(map[2].vaddr), UINT64_MAX - 4095, STATUS_SYSTEM_VALUE, 2 },
	{ AT(map[1].rights), 8, STATUS_SYSTEM_VALUE, 1 },
	{ AT(map[1].rights), 3, STATUS_SYSTEM_VALUE, 1 },
	{ AT(map[0].rights), 6, STATUS_SYSTEM_VALUE, 0 },
	{ AT(map[0].rights), 5, STATUS_OK, NO },
	{ AT(map[1].uncached), 2, STATUS_SYSTEM_VALUE, 1 },
	/* channel ends */
	{ AT(end[1].domain), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(end[0].domain), 3, STATUS_SYSTEM_INDEX, 0 },
	{ AT(end[0].domain), 2, STATUS_OK, NO },
	{ AT(end[1].peer), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(end[1].id), 62, STATUS_SYSTEM_VALUE, 1 },
	{ AT(end[1].peer_id), 62, STATUS_SYSTEM_VALUE, 1 },
	{ AT(end[1].notify), 2, STATUS_SYSTEM_VALUE, 1 },
	{ AT(end[1].call), 2, STATUS_SYSTEM_VALUE, 1 },
	{ AT(end[0].call), 1, STATUS_SYSTEM_VALUE, 0 },
	/* patches */
	{ AT(patch[1].symbol[0]), 0, STATUS_SYSTEM_NAME, 1 },
	{ AT(patch[1].domain), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(patch[0].domain), 2, STATUS_SYSTEM_ORDER, 1 },
	{ AT(patch[1].size_bytes), 0, STATUS_SYSTEM_VALUE, 1 },
	{ AT(patch[1].size_bytes), 65, STATUS_SYSTEM_VALUE, 1 },
	{ AT(patch[1].value), 57, STATUS_SYSTEM_STRING, 1 },
	{ AT(patch[1].value), UINT32_MAX, STATUS_SYSTEM_STRING, 1 },
	/* ports, interrupts, capabilities */
	{ AT(port[1].domain), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(port[0].domain), 2, STATUS_SYSTEM_ORDER, 1 },
	{ AT(port[1].id), 62, STATUS_SYSTEM_VALUE, 1 },
	{ AT(port[1].last), 0x3f7, STATUS_SYSTEM_VALUE, 1 },
	{ AT(port[1].last), 0xffff, STATUS_OK, NO },
	{ AT(port[1].last), 0x10000, STATUS_SYSTEM_VALUE, 1 },
	{ AT(irq[1].domain), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(irq[0].domain), 2, STATUS_SYSTEM_ORDER, 1 },
	{ AT(irq[1].id), 62, STATUS_SYSTEM_VALUE, 1 },
	{ AT(irq[1].kind), 2, STATUS_SYSTEM_VALUE, 1 },
	{ AT(irq[1].vector), 108, STATUS_SYSTEM_VALUE, 1 },
	{ AT(cap[1].domain), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(cap[0].domain), 2, STATUS_SYSTEM_ORDER, 1 },
	{ AT(cap[1].of), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(cap[1].slot), 0, STATUS_SYSTEM_VALUE, 1 },
	{ AT(cap[1].slot), 64, STATUS_SYSTEM_VALUE, 1 },
	{ AT(cap[1].kind), 3, STATUS_SYSTEM_VALUE, 1 },
	/* controllers */
	{ AT(controller[0].domain), 3, STATUS_SYSTEM_INDEX, 0 },
	{ AT(controller[0].archive), SYSTEM_NONE, STATUS_OK, NO },
	{ AT(controller[0].archive), 4, STATUS_SYSTEM_INDEX, 0 },
	{ AT(controller[0].archive), 3, STATUS_OK, NO },
	{ AT(controller[0].archive), 1, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].pool_bytes), 0, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].pool_bytes), 65537, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].slots_bits), 9, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].slots_bits), 16, STATUS_OK, NO },
	{ AT(controller[0].slots_bits), 17, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].flags), SYSTEM_CONTROLLER_KEY, STATUS_OK, NO },
	{ AT(controller[0].flags), 0x80000000, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].spawn_domains), 1, STATUS_OK, NO },
	{ AT(controller[0].spawn_domains), SYSTEM_SPAWN_MAX + 1, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].spawn_domains), 0, STATUS_SYSTEM_VALUE, 0 }, /* a share for nobody */
	{ AT(controller[0].budget_share), 1, STATUS_OK, NO },
	{ AT(controller[0].budget_share), 0, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].budget_share), SYSTEM_SHARE_MAX * SYSTEM_SPAWN_MAX, STATUS_OK, NO }, /* a whole one for each */
	{ AT(controller[0].budget_share), SYSTEM_SHARE_MAX * SYSTEM_SPAWN_MAX + 1, STATUS_SYSTEM_VALUE, 0 },
	{ AT(controller[0].duplicates), SYSTEM_SPAWN_MAX, STATUS_OK, NO },
	{ AT(controller[0].duplicates), SYSTEM_SPAWN_MAX + 1, STATUS_SYSTEM_VALUE, 0 },
	{ AT(domain[1].duplicates), SYSTEM_SPAWN_MAX, STATUS_OK, NO },
	{ AT(domain[1].duplicates), SYSTEM_SPAWN_MAX + 1, STATUS_SYSTEM_VALUE, 1 },
	{ AT(domain[0].duplicates), 1, STATUS_SYSTEM_VALUE, 0 }, /* it is not managed */
	{ AT(domain[1].child_id), 32, STATUS_SYSTEM_VALUE, 0 }, /* kept for spawned ones */
	/* offers */
	{ AT(offer[1].domain), 3, STATUS_SYSTEM_INDEX, 1 },
	{ AT(offer[0].domain), 2, STATUS_SYSTEM_VALUE, 0 }, /* to be called, without an endpoint */
	{ AT(offer[1].domain), 0, STATUS_OK, NO },
	{ AT(offer[1].controller), 1, STATUS_SYSTEM_INDEX, 1 },
	{ AT(offer[1].id), 62, STATUS_SYSTEM_VALUE, 1 },
	{ AT(offer[1].flags), 0, STATUS_SYSTEM_VALUE, 1 },
	{ AT(offer[1].flags), 16, STATUS_SYSTEM_VALUE, 1 },
	{ AT(offer[1].flags), SYSTEM_OFFER_CALL, STATUS_SYSTEM_VALUE, 1 },
	{ AT(offer[1].flags), SYSTEM_OFFER_PEER_NOTIFY | SYSTEM_OFFER_PEER_CALL, STATUS_OK, NO },
};

static const struct where untouched = { .offset = 0xabcd, .index = 0xabcd };

static enum status open_it(struct blob *blob, uint64_t size_bytes, struct system *system, struct where *where)
{
	*where = untouched;
	memset(system, 0xa5, sizeof *system);
	return system_open((const uint8_t *)blob, size_bytes, system, where);
}

static void opens_a_sound_table(void **state)
{
	(void)state;
	struct blob *blob = make();
	struct system system;
	struct where where;
	assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_OK);
	assert_memory_equal(&where, &untouched, sizeof where);
	assert_ptr_equal(system.domains, blob->domain);
	assert_ptr_equal(system.regions, blob->region);
	assert_ptr_equal(system.maps, blob->map);
	assert_ptr_equal(system.ends, blob->end);
	assert_ptr_equal(system.patches, blob->patch);
	assert_ptr_equal(system.ports, blob->port);
	assert_ptr_equal(system.irqs, blob->irq);
	assert_ptr_equal(system.caps, blob->cap);
	assert_ptr_equal(system.controllers, blob->controller);
	assert_ptr_equal(system.offers, blob->offer);
	assert_ptr_equal(system.strings, blob->strings);
	free(blob);
}

/* Takes the table over. */
static void try_change(struct blob *blob, const struct change *change)
{
	struct system system, before;
	struct where where;
	memcpy((uint8_t *)blob + change->offset, &change->value, change->bytes);
	memset(&before, 0xa5, sizeof before);
	enum status status = open_it(blob, BLOB_BYTES, &system, &where);
	if (status != change->status)
		fail_msg("%s = 0x%llx: %s, not %s", change->what, (unsigned long long)change->value, status_name(status),
			status_name(change->status));
	if (status != STATUS_OK) {
		assert_memory_equal(&system, &before, sizeof system);
		if (where.index != change->index)
			fail_msg("%s = 0x%llx: seen in record %u, not %u", change->what, (unsigned long long)change->value,
				where.index,
				change->index);
	}
	free(blob);
}

static void refuses_each_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		try_change(make(), &changes[i]);
}

static void refuses_what_is_too_short(void **state)
{
	(void)state;
	struct blob *blob = make();
	struct system system;
	struct where where;
	for (uint64_t bytes = 0; bytes < sizeof blob->header; bytes++) {
		uint8_t *cut = malloc(bytes ? bytes : 1); /* AddressSanitizer watches its end */
		memcpy(cut, blob, bytes);
		assert_int_equal(open_it((struct blob *)cut, bytes, &system, &where), STATUS_SYSTEM_TOO_SHORT);
		free(cut);
	}
	assert_int_equal(open_it(blob, BLOB_BYTES - 4096, &system, &where), STATUS_SYSTEM_SIZE);
	free(blob);
}

static void refuses_names_without_end(void **state)
{
	(void)state;
	static const uint32_t names[] = {
		offsetof(struct blob, domain[0].name), offsetof(struct blob, domain[0].program),
			offsetof(struct blob, domain[1].program),
		offsetof(struct blob, region[2].name), offsetof(struct blob, patch[1].symbol)
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct blob *blob = make();
		struct system system;
		struct where where;
		memset((uint8_t *)blob + names[i], 'x', SYSTEM_NAME_BYTES);
		assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_SYSTEM_NAME);
		free(blob);
	}
}

/* The same table for i386: narrower where the machine is. */
static struct blob *make_i386(void)
{
	struct blob *blob = make();
	blob->header.machine = ELF_MACHINE_386;
	blob->header.abi_set = 3;
	blob->region[1].page_bits = 22;
	blob->map[1].vaddr = 0x400000;
	blob->map[2].vaddr = 0xdfffe000;
	blob->end[0].peer_id = blob->end[1].id = blob->offer[0].id = blob->offer[1].id = 25;
	for (uint32_t i = 0; i < 2; i++)
		blob->port[i].id = blob->irq[i].id = 25;
	return blob;
}

static const struct change i386_changes[] = {
	{ AT(header.machine), ELF_MACHINE_386, STATUS_OK, NO },
	{ AT(domain[1].child_id), 31, STATUS_OK, NO },
	{ AT(region[1].page_bits), 21, STATUS_SYSTEM_VALUE, 1 },
	{ AT(map[2].vaddr), 0xdffff000, STATUS_SYSTEM_VALUE, 2 },
	{ AT(end[0].peer_id), 26, STATUS_SYSTEM_VALUE, 0 },
	{ AT(end[1].id), 26, STATUS_SYSTEM_VALUE, 1 },
	{ AT(port[1].id), 26, STATUS_SYSTEM_VALUE, 1 },
	{ AT(irq[1].id), 26, STATUS_SYSTEM_VALUE, 1 },
	{ AT(offer[1].id), 26, STATUS_SYSTEM_VALUE, 1 },
	{ AT(controller[0].slots_bits), 13, STATUS_OK, NO },
	{ AT(controller[0].slots_bits), 14, STATUS_SYSTEM_VALUE, 0 },
};

static void is_narrower_on_i386(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof i386_changes / sizeof i386_changes[0]; i++)
		try_change(make_i386(), &i386_changes[i]);
}

/* A second record for the same controller, and one whose archive would not fit its window. */
static void refuses_controllers_that_clash(void **state)
{
	(void)state;
	struct blob *blob = make();
	struct system system;
	struct where where;
	blob->header.controllers = (struct system_array){ offsetof(struct blob, strings), 2 };
	blob->header.strings = (struct system_array){ offsetof(struct blob, controller), 8 };
	blob->domain[0].argc = blob->domain[0].arguments_bytes = 0;
	blob->patch[0].value = blob->patch[1].value = 0;
	memcpy(blob->strings, &blob->controller[0], sizeof blob->controller[0]);
	memcpy(blob->strings + sizeof blob->controller[0], &blob->controller[0], sizeof blob->controller[0]);
	assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_SYSTEM_ORDER);
	assert_int_equal(where.index, 1);
	free(blob);
}

/* Offers out of order, and offers to a controller that spawns nothing. */
static void refuses_offers_to_nobody(void **state)
{
	(void)state;
	struct blob *blob = make();
	struct system system;
	struct where where;
	blob->offer[0] = (struct system_offer){ .domain = 2, .id = 1, .flags = SYSTEM_OFFER_NOTIFY };
	blob->offer[1].domain = 0;
	assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_SYSTEM_ORDER);
	assert_int_equal(where.index, 1);
	blob->offer[1].domain = 2;
	assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_OK);
	blob->controller[0].spawn_domains = blob->controller[0].budget_share = 0;
	assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_SYSTEM_VALUE);
	assert_int_equal(where.index, 0);
	free(blob);
}

/* A controller that spawns hears of faults on its endpoint. */
static void refuses_spawning_without_endpoint(void **state)
{
	(void)state;
	struct blob *blob = make();
	struct system system;
	struct where where;
	blob->controller[0].domain = 1;
	assert_int_equal(open_it(blob, BLOB_BYTES, &system, &where), STATUS_SYSTEM_VALUE);
	assert_int_equal(where.value, 1);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_sound_table),
		cmocka_unit_test(refuses_each_change),
		cmocka_unit_test(is_narrower_on_i386),
		cmocka_unit_test(refuses_what_is_too_short),
		cmocka_unit_test(refuses_names_without_end),
		cmocka_unit_test(refuses_controllers_that_clash),
		cmocka_unit_test(refuses_offers_to_nobody),
		cmocka_unit_test(refuses_spawning_without_endpoint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
