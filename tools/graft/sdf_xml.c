/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads XML with expat into a tree of elements. Everything that could make a small file large or slow is refused where
 * expat reports it: document types before any entity of theirs is read, depth, number and length of everything. */
#include "tools/graft/sdf_xml.h"
#include "tools/graft/file.h"
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reader {
	const char *path;
	struct arena *arena;
	XML_Parser parser;
	struct xml_element *root, *open;
	unsigned depth, elements;
	bool refused;
};

bool xml_refuse(const char *path, unsigned line, const char *element, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "%s:%u: <%s>: ", path, line, element);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return false;
}

static const char *open_name(const struct reader *reader)
{
	return reader->open ? reader->open->name : "document";
}

/* Reports the first refusal at the parser's place, and stops the parser. */
static void stop(struct reader *reader, const char *reason)
{
	if (!reader->refused)
		xml_refuse(reader->path, (unsigned)XML_GetCurrentLineNumber(reader->parser), open_name(reader), "%s", reason);
	reader->refused = true;
	XML_StopParser(reader->parser, XML_FALSE);
}

static const char *why_not_taken(const struct reader *reader, const char *name, const char **attributes)
{
	if (reader->depth >= XML_DEPTH_MAX)
		return "elements are nested too deeply";
	if (reader->elements >= XML_ELEMENTS_MAX)
		return "there are more elements than are taken (16384)";
	if (strlen(name) > XML_NAME_BYTES_MAX)
		return "an element in it has a name that is too long";
	for (unsigned i = 0; attributes[2 * i]; i++) {
		if (i >= XML_ATTRIBUTES_MAX)
			return "an element in it has more attributes than are taken";
		if (strlen(attributes[2 * i]) > XML_NAME_BYTES_MAX)
			return "an attribute in it has a name that is too long";
		if (strlen(attributes[2 * i + 1]) > XML_VALUE_BYTES_MAX)
			return "an attribute in it has a value that is too long";
	}
	return NULL;
}

static void copy_attributes(struct reader *reader, struct xml_element *element, const char **attributes)
{
	unsigned count = 0;
	while (attributes[2 * count])
		count++;
	struct xml_attribute *copies = arena_take(reader->arena, count * sizeof *copies);
	for (unsigned i = 0; i < count; i++) {
		copies[i].name = arena_text(reader->arena, attributes[2 * i], strlen(attributes[2 * i]));
		copies[i].value = arena_text(reader->arena, attributes[2 * i + 1], strlen(attributes[2 * i + 1]));
	}
	element->attributes = copies;
	element->attribute_count = count;
}

static void on_start(void *data, const char *name, const char **attributes)
{
	struct reader *reader = data;
	if (reader->refused)
		return;
	const char *reason = why_not_taken(reader, name, attributes);
	if (reason) {
		stop(reader, reason);
		return;
	}
	struct xml_element *element = arena_take(reader->arena, sizeof *element);
	element->name = arena_text(reader->arena, name, strlen(name));
	element->line = (unsigned)XML_GetCurrentLineNumber(reader->parser);
	element->parent = reader->open;
	copy_attributes(reader, element, attributes);
	if (!reader->open)
		reader->root = element;
	else if (reader->open->last_child)
		reader->open->last_child->next = element;
	else
		reader->open->first_child = element;
	if (reader->open)
		reader->open->last_child = element;
	reader->open = element;
	reader->depth++;
	reader->elements++;
}

static void on_end(void *data, const char *name)
{
	struct reader *reader = data;
	(void)name;
	if (reader->refused)
		return;
	reader->open = reader->open->parent;
	reader->depth--;
}

static void on_text(void *data, const char *text, int length)
{
	for (int i = 0; i < length; i++)
		if (!strchr(" \t\r\n", text[i]) || text[i] == '\0') {
			stop(data, "text where only elements may stand");
			return;
		}
}

static void on_document_type(void *data, const char *name, const char *system, const char *public, int has_subset)
{
	(void)name, (void)system, (void)public, (void)has_subset;
	stop(data, "document types (<!DOCTYPE>) are not taken");
}

static void on_instruction(void *data, const char *target, const char *text)
{
	(void)target, (void)text;
	stop(data, "processing instructions are not taken");
}

static bool is_utf8_name(const char *encoding)
{
	static const char wanted[] = "utf-8";
	size_t i = 0;
	for (; encoding[i] && i < sizeof wanted; i++)
		if ((encoding[i] | 0x20) != (wanted[i] | 0x20))
			return false;
	return i == sizeof wanted - 1;
}

static void on_declaration(void *data, const char *version, const char *encoding, int standalone)
{
	(void)version, (void)standalone;
	if (encoding && !is_utf8_name(encoding))
		stop(data, "the encoding is not UTF-8");
}

static void set_handlers(struct reader *reader)
{
	XML_SetUserData(reader->parser, reader);
	XML_SetElementHandler(reader->parser, on_start, on_end);
	XML_SetCharacterDataHandler(reader->parser, on_text);
	XML_SetStartDoctypeDeclHandler(reader->parser, on_document_type);
	XML_SetProcessingInstructionHandler(reader->parser, on_instruction);
	XML_SetXmlDeclHandler(reader->parser, on_declaration);
}

static bool parse(struct reader *reader, const struct file *file)
{
	set_handlers(reader);
	enum XML_Status status = XML_Parse(reader->parser, (const char *)file->bytes, (int)file->size_bytes, XML_TRUE);
	if (status == XML_STATUS_OK && !reader->refused)
		return true;
	if (!reader->refused)
		xml_refuse(reader->path, (unsigned)XML_GetCurrentLineNumber(reader->parser), open_name(reader),
			"not well-formed XML in UTF-8: %s", XML_ErrorString(XML_GetErrorCode(reader->parser)));
	return false;
}

/* Expat recognises UTF-16 by its first bytes, whatever it was told. */
static bool looks_like_utf16(const struct file *file)
{
	for (uint64_t i = 0; i < 4 && i < file->size_bytes; i++)
		if (file->bytes[i] == 0 || file->bytes[i] >= 0xfe)
			return true;
	return false;
}

struct xml_element *xml_read(const char *path, struct arena *arena)
{
	struct reader reader = { .path = path, .arena = arena };
	struct file file;
	if (!file_read_all(path, &file))
		return NULL;
	bool done = false;
	if (file.size_bytes > XML_FILE_BYTES_MAX) {
		xml_refuse(path, 1, "document", "%llu bytes are more than a description may have (%u)",
			(unsigned long long)file.size_bytes, XML_FILE_BYTES_MAX);
	} else if (looks_like_utf16(&file)) {
		xml_refuse(path, 1, "document", "the encoding is not UTF-8");
	} else if (!(reader.parser = XML_ParserCreate("UTF-8"))) {
		xml_refuse(path, 1, "document", "out of memory");
	} else {
		done = parse(&reader, &file);
		XML_ParserFree(reader.parser);
	}
	file_free(&file);
	return done ? reader.root : NULL;
}

const char *xml_attribute(const struct xml_element *element, const char *name)
{
	for (unsigned i = 0; i < element->attribute_count; i++)
		if (strcmp(element->attributes[i].name, name) == 0)
			return element->attributes[i].value;
	return NULL;
}
