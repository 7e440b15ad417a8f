# SPDX-License-Identifier: BSD-2-Clause
# An archive of one program under two names, in a memory region that the keeper can write.
$(T)/systems/upload/programs.archive: $(B)/host/graft $(T)/systems/upload/guest.elf
	$(call say,PACK,$@)$(B)/host/graft pack -o $@ $(T)/systems/upload/guest.elf --name twin $(T)/systems/upload/guest.elf
EXTRA_upload := $(T)/systems/upload/programs.archive
