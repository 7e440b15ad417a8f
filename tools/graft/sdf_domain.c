/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a <protection_domain> and everything inside it, children included. A domain's index is its place in the file, so
 * parents come before their children. */
#include "tools/graft/sdf.h"
#include "tools/graft/sdf_xml.h"
#include "lib/elf/elf.h"
#include <stdio.h>
#include <string.h>

static const char *const nothing[] = { NULL };

/* ---- setvars ---- */

/* The symbols that the tool itself sets in every program. */
static bool is_own_symbol(const char *symbol)
{
	static const char *const own[] = { "microkit_name", "microkit_passive", "microkit_irqs", "microkit_notifications",
		"microkit_pps", "microkit_ioports" };
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strcmp(symbol, own[i]) == 0)
			return true;
	return false;
}

bool sdf_add_setvar(struct sdf *sdf, struct sdf_domain *domain, const struct sdf_setvar *setvar)
{
	if (is_own_symbol(setvar->symbol))
		return xml_refuse(sdf->path, setvar->line, setvar->element, "the symbol '%s' is set by graft itself",
			setvar->symbol);
	for (uint32_t i = 0; i < domain->setvar_count; i++)
		if (strcmp(domain->setvars[i].symbol, setvar->symbol) == 0)
			return xml_refuse(sdf->path, setvar->line, setvar->element,
				"the symbol '%s' of domain '%s' is set already, by <%s> on line %u", setvar->symbol, domain->name,
				domain->setvars[i].element, domain->setvars[i].line);
	domain->setvars = arena_grow(sdf->arena, domain->setvars, domain->setvar_count, sizeof *setvar);
	domain->setvars[domain->setvar_count++] = *setvar;
	return true;
}

/* If the element has the attribute, its value is a symbol of the domain's program to be set. */
static bool take_setvar(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element,
	const char *attribute, struct sdf_setvar setvar)
{
	const char *symbol = NULL;
	if (!sdf_name(sdf, element, attribute, false, &symbol))
		return false;
	if (!symbol)
		return true;
	setvar.line = element->line;
	setvar.element = element->name;
	setvar.symbol = symbol;
	return sdf_add_setvar(sdf, domain, &setvar);
}

static bool read_setvar(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "symbol", "region_paddr", NULL };
	struct sdf_setvar setvar = { .line = element->line, .element = element->name, .kind = SDF_SETVAR_PHYSICAL };
	return sdf_has_only(sdf, element, names, nothing) && sdf_name(sdf, element, "symbol", true, &setvar.symbol) &&
	       sdf_name(sdf, element, "region_paddr", true, &setvar.region) && sdf_add_setvar(sdf, domain, &setvar);
}

/* ---- maps ---- */

static bool read_rights(struct sdf *sdf, const struct xml_element *element, uint32_t *rights)
{
	const char *text = xml_attribute(element, "perms");
	if (!text)
		return true;
	*rights = 0;
	for (const char *c = text; *c; c++) {
		uint32_t right = *c == 'r' ? ELF_R : *c == 'w' ? ELF_W : *c == 'x' ? ELF_X : 0;
		if (!right || (*rights & right))
			return sdf_refuse(sdf, element, "perms=\"%s\" is not made of r, w and x, each at most once",
				sdf_quote(sdf, text));
		*rights |= right;
	}
	if (!(*rights & ELF_R))
		return sdf_refuse(sdf, element, "perms=\"%s\" lacks r: the kernel makes no mappings that can't be read", text);
	return true;
}

static bool read_map(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "mr", "vaddr", "perms", "cached", "setvar_vaddr", "setvar_size",
		"setvar_prefill_size", NULL };
	struct sdf_map map = { .line = element->line, .rights = ELF_R | ELF_W, .cached = true };
	if (!sdf_has_only(sdf, element, names, nothing) || !sdf_name(sdf, element, "mr", true, &map.region_name) ||
	    !sdf_number(sdf, element, "vaddr", true, 0, UINT64_MAX, &map.vaddr) ||
	!read_rights(sdf, element, &map.rights) ||
	    !sdf_truth(sdf, element, "cached", &map.cached))
		return false;
	domain->maps = arena_grow(sdf->arena, domain->maps, domain->map_count, sizeof map);
	domain->maps[domain->map_count++] = map;
	struct sdf_setvar vaddr = { .kind = SDF_SETVAR_VALUE, .value = map.vaddr };
	struct sdf_setvar size = { .kind = SDF_SETVAR_SIZE, .region = map.region_name };
	struct sdf_setvar prefill = { .kind = SDF_SETVAR_PREFILL_SIZE, .region = map.region_name };
	return take_setvar(sdf, domain, element, "setvar_vaddr", vaddr) &&
		take_setvar(sdf, domain, element, "setvar_size", size) &&
	       take_setvar(sdf, domain, element, "setvar_prefill_size", prefill);
}

