# SPDX-License-Identifier: BSD-2-Clause
#: make soak     systems/soak for SECONDS seconds with SEED (default: the time; printed), the controller killed in KILLS percent of
#:               the epochs (default 50); STEPS=n ends it sooner; TEXTS=no: nobody can write the archive, so programs are not copied; ENGINE, ABI and SEL4_KERNEL as for run
KILLS ?= 50
STEPS ?= 0
TEXTS ?= yes
SOAK  := $(T)/soak
# Seconds of the host's that one of the machine's takes at most: counted in instructions it depends on how busy the machine is.
SOAK_FACTOR_real    := 1
SOAK_FACTOR_counted := 30
.PHONY: soak
soak:
	$(call known,TEXTS,yes no)
	@for number in '$(SEED)' '$(SECONDS)' '$(STEPS)' '$(KILLS)'; do \
		case $$number in *[!0-9]*) printf 'graft: make soak: %s is not a number\n' "$$number" >&2; exit 2 ;; esac; \
	done
	@mk/need run
	@ENGINE='$(ENGINE)' ABI='$(ABI)' SYSTEM=soak ARCH='$(ARCH)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' \
	MICROKIT_BOARD='$(MICROKIT_BOARD)' MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/sel4-kernel --check
	@$(MAKE) --no-print-directory $(T)/systems/soak/image.elf $(if $(filter bundled,$(ENGINE)),$(T)/kernel.elf)
	@mkdir -p $(SOAK)
	@printf 'seed=%s seconds=%s steps=%s kills=%s\n' '$(or $(SEED),$(shell date +%s))' '$(SECONDS)' '$(STEPS)' '$(KILLS)' > $(SOAK)/orders
	@sed '$(if $(filter no,$(TEXTS)),/setvar_vaddr="archive_bytes"/d)' $(or $(DESCRIPTION_soak),systems/soak/soak.system) > $(SOAK)/soak.system
	@$(B)/host/graft build --monitor $(T)/monitor.elf --abi $(ABI) -I $(SOAK) -I $(T)/systems/soak -I $(T) \
		-o $(SOAK)/image.elf $(SOAK)/soak.system > $(SOAK)/build.log
	@QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' QEMU_FLAGS='$(QEMU_FLAGS)' \
	TIMEOUT="$$(($(SECONDS) * $(SOAK_FACTOR_$(or $(CLOCK),real)) + 120))" \
	CLOCK='$(or $(CLOCK),real)' ENGINE='$(ENGINE)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' MICROKIT_BOARD='$(MICROKIT_BOARD)' \
	MICROKIT_CONFIG='$(MICROKIT_CONFIG)' mk/boot $(T)/kernel.elf $(SOAK)/image.elf $(SOAK)/transcript
