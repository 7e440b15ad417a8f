/* SPDX-License-Identifier: BSD-2-Clause */
/* Thousands of invocations that nobody thought of: any label on any capability of a small set, mostly on one it fits,
 * with arguments that are likely to mean something. The answers are summed up, a line for every 100; compiled with
 * -DCONFORM_VERBOSE=1, one line for each.
 *
 * Left out is what would stop or blind this task (its own capabilities, endpoints), what depends on time, and the
 * deliberate differences of CAVEATS.md. Threads made here never run: this one is more important and does not wait. */
#include "test/boot/conform/conform.h"

#ifndef CONFORM_VERBOSE
#define CONFORM_VERBOSE 0
#endif
#ifndef CONFORM_STEPS
#define CONFORM_STEPS 20000
#endif
#ifndef CONFORM_SEED
#define CONFORM_SEED 0x9e3779b97f4a7c15ull
#endif
#define SUMMARY 100
#define REFILL  20
#define SLOTS   48
#define VADDR   0x40000000ul

/* What probably lies in a slot: an object type, or one of these. A guess only: revoking changes more than is kept
 * track of. */
enum { NOTHING = 100, POOL, PORT, HANDLER, ANYTHING };

static word base;   /* first of SLOTS slots of the root CNode */
static word mother; /* where the memory in them comes from */
static uint8_t kinds[SLOTS];
static uint64_t state;

static word random_word(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (word)(state * 0x2545f4914f6cdd1dull >> 32);
}

static word below(word bound)
{
	return random_word() % bound;
}

static word random_slot(void)
{
	return base + below(SLOTS);
}

static bool is_cnode_label(word label)
{
	return label >= CNodeRevoke && label <= CNodeRotate;
}

/* A slot with that kind of capability in it, if there seems to be one; now and then any. */
static word slot_of(unsigned kind)
{
	word start = below(SLOTS);
	for (word i = 0; i < SLOTS && below(256); i++) {
		if (kind == ANYTHING || kinds[(start + i) % SLOTS] == kind) {
			return base + (start + i) % SLOTS;
		}
	}
	return base + start;
}

static unsigned kind_of_label(word label)
{
	static const struct { word first, last; unsigned kind; } kinds_of[] = {
		{ UntypedRetype, UntypedRetype, seL4_UntypedObject }, { TCBReadRegisters, TCBSetFlags, seL4_TCBObject },
		{ CNodeRevoke, CNodeRotate, seL4_CapTableObject }, { IRQAckIRQ, IRQClearIRQHandler, HANDLER },
		{ SchedContextBind, SchedContextYieldTo, seL4_SchedContextObject },
#if ABI_WORD_BITS == 64
		{ X86PDPTMap, X86PDPTUnmap, seL4_X86_PDPTObject },
#else
		{ X86PageDirectoryGetStatusBits, X86PageDirectoryGetStatusBits, seL4_X86_VSpaceObject },
#endif
		{ X86PageDirectoryMap, X86PageDirectoryUnmap, seL4_X86_PageDirectoryObject },
		{ X86PageTableMap, X86PageTableUnmap, seL4_X86_PageTableObject },
		{ X86PageMap, X86PageGetAddress, seL4_X86_4K }, { X86ASIDPoolAssign, X86ASIDPoolAssign, POOL },
		{ X86IOPortIn8, X86IOPortOut32, PORT },
	};
	for (unsigned i = 0; i < sizeof kinds_of / sizeof kinds_of[0]; i++) {
		if (kinds_of[i].first <= label && label <= kinds_of[i].last) {
			return kinds_of[i].kind;
		}
	}
	return ANYTHING;
}

/* What the extra capability number i of a call should be. */
static unsigned kind_of_cap(word label, word i)
{
	switch (label) {
	case TCBConfigure: return i == 0 ? seL4_CapTableObject : i == 1 ? seL4_X86_VSpaceObject : seL4_X86_4K;
	case TCBSetSpace: return i == 1 ? seL4_CapTableObject : i == 2 ? seL4_X86_VSpaceObject : ANYTHING;
	case TCBSetSchedParams: return i == 0 ? seL4_TCBObject : i == 1 ? seL4_SchedContextObject : ANYTHING;
	case TCBSetPriority: case TCBSetMCPriority: case TCBCopyRegisters: return seL4_TCBObject;
	case TCBSetIPCBuffer: return seL4_X86_4K;
	case TCBBindNotification: case IRQSetIRQHandler: return seL4_NotificationObject;
	case SchedContextBind: case SchedContextUnbindObject: return below(2) ? seL4_TCBObject : seL4_NotificationObject;
	case SchedControlConfigureFlags: return seL4_SchedContextObject;
#if ABI_WORD_BITS == 64
	case X86PDPTMap:
#endif
	case X86ASIDPoolAssign: case X86PageMap: case X86PageTableMap: case X86PageDirectoryMap:
		return seL4_X86_VSpaceObject;
	case X86ASIDControlMakePool: return seL4_UntypedObject;
	default: return is_cnode_label(label) ? seL4_CapTableObject : ANYTHING;
	}
}

