/* SPDX-License-Identifier: BSD-2-Clause */
/* Lookup of slots in capability spaces: guards, radixes, depth.
 *
 * A CNode takes guard bits, which have to match, and radix bits, which pick the slot, from the top of what is left of the
 * address. The loop ends because every CNode takes at least one bit. */
#include "kernel/core/slot.h"

static struct cte *fail(struct lookup_failure *why, struct lookup_failure failure)
{
	*why = failure;
	return NULL;
}

struct cte *cspace_resolve(struct cap root, word address, unsigned bits, unsigned *left, struct lookup_failure *why)
{
	if (cap_kind(root) != CAP_CNODE)
		return fail(why, (struct lookup_failure){ .type = seL4_InvalidRoot });
	for (;;) {
		unsigned radix = cap_cnode_radix(root);
		unsigned guard_bits = cap_cnode_guard_bits(root);
		word guard = (address >> ((bits - guard_bits) & (seL4_WordBits - 1))) & ((1ul << guard_bits) - 1);
		if (guard_bits > bits || guard != cap_cnode_guard(root))
			return fail(why, (struct lookup_failure){ seL4_GuardMismatch, bits, guard_bits, cap_cnode_guard(root) });
		if (radix + guard_bits > bits)
			return fail(why, (struct lookup_failure){ seL4_DepthMismatch, bits, radix + guard_bits, 0 });
		bits -= radix + guard_bits;
		struct cte *slot = (struct cte *)cap_object(root) + (address >> bits & ((1ul << radix) - 1));
		root = slot->cap;
		if (bits == 0 || cap_kind(root) != CAP_CNODE) {
			*left = bits;
			return slot;
		}
	}
}

struct cte *cspace_target(struct cap root, word index, word depth, struct lookup_failure *why)
{
	if (depth < 1 || depth > seL4_WordBits)
		return NULL;
	unsigned left = 0;
	struct cte *slot = cspace_resolve(root, index, (unsigned)depth, &left, why);
	if (slot == NULL || left == 0)
		return slot;
	return fail(why, (struct lookup_failure){ seL4_DepthMismatch, left, 0, 0 });
}

word lookup_target_slot(struct invocation *call, struct cap root, word index, word depth, bool in_source,
                        struct cte **slot)
{
	struct lookup_failure why = { .type = seL4_InvalidRoot };
	if (cap_kind(root) != CAP_CNODE)
		return refuse_lookup(call, in_source, &why);
	if (depth < 1 || depth > seL4_WordBits)
		return refuse_range(call, 1, seL4_WordBits);
	struct cte *found = cspace_target(root, index, depth, &why);
	if (found == NULL)
		return refuse_lookup(call, in_source, &why);
	*slot = found;
	return seL4_NoError;
}
