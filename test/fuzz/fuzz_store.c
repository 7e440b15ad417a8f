/* SPDX-License-Identifier: BSD-2-Clause */
/* The store: any messages, over any archive. The input: how many bytes of messages (two bytes), the messages (label, length, words), then
 * the archive. Whatever is found lies inside the archive. */
#include <stdint.h>
#include <string.h>
#include "user/store/store.c"
#include "test/fuzz/invariant.h"

/* The store makes no kernel call of its own. */
void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)to, (void)info, (void)words;
	abort();
}

seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)from, (void)badge, (void)words, (void)reply;
	abort();
}

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply)
{
	(void)number, (void)to, (void)info, (void)badge, (void)words, (void)reply;
	abort();
}

seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from, seL4_Word *badge,
                                    struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)to, (void)info, (void)from, (void)badge, (void)words, (void)reply;
	abort();
}

static seL4_IPCBuffer buffer;

static void ask(seL4_Word label, seL4_Word words)
{
	microkit_msginfo answer = protected(0, microkit_msginfo_new(label, (seL4_Uint16)words));
	const seL4_Word *message = buffer.msg;

	if ((label == STORE_FIND_NAME || label == STORE_FIND_ID) && microkit_msginfo_get_label(answer) == STORE_OK) {
		invariant(microkit_msginfo_get_count(answer) == 5 + ARCHIVE_DIGEST_BYTES / sizeof(seL4_Word));
		invariant(message[1] % PAGE_BYTES == 0 && message[2] % PAGE_BYTES == 0 && message[2] != 0);
		invariant(range_is_inside(message[1], message[2], store_archive_bytes));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t messages = size >= 2 ? (size_t)(bytes[0] | bytes[1] << 8) : 0, at = 2;
	if (size < 2 || messages > size - 2)
		return 0;
	__sel4_ipc_buffer = &buffer;
	graft_console = GRAFT_NO_CHANNEL;
	store_archive = (seL4_Word)(bytes + 2 + messages);
	store_archive_bytes = size - 2 - messages;
	init();
	while (at + 2 <= 2 + messages) {
		size_t label = bytes[at], words = bytes[at + 1] % (seL4_MsgMaxLength + 1u), have = 2 + messages - at - 2;
		at += 2;
		memset(buffer.msg, 0, sizeof buffer.msg);
		have = have < words * sizeof(seL4_Word) ? have : words * sizeof(seL4_Word);
		memcpy(buffer.msg, bytes + at, have);
		at += have;
		ask(label, words);
	}
	return 0;
}