static word random_address(void)
{
	static const word addresses[] = { VADDR, VADDR + 0x1000, VADDR + 0x2000, VADDR + 0x200000, VADDR + 0x201000,
		VADDR + 0x400000,
		VADDR * 2, VADDR * 3,
#if ABI_WORD_BITS == 64
		1ul << 39, 1ul << 46, 0x7fffffffe000, 0x7ffffffff000, 1ul << 47, 0xffff800000000000, 0xffffff8000000000,
		0xffffffff80000000,
#else
		0x10000000, 0xdffff000, 0xdfc00000, 0xe0000000, 0xe0400000, 0xffc00000,
#endif
		~0xffful, VADDR + 8 };
	return addresses[below(sizeof addresses / sizeof addresses[0])];
}

static word random_argument(void)
{
	static const word small[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 21, 22, 47, 58, 59,
		60, 63, 64, 65, 254,
		256, 257, 1000, 0x1000, 0x10000, 1ul << 17, VERY_LARGE, 1ul << (seL4_WordBits - 1), ~0ul };
	switch (below(8)) {
	case 0: case 1: return random_slot();
	case 2: case 3: return random_address();
	case 4: return ROOT_DEPTH;
	default: return small[below(sizeof small / sizeof small[0])];
	}
}

/* What may not be tried, or would differ on purpose. */
static bool is_excluded(word label, const word *arguments)
{
#if ABI_HARDWARE_DEBUG
	if (label >= TCBSetBreakpoint && label <= TCBConfigureSingleStepping) {
		return true;
	}
#endif
	bool maps_null = label == X86PageMap && arguments[0] < 0x1000;
	bool reads_port = label >= X86IOPortIn8 && label <= X86IOPortIn32;
#if ABI_WORD_BITS == 32
	if (label == X86PageDirectoryGetStatusBits && arguments[0] == KERNEL_ADDRESS) {
		return true;
	}
#endif
	return label == TCBSetTLSBase || label == TCBResume || maps_null || reads_port;
}

static bool has_secret_words(word label)
{
	return label == X86PageGetAddress || label == SchedControlConfigureFlags || label == SchedContextConsumed
	       || label == SchedContextYieldTo;
}

static word random_cap(word label, word i)
{
	bool is_authority = label == TCBSetPriority || label == TCBSetMCPriority || label == TCBSetSchedParams;
	switch (below(8)) {
	case 0: return is_cnode_label(label) ? random_slot() : seL4_CapInitThreadCNode;
	case 1: return is_authority
		&& i == 0 ? seL4_CapInitThreadTCB : label == TCBCopyRegisters ? random_slot() : seL4_CapInitThreadVSpace;
	default: return slot_of(kind_of_cap(label, i));
	}
}

struct step {
	word cap, label, caps[3], cap_count, arguments[10], argument_count;
};

static void make_any(struct step *step)
{
	step->label = below(ABI_INVOCATION_COUNT + 1);
	step->cap = slot_of(kind_of_label(step->label));
	step->cap_count = below(3) ? 3 : below(4);
	step->argument_count = below(4) ? 8 : below(9);
	for (word i = 0; i < 10; i++) {
		step->arguments[i] = random_argument();
	}
}

static void make_retype(struct step *step)
{
	static const word bits[] = { 0, 0, 1, 2, 4, 7, 8, 10, 12, 12, 13, 14, 16 };
	word type = below(seL4_ObjectTypeCount + 1);
	#if ABI_WORD_BITS == 64
	type = type == seL4_X64_HugePageObject ? seL4_UntypedObject : type;
#endif
	type = type == seL4_EndpointObject ? seL4_UntypedObject : type;
	const word arguments[] = { type, bits[below(sizeof bits / sizeof bits[0])], 0, 0, slot_of(NOTHING),
		1 + below(8) / 6 };
	step->cap = slot_of(seL4_UntypedObject);
	step->label = UntypedRetype;
	step->caps[0] = seL4_CapInitThreadCNode;
	step->cap_count = 1;
	step->argument_count = 6;
	__builtin_memcpy(step->arguments, arguments, sizeof arguments);
}

