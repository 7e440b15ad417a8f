/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader 1. */
#define LOADER_NUMBER 1
#include "systems/busy/loader.h"
