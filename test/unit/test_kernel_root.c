/* SPDX-License-Identifier: BSD-2-Clause */
/* Making the root task: slots, VSpace, boot information and untypeds, out of memory with holes. */
#include "test/support/fakeport.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sel4/bootinfo.h>
#include "lib/base/status.h"
#include "kernel/core/paging.h"
#include "kernel/core/root.h"
#include "kernel/core/slot.h"

#define MEMORY_BYTES (32ul << 20)
#define FILE_AT      0x300000ul
#define ENTRY        0x401234ul

struct world {
	struct fake       fake; /* the machine's side; nothing of its small world is used */
	uint8_t          *memory;
	struct root_setup setup;
};

struct file_header {
	uint8_t  ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* Two segments with a gap: text at 0x400000 (one page and a half), data and bss at 0x410000 (three pages). */
static void make_file(uint8_t *at)
{
	struct file_header header = { .ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 }, .type = 2, .machine = 62, .version = 1,
	                              .entry = ENTRY,
	                              .phoff = sizeof header, .ehsize = sizeof header,
	                                  .phentsize = sizeof(struct program_header), .phnum = 2 };
	struct program_header segments[2] = { { 1, 5, 0x1000, 0x400000, 0x400000, 0x1800, 0x1800, 0x1000 },
	                                      { 1, 6, 0x3000, 0x410000, 0x410000, 0x100, 0x2100, 0x1000 } };
	memset(at, 0, 0x4000);
	memcpy(at, &header, sizeof header);
	memcpy(at + sizeof header, segments, sizeof segments);
	memset(at + 0x1000, 'T', 0x1800);
	memset(at + 0x3000, 'D', 0x100);
}

/* RAM in two pieces, 1 MiB .. 12 MiB and 16 MiB .. 32 MiB less 3 pages; the kernel below 2 MiB; the file in the first
 * piece. */
static struct world *new_world(void)
{
	struct world *w = calloc(1, sizeof *w);
	w->memory = aligned_alloc(MEMORY_BYTES, MEMORY_BYTES);
	memset(w->memory, 0xa5, MEMORY_BYTES);
	w->fake.kernel.port = &w->fake;
	kernel_init(&w->fake.kernel, 10);
	w->fake.kernel.physical_window = (word)w->memory;
	struct root_setup setup = { .ram_count = 2, .ram = { { 0x200000, 0xc00000 }, { 0x1000000, 0x2000000 - 0x3000 } },
	                            .kernel = { 0x100000, 0x200000 }, .device_count = 2,
	                            .device = { { 0xfec00000, 0xfec01000 }, { 0xfee00000, 0xfee01000 } },
	                            .file = { FILE_AT, FILE_AT + 0x3100 }, .record_bytes = 0x50c };
	memset(setup.records, 'R', setup.record_bytes);
	w->setup = setup;
	make_file(w->memory + FILE_AT);
	return w;
}

static void free_world(struct world *w)
{
	free(w->memory);
	free(w);
}

static struct cte *slot(const struct world *w, word number)
{
	struct cap root = w->fake.kernel.candidate ? w->fake.kernel.candidate->slots[TCB_SLOT_CSPACE].cap
	                                           : w->fake.kernel.current->slots[TCB_SLOT_CSPACE].cap;
	return (struct cte *)cap_object(root) + number;
}

static struct tcb *start(struct world *w)
{
	root_make(&w->fake.kernel, &w->setup);
	return kernel_start(&w->fake.kernel);
}

static word entry(struct world *w, word address)
{
	struct lookup_failure failure;
	word *found = paging_entry(&w->fake.kernel, cap_object(slot(w, seL4_CapInitThreadVSpace)->cap), address, 0,
	                           &failure);
	return found ? *found : 0;
}

static const seL4_BootInfo *information(struct world *w)
{
	return cap_object(slot(w, seL4_CapBootInfoFrame)->cap);
}

static void test_thread(void **state)
{
	(void)state;
	struct world *w = new_world();
	struct tcb *tcb = start(w);
	assert_ptr_equal(tcb, cap_object(slot(w, seL4_CapInitThreadTCB)->cap));
	assert_int_equal(tcb->priority, 255);
	assert_int_equal(tcb->mcp, 255);
	assert_int_equal(tcb->registers[REG_NEXT_IP], ENTRY);
	assert_int_equal(tcb->registers[REG_CAP], 0x414000); /* the page after the IPC buffer, after the image */
	assert_int_equal(tcb->buffer_address, 0x413000);
	assert_int_equal(cap_kind(tcb->slots[TCB_SLOT_VSPACE].cap), CAP_VSPACE);
	assert_ptr_equal(cap_object(tcb->slots[TCB_SLOT_BUFFER].cap),
	                 cap_object(slot(w, seL4_CapInitThreadIPCBuffer)->cap));
	assert_int_equal(tcb->slots[TCB_SLOT_FAULT].cap.words[0], 0);
	free_world(w);
}

