/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeper 2. */
#include <stddef.h>
#define KEEPER_NUMBER 2
#define KEEPER_OTHER  "keeper1"
#include "systems/walk/keeper.h"
