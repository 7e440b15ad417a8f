/* SPDX-License-Identifier: BSD-2-Clause */
/* VSpaces, ASIDs, I/O ports and interrupts. */
#include "test/boot/conform/conform.h"

#define HERE    seL4_CapInitThreadVSpace
#define VADDR   0x40000000ul /* away from the image, in a 1G stretch of its own */
#define LOWER   (seL4_UserTop - (ABI_WORD_BITS == 64 ? 0 : 4096)) /* the last page of the lower half,
	or what a program can use */
#define ALL     3ul
#define POOL    seL4_CapInitThreadASIDPool

static word map(word frame, word vspace, word address, word rights, word attributes)
{
	return invoke(frame, X86PageMap, LIST(vspace), LIST(address, rights, attributes));
}

static word map_table(word table, word label, word vspace, word address)
{
	return invoke(table, label, LIST(vspace), LIST(address, 0));
}

static word unmap(word frame)
{
	return invoke(frame, X86PageUnmap, LIST(), LIST());
}

/* A VSpace with an ASID and all tables for VADDR. */
struct space {
	word root, pdpt, directory, table;
};

#if ABI_WORD_BITS == 64
static void make_space(struct space *space)
{
	space->root = make(seL4_X86_VSpaceObject, 0);
	space->pdpt = make(seL4_X86_PDPTObject, 0);
	space->directory = make(seL4_X86_PageDirectoryObject, 0);
	space->table = make(seL4_X86_PageTableObject, 0);
	must(invoke(POOL, X86ASIDPoolAssign, LIST(space->root), LIST()), "assign an ASID");
	must(map_table(space->pdpt, X86PDPTMap, space->root, VADDR), "map a PDPT");
	must(map_table(space->directory, X86PageDirectoryMap, space->root, VADDR), "map a directory");
	must(map_table(space->table, X86PageTableMap, space->root, VADDR), "map a table");
}