/* ---- interrupts and I/O ports ---- */

/* One of two words, as a number. */
static bool read_choice(struct sdf *sdf, const struct xml_element *element, const char *name, const char *zero,
	const char *one, uint32_t *value)
{
	const char *text = xml_attribute(element, name);
	if (!text)
		return true;
	*value = strcmp(text, one) == 0;
	if (!*value && strcmp(text, zero) != 0)
		return sdf_refuse(sdf, element, "%s=\"%s\" is neither %s nor %s", name, sdf_quote(sdf, text), one, zero);
	return true;
}

static bool read_ioapic(struct sdf *sdf, const struct xml_element *element, struct system_irq *irq)
{
	static const char *const names[] = { "id", "setvar_id", "ioapic", "pin", "trigger", "polarity", "vector", NULL };
	irq->kind = SYSTEM_IRQ_IOAPIC;
	irq->level_or_function = 1;
	return sdf_has_only(sdf, element, names, nothing) &&
	       sdf_number32(sdf, element, "ioapic", false, 0, 255, &irq->ioapic_or_bus) &&
	       sdf_number32(sdf, element, "pin", true, 0, 255, &irq->pin_or_device) &&
	       read_choice(sdf, element, "trigger", "edge", "level", &irq->level_or_function) &&
	       read_choice(sdf, element, "polarity", "high", "low", &irq->polarity_or_handle) &&
	       sdf_number32(sdf, element, "vector", true, 0, SYSTEM_VECTOR_MAX, &irq->vector);
}

/* One hexadecimal field of a PCI address: one or two digits up to a separator. */
static const char *read_pci_field(const char *text, char separator, uint32_t highest, uint32_t *value)
{
	static const char digits[] = "0123456789abcdef";
	unsigned count = 0;
	for (*value = 0; *text && *text != separator; text++, count++) {
		const char *digit = strchr(digits, *text >= 'A' && *text <= 'F' ? *text + ('a' - 'A') : *text);
		if (!digit || count == 2)
			return NULL;
		*value = *value * 16 + (uint32_t)(digit - digits);
	}
	return count > 0 && *text == separator && *value <= highest ? text + (separator != '\0') : NULL;
}

static bool read_msi(struct sdf *sdf, const struct xml_element *element, struct system_irq *irq)
{
	static const char *const names[] = { "id", "setvar_id", "pcidev", "handle", "vector", NULL };
	irq->kind = SYSTEM_IRQ_MSI;
	if (!sdf_has_only(sdf, element, names, nothing))
		return false;
	const char *text = xml_attribute(element, "pcidev");
	const char *rest = read_pci_field(text, ':', 255, &irq->ioapic_or_bus);
	rest = rest ? read_pci_field(rest, '.', 31, &irq->pin_or_device) : NULL;
	rest = rest ? read_pci_field(rest, '\0', 7, &irq->level_or_function) : NULL;
	if (!rest)
		return sdf_refuse(sdf, element, "pcidev=\"%s\" is not BUS:DEVICE.FUNCTION in hexadecimal, up to ff:1f.7",
			sdf_quote(sdf, text));
	return sdf_number32(sdf, element, "handle", true, 0, UINT32_MAX, &irq->polarity_or_handle) &&
	       sdf_number32(sdf, element, "vector", true, 0, SYSTEM_VECTOR_MAX, &irq->vector);
}

