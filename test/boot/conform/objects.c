/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot information, what each kind of capability refuses, untyped memory and CNodes. */
#include "test/boot/conform/conform.h"

#define DEVICES_SHOWN 0xf0000000ul

/* ---- boot information ---- */
static void show_records(void)
{
	const uint8_t *at = (const uint8_t *)info + 4096, *end = at + info->extraLen;
	while (at < end) {
		seL4_BootInfoHeader header;
		__builtin_memcpy(&header, at, sizeof header);
		show_number("record", header.id);
		show_number("  of bytes", header.len);
		at += header.len;
	}
}

/* The devices above all memory are the same on every kernel and emulator. */
static void show_devices(void)
{
	for (word i = 0; i < info->untyped.end - info->untyped.start; i++) {
		const seL4_UntypedDesc *untyped = &info->untypedList[i];
		if (untyped->isDevice && untyped->paddr >= DEVICES_SHOWN) {
			show_number("device", untyped->paddr);
			show_number("  bits", untyped->sizeBits);
		}
	}
}

static bool is_memory_ordered(void)
{
	word end = 0, count = info->untyped.end - info->untyped.start;
	for (word i = 0; i < count; i++) {
		const seL4_UntypedDesc *untyped = &info->untypedList[i];
		if (untyped->isDevice) {
			continue;
		}
		if (untyped->paddr < end || untyped->paddr & ((1ul << untyped->sizeBits) - 1)) {
			return false;
		}
		end = untyped->paddr + (1ul << untyped->sizeBits);
	}
	return true;
}

void test_bootinfo(void)
{
	show_number("extraLen", info->extraLen);
	show_number("nodeID", info->nodeID);
	show_number("numNodes", info->numNodes);
	show_number("numIOPTLevels", info->numIOPTLevels);
	show_number("CNode bits", info->initThreadCNodeSizeBits);
	show_number("domain", info->initThreadDomain);
	show_number("shared frames", info->sharedFrames.end - info->sharedFrames.start);
	show_number("IO spaces", info->ioSpaceCaps.end - info->ioSpaceCaps.start);
	show_number("scheduling control", info->schedcontrol.start);
	show_number("  end", info->schedcontrol.end);
	show_number("paging", info->userImagePaging.start);
	show_number("  end", info->userImagePaging.end);
	show_number("extra pages", info->extraBIPages.start);
	show_number("  end", info->extraBIPages.end);
	show_number("image frames follow", info->userImageFrames.start - info->extraBIPages.end);
	show_number("untypeds follow", info->untyped.start - info->userImageFrames.end);
	show_number("empty follows", info->empty.start - info->untyped.end);
	show_number("end of empty", info->empty.end);
	show_number("buffer behind image", (word)info->ipcBuffer & 0xfff);
	show_number("information behind buffer", (word)info - (word)info->ipcBuffer);
	show_devices();
	show_number("memory ordered", is_memory_ordered());
	show_records();
	for (word slot = 0; slot < seL4_NumInitialCaps; slot++) {
		show_number("initial slot", slot);
		show("  move onto an occupied slot", invoke(seL4_CapInitThreadCNode, CNodeMove, LIST(seL4_CapInitThreadCNode),
		                                            LIST(2, ROOT_DEPTH, slot, ROOT_DEPTH)));
	}
}

/* ---- refusals: every label on every kind ---- */
/* What the bundled kernel leaves out on purpose (CAVEATS.md). */
static bool is_left_out(word label)
{
#if ABI_HARDWARE_DEBUG
	if (label >= TCBSetBreakpoint && label <= TCBConfigureSingleStepping) {
		return true;
	}
#endif
	return label == DomainScheduleConfigure || label == DomainScheduleSetStart;
}

static void show_row(const char *name, word cap, struct list caps, word length)
{
	static const word zeros[8];
	print("  ");
	print(name);
	for (word label = 0; label < ABI_INVOCATION_COUNT + 3; label++) {
		if (is_left_out(label)) {
			print(" -");
			continue;
		}
		for (word i = 4; i < 8; i++) {
			buffer->msg[i] = 0;
		}
		word error = invoke(cap, label, caps, (struct list){ zeros, length });
		put(' ');
		print_hex(error);
		for (word i = 0; i < answer.length && i < 4; i++) {
			put(i ? ',' : ':');
			if (answer.words[i] < 0x10000) {
				print_hex(answer.words[i]);
			} else {
				put('*'); /* a physical address */
			}
		}
	}
	print("\n");
}