static void test_tables(void)
{
	word root = make(seL4_X86_VSpaceObject, 0), pdpt = make(seL4_X86_PDPTObject, 0),
		table = make(seL4_X86_PageTableObject, 0);
	word directory = make(seL4_X86_PageDirectoryObject, 0), frame = make(seL4_X86_4K, 0), other;
	show("pdpt, root without ASID", map_table(pdpt, X86PDPTMap, root, VADDR));
	show("frame, root without ASID", map(frame, root, VADDR, ALL, 0));
	show("assign", invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()));
	show("assign again", invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()));
	show("frame, no pdpt", map(frame, root, VADDR, ALL, 0));
	show("table, no pdpt", map_table(table, X86PageTableMap, root, VADDR));
	show("directory, no pdpt", map_table(directory, X86PageDirectoryMap, root, VADDR));
	show("pdpt too high", map_table(pdpt, X86PDPTMap, root, 1ul << 47));
	show("pdpt in the kernel", map_table(pdpt, X86PDPTMap, root, 0xffffff8000000000));
	show("pdpt", map_table(pdpt, X86PDPTMap, root, VADDR + 0x123456));
	show("pdpt again", map_table(pdpt, X86PDPTMap, root, VADDR));
	show("second pdpt there", map_table(other = make(seL4_X86_PDPTObject, 0), X86PDPTMap, root, VADDR));
	show("second pdpt at the top", map_table(other, X86PDPTMap, root, LOWER));
	show("frame, no directory", map(frame, root, VADDR, ALL, 0));
	show("table, no directory", map_table(table, X86PageTableMap, root, VADDR));
	show("directory too high", map_table(directory, X86PageDirectoryMap, root, 1ul << 47));
	show("directory", map_table(directory, X86PageDirectoryMap, root, VADDR + 0xfff));
	show("second directory there", map_table(make(seL4_X86_PageDirectoryObject, 0), X86PageDirectoryMap, root, VADDR));
	show("frame, no table", map(frame, root, VADDR, ALL, 0));
	show("table", map_table(table, X86PageTableMap, root, VADDR + 0x1ff000));
	show("second table there", map_table(other = make(seL4_X86_PageTableObject, 0), X86PageTableMap, root, VADDR));
	show("second table too high", map_table(other, X86PageTableMap, root, 0x8000000000000000));
	show("table, one word", invoke(other, X86PageTableMap, LIST(root), LIST(VADDR)));
	show("table, no root", invoke(other, X86PageTableMap, LIST(), LIST(VADDR, 0)));
	show("table, root is a frame", map_table(other, X86PageTableMap, frame, VADDR));
	show("unmap a table never mapped", invoke(other, X86PageTableUnmap, LIST(), LIST()));
	word twin = copy(table);
	show("unmap a table with a copy", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("unmap through the copy", invoke(twin, X86PageTableUnmap, LIST(), LIST()));
	delete(twin);
	show("frame", map(frame, root, VADDR, ALL, 0));
	show("unmap the table", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("unmap the table again", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("frame in it again", map(frame, root, VADDR, ALL, 0));
	show("table elsewhere", map_table(table, X86PageTableMap, root, VADDR + 0x200000));
	show("frame there", map(frame, root, VADDR + 0x200000, ALL, 0));
	show("unmap the frame", unmap(frame));
	show("frame there", map(frame, root, VADDR + 0x200000, ALL, 0));
	show("unmap the directory", invoke(directory, X86PageDirectoryUnmap, LIST(), LIST()));
	show("table after its directory", map_table(table, X86PageTableMap, root, VADDR));
	show("directory again", map_table(directory, X86PageDirectoryMap, root, VADDR));
	show("table still counts as mapped", map_table(table, X86PageTableMap, root, VADDR));
	show("unmap it", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("and map it", map_table(table, X86PageTableMap, root, VADDR));
	show("unmap the pdpt", invoke(pdpt, X86PDPTUnmap, LIST(), LIST()));
	show("wrong label", invoke(pdpt, X86PageTableUnmap, LIST(), LIST()));
	show("the root", invoke(root, X86PDPTUnmap, LIST(), LIST()));
}
#else
static void make_space(struct space *space)
{
	space->root = make(seL4_X86_VSpaceObject, 0);
	space->table = make(seL4_X86_PageTableObject, 0);
	must(invoke(POOL, X86ASIDPoolAssign, LIST(space->root), LIST()), "assign an ASID");
	must(map_table(space->table, X86PageTableMap, space->root, VADDR), "map a table");
}

static word status_bits(word root, word address)
{
	return invoke(root, X86PageDirectoryGetStatusBits, LIST(), LIST(address));
}

static void test_tables(void)
{
	word root = make(seL4_X86_VSpaceObject, 0), table = make(seL4_X86_PageTableObject, 0), frame = make(seL4_X86_4K,
		0), other;
	show("table, root without ASID", map_table(table, X86PageTableMap, root, VADDR));
	show("frame, root without ASID", map(frame, root, VADDR, ALL, 0));
	show("assign", invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()));
	show("assign again", invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()));
	show("frame, no table", map(frame, root, VADDR, ALL, 0));
	show("table at the kernel's first", map_table(table, X86PageTableMap, root, KERNEL_ADDRESS));
	show("table in the kernel", map_table(table, X86PageTableMap, root, KERNEL_ADDRESS + LARGE_BYTES));
	show("table at the top", map_table(table, X86PageTableMap, root, ~0ul));
	show("table", map_table(table, X86PageTableMap, root, VADDR + 0x3ff123));
	show("table again", map_table(table, X86PageTableMap, root, VADDR));
	show("second table there", map_table(other = make(seL4_X86_PageTableObject, 0), X86PageTableMap, root, VADDR));
	show("second table at the end", map_table(other, X86PageTableMap, root, LOWER));
	show("unmap it", invoke(other, X86PageTableUnmap, LIST(), LIST()));
	show("table, one word", invoke(other, X86PageTableMap, LIST(root), LIST(VADDR)));
	show("table, no root", invoke(other, X86PageTableMap, LIST(), LIST(VADDR, 0)));
	show("table, root is a frame", map_table(other, X86PageTableMap, frame, VADDR));
	show("unmap a table never mapped", invoke(other, X86PageTableUnmap, LIST(), LIST()));
	word twin = copy(table);
	show("unmap a table with a copy", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("unmap through the copy", invoke(twin, X86PageTableUnmap, LIST(), LIST()));
	delete(twin);
	show("status bits of nothing", status_bits(root, VADDR));
	show("status bits of the kernel", status_bits(root, KERNEL_ADDRESS + 1));
	show("status bits, no word", invoke(root, X86PageDirectoryGetStatusBits, LIST(), LIST()));
	show("frame", map(frame, root, VADDR, ALL, 0));
	show("status bits", status_bits(root, VADDR + 5));
	show("unmap the table", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("unmap the table again", invoke(table, X86PageTableUnmap, LIST(), LIST()));
	show("status bits without a table", status_bits(root, VADDR));
	show("frame in it again", map(frame, root, VADDR, ALL, 0));
	show("table elsewhere", map_table(table, X86PageTableMap, root, VADDR + LARGE_BYTES));
	show("frame there", map(frame, root, VADDR + LARGE_BYTES, ALL, 0));
	show("unmap the frame", unmap(frame));
	show("frame there", map(frame, root, VADDR + LARGE_BYTES, ALL, 0));
	show("wrong label", invoke(table, X86PageDirectoryUnmap, LIST(), LIST()));
	show("the root", invoke(root, X86PageDirectoryUnmap, LIST(), LIST()));
}
#endif

static void test_frames(void)
{
	struct space a, b;
	make_space(&a);
	make_space(&b);
	word frame = make(seL4_X86_4K, 0), large = make(seL4_X86_LargePageObject, 0), second = make(seL4_X86_4K, 0);
	show("unaligned", map(frame, a.root, VADDR + 8, ALL, 0));
	show("too high", map(frame, a.root, LOWER, ALL, 0));
	show("too high and unaligned", map(frame, a.root, LOWER + 1, ALL, 0));
	show("not canonical", map(frame, a.root, NOT_CANONICAL, ALL, 0));
	show("in the kernel", map(frame, a.root, KERNEL_ADDRESS, ALL, 0));
	show("at the very top", map(frame, a.root, ~0xffful, ALL, 0));
	show("two words", invoke(frame, X86PageMap, LIST(a.root), LIST(VADDR, ALL)));
	show("no root", invoke(frame, X86PageMap, LIST(), LIST(VADDR, ALL, 0)));
	show("root is a table", map(frame, a.table, VADDR, ALL, 0));
	show("map", map(frame, a.root, VADDR, ALL, 0));
	show("map again, read only", map(frame, a.root, VADDR, 2, 0));
	show("map again, elsewhere", map(frame, a.root, VADDR + 0x1000, ALL, 0));
	show("map again, unaligned", map(frame, a.root, VADDR + 1, ALL, 0));
	show("map again, other space", map(frame, b.root, VADDR, ALL, 0));
	show("other frame over it", map(second, a.root, VADDR, ALL, 0));
	show("unmap the covered one", unmap(frame));
	show("unmap it twice", unmap(frame));
	show("copy of a mapped frame, other space", map(copy(second), b.root, VADDR, ALL, 7));
	show("attributes beyond", map(frame, a.root, VADDR + 0x1000, ~0ul, ~0ul));
	show("large over a table", map(large, a.root, VADDR, ALL, 0));
	show("large unaligned", map(large, a.root, VADDR + LARGE_BYTES + 0x1000, ALL, 0));
	show("large", map(large, a.root, VADDR + LARGE_BYTES, ALL, 0));
	show("table over large", map_table(make(seL4_X86_PageTableObject, 0), X86PageTableMap, a.root,
	                                   VADDR + LARGE_BYTES));
	show("frame under large", map(make(seL4_X86_4K, 0), a.root, VADDR + LARGE_BYTES, ALL, 0));
	show("large over large", map(make(seL4_X86_LargePageObject, 0), a.root, VADDR + LARGE_BYTES, 2, 0));
	show("large, lost", unmap(large));
	show("no table for large", map(large, a.root, VADDR + 0x40000000, ALL, 0));
#if ABI_IOMMU
	show("for a device", invoke(second, X86PageMapIO, LIST(a.root), LIST(ALL, VADDR)));
	show("for a device, one word", invoke(frame, X86PageMapIO, LIST(a.root), LIST(ALL)));
	show("for a device, large", invoke(large, X86PageMapIO, LIST(a.root), LIST(ALL, VADDR)));
	show("io table", invoke(make(seL4_X86_IOPageTableObject, 0), X86IOPageTableMap, LIST(a.root), LIST(VADDR)));
#endif
	show("same address twice", invoke(frame, X86PageGetAddress, LIST(), LIST()) ? 1 : answer.words[0] & 0xfff);
	delete(a.root);
	show("map after the root is gone", map(second, a.root, VADDR, ALL, 0));
	show("unmap after the root is gone", unmap(second));
	show("map into the other", map(second, b.root, VADDR + 0x2000, ALL, 0));
}

/* The 'stale capability' rules: a capability remembers ASID and address, whatever happens to table and root. */
static void test_stale(void)
{
	struct space a;
	make_space(&a);
	word frame = make(seL4_X86_4K, 0), other = make(seL4_X86_VSpaceObject, 0), root;
	must(map(frame, a.root, VADDR, ALL, 0), "map");
	delete(a.root);
	root = make(seL4_X86_VSpaceObject, 0);
	must(invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()), "assign the same ASID");
	show("new root, same ASID, no tables", map(frame, root, VADDR, ALL, 0));
#if ABI_WORD_BITS == 64
	show("its old pdpt", map_table(a.pdpt, X86PDPTMap, root, VADDR));
	show("unmap the pdpt", invoke(a.pdpt, X86PDPTUnmap, LIST(), LIST()));
	show("map it", map_table(a.pdpt, X86PDPTMap, root, VADDR));
	show("unmap the directory", invoke(a.directory, X86PageDirectoryUnmap, LIST(), LIST()));
	show("map it", map_table(a.directory, X86PageDirectoryMap, root, VADDR));
#endif
	show("unmap the table", invoke(a.table, X86PageTableUnmap, LIST(), LIST()));
	show("map it", map_table(a.table, X86PageTableMap, root, VADDR));
	show("the frame at another place", map(frame, root, VADDR + 0x1000, ALL, 0));
	show("the frame", map(frame, root, VADDR, ALL, 0));
	delete(root);
	must(invoke(POOL, X86ASIDPoolAssign, LIST(other), LIST()), "take the ASID");
	root = make(seL4_X86_VSpaceObject, 0);
	must(invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()), "assign the next");
	show("other ASID", map(frame, root, VADDR, ALL, 0));
	show("unmap", unmap(frame));
	show("then no table", map(frame, root, VADDR, ALL, 0));
}

/* Rights, seen from the frame's own mapping in this VSpace: written through one, read through the other. */
static void test_content(void)
{
	word frame = make(seL4_X86_4K, 0), twin, large = make(seL4_X86_LargePageObject, 0);
	word table = make(seL4_X86_PageTableObject, 0);
	volatile word *at = (volatile word *)VADDR, *also = (volatile word *)(VADDR + 0x5000);
	volatile word *big = (volatile word *)(VADDR + LARGE_BYTES);
#if ABI_WORD_BITS == 64
	must(map_table(make(seL4_X86_PageDirectoryObject, 0), X86PageDirectoryMap, HERE, VADDR), "map a directory");
#endif
	must(map_table(table, X86PageTableMap, HERE, VADDR), "map a table");
	must(map(frame, HERE, VADDR, ALL, 0), "map");
	bool clean = true;
	for (word i = 0; i < 4096 / sizeof(word); i++) {
		clean = clean && at[i] == 0;
	}
	show_number("fresh frame is clear", clean);
	at[7] = 0x1234;
	twin = mint(frame, 2, 0);
	must(map(twin, HERE, VADDR + 0x5000, ALL, 0), "map a copy");
	show_number("through the copy", also[7]);
	at[7] = 0x4321;
	show_number("through the copy", also[7]);
	must(unmap(twin), "unmap");
	must(map(large, HERE, VADDR + LARGE_BYTES, ALL, 0), "map a large page");
	big[LARGE_BYTES / sizeof(word) - 1] = 77;
	show_number("large page's first word", big[0]);
	show_number("large page's last word", big[LARGE_BYTES / sizeof(word) - 1]);
	show_number("frame unharmed", at[7]);
	must(map(make(seL4_X86_4K, 0), HERE, VADDR, ALL, 0), "map another over it");
#if ABI_WORD_BITS == 64 /* seL4 for ia32 leaves the old translation in the TLB */
	show_number("mapped over", at[7]);
#endif
}

void test_vspace(void)
{
	test_tables();
	revoke(scratch);
	test_frames();
	revoke(scratch);
	test_stale();
	revoke(scratch);
	test_content();
}

/* ---- ASIDs ---- */
static word make_pool(word untyped, word slot)
{
	return invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(untyped, seL4_CapInitThreadCNode), LIST(slot,
		ROOT_DEPTH));
}

