# SPDX-License-Identifier: BSD-2-Clause
# Three versions of one program, each in an archive of its own, signed with the key of systems/signed; its id is its version.
VERSIONS := $(patsubst %,$(T)/systems/versions/%.graft,6 7 8)
$(VERSIONS): $(T)/systems/versions/worker.elf $(B)/host/graft systems/signed/example.secret
	$(call say,PACK,$@)$(B)/host/graft pack -o $@.unsigned --id $(basename $(@F)) --version $(basename $(@F)) $< && \
		$(B)/host/graft sign -k systems/signed/example.secret -o $@ $@.unsigned
EXTRA_versions := $(VERSIONS)
OPTIONS_versions := -I systems/signed