static void show_rows(const char *name, word cap)
{
	word other = make(seL4_CapTableObject, 1);
	print(name);
	print("\n");
	show_row("bare", cap, LIST(), 0);
	show_row("words", cap, LIST(), 8);
	show_row("caps", cap, LIST(other, other, other), 0);
	show_row("both", cap, LIST(other, other, other), 8);
	show_row("short", cap, LIST(other), 1);
}

void test_refusals(void)
{
	word pool = fresh_slot(), port = fresh_slot();
	must(invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(make(seL4_UntypedObject, 12),
	                                                              seL4_CapInitThreadCNode),
	            LIST(pool, ROOT_DEPTH)), "make a pool");
	must(invoke(seL4_CapIOPortControl, X86IOPortControlIssue, LIST(seL4_CapInitThreadCNode), LIST(0x80, 0x83, port,
		ROOT_DEPTH)),
	     "issue ports");
	show_rows("null", 0);
	show_rows("untyped", make(seL4_UntypedObject, 12));
	show_rows("notification", make(seL4_NotificationObject, 0));
	show_rows("reply", make(seL4_ReplyObject, 0));
	show_rows("cnode", make(seL4_CapTableObject, 2));
	show_rows("tcb", make(seL4_TCBObject, 0));
	show_rows("scheduling context", make(seL4_SchedContextObject, seL4_MinSchedContextBits));
	show_rows("frame 4K", make(seL4_X86_4K, 0));
	show_rows("large frame", make(seL4_X86_LargePageObject, 0));
	show_rows("page table", make(seL4_X86_PageTableObject, 0));
#if ABI_WORD_BITS == 64
	show_rows("page directory", make(seL4_X86_PageDirectoryObject, 0));
	show_rows("pdpt", make(seL4_X86_PDPTObject, 0));
#endif
	show_rows("vspace", make(seL4_X86_VSpaceObject, 0));
#if ABI_IOMMU
	show_rows("io page table", make(seL4_X86_IOPageTableObject, 0));
#endif
	show_rows("asid pool", pool);
	show_rows("io port", port);
	show_rows("scheduling control", info->schedcontrol.start);
	show_rows("irq control", seL4_CapIRQControl);
	show_rows("asid control", seL4_CapASIDControl);
	show_rows("io port control", seL4_CapIOPortControl);
	show_rows("domain", seL4_CapDomain);
	delete(port);
	delete(pool);
}

/* ---- untyped ---- */
static word retype_all(word untyped, struct list caps, word type, word bits, word index, word depth, word offset,
                       word count)
{
	return invoke(untyped, UntypedRetype, caps, LIST(type, bits, index, depth, offset, count));
}

