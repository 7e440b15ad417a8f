/* SPDX-License-Identifier: BSD-2-Clause */
/* Random programs, right and wrong ones. */
#pragma once
#include "test/support/elf_spec.h"
#include "test/support/random.h"

/* A program that every strict policy of the machine accepts: up to 12 segments of all kinds and shapes. */
void elf_random_program(struct random *random, uint16_t machine, struct elf_spec *spec);

/* Changes one to three fields, to values near a limit more often than not. What comes out may still be right. */
void elf_random_damage(struct random *random, struct elf_spec *spec);

/* One of the four machines. */
uint16_t elf_random_machine(struct random *random);
