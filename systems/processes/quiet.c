/* SPDX-License-Identifier: BSD-2-Clause */
/* quiet: ends at once with 0, and says nothing. */
int main(void)
{
	return 0;
}
