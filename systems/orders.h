/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders: a text in a memory region that tells a system what to do, of words like `seconds=10`. */
#pragma once
#include "lib/base/base.h"

static inline unsigned long number_of(const char *text)
{
	unsigned long number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (unsigned long)(*text - '0');
	return number;
}

/* The number behind a word, which ends in `=`; 0 if it is not there. */
static inline unsigned long order_number(const char *orders, const char *word)
{
	size_t length = strlen(word);

	for (; *orders != '\0'; orders++) {
		if (memcmp(orders, word, length) == 0)
			return number_of(orders + length);
	}
	return 0;
}
