# SPDX-License-Identifier: BSD-2-Clause
#: make soak     systems/soak for SECONDS seconds with SEED (default: the time; printed), the controller killed in KILLS percent of
#:               the epochs (default 50); STEPS=n ends it sooner; TEXTS=no: nobody can write the archive, so programs are not copied;
#:               CLOCK=counted instead of real; ENGINE, ABI and SEL4_KERNEL as for run. SYSTEM=processes: processes come and go
#:               for SECONDS, CLOCK=counted unless told otherwise: 86400 is a day of the machine's
KILLS ?= 50
STEPS ?= 0
TEXTS ?= yes
SOAK  := $(T)/soak
# Seconds of the host's that one of the machine's takes at most: counted in instructions it depends on how busy the machine is.
SOAK_FACTOR_real    := 1
SOAK_FACTOR_counted := 30
# What is soaked: systems/soak, or what SYSTEM says if it was said.
SOAK_SYSTEM := $(if $(filter file,$(origin SYSTEM)),soak,$(SYSTEM))
SOAK_KERNEL := ENGINE='$(ENGINE)' SEL4_KERNEL='$(SEL4_KERNEL)' MICROKIT_SDK='$(MICROKIT_SDK)' MICROKIT_BOARD='$(MICROKIT_BOARD)' \
	MICROKIT_CONFIG='$(MICROKIT_CONFIG)'
SOAK_QEMU   := QEMU='$(QEMU)' QEMU_CPU='$(QEMU_CPU)' QEMU_MEM='$(QEMU_MEM)' QEMU_FLAGS='$(QEMU_FLAGS)'
.PHONY: soak soak-soak soak-processes soak-image
soak: $(if $(filter soak processes,$(SOAK_SYSTEM)),soak-$(SOAK_SYSTEM))
	@[ -n '$<' ] || { echo 'graft: make soak: SYSTEM is soak or processes'; exit 2; }

soak-image:
	$(call known,TEXTS,yes no)
	@for number in '$(SEED)' '$(SECONDS)' '$(STEPS)' '$(KILLS)'; do \
		case $$number in *[!0-9]*) printf 'graft: make soak: %s is not a number\n' "$$number" >&2; exit 2 ;; esac; \
	done
	@mk/need run
	@ABI='$(ABI)' SYSTEM=$(SOAK_SYSTEM) ARCH='$(ARCH)' $(SOAK_KERNEL) mk/sel4-kernel --check
	@$(MAKE) --no-print-directory $(T)/systems/$(SOAK_SYSTEM)/image.elf $(if $(filter bundled,$(ENGINE)),$(T)/kernel.elf)
	@mkdir -p $(SOAK)

soak-soak: soak-image
	@printf 'seed=%s seconds=%s steps=%s kills=%s\n' '$(or $(SEED),$(shell date +%s))' '$(SECONDS)' '$(STEPS)' '$(KILLS)' > $(SOAK)/orders
	@sed '$(if $(filter no,$(TEXTS)),/setvar_vaddr="archive_bytes"/d)' $(or $(DESCRIPTION_soak),systems/soak/soak.system) > $(SOAK)/soak.system
	@$(B)/host/graft build --monitor $(T)/monitor.elf --abi $(ABI) -I $(SOAK) -I $(T)/systems/soak -I $(T) \
		-o $(SOAK)/image.elf $(SOAK)/soak.system > $(SOAK)/build.log
	@$(SOAK_QEMU) TIMEOUT="$$(($(SECONDS) * $(SOAK_FACTOR_$(or $(CLOCK),real)) + 120))" CLOCK='$(or $(CLOCK),real)' $(SOAK_KERNEL) \
	mk/boot $(T)/kernel.elf $(SOAK)/image.elf $(SOAK)/transcript

# The program soak, then the end, at which the process server compares its ledger. What soak itself found is its status.
soak-processes: soak-image
	@printf 'soak %s %s\nexit\n' '$(SECONDS)' '$(or $(SEED),$(shell date +%s))' > $(SOAK)/script
	@$(SOAK_QEMU) TIMEOUT="$$(($(SECONDS) + 600))" CLOCK='$(or $(CLOCK),counted)' INPUT=$(SOAK)/script $(SOAK_KERNEL) \
	mk/boot $(T)/kernel.elf $(T)/systems/processes/image.elf $(SOAK)/processes </dev/null
	@grep -q 'shell: soak (pid [0-9]*) ended with status 0$$' $(SOAK)/processes || \
	{ echo 'FAIL: soak: something was not as it should be'; exit 1; }
