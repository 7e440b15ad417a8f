# SPDX-License-Identifier: BSD-2-Clause
#: make debug    boot SYSTEM stopped, with gdb (knob GDB_FLAGS) and the symbols of kernel, monitor and programs
DEBUG_PORT ?= 1234
GDB        ?= gdb
GDB_FLAGS  ?=
.PHONY: debug
debug:
	@mk/need debug
	@$(MAKE) --no-print-directory $(T)/systems/$(SYSTEM)/image.elf $(T)/kernel.elf
	@QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' GDB='$(GDB)' DEBUG_PORT='$(DEBUG_PORT)' TIMEOUT='$(TIMEOUT)' \
	GRAFT_PROGRAMS='$(T)/monitor.elf $(foreach d,$(DOMAINS),$(T)/$(d).elf)' mk/debug $(T) $(SYSTEM) $(GDB_FLAGS)
