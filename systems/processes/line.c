/* SPDX-License-Identifier: BSD-2-Clause */
/* read COUNT: reads so many bytes from the serial line, as fast as they come, and prints a sum of them. write COUNT: writes so many
 * with one call, and says what that returned. Which of both it is says its name. */
#include "test.h"

#define BYTES_MAX 60000

static char bytes[BYTES_MAX];

static int run_read(size_t count)
{
	unsigned int sum = 0;
	size_t done = 0;

	while (done < count) {
		long got = read(CHAN_SERIAL, bytes, count - done);

		if (got < 0)
			return (int)got;
		for (long i = 0; i < got; i++)
			sum = sum * 31 + (unsigned char)bytes[i];
		done += (size_t)got;
	}
	printf("read: %u bytes, sum %u\n", (unsigned int)count, sum);
	return 0;
}

static int run_write(size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
	want(write(CHAN_SERIAL, bytes, count) == (long)count, "write returns the number of bytes");
	printf("write: %u bytes\n", (unsigned int)count);
	return wrong;
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	if (count > BYTES_MAX)
		return E_BAD_PARAM;
	return strcmp(argv[0], "read") == 0 ? run_read(count) : run_write(count);
}
