/* SPDX-License-Identifier: BSD-2-Clause */
/* A program as graft build sees it: what libmicrokit brings, and variables to be set. Compiled in several ways by
 * test/build/check-build; it is never run. */
#ifndef WITHOUT_MICROKIT
char microkit_name[64];
_Bool microkit_passive;
unsigned long microkit_irqs, microkit_notifications, microkit_pps;
#ifndef WITHOUT_IOPORTS
unsigned long microkit_ioports;
#endif
#endif
unsigned long word = 1, other_word, third_word;
unsigned int half_word = 1;
unsigned long array[4];
const unsigned long constant = 1;

void _start(void);
void _start(void)
{
	for (;;)
		word += other_word + third_word + half_word + array[0] + constant;
}
