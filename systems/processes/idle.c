/* SPDX-License-Identifier: BSD-2-Clause */
/* idle: runs when nothing else can. The kernel lets the processor rest when nobody wants it; this only shows that even the least
 * important process has its turn then. */
#include <process.h>

int main(void)
{
	for (;;)
		sleep(60000);
}
