/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains: objects and capabilities that outlive every image. The layout is Microkit's; the rights are the least that
 * its library needs (doc/authority.md). Managed domains get the same as static ones, except what belongs to an image.
 */
#include "user/monitor/domains.h"
#include "user/monitor/give.h"
#include "user/monitor/objects.h"
#include "user/monitor/ports.h"
#include "user/monitor/print.h"

/* What graft build counts with (lib/system/machine.c) is what the kernel has. */
_Static_assert(SYSTEM_OWN(BADGE_BITS) == seL4_BadgeBits && SYSTEM_OWN(ASID_POOLS) == 1u << seL4_NumASIDPoolsBits, "badges, ASID pools");
_Static_assert(SYSTEM_OWN(SLOT_BITS) == seL4_SlotBits && SYSTEM_OWN(NOTIFICATION_BITS) == seL4_NotificationBits
               && SYSTEM_OWN(REPLY_BITS) == seL4_ReplyBits, "sizes of objects");
_Static_assert(SYSTEM_OWN(SLOTS_BITS_MAX) == ACCOUNT_RADIX_MAX && GIVE_ROOT_BITS + 2 * SYSTEM_OWN(SLOTS_BITS_MAX) <= seL4_WordBits,
               "a grant's CPtr and an account's behind it");

#define SCHED_BADGE        0x100u /* Microkit's: domain index above this, in timeout faults */

const char *domains_name(const struct monitor *monitor, uint32_t domain)
{
	return monitor->system.domains[domain].name;
}

static struct give_object object_of(const struct monitor *monitor, enum give_kind kind, uint32_t domain)
{
	return (struct give_object){ .kind = kind, .name = domains_name(monitor, domain) };
}

/* ---- objects ---- */

/* The CSpace: a root CNode of 64 slots whose slot 0 leads to Microkit's CNode, so that CPtrs below 512 are slots of
 * that. */
static void make_cspace(struct monitor *monitor, struct monitor_domain *domain)
{
	domain->cspace = objects_make(monitor, seL4_CapTableObject, GIVE_ROOT_BITS, 1);
	domain->microkit = objects_make(monitor, seL4_CapTableObject, GIVE_INNER_BITS, 1);
	seL4_Word guard = abi_cnode_data(0, seL4_WordBits - GIVE_ROOT_BITS - GIVE_INNER_BITS);
	objects_must(seL4_CNode_Mint(domain->cspace, 0, GIVE_ROOT_BITS, seL4_CapInitThreadCNode, domain->microkit,
	                             seL4_WordBits, seL4_AllRights, guard), "make a CSpace");
}

static void make_sched_context(struct monitor *monitor, uint32_t index)
{
	const struct system_domain *description = &monitor->system.domains[index];
	seL4_CPtr made = objects_make(monitor, seL4_SchedContextObject, DOMAINS_SC_BITS, 1);
	objects_must(seL4_SchedControl_ConfigureFlags(monitor->sched_control, made, description->budget_us,
	                                              description->period_us, DOMAINS_EXTRA_REFILLS, SCHED_BADGE + index,
	                                              seL4_SchedContext_NoFlag), "configure a scheduling context");
	monitor->domain[index].sched_context = made;
}

/* Who learns of a domain's faults: its parent, or the monitor. */
static void make_fault_endpoint(struct monitor *monitor, uint32_t index)
{
	const struct system_domain *description = &monitor->system.domains[index];
	bool has_parent = description->parent != SYSTEM_NONE;
	seL4_CPtr endpoint = has_parent ? monitor->domain[description->parent].endpoint : monitor->endpoint;
	seL4_Word badge = has_parent ? DOMAINS_BADGE_FAULT | description->child_id : index + 1u;
	monitor->domain[index].fault = objects_slots(monitor, 1);
	objects_must(seL4_CNode_Mint(seL4_CapInitThreadCNode, monitor->domain[index].fault, seL4_WordBits,
	                             seL4_CapInitThreadCNode, endpoint, seL4_WordBits, seL4_CapRights_new(1, 0, 0, 1),
	                             badge), "make a fault endpoint");
}

void domains_make(struct monitor *monitor)
{
	monitor->endpoint = objects_make(monitor, seL4_EndpointObject, 0, 1);
	monitor->replies = objects_make(monitor, seL4_ReplyObject, 0, monitor->system.header->domains.count + 1u);
	for (uint32_t i = 0; i < monitor->system.header->domains.count; i++) {
		struct monitor_domain *domain = &monitor->domain[i];
		make_cspace(monitor, domain);
		domain->notification = objects_make(monitor, seL4_NotificationObject, 0, 1);
		if ((monitor->system.domains[i].flags & SYSTEM_ENDPOINT) != 0)
			domain->endpoint = objects_make(monitor, seL4_EndpointObject, 0, 1);
		domain->reply = objects_make(monitor, seL4_ReplyObject, 0, 1);
		domain->account = ACCOUNT_NONE;
		make_sched_context(monitor, i);
		make_fault_endpoint(monitor, i); /* parents come before children */
	}
}

