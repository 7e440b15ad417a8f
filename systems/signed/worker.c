/* SPDX-License-Identifier: BSD-2-Clause */
/* The worker: answers, so that the operator sees that it runs. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
	(void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)ch;
	microkit_mr_set(0, microkit_mr_get(0) + 1);
	return microkit_msginfo_new(microkit_msginfo_get_label(msginfo), 1);
}
