/* SPDX-License-Identifier: BSD-2-Clause */
/* Local APIC with its timer, I/O APIC, and the old PIC and PIT, of which the first is only masked and the second only
 * used to measure the others' frequencies. The PIT belongs to user code afterwards.
 *
 * Invariants: A1 an I/O APIC pin is unmasked only while routed to a vector of 0x30..155; A2 the timer's interrupt comes
 * at or after the deadline, or early by the timer's range and is armed again without the core's help. */
#include "kernel/port/x86/apic.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "layout.h"

#define APIC_BASE_ADDRESS  0xffffff000ull
#define APIC_BASE_ENABLED  (1ull << 11)
#define APIC_BASE_X2APIC   (1ull << 10)

enum local_register {
	LOCAL_ID = 0x20, LOCAL_VERSION = 0x30, LOCAL_TASK_PRIORITY = 0x80, LOCAL_END = 0xb0, LOCAL_SPURIOUS = 0xf0,
	LOCAL_REQUESTS = 0x200, LOCAL_TIMER = 0x320, LOCAL_LINT0 = 0x350, LOCAL_LINT1 = 0x360, LOCAL_COUNT_START = 0x380,
	LOCAL_COUNT = 0x390, LOCAL_DIVIDE = 0x3e0
};
#define LOCAL_ENABLE       0x100u
#define LOCAL_MASKED       0x10000u
#define LOCAL_TSC_DEADLINE (2u << 17)
#define LOCAL_DIVIDE_BY_1  0xbu
#define CPUID_TSC_DEADLINE (1u << 24)

#define IO_VERSION         1u
#define IO_REDIRECTION     0x10u
#define IO_PINS_MAX        240u
#define IO_MASKED          (1u << 16)
#define IO_LEVEL           (1u << 15)
#define IO_LOW             (1u << 13)

#define PIC_1              0x20
#define PIC_2              0xa0
#define PIT_COUNTER        0x40
#define PIT_MODE           0x43
#define PIT_HZ             1193182u
#define PIT_PERIOD_MS      10u
#define PIT_DIVISOR        (PIT_HZ * PIT_PERIOD_MS / 1000)
#define MEASURE_TRIES      10u

#define NO_PIN             0xff

static struct {
	uint32_t tsc_mhz;
	/* local timer counts per TSC tick, times 2^32; 0: the timer compares with the TSC itself */
	uint64_t counts_per_tick;
	uint64_t deadline;
	uint32_t pin_count;
	uint32_t pin_low[IO_PINS_MAX]; /* what is in the low half of each redirection register */
	uint8_t  irq_pin[IRQ_COUNT];   /* pin of each interrupt number, or NO_PIN */
} apic;

/* ---- local APIC ---- */
static uint32_t local_read(enum local_register at)
{
	return *(volatile uint32_t *)((uintptr_t)LOCAL_APIC + (uintptr_t)at);
}

static void local_write(enum local_register at, uint32_t value)
{
	*(volatile uint32_t *)((uintptr_t)LOCAL_APIC + (uintptr_t)at) = value;
}

word apic_physical(void)
{
	return (word)(cpu_read_msr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);
}

static void local_init(void)
{
	uint64_t base = cpu_read_msr(MSR_APIC_BASE);
	if (!(base & APIC_BASE_ENABLED) || base & APIC_BASE_X2APIC) {
		kernel_panic("the local APIC is off or in x2APIC mode");
	}
	if ((local_read(LOCAL_VERSION) & 0xf0) != 0x10) {
		kernel_panic("no integrated local APIC (version 0x%x)", local_read(LOCAL_VERSION));
	}
	local_write(LOCAL_TASK_PRIORITY, 0);
	local_write(LOCAL_SPURIOUS, LOCAL_ENABLE | VECTOR_SPURIOUS);
	local_write(LOCAL_LINT0, LOCAL_MASKED);
	local_write(LOCAL_LINT1, LOCAL_MASKED);
	local_write(LOCAL_DIVIDE, LOCAL_DIVIDE_BY_1);
}