static bool read_irq(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	struct sdf_irq irq = { .line = element->line };
	if (xml_attribute(element, "irq"))
		return sdf_refuse(sdf, element, "attribute 'irq' is for ARM and RISC-V; on x86 say 'pin' or 'pcidev'");
	if (!sdf_number32(sdf, element, "id", true, 0, sdf->machine->channel_id_max, &irq.irq.id))
		return false;
	if (xml_attribute(element, "pin") ? !read_ioapic(sdf, element, &irq.irq)
	    : xml_attribute(element, "pcidev") ? !read_msi(sdf, element, &irq.irq)
	    : !sdf_refuse(sdf, element, "neither 'pin' (IOAPIC) nor 'pcidev' (MSI) is there"))
		return false;
	domain->irqs = arena_grow(sdf->arena, domain->irqs, domain->irq_count, sizeof irq);
	domain->irqs[domain->irq_count++] = irq;
	return take_setvar(sdf, domain, element, "setvar_id", (struct sdf_setvar){ .kind = SDF_SETVAR_VALUE,
		.value = irq.irq.id });
}

static bool read_port(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "id", "setvar_id", "setvar_addr", "addr", "size", NULL };
	struct sdf_port port = { .line = element->line };
	uint32_t size = 0;
	if (!sdf_has_only(sdf, element, names, nothing) || !sdf_number32(sdf, element, "id", true, 0,
	sdf->machine->channel_id_max,
		&port.id) ||
	    !sdf_number32(sdf, element, "addr", true, 0, SYSTEM_PORT_MAX, &port.first) ||
	    !sdf_number32(sdf, element, "size", true, 1, SYSTEM_PORT_MAX + 1, &size))
		return false;
	port.last = port.first + size - 1;
	if (port.last > SYSTEM_PORT_MAX)
		return sdf_refuse(sdf, element, "the ports 0x%x to 0x%x go beyond 0xffff", port.first, port.last);
	domain->ports = arena_grow(sdf->arena, domain->ports, domain->port_count, sizeof port);
	domain->ports[domain->port_count++] = port;
	struct sdf_setvar id = { .kind = SDF_SETVAR_VALUE, .value = port.id };
	struct sdf_setvar address = { .kind = SDF_SETVAR_VALUE, .value = port.first };
	return take_setvar(sdf, domain, element, "setvar_id", id) && take_setvar(sdf, domain, element, "setvar_addr",
		address);
}

/* ---- capabilities ---- */

static bool read_cap(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "slot", "pd", NULL };
	struct sdf_cap cap = { .line = element->line, .element = element->name };
	cap.kind = strcmp(element->name, "cap_tcb") == 0 ? SYSTEM_CAP_TCB
	         : strcmp(element->name, "cap_sc") == 0 ? SYSTEM_CAP_SC : SYSTEM_CAP_VSPACE;
	if (!sdf_has_only(sdf, element, names, nothing) || !sdf_name(sdf, element, "pd", true, &cap.domain_name) ||
	    !sdf_number32(sdf, element, "slot", true, 1, SYSTEM_ROOT_SLOTS - 1, &cap.slot))
		return false;
	domain->caps = arena_grow(sdf->arena, domain->caps, domain->cap_count, sizeof cap);
	domain->caps[domain->cap_count++] = cap;
	return true;
}

static bool read_cspace(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const children[] = { "cap_tcb", "cap_sc", "cap_vspace", NULL };
	if (domain->has_cspace)
		return sdf_refuse(sdf, element, "domain '%s' has a <cspace> already", domain->name);
	domain->has_cspace = true;
	if (!sdf_has_only(sdf, element, nothing, children))
		return false;
	for (const struct xml_element *child = element->first_child; child; child = child->next)
		if (!read_cap(sdf, domain, child))
			return false;
	return true;
}

/* ---- programs ---- */

static bool read_arguments(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "value", NULL };
	for (const struct xml_element *child = element->first_child; child; child = child->next) {
		if (!sdf_has_only(sdf, child, names, nothing))
			return false;
		const char *value = xml_attribute(child, "value");
		if (!value)
			return sdf_refuse(sdf, child, "attribute 'value' is missing");
		if (domain->argument_count == START_ARGUMENTS_MAX - 1)
			return sdf_refuse(sdf, child, "a program gets at most %u arguments besides its name",
				START_ARGUMENTS_MAX - 1);
		domain->arguments = arena_grow(sdf->arena, domain->arguments, domain->argument_count, sizeof value);
		domain->arguments[domain->argument_count++] = value;
	}
	return true;
}

