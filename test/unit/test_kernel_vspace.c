/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, page tables, ASIDs and I/O ports: each invocation and each refusal, and what the tables hold afterwards. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/paging.h"
#include "test/support/kernelcheck.h"

enum { ROOT = FAKE_FREE, PDPT, DIRECTORY, TABLE, FRAME, OTHER, LARGE, SPARE, ROOT2, PDPT2, DIRECTORY2, TABLE2, A, B,
       C };

#define VADDR   0x40000000ul
#define ALL     3ul
#define READ    2ul
#define POOL    FAKE_ASID_POOL

static word map(struct fake *f, word frame, word root, word address, word rights, word attributes)
{
	return CALL(f, frame, X86PageMap, WORDS(address, rights, attributes), CAPS(root));
}

static word map_table(struct fake *f, word table, word label, word root, word address)
{
	return CALL(f, table, label, WORDS(address, 0), CAPS(root));
}

static void make_space(struct fake *f, word root, word pdpt, word directory, word table)
{
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, root, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_PDPTObject, 0, pdpt, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_PageDirectoryObject, 0, directory, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_PageTableObject, 0, table, 1), seL4_NoError);
	assert_int_equal(CALL(f, POOL, X86ASIDPoolAssign, CAPS(root)), seL4_NoError);
	assert_int_equal(map_table(f, pdpt, X86PDPTMap, root, VADDR), seL4_NoError);
	assert_int_equal(map_table(f, directory, X86PageDirectoryMap, root, VADDR), seL4_NoError);
	assert_int_equal(map_table(f, table, X86PageTableMap, root, VADDR), seL4_NoError);
}

static struct fake *world(void)
{
	struct fake *f = fake_new();
	make_space(f, ROOT, PDPT, DIRECTORY, TABLE);
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, FRAME, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, OTHER, 1), seL4_NoError);
	return f;
}

/* The fake's memory has room for one large frame, and for nothing after it. */
static void make_large(struct fake *f)
{
	assert_int_equal(fake_retype(f, seL4_X86_LargePageObject, 0, LARGE, 1), seL4_NoError);
}

/* The entry for an address in the table of a level, 0 if the walk ends before. */
static word entry(struct fake *f, word root, word address, unsigned level)
{
	struct lookup_failure failure;
	word *found = paging_entry(&f->kernel, cap_object(fake_cap(f, root)), address, level, &failure);
	return found ? *found : 0;
}

static word physical(struct fake *f, word slot)
{
	return kernel_physical(&f->kernel, cap_object(fake_cap(f, slot)));
}

static void expect(struct fake *f, word label, const struct message *message, word cap, word error, word length,
                   const word *words)
{
	struct message answer, call = *message;
	call.label = label;
	assert_int_equal(fake_call(f, cap, &call, &answer), error);
	assert_int_equal(answer.length, length);
	for (word i = 0; i < length; i++)
		assert_int_equal(answer.words[i], words[i]);
}
#define REFUSED(f, cap, label, error, list, ...) \
	expect((f), (label), &(struct message){ __VA_ARGS__ }, (cap), (error), \
	       sizeof((word[]){ EMPTY list }) / sizeof(word) - 1, (word[]){ EMPTY list } + 1)
#define EMPTY(...) 0, __VA_ARGS__

/* ---- mapping ---- */
static void test_map(void **state)
{
	(void)state;
	struct fake *f = world();
	word page = VADDR + 0x5000;
	assert_int_equal(map(f, FRAME, ROOT, page, ALL, 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, page, 0), physical(f, FRAME) | PTE_PRESENT | PTE_WRITE | PTE_USER);
	assert_int_equal(entry(f, ROOT, page, 1), physical(f, TABLE) | PTE_PRESENT | PTE_WRITE | PTE_USER);
	assert_int_equal(entry(f, ROOT, page, 2), physical(f, DIRECTORY) | PTE_PRESENT | PTE_WRITE | PTE_USER);
	assert_int_equal(entry(f, ROOT, page, 3), physical(f, PDPT) | PTE_PRESENT | PTE_WRITE | PTE_USER);
	assert_int_equal(cap_mapped_address(fake_cap(f, FRAME)), page);
	assert_int_equal(cap_mapped_asid(fake_cap(f, FRAME)), cap_mapped_asid(fake_cap(f, ROOT)));
	assert_ptr_equal(f->flushed_root, cap_object(fake_cap(f, ROOT)));
	assert_int_equal(f->flushed_address, page);
	/* Only that page. */
	assert_int_equal(entry(f, ROOT, page - 0x1000, 0), 0);
	assert_int_equal(entry(f, ROOT, page + 0x1000, 0), 0);
	fake_free(f);
}

