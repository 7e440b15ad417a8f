# SPDX-License-Identifier: BSD-2-Clause
# The archive is signed with the example's key.
OPTIONS_signed := --sign systems/signed/example.secret
$(T)/systems/signed/image.elf: systems/signed/example.secret systems/signed/example.public