static void test_retype_arguments(word untyped)
{
	struct list root = LIST(seL4_CapInitThreadCNode);
	word slot = fresh_slot(), cnode = make(seL4_CapTableObject, 4);
	show("type too large", retype_all(untyped, root, 100, 0, 0, 0, slot, 1));
	show("first type too large", retype_all(untyped, root, seL4_ObjectTypeCount, 0, 0, 0, slot, 1));
	show("size too large", retype_all(untyped, root, seL4_UntypedObject, seL4_WordBits, 0, 0, slot, 1));
	show("size very large", retype_all(untyped, root, seL4_UntypedObject, 1000, 0, 0, slot, 1));
	show("untyped a bit too large", retype_all(untyped, root, seL4_UntypedObject, seL4_MaxUntypedBits + 1, 0, 0,
	                                           slot, 1));
	show("untyped of the largest size", retype_all(untyped, root, seL4_UntypedObject, seL4_MaxUntypedBits, 0, 0,
	                                               slot, 1));
	show("untyped too small", retype_all(untyped, root, seL4_UntypedObject, 3, 0, 0, slot, 1));
	show("untyped size 0", retype_all(untyped, root, seL4_UntypedObject, 0, 0, 0, slot, 1));
	show("cnode size 0", retype_all(untyped, root, seL4_CapTableObject, 0, 0, 0, slot, 1));
	show("cnode of all memory", retype_all(untyped, root, seL4_CapTableObject, seL4_WordBits - seL4_SlotBits, 0, 0,
	                                       slot, 1));
	show("cnode of half of it", retype_all(untyped, root, seL4_CapTableObject, seL4_WordBits - seL4_SlotBits - 1, 0,
	                                       0, slot, 1));
	show("sc too small", retype_all(untyped, root, seL4_SchedContextObject, 6, 0, 0, slot, 1));
	show("no objects", retype_all(untyped, root, seL4_EndpointObject, 0, 0, 0, slot, 0));
	show("257 objects", retype_all(untyped, root, seL4_EndpointObject, 0, 0, 0, slot, 257));
	show("offset beyond", retype_all(untyped, root, seL4_EndpointObject, 0, 0, 0, 1ul << ROOT_BITS, 1));
	show("window beyond", retype_all(untyped, root, seL4_EndpointObject, 0, 0, 0, (1ul << ROOT_BITS) - 1, 2));
	show("root not a cnode", retype_all(untyped, LIST(untyped), seL4_EndpointObject, 0, 0, 0, 0, 1));
	show("root empty", retype_all(untyped, LIST(fresh_slot()), seL4_EndpointObject, 0, 0, 0, 0, 1));
	show("node by depth", retype_all(untyped, root, seL4_EndpointObject, 0, cnode, ROOT_DEPTH, 0, 1));
	show("node by depth, occupied", retype_all(untyped, root, seL4_EndpointObject, 0, cnode, ROOT_DEPTH, 0, 1));
	show("node not a cnode", retype_all(untyped, root, seL4_EndpointObject, 0, untyped, ROOT_DEPTH, 0, 1));
	show("node empty", retype_all(untyped, root, seL4_EndpointObject, 0, slot, ROOT_DEPTH, 0, 1));
	show("node too deep", retype_all(untyped, root, seL4_EndpointObject, 0, cnode, ROOT_DEPTH + 1, 0, 1));
	show("node too shallow", retype_all(untyped, root, seL4_EndpointObject, 0, cnode, 1, 0, 1));
	show("node wrong guard", retype_all(untyped, root, seL4_EndpointObject, 0, cnode | 1ul << HIGH_BIT, ROOT_DEPTH,
	                                    0, 1));
	show("small cnode, last slot", retype_all(untyped, LIST(cnode), seL4_EndpointObject, 0, 0, 0, 15, 1));
	show("small cnode, past it", retype_all(untyped, LIST(cnode), seL4_EndpointObject, 0, 0, 0, 16, 1));
	show("occupied", retype_all(untyped, root, seL4_EndpointObject, 0, 0, 0, seL4_CapInitThreadTCB, 1));
	show("five words", invoke_length(untyped, UntypedRetype, root, LIST(0, 0, 0, 0, slot, 1), 5));
	show("no capability", retype_all(untyped, LIST(), seL4_EndpointObject, 0, 0, 0, slot, 1));
}

static void test_retype_memory(void)
{
	word slot, untyped = make(seL4_UntypedObject, 13), child = fresh_slot();
	show("half", retype(untyped, seL4_UntypedObject, 12, child));
	show("endpoint behind it", retype(untyped, seL4_EndpointObject, 0, slot = fresh_slot()));
	show("page does not fit", retype(untyped, seL4_X86_4K, 0, fresh_slot()));
	show("page twice", retype_all(untyped, LIST(seL4_CapInitThreadCNode), seL4_X86_4K, 0, 0, 0, fresh_slot(), 2));
	show("tcb fits", retype(untyped, seL4_TCBObject, 0, fresh_slot()));
	show("another", retype(untyped, seL4_TCBObject, 0, fresh_slot()));
	show("too large for all", retype(untyped, seL4_UntypedObject, 14, fresh_slot()));
	show("delete the endpoint", invoke(seL4_CapInitThreadCNode, CNodeDelete, LIST(), LIST(slot, ROOT_DEPTH)));
	show("still no page", retype(untyped, seL4_X86_4K, 0, fresh_slot()));
	revoke(untyped);
	show("two pages after revoke", retype_all(untyped, LIST(seL4_CapInitThreadCNode), seL4_X86_4K, 0, 0, 0,
	                                          fresh_slot(), 2));
	fresh_slot();
	show("copy of an untyped with children", invoke(seL4_CapInitThreadCNode, CNodeCopy, LIST(seL4_CapInitThreadCNode),
	     LIST(fresh_slot(), ROOT_DEPTH, untyped, ROOT_DEPTH, 15)));
	revoke(untyped);
	word twin = copy(untyped);
	show("retype with a copy", retype(untyped, seL4_X86_4K, 0, slot = fresh_slot()));
	revoke(twin);
	show("frame gone with the copy's revoke", invoke(slot, X86PageUnmap, LIST(), LIST()));
}