static void test_pools(void)
{
	word untyped = make(seL4_UntypedObject, 12), pool = fresh_slot(), busy = make(seL4_UntypedObject, 12);
	must(retype(busy, seL4_EndpointObject, 0, fresh_slot()), "use it");
	show("untyped too large", make_pool(make(seL4_UntypedObject, 13), fresh_slot()));
	show("not an untyped", make_pool(make(seL4_X86_4K, 0), fresh_slot()));
	show("untyped with children", make_pool(busy, fresh_slot()));
	show("occupied slot", make_pool(untyped, seL4_CapInitThreadTCB));
	show("root not a cnode", invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(untyped, untyped), LIST(pool,
		ROOT_DEPTH)));
	show("depth 70", invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(untyped, seL4_CapInitThreadCNode),
	                        LIST(pool, 70)));
	show("one word", invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(untyped, seL4_CapInitThreadCNode),
	                        LIST(pool)));
	show("one capability", invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(untyped), LIST(pool, ROOT_DEPTH)));
	show("make", make_pool(untyped, pool));
	show("retype the untyped", retype(untyped, seL4_EndpointObject, 0, fresh_slot()));
	show("make again", make_pool(untyped, fresh_slot()));
	word made = 0;
	while (made < 20 && !make_pool(make(seL4_UntypedObject, 12), fresh_slot())) {
		made++;
	}
	show_number("more pools", made);
	show("and then", answer.label);
	word root = make(seL4_X86_VSpaceObject, 0);
	show("assign from it", invoke(pool, X86ASIDPoolAssign, LIST(root), LIST()));
	show("assign nothing", invoke(pool, X86ASIDPoolAssign, LIST(), LIST()));
	show("assign a table", invoke(pool, X86ASIDPoolAssign, LIST(make(seL4_X86_PageTableObject, 0)), LIST()));
	show("copy of the pool", invoke(copy(pool), X86ASIDPoolAssign, LIST(make(seL4_X86_VSpaceObject, 0)), LIST()));
