/* SPDX-License-Identifier: BSD-2-Clause */
/* W X Y Z, which the others spawn. W reports time and pid three times, with so many milliseconds between; X tells its argument and exits
 * with 12; Y sleeps for a second; Z yields and reports. */
#include "test.h"

#define W_REPORTS 3
#define W_MS      200

static int run_w(int argc, char **argv)
{
	unsigned long ms = argc > 1 ? strtoul(argv[1], NULL, 10) : W_MS;

	for (int i = 0; i < W_REPORTS; i++) {
		printf("w: pid %d at %u ms\n", getpid(), (unsigned int)gettime());
		sleep(ms);
	}
	return wrong;
}

static int run_x(int argc, char **argv)
{
	printf("x: pid %d, argument %s\n", getpid(), argc > 1 ? argv[1] : "none");
	return 12;
}

static int run_y(void)
{
	uint64_t before = gettime(), took;

	sleep(1000);
	took = gettime() - before;
	want(took >= 1000, "a second takes a second");
	return wrong;
}

static int run_z(void)
{
	for (int i = 0; i < 10; i++)
		want(sleep(0) == 0, "a yield returns 0");
	printf("z: pid %d has yielded\n", getpid());
	return wrong;
}

int main(int argc, char **argv)
{
	switch (argc > 0 ? argv[0][0] : '?') {
	case 'W':
		return run_w(argc, argv);
	case 'X':
		return run_x(argc, argv);
	case 'Y':
		return run_y();
	case 'Z':
		return run_z();
	default:
		return 1;
	}
}
