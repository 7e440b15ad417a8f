/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fuzz target holds to be true of every input; a broken one ends the process. */
#pragma once
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define invariant(condition) \
	((condition) ? (void)0 : (fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition), abort()))
