/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of a given number of pages, half of them read-only, a quarter data, a quarter bss, that touches each of them once and says
 * when. FILL_TEXT, FILL_DATA, FILL_BSS: pages beside those that every program has. */
#include "bench/life/life.h"

#define PAGE_BYTES 4096u
#define STRING(x)  #x
#define TEXT_OF(x) STRING(x)

__asm__(".pushsection .text.fill, \"ax\", @progbits\n\t"
        ".balign 4096\n\t"
        ".globl fill_text\n"
        "fill_text:\n\t"
        ".skip " TEXT_OF(FILL_TEXT) " * 4096, 0x90\n\t"
        ".popsection");
extern const volatile unsigned char fill_text[];

static volatile unsigned char fill_data[FILL_DATA * PAGE_BYTES] = { 1 };
static volatile unsigned char fill_bss[FILL_BSS * PAGE_BYTES];

static volatile struct life_desk nobody_reads; /* where a domain has no desk */
__attribute__((section(".data.patched"))) volatile struct life_desk *desk = &nobody_reads;

void init(void)
{
	unsigned int sum = 0;

	desk->entered = ticks();
	for (unsigned long i = 0; i < sizeof fill_data; i += PAGE_BYTES)
		sum += fill_data[i]++;
	for (unsigned long i = 0; i < sizeof fill_bss; i += PAGE_BYTES)
		sum += fill_bss[i]++;
	for (unsigned long i = 0; i < FILL_TEXT * PAGE_BYTES; i += PAGE_BYTES)
		sum += fill_text[i];
	desk->sum = sum;
	desk->touched = ticks();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
