/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines: the console and the serial line, each a domain of its own. Output that a line has no room for makes its writer wait; input is
 * taken from the serial line as it comes, so that control characters are seen: control-C ends the job that the shell (whoever read
 * last) waits for, control-T prints what there is. Where nobody waits for a job, control-C is a character like any other.
 *
 * Each line serves whoever asked first. */
#include "user/process/process.h"
#include "user/serial/protocol.h"
#include "user/serial/ring.h"

/* Set by the description: the channels to the serial line, to the screen (none: the serial line stands in) and the keyboard. */
__attribute__((section(".data.patched"))) seL4_Word process_serial = GRAFT_NO_CHANNEL;
__attribute__((section(".data.patched"))) seL4_Word process_screen = GRAFT_NO_CHANNEL;
__attribute__((section(".data.patched"))) seL4_Word process_keyboard = GRAFT_NO_CHANNEL;

#define CONTROL_C 0x03u
#define CONTROL_T 0x14u

static struct ring input;
static int32_t last_reader; /* of the serial line: a pid */

/* ---- the lines' own domains ---- */

static microkit_channel output_of(seL4_Word line)
{
	return (microkit_channel)(line == PROCESS_CONSOLE && process_screen != GRAFT_NO_CHANNEL ? process_screen : process_serial);
}

/* How many bytes were taken. */
static uint32_t send(seL4_Word line, const char *text, uint32_t bytes)
{
	seL4_Word words = 1 + (bytes + sizeof(seL4_Word) - 1) / sizeof(seL4_Word);

	microkit_mr_set(0, bytes);
	memcpy(&seL4_GetIPCBuffer()->msg[1], text, bytes);
	(void)microkit_ppcall(output_of(line), microkit_msginfo_new(SERIAL_WRITE, (seL4_Uint16)words));
	return microkit_mr_get(0) < bytes ? (uint32_t)microkit_mr_get(0) : bytes;
}

/* How many bytes came; they lie in the message from word 1 on. */
static uint32_t receive(seL4_Word channel, uint32_t bytes)
{
	microkit_msginfo info;
	seL4_Word words;

	microkit_mr_set(0, bytes);
	info = microkit_ppcall((microkit_channel)channel, microkit_msginfo_new(SERIAL_READ, 1));
	words = microkit_msginfo_get_count(info);
	if (words == 0 || microkit_mr_get(0) > bytes || microkit_mr_get(0) > (words - 1) * sizeof(seL4_Word))
		return 0;
	return (uint32_t)microkit_mr_get(0);
}

/* ---- whose turn it is ---- */

static struct process *first_in(enum process_state state, seL4_Word line)
{
	struct process *first = NULL;

	for (uint32_t i = 0; i < process_slots(); i++) {
		struct process *process = process_at(i);

		if (process->state == state && process->line == line && (!first || process->since < first->since))
			first = process;
	}
	return first;
}

/* ---- writing ---- */

static void write_more(seL4_Word line)
{
	struct process *writer = first_in(PROCESS_WRITING, line);

	while (writer) {
		writer->done += send(line, writer->text + writer->done, writer->count - writer->done);
		if (writer->done < writer->count)
			return;
		process_answer(writer, (int32_t)writer->count, 0);
		writer = first_in(PROCESS_WRITING, line);
	}
}

void lines_write(struct process *process, seL4_Word line, seL4_Word bytes, const void *text, struct answer *answer)
{
	if (line >= PROCESS_LINES || output_of(line) == (microkit_channel)GRAFT_NO_CHANNEL) {
		*answer = calls_answer(PROCESS_BAD_CHANNEL);
		return;
	}
	memcpy(process->text, text, bytes);
	process->line = (uint32_t)line;
	process->count = (uint32_t)bytes;
	process->done = 0;
	if (!first_in(PROCESS_WRITING, line))
		process->done = send(line, process->text, process->count);
	if (process->done == process->count)
		*answer = calls_answer((int32_t)process->count);
	else
		process_wait(process, PROCESS_WRITING);
}

/* ---- control characters ---- */

static bool is_alive(const struct process *process)
{
	return process->state != PROCESS_FREE && process->state < PROCESS_ZOMBIE;
}

/* Is the process what control-C is for: a child that the last reader waits for, or the last reader itself if somebody waits for it
 * who is not init? */
