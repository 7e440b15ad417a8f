# SPDX-License-Identifier: BSD-2-Clause
# What the operator is to do, as text in a memory region: here a short run; `make soak` writes another and makes an image of its own.
$(T)/systems/soak/orders:
	@mkdir -p $(@D)
	$(call say,GEN,$@)printf 'seed=1 seconds=0 steps=600 kills=50\n' > $@
EXTRA_soak := $(T)/systems/soak/orders