static const struct { const char *name; word type, bits; } sizes[] = {
	{ "untyped 4", seL4_UntypedObject, 4 }, { "tcb", seL4_TCBObject, 0 }, { "endpoint", seL4_EndpointObject, 0 },
	{ "notification", seL4_NotificationObject, 0 }, { "cnode 1", seL4_CapTableObject, 1 },
	{ "sc", seL4_SchedContextObject, seL4_MinSchedContextBits }, { "reply", seL4_ReplyObject, 0 },
#if ABI_WORD_BITS == 64
	{ "pdpt", seL4_X86_PDPTObject, 0 },
#endif
	{ "vspace", seL4_X86_VSpaceObject, 0 }, { "4K", seL4_X86_4K, 0 }, { "page table", seL4_X86_PageTableObject, 0 },
#if ABI_WORD_BITS == 64
	{ "directory", seL4_X86_PageDirectoryObject, 0 },
#endif
#if ABI_IOMMU
	{ "io page table", seL4_X86_IOPageTableObject, 0 },
#endif
};

/* How many of each kind fit into 2^14 bytes tells its size. */
static void test_sizes(void)
{
	word untyped = make(seL4_UntypedObject, 14), cnode = make(seL4_CapTableObject, 11);
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		word made = 0;
		while (made < 1024 && !retype_all(untyped, LIST(cnode), sizes[i].type, sizes[i].bits, 0, 0, made, 1)) {
			made++;
		}
		show_number(sizes[i].name, made);
		show("  then", answer.label);
		revoke(untyped);
	}
}

/* The first device untyped that can hold a page. */
static word device_untyped(void)
{
	for (word i = 0; i < info->untyped.end - info->untyped.start; i++) {
		if (info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= 13) {
			return info->untyped.start + i;
		}
	}
	return 0;
}

static void test_device(void)
{
	word device = device_untyped(), untyped = fresh_slot();
	for (unsigned i = 1; i < sizeof sizes / sizeof sizes[0]; i++) {
		show(sizes[i].name, retype(device, sizes[i].type, sizes[i].bits, untyped));
		if (!answer.label) {
			delete(untyped);
		}
	}
	show("untyped of a device", retype(device, seL4_UntypedObject, 12, untyped));
	show("frame of it", retype(untyped, seL4_X86_4K, 0, fresh_slot()));
	show("tcb of it", retype(untyped, seL4_TCBObject, 0, fresh_slot()));
	show("pool of it", invoke(seL4_CapASIDControl, X86ASIDControlMakePool, LIST(untyped, seL4_CapInitThreadCNode),
	                          LIST(fresh_slot(), ROOT_DEPTH)));
	revoke(device);
}

void test_untyped(void)
{
	test_retype_arguments(make(seL4_UntypedObject, 14));
	test_retype_memory();
	test_sizes();
	test_device();
	show("a large page", retype(scratch, seL4_X86_LargePageObject, 0, fresh_slot()));
#if ABI_WORD_BITS == 64
	show("a huge page", retype(scratch, seL4_X64_HugePageObject, 0, fresh_slot()));
#endif
}

/* ---- CNodes ---- */
static word cnode_call(word cnode, word label, word index, word depth, word from, word from_index, word from_depth,
                       word a, word b)
{
	return invoke(cnode, label, LIST(from), LIST(index, depth, from_index, from_depth, a, b));
}

