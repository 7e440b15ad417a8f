/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for the console domain: gathered to whole lines, each sent with one protected procedure call, so that lines of
 * different domains do not mix. There is no debug system call here, and nothing happens where a domain has no
 * console.
 *
 * C1 printing leaves the message registers as they were: a program may print between preparing a message and sending
 * it. */
#include <graft.h>
#include "lib/base/base.h"
#include "user/console/protocol.h"
#include "user/microkit/runtime.h"

/* The longest text that is one call. Half of it would do; more would cost stack, for C1 keeps its words there. */
#define LINE_BYTES 256u
#define LINE_WORDS (LINE_BYTES / sizeof(seL4_Word))
_Static_assert(LINE_BYTES <= CONSOLE_BYTES_MAX, "a line fits a call");

__attribute__((section(".data.patched"))) seL4_Word graft_console = GRAFT_NO_CHANNEL;

static char line[LINE_BYTES];
static unsigned int line_bytes;

static bool has_console(void)
{
	return graft_console <= MICROKIT_MAX_CHANNEL_ID && (microkit_pps >> graft_console & 1) != 0;
}

static void console_write(const char *text, unsigned int bytes)
{
	seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
	seL4_Word saved[1 + LINE_WORDS];
	unsigned int words = 1 + (bytes + (unsigned int)sizeof(seL4_Word) - 1) / (unsigned int)sizeof(seL4_Word);

	if (words < 4)
		words = 4; /* a call always returns four */
	memcpy(saved, buffer->msg, words * sizeof(seL4_Word));
	buffer->msg[0] = bytes;
	memcpy(&buffer->msg[1], text, bytes);
	(void)seL4_Call(BASE_ENDPOINT_CAP + graft_console, seL4_MessageInfo_new(CONSOLE_WRITE, 0, 0, words));
	memcpy(buffer->msg, saved, words * sizeof(seL4_Word));
}

void graft_flush(void)
{
	unsigned int bytes = line_bytes;

	line_bytes = 0;
	if (bytes > 0 && has_console())
		console_write(line, bytes);
}

void console_start(void)
{
	line_bytes = 0;
}

void microkit_dbg_putc(int c)
{
	line[line_bytes++] = (char)c;
	if (c == '\n' || line_bytes == LINE_BYTES)
		graft_flush();
}

void microkit_dbg_puts(const char *text)
{
	while (*text)
		microkit_dbg_putc(*text++);
}

void microkit_dbg_put8(seL4_Uint8 x)
{
	graft_printf("%u", (unsigned int)x);
}

void microkit_dbg_put32(seL4_Uint32 x)
{
	graft_printf("%u", (unsigned int)x);
}

static void put_console(void *sink, char c)
{
	(void)sink;
	microkit_dbg_putc(c);
}

void graft_printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	format_text(put_console, NULL, format, arguments);
	va_end(arguments);
}