static void test_attributes(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, seL4_X86_Uncacheable), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & 0xfff, 0x1f);
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, seL4_X86_WriteCombining), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & 0xfff, 0x87);
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, ~7ul), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & 0xfff, 0x07);
	assert_int_equal(entry(f, ROOT, VADDR, 0) >> 52, 0);
	make_large(f);
	assert_int_equal(map(f, LARGE, ROOT, VADDR + 0x200000, ALL, seL4_X86_WriteCombining), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR + 0x200000, 1), physical(f, LARGE) | 0x1087);
	/* The attribute lies among the address bits; unmapping finds the frame all the same. */
	assert_int_equal(CALL(f, LARGE, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR + 0x200000, 1), 0);
	fake_free(f);
}

/* No mapping gives more than capability and request both allow. */
static void test_rights(void **state)
{
	(void)state;
	static const struct { word cap, asked, bits; } cases[] = {
		{ 3, 3, PTE_USER | PTE_WRITE }, { 3, 2, PTE_USER }, { 3, 1, 0 }, { 3, 0, 0 }, { 3, 15, PTE_USER | PTE_WRITE },
		{ 2, 3, PTE_USER }, { 2, 2, PTE_USER }, { 2, 1, 0 }, { 2, 0, 0 },
		{ 1, 3, 0 }, { 0, 3, 0 }, { 12, 3, 0 }, { 1, 1, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake *f = world();
		assert_int_equal(fake_mint(f, FRAME, A, cases[i].cap, 0), seL4_NoError);
		assert_int_equal(map(f, A, ROOT, VADDR, cases[i].asked, 0), seL4_NoError);
		assert_int_equal(entry(f, ROOT, VADDR, 0) & (PTE_USER | PTE_WRITE), cases[i].bits);
		/* Nor do copies of the copy get any back. */
		assert_int_equal(fake_mint(f, A, B, 15, 0), seL4_NoError);
		assert_int_equal(map(f, B, ROOT, VADDR + 0x1000, ALL, 0), seL4_NoError);
		if (cases[i].cap != 3)
			assert_int_equal(entry(f, ROOT, VADDR + 0x1000, 0) & (PTE_USER | PTE_WRITE), cases[i].cap == 2 ? PTE_USER
			                 : 0);
		fake_free(f);
	}
}

static void test_map_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, SPARE, 1), seL4_NoError);
	make_large(f);
	REFUSED(f, FRAME, X86PageMap, seL4_TruncatedMessage, (), WORDS(VADDR, ALL), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMap, seL4_TruncatedMessage, (), WORDS(VADDR, ALL, 0));
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidCapability, (1), WORDS(VADDR, ALL, 0), CAPS(TABLE));
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidCapability, (1), WORDS(VADDR, ALL, 0), CAPS(SPARE));
	REFUSED(f, FRAME, X86PageMap, seL4_AlignmentError, (), WORDS(VADDR + 8, ALL, 0), CAPS(ROOT));
	REFUSED(f, LARGE, X86PageMap, seL4_AlignmentError, (), WORDS(VADDR + 0x1000, ALL, 0), CAPS(ROOT));
	REFUSED(f, LARGE, X86PageMap, seL4_DeleteFirst, (), WORDS(VADDR, ALL, 0), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMap, seL4_FailedLookup, (0, seL4_MissingCapability, 21), WORDS(VADDR + 0x200000, ALL, 0),
	        CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMap, seL4_FailedLookup, (0, seL4_MissingCapability, 30),
	        WORDS(VADDR + 0x40000000, ALL, 0), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMap, seL4_FailedLookup, (0, seL4_MissingCapability, 39), WORDS(1ul << 39, ALL, 0),
	        CAPS(ROOT));
	REFUSED(f, LARGE, X86PageMap, seL4_FailedLookup, (0, seL4_MissingCapability, 30),
	        WORDS(VADDR + 0x40000000, ALL, 0), CAPS(ROOT));
	REFUSED(f, FRAME, 0, seL4_IllegalOperation, (), WORDS(VADDR, ALL, 0), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageTableMap, seL4_IllegalOperation, (), WORDS(VADDR, ALL, 0), CAPS(ROOT));
#if ABI_IOMMU
	REFUSED(f, FRAME, X86PageMapIO, seL4_TruncatedMessage, (), WORDS(ALL), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMapIO, seL4_InvalidCapability, (0), WORDS(ALL, VADDR), CAPS(ROOT));
#endif
	/* None of them did anything. */
	assert_false(cap_is_mapped(fake_cap(f, FRAME)));
	assert_int_equal(f->flushed_pages, 0);
	for (word i = 0; i < 512; i++)
		assert_int_equal(entry(f, ROOT, VADDR + i * 0x1000, 0), 0);
	fake_free(f);
}