static void test_addresses(void)
{
	word cnode = make(seL4_CapTableObject, 3), to, bare = make(seL4_CapTableObject, 5),
		endpoint = make(seL4_EndpointObject, 0);
	word root = seL4_CapInitThreadCNode;
	show("copy, depth 0", cnode_call(root, CNodeCopy, fresh_slot(), 0, root, endpoint, ROOT_DEPTH, 15, 0));
	show("copy, too deep", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH + 1, root, endpoint, ROOT_DEPTH, 15,
	                                  0));
	show("copy, depth inside the guard", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH - ROOT_BITS - 1, root,
	                                                endpoint,
	                                                  ROOT_DEPTH, 15, 0));
	show("copy, depth of the guard", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH - ROOT_BITS, root,
	                                            endpoint, ROOT_DEPTH, 15, 0));
	show("copy, a bit too short", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH - 1, root, endpoint,
	                                         ROOT_DEPTH, 15, 0));
	show("copy, guard wrong", cnode_call(root, CNodeCopy, fresh_slot() | 1ul << 17, ROOT_DEPTH, root, endpoint,
	                                     ROOT_DEPTH, 15, 0));
	show("copy, guard wrong at the top", cnode_call(root, CNodeCopy, fresh_slot() | 1ul << (seL4_WordBits - 1),
	                                                ROOT_DEPTH, root, endpoint,
	                                                ROOT_DEPTH, 15, 0));
	show("source depth 0", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, endpoint, 0, 15, 0));
	show("source depth 20", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, endpoint, 20, 15, 0));
	show("source guard", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, endpoint | 1ul << 30,
	                                ROOT_DEPTH, 15, 0));
	show("source empty", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, fresh_slot(), ROOT_DEPTH, 15, 0));
	show("source not a cnode", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, endpoint, 0, ROOT_DEPTH, 15, 0));
	show("target occupied", cnode_call(root, CNodeCopy, endpoint, ROOT_DEPTH, root, endpoint, ROOT_DEPTH, 15, 0));
	show("into a small cnode", cnode_call(cnode, CNodeCopy, 2, 3, root, endpoint, ROOT_DEPTH, 15, 0));
	show("out of it", cnode_call(root, CNodeCopy, to = fresh_slot(), ROOT_DEPTH, cnode, 2, 3, 15, 0));
	show("into it, high bits ignored", cnode_call(cnode, CNodeCopy, 0xf3, 3, root, endpoint, ROOT_DEPTH, 15, 0));
	show("into it, depth 2", cnode_call(cnode, CNodeCopy, 1, 2, root, endpoint, ROOT_DEPTH, 15, 0));
	show("into it, depth 4", cnode_call(cnode, CNodeCopy, 1, 4, root, endpoint, ROOT_DEPTH, 15, 0));
	show("a cnode into it", cnode_call(cnode, CNodeMint, 4, 3, root, bare, ROOT_DEPTH, 15, abi_cnode_data(5, 3)));
	show("through both", cnode_call(cnode, CNodeCopy, 4 << 8 | 5 << 5 | 7, 11, root, endpoint, ROOT_DEPTH, 15, 0));
	show("through both, other guard", cnode_call(cnode, CNodeCopy, 4 << 8 | 4 << 5 | 8, 11, root, endpoint,
	                                             ROOT_DEPTH, 15, 0));
	show("through both, too short", cnode_call(cnode, CNodeCopy, 4 << 7, 10, root, endpoint, ROOT_DEPTH, 15, 0));
	show("through both, too long", cnode_call(cnode, CNodeCopy, 4 << 9 | 5 << 6, 12, root, endpoint, ROOT_DEPTH, 15,
	                                          0));
	show("through an endpoint", cnode_call(cnode, CNodeCopy, 2 << 8, 11, root, endpoint, ROOT_DEPTH, 15, 0));
	show("guard too long", cnode_call(root, CNodeMint, fresh_slot(), ROOT_DEPTH, root, bare, ROOT_DEPTH, 15,
	                                  abi_cnode_data(0, ROOT_DEPTH - 4)));
	show("guard just fits", cnode_call(root, CNodeMint, fresh_slot(), ROOT_DEPTH, root, bare, ROOT_DEPTH, 15,
	                                   abi_cnode_data(0, ROOT_DEPTH - 5)));
}

