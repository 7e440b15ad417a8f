/* SPDX-License-Identifier: BSD-2-Clause */
/* Making the root task. Slots, their order, the boot information and the place of everything in the root task's VSpace
 * are seL4's, so that the same root task starts on either kernel:
 *
 * slots     what                                             VSpace            what
 * 1 .. 14   initial capabilities                             image start       image, one 4K frame per page
 * 16        scheduling control                               image end         IPC buffer
 * then      page tables: PDPTs, directories, tables          + 1 page          boot information
 * then      frames of further boot information               + 2 pages         further boot information
 * then      frames of the image, in address order
 * then      untypeds: devices ascending, memory ascending
 *
 * Invariants: R1 every byte of physical memory is in at most one untyped, image frame or kernel object; R2 the root
 * task's objects lie at the top of memory and in no untyped, so nothing can revoke them; R3 no memory is cleared or
 * written but the image's and the objects'. */
#include "kernel/core/root.h"
#include "kernel/core/paging.h"
#include "lib/elf/elf.h"
#include <sel4/bootinfo.h>

#define ROOT_ASID        1u
#define ROOT_SLOTS       (1u << ROOT_CNODE_BITS)
#define PAGE             (1ul << seL4_PageBits)
/* USER_PHYSICAL_TOP: devices are given out up to here. */
#if ABI_WORD_BITS == 64
#define USER_PHYSICAL_TOP (1ul << 47)
#define ROOT_MACHINE      ELF_MACHINE_X86_64
#else
#define USER_PHYSICAL_TOP 0xffff0000ul
#define ROOT_MACHINE      ELF_MACHINE_386
#endif
#define IMAGE_PAGES_MAX  (1ul << 18) /* 1 GiB: an image must leave slots for its frames */

struct regions {
	word               count;
	struct root_region at[ROOT_REGIONS_MAX];
};

/* Addresses in the root task's VSpace. */
struct places {
	word image, image_end, buffer, info, records, end;
};

struct root {
	struct kernel           *k;
	const struct root_setup *setup;
	struct elf               elf;
	struct regions           memory; /* still free */
	struct places            places;
	word                     image_physical;
	word                     record_pages;
	word                     table_count;

	/* objects */
	struct cte              *cnode;
	void                    *vspace;
	uint8_t                 *records;
	struct asid_pool        *asid_pool;
	void                    *buffer;
	seL4_BootInfo           *info;
	uint8_t                 *tables;
	struct tcb              *tcb;
	struct sched_context    *sc;

	word                     next_slot;
};

static void check(const struct root *root, bool condition, const char *message)
{
	if (!condition) {
		port_panic(root->k, KERNEL_PANIC_BOOT, message);
	}
}

static word align_down(word address, word power)
{
	return address & ~(power - 1);
}

static word align_up(word address, word power)
{
	return align_down(address + power - 1, power);
}

/* ---- regions of memory ---- */
static void regions_insert(struct regions *regions, word position, word start, word end)
{
	if (start >= end || regions->count == ROOT_REGIONS_MAX) {
		return; /* empty, or unused for want of a place in the list */
	}
	for (word i = regions->count++; i > position; i--) {
		regions->at[i] = regions->at[i - 1];
	}
	regions->at[position] = (struct root_region){ start, end };
}

static void regions_add(struct regions *regions, struct root_region region)
{
	word position = 0;
	while (position < regions->count && regions->at[position].start < region.start) {
		position++;
	}
	regions_insert(regions, position, region.start, region.end);
}

/* Cuts [start, end), which lies inside one region, out of it. */
static void regions_cut(struct regions *regions, word start, word end)
{
	for (word i = 0; i < regions->count; i++) {
		struct root_region *region = &regions->at[i];
		if (region->start <= start && end <= region->end) {
			word rest = region->end;
			region->end = start;
			regions_insert(regions, i + 1, end, rest);
			return;
		}
	}
}

/* ---- the image ---- */
static void read_image(struct root *root)
{
	const struct root_setup *setup = root->setup;
	struct elf_policy policy;
	struct where where;
	elf_policy_strict(ROOT_MACHINE, &policy);
	policy.floor = PAGE;
	policy.ceiling = align_down(PAGING_USER_TOP, PAGE) - (3 + root->record_pages) * PAGE;
	policy.pages_max = IMAGE_PAGES_MAX;
	policy.writable_and_executable_allowed = true; /* its pages are all three here anyway, as on seL4 */
	policy.relocation = ELF_RELOCATE_REFUSED;      /* it is copied, no more; TLS is its own start-up code's affair */
	enum status status = elf_read(kernel_pointer(root->k, setup->file.start), setup->file.end - setup->file.start,
	                              &root->elf,
	                              &where);
	if (status == STATUS_OK) {
		status = elf_check(&root->elf, &policy, &where);
	}
	check(root, status == STATUS_OK, status_text(status));
}

