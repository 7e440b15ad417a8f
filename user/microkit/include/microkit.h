/* SPDX-License-Identifier: BSD-2-Clause */
/* Microkit's programming interface (2.3, x86_64; on i386 the same with fewer channels): a program gives init and notified, and
 * protected and fault if it is called or has children; the rest is here. The capability layout is Microkit's, so that a
 * program does not see who built its system.
 *
 * A channel, interrupt or port that the description did not give is refused with a line on the console and no effect;
 * a refusal by the kernel of something the description did give ends the program by a fault whose address is the
 * error. */
#pragma once
#include <sel4/sel4.h>

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef unsigned int microkit_ioport;
typedef seL4_MessageInfo_t microkit_msginfo;

/* Slots of a domain's CSpace. */
#define MONITOR_EP                   5
#define BASE_OUTPUT_NOTIFICATION_CAP 10
#define BASE_ENDPOINT_CAP            74
#define BASE_IRQ_CAP                 138
#define BASE_TCB_CAP                 202
#define BASE_VM_TCB_CAP              266 /* these two stay empty: no virtual machines */
#define BASE_VCPU_CAP                330
#define BASE_IOPORT_CAP              394
#define BASE_USER_CAPS               458

#define PD_ROOT_CAP_BITS             6
#define PD_ROOT_CAP_SIZE             (1ull << PD_ROOT_CAP_BITS)
#define MICROKIT_MAX_CHANNELS        (seL4_BadgeBits - 2) /* 62; i386: 26 */
#define MICROKIT_MAX_CHANNEL_ID      (MICROKIT_MAX_CHANNELS - 1)
#define MICROKIT_MAX_IOPORT_ID       MICROKIT_MAX_CHANNELS
#define MICROKIT_PD_NAME_LENGTH      64

/* ---- given by the program ---- */
void init(void);
void notified(microkit_channel ch);
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);
/* Returns whether to resume the child; then *reply_msginfo and the message registers are the reply. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);

/* ---- set by whoever builds the system, before the program starts ---- */
extern char microkit_name[MICROKIT_PD_NAME_LENGTH];
extern seL4_Bool microkit_passive;
extern seL4_Word microkit_irqs, microkit_notifications, microkit_pps, microkit_ioports; /* which ids exist: bitmaps */

/* ---- a signal that the main loop sends together with its next wait ---- */
extern seL4_Bool microkit_have_signal;
extern seL4_CPtr microkit_signal_cap;
extern seL4_MessageInfo_t microkit_signal_msg;

/* ---- text on the console ---- */
void microkit_dbg_putc(int c);
void microkit_dbg_puts(const char *text);
void microkit_dbg_put8(seL4_Uint8 x);
void microkit_dbg_put32(seL4_Uint32 x);

/* Ends the program by a fault at address error. */
void microkit_internal_crash(seL4_Error error);

/* Says that function was given an id it has no right to. */
void microkit_refuse(const char *function, unsigned int id);
/* Says that the kernel refused what function asked, and ends the program; does nothing for seL4_NoError. */
void microkit_expect(const char *function, seL4_Error error);

static inline seL4_Bool microkit_id_is_set(seL4_Word bitmap, unsigned int id, unsigned int id_max)
{
	return id <= id_max && (bitmap >> id & 1) != 0;
}

/* ---- channels ---- */
static inline void microkit_notify(microkit_channel ch)
{
	if (microkit_id_is_set(microkit_notifications, ch, MICROKIT_MAX_CHANNEL_ID))
		seL4_Signal(BASE_OUTPUT_NOTIFICATION_CAP + ch);
	else
		microkit_refuse("microkit_notify", ch);
}

static inline void microkit_irq_ack(microkit_channel ch)
{
	if (microkit_id_is_set(microkit_irqs, ch, MICROKIT_MAX_CHANNEL_ID))
		(void)seL4_IRQHandler_Ack(BASE_IRQ_CAP + ch);
	else
		microkit_refuse("microkit_irq_ack", ch);
}

static inline microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo)
{
	if (microkit_id_is_set(microkit_pps, ch, MICROKIT_MAX_CHANNEL_ID))
		return seL4_Call(BASE_ENDPOINT_CAP + ch, msginfo);
	microkit_refuse("microkit_ppcall", ch);
	return seL4_MessageInfo_new(0, 0, 0, 0);
}

static inline void microkit_deferred_notify(microkit_channel ch)
{
	if (!microkit_id_is_set(microkit_notifications, ch, MICROKIT_MAX_CHANNEL_ID)) {
		microkit_refuse("microkit_deferred_notify", ch);
		return;
	}
	microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
	microkit_signal_cap = BASE_OUTPUT_NOTIFICATION_CAP + ch;
	microkit_have_signal = seL4_True;
}

static inline void microkit_deferred_irq_ack(microkit_channel ch)
{
	if (!microkit_id_is_set(microkit_irqs, ch, MICROKIT_MAX_CHANNEL_ID)) {
		microkit_refuse("microkit_deferred_irq_ack", ch);
		return;
	}
	microkit_signal_msg = seL4_MessageInfo_new(IRQAckIRQ, 0, 0, 0);
	microkit_signal_cap = BASE_IRQ_CAP + ch;
	microkit_have_signal = seL4_True;
}

