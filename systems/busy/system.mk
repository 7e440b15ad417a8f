# SPDX-License-Identifier: BSD-2-Clause
# Time is counted in instructions.
QEMU_FLAGS_busy := -icount shift=0,sleep=off