static void make_cnode_step(struct step *step)
{
	const word arguments[] = { slot_of(below(2) ? NOTHING : ANYTHING), ROOT_DEPTH, random_slot(), ROOT_DEPTH, below(16),
	                           random_argument() };
	const word turned[] = { slot_of(NOTHING), ROOT_DEPTH, random_argument(), random_slot(), ROOT_DEPTH,
		random_argument(),
	                        random_slot(), ROOT_DEPTH };
	step->cap = seL4_CapInitThreadCNode;
	step->label = CNodeRevoke + below(CNodeRotate - CNodeRevoke + 1);
	step->caps[0] = step->caps[1] = seL4_CapInitThreadCNode;
	step->cap_count = 2;
	step->argument_count = 8;
	step->label = below(4) ? step->label : CNodeDelete;
	__builtin_memcpy(step->arguments, step->label == CNodeRotate ? turned : arguments,
	                 step->label == CNodeRotate ? sizeof turned
	                 : sizeof arguments);
	if (step->label == CNodeRevoke || step->label == CNodeDelete) {
		step->arguments[0] = random_slot();
	}
}

static void make_map(struct step *step)
{
	static const word labels[] = { X86PageMap, X86PageMap, X86PageTableMap, X86PageDirectoryMap,
#if ABI_WORD_BITS == 64
		X86PDPTMap
#else
		X86PageTableMap
#endif
	};
	step->label = labels[below(5)];
	step->cap = slot_of(kind_of_label(step->label));
	step->caps[0] = below(3) ? slot_of(seL4_X86_VSpaceObject) : seL4_CapInitThreadVSpace;
	step->cap_count = 1;
	step->arguments[0] = random_address();
	step->arguments[1] = below(16);
	step->arguments[2] = below(8);
	step->argument_count = 3;
}

/* The capabilities of which there is one. */
static void make_control(struct step *step)
{
	step->cap_count = 1;
	switch (below(5)) {
	case 0:
		step->cap = seL4_CapASIDControl;
		step->label = X86ASIDControlMakePool;
		step->caps[0] = slot_of(seL4_UntypedObject);
		step->caps[1] = seL4_CapInitThreadCNode;
		step->cap_count = 2;
		step->arguments[0] = random_slot();
		step->arguments[1] = ROOT_DEPTH;
		break;
	case 1:
		step->cap = seL4_CapInitThreadASIDPool;
		step->label = X86ASIDPoolAssign;
		step->caps[0] = slot_of(seL4_X86_VSpaceObject);
		break;
	case 2:
		step->cap = info->schedcontrol.start;
		step->label = SchedControlConfigureFlags;
		step->caps[0] = slot_of(seL4_SchedContextObject);
		const word times[] = { TIME(below(40)), TIME(10 + below(40)), below(4) };
		__builtin_memcpy(step->arguments, times, sizeof times);
		break;
	case 3:
		step->cap = seL4_CapIOPortControl;
		step->label = X86IOPortControlIssue;
		step->caps[0] = seL4_CapInitThreadCNode;
		step->arguments[0] = 0x80 + below(8);
		step->arguments[1] = 0x80 + below(8);
		step->arguments[2] = random_slot();
		step->arguments[3] = ROOT_DEPTH;
		break;
	default:
		step->cap = seL4_CapIRQControl;
		step->label = below(2) ? X86IRQIssueIRQHandlerIOAPIC : X86IRQIssueIRQHandlerMSI;
		step->caps[0] = seL4_CapInitThreadCNode;
		const word arguments[] = { random_slot(), ROOT_DEPTH, 0, 5, below(3), below(3), 20 + below(4) };
		__builtin_memcpy(step->arguments, arguments, sizeof arguments);
		break;
	}
	step->argument_count = 8;
}

static void make_step(struct step *step)
{
	make_any(step);
	switch (below(10)) {
	case 0: case 1: make_retype(step); break;
	case 2: case 3: make_cnode_step(step); break;
	case 4: make_map(step); break;
	case 5: make_control(step); break;
	default:
		for (word i = 0; i < 3; i++) {
			step->caps[i] = random_cap(step->label, i);
		}
	}
}

