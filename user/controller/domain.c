/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains by index: those of the description first, from the grant; then seats for spawned ones, from the record. What a
 * domain owns has a CPtr and a name for CNode invocations, whichever kind it is of. */
#include "user/controller/controller.h"

uint32_t domain_seats(void)
{
	return controller.grant->domain_count + controller.grant->spawn_count;
}

bool domain_is_spawned(uint32_t domain)
{
	return domain >= controller.grant->domain_count;
}

struct record_spawned *domain_spawned(uint32_t domain)
{
	return &controller.record->spawned[domain - controller.grant->domain_count];
}

bool domain_is_there(uint32_t domain)
{
	return domain < domain_seats() && (!domain_is_spawned(domain) || domain_spawned(domain)->account != ACCOUNT_NONE);
}

const struct grant_domain *domain_grant(uint32_t domain)
{
	return domain_is_spawned(domain) ? &domain_spawned(domain)->domain : &controller.grant->domain[domain];
}

/* A spawned domain's capabilities lie in its account, but for the scheduling context. */
seL4_CPtr domain_cptr(uint32_t domain, uint32_t slot)
{
	return domain_is_spawned(domain) ? account_cptr(&controller.space, domain_spawned(domain)->account, slot) : grant_cptr(slot);
}

struct space_caps domain_caps(uint32_t domain, uint32_t slot)
{
	struct space_caps caps = { .root = controller.grant->cnode, .first = slot, .depth_bits = controller.grant->cnode_bits,
	                           .count = 1 };

	if (domain_is_spawned(domain)) {
		caps.first = account_index(&controller.space, domain_spawned(domain)->account, slot);
		caps.depth_bits = account_depth_bits(&controller.space);
	}
	return caps;
}

struct domain_symbol domain_symbol_of(uint32_t domain, uint32_t i)
{
	const struct grant *grant = controller.grant;
	const struct grant_patch *patch;

	if (domain_is_spawned(domain))
		return spawn_symbol(domain_spawned(domain), i);
	patch = &grant->patch[domain_grant(domain)->first_patch + i];
	return (struct domain_symbol){ patch->symbol, patch->size_bytes, grant->strings + patch->value };
}

uint32_t domain_of_channel(uint32_t ch)
{
	uint32_t i = 0;

	if (ch >= SPAWN_CHANNEL_FIRST) {
		i = controller.grant->domain_count + (ch - SPAWN_CHANNEL_FIRST);
		return domain_is_there(i) ? i : DOMAIN_NONE;
	}
	while (i < controller.grant->domain_count && (domain_grant(i)->channels >> ch & 1) == 0)
		i++;
	return i < controller.grant->domain_count ? i : DOMAIN_NONE;
}

uint32_t domain_of_child(uint64_t child)
{
	for (uint32_t i = 0; i < domain_seats(); i++) {
		if (domain_is_there(i) && domain_grant(i)->child_id == child)
			return i;
	}
	return DOMAIN_NONE;
}