static void place_in_vspace(struct root *root)
{
	struct places *places = &root->places;
	places->image = ~0ul;
	places->image_end = 0;
	for (uint32_t i = 0; i < root->elf.segment_count; i++) {
		const struct elf_segment *segment = &root->elf.segment[i];
		if (segment->type != ELF_LOAD || segment->memory_bytes == 0) {
			continue;
		}
		word start = align_down((word)segment->vaddr, PAGE),
		    end = align_up((word)(segment->vaddr + segment->memory_bytes), PAGE);
		places->image = start < places->image ? start : places->image;
		places->image_end = end > places->image_end ? end : places->image_end;
	}
	check(root, places->image < places->image_end, "the root task's file has nothing to load");
	check(root, places->image_end - places->image <= IMAGE_PAGES_MAX * PAGE, "the root task's image is spread too far");
	places->buffer = places->image_end;
	places->info = places->buffer + PAGE;
	places->records = places->info + PAGE;
	places->end = places->records + root->record_pages * PAGE;
}

/* The lowest place for that many bytes which does not touch the file. */
static word find_memory(const struct root *root, word bytes)
{
	struct root_region file = root->setup->file;
	for (word i = 0; i < root->memory.count; i++) {
		struct root_region region = root->memory.at[i];
		word start = region.start;
		if (start < file.end && file.start < start + bytes) {
			start = align_up(file.end, PAGE);
		}
		if (start < region.end && bytes <= region.end - start) {
			return start;
		}
	}
	port_panic(root->k, KERNEL_PANIC_BOOT, "not enough memory for the root task's image");
}

static void load_image(struct root *root)
{
	word bytes = root->places.image_end - root->places.image;
	root->image_physical = find_memory(root, bytes);
	uint8_t *memory = kernel_pointer(root->k, root->image_physical);
	port_clear(memory, bytes);
	for (uint32_t i = 0; i < root->elf.segment_count; i++) {
		const struct elf_segment *segment = &root->elf.segment[i];
		if (segment->type == ELF_LOAD) {
			memcpy(memory + ((word)segment->vaddr - root->places.image), root->elf.bytes + segment->offset,
			       (size_t)segment->file_bytes);
		}
	}
	regions_cut(&root->memory, root->image_physical, root->image_physical + bytes);
}

/* ---- the objects ---- */
static word count_tables(const struct places *places)
{
	word count = 0;
	for (unsigned level = 1; level <= PAGING_ROOT_LEVEL; level++) {
		count += ((places->end - 1) >> paging_shift(level)) - (places->image >> paging_shift(level)) + 1;
	}
	return count;
}

static void *carve(word *at, word bytes)
{
	void *object = (void *)*at;
	*at += bytes;
	return object;
}

static void place_objects(struct root *root)
{
	word cnode_bytes = 1ul << (ROOT_CNODE_BITS + seL4_SlotBits);
	root->table_count = count_tables(&root->places);
	word bytes = cnode_bytes + (4 + root->record_pages + root->table_count) * PAGE + (1ul << seL4_TCBBits)
	             + (1ul << seL4_MinSchedContextBits);
	word i = root->memory.count, start = 0;
	bool found = false;
	while (!found && i-- > 0) {
		start = align_down(root->memory.at[i].end - bytes, cnode_bytes);
		found = bytes <= root->memory.at[i].end && start >= root->memory.at[i].start;
	}
	check(root, found, "not enough memory for the root task's objects");
	regions_cut(&root->memory, start, start + bytes);
	word at = (word)kernel_pointer(root->k, start);
	port_clear((void *)at, bytes);
	root->cnode = carve(&at, cnode_bytes);
	root->vspace = carve(&at, PAGE);
	root->records = carve(&at, root->record_pages * PAGE);
	root->asid_pool = carve(&at, PAGE);
	root->buffer = carve(&at, PAGE);
	root->info = carve(&at, PAGE);
	root->tables = carve(&at, root->table_count * PAGE);
	root->tcb = carve(&at, 1ul << seL4_TCBBits);
	root->sc = carve(&at, 1ul << seL4_MinSchedContextBits);
}

/* ---- the CSpace ---- */
static void provide(struct root *root, struct cap cap)
{
	check(root, root->next_slot < ROOT_SLOTS, "the root CNode is full");
	kernel_boot_slot(&root->cnode[root->next_slot++], cap);
}