#if ABI_WORD_BITS == 64
	word pdpt = make(seL4_X86_PDPTObject, 0);
	show("map in it", map_table(pdpt, X86PDPTMap, root, VADDR));
	revoke(untyped);
	show("pool gone: map", map_table(make(seL4_X86_PDPTObject, 0), X86PDPTMap, root, VADDR));
	show("pool gone: unmap", invoke(pdpt, X86PDPTUnmap, LIST(), LIST()));
#else
	word table = make(seL4_X86_PageTableObject, 0);
	show("map in it", map_table(table, X86PageTableMap, root, VADDR));
	revoke(untyped);
	show("pool gone: map", map_table(make(seL4_X86_PageTableObject, 0), X86PageTableMap, root, VADDR));
	show("pool gone: unmap", invoke(table, X86PageTableUnmap, LIST(), LIST()));
#endif
	show("pool gone: assign", invoke(POOL, X86ASIDPoolAssign, LIST(root), LIST()));
}

/* A pool gives out 512 or 1,024 numbers; the first pool, which holds ASID 0 and this task's own, fewer. */
static void test_count(void)
{
	word pool = fresh_slot(), assigned = 0, first = 0;
	must(make_pool(make(seL4_UntypedObject, 12), pool), "make a pool");
	for (word i = 0; i < 1100; i++) {
		word root = make(seL4_X86_VSpaceObject, 0);
		first = i == 0 ? root : first;
		if (invoke(pool, X86ASIDPoolAssign, LIST(root), LIST())) {
			break;
		}
		assigned++;
	}
	show_number("ASIDs of a pool", assigned);
	show("and then", answer.label);
	delete(first);
	show("after one was deleted", invoke(pool, X86ASIDPoolAssign, LIST(make(seL4_X86_VSpaceObject, 0)), LIST()));
}

