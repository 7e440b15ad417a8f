/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeper 1. */
#include <stddef.h>
#define KEEPER_NUMBER 1
#define KEEPER_OTHER  "keeper2"
#include "systems/walk/keeper.h"
