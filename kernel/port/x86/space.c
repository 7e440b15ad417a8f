/* SPDX-License-Identifier: BSD-2-Clause */
/* CR3 and the translations the CPU caches.
 *
 * Invariants:
 *   S1 CR3 holds the kernel's own root or a root that was valid when some thread last ran on it; every later change of
 *      that root's tables is followed by port_flush_page or port_flush_space before ring 3 runs;
 *   S2 the idle thread runs on whatever is there: it touches nothing but the kernel. */
#include "kernel/port/x86/space.h"
#include "kernel/core/paging.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/memory.h"

/* PAT: entries 0..3 as after reset (write-back, write-through, uncached-minus, uncached), entry 4 write-combining,
 * which is what seL4_X86_WriteCombining selects; 5..7 as after reset again. */
#define PAT_ENTRIES 0x0007040100070406ull
#define SPACE_CPUID_SMEP (1u << 7)
#define SPACE_CPUID_SMAP (1u << 20)

static word current_root; /* physical; what CR3 holds */
static bool has_smep;

bool space_has_smep(void)
{
	return has_smep;
}

void space_init(void)
{
	word features = 0;
	if (cpu_identify(0, 0).eax >= 7) {
		uint32_t extended = cpu_identify(7, 0).ebx;
		features |= extended & SPACE_CPUID_SMEP ? CR4_SMEP : 0;
		features |= extended & SPACE_CPUID_SMAP ? CR4_SMAP : 0;
	}
	cpu_write_cr4(cpu_read_cr4() | features);
	has_smep = (features & CR4_SMEP) != 0;
	cpu_write_msr(MSR_PAT, PAT_ENTRIES);
	current_root = memory_kernel_root();
}

void port_switch_space(struct kernel *k, struct tcb *tcb)
{
	word root = memory_kernel_root();
	if (tcb == &k->idle) {
		return;
	}
	struct cap cap = tcb->slots[TCB_SLOT_VSPACE].cap;
	if (vspace_is_valid(k, cap)) {
		root = kernel_physical(k, cap_object(cap));
	}
	if (root != current_root) {
		current_root = root;
		cpu_write_cr3(root);
	}
}

void port_flush_page(struct kernel *k, const void *root, word address)
{
	if (kernel_physical(k, root) == current_root) {
		cpu_invalidate_page(address);
	}
}

void port_flush_space(struct kernel *k, const void *root)
{
	if (kernel_physical(k, root) == current_root) {
		cpu_write_cr3(current_root);
	}
}