void test_asid(void)
{
	test_pools();
	revoke(scratch);
	test_count();
}

/* ---- I/O ports ---- */
static word issue(word first, word last, word slot)
{
	return invoke(seL4_CapIOPortControl, X86IOPortControlIssue, LIST(seL4_CapInitThreadCNode), LIST(first, last,
		slot, ROOT_DEPTH));
}

void test_ioport(void)
{
	word port = fresh_slot(), other = fresh_slot(), twin;
	show("backwards", issue(0x84, 0x80, port));
	show("issue", issue(0x80, 0x83, port));
	show("overlap below", issue(0x7f, 0x80, other));
	show("overlap inside", issue(0x81, 0x82, other));
	show("overlap around", issue(0x0, 0xffff, other));
	show("ours already", issue(0x3f8, 0x3f8, other));
	show("beside", issue(0x84, 0x84, other));
	show("occupied", issue(0x90, 0x90, other));
	show("high bits ignored", issue(0x10090, 0x20091, fresh_slot()));
	show("them again", issue(0x90, 0x91, fresh_slot()));
	show("three words", invoke(seL4_CapIOPortControl, X86IOPortControlIssue, LIST(seL4_CapInitThreadCNode), LIST(1,
		1, port)));
	show("root not a cnode", invoke(seL4_CapIOPortControl, X86IOPortControlIssue, LIST(port), LIST(1, 1, port,
		ROOT_DEPTH)));
	show("out 8", invoke(port, X86IOPortOut8, LIST(), LIST(0x80, 0x55)));
	show("out 8, one word", invoke(port, X86IOPortOut8, LIST(), LIST(0x80)));
	show("out 8, below", invoke(port, X86IOPortOut8, LIST(), LIST(0x7f, 0)));
	show("out 8, above", invoke(port, X86IOPortOut8, LIST(), LIST(0x84, 0)));
	show("out 16, last fits", invoke(port, X86IOPortOut16, LIST(), LIST(0x82, 0)));
	show("out 16, half out", invoke(port, X86IOPortOut16, LIST(), LIST(0x83, 0)));
	show("out 32", invoke(port, X86IOPortOut32, LIST(), LIST(0x80, 0)));
	show("out 32, out", invoke(port, X86IOPortOut32, LIST(), LIST(0x81, 0)));
	show("in 8, none", invoke(port, X86IOPortIn8, LIST(), LIST()));
	show("in 8, out", invoke(port, X86IOPortIn8, LIST(), LIST(0x84)));
	show("in 8, ignored bits", invoke(port, X86IOPortIn8, LIST(), LIST(0x10084)));
	show_number("in 8 length", invoke(port, X86IOPortIn8, LIST(), LIST(0x80)) ? 99 : answer.length);
	show_number("in 16 length", invoke(port, X86IOPortIn16, LIST(), LIST(0x80)) ? 99 : answer.length);
	show_number("in 32 length", invoke(port, X86IOPortIn32, LIST(), LIST(0x80)) ? 99 : answer.length);
	twin = copy(port);
	delete(port);
	show("still taken by a copy", issue(0x80, 0x83, port));
	delete(twin);
	show("free again", issue(0x7e, 0x83, port));
	revoke(seL4_CapIOPortControl);
	/* The console's own port is gone with that: take both back before the next line is printed. */
	(void)issue(0x3f8, 0x3ff, FIRST_SLOT);
	(void)issue(0xf4, 0xf4, FIRST_SLOT + 1);
	show("all gone after revoke", issue(0x80, 0x84, other));
	show("delete it", invoke(seL4_CapInitThreadCNode, CNodeDelete, LIST(), LIST(other, ROOT_DEPTH)));
}