/* Neither page 0 nor anything above user space can be mapped, by frames or tables; the kernel's entry stays. */
static void test_user_space_only(void **state)
{
	(void)state;
	static const word outside[] = { 0, 0x7ffffffff000, 0x800000000000, 0x8000000000000000, 0xffff800000000000,
		0xffffff8000000000,
	                                0xffffffff80000000, 0xfffffffffffff000 };
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_X86_PDPTObject, 0, A, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_PageDirectoryObject, 0, B, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_PageTableObject, 0, C, 1), seL4_NoError);
	make_large(f);
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		REFUSED(f, FRAME, X86PageMap, seL4_InvalidArgument, (0), WORDS(outside[i], ALL, 0), CAPS(ROOT));
		REFUSED(f, LARGE, X86PageMap, seL4_InvalidArgument, (0), WORDS(outside[i] & ~0x1ffffful, ALL, 0), CAPS(ROOT));
		if (i < 2)
			continue;
		REFUSED(f, A, X86PDPTMap, seL4_InvalidArgument, (0), WORDS(outside[i], 0), CAPS(ROOT));
		REFUSED(f, B, X86PageDirectoryMap, seL4_InvalidArgument, (0), WORDS(outside[i], 0), CAPS(ROOT));
		REFUSED(f, C, X86PageTableMap, seL4_InvalidArgument, (0), WORDS(outside[i], 0), CAPS(ROOT));
	}
	const word *root = cap_object(fake_cap(f, ROOT));
	for (word i = 256; i < 512; i++)
		assert_int_equal(root[i], i == 511 ? FAKE_KERNEL_ENTRY : 0);
	/* The last page that can be mapped is the one below. */
	assert_int_equal(map_table(f, A, X86PDPTMap, ROOT, 0x7fffffffe000), seL4_NoError);
	assert_int_equal(map_table(f, B, X86PageDirectoryMap, ROOT, 0x7fffffffe000), seL4_NoError);
	assert_int_equal(map_table(f, C, X86PageTableMap, ROOT, 0x7fffffffe000), seL4_NoError);
	assert_int_equal(map(f, FRAME, ROOT, 0x7fffffffe000, ALL, 0), seL4_NoError);
	fake_free(f);
}

static void test_map_again(void **state)
{
	(void)state;
	struct fake *f = world();
	make_space(f, ROOT2, PDPT2, DIRECTORY2, TABLE2);
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, 0), seL4_NoError);
	assert_int_equal(map(f, FRAME, ROOT, VADDR, READ, 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & PTE_WRITE, 0);
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidArgument, (0), WORDS(VADDR + 0x1000, ALL, 0), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidArgument, (0), WORDS(VADDR + 1, ALL, 0), CAPS(ROOT));
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidCapability, (1), WORDS(VADDR, ALL, 0), CAPS(ROOT2));
	/* A copy is not mapped, and can be, elsewhere. */
	assert_int_equal(fake_copy(f, FRAME, A, 15), seL4_NoError);
	assert_false(cap_is_mapped(fake_cap(f, A)));
	assert_int_equal(map(f, A, ROOT2, VADDR, ALL, 0), seL4_NoError);
	/* Another frame takes the entry without a word, and the first one's unmapping leaves it alone. */
	assert_int_equal(map(f, OTHER, ROOT, VADDR, ALL, 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & PTE_ADDRESS, physical(f, OTHER));
	assert_int_equal(CALL(f, FRAME, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & PTE_ADDRESS, physical(f, OTHER));
	assert_false(cap_is_mapped(fake_cap(f, FRAME)));
	assert_int_equal(entry(f, ROOT2, VADDR, 0) & PTE_ADDRESS, physical(f, A));
	fake_free(f);
}

static void test_unmap(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(CALL(f, FRAME, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, 0), seL4_NoError);
	unsigned flushed = f->flushed_pages;
	assert_int_equal(CALL(f, FRAME, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0), 0);
	assert_int_equal(f->flushed_pages, flushed + 1);
	assert_int_equal(f->flushed_address, VADDR);
	assert_int_equal(cap_data(fake_cap(f, FRAME)), 0);
	assert_int_equal(CALL(f, FRAME, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(f->flushed_pages, flushed + 1);
	/* Deleting does the same, for copies and for the frame itself, also by revoking what it was made from. */
	assert_int_equal(fake_copy(f, FRAME, A, 15), seL4_NoError);
	assert_int_equal(map(f, A, ROOT, VADDR, ALL, 0), seL4_NoError);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0), 0);
	make_large(f);
	assert_int_equal(map(f, LARGE, ROOT, VADDR + 0x200000, ALL, 0), seL4_NoError);
	assert_int_equal(fake_delete(f, LARGE), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR + 0x200000, 1), 0);
	fake_free(f);
}

static void test_address(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	assert_int_equal(CALL_ANSWER(f, &answer, FRAME, X86PageGetAddress, .length = 0), seL4_NoError);
	assert_int_equal(answer.length, 1);
	assert_int_equal(answer.words[0], physical(f, FRAME));
	fake_free(f);
}