static void test_derivation(void)
{
	word root = seL4_CapInitThreadCNode, endpoint = make(seL4_EndpointObject, 0), a = mint(endpoint, 15, 5), b, c, d;
	show("mint of a badged", cnode_call(root, CNodeMint, fresh_slot(), ROOT_DEPTH, root, a, ROOT_DEPTH, 15, 6));
	show("mint of a badged, same badge", cnode_call(root, CNodeMint, fresh_slot(), ROOT_DEPTH, root, a, ROOT_DEPTH,
	                                                15, 5));
	show("mint of a badged, badge 0", cnode_call(root, CNodeMint, b = fresh_slot(), ROOT_DEPTH, root, a, ROOT_DEPTH,
	                                             15, 0));
	show("copy of a badged", cnode_call(root, CNodeCopy, c = fresh_slot(), ROOT_DEPTH, root, a, ROOT_DEPTH, 15, 0));
	revoke(a);
	show("copies after revoke of the badged", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, c,
	                                                     ROOT_DEPTH, 15, 0));
	revoke(endpoint);
	show("badged after revoke of the original", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, a,
	                                                       ROOT_DEPTH, 15, 0));
	show("mutate", cnode_call(root, CNodeMutate, d = fresh_slot(), ROOT_DEPTH, root, endpoint, ROOT_DEPTH, 9, 0));
	show("mutated from", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, endpoint, ROOT_DEPTH, 15, 0));
	show("move back", cnode_call(root, CNodeMove, endpoint, ROOT_DEPTH, root, d, ROOT_DEPTH, 0, 0));
	show("move from empty", cnode_call(root, CNodeMove, fresh_slot(), ROOT_DEPTH, root, d, ROOT_DEPTH, 0, 0));
	show("mutate, badge after badge", cnode_call(root, CNodeMutate, fresh_slot(), ROOT_DEPTH, root, endpoint,
	                                             ROOT_DEPTH, 3, 0));
	show("delete empty", invoke(root, CNodeDelete, LIST(), LIST(fresh_slot(), ROOT_DEPTH)));
	show("revoke empty", invoke(root, CNodeRevoke, LIST(), LIST(fresh_slot(), ROOT_DEPTH)));
	show("delete, depth 5", invoke(root, CNodeDelete, LIST(), LIST(fresh_slot(), 5)));
	show("delete, one word", invoke_length(root, CNodeDelete, LIST(), LIST(1, ROOT_DEPTH), 1));
	show("copy, four words", invoke_length(root, CNodeCopy, LIST(root), LIST(1, ROOT_DEPTH, 1, ROOT_DEPTH), 4));
	show("mint, five words", invoke_length(root, CNodeMint, LIST(root), LIST(fresh_slot(), ROOT_DEPTH, 1, ROOT_DEPTH,
		15), 5));
	show("cancel badged sends, no rights", invoke(root, CNodeCancelBadgedSends, LIST(),
	                                              LIST(mint(d = make(seL4_EndpointObject, 0),
	     3, 4), ROOT_DEPTH)));
	show("cancel badged sends", invoke(root, CNodeCancelBadgedSends, LIST(), LIST(mint(d, 15, 4), ROOT_DEPTH)));
	show("cancel, unbadged", invoke(root, CNodeCancelBadgedSends, LIST(), LIST(d, ROOT_DEPTH)));
	show("cancel, empty", invoke(root, CNodeCancelBadgedSends, LIST(), LIST(fresh_slot(), ROOT_DEPTH)));
	show("cancel, a cnode", invoke(root, CNodeCancelBadgedSends, LIST(), LIST(root, ROOT_DEPTH)));
}

static word rotate(word a, word b, word c, word badge_a, word badge_b)
{
	return invoke(seL4_CapInitThreadCNode, CNodeRotate, LIST(seL4_CapInitThreadCNode, seL4_CapInitThreadCNode),
	              LIST(a, ROOT_DEPTH, badge_a, b, ROOT_DEPTH, badge_b, c, ROOT_DEPTH));
}

static void test_rotate(void)
{
	word one = make(seL4_EndpointObject, 0), two = make(seL4_NotificationObject, 0), three = fresh_slot();
	show("rotate", rotate(three, one, two, 0, 0));
	show("rotate, target occupied", rotate(one, two, three, 0, 0));
	show("rotate swap", rotate(one, three, one, 0, 0));
	show("rotate, pivot and source the same", rotate(fresh_slot(), two, two, 0, 0));
	show("rotate, pivot and target the same", rotate(two, two, one, 0, 0));
	show("rotate, source empty", rotate(fresh_slot(), one, fresh_slot(), 0, 0));
	show("rotate, pivot empty", rotate(fresh_slot(), fresh_slot(), one, 0, 0));
	show("rotate, seven words", invoke_length(seL4_CapInitThreadCNode, CNodeRotate,
	     LIST(seL4_CapInitThreadCNode, seL4_CapInitThreadCNode), LIST(1, ROOT_DEPTH, 0, 1, ROOT_DEPTH, 0, 1,
		ROOT_DEPTH), 7));
	show("rotate, one capability", invoke(seL4_CapInitThreadCNode, CNodeRotate, LIST(seL4_CapInitThreadCNode),
	     LIST(1, ROOT_DEPTH, 0, 1, ROOT_DEPTH, 0, 1, ROOT_DEPTH)));
}