static void test_initial_slots(void **state)
{
	(void)state;
	static const uint8_t kinds[] = { CAP_NULL, CAP_TCB, CAP_CNODE, CAP_VSPACE, CAP_IRQ_CONTROL, CAP_ASID_CONTROL,
		CAP_ASID_POOL,
		CAP_IO_PORT_CONTROL, CAP_NULL, CAP_FRAME, CAP_FRAME, CAP_DOMAIN, CAP_NULL, CAP_NULL, CAP_SCHED_CONTEXT,
		    CAP_NULL,
		CAP_SCHED_CONTROL, CAP_PDPT, CAP_PAGE_DIRECTORY, CAP_PAGE_TABLE, CAP_FRAME };
	struct world *w = new_world();
	start(w);
	for (word i = 0; i < sizeof kinds; i++)
		assert_int_equal(cap_kind(slot(w, i)->cap), kinds[i]);
	const seL4_BootInfo *info = information(w);
	assert_int_equal(info->schedcontrol.start, 16);
	assert_int_equal(info->schedcontrol.end, 17);
	assert_int_equal(info->userImagePaging.start, 17);
	assert_int_equal(info->userImagePaging.end, 20);
	assert_int_equal(info->extraBIPages.start, 20);
	assert_int_equal(info->extraBIPages.end, 21);
	assert_int_equal(info->userImageFrames.start, 21);
	assert_int_equal(info->userImageFrames.end, 21 + 0x13);
	assert_int_equal(info->untyped.start, info->userImageFrames.end);
	assert_int_equal(info->empty.start, info->untyped.end);
	assert_int_equal(info->empty.end, 1 << 17);
	assert_int_equal(info->initThreadCNodeSizeBits, 17);
	assert_int_equal(info->numNodes, 1);
	assert_int_equal(info->extraLen, 0x50c);
	assert_int_equal((word)info->ipcBuffer, 0x413000);
	assert_true(cte_is_empty(slot(w, info->empty.start)));
	free_world(w);
}

/* One frame for each page of the whole range, gap included: file bytes, then zeros, never what was in memory before. */
static void test_image(void **state)
{
	(void)state;
	struct world *w = new_world();
	start(w);
	const seL4_BootInfo *info = information(w);
	for (word i = 0; i < 0x13; i++) {
		struct cap cap = slot(w, info->userImageFrames.start + i)->cap;
		const uint8_t *page = cap_object(cap);
		assert_int_equal(cap_mapped_address(cap), 0x400000 + i * 0x1000);
		assert_int_equal(entry(w, 0x400000 + i * 0x1000) & PTE_ADDRESS, (word)page - (word)w->memory);
		assert_int_equal(entry(w, 0x400000 + i * 0x1000) & 7, 7);
		for (word j = 0; j < 0x1000; j++) {
			word at = i * 0x1000 + j;
			assert_int_equal(page[j], at < 0x1800 ? 'T' : at >= 0x10000 && at < 0x10100 ? 'D' : 0);
		}
	}
	assert_int_equal(entry(w, 0x413000) & PTE_ADDRESS,
	                 (word)cap_object(slot(w, seL4_CapInitThreadIPCBuffer)->cap) - (word)w->memory);
	assert_int_equal(entry(w, 0x414000) & PTE_ADDRESS, (word)information(w) - (word)w->memory);
	const uint8_t *records = cap_object(slot(w, info->extraBIPages.start)->cap);
	assert_int_equal(entry(w, 0x415000) & PTE_ADDRESS, (word)records - (word)w->memory);
	for (word i = 0; i < 0x1000; i++)
		assert_int_equal(records[i], i < 0x50c ? 'R' : 0);
	assert_int_equal(entry(w, 0x3ff000), 0);
	assert_int_equal(entry(w, 0x416000), 0);
	free_world(w);
}

/* No byte in two places: untypeds, image, objects and the kernel's own are disjoint, and together they are all of
 * memory. */