/* A device's frame is mapped and never cleared: touching the memory would be a crash here. */
static void test_device_frame(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype_from(f, FAKE_DEVICE, seL4_X86_4K, 0, A, 1), seL4_NoError);
	assert_int_equal(map(f, A, ROOT, VADDR, ALL, seL4_X86_Uncacheable), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0), (physical(f, A) & PTE_ADDRESS) | 0x1f);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0), 0);
	fake_free(f);
}

static void test_huge(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	make_space(f, ROOT, PDPT, DIRECTORY, TABLE);
	/* Made by hand: the fake's memory has no room for a gigabyte. */
	f->cnode[A].cap = cap_frame(kernel_pointer(&f->kernel, 3ul << 30), FRAME_HUGE, 3, true);
	cte_set_node(&f->cnode[A], NULL, NULL, CTE_REVOCABLE | CTE_FIRST_BADGED);
	f->does_not_check = true;
	REFUSED(f, A, X86PageMap, seL4_DeleteFirst, (), WORDS(VADDR, ALL, 0), CAPS(ROOT));
	REFUSED(f, A, X86PageMap, seL4_AlignmentError, (), WORDS(VADDR * 2 + 0x200000, ALL, 0), CAPS(ROOT));
	assert_int_equal(map(f, A, ROOT, VADDR * 2, ALL, seL4_X86_WriteCombining), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR * 2, 2), 3ul << 30 | 0x87);
	REFUSED(f, FAKE_BUFFER, X86PageMap, seL4_FailedLookup, (0, seL4_MissingCapability, 30), WORDS(VADDR * 2, ALL, 0),
	        CAPS(ROOT));
	assert_int_equal(CALL(f, A, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR * 2, 2), 0);
	memset(&f->cnode[A], 0, sizeof f->cnode[A]);
	fake_free(f);
}

/* ---- tables ---- */
static void test_table_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	static const struct { word type, map, level; } kinds[] = {
		{ seL4_X86_PageTableObject, X86PageTableMap, 1 }, { seL4_X86_PageDirectoryObject, X86PageDirectoryMap, 2 },
		{ seL4_X86_PDPTObject, X86PDPTMap, 3 },
	};
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, SPARE, 1), seL4_NoError);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		word label = kinds[i].map;
		assert_int_equal(fake_retype(f, kinds[i].type, 0, A + i, 1), seL4_NoError);
		REFUSED(f, A + i, label, seL4_TruncatedMessage, (), WORDS(VADDR), CAPS(ROOT));
		REFUSED(f, A + i, label, seL4_TruncatedMessage, (), WORDS(VADDR, 0));
		REFUSED(f, A + i, label, seL4_InvalidCapability, (1), WORDS(VADDR, 0), CAPS(FRAME));
		REFUSED(f, A + i, label, seL4_InvalidCapability, (1), WORDS(VADDR, 0), CAPS(SPARE));
		REFUSED(f, A + i, label, seL4_DeleteFirst, (), WORDS(VADDR, 0), CAPS(ROOT));
		REFUSED(f, A + i, X86PageMap, seL4_IllegalOperation, (), WORDS(VADDR, 0), CAPS(ROOT));
		assert_false(cap_is_mapped(fake_cap(f, A + i)));
	}
	REFUSED(f, A, X86PageTableMap, seL4_FailedLookup, (0, seL4_MissingCapability, 30), WORDS(2 * VADDR, 0), CAPS(ROOT));
	REFUSED(f, A, X86PageTableMap, seL4_FailedLookup, (0, seL4_MissingCapability, 39), WORDS(1ul << 39, 0), CAPS(ROOT));
	REFUSED(f, B, X86PageDirectoryMap, seL4_FailedLookup, (0, seL4_MissingCapability, 39), WORDS(1ul << 39, 0),
	        CAPS(ROOT));
	REFUSED(f, TABLE, X86PageTableMap, seL4_InvalidCapability, (0), WORDS(VADDR, 0), CAPS(ROOT));
	REFUSED(f, ROOT, X86PDPTMap, seL4_IllegalOperation, (), WORDS(VADDR, 0), CAPS(ROOT));
#if ABI_IOMMU
	assert_int_equal(fake_retype(f, seL4_X86_IOPageTableObject, 0, OTHER + 20, 1), seL4_NoError);
	REFUSED(f, OTHER + 20, X86IOPageTableMap, seL4_TruncatedMessage, (), WORDS(VADDR));
	REFUSED(f, OTHER + 20, X86IOPageTableMap, seL4_InvalidCapability, (0), WORDS(VADDR), CAPS(ROOT));
	REFUSED(f, OTHER + 20, X86IOPageTableUnmap, seL4_NoError, (), .length = 0);
	REFUSED(f, OTHER + 20, X86PageTableMap, seL4_IllegalOperation, (), .length = 0);
