/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/relocate share: ids as in relocate.system, the desk that a program reports on. */
#pragma once
#include <stdint.h>

#define CONTROLLER_CHANNEL 1u /* of the operator */
#define WORKER             1u /* child id */

/* Words of the machine. A program writes done last. */
struct desk {
	uintptr_t done;
	uintptr_t wrong;   /* 0, or the number of the first thing that was not as it must be */
	uintptr_t base;    /* where its ELF header lies */
	uintptr_t random;  /* the first word of AT_RANDOM's bytes */
	uintptr_t pages;   /* looked through */
	uintptr_t litter;  /* words of somebody else's found there */
};

/* What litter.c leaves everywhere, and mover.c looks for: kept as its complement, so that no program that looks for it has it. */
#define LITTER_COMPLEMENT ((uintptr_t)0x5a3cf00d9617c3a5ull)
