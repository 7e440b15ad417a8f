/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory functions that compilers call by themselves, for where there is no C library.
 *
 * x86's string instructions copy a word per step, need no vector registers (the kernel may use none) and take no loop of
 * ours; elsewhere plain loops. The empty assembly in each loop keeps compilers from recognising the loop and calling the
 * very function it is in. */
#include "lib/base/base.h"

#define KEEP_LOOP() __asm__ volatile("" ::: "memory")

#if defined(__x86_64__) || defined(__i386__)
#if defined(__x86_64__)
#define WORD_SHIFT 3u
#define MOVE_WORDS "rep movsq"
#define STORE_WORDS "rep stosq"
#else
#define WORD_SHIFT 2u
#define MOVE_WORDS "rep movsl"
#define STORE_WORDS "rep stosl"
#endif
#define WORD_MASK (((size_t)1 << WORD_SHIFT) - 1)

static void copy_up(void *to, const void *from, size_t bytes)
{
	size_t words = bytes >> WORD_SHIFT;
	size_t rest = bytes & WORD_MASK;
	__asm__ volatile(MOVE_WORDS : "+D"(to), "+S"(from), "+c"(words)::"memory");
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest)::"memory");
}

static void fill(void *to, uint8_t value, size_t bytes)
{
	size_t words = bytes >> WORD_SHIFT;
	size_t rest = bytes & WORD_MASK;
	size_t pattern = (size_t)-1 / 0xff * value;
	__asm__ volatile(STORE_WORDS : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
}
#else
static void copy_up(void *to, const void *from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
		KEEP_LOOP();
	}
}

static void fill(void *to, uint8_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		((uint8_t *)to)[i] = value;
		KEEP_LOOP();
	}
}
#endif

static void copy_down(uint8_t *to, const uint8_t *from, size_t bytes)
{
	while (bytes > 0) {
		bytes--;
		to[bytes] = from[bytes];
		KEEP_LOOP();
	}
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	copy_up(to, from, bytes);
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	/* As unsigned numbers: true if to is below from or past its end, where going up overwrites nothing still needed. */
	if ((uintptr_t)to - (uintptr_t)from >= bytes)
		copy_up(to, from, bytes);
	else
		copy_down(to, from, bytes);
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	fill(to, (uint8_t)value, bytes);
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const uint8_t *x = a, *y = b;
	for (size_t i = 0; i < bytes; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
		KEEP_LOOP();
	}
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;
	while (text[length] != 0) {
		length++;
		KEEP_LOOP();
	}
	return length;
}