#endif
	make_large(f);
	assert_int_equal(map(f, LARGE, ROOT, VADDR + 0x200000, ALL, 0), seL4_NoError);
	REFUSED(f, A, X86PageTableMap, seL4_DeleteFirst, (), WORDS(VADDR + 0x200000, 0), CAPS(ROOT));
	fake_free(f);
}

static void test_table_unmap(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, 0), seL4_NoError);
	const word *table = cap_object(fake_cap(f, TABLE));
	assert_int_not_equal(table[0], 0);
	assert_int_equal(fake_copy(f, TABLE, A, 15), seL4_NoError);
	REFUSED(f, TABLE, X86PageTableUnmap, seL4_RevokeFirst, (), .length = 0);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_int_not_equal(entry(f, ROOT, VADDR, 1), 0);
	unsigned flushed = f->flushed_spaces;
	assert_int_equal(CALL(f, TABLE, X86PageTableUnmap, .length = 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 1), 0);
	assert_int_equal(table[0], 0);
	assert_true(f->flushed_spaces > flushed);
	assert_false(cap_is_mapped(fake_cap(f, TABLE)));
	/* An unmapped table can't be copied; it can be mapped again, at another place, and is empty. */
	assert_int_equal(fake_copy(f, TABLE, A, 15), seL4_IllegalOperation);
	assert_int_equal(map_table(f, TABLE, X86PageTableMap, ROOT, VADDR + 0x3ff000), seL4_NoError);
	assert_int_equal(cap_mapped_address(fake_cap(f, TABLE)), VADDR + 0x200000);
	assert_int_equal(entry(f, ROOT, VADDR + 0x200000, 0), 0);
	/* Deleting the directory leaves the table 'mapped' but out of reach. */
	assert_int_equal(fake_delete(f, DIRECTORY), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 2), 0);
	REFUSED(f, TABLE, X86PageTableMap, seL4_InvalidCapability, (0), WORDS(VADDR, 0), CAPS(ROOT));
	assert_int_equal(CALL(f, TABLE, X86PageTableUnmap, .length = 0), seL4_NoError);
	assert_int_equal(CALL(f, PDPT, X86PDPTUnmap, .length = 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 3), 0);
	fake_free(f);
}

/* Deleting any table, and a table that another has displaced, touches no entry but its own. */
static void test_table_delete(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(CALL(f, TABLE, X86PageTableUnmap, .length = 0), seL4_NoError);
	assert_int_equal(map_table(f, TABLE, X86PageTableMap, ROOT, VADDR), seL4_NoError);
	assert_int_equal(fake_copy(f, TABLE, A, 15), seL4_NoError);
	assert_int_equal(fake_delete(f, TABLE), seL4_NoError);
	assert_int_not_equal(entry(f, ROOT, VADDR, 1), 0);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 1), 0);
	fake_free(f);
}

/* ---- what a capability remembers when table or root are gone ---- */
static void test_stale(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, 0), seL4_NoError);
	word asid = cap_mapped_asid(fake_cap(f, FRAME));
	assert_int_equal(fake_delete(f, ROOT), seL4_NoError);
	assert_null(vspace_of_asid(&f->kernel, asid));
	assert_int_equal(cap_mapped_asid(fake_cap(f, FRAME)), asid);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, ROOT, 1), seL4_NoError);
	assert_int_equal(CALL(f, POOL, X86ASIDPoolAssign, CAPS(ROOT)), seL4_NoError);
	assert_int_equal(cap_mapped_asid(fake_cap(f, ROOT)), asid);
	REFUSED(f, FRAME, X86PageMap, seL4_FailedLookup, (0, seL4_MissingCapability, 39), WORDS(VADDR, ALL, 0), CAPS(ROOT));
	REFUSED(f, PDPT, X86PDPTMap, seL4_InvalidCapability, (0), WORDS(VADDR, 0), CAPS(ROOT));
	for (word table = PDPT; table <= TABLE; table++) {
		static const word labels[][2] = { { X86PDPTUnmap, X86PDPTMap }, { X86PageDirectoryUnmap, X86PageDirectoryMap },
		                                  { X86PageTableUnmap, X86PageTableMap } };
		assert_int_equal(CALL(f, table, labels[table - PDPT][0], .length = 0), seL4_NoError);
		assert_int_equal(map_table(f, table, labels[table - PDPT][1], ROOT, VADDR), seL4_NoError);
	}
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidArgument, (0), WORDS(VADDR + 0x1000, ALL, 0), CAPS(ROOT));
	assert_int_equal(map(f, FRAME, ROOT, VADDR, ALL, 0), seL4_NoError);
	assert_int_equal(entry(f, ROOT, VADDR, 0) & PTE_ADDRESS, physical(f, FRAME));
	/* Another root takes the number: then it has to be unmapped first, and that harms nobody. */
	assert_int_equal(fake_delete(f, ROOT), seL4_NoError);
	make_space(f, ROOT2, PDPT2, DIRECTORY2, TABLE2);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, ROOT, 1), seL4_NoError);
	assert_int_equal(CALL(f, POOL, X86ASIDPoolAssign, CAPS(ROOT)), seL4_NoError);
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidCapability, (1), WORDS(VADDR, ALL, 0), CAPS(ROOT));
	assert_int_equal(map(f, OTHER, ROOT2, VADDR, ALL, 0), seL4_NoError);
	assert_int_equal(CALL(f, FRAME, X86PageUnmap, .length = 0), seL4_NoError);
	assert_int_equal(fake_delete(f, TABLE), seL4_NoError);
	assert_int_equal(entry(f, ROOT2, VADDR, 0) & PTE_ADDRESS, physical(f, OTHER));
	fake_free(f);
}

