/* SPDX-License-Identifier: BSD-2-Clause */
/* From boot.S to kernel_main: the machine is found, checked and set up, in the one order in which each step can rely on
 * those before it. Panics work from the first line on; traps are panics from trap_init on. */
#include "kernel/main.h"
#include "kernel/port/x86/apic.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/fpu.h"
#include "kernel/port/x86/memory.h"
#include "kernel/port/x86/multiboot.h"
#include "kernel/port/x86/options.h"
#include "kernel/port/x86/records.h"
#include "kernel/port/x86/space.h"
#include "kernel/port/x86/trap.h"

_Noreturn void port_boot(uint32_t magic, uint32_t information); /* called by boot.S */

static struct multiboot boot;
static struct memory memory;
static struct root_setup setup;

static void add_device(word start, word end)
{
	setup.device[setup.device_count++] = (struct root_region){ start, end };
}

static void make_setup(void)
{
	for (uint32_t i = 0; i < memory.ram_count; i++) {
		setup.ram[setup.ram_count++] = (struct root_region){ (word)memory.ram[i].start, (word)memory.ram[i].end };
	}
	setup.kernel = (struct root_region){ KERNEL_LOAD_ADDRESS, memory_kernel_end() };
	setup.file = (struct root_region){ (word)boot.module.start, (word)boot.module.end };
	add_device(IO_APIC_PHYSICAL, IO_APIC_PHYSICAL + PAGE_BYTES);
	add_device(apic_physical(), apic_physical() + PAGE_BYTES);
#ifdef MESSAGE_INTERRUPT_ADDRESS
	add_device(MESSAGE_INTERRUPT_ADDRESS, MESSAGE_INTERRUPT_END);
#endif
	records_make(&boot, apic_tsc_mhz(), &setup);
}

/* The file is read through the window: it has to be in memory that is mapped there. */
static void check_module(void)
{
	for (uint32_t i = 0; i < memory.ram_count; i++) {
		if (memory.ram[i].start <= boot.module.start && boot.module.end <= memory.ram[i].end) {
			return;
		}
	}
	kernel_panic("the boot module lies outside of memory (0x%lx..0x%lx)", (word)boot.module.start,
	             (word)boot.module.end);
}

_Noreturn void port_boot(uint32_t magic, uint32_t information)
{
	trap_init();
	multiboot_read(magic, information, &boot);
	memory_find(&boot, &memory);
	check_module();
	memory_map_kernel(&memory, apic_physical(), IO_APIC_PHYSICAL);
	space_init();
	fpu_init();
	apic_init();
	make_setup();
	options_obey(boot.command_line, &the_kernel);
	kernel_main(&the_kernel, PHYSICAL_WINDOW, apic_tsc_mhz(), &setup);
}
