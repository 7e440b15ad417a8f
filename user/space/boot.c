/* SPDX-License-Identifier: BSD-2-Clause */
/* A space for a root task. The new CSpace root has two slots; the highest bit of a CPtr chooses. Behind slot 0 the old root CNode
 * has a guard one bit shorter, so that small numbers mean what they meant. */
#include "user/space/boot.h"
#include "user/sel4/sel4.h"

#define TOP_RADIX 1u

/* Slots of the old root CNode that are used, after first_empty. */
enum { BOOT_TOP, BOOT_SPACE, BOOT_SLOTS };

static enum status retype(const struct space_boot_input *input, uint32_t radix, seL4_CPtr slot, struct where *where)
{
	seL4_Error error = seL4_Untyped_Retype(input->untyped, seL4_CapTableObject, radix, seL4_CapInitThreadCNode, 0, 0, slot, 1);

	*where = (struct where){ .index = WHERE_NO_INDEX, .value = error };
	return error == seL4_NoError ? STATUS_OK : STATUS_SPACE_KERNEL_REFUSED;
}

/* Puts a CNode of the old root into a slot of the new one, with this guard. */
static enum status put(seL4_CPtr top, seL4_CPtr slot, seL4_CPtr cnode, uint32_t guard_bits, struct where *where)
{
	seL4_Error error = seL4_CNode_Mint(top, slot, TOP_RADIX, seL4_CapInitThreadCNode, cnode, seL4_WordBits, seL4_AllRights,
	                                   abi_cnode_data(0, guard_bits));

	*where = (struct where){ .index = WHERE_NO_INDEX, .value = error };
	return error == seL4_NoError ? STATUS_OK : STATUS_SPACE_KERNEL_REFUSED;
}

static enum status replace_root(seL4_CPtr top, struct where *where)
{
	seL4_Error error = seL4_TCB_SetSpace(seL4_CapInitThreadTCB, 0, top, 0, seL4_CapInitThreadVSpace, 0);

	*where = (struct where){ .index = WHERE_NO_INDEX, .value = error };
	return error == seL4_NoError ? STATUS_OK : STATUS_SPACE_KERNEL_REFUSED;
}

enum status space_boot(const struct space_boot_input *input, struct space_use *use, seL4_CPtr *next_empty, struct where *where)
{
	seL4_CPtr top = input->first_empty + BOOT_TOP, cnode = input->first_empty + BOOT_SPACE;
	uint32_t root_radix = (uint32_t)input->info->initThreadCNodeSizeBits;
	enum status status = retype(input, input->cnode_bits, cnode, where);

	if (status == STATUS_OK)
		status = retype(input, TOP_RADIX, top, where);
	if (status == STATUS_OK)
		status = put(top, 0, seL4_CapInitThreadCNode, seL4_WordBits - TOP_RADIX - root_radix, where);
	if (status == STATUS_OK)
		status = put(top, 1, cnode, 0, where);
	if (status == STATUS_OK)
		status = replace_root(top, where);
	if (status != STATUS_OK)
		return status;
	*use = (struct space_use){
		.cnode = cnode, .cnode_bits = input->cnode_bits,
		.slot_cptr = 1ul << (seL4_WordBits - TOP_RADIX), .slot_shift = seL4_WordBits - TOP_RADIX - input->cnode_bits,
		.free_first = 0, .free_end = 1u << input->cnode_bits,
		.vspace = seL4_CapInitThreadVSpace, .window = input->window, .asid_pool = seL4_CapInitThreadASIDPool,
		.authority = seL4_CapInitThreadTCB,
	};
	*next_empty = input->first_empty + BOOT_SLOTS;
	return STATUS_OK;
}