bool port_interrupt_pending(struct kernel *k)
{
	(void)k;
	for (unsigned i = VECTOR_IRQ_MIN / 32; i <= VECTOR_TIMER / 32; i++) {
		if (local_read((enum local_register)(LOCAL_REQUESTS + i * 0x10)) != 0) {
			return true;
		}
	}
	return false;
}

void port_irq_ack(struct kernel *k, word irq)
{
	(void)k;
	(void)irq;
	local_write(LOCAL_END, 0);
}

/* ---- time ---- */
static uint16_t pit_read(void)
{
	outb(PIT_MODE, 0);
	uint16_t low = inb(PIT_COUNTER);
	return (uint16_t)(low | inb(PIT_COUNTER) << 8);
}

/* Waits for the next period. Returns false if its beginning was noticed late, for an emulator's host had something else to do. */
static bool pit_wait_for_period(void)
{
	uint16_t count = pit_read(), before;
	do {
		before = count;
		count = pit_read();
	} while (count <= before);
	return count >= PIT_DIVISOR - PIT_DIVISOR / 32;
}

static void pit_start(void)
{
	outb(PIT_MODE, 0x34);
	outb(PIT_COUNTER, (uint8_t)PIT_DIVISOR);
	outb(PIT_COUNTER, (uint8_t)(PIT_DIVISOR >> 8));
}

/* Ticks of the TSC and counts of the local timer during one period of the PIT. Returns whether it was just one, as far as can be told. */
static bool measure(uint64_t *ticks, uint64_t *counts)
{
	bool begins = pit_wait_for_period();
	uint64_t start = cpu_time_stamp();
	local_write(LOCAL_COUNT_START, UINT32_MAX);
	bool ends = pit_wait_for_period();
	*counts = UINT32_MAX - local_read(LOCAL_COUNT);
	*ticks = cpu_time_stamp() - start;
	return begins && ends;
}

static bool is_sensible(uint64_t ticks, uint64_t counts)
{
	return counts != 0 && counts != UINT32_MAX && ticks >= PIT_PERIOD_MS * 1000 && ticks <= UINT32_MAX;
}

static void clock_init(void)
{
	uint64_t ticks = 0, counts = 0;
	pit_start();
	unsigned tries = 0;
	while (!(measure(&ticks, &counts) && is_sensible(ticks, counts)) && ++tries < MEASURE_TRIES)
		;
	if (!is_sensible(ticks, counts)) {
		kernel_panic("no sensible clock: %lu TSC ticks, %lu timer counts in %u ms", (word)ticks, (word)counts, PIT_PERIOD_MS);
	}
	apic.tsc_mhz = (uint32_t)(ticks / PIT_PERIOD_MS / 1000);
	apic.counts_per_tick = (counts << 32) / ticks;
	if (cpu_identify(1, 0).ecx & CPUID_TSC_DEADLINE) {
		apic.counts_per_tick = 0;
	}
	local_write(LOCAL_COUNT_START, 0);
	local_write(LOCAL_TIMER, VECTOR_TIMER | (apic.counts_per_tick ? 0 : LOCAL_TSC_DEADLINE));
	apic.deadline = UINT64_MAX;
}

uint32_t apic_tsc_mhz(void)
{
	return apic.tsc_mhz;
}

uint64_t port_ticks(struct kernel *k)
{
	(void)k;
	return cpu_time_stamp();
}

/* One count too many rather than one too few: an interrupt before the deadline would only be armed again. */
static void arm_counter(uint64_t deadline)
{
	uint64_t now = cpu_time_stamp();
	uint64_t ticks = deadline > now ? deadline - now : 0;
	uint32_t few = ticks > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)ticks;
	uint64_t counts = few * (apic.counts_per_tick >> 32) + (few * (uint64_t)(uint32_t)apic.counts_per_tick >> 32) + 1;
	local_write(LOCAL_COUNT_START, counts > UINT32_MAX ? UINT32_MAX : (uint32_t)counts);
}

