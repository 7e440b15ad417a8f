/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader 0. */
#define LOADER_NUMBER 0
#include "systems/busy/loader.h"