/* ---- messages ---- */
static inline microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count)
{
	return seL4_MessageInfo_new(label, 0, 0, count);
}

static inline seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo)
{
	return seL4_MessageInfo_get_label(msginfo);
}

static inline seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo)
{
	return seL4_MessageInfo_get_length(msginfo);
}

static inline void microkit_mr_set(seL4_Uint8 mr, seL4_Word value)
{
	seL4_SetMR(mr, value);
}

static inline seL4_Word microkit_mr_get(seL4_Uint8 mr)
{
	return seL4_GetMR(mr);
}

/* ---- children: the domain that is their parent stops and starts them ---- */
static inline void microkit_pd_stop(microkit_child child)
{
	microkit_expect("microkit_pd_stop", seL4_TCB_Suspend(BASE_TCB_CAP + child));
}

static inline void microkit_pd_resume(microkit_child child)
{
	microkit_expect("microkit_pd_resume", seL4_TCB_Resume(BASE_TCB_CAP + child));
}

static inline void microkit_pd_restart(microkit_child child, seL4_Word entry_point)
{
	seL4_UserContext context = { .SEL4_CONTEXT_IP = entry_point };

	microkit_expect("microkit_pd_restart", seL4_TCB_WriteRegisters(BASE_TCB_CAP + child, seL4_True, 0, 1, &context));
}

/* ---- I/O ports ---- */
static inline void microkit_x86_ioport_write_8(microkit_ioport id, seL4_Word port, seL4_Word data)
{
	if (microkit_id_is_set(microkit_ioports, id, MICROKIT_MAX_IOPORT_ID))
		microkit_expect("microkit_x86_ioport_write_8", seL4_X86_IOPort_Out8(BASE_IOPORT_CAP + id, port, data));
	else
		microkit_refuse("microkit_x86_ioport_write_8", id);
}

static inline void microkit_x86_ioport_write_16(microkit_ioport id, seL4_Word port, seL4_Word data)
{
	if (microkit_id_is_set(microkit_ioports, id, MICROKIT_MAX_IOPORT_ID))
		microkit_expect("microkit_x86_ioport_write_16", seL4_X86_IOPort_Out16(BASE_IOPORT_CAP + id, port, data));
	else
		microkit_refuse("microkit_x86_ioport_write_16", id);
}

static inline void microkit_x86_ioport_write_32(microkit_ioport id, seL4_Word port, seL4_Word data)
{
	if (microkit_id_is_set(microkit_ioports, id, MICROKIT_MAX_IOPORT_ID))
		microkit_expect("microkit_x86_ioport_write_32", seL4_X86_IOPort_Out32(BASE_IOPORT_CAP + id, port, data));
	else
		microkit_refuse("microkit_x86_ioport_write_32", id);
}

static inline seL4_Uint8 microkit_x86_ioport_read_8(microkit_ioport id, seL4_Word port)
{
	if (!microkit_id_is_set(microkit_ioports, id, MICROKIT_MAX_IOPORT_ID)) {
		microkit_refuse("microkit_x86_ioport_read_8", id);
		return 0;
	}
	seL4_X86_IOPort_In8_t in = seL4_X86_IOPort_In8(BASE_IOPORT_CAP + id, (seL4_Uint16)port);
	microkit_expect("microkit_x86_ioport_read_8", (seL4_Error)in.error);
	return in.result;
}

static inline seL4_Uint16 microkit_x86_ioport_read_16(microkit_ioport id, seL4_Word port)
{
	if (!microkit_id_is_set(microkit_ioports, id, MICROKIT_MAX_IOPORT_ID)) {
		microkit_refuse("microkit_x86_ioport_read_16", id);
		return 0;
	}
	seL4_X86_IOPort_In16_t in = seL4_X86_IOPort_In16(BASE_IOPORT_CAP + id, (seL4_Uint16)port);
	microkit_expect("microkit_x86_ioport_read_16", (seL4_Error)in.error);
	return in.result;
}

static inline seL4_Uint32 microkit_x86_ioport_read_32(microkit_ioport id, seL4_Word port)
{
	if (!microkit_id_is_set(microkit_ioports, id, MICROKIT_MAX_IOPORT_ID)) {
		microkit_refuse("microkit_x86_ioport_read_32", id);
		return 0;
	}
	seL4_X86_IOPort_In32_t in = seL4_X86_IOPort_In32(BASE_IOPORT_CAP + id, (seL4_Uint16)port);
	microkit_expect("microkit_x86_ioport_read_32", (seL4_Error)in.error);
	return in.result;
}

/* ---- extra capabilities that the description puts into the root CNode: the CPtr of a slot, seL4_CapNull if out of
 * range ---- */
static inline seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot)
{
	return slot == 0 || slot >= PD_ROOT_CAP_SIZE ? seL4_CapNull : slot << (seL4_WordBits - PD_ROOT_CAP_BITS);
}