/* ---- ASIDs ---- */
static word make_pool(struct fake *f, word untyped, word slot)
{
	return CALL(f, FAKE_ASID_CONTROL, X86ASIDControlMakePool, WORDS(slot, 64), CAPS(untyped, FAKE_CNODE));
}

static void test_pool_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, A, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 13, B, 1), seL4_NoError);
	assert_int_equal(fake_retype_from(f, FAKE_DEVICE, seL4_UntypedObject, 12, C, 1), seL4_NoError);
	word control = FAKE_ASID_CONTROL, label = X86ASIDControlMakePool;
	REFUSED(f, control, label, seL4_TruncatedMessage, (), WORDS(SPARE), CAPS(A, FAKE_CNODE));
	REFUSED(f, control, label, seL4_TruncatedMessage, (), WORDS(SPARE, 64), CAPS(A));
	REFUSED(f, control, X86ASIDPoolAssign, seL4_IllegalOperation, (), WORDS(SPARE, 64), CAPS(A, FAKE_CNODE));
	REFUSED(f, control, label, seL4_InvalidCapability, (1), WORDS(SPARE, 64), CAPS(B, FAKE_CNODE));
	REFUSED(f, control, label, seL4_InvalidCapability, (1), WORDS(SPARE, 64), CAPS(C, FAKE_CNODE));
	REFUSED(f, control, label, seL4_InvalidCapability, (1), WORDS(SPARE, 64), CAPS(FRAME, FAKE_CNODE));
	REFUSED(f, control, label, seL4_DeleteFirst, (), WORDS(FRAME, 64), CAPS(A, FAKE_CNODE));
	REFUSED(f, control, label, seL4_FailedLookup, (0, seL4_InvalidRoot), WORDS(SPARE, 64), CAPS(A, FRAME));
	assert_int_equal(fake_retype_from(f, A, seL4_EndpointObject, 0, SPARE, 1), seL4_NoError);
	REFUSED(f, control, label, seL4_RevokeFirst, (), WORDS(SPARE + 20, 64), CAPS(A, FAKE_CNODE));
	REFUSED(f, POOL, X86PageMap, seL4_IllegalOperation, (), CAPS(ROOT));
	REFUSED(f, POOL, X86ASIDPoolAssign, seL4_TruncatedMessage, (), .length = 0);
	REFUSED(f, POOL, X86ASIDPoolAssign, seL4_InvalidCapability, (1), CAPS(FRAME));
	REFUSED(f, POOL, X86ASIDPoolAssign, seL4_InvalidCapability, (1), CAPS(ROOT));
	for (word i = 1; i < 8; i++)
		assert_null(f->kernel.asid_pools[i]);
	fake_free(f);
}

