/* SPDX-License-Identifier: BSD-2-Clause */
/* console WORDS...: writes them to the console, then says on the serial line what is typed at the console's keyboard, each key and at the
 * line feed the line; control-c at the serial line ends it. */
#include "test.h"

#define POLL_MS 20

static char next_key(void)
{
	char c;

	while (read(CHAN_CONSOLE, &c, 1) == 0)
		sleep(POLL_MS);
	return c;
}

int main(int argc, char **argv)
{
	char line[80];
	size_t length = 0;

	for (int i = 1; i < argc; i++) {
		want(write(CHAN_CONSOLE, argv[i], strlen(argv[i])) == (long)strlen(argv[i]), "write returns the number of bytes");
		write(CHAN_CONSOLE, "\n", 1);
	}
	printf("console: written\n");
	while (length < sizeof line - 1 && (line[length] = next_key()) != '\n') {
		write(CHAN_CONSOLE, &line[length], 1);
		printf("console: key %d\n", line[length++]);
	}
	line[length] = '\0';
	printf("console: typed %s\n", line);
	return wrong;
}
