/* SPDX-License-Identifier: BSD-2-Clause */
/* What graft build needs of a monitor: the variable that says where the blob is. Never run. */
#ifndef WITHOUT_VARIABLE
struct { unsigned long long vaddr, size; } monitor_blob
#ifndef IN_BSS
	__attribute__((section(".data")))
#endif
	;
#endif
unsigned long bss[5000];

void _start(void);
void _start(void)
{
	for (;;)
		bss[0]++;
}