static void test_pools(void **state)
{
	(void)state;
	struct fake *f = world();
	word pool = C + 1, made = 0;
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, A, 1), seL4_NoError);
	memset(cap_object(fake_cap(f, A)), 0x5a, 1 << seL4_ASIDPoolBits); /* what somebody left there */
	assert_int_equal(make_pool(f, A, pool), seL4_NoError);
	assert_ptr_equal(f->kernel.asid_pools[1], cap_object(fake_cap(f, pool)));
	assert_int_equal(cap_asid_pool_first(fake_cap(f, pool)), 512);
	/* The untyped is used up, and cleared before use. */
	assert_int_equal(fake_retype_from(f, A, seL4_EndpointObject, 0, SPARE, 1), seL4_NotEnoughMemory);
	for (word i = 0; i < 512; i++)
		assert_int_equal(f->kernel.asid_pools[1]->roots[i], 0);
	for (word slot = C + 10; made < 7; made++, slot += 2) {
		assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, slot, 1), seL4_NoError);
		if (make_pool(f, slot, slot + 1))
			break;
	}
	assert_int_equal(made, 6);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, ROOT2, 1), seL4_NoError);
	assert_int_equal(CALL(f, pool, X86ASIDPoolAssign, CAPS(ROOT2)), seL4_NoError);
	assert_int_equal(cap_mapped_asid(fake_cap(f, ROOT2)), 512);
	/* A copy of a pool is the pool; a capability of an earlier pool of that number would be none. */
	assert_int_equal(fake_copy(f, pool, C + 9, 15), seL4_NoError);
	assert_int_equal(fake_delete(f, C + 9), seL4_NoError);
	assert_ptr_equal(f->kernel.asid_pools[1], cap_object(fake_cap(f, pool)));
	struct cap real = fake_cap(f, pool);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, C + 9, 1), seL4_NoError);
	f->cnode[pool].cap = cap_asid_pool(cap_object(fake_cap(f, FRAME)), 512);
	f->does_not_check = true;
	REFUSED(f, pool, X86ASIDPoolAssign, seL4_InvalidCapability, (0), CAPS(C + 9));
	f->does_not_check = false;
	f->cnode[pool].cap = real;
	/* The pool goes: its roots are none any more, its number is free. */
	unsigned switches = f->switches;
	assert_int_equal(fake_revoke(f, A), seL4_NoError);
	assert_null(f->kernel.asid_pools[1]);
	assert_true(f->switches > switches);
	REFUSED(f, FRAME, X86PageMap, seL4_FailedLookup, (0, seL4_InvalidRoot), WORDS(VADDR, ALL, 0), CAPS(ROOT2));
	assert_int_equal(make_pool(f, A, pool), seL4_NoError);
	assert_ptr_equal(f->kernel.asid_pools[1], cap_object(fake_cap(f, pool)));
	/* A root that had its number from the old pool does not take it from the one that has it now. */
	assert_int_equal(fake_delete(f, ROOT), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, ROOT, 1), seL4_NoError);
	assert_int_equal(CALL(f, pool, X86ASIDPoolAssign, CAPS(ROOT)), seL4_NoError);
	assert_int_equal(cap_mapped_asid(fake_cap(f, ROOT)), 512);
	REFUSED(f, FRAME, X86PageMap, seL4_InvalidCapability, (1), WORDS(VADDR, ALL, 0), CAPS(ROOT2));
	assert_int_equal(fake_delete(f, ROOT2), seL4_NoError);
	assert_ptr_equal(vspace_of_asid(&f->kernel, 512), cap_object(fake_cap(f, ROOT)));
	fake_free(f);
}

static void test_asid_numbers(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	/* 0 is never given out, 1 is the root task's. The lowest free one comes next, always. */
	for (word i = 0; i < 5; i++) {
		assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, A + i, 1), seL4_NoError);
		assert_int_equal(CALL(f, POOL, X86ASIDPoolAssign, CAPS(A + i)), seL4_NoError);
		assert_int_equal(cap_mapped_asid(fake_cap(f, A + i)), i + 2);
	}
	unsigned switches = f->switches;
	assert_int_equal(fake_delete(f, A + 1), seL4_NoError);
	assert_true(f->switches > switches);
	assert_int_equal(fake_delete(f, A + 3), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, A + 1, 1), seL4_NoError);
	assert_int_equal(CALL(f, POOL, X86ASIDPoolAssign, CAPS(A + 1)), seL4_NoError);
	assert_int_equal(cap_mapped_asid(fake_cap(f, A + 1)), 3);
	/* A copy of a root is the same VSpace: only the last one's deletion frees the number. */
	assert_int_equal(fake_copy(f, A + 1, A + 8, 15), seL4_NoError);
	assert_int_equal(fake_delete(f, A + 1), seL4_NoError);
	assert_ptr_equal(vspace_of_asid(&f->kernel, 3), cap_object(fake_cap(f, A + 8)));
	assert_int_equal(fake_delete(f, A + 8), seL4_NoError);
	assert_null(vspace_of_asid(&f->kernel, 3));
	assert_null(vspace_of_asid(&f->kernel, 0));
	/* Full: told to delete first. */
	for (word i = 0; i < 512; i++)
		f->asid_pool->roots[i] = f->asid_pool->roots[i] ? f->asid_pool->roots[i] : f->asid_pool->roots[1];
	f->does_not_check = true;
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, A + 9, 1), seL4_NoError);
	REFUSED(f, POOL, X86ASIDPoolAssign, seL4_DeleteFirst, (), CAPS(A + 9));
	memset(&f->asid_pool->roots[6], 0, sizeof f->asid_pool->roots - 6 * sizeof(word));
	fake_free(f);
}

/* ---- I/O ports ---- */
static word issue(struct fake *f, word first, word last, word slot)
{
	return CALL(f, FAKE_IO_PORT_CONTROL, X86IOPortControlIssue, WORDS(first, last, slot, 64), CAPS(FAKE_CNODE));
}

