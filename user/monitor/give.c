/* SPDX-License-Identifier: BSD-2-Clause */
/* Handing out, and the list of it. Invariant: what is printed is what the kernel was asked for, from the same
 * variables. */
#include "user/monitor/give.h"
#include "lib/elf/elf.h"
#include "user/monitor/objects.h"
#include "user/monitor/print.h"

/* ---- the list ---- */

static const char *const type_names[] = {
	[GIVE_ENDPOINT] = "endpoint", [GIVE_NOTIFICATION] = "notification", [GIVE_REPLY] = "reply", [GIVE_TCB] = "tcb",
	[GIVE_SC] = "sc", [GIVE_VSPACE] = "vspace", [GIVE_CNODE] = "cnode", [GIVE_UNTYPED] = "untyped",
	[GIVE_FRAME] = "frame", [GIVE_IRQ] = "irq", [GIVE_IOPORT] = "ioport", [GIVE_ASIDPOOL] = "asidpool",
};

static const char *const kind_names[] = {
	[OF_ENDPOINT] = ".endpoint", [OF_NOTIFICATION] = ".notification", [OF_REPLY] = ".reply", [OF_TCB] = ".tcb",
	[OF_SC] = ".sc", [OF_VSPACE] = ".vspace", [OF_CSPACE] = ".cspace", [OF_IMAGE] = ".image", [OF_STACK] = ".stack",
	[OF_IPCBUFFER] = ".ipcbuffer", [OF_GRANT] = ".grant", [OF_RECORD] = ".record", [OF_POOL] = ".pool",
	[OF_ASIDPOOL] = ".asidpool", [OF_REPLIES] = ".replies", [OF_SPAWN] = ".spawn", [OF_REGION] = "region:", [OF_PROGRAM] = "program:",
};

static void list_object(const struct give_object *object)
{
	if (object->kind == OF_IRQ)
		print("irq:%u\n", object->first);
	else if (object->kind == OF_IOPORT)
		print("ioport:0x%x-0x%x\n", object->first, object->last);
	else if (object->kind == OF_REGION || object->kind == OF_PROGRAM)
		print("%s%s\n", kind_names[object->kind], object->name);
	else
		print("%s%s\n", object->name, kind_names[object->kind]);
}

static const char *rights_text(uint32_t rights)
{
	static char text[5];
	text[0] = rights & ABI_RIGHT_READ ? 'r' : '-';
	text[1] = rights & ABI_RIGHT_WRITE ? 'w' : '-';
	text[2] = rights & ABI_RIGHT_GRANT ? 'g' : '-';
	text[3] = rights & ABI_RIGHT_GRANT_REPLY ? 'p' : '-';
	return text;
}

static void list_cap(const struct monitor *monitor, uint32_t domain, seL4_CPtr cptr, const struct give *give)
{
	if (!monitor->lists_authority)
		return;
	print("cap %s 0x%016llx %s %s 0x%lx ", monitor->system.domains[domain].name, ull(cptr), type_names[give->type],
	      rights_text(give->rights), give->badge);
	list_object(&give->object);
}

static void list_grant(const struct monitor *monitor, uint32_t controller, const struct give *give, uint64_t count)
{
	if (!monitor->lists_authority)
		return;
	print("grant %s %s %s 0x%lx %llu ", monitor->system.domains[monitor->system.controllers[controller].domain].name,
	      type_names[give->type], rights_text(give->rights), give->badge, ull(count));
	list_object(&give->object);
}

void give_pages_listed(const struct monitor *monitor, uint32_t domain, const struct give_pages *pages)
{
	if (!monitor->lists_authority)
		return;
	print("map %s 0x%016llx %llu %u %s%s%s %s ", monitor->system.domains[domain].name, ull(pages->vaddr), ull(pages->pages),
	      pages->page_bits, pages->rights & ELF_R ? "r" : "-", pages->rights & ELF_W ? "w" : "-",
	      pages->rights & ELF_X ? "x" : "-", pages->uncached ? "uncached" : "cached");
	list_object(&pages->object);
}

void give_pool_listed(const struct monitor *monitor, uint32_t controller, uint64_t bytes)
{
	const struct system_controller *description = &monitor->system.controllers[controller];
	struct give pool = { .type = GIVE_UNTYPED, .object = { .kind = OF_POOL,
	                     .name = monitor->system.domains[description->domain].name } };
	list_grant(monitor, controller, &pool, bytes);
}

/* ---- the handing out ---- */

static void install(struct cap_at to, const struct give *give, seL4_Word nth)
{
	seL4_CapRights_t rights = { { give->rights } };
	seL4_Word index = give->from.index + nth;
	seL4_Word data = give->type == GIVE_CNODE ? abi_cnode_data(0, give->guard_bits) : give->badge;
	struct cap_at from = give->from;
	seL4_Error error = data == 0
		? seL4_CNode_Copy(to.root, to.index, to.depth_bits, from.root, index, from.depth_bits, rights)
		: seL4_CNode_Mint(to.root, to.index, to.depth_bits, from.root, index, from.depth_bits, rights, data);
	objects_must(error, "hand out a capability");
}

void give_microkit(struct monitor *monitor, uint32_t domain, uint32_t slot, const struct give *give)
{
	install((struct cap_at){ monitor->domain[domain].microkit, slot, GIVE_INNER_BITS }, give, 0);
	list_cap(monitor, domain, slot, give);
}

void give_root(struct monitor *monitor, uint32_t domain, uint32_t slot, const struct give *give)
{
	install((struct cap_at){ monitor->domain[domain].cspace, slot, GIVE_ROOT_BITS }, give, 0);
	list_cap(monitor, domain, (seL4_CPtr)slot << (seL4_WordBits - GIVE_ROOT_BITS), give);
}

static struct cap_at grant_slot(const struct monitor *monitor, uint32_t controller, uint32_t slot)
{
	return (struct cap_at){ monitor->controller[controller].grant_cnode, slot,
	                        monitor->system.controllers[controller].slots_bits };
}

void give_grant(struct monitor *monitor, uint32_t controller, uint32_t slot, const struct give *give, uint64_t count)
{
	for (uint32_t i = 0; i < count; i++)
		install(grant_slot(monitor, controller, slot + i), give, i);
	list_grant(monitor, controller, give, count);
}

void give_pool(struct monitor *monitor, uint32_t controller, uint32_t slot, seL4_CPtr untyped)
{
	struct cap_at to = grant_slot(monitor, controller, slot);
	objects_must(seL4_CNode_Move(to.root, to.index, to.depth_bits, seL4_CapInitThreadCNode, untyped, seL4_WordBits),
	             "hand out untyped memory");
}
