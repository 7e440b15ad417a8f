/* SPDX-License-Identifier: BSD-2-Clause */
/* The bounds of a program's table of constructors, as program.ld gives them: an empty table. (The C library's own would be run
 * twice by the runtime under test.) */
__asm__(".section .data.rel.ro, \"aw\"\n"
        "	.globl __init_array_start, __init_array_end\n"
        "	.balign 8\n"
        "__init_array_start:\n"
        "__init_array_end:\n"
        "	.quad 0\n"
        "	.text\n");
typedef int translation_unit_is_not_empty;
