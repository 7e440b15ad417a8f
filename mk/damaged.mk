# SPDX-License-Identifier: BSD-2-Clause
#: make damaged  COUNT damaged programs (default 5000) with SEED (default: the time; printed), from number FIRST on, through a running
#:               controller and through the library, verdicts compared; EACH=1 prints each; CORPUS="<files or folders>" has those files
#:               shown to it too; ENGINE, ABI and SEL4_KERNEL as for run
COUNT ?= 5000
FIRST ?= 0
EACH  ?= 0
CORPUS ?=
.PHONY: damaged
damaged:
	@for number in '$(SEED)' '$(COUNT)' '$(FIRST)' '$(EACH)'; do \
		case $$number in *[!0-9]*) printf 'graft: make damaged: %s is not a number\n' "$$number" >&2; exit 2 ;; esac; \
	done
	@mk/need run
	@ENGINE='$(ENGINE)' ABI='$(ABI)' SYSTEM=damaged ARCH='$(ARCH)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' \
	MICROKIT_BOARD='$(MICROKIT_BOARD)' MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/sel4-kernel --check
	@$(MAKE_FOR_CHECK) -s --no-print-directory ABI=microkit-release $(B)/check/verdicts $(B)/check/pack-raw
	@$(MAKE) -s --no-print-directory $(T)/systems/damaged/image.elf $(if $(filter bundled,$(ENGINE)),$(T)/kernel.elf)
	@B='$(B)' T='$(T)' ABI='$(ABI)' QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' QEMU_FLAGS='$(QEMU_FLAGS)' \
	TIMEOUT="$$(($(COUNT) / 10 + 300))" ENGINE='$(ENGINE)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' \
	MICROKIT_BOARD='$(MICROKIT_BOARD)' MICROKIT_CONFIG='$(MICROKIT_CONFIG)' \
	test/boot/damaged 'seed=$(or $(SEED),$(shell date +%s)) first=$(FIRST) count=$(COUNT) each=$(EACH)' $(CORPUS)