static void provide_initial(struct root *root)
{
	struct cte *slots = root->cnode;
	struct cap cnode = cap_cnode(slots, ROOT_CNODE_BITS, abi_cnode_data(0, seL4_WordBits - ROOT_CNODE_BITS));
	kernel_boot_slot(&slots[seL4_CapInitThreadTCB], cap_tcb(root->tcb));
	kernel_boot_slot(&slots[seL4_CapInitThreadCNode], cnode);
	kernel_boot_slot(&slots[seL4_CapInitThreadVSpace], cap_vspace(root->vspace, 0));
	kernel_boot_slot(&slots[seL4_CapIRQControl], cap_control(CAP_IRQ_CONTROL));
	kernel_boot_slot(&slots[seL4_CapASIDControl], cap_control(CAP_ASID_CONTROL));
	kernel_boot_slot(&slots[seL4_CapInitThreadASIDPool], cap_asid_pool(root->asid_pool, 0));
	kernel_boot_slot(&slots[seL4_CapIOPortControl], cap_control(CAP_IO_PORT_CONTROL));
	kernel_boot_slot(&slots[seL4_CapDomain], cap_control(CAP_DOMAIN));
	kernel_boot_slot(&slots[seL4_CapInitThreadSC], cap_sched_context(root->sc, seL4_MinSchedContextBits));
	root->next_slot = seL4_NumInitialCaps;
	root->info->schedcontrol = (seL4_SlotRegion){ root->next_slot, root->next_slot + 1 };
	provide(root, cap_sched_control(0));
}

/* ---- the VSpace ---- */
static void make_tables(struct root *root)
{
	static const enum cap_kind kinds[] = { CAP_PAGE_TABLE, CAP_PAGE_DIRECTORY, CAP_PDPT };
	uint8_t *table = root->tables;
	struct lookup_failure failure;
	root->info->userImagePaging.start = root->next_slot;
	for (unsigned level = PAGING_ROOT_LEVEL; level > 0; level--) {
		word step = 1ul << paging_shift(level);
		for (word at = align_down(root->places.image, step); at < root->places.end; at += step, table += PAGE) {
			*paging_entry(root->k, root->vspace, at, level, &failure) = paging_table(root->k, table, 0);
			provide(root, cap_with_mapping(cap_table(kinds[level - 1], table), ROOT_ASID, at));
		}
	}
	root->info->userImagePaging.end = root->next_slot;
}

static struct cap map_frame(struct root *root, void *frame, word address)
{
	word rights = ABI_RIGHT_READ | ABI_RIGHT_WRITE;
	struct lookup_failure failure;
	*paging_entry(root->k, root->vspace, address, 0, &failure) = paging_page(root->k, frame, 0, rights, 0);
	return cap_with_mapping(cap_frame(frame, FRAME_4K, rights, false), ROOT_ASID, address);
}

static seL4_SlotRegion map_frames(struct root *root, uint8_t *frames, word address, word pages)
{
	seL4_SlotRegion region = { root->next_slot, root->next_slot + pages };
	for (word i = 0; i < pages; i++) {
		provide(root, map_frame(root, frames + i * PAGE, address + i * PAGE));
	}
	return region;
}

static void make_vspace(struct root *root)
{
	const struct places *places = &root->places;
	struct cte *slots = root->cnode;
	port_vspace_init(root->k, root->vspace);
	root->k->asid_pools[0] = root->asid_pool;
	asid_assign(root->asid_pool, ROOT_ASID, &slots[seL4_CapInitThreadVSpace]);
	make_tables(root);
	kernel_boot_slot(&slots[seL4_CapBootInfoFrame], map_frame(root, root->info, places->info));
	root->info->extraBIPages = map_frames(root, root->records, places->records, root->record_pages);
	kernel_boot_slot(&slots[seL4_CapInitThreadIPCBuffer], map_frame(root, root->buffer, places->buffer));
	root->info->userImageFrames = map_frames(root, kernel_pointer(root->k, root->image_physical), places->image,
	                                         (places->image_end - places->image) / PAGE);
}

/* ---- the thread ---- */
static void make_thread(struct root *root)
{
	struct cte *slots = root->cnode;
	struct tcb *tcb = root->tcb;
	kernel_boot_thread(root->k, tcb, root->sc, seL4_MinSchedContextBits);
	slot_insert(slots[seL4_CapInitThreadCNode].cap, &slots[seL4_CapInitThreadCNode], &tcb->slots[TCB_SLOT_CSPACE]);
	slot_insert(slots[seL4_CapInitThreadVSpace].cap, &slots[seL4_CapInitThreadVSpace], &tcb->slots[TCB_SLOT_VSPACE]);
	slot_insert(cap_with_mapping(slots[seL4_CapInitThreadIPCBuffer].cap, 0, 0), &slots[seL4_CapInitThreadIPCBuffer],
	            &tcb->slots[TCB_SLOT_BUFFER]);
	tcb->buffer_address = root->places.buffer;
	tcb->registers[REG_CAP] = root->places.info;
	tcb->registers[REG_NEXT_IP] = (word)root->elf.entry;
}

