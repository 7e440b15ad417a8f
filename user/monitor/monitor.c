/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor: root task of every Graft image. It makes sure of the kernel, carries out the system table that `graft
 * build` put behind it, hands each domain what the description says and nothing else, sets everything going, and
 * waits for faults that nobody else handles. It is above all others in priority, so nothing runs before it waits.
 *
 * Every stage either succeeds or stops the machine with one line that says why: there is nothing to undo at start-up.
 */
#include "user/monitor/controllers.h"
#include "user/monitor/domains.h"
#include "user/monitor/images.h"
#include "user/monitor/objects.h"
#include "user/monitor/ports.h"
#include "user/monitor/print.h"
#include "user/monitor/probe.h"
#include "user/monitor/regions.h"
#include "user/monitor/requests.h"
#include "user/monitor/serve.h"
#include "user/monitor/stop.h"
#include "user/monitor/window.h"

/* Written by `graft build`, which finds it by name: where the blob lies in the monitor's address space. */
struct monitor_blob {
	uint64_t vaddr;
	uint64_t size_bytes;
};
extern struct monitor_blob monitor_blob;
struct monitor_blob monitor_blob __attribute__((section(".data")));

extern const uint8_t _monitor_start[], monitor_stack_guard[]; /* monitor.ld, start.S */

seL4_IPCBuffer *__sel4_ipc_buffer;
static struct monitor the_monitor;

_Noreturn void monitor_main(const seL4_BootInfo *info);

/* Slots of the root CNode that are used before anything is counted: the serial port, the exit port. */
enum early_slot { EARLY_SERIAL, EARLY_EXIT, EARLY_SLOTS };

/* Finds out which kernel this is, gets a voice, and stops on a kernel that the image was not built for. */
static const struct set *meet_kernel(const seL4_BootInfo *info)
{
	static struct set unknown;
	const struct set *set = probe_kernel(&unknown);
	if (set == NULL)
		stop("no label is ASIDControl_MakePool"); /* nobody hears it; the thread rests */
	stop_prepare(set, info->empty.start + EARLY_EXIT);
	if (ports_issue(set, PORTS_SERIAL_FIRST, PORTS_SERIAL_LAST, info->empty.start + EARLY_SERIAL) == seL4_NoError)
		print_open(info->empty.start + EARLY_SERIAL, set);
	if (set->number == 0)
		stop("this image is for a kernel of ABI set %s, this kernel is of no set known here "
		     "(ASIDControl_MakePool has label %u)", ABI_SET_NAME, set->make_pool);
	if (set->number != ABI_SET)
		stop("this image is for a kernel of ABI set %s, this kernel is of set %s", ABI_SET_NAME, set->name);
	return set;
}

/* What the labels don't show: cores, and whether there are scheduling contexts at all. */
static void check_kernel(const seL4_BootInfo *info)
{
	if (info->numNodes != 1)
		stop("this kernel runs on %lu cores, one is supported", info->numNodes);
	if (info->schedcontrol.end <= info->schedcontrol.start)
		stop("this kernel has no scheduling contexts: an MCS kernel is needed");
	if (seL4_X86_Page_GetAddress(seL4_CapBootInfoFrame).error != seL4_NoError)
		stop("this kernel numbers the operations on pages in another way than set %s", ABI_SET_NAME);
}

/* The page below the monitor's stack is taken away: an overflow faults, it does not spoil data. */
static void guard_stack(const seL4_BootInfo *info)
{
	uint64_t page = (uint64_t)(monitor_stack_guard - _monitor_start) / PAGE_BYTES;
	objects_must(seL4_X86_Page_Unmap(info->userImageFrames.start + (seL4_Word)page), "unmap the stack's guard page");
}

static void read_system_table(struct monitor *monitor)
{
	struct where where = { 0 };
	if (monitor_blob.vaddr == 0)
		stop("there is no system table: the monitor alone is no image, graft build makes one");
	const uint8_t *blob = (const uint8_t *)(uintptr_t)monitor_blob.vaddr;
	enum status status = system_open(blob, monitor_blob.size_bytes, &monitor->system, &where);
	if (status != STATUS_OK)
		stop("system table: %s (at 0x%llx: 0x%llx, limit 0x%llx)", status_text(status), ull(where.offset), ull(where.value),
		     ull(where.limit));
	uint32_t set = monitor->system.header->abi_set;
	if (set != ABI_SET)
		stop("the system table is for ABI set number %u, the monitor for number %u", set, ABI_SET);
	if (monitor->system.header->machine != SPACE_MACHINE.elf_machine)
		stop("the system table is for machine %u, the monitor for machine %u", monitor->system.header->machine,
		     (unsigned)SPACE_MACHINE.elf_machine);
}

static void start(struct monitor *monitor, const seL4_BootInfo *info)
{
	monitor->info = info;
	monitor->set = meet_kernel(info);
	check_kernel(info);
	guard_stack(info);
	monitor->sched_control = info->schedcontrol.start;
	monitor->next_slot = info->empty.start + EARLY_SLOTS;
	monitor->end_slot = info->empty.end;
	read_system_table(monitor);
	monitor->lists_authority = (monitor->system.header->flags & SYSTEM_LISTS_AUTHORITY) != 0;
	print("graft: monitor: %s kernel, %u domains\n", ABI_SET_NAME, monitor->system.header->domains.count);
}

/* Everything is made before anything is given, and everything is given before anything runs. */
static void carry_out(struct monitor *monitor)
{
	objects_start(monitor);
	regions_make_physical(monitor);
	objects_check(monitor);
	window_start(monitor);
	regions_make(monitor);
	domains_make(monitor);
	controllers_make(monitor);
	requests_make(monitor);
	images_start(monitor);
	if (monitor->lists_authority)
		print("authority: begin\n");
	domains_give(monitor);
	images_build(monitor);
	controllers_give(monitor);
	if (monitor->lists_authority)
		print("authority: end\n");
	images_run(monitor);
}

_Noreturn void monitor_main(const seL4_BootInfo *info)
{
	seL4_SetIPCBuffer(info->ipcBuffer);
	start(&the_monitor, info);
	carry_out(&the_monitor);
	serve(&the_monitor);
}
