/* SPDX-License-Identifier: BSD-2-Clause */
/* A root task that exercises every invocation, refusals included, and prints what comes back, line by line. The lines a
 * real seL4 kernel gives are kept beside it; the bundled kernel must give the same.
 *
 * Nothing printed may depend on where things lie in memory, on time, or on how many untypeds there are. */
#pragma once
#include <sel4/abi.h>
#include <sel4/bootinfo.h>
#include <sel4/constants.h>
#include <sel4/errors.h>
#include <sel4/faults.h>
#include <sel4/invocation.h>
#include <sel4/objecttype.h>
#include <sel4/rootslots.h>
#include <sel4/syscall.h>
#include <sel4/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef seL4_Word word;

#define CONTEXT_WORDS (ABI_CONTEXT_WORDS + 0ul) /* registers that TCB_ReadRegisters and TCB_WriteRegisters know */

/* What a system call takes and gives: its number; capability in, badge out; message info; the first words of the
 * message; reply object; the second capability of a combined call. start.S knows the order. */
struct registers {
	word number, cap, info, words[4], reply, second;
};
void enter(struct registers *registers); /* what of it is in registers on this machine */

#if ABI_WORD_BITS == 64
#include "test/boot/conform/x86_64/machine.h"
#else
#include "test/boot/conform/i386/machine.h"
#endif

struct list {
	const word *words;
	word        count;
};
#define LIST(...) \
	((struct list){ (word[]){ 0, __VA_ARGS__ } + 1, sizeof((word[]){ 0, __VA_ARGS__ }) / sizeof(word) - 1 })

/* What the last call brought back. */
struct answer {
	word label, length, caps, unwrapped, badge;
	word words[seL4_MsgMaxLength];
	word grants[seL4_MsgMaxExtraCaps]; /* badges of unwrapped capabilities */
};
extern struct answer answer;

/* Invokes and returns the error; answer is filled. */
word invoke(word cap, word label, struct list caps, struct list arguments);
/* The same, with as many words claimed as said, whatever is in them. */
word invoke_length(word cap, word label, struct list caps, struct list arguments, word length);

/* Message system calls; those that receive fill answer. */
void send(word number, word cap, word label, struct list caps, struct list words);
void receive(word number, word cap, word reply);
void exchange(word number, word cap, word label, struct list caps, struct list words, word reply, word send_cap);

/* ---- printing ---- */
void put(char c);
void print(const char *text);
void print_hex(uint64_t value);
void print_number(word value);
void heading(const char *text);
/* "  name: NoError 1 2", the words of the answer in hex. */
void show(const char *name, word error);
void show_error(const char *name, word error); /* without the words: they depend on the clock */
void show_number(const char *name, word value);
/* Clears the arithmetic flags in word i of the answer: seL4's kernel for ia32 leaves its own in a thread's after a
 * system call. */
void hide_flags(word i);
void show_answer(const char *name); /* label, length, words, caps of a received message */

/* ---- things to work with ---- */
extern seL4_BootInfo *info;
extern seL4_IPCBuffer *buffer;
extern word scratch; /* an untyped of 2^SCRATCH_BITS bytes, emptied before each section */
#define SCRATCH_BITS 24
#define FIRST_SLOT   4096 /* the same on every kernel, however many untypeds it has */
#define ROOT_DEPTH   seL4_WordBits
#define ROOT_BITS    17

word fresh_slot(void);                    /* an empty slot of the root CNode */
word make(word type, word bits);          /* an object out of scratch, in a fresh slot; stops the run if that fails */
word retype(word untyped, word type, word bits, word slot);
word copy(word slot);                     /* of a capability, all rights, in a fresh slot */
word mint(word slot, word rights, word badge);
void revoke(word slot);
void delete(word slot);
void must(word error, const char *what);
_Noreturn void stop(word value);

/* A thread in the root task's own VSpace and CSpace. */
struct thread {
	word tcb, sc, buffer_frame;
	seL4_IPCBuffer *buffer;
};
/* Runs function(argument) at that priority when resumed; faults go to fault_cap. which: 0..3. */
void make_thread(struct thread *thread, unsigned which, void (*function)(word), word argument, word priority,
                 word fault_cap);
void resume(const struct thread *thread);
void drop_thread(const struct thread *thread);

/* Lets every other thread run until none can go on; from then on nothing moves until this thread waits again. */
void settle(void);

/* A thread that makes the system calls put into script[which], each as the registers say, and then waits for ever. The
 * registers that came back are left there; done counts the calls that returned. */
#define SCRIPT_CALLS 8
struct script {
	struct registers calls[SCRIPT_CALLS];
	word count;
	volatile word done;
};
extern struct script scripts[4];
void make_client(struct thread *thread, unsigned which, word priority, word fault_cap);
void set_call(unsigned which, word number, word cap, word label, word caps, struct list words);
void show_script(unsigned which);

/* ---- sections ---- */
void section(void (*test)(void), const char *name);
void run_sections(void); /* each task has its own */
void test_bootinfo(void);
void test_refusals(void);
void test_untyped(void);
void test_cnode(void);
void test_tcb(void);
void test_ipc(void);
void test_notification(void);
void test_sched(void);
void test_vspace(void);
void test_asid(void);
void test_ioport(void);
void test_irq(void);
void test_faults(void);
void test_random(void);
void test_code(void);