static bool is_first_image(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	if (domain->image_line)
		return sdf_refuse(sdf, element,
			"domain '%s' has its program on line %u already; one of <program_image> and <graft_managed>", domain->name,
			domain->image_line);
	domain->image_line = element->line;
	return true;
}

static bool read_image(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "path", NULL };
	static const char *const children[] = { "graft_argument", NULL };
	if (!is_first_image(sdf, domain, element))
		return false;
	if (xml_attribute(element, "path_for_symbols"))
		return sdf_refuse(sdf, element,
			"path_for_symbols is not supported: symbols are looked up in the program itself");
	return sdf_has_only(sdf, element, names, children) && sdf_path(sdf, element, "path", &domain->image_path) &&
	       read_arguments(sdf, domain, element);
}

static bool read_managed(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "program", NULL };
	static const char *const children[] = { "graft_argument", NULL };
	if (!is_first_image(sdf, domain, element))
		return false;
	domain->managed = true;
	if (!sdf_has_only(sdf, element, names, children) || !sdf_name(sdf, element, "program", false,
		&domain->program_name) ||
	    !read_arguments(sdf, domain, element))
		return false;
	if (domain->argument_count && !domain->program_name)
		return sdf_refuse(sdf, element, "arguments without a program");
	return true;
}

static bool read_controller(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "pool_size", "slots_bits", "archive", "public_key", "seed", "trace", NULL };
	struct sdf_controller *controller = &domain->controller;
	if (controller->line)
		return sdf_refuse(sdf, element, "domain '%s' has a <graft_controller> already, on line %u", domain->name,
			controller->line);
	controller->line = element->line;
	controller->slots_bits = SDF_SLOTS_DEFAULT;
	controller->archive = SYSTEM_NONE;
	if (!sdf_has_only(sdf, element, names, nothing) ||
	    !sdf_number(sdf, element, "pool_size", true, SDF_POOL_MIN, SDF_POOL_MAX, &controller->pool_bytes) ||
	    !sdf_number32(sdf, element, "slots_bits", false, SYSTEM_SLOTS_BITS_MIN, sdf->machine->slots_bits_max,
	&controller->slots_bits) ||
	    !sdf_truth(sdf, element, "trace", &controller->trace) ||
	    !sdf_name(sdf, element, "archive", false, &controller->archive_name) ||
	    !sdf_number(sdf, element, "seed", false, 1, UINT64_MAX, &controller->seed))
		return false;
	if (xml_attribute(element, "public_key") && !sdf_path(sdf, element, "public_key", &controller->key_name))
		return false;
	if (controller->key_name && !controller->archive_name)
		return sdf_refuse(sdf, element, "a public_key without an archive");
	if (controller->pool_bytes % PAGE_BYTES != 0)
		return sdf_refuse(sdf, element, "pool_size 0x%llx is not a multiple of 0x1000",
			(unsigned long long)controller->pool_bytes);
	return true;
}

/* ---- spawned domains ---- */

static bool read_spawn(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "domains", "budget_share", "duplicates", NULL };
	struct sdf_controller *controller = &domain->controller;
	if (controller->spawn_line)
		return sdf_refuse(sdf, element, "domain '%s' has a <graft_spawn> already, on line %u", domain->name,
			controller->spawn_line);
	controller->spawn_line = element->line;
	return sdf_has_only(sdf, element, names, nothing) &&
	       sdf_number32(sdf, element, "domains", true, 1, SYSTEM_SPAWN_MAX, &controller->spawn_domains) &&
	       sdf_number32(sdf, element, "budget_share", true, 1, SYSTEM_SHARE_MAX * controller->spawn_domains,
	                    &controller->budget_share) &&
	       sdf_number32(sdf, element, "duplicates", false, 0, SYSTEM_SPAWN_MAX, &controller->duplicates);
}

static bool read_duplicate(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "budget", NULL };
	if (domain->duplicate_line)
		return sdf_refuse(sdf, element, "domain '%s' has a <graft_duplicate> already, on line %u", domain->name,
			domain->duplicate_line);
	domain->duplicate_line = element->line;
	return sdf_has_only(sdf, element, names, nothing) &&
	       sdf_number32(sdf, element, "budget", true, 1, SYSTEM_SPAWN_MAX, &domain->duplicates);
}

