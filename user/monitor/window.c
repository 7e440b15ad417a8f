/* SPDX-License-Identifier: BSD-2-Clause */
/* The window: all tables below the root in the monitor's own VSpace, in a part that the kernel's boot left alone. */
#include "user/monitor/window.h"
#include "user/monitor/objects.h"

void window_start(struct monitor *monitor)
{
	const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
#if ABI_WORD_BITS == 64
	seL4_CPtr pdpt = objects_make(monitor, seL4_X86_PDPTObject, 0, 1);
	seL4_CPtr directory = objects_make(monitor, seL4_X86_PageDirectoryObject, 0, 1);
	objects_must(seL4_X86_PDPT_Map(pdpt, seL4_CapInitThreadVSpace, WINDOW_VADDR, attributes), "map the window's PDPT");
	objects_must(seL4_X86_PageDirectory_Map(directory, seL4_CapInitThreadVSpace, WINDOW_VADDR, attributes),
	             "map the window's page directory");
#endif
	seL4_CPtr table = objects_make(monitor, seL4_X86_PageTableObject, 0, 1);
	objects_must(seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, WINDOW_VADDR, attributes),
	             "map the window's page table");
}

uint8_t *window_open(seL4_CPtr frame)
{
	objects_must(seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, WINDOW_VADDR, seL4_ReadWrite,
	                               seL4_X86_Default_VMAttributes), "map a frame in the window");
	return (uint8_t *)WINDOW_VADDR;
}

void window_close(seL4_CPtr frame)
{
	objects_must(seL4_X86_Page_Unmap(frame), "unmap a frame from the window");
}
