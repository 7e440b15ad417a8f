/* SPDX-License-Identifier: BSD-2-Clause */
/* Every limit of the capability loader, in one place, each with its reason. */
#pragma once

#define POOL_BLOCKS_MAX       512u  /* untypeds given and split: a 1 GiB pool split down to 4 KiB for 40 accounts takes about 400 */
#define POOL_ROOTS_MAX        64u   /* untypeds given: as many as a grant names */
#define SLOTS_MAX             4096u /* slots of the space's own CNode: two per split and one per account, with room to spare */
#define ACCOUNTS_MAX          128u  /* two images for each of 63 domains, and two over */
#define ACCOUNT_BLOCKS_MAX    4u    /* untypeds of one account: three exact powers of two and one rounded up */
#define ACCOUNT_RADIX_MIN     4u    /* the smallest CNode that holds a root, three tables, a thread and a page of anything */
#define ACCOUNT_RADIX_MAX     16u   /* 65,536 slots: an image of 256 MiB */
#define RETYPE_BATCH_MAX      256u  /* objects of one Untyped_Retype: the kernel's CONFIG_RETYPE_FAN_OUT_LIMIT */
#define BUILD_REGIONS_MAX     64u   /* memory regions whose frames one image may map: as many as a grant names */