/* ---- interrupts ---- */
static word issue_pin(word slot, word ioapic, word pin, word level, word polarity, word number)
{
	return invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerIOAPIC, LIST(seL4_CapInitThreadCNode),
	              LIST(slot, ROOT_DEPTH, ioapic, pin, level, polarity, number));
}

static word issue_message(word slot, word bus, word device, word function, word handle, word number)
{
	return invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerMSI, LIST(seL4_CapInitThreadCNode),
	              LIST(slot, ROOT_DEPTH, bus, device, function, handle, number));
}

/* The PIT's channel 0 is wired to pin 2 of QEMU's and every PC's first I/O APIC: a pulse on demand. */
static void pulse(word pit)
{
	(void)invoke(pit, X86IOPortOut8, LIST(), LIST(0x43, 0x30));
	(void)invoke(pit, X86IOPortOut8, LIST(), LIST(0x40, 0xff));
	(void)invoke(pit, X86IOPortOut8, LIST(), LIST(0x40, 0x1));
}

static void test_pulse(word handler)
{
	word notification = make(seL4_NotificationObject, 0), badged = mint(notification, 3, 0x42), pit = fresh_slot();
	must(issue(0x40, 0x43, pit), "get the PIT");
	show("set a notification without the right to send", invoke(handler, IRQSetIRQHandler, LIST(mint(notification, 2,
		1)), LIST()));
	show("set an endpoint", invoke(handler, IRQSetIRQHandler, LIST(make(seL4_EndpointObject, 0)), LIST()));
	show("set nothing", invoke(handler, IRQSetIRQHandler, LIST(), LIST()));
	show("set", invoke(handler, IRQSetIRQHandler, LIST(badged), LIST()));
	show("set again", invoke(handler, IRQSetIRQHandler, LIST(badged), LIST()));
	show("acknowledge", invoke(handler, IRQAckIRQ, LIST(), LIST()));
	for (unsigned i = 0; i < 2; i++) {
		pulse(pit);
		receive((word)seL4_SysWait, notification, 0);
		show_number("interrupt with badge", answer.badge);
		show("acknowledge", invoke(handler, IRQAckIRQ, LIST(), LIST()));
	}
	show("clear", invoke(handler, IRQClearIRQHandler, LIST(), LIST()));
	show("clear twice", invoke(handler, IRQClearIRQHandler, LIST(), LIST()));
	delete(pit);
}