/* ---- untypeds ---- */
static unsigned log2_floor(word x)
{
	return seL4_WordBits - 1 - (unsigned)__builtin_clzl(x);
}

static void provide_untyped(struct root *root, word physical, unsigned bits, bool is_device)
{
	word i = root->next_slot - root->info->untyped.start;
	if (i == ABI_BOOTINFO_UNTYPED_MAX) {
		return; /* lost, as on seL4: the page has no room to tell of it */
	}
	root->info->untypedList[i] = (seL4_UntypedDesc){ .paddr = physical, .sizeBits = (unsigned char)bits,
	                                                 .isDevice = is_device };
	provide(root, cap_untyped(kernel_pointer(root->k, physical), bits, is_device, 1ul << bits));
}

/* Cuts a region into the fewest aligned powers of two. They count as used up, so the first retype clears them. Aligned
 * is the kernel's address, since retype aligns objects by that: beyond 2^39 bytes it differs from the physical one. */
static void provide_region(struct root *root, struct root_region region, bool is_device)
{
	while (region.start < region.end) {
		unsigned bits = log2_floor(region.end - region.start);
		word address = (word)kernel_pointer(root->k, region.start);
		unsigned align = address ? (unsigned)__builtin_ctzl(address) : seL4_MaxUntypedBits;
		bits = bits > align ? align : bits;
		bits = bits > seL4_MaxUntypedBits ? seL4_MaxUntypedBits : bits;
		if (bits >= seL4_MinUntypedBits) {
			provide_untyped(root, region.start, bits, is_device);
		}
		region.start += 1ul << bits;
	}
}

/* Everything that is neither memory nor the kernel's counts as a device. */
static void provide_devices(struct root *root)
{
	const struct root_setup *setup = root->setup;
	struct regions kept = { 0 };
	regions_add(&kept, setup->kernel);
	for (word i = 0; i < setup->ram_count; i++) {
		regions_add(&kept, setup->ram[i]);
	}
	for (word i = 0; i < setup->device_count; i++) {
		regions_add(&kept, setup->device[i]);
	}
	word start = 0;
	for (word i = 0; i < kept.count; i++) {
		provide_region(root, (struct root_region){ start, kept.at[i].start }, true);
		start = kept.at[i].end > start ? kept.at[i].end : start;
	}
	provide_region(root, (struct root_region){ start, USER_PHYSICAL_TOP }, true);
}

static void provide_untypeds(struct root *root)
{
	root->info->untyped.start = root->next_slot;
	provide_devices(root);
	for (word i = 0; i < root->memory.count; i++) {
		provide_region(root, root->memory.at[i], false);
	}
	root->info->untyped.end = root->next_slot;
}

/* ---- boot information ---- */
static void fill_info(struct root *root)
{
	seL4_BootInfo *info = root->info;
	info->extraLen = root->setup->record_bytes;
	info->numNodes = 1;
	info->numIOPTLevels = ABI_IOMMU ? 0 : ~0ul;
	info->ipcBuffer = (seL4_IPCBuffer *)root->places.buffer;
	info->initThreadCNodeSizeBits = ROOT_CNODE_BITS;
	info->empty = (seL4_SlotRegion){ root->next_slot, ROOT_SLOTS };
	memcpy(root->records, root->setup->records, root->setup->record_bytes);
}

/* A power of two of pages, as seL4 makes it. */
static word count_record_pages(word bytes)
{
	word pages = 1;
	while (pages * PAGE < bytes) {
		pages *= 2;
	}
	return bytes ? pages : 0;
}

void root_make(struct kernel *k, const struct root_setup *setup)
{
	struct root root = { .k = k, .setup = setup, .record_pages = count_record_pages(setup->record_bytes) };
	for (word i = 0; i < setup->ram_count; i++) {
		regions_add(&root.memory, setup->ram[i]);
	}
	read_image(&root);
	place_in_vspace(&root);
	load_image(&root);
	place_objects(&root);
	provide_initial(&root);
	make_vspace(&root);
	make_thread(&root);
	provide_untypeds(&root);
	fill_info(&root);
}
