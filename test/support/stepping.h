/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops code under test at any instruction, by the processor's single-step trap (x86_64 alone; elsewhere nothing is stopped). */
#pragma once
#include <setjmp.h>
#include <stdint.h>

#define STEPPING_MAX 20000u /* instructions; then it is off: each costs a signal */

/* From the next stepping_on on, instruction number stop_at leaves by siglongjmp to stepping_out; 0: none does. behind: NULL, or called
 * behind each instruction with its number. */
extern sigjmp_buf stepping_out;
void stepping_begin(uint64_t stop_at, void (*behind)(uint64_t instruction));
void stepping_on(void);
void stepping_off(void);
uint64_t stepping_seen(void); /* instructions since stepping_begin */