/* ---- keeping track ---- */
static void set_kind(word slot, unsigned kind)
{
	if (slot >= base && slot < base + SLOTS) {
		kinds[slot - base] = (uint8_t)kind;
	}
}

static unsigned get_kind(word slot)
{
	return slot >= base && slot < base + SLOTS ? kinds[slot - base] : NOTHING;
}

static void note(const struct step *step, word error)
{
	const word *a = step->arguments;
	bool in_root = step->cap == seL4_CapInitThreadCNode;
	if (error == seL4_InvalidCapability && step->caps[0] != step->cap && answer.words[0] == 0) {
		set_kind(step->cap, NOTHING);
	}
	if (error) {
		return;
	}
	switch (step->label) {
	case UntypedRetype:
		for (word i = 0; i < a[5]; i++) {
			set_kind(a[4] + i, (unsigned)a[0]);
		}
		break;
	case CNodeDelete: set_kind(in_root ? a[0] : 0, NOTHING); break;
	case CNodeCopy: case CNodeMint: set_kind(in_root ? a[0] : 0, get_kind(a[2])); break;
	case CNodeMove: case CNodeMutate:
		set_kind(in_root ? a[0] : 0, get_kind(a[2]));
		set_kind(in_root ? a[2] : 0, NOTHING);
		break;
	case X86ASIDControlMakePool: set_kind(a[0], POOL); break;
	case X86IOPortControlIssue: set_kind(a[2], PORT); break;
	case X86IRQIssueIRQHandlerIOAPIC: case X86IRQIssueIRQHandlerMSI: set_kind(a[0], HANDLER); break;
	default: break;
	}
}

/* New memory into some slots; when there is no more, everything made of the old goes. */
static void refill(void)
{
	for (word i = 0; i < 3; i++) {
		word slot = random_slot(), error = retype(mother, seL4_UntypedObject, 13 + below(3), slot);
		if (!error) {
			set_kind(slot, seL4_UntypedObject);
		} else if (error == seL4_NotEnoughMemory) {
			revoke(mother);
		}
	}
}

static void show_step(word number, const struct step *step, word error)
{
	print_number(number);
	print(": slot ");
	print_number(step->cap - base);
	print(" label ");
	print_number(step->label);
	for (word i = 0; i < step->cap_count; i++) {
		print(i ? "," : " caps ");
		print_number(step->caps[i] - base);
	}
	for (word i = 0; i < step->argument_count; i++) {
		print(i ? "," : " words ");
		print_hex(step->arguments[i]);
	}
	show("", error);
}

static uint64_t sum_up(uint64_t sum, word value)
{
	return (sum ^ value) * 0x100000001b3ull;
}

void test_random(void)
{
	uint64_t sum = 0xcbf29ce484222325ull;
	word refused = 0;
	state = CONFORM_SEED;
	base = fresh_slot();
	for (word i = 1; i < SLOTS + 16; i++) {
		fresh_slot();
	}
	for (word i = 0; i < SLOTS; i++) {
		kinds[i] = NOTHING;
	}
	mother = make(seL4_UntypedObject, 20);
	must(retype(scratch, seL4_X86_LargePageObject, 0, base + 6), "make a large page");
	set_kind(base + 6, seL4_X86_4K);
	for (word number = 0; number < CONFORM_STEPS; number++) {
		struct step step = { 0 };
		if (number % REFILL == 0) {
			refill();
		}
		make_step(&step);
		if (is_excluded(step.label, step.arguments)) {
			continue;
		}
		word error = invoke(step.cap, step.label, (struct list){ step.caps, step.cap_count },
		                    (struct list){ step.arguments, step.argument_count });
		answer.length = has_secret_words(step.label) ? 0 : answer.length;
		note(&step, error);
		refused += error != 0;
		sum = sum_up(sum, error);
		for (word i = 0; i < answer.length; i++) {
			sum = sum_up(sum, answer.words[i]);
		}
		if (CONFORM_VERBOSE) {
			show_step(number, &step, error);
		}
		if (number % SUMMARY == SUMMARY - 1) {
			print("  ");
			print_number(number + 1);
			print(" calls, ");
			print_number(refused);
			print(" refused, sum ");
			print_hex(sum);
			print("\n");
		}
	}
}