void test_irq(void)
{
	word handler = fresh_slot(), other = fresh_slot();
	show("plain line", invoke(seL4_CapIRQControl, IRQIssueIRQHandler, LIST(seL4_CapInitThreadCNode), LIST(3, other,
		ROOT_DEPTH)));
	show("pin of no controller", issue_pin(handler, 1, 2, 0, 0, 0));
	show("no such pin", issue_pin(handler, 0, 24, 0, 0, 0));
	show("level 2", issue_pin(handler, 0, 2, 2, 0, 0));
	show("polarity 2", issue_pin(handler, 0, 2, 0, 2, 0));
	show("number too large", issue_pin(handler, 0, 2, 0, 0, 108));
	show("number very large", issue_pin(handler, 0, 2, 0, 0, 256));
	show("largest number", issue_pin(other, 0, 3, 0, 0, 107));
	show("issue", issue_pin(handler, 0, 2, 0, 0, 5));
	show("number taken", issue_pin(fresh_slot(), 0, 4, 0, 0, 5));
	show("slot occupied", issue_pin(handler, 0, 4, 0, 0, 6));
	show("six words", invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerIOAPIC, LIST(seL4_CapInitThreadCNode),
	                         LIST(0, ROOT_DEPTH, 0, 2, 0, 0)));
	show("no root", invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerIOAPIC, LIST(), LIST(0, ROOT_DEPTH, 0, 2, 0, 0,
		7)));
	show("message, bus 256", issue_message(fresh_slot(), 256, 0, 0, 0, 8));
	show("message, device 32", issue_message(fresh_slot(), 0, 32, 0, 0, 8));
	show("message, function 8", issue_message(fresh_slot(), 0, 0, 8, 0, 8));
	show("message", issue_message(fresh_slot(), 0, 0, 0, 0, 8));
	show("acknowledge without a notification", invoke(other, IRQAckIRQ, LIST(), LIST()));
	test_pulse(handler);
	word twin = copy(handler);
	show("copy acknowledges", invoke(twin, IRQAckIRQ, LIST(), LIST()));
	delete(handler);
	show("number still taken", issue_pin(handler, 0, 2, 0, 0, 5));
	delete(twin);
	show("number free", issue_pin(handler, 0, 2, 0, 0, 5));
	revoke(seL4_CapIRQControl);
	show("all free after revoke", issue_pin(other, 0, 3, 0, 0, 107));
	delete(other);
}
