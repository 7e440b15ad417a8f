/* SPDX-License-Identifier: BSD-2-Clause */
/* So that programs written for Microkit find <sel4/sel4.h>. */
#pragma once
#include "user/sel4/sel4.h"