static bool read_offer_flag(struct sdf *sdf, const struct xml_element *element, const char *name, uint32_t flag,
	uint32_t *flags)
{
	bool value = false;
	if (!sdf_truth(sdf, element, name, &value))
		return false;
	*flags |= value ? flag : 0;
	return true;
}

static bool read_offer(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const char *const names[] = { "controller", "id", "notify", "pp", "peer_notify", "peer_pp", "setvar_id", NULL };
	struct sdf_offer offer = { .line = element->line };
	if (!sdf_has_only(sdf, element, names, nothing) ||
	    !sdf_name(sdf, element, "controller", true, &offer.controller_name) ||
	    !sdf_number32(sdf, element, "id", true, 0, sdf->machine->channel_id_max, &offer.id) ||
	    !read_offer_flag(sdf, element, "notify", SYSTEM_OFFER_NOTIFY, &offer.flags) ||
	    !read_offer_flag(sdf, element, "pp", SYSTEM_OFFER_CALL, &offer.flags) ||
	    !read_offer_flag(sdf, element, "peer_notify", SYSTEM_OFFER_PEER_NOTIFY, &offer.flags) ||
	    !read_offer_flag(sdf, element, "peer_pp", SYSTEM_OFFER_PEER_CALL, &offer.flags))
		return false;
	if (offer.flags == 0)
		return sdf_refuse(sdf, element, "nothing is offered: one of notify, pp, peer_notify and peer_pp is needed");
	domain->offers = arena_grow(sdf->arena, domain->offers, domain->offer_count, sizeof offer);
	domain->offers[domain->offer_count++] = offer;
	struct sdf_setvar id = { .kind = SDF_SETVAR_VALUE, .value = offer.id };
	return take_setvar(sdf, domain, element, "setvar_id", id);
}

/* ---- the domain ---- */

static bool is_controller(const struct xml_element *element)
{
	const struct xml_element *child = element->first_child;
	while (child && strcmp(child->name, "graft_controller") != 0)
		child = child->next;
	return child != NULL;
}

/* A controller of which nothing is said does not keep the processor for itself while it loads. */
static bool read_times(struct sdf *sdf, const struct xml_element *element, struct sdf_domain *domain)
{
	domain->budget = SDF_BUDGET_DEFAULT;
	if (is_controller(element) && !xml_attribute(element, "budget") && !xml_attribute(element, "period")) {
		domain->budget = SDF_CONTROLLER_BUDGET_DEFAULT;
		domain->period = SDF_CONTROLLER_PERIOD_DEFAULT;
		return true;
	}
	if (!sdf_number(sdf, element, "budget", false, SDF_BUDGET_MIN, SDF_PERIOD_MAX, &domain->budget))
		return false;
	domain->period = domain->budget;
	if (!sdf_number(sdf, element, "period", false, SDF_BUDGET_MIN, SDF_PERIOD_MAX, &domain->period))
		return false;
	if (domain->budget > domain->period)
		return sdf_refuse(sdf, element, "the budget of %llu us is larger than the period of %llu us",
			(unsigned long long)domain->budget, (unsigned long long)domain->period);
	return true;
}

static bool read_stack(struct sdf *sdf, const struct xml_element *element, struct sdf_domain *domain)
{
	domain->stack_size = SDF_STACK_DEFAULT;
	if (!sdf_number(sdf, element, "stack_size", false, PAGE_BYTES, SDF_STACK_MAX, &domain->stack_size))
		return false;
	if (domain->stack_size % PAGE_BYTES != 0)
		return sdf_refuse(sdf, element, "stack_size 0x%llx is not a multiple of 0x1000",
			(unsigned long long)domain->stack_size);
	return true;
}