/* What may be copied, and how. */
static void test_copies(void)
{
	static const struct { const char *name; word slot; } fixed[] = {
		{ "tcb", seL4_CapInitThreadTCB }, { "cnode", seL4_CapInitThreadCNode }, { "vspace", seL4_CapInitThreadVSpace },
		{ "irq control", seL4_CapIRQControl }, { "asid control", seL4_CapASIDControl }, { "asid pool",
			seL4_CapInitThreadASIDPool },
		{ "port control", seL4_CapIOPortControl }, { "io space", seL4_CapIOSpace }, { "domain", seL4_CapDomain },
		{ "sc", seL4_CapInitThreadSC }, { "boot information", seL4_CapBootInfoFrame },
	};
	word root = seL4_CapInitThreadCNode, slot;
	for (unsigned i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		print(fixed[i].name);
		print("\n");
		show("copy", cnode_call(root, CNodeCopy, slot = fresh_slot(), ROOT_DEPTH, root, fixed[i].slot, ROOT_DEPTH,
		                        15, 0));
		show("delete it", invoke(root, CNodeDelete, LIST(), LIST(slot, ROOT_DEPTH)));
		show("mint with data", cnode_call(root, CNodeMint, slot = fresh_slot(), ROOT_DEPTH, root, fixed[i].slot,
		                                  ROOT_DEPTH, 15, 64));
		show("delete it", invoke(root, CNodeDelete, LIST(), LIST(slot, ROOT_DEPTH)));
	}
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		word object = make(sizes[i].type, sizes[i].bits);
		print(sizes[i].name);
		print("\n");
		show("copy", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, object, ROOT_DEPTH, 15, 0));
		show("mint with data", cnode_call(root, CNodeMint, fresh_slot(), ROOT_DEPTH, root, object, ROOT_DEPTH, 15, 64));
		show("copy, no rights", cnode_call(root, CNodeCopy, fresh_slot(), ROOT_DEPTH, root, object, ROOT_DEPTH, 0, 0));
		show("mutate", cnode_call(root, CNodeMutate, slot = fresh_slot(), ROOT_DEPTH, root, object, ROOT_DEPTH, 64, 0));
	}
}

/* A CNode that holds itself, and one that holds the last capability to another. */
static void test_cycles(void)
{
	word root = seL4_CapInitThreadCNode, cnode = make(seL4_CapTableObject, 3), inner = make(seL4_CapTableObject, 3);
	word endpoint = make(seL4_EndpointObject, 0);
	show("itself into itself", cnode_call(cnode, CNodeCopy, 1, 3, root, cnode, ROOT_DEPTH, 15, 0));
	show("inner into it", cnode_call(cnode, CNodeMove, 2, 3, root, inner, ROOT_DEPTH, 0, 0));
	show("endpoint into inner", cnode_call(cnode, CNodeCopy, 2 << 3 | 3, 6, root, endpoint, ROOT_DEPTH, 15, 0));
	show("outer into inner", cnode_call(cnode, CNodeCopy, 2 << 3 | 4, 6, root, cnode, ROOT_DEPTH, 15, 0));
	show("delete the last name outside", invoke(root, CNodeDelete, LIST(), LIST(cnode, ROOT_DEPTH)));
	show("gone", invoke(cnode, CNodeDelete, LIST(), LIST(1, 3)));
	revoke(endpoint);
	cnode = make(seL4_CapTableObject, 3);
	show("itself alone", cnode_call(cnode, CNodeMove, 1, 3, root, cnode, ROOT_DEPTH, 0, 0));
}

void test_cnode(void)
{
	test_addresses();
	test_derivation();
	test_rotate();
	test_copies();
	test_cycles();
}