static void test_memory(void **state)
{
	(void)state;
	struct world *w = new_world();
	uint8_t *used = calloc(MEMORY_BYTES / 16, 1);
	start(w);
	const seL4_BootInfo *info = information(w);
	word previous_end = 0, objects = (word)slot(w, 0) - (word)w->memory;
	bool was_device = true;
	for (word i = info->untyped.start; i < info->untyped.end; i++) {
		const seL4_UntypedDesc *untyped = &info->untypedList[i - info->untyped.start];
		struct cap cap = slot(w, i)->cap;
		word end = untyped->paddr + (1ul << untyped->sizeBits);
		assert_int_equal(cap_kind(cap), CAP_UNTYPED);
		/* 48 bits of the address are kept: enough for what it names. */
		assert_int_equal(((word)cap_object(cap) - (word)w->memory) << 16, untyped->paddr << 16);
		assert_int_equal(cap_untyped_bits(cap), untyped->sizeBits);
		assert_int_equal(cap_untyped_is_device(cap), untyped->isDevice);
		assert_int_equal(cap_untyped_used_bytes(cap), 1ul << untyped->sizeBits); /* the first retype clears it */
		assert_int_equal((word)cap_object(cap) & ((1ul << untyped->sizeBits) - 1), 0);
		if (was_device && !untyped->isDevice)
			previous_end = 0;
		assert_true(was_device || !untyped->isDevice);
		assert_true(untyped->paddr >= previous_end);
		previous_end = end;
		was_device = untyped->isDevice;
		for (word j = 0; j < w->setup.device_count; j++)
			assert_true(end <= w->setup.device[j].start || untyped->paddr >= w->setup.device[j].end);
		assert_true(end <= w->setup.kernel.start || untyped->paddr >= w->setup.kernel.end);
		for (word at = untyped->paddr; at < end && at < MEMORY_BYTES; at += 16)
			assert_int_equal(used[at / 16]++, 0);
		for (word j = 0; j < w->setup.ram_count && untyped->isDevice; j++)
			assert_true(end <= w->setup.ram[j].start || untyped->paddr >= w->setup.ram[j].end);
	}
	assert_int_equal(previous_end > 0, 1);
	for (word i = info->userImageFrames.start; i < info->userImageFrames.end; i++)
		for (word at = 0; at < 0x1000; at += 16)
			assert_int_equal(used[((word)cap_object(slot(w, i)->cap) - (word)w->memory + at) / 16]++, 0);
	/* CNode, VSpace root, records, ASID pool, buffer, information, three tables, TCB, scheduling context. */
	for (word at = objects; at < objects + (4ul << 20) + 8 * 0x1000 + 0x800 + 0x80; at += 16)
		assert_int_equal(used[at / 16]++, 0);
	word lost = 0;
	for (word i = 0; i < w->setup.ram_count; i++)
		for (word at = w->setup.ram[i].start; at < w->setup.ram[i].end; at += 16)
			lost += !used[at / 16];
	assert_int_equal(lost, 0);
	free(used);
	free_world(w);
}

/* Devices: everything else up to 2^47, in pieces whose kernel addresses are aligned. */
static void test_devices(void **state)
{
	(void)state;
	struct world *w = new_world();
	start(w);
	const seL4_BootInfo *info = information(w);
	word covered = 0, kept = 0;
	for (word i = 0; i < info->untyped.end - info->untyped.start; i++)
		covered += info->untypedList[i].isDevice ? 1ul << info->untypedList[i].sizeBits : 0;
	for (word i = 0; i < w->setup.ram_count; i++)
		kept += w->setup.ram[i].end - w->setup.ram[i].start;
	kept += w->setup.kernel.end - w->setup.kernel.start + 0x2000;
	assert_int_equal(covered + kept, 1ul << 47);
	assert_true(info->untyped.end - info->untyped.start <= ABI_BOOTINFO_UNTYPED_MAX);
	free_world(w);
}

static void expect_panic(struct world *w, const char *message)
{
	w->fake.expects_panic = true;
	if (setjmp(w->fake.panic_jump) == 0) {
		root_make(&w->fake.kernel, &w->setup);
		fail_msg("no panic: %s", message);
	}
	if (message)
		assert_string_equal(w->fake.panic_message, message);
	free_world(w);
}

static void test_refusals(void **state)
{
	(void)state;
	struct world *w = new_world();
	memset(w->memory + FILE_AT, 0, 4);
	expect_panic(w, status_text(STATUS_ELF_MAGIC));
	w = new_world();
	w->setup.file.end = FILE_AT + 0x3080; /* the data segment's bytes are cut off */
	expect_panic(w, NULL);
	w = new_world();
	((struct program_header *)(w->memory + FILE_AT + sizeof(struct file_header)))[1].vaddr = 0x7ffff0000000;
	expect_panic(w, "the root task's image is spread too far");
	w = new_world();
	w->setup.ram[1].end = w->setup.ram[1].start + 0x1000;
	w->setup.ram[0].end = FILE_AT + 0x104000;
	expect_panic(w, "not enough memory for the root task's objects");
	w = new_world();
	w->setup.ram_count = 1;
	w->setup.ram[0].start = FILE_AT - 0x1000;
	w->setup.ram[0].end = FILE_AT + 0x5000;
	expect_panic(w, "not enough memory for the root task's image");
}

/* The image may not be laid over the file it comes from, wherever the loader put that. */
static void test_file_places(void **state)
{
	(void)state;
	static const word places[] = { 0x200000, 0x201000, 0x213000, 0xbfc000, 0x1000000, 0x1ffa000 - 0x3000 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct world *w = new_world();
		w->setup.file = (struct root_region){ places[i], places[i] + 0x3100 };
		make_file(w->memory + places[i]);
		start(w);
		const uint8_t *text = cap_object(slot(w, information(w)->userImageFrames.start)->cap);
		const uint8_t *data = cap_object(slot(w, information(w)->userImageFrames.start + 16)->cap);
		assert_int_equal(text[0], 'T');
		assert_int_equal(text[0x17ff], 'T');
		assert_int_equal(data[0xff], 'D');
		assert_int_equal(data[0x100], 0);
		free_world(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_initial_slots),
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_file_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
