/* SPDX-License-Identifier: BSD-2-Clause */
/* A B C: write returns 1; busy loops; exit 0: exactly 31 letters each. D E: main returns without exit: 21 letters. F G: sleep between
 * writes. Which one it is says its name. */
#include "test.h"

#define BUSY_ROUNDS 100000
#define SLEEP_MS    50

static void spin(void)
{
	for (volatile int i = 0; i < BUSY_ROUNDS; i++)
		continue;
}

int main(int argc, char **argv)
{
	char letter = argc > 0 ? argv[0][0] : '?';
	int count = letter <= 'C' ? 31 : 21;

	for (int i = 0; i < count; i++) {
		want(write(CHAN_SERIAL, &letter, 1) == 1, "write returns 1");
		if (letter >= 'F')
			want(sleep(SLEEP_MS) == 0, "sleep returns 0");
		else
			spin();
	}
	if (letter <= 'C')
		exit(wrong);
	return wrong;
}