static void test_port_ranges(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	word control = FAKE_IO_PORT_CONTROL, label = X86IOPortControlIssue;
	REFUSED(f, control, label, seL4_TruncatedMessage, (), WORDS(1, 2, A), CAPS(FAKE_CNODE));
	REFUSED(f, control, label, seL4_TruncatedMessage, (), WORDS(1, 2, A, 64));
	REFUSED(f, control, X86IOPortIn8, seL4_IllegalOperation, (), WORDS(1, 2, A, 64), CAPS(FAKE_CNODE));
	REFUSED(f, control, label, seL4_InvalidArgument, (1), WORDS(2, 1, A, 64), CAPS(FAKE_CNODE));
	REFUSED(f, control, label, seL4_DeleteFirst, (), WORDS(1, 2, FAKE_TCB, 64), CAPS(FAKE_CNODE));
	REFUSED(f, control, label, seL4_FailedLookup, (0, seL4_InvalidRoot), WORDS(1, 2, A, 64), CAPS(FAKE_BUFFER));
	assert_int_equal(issue(f, 60, 200, A), seL4_NoError);
	static const word overlapping[][2] = { { 60, 60 }, { 200, 200 }, { 0, 60 }, { 200, 300 }, { 100, 101 },
		{ 0, 65535 }, { 127, 128 } };
	for (size_t i = 0; i < sizeof overlapping / sizeof overlapping[0]; i++)
		REFUSED(f, control, label, seL4_RevokeFirst, (), WORDS(overlapping[i][0], overlapping[i][1], B, 64),
		        CAPS(FAKE_CNODE));
	assert_int_equal(issue(f, 59, 59, B), seL4_NoError);
	assert_int_equal(issue(f, 201, 65535, C), seL4_NoError);
	/* The range is free again with its last capability. */
	assert_int_equal(fake_copy(f, A, A + 9, 15), seL4_NoError);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	REFUSED(f, control, label, seL4_RevokeFirst, (), WORDS(60, 60, A, 64), CAPS(FAKE_CNODE));
	assert_int_equal(fake_delete(f, A + 9), seL4_NoError);
	assert_int_equal(issue(f, 60, 200, A), seL4_NoError);
	assert_int_equal(fake_revoke(f, FAKE_IO_PORT_CONTROL), seL4_NoError);
	for (size_t i = 0; i < sizeof f->kernel.io_ports_taken / sizeof f->kernel.io_ports_taken[0]; i++)
		assert_int_equal(f->kernel.io_ports_taken[i], 0);
	fake_free(f);
}

static void test_port_access(void **state)
{
	(void)state;
	static const struct { word in, out; unsigned bytes; } sizes[] = {
		{ X86IOPortIn8, X86IOPortOut8, 1 }, { X86IOPortIn16, X86IOPortOut16, 2 }, { X86IOPortIn32, X86IOPortOut32, 4 },
	};
	struct fake *f = fake_new();
	assert_int_equal(issue(f, 0x100, 0x107, A), seL4_NoError);
	for (size_t i = 0; i < 3; i++) {
		word last = 0x108 - sizes[i].bytes;
		REFUSED(f, A, sizes[i].in, seL4_NoError, (last << 8 | sizes[i].bytes), WORDS(last));
		REFUSED(f, A, sizes[i].out, seL4_NoError, (), WORDS(last, 0x12345678));
		assert_int_equal(f->route[0], last);
		assert_int_equal(f->route[1], sizes[i].bytes);
		memset(f->route, 0, sizeof f->route);
		REFUSED(f, A, sizes[i].in, seL4_TruncatedMessage, (), .length = 0);
		REFUSED(f, A, sizes[i].out, seL4_TruncatedMessage, (), WORDS(last));
		REFUSED(f, A, sizes[i].in, seL4_IllegalOperation, (), WORDS(0xff));
		REFUSED(f, A, sizes[i].in, seL4_IllegalOperation, (), WORDS(last + 1));
		REFUSED(f, A, sizes[i].out, seL4_IllegalOperation, (), WORDS(0xff, 0));
		REFUSED(f, A, sizes[i].out, seL4_IllegalOperation, (), WORDS(last + 1, 0));
		REFUSED(f, A, sizes[i].out, seL4_IllegalOperation, (), WORDS(0xffff, 0));
		assert_int_equal(f->route[1], 0);
	}
	REFUSED(f, A, X86IOPortControlIssue, seL4_IllegalOperation, (), WORDS(0x100, 0x100, B, 64), CAPS(FAKE_CNODE));
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_map_refusals),
		cmocka_unit_test(test_user_space_only),
		cmocka_unit_test(test_map_again),
		cmocka_unit_test(test_unmap),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_device_frame),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_table_refusals),
		cmocka_unit_test(test_table_unmap),
		cmocka_unit_test(test_table_delete),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_pool_refusals),
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_asid_numbers),
		cmocka_unit_test(test_port_ranges),
		cmocka_unit_test(test_port_access),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
