/* SPDX-License-Identifier: BSD-2-Clause */
/* Every limit of lib/, in one place, each with its reason. */
#pragma once

#define ELF_SEGMENTS_MAX     64u   /* program headers: linkers make 4 to 13; a table this size fits a stack */
#define ELF_ALIGN_MAX        (1ull << 30) /* p_align: the largest page of any machine here */
#define ELF_FLOOR            0x10000ull   /* 64 KiB below every program: a null pointer with an offset hits nothing */
#define ELF_PAGES_MAX        (1ull << 18) /* 1 GiB of one program: twice what the machines of the tests have */
#define ELF_BASE_DEFAULT     0x200000ull /* where Microkit's own programs are linked to */
#define ELF_DYNAMIC_BYTES_MAX 65536u /* a dynamic section has some 30 entries of 16 bytes */
#define ELF_TLS_BYTES_MAX    (1u << 20) /* thread-local storage of one thread: the block comes on top of the program's pages */
#define ELF_TLS_ALIGN_MAX    4096u /* the block of a thread is placed by the page */
#define ELF_NOTE_BYTES_MAX   65536u /* notes are tens of bytes; package metadata a few thousand */
#define ARCHIVE_ENTRIES_MAX  256u  /* unique-name check is quadratic: 32,640 comparisons at most */
#define ARCHIVE_SYMBOLS_MAX  4096u /* patchable symbols of one program */
#define PLAN_RUNS_MAX        256u  /* 64 segments cut in at most three, and the domain's regions */
#define PLAN_PATCHES_MAX     144u  /* microkit_*, one per setvar (62), the start frame; one per segment that shares a page */
#define PLAN_STACK_PAGES_MAX 4096u /* 16 MiB, Microkit's largest stack */
#define START_ARGUMENTS_MAX  64u   /* argc + envc */
#define START_BYTES_MAX      3072u /* whole frame: stays in the topmost page of the stack */
