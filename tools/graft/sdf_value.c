/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of single elements have in common: attributes into numbers, truths and names, and the refusals. */
#include "tools/graft/sdf.h"
#include "tools/graft/sdf_xml.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTE_BYTES_MAX 80u

bool sdf_refuse(const struct sdf *sdf, const struct xml_element *element, const char *format, ...)
{
	char reason[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	return xml_refuse(sdf->path, element->line, element->name, "%s", reason);
}

const char *sdf_quote(const struct sdf *sdf, const char *text)
{
	char out[4 * QUOTE_BYTES_MAX + 4];
	size_t length = 0;
	unsigned i = 0;
	for (; text[i] && i < QUOTE_BYTES_MAX; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c >= 0x20 && c <= 0x7e)
			out[length++] = (char)c;
		else
			length += (size_t)snprintf(out + length, 5, "\\x%02x", c);
	}
	return arena_print(sdf->arena, "%.*s%s", (int)length, out, text[i] ? "..." : "");
}

static bool is_listed(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(name, *list) == 0)
			return true;
	return false;
}

/* What Microkit has and we have not: the reason, or NULL if the name means nothing to Microkit either. */
static const char *why_unsupported(const char *element)
{
	static const struct { const char *element, *reason; } known[] = {
		{ "virtual_machine", "virtual machines are not supported: no kernel here runs as a hypervisor" },
		{ "vcpu", "virtual machines are not supported: no kernel here runs as a hypervisor" },
		{ "domains", "scheduling domains are not supported: all protection domains run in domain 0" },
		{ "io_address_space", "IO address spaces are not supported: no capability of the IOMMU is handed out" },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(element, known[i].element) == 0)
			return known[i].reason;
	return NULL;
}

bool sdf_has_only(const struct sdf *sdf, const struct xml_element *element, const char *const *names,
	const char *const *children)
{
	for (unsigned i = 0; i < element->attribute_count; i++)
		if (!is_listed(element->attributes[i].name, names))
			return sdf_refuse(sdf, element, "unknown attribute '%s'", sdf_quote(sdf, element->attributes[i].name));
	for (const struct xml_element *child = element->first_child; child; child = child->next) {
		if (is_listed(child->name, children))
			continue;
		const char *reason = why_unsupported(child->name);
		if (reason)
			return sdf_refuse(sdf, child, "%s", reason);
		return sdf_refuse(sdf, child, "unknown element in <%s>", element->name);
	}
	return true;
}

static bool find(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	const char **text)
{
	*text = xml_attribute(element, name);
	if (!*text && required)
		return sdf_refuse(sdf, element, "attribute '%s' is missing", name);
	return true;
}

static int digit_of(char c, unsigned base)
{
	int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F'
		? c - 'A' + 10 : 99;
	return digit < (int)base ? digit : -1;
}

/* Decimal, or hexadecimal after 0x; underscores between digits are skipped. */
static bool parse_number(const char *text, uint64_t *value)
{
	unsigned base = 10, digits = 0;
	uint64_t number = 0;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	for (; *text; text++) {
		if (*text == '_')
			continue;
		int digit = digit_of(*text, base);
		if (digit < 0 || number > (UINT64_MAX - (uint64_t)digit) / base)
			return false;
		number = number * base + (uint64_t)digit;
		digits++;
	}
	*value = number;
	return digits > 0;
}

bool sdf_number(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	uint64_t lowest, uint64_t highest, uint64_t *value)
{
	const char *text;
	if (!find(sdf, element, name, required, &text))
		return false;
	if (!text)
		return true;
	uint64_t number;
	if (!parse_number(text, &number))
		return sdf_refuse(sdf, element, "%s=\"%s\" is not a number from 0 to 2^64 - 1, decimal or after 0x hexadecimal",
			name, sdf_quote(sdf, text));
	if (number < lowest || number > highest)
		return sdf_refuse(sdf, element,
			highest > 0xffff ? "%s=\"%s\" is not from 0x%llx to 0x%llx" : "%s=\"%s\" is not from %llu to %llu", name,
			sdf_quote(sdf, text), (unsigned long long)lowest, (unsigned long long)highest);
	*value = number;
	return true;
}

bool sdf_number32(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	uint32_t lowest, uint32_t highest, uint32_t *value)
{
	uint64_t wide = *value;
	if (!sdf_number(sdf, element, name, required, lowest, highest, &wide))
		return false;
	*value = (uint32_t)wide;
	return true;
}

bool sdf_truth(const struct sdf *sdf, const struct xml_element *element, const char *name, bool *value)
{
	const char *text = xml_attribute(element, name);
	if (!text)
		return true;
	*value = strcmp(text, "true") == 0;
	if (!*value && strcmp(text, "false") != 0)
		return sdf_refuse(sdf, element, "%s=\"%s\" is neither true nor false", name, sdf_quote(sdf, text));
	return true;
}

bool sdf_is_name(const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return false;
	return length > 0 && length < SYSTEM_NAME_BYTES;
}

bool sdf_name(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	const char **value)
{
	const char *text;
	if (!find(sdf, element, name, required, &text))
		return false;
	if (!text)
		return true;
	if (!sdf_is_name(text))
		return sdf_refuse(sdf, element, "%s=\"%s\" is not a name of 1 to %u graphic ASCII characters", name,
			sdf_quote(sdf, text), SYSTEM_NAME_BYTES - 1);
	*value = text;
	return true;
}

bool sdf_path(const struct sdf *sdf, const struct xml_element *element, const char *name, const char **value)
{
	if (!find(sdf, element, name, true, value))
		return false;
	if (!**value)
		return sdf_refuse(sdf, element, "%s is empty", name);
	return true;
}