void port_set_deadline(struct kernel *k, uint64_t ticks)
{
	(void)k;
	apic.deadline = ticks;
	if (apic.counts_per_tick == 0) {
		cpu_write_msr(MSR_TSC_DEADLINE, ticks == UINT64_MAX ? 0 : ticks);
	} else if (ticks == UINT64_MAX) {
		local_write(LOCAL_COUNT_START, 0);
	} else {
		arm_counter(ticks);
	}
}

struct tcb *apic_timer_fired(struct kernel *k)
{
	local_write(LOCAL_END, 0);
	if (cpu_time_stamp() < apic.deadline) {
		port_set_deadline(k, apic.deadline);
		return k->current;
	}
	return kernel_timer(k);
}

/* ---- I/O APIC ---- */
static volatile uint32_t *io_select(uint32_t number)
{
	*(volatile uint32_t *)(uintptr_t)IO_APIC = number;
	return (volatile uint32_t *)((uintptr_t)IO_APIC + 0x10);
}

static void io_write_low(uint32_t pin)
{
	*io_select(IO_REDIRECTION + 2 * pin) = apic.pin_low[pin];
}

static void io_init(void)
{
	apic.pin_count = (*io_select(IO_VERSION) >> 16 & 0xff) + 1;
	if (apic.pin_count > IO_PINS_MAX) {
		kernel_panic("no I/O APIC at 0x%lx", IO_APIC_PHYSICAL);
	}
	for (uint32_t pin = 0; pin < apic.pin_count; pin++) {
		apic.pin_low[pin] = IO_MASKED;
		io_write_low(pin);
		*io_select(IO_REDIRECTION + 2 * pin + 1) = local_read(LOCAL_ID) & 0xff000000u;
	}
	memset(apic.irq_pin, NO_PIN, sizeof apic.irq_pin);
}

word port_ioapic_count(struct kernel *k)
{
	(void)k;
	return 1;
}

word port_ioapic_pins(struct kernel *k, word ioapic)
{
	(void)k;
	(void)ioapic;
	return apic.pin_count;
}

void port_ioapic_route(struct kernel *k, word ioapic, word pin, bool is_level, bool is_low, word irq)
{
	(void)k;
	(void)ioapic;
	apic.pin_low[pin] = IO_MASKED | (is_level ? IO_LEVEL : 0) | (is_low ? IO_LOW : 0)
	    | (uint32_t)(irq + VECTOR_IRQ_MIN);
	apic.irq_pin[irq] = (uint8_t)pin;
	io_write_low((uint32_t)pin);
}

void port_irq_set_masked(struct kernel *k, word irq, bool is_masked)
{
	(void)k;
	uint32_t pin = apic.irq_pin[irq];
	if (pin == NO_PIN || (apic.pin_low[pin] & 0xff) != irq + VECTOR_IRQ_MIN) {
		return; /* a message-signalled one, or its pin has been given to another number since */
	}
	apic.pin_low[pin] = (apic.pin_low[pin] & ~IO_MASKED) | (is_masked ? IO_MASKED : 0);
	io_write_low(pin);
}

/* Both chips wait for their initialisation before they honour a mask: vectors 0x20..0x2f, then everything masked. */
static void pic_mask(void)
{
	static const uint8_t words[4][2] = { { 0x11, 0x11 }, { VECTOR_IRQ_MIN, VECTOR_IRQ_MIN + 8 }, { 4, 2 }, { 1, 1 } };
	for (unsigned i = 0; i < 4; i++) {
		outb(PIC_1 + (i > 0), words[i][0]);
		outb(PIC_2 + (i > 0), words[i][1]);
	}
	outb(PIC_1 + 1, 0xff);
	outb(PIC_2 + 1, 0xff);
}

void apic_init(void)
{
	pic_mask();
	local_init();
	clock_init();
	io_init();
}
