/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader 2. */
#define LOADER_NUMBER 2
#include "systems/busy/loader.h"