static bool is_job(const struct process *process, const struct process *reader)
{
	const struct process *parent = process_find(reader->parent);

	if (reader->state == PROCESS_WAITING)
		return process->parent == reader->pid && (reader->wants == 0 || reader->wants == process->pid);
	return process == reader && parent && parent->pid != PROCESS_INIT && parent->state == PROCESS_WAITING;
}

/* Ends the job, with all that came of it. false: there is none. What a job that reads had not read was for it alone. */
static bool interrupt(void)
{
	const struct process *reader = process_find(last_reader);
	bool ends[PROCESSES_MAX] = { false }, found = false, more = reader != NULL;

	for (uint32_t i = 0; i < process_slots() && reader; i++)
		found |= ends[i] = is_alive(process_at(i)) && is_job(process_at(i), reader);
	while (more && found) {
		more = false;
		for (uint32_t i = 0; i < process_slots(); i++) {
			const struct process *parent = process_find(process_at(i)->parent);

			if (is_alive(process_at(i)) && !ends[i] && parent && ends[parent - process_at(0)])
				more = ends[i] = true;
		}
	}
	if (reader && ends[reader - process_at(0)])
		input.first = input.end;
	for (uint32_t i = 0; i < process_slots(); i++) {
		if (ends[i] && is_alive(process_at(i)))
			life_end(process_at(i), PROCESS_KILLED);
	}
	return found;
}

/* Takes what has come, as far as there is room. true: some. */
static bool take_input(void)
{
	uint8_t text[SERIAL_BYTES_MAX];
	uint32_t room = ring_free(&input), count;

	if (process_serial == GRAFT_NO_CHANNEL || room == 0)
		return false;
	count = receive(process_serial, room < SERIAL_BYTES_MAX ? room : SERIAL_BYTES_MAX);
	memcpy(text, &seL4_GetIPCBuffer()->msg[1], count);
	for (uint32_t i = 0; i < count; i++) {
		if (text[i] == CONTROL_T)
			server_print_state();
		else if (text[i] != CONTROL_C || !interrupt())
			ring_put(&input, text[i]);
	}
	return count > 0;
}

void lines_waiting(void)
{
	if (ring_used(&input) > 0 && input.byte[input.first % RING_BYTES] == CONTROL_C && interrupt())
		(void)ring_get(&input);
}

/* ---- reading ---- */

/* Into text; how many. */
static uint32_t take(char *text, uint32_t bytes)
{
	uint32_t count = 0;

	while (count < bytes && ring_used(&input) > 0)
		text[count++] = (char)ring_get(&input);
	return count;
}

/* As long as something comes, whoever asked first gets what there is. */
static void read_more(void)
{
	struct process *reader;

	do {
		reader = first_in(PROCESS_READING, PROCESS_SERIAL);
		while (reader && ring_used(&input) > 0) {
			uint32_t count = take(reader->text, reader->count);

			process_answer_bytes(reader, count);
			reader = first_in(PROCESS_READING, PROCESS_SERIAL);
		}
	} while (take_input());
}

static void read_console(struct process *process, uint32_t bytes, struct answer *answer)
{
	uint32_t count = process_keyboard == GRAFT_NO_CHANNEL ? 0 : receive(process_keyboard, bytes);

	memcpy(process->text, &seL4_GetIPCBuffer()->msg[1], count);
	*answer = calls_answer_bytes(process, count);
}

void lines_read(struct process *process, seL4_Word line, seL4_Word bytes, struct answer *answer)
{
	uint32_t count = bytes < PROCESS_TRANSFER_BYTES ? (uint32_t)bytes : PROCESS_TRANSFER_BYTES;

	if (line >= PROCESS_LINES || (line == PROCESS_SERIAL && process_serial == GRAFT_NO_CHANNEL)) {
		*answer = calls_answer(PROCESS_BAD_CHANNEL);
	} else if (count == 0) {
		*answer = calls_answer(0);
	} else if (line == PROCESS_CONSOLE) {
		read_console(process, count, answer);
	} else {
		last_reader = process->pid;
		process->line = PROCESS_SERIAL;
		process->count = count;
		process_wait(process, PROCESS_READING);
		read_more();
	}
}

void lines_start(void)
{
	input.first = input.end = 0;
	last_reader = 0;
	read_more();
}

void lines_notified(microkit_channel ch)
{
	if (ch == process_serial) {
		write_more(PROCESS_SERIAL);
		if (output_of(PROCESS_CONSOLE) == output_of(PROCESS_SERIAL))
			write_more(PROCESS_CONSOLE);
		read_more();
	} else if (ch == process_screen) {
		write_more(PROCESS_CONSOLE);
	}
}
