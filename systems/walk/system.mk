# SPDX-License-Identifier: BSD-2-Clause
KERNEL_OPTIONS_walk := refuse