static bool read_machine(struct sdf *sdf, const struct xml_element *element, struct sdf_domain *domain)
{
	uint64_t cpu = 0;
	bool smc = false;
	domain->fpu = true;
	if (!sdf_truth(sdf, element, "passive", &domain->passive) || !sdf_truth(sdf, element, "fpu", &domain->fpu) ||
	    !sdf_truth(sdf, element, "smc", &smc) || !sdf_number(sdf, element, "cpu", false, 0, UINT64_MAX, &cpu))
		return false;
	if (smc)
		return sdf_refuse(sdf, element, "smc=\"true\": only ARM has SMC calls");
	if (cpu != 0)
		return sdf_refuse(sdf, element, "cpu=\"%s\": the kernel runs on one CPU, 0",
			sdf_quote(sdf, xml_attribute(element, "cpu")));
	if (xml_attribute(element, "domain"))
		return sdf_refuse(sdf, element, "attribute 'domain': scheduling domains are not supported");
	return true;
}

static bool read_attributes(struct sdf *sdf, const struct xml_element *element, struct sdf_domain *domain)
{
	if (!sdf_name(sdf, element, "name", true, &domain->name) ||
	    !sdf_number32(sdf, element, "priority", false, 0, SDF_PRIORITY_MAX, &domain->priority) ||
	    !read_times(sdf, element, domain) || !read_stack(sdf, element, domain) || !read_machine(sdf, element, domain))
		return false;
	if (domain->parent == SYSTEM_NONE)
		return true;
	struct sdf_setvar setvar = { .kind = SDF_SETVAR_VALUE };
	if (!sdf_number32(sdf, element, "id", true, 0, SDF_ID_MAX, &domain->child_id))
		return false;
	setvar.value = domain->child_id;
	return take_setvar(sdf, &sdf->domains[domain->parent], element, "setvar_id", setvar);
}

typedef bool read_part(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element);

static bool read_parts(struct sdf *sdf, struct sdf_domain *domain, const struct xml_element *element)
{
	static const struct { const char *name; read_part *read; } parts[] = {
		{ "program_image", read_image }, { "graft_managed", read_managed }, { "graft_controller", read_controller },
		{ "map", read_map }, { "irq", read_irq }, { "ioport", read_port }, { "setvar", read_setvar },
		{ "cspace", read_cspace }, { "graft_spawn", read_spawn }, { "graft_offer", read_offer },
		{ "graft_duplicate", read_duplicate },
	};
	for (const struct xml_element *child = element->first_child; child; child = child->next)
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
			if (strcmp(child->name, parts[i].name) == 0 && !parts[i].read(sdf, domain, child))
				return false;
	if (!domain->image_line)
		return sdf_refuse(sdf, element, "domain '%s' has no <program_image>%s", domain->name,
			domain->parent == SYSTEM_NONE ? "" : " and is not <graft_managed>");
	return true;
}

static bool read_children(struct sdf *sdf, const struct xml_element *element, uint32_t index)
{
	for (const struct xml_element *child = element->first_child; child; child = child->next)
		if (strcmp(child->name, "protection_domain") == 0 && !sdf_read_domain(sdf, child, index))
			return false;
	return true;
}

bool sdf_read_domain(struct sdf *sdf, const struct xml_element *element, uint32_t parent)
{
	static const char *const names[] = { "name", "priority", "budget", "period", "passive", "stack_size", "smc", "cpu",
		"domain", "fpu", "id", "setvar_id", NULL };
	static const char *const children[] = { "program_image", "graft_managed", "graft_controller", "map", "irq",
		"ioport",
		"setvar", "cspace", "graft_spawn", "graft_offer", "graft_duplicate", "protection_domain", NULL };
	if (sdf->domain_count == SYSTEM_DOMAINS_MAX)
		return sdf_refuse(sdf, element, "there are more than %u protection domains", SYSTEM_DOMAINS_MAX);
	for (unsigned i = 0; parent == SYSTEM_NONE && i < element->attribute_count; i++)
		if (strcmp(element->attributes[i].name, "id") == 0 || strcmp(element->attributes[i].name, "setvar_id") == 0)
			return sdf_refuse(sdf, element, "attribute '%s' is for children of another domain",
				element->attributes[i].name);
	uint32_t index = sdf->domain_count++;
	struct sdf_domain *domain = &sdf->domains[index];
	*domain = (struct sdf_domain){ .line = element->line, .parent = parent };
	return sdf_has_only(sdf, element, names, children) && read_attributes(sdf, element, domain) &&
	       read_parts(sdf, domain, element) && read_children(sdf, element, index);
}
