/* SPDX-License-Identifier: BSD-2-Clause */
/* Every limit of the capability loader, in one place, each with its reason. */
#pragma once
#include <sel4/abi.h>
#include <sel4/constants.h>

#define POOL_ROOTS_MAX        64u   /* untypeds given: as many as a grant names */
#define POOL_BLOCKS_MAX       512u  /* those, and 224 splits: each of 64 accounts splits three or four times, once the pool is in use */
#define POOL_SIZE_BITS_MIN    12u   /* nothing smaller than a page is taken from the pool */
#define POOL_SIZE_BITS_END    48u   /* the kernel's largest untyped is 2^47 */
#define ACCOUNTS_MAX          128u  /* two images for each of 63 domains, and two over */
#define TEXTS_MAX             32u   /* programs of which images run that were copied: half the domains, each with one of its own */
#define ACCOUNT_BLOCKS_MAX    4u    /* untypeds of one account, and for large frames as many: three exact powers of two, one rounded up */
#define ACCOUNT_RADIX_MIN     4u    /* the smallest CNode that holds a root, three tables, a thread and a page of anything */
#if ABI_WORD_BITS == 64
#define ACCOUNT_RADIX_MAX     16u   /* 65,536 slots: an image of 256 MiB */
#else
#define ACCOUNT_RADIX_MAX     13u   /* 8,192 slots, an image of 32 MiB: a CPtr has 26 bits below a CSpace's root, half for these */
#endif
#define LARGE_FRAME_BITS      seL4_LargePageBits /* 2 MiB, on i386 4 MiB */
#define RETYPE_BATCH_MAX      256u  /* objects of one Untyped_Retype: the kernel's CONFIG_RETYPE_FAN_OUT_LIMIT */
#define BUILD_REGIONS_MAX     64u   /* memory regions whose frames one image may map: as many as a grant names */