/* ---- capabilities ---- */

static void give_own(struct monitor *monitor, uint32_t index)
{
	const struct monitor_domain *domain = &monitor->domain[index];
	bool on_endpoint = domain->endpoint != 0;
	give_microkit(monitor, index, DOMAINS_INPUT, &(struct give){
		.from = cap_own(on_endpoint ? domain->endpoint : domain->notification),
		.type = on_endpoint ? GIVE_ENDPOINT : GIVE_NOTIFICATION, .rights = ABI_RIGHT_READ,
		.object = object_of(monitor, on_endpoint ? OF_ENDPOINT : OF_NOTIFICATION, index) });
	give_microkit(monitor, index, DOMAINS_REPLY, &(struct give){
		.from = cap_own(domain->reply), .type = GIVE_REPLY, .object = object_of(monitor, OF_REPLY, index) });
	if ((monitor->system.domains[index].flags & SYSTEM_PASSIVE) != 0)
		give_microkit(monitor, index, DOMAINS_MONITOR, &(struct give){
			.from = cap_own(monitor->endpoint), .type = GIVE_ENDPOINT, .rights = ABI_RIGHT_WRITE, .badge = index + 1u,
			.object = { .kind = OF_ENDPOINT, .name = "monitor" } });
}

static void give_channel_end(struct monitor *monitor, const struct system_end *end)
{
	const struct monitor_domain *peer = &monitor->domain[end->peer];
	if (end->notify != 0)
		give_microkit(monitor, end->domain, DOMAINS_NOTIFY + end->id, &(struct give){
			.from = cap_own(peer->notification), .type = GIVE_NOTIFICATION, .rights = ABI_RIGHT_WRITE,
			.badge = 1ul << end->peer_id, .object = object_of(monitor, OF_NOTIFICATION, end->peer) });
	if (end->call != 0)
		give_microkit(monitor, end->domain, DOMAINS_CALL + end->id, &(struct give){
			.from = cap_own(peer->endpoint), .type = GIVE_ENDPOINT, .rights = ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY,
			.badge = DOMAINS_BADGE_CALL | end->peer_id, .object = object_of(monitor, OF_ENDPOINT, end->peer) });
}

/* Several domains may own parts of one device but no port twice: the kernel issues each once. */
static void give_port(struct monitor *monitor, const struct system_port *port)
{
	seL4_CPtr slot = objects_slots(monitor, 1);
	ports_release_serial(port->first, port->last);
	objects_must(ports_issue(monitor->set, port->first, port->last, slot), "issue I/O ports");
	print_open(ports_find(PORTS_SERIAL_FIRST), monitor->set);
	give_microkit(monitor, port->domain, DOMAINS_IOPORT + port->id, &(struct give){
		.from = cap_own(slot), .type = GIVE_IOPORT,
		.object = { .kind = OF_IOPORT, .first = port->first, .last = port->last } });
}

static seL4_Error issue_irq(const struct system_irq *irq, seL4_CPtr slot)
{
	if (irq->kind == SYSTEM_IRQ_MSI)
		return seL4_IRQControl_GetMSI(seL4_CapIRQControl, seL4_CapInitThreadCNode, slot, seL4_WordBits,
		                              irq->ioapic_or_bus, irq->pin_or_device, irq->level_or_function,
		                              irq->polarity_or_handle, irq->vector);
	return seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, slot, seL4_WordBits,
	                                 irq->ioapic_or_bus, irq->pin_or_device, irq->level_or_function,
	                                 irq->polarity_or_handle, irq->vector);
}

/* The handler signals the domain's notification; only the kernel holds the capability for that. */
static void give_irq(struct monitor *monitor, const struct system_irq *irq)
{
	seL4_CPtr handler = objects_slots(monitor, 1), signal = objects_slots(monitor, 1);
	objects_must(issue_irq(irq, handler), "issue an interrupt handler");
	objects_must(seL4_CNode_Mint(seL4_CapInitThreadCNode, signal, seL4_WordBits, seL4_CapInitThreadCNode,
	                             monitor->domain[irq->domain].notification, seL4_WordBits, seL4_CanWrite,
	                             1ul << irq->id), "make an interrupt's notification");
	objects_must(seL4_IRQHandler_SetNotification(handler, signal), "set an interrupt's notification");
	give_microkit(monitor, irq->domain, DOMAINS_IRQ + irq->id, &(struct give){
		.from = cap_own(handler), .type = GIVE_IRQ, .object = { .kind = OF_IRQ, .first = irq->vector } });
}

void domains_give(struct monitor *monitor)
{
	const struct system *system = &monitor->system;
	for (uint32_t i = 0; i < system->header->domains.count; i++)
		give_own(monitor, i);
	for (uint32_t i = 0; i < system->header->ends.count; i++)
		give_channel_end(monitor, &system->ends[i]);
	for (uint32_t i = 0; i < system->header->ports.count; i++)
		give_port(monitor, &system->ports[i]);
	for (uint32_t i = 0; i < system->header->irqs.count; i++)
		give_irq(monitor, &system->irqs[i]);
}
