# SPDX-License-Identifier: BSD-2-Clause
# Graft's one Makefile. How each thing is built is in mk/, one file per kind of output.
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# ---- knobs: an unknown value stops with the list of known ones ----
ARCH   ?= x86_64
ENGINE ?= bundled
ABI    ?= $(if $(filter i386,$(ARCH)),plain,$(if $(MICROKIT_CONFIG),microkit-$(MICROKIT_CONFIG),microkit-release))
SYSTEM ?= swap
CC     := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
V      ?= 0

known = $(if $(filter $($(1)),$(2)),,$(error $(1)=$($(1)) is not known; known values: $(2)))
$(call known,ARCH,x86_64 i386)
$(call known,ENGINE,bundled sel4)
$(call known,ABI,microkit-release microkit-debug plain)
$(if $(filter i386-microkit-%,$(ARCH)-$(ABI)),$(error ABI=$(ABI) does not exist on ARCH=i386, which has the set plain only))
$(call known,V,0 1)
$(call known,SYSTEM,$(sort $(patsubst systems/%/,%,$(wildcard systems/*/))))

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' '$(1)' '$(2)';)

ABI_SET_microkit-release := ABI_SET_MICROKIT_RELEASE
ABI_SET_microkit-debug   := ABI_SET_MICROKIT_DEBUG
ABI_SET_plain            := ABI_SET_PLAIN

B := build
T := $(B)/$(ARCH)-$(ABI)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror
BASE_CFLAGS := -std=c11 $(WARN) -I. -Iabi/include -DABI_SET=$(ABI_SET_$(ABI)) -MMD -MP -g

include mk/tree.mk
include mk/arch-$(ARCH).mk
include mk/host.mk
include mk/user.mk
include mk/kernel.mk
include mk/systems.mk
include mk/test.mk
include mk/conform.mk
include mk/run.mk
include mk/soak.mk
include mk/damaged.mk
include mk/iso.mk
include mk/debug.mk
include mk/bench.mk
include mk/examples.mk

.PHONY: all help clean
all: host user kernel systems

help:
	@sed -n 's/^#: //p' Makefile mk/*.mk

clean:
	rm -rf $(B)

#: make run      boot SYSTEM, show it, exit 0 only if it reported that every step held
#: make check    all tests; the last line is the count
#: make bench    print figures; judges nothing
#: make fuzz     fuzz for SECONDS seconds per target (default 60)
#: make all      build everything; make clean removes build/
#:
#: knobs         ARCH=x86_64|i386  ABI=microkit-release|microkit-debug|plain (i386: plain only)  SYSTEM=<folder of systems/>
#:               ENGINE=bundled|sel4 (with SEL4_KERNEL=<kernel ELF>, or MICROKIT_SDK=<dir>
#:               MICROKIT_BOARD=x86_64_generic MICROKIT_CONFIG=release|debug)
#:               CC=gcc|clang  V=1 (show commands)  QEMU, QEMU_CPU, QEMU_MEM, QEMU_FLAGS, TIMEOUT (seconds),
#:               CLOCK=counted|real (the bundled kernel's time: instructions, or the host's)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
