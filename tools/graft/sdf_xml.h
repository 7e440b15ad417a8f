/* SPDX-License-Identifier: BSD-2-Clause */
/* XML as far as a system description needs it: elements with attributes, comments, nothing else. Text, entities of the
 * file's own, document types, processing instructions and encodings other than UTF-8 are refused. */
#pragma once
#include "tools/graft/arena.h"
#include <stdbool.h>
#include <stdint.h>

#define XML_FILE_BYTES_MAX  (4u << 20) /* a description of 63 domains has some 20 KiB */
#define XML_DEPTH_MAX       80u        /* 63 domains, each the child of the one before, and what is in the last */
#define XML_ELEMENTS_MAX    16384u     /* checks compare each with each */
#define XML_ATTRIBUTES_MAX  32u
#define XML_NAME_BYTES_MAX  64u
#define XML_VALUE_BYTES_MAX 4096u      /* the longest are paths */

struct xml_attribute {
	const char *name, *value;
};

struct xml_element {
	const char *name;
	unsigned line;
	unsigned attribute_count;
	const struct xml_attribute *attributes;
	struct xml_element *parent, *first_child, *last_child, *next;
};

/* Reads a whole file. The tree lives in the arena. On refusal prints FILE:LINE: <element>: reason, and returns NULL. */
struct xml_element *xml_read(const char *path, struct arena *arena);

/* Prints FILE:LINE: <element>: and the message to standard error. Returns false. */
bool xml_refuse(const char *path, unsigned line, const char *element, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The value of an attribute, or NULL. */
const char *xml_attribute(const struct xml_element *element, const char *name);
