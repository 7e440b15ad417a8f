/* SPDX-License-Identifier: BSD-2-Clause */
/* TCBs, IPC, notifications, scheduling contexts. */
#include "test/boot/conform/conform.h"

#define ROOT  seL4_CapInitThreadCNode
#define SPACE seL4_CapInitThreadVSpace
#define SELF  seL4_CapInitThreadTCB

/* ---- TCB ---- */
static void show_registers(word tcb, word count)
{
	show("read registers", invoke(tcb, TCBReadRegisters, LIST(), LIST(0, count)));
}

static void test_registers(void)
{
	word tcb = make(seL4_TCBObject, 0), other = make(seL4_TCBObject, 0), words[2 + CONTEXT_WORDS + 5];
	show_registers(tcb, CONTEXT_WORDS);
	for (word i = 0; i < 2 + CONTEXT_WORDS + 5; i++) {
		words[i] = 0x1000 + i;
	}
	words[0] = 0;
	words[1] = CONTEXT_WORDS;
	show("write", invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ words, 2 + CONTEXT_WORDS }));
	show_registers(tcb, CONTEXT_WORDS);
	words[4] = ~0ul; /* flags */
	words[2] = NOT_CANONICAL;
	words[3] = NOT_CANONICAL + (NOT_CANONICAL >> 3); /* the stack pointer */
	words[2 + CONTEXT_WORDS - 2] = NOT_CANONICAL;    /* fs_base */
	words[2 + CONTEXT_WORDS - 1] = 0 - NOT_CANONICAL; /* gs_base */
	show("write what may not be", invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ words, 2 + CONTEXT_WORDS }));
	show_registers(tcb, CONTEXT_WORDS);
	words[4] = 0;
	words[2] = KERNEL_ADDRESS;
	words[2 + CONTEXT_WORDS - 2] = ~0ul;
	show("write in the kernel", invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ words, 2 + CONTEXT_WORDS }));
	show_registers(tcb, CONTEXT_WORDS);
	words[1] = 3;
	words[2] = 0x77;
	show("write three", invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ words, 5 }));
	show_registers(tcb, CONTEXT_WORDS);
	words[1] = CONTEXT_WORDS + 5;
	show("write too many", invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ words, 2 + CONTEXT_WORDS + 5 }));
	words[1] = CONTEXT_WORDS;
	show("write fewer than said", invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ words, 10 }));
	show("write none", invoke(tcb, TCBWriteRegisters, LIST(), LIST(0, 0)));
	show("write to oneself", invoke(SELF, TCBWriteRegisters, LIST(), LIST(0, 0)));
	show("read oneself", invoke(SELF, TCBReadRegisters, LIST(), LIST(0, 1)));
	show("read none", invoke(tcb, TCBReadRegisters, LIST(), LIST(0, 0)));
	show("read too many", invoke(tcb, TCBReadRegisters, LIST(), LIST(0, CONTEXT_WORDS + 1)));
	show_registers(tcb, 5);
	show("read with suspend", invoke(tcb, TCBReadRegisters, LIST(), LIST(1, 2)));
	for (word flags = 0; flags < 16; flags++) {
		show("copy registers", invoke(other, TCBCopyRegisters, LIST(tcb), LIST(flags)));
		show_registers(other, CONTEXT_WORDS);
	}
	show("copy from itself", invoke(tcb, TCBCopyRegisters, LIST(tcb), LIST(12)));
	show("copy from a frame", invoke(tcb, TCBCopyRegisters, LIST(make(seL4_X86_4K, 0)), LIST(12)));
	show("copy, no source", invoke(tcb, TCBCopyRegisters, LIST(), LIST(12)));
	show("tls base", invoke(tcb, TCBSetTLSBase, LIST(), LIST(0x123456)));
	show_registers(tcb, CONTEXT_WORDS);
	show("flags", invoke(tcb, TCBSetFlags, LIST(), LIST(0, 1)));
	show("flags", invoke(tcb, TCBSetFlags, LIST(), LIST(0, ~0ul)));
	show("flags", invoke(tcb, TCBSetFlags, LIST(), LIST(1, 0)));
	show("flags, one word", invoke(tcb, TCBSetFlags, LIST(), LIST(1)));
}

static void test_configure(void)
{
	word tcb = make(seL4_TCBObject, 0), frame = make(seL4_X86_4K, 0), large = make(seL4_X86_LargePageObject, 0);
	word endpoint = make(seL4_EndpointObject, 0), vspace = make(seL4_X86_VSpaceObject, 0), read_only = mint(frame, 2,
		0);
	show("configure", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(0, 0, 0x1000)));
	show("unaligned buffer", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(0, 0, 0x1008)));
	show("buffer inside its page", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(0, 0, 0x1c00)));
	show("no buffer", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, 0), LIST(0, 0, 0x1001)));
	show("no buffer address", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(0, 0, 0)));
	show("buffer is an endpoint", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, endpoint), LIST(0, 0, 0x1000)));
	show("read-only buffer", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, read_only), LIST(0, 0, 0x1000)));
	show("large buffer", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, large), LIST(0, 0, 0x1000)));
	show("no cspace", invoke(tcb, TCBConfigure, LIST(0, SPACE, frame), LIST(0, 0, 0x1000)));
	show("cspace is an endpoint", invoke(tcb, TCBConfigure, LIST(endpoint, SPACE, frame), LIST(0, 0, 0x1000)));
	show("no vspace", invoke(tcb, TCBConfigure, LIST(ROOT, 0, frame), LIST(0, 0, 0x1000)));
	show("vspace is a frame", invoke(tcb, TCBConfigure, LIST(ROOT, frame, frame), LIST(0, 0, 0x1000)));
	show("vspace without ASID", invoke(tcb, TCBConfigure, LIST(ROOT, vspace, frame), LIST(0, 0, 0x1000)));
	show("guard data", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(abi_cnode_data(0,
		ROOT_DEPTH - ROOT_BITS), 0, 0x1000)));
	show("guard data too long", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(abi_cnode_data(0,
		ROOT_DEPTH - 4), 0, 0x1000)));
	show("vspace data", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(0, 5, 0x1000)));
	show("two capabilities", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE), LIST(0, 0, 0x1000)));
	show("two words", invoke(tcb, TCBConfigure, LIST(ROOT, SPACE, frame), LIST(0, 0)));
	show("set buffer", invoke(tcb, TCBSetIPCBuffer, LIST(frame), LIST(0x2000)));
	show("set buffer, none", invoke(tcb, TCBSetIPCBuffer, LIST(0), LIST(0)));
	show("set buffer, unaligned", invoke(tcb, TCBSetIPCBuffer, LIST(frame), LIST(0x2100)));
	show("set space", invoke(tcb, TCBSetSpace, LIST(endpoint, ROOT, SPACE), LIST(0, 0)));
	show("set space, handler without rights", invoke(tcb, TCBSetSpace, LIST(mint(endpoint, 1, 0), ROOT, SPACE),
	                                                 LIST(0, 0)));
	show("set space, handler without grant", invoke(tcb, TCBSetSpace, LIST(mint(endpoint, 3, 0), ROOT, SPACE),
	                                                LIST(0, 0)));
	show("set space, handler with grant reply", invoke(tcb, TCBSetSpace, LIST(mint(endpoint, 9, 0), ROOT, SPACE),
	                                                   LIST(0, 0)));
	show("set space, handler a frame", invoke(tcb, TCBSetSpace, LIST(frame, ROOT, SPACE), LIST(0, 0)));
	show("set space, no handler", invoke(tcb, TCBSetSpace, LIST(0, ROOT, SPACE), LIST(0, 0)));
	show("set space, one word", invoke(tcb, TCBSetSpace, LIST(0, ROOT, SPACE), LIST(0)));
	show("timeout handler", invoke(tcb, TCBSetTimeoutEndpoint, LIST(endpoint), LIST()));
	show("timeout handler a frame", invoke(tcb, TCBSetTimeoutEndpoint, LIST(frame), LIST()));
	show("timeout handler without rights", invoke(tcb, TCBSetTimeoutEndpoint, LIST(mint(endpoint, 2, 0)), LIST()));
	show("timeout handler none", invoke(tcb, TCBSetTimeoutEndpoint, LIST(0), LIST()));
}

static void test_priorities(void)
{
	word tcb = make(seL4_TCBObject, 0), low = make(seL4_TCBObject, 0), endpoint = make(seL4_EndpointObject, 0);
	word sc = make(seL4_SchedContextObject, seL4_MinSchedContextBits), bare = make(seL4_SchedContextObject,
		seL4_MinSchedContextBits);
	must(invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(sc), LIST(TIME(10000), TIME(10000), 0, 0,
		0)), "budget");
	show("priority", invoke(tcb, TCBSetPriority, LIST(SELF), LIST(100)));
	show("priority 256", invoke(tcb, TCBSetPriority, LIST(SELF), LIST(256)));
	show("priority very large", invoke(tcb, TCBSetPriority, LIST(SELF), LIST(VERY_LARGE)));
	show("mcp", invoke(low, TCBSetMCPriority, LIST(SELF), LIST(10)));
	show("priority by a low authority", invoke(tcb, TCBSetPriority, LIST(low), LIST(11)));
	show("priority by a low authority", invoke(tcb, TCBSetPriority, LIST(low), LIST(10)));
	show("mcp by a low authority", invoke(tcb, TCBSetMCPriority, LIST(low), LIST(11)));
	show("authority an endpoint", invoke(tcb, TCBSetPriority, LIST(endpoint), LIST(1)));
	show("no authority", invoke(tcb, TCBSetPriority, LIST(), LIST(1)));
	show("parameters", invoke(tcb, TCBSetSchedParams, LIST(SELF, sc, endpoint), LIST(10, 20)));
	show("parameters again", invoke(tcb, TCBSetSchedParams, LIST(SELF, sc, endpoint), LIST(10, 20)));
	show("parameters, second context", invoke(tcb, TCBSetSchedParams, LIST(SELF, bare, endpoint), LIST(10, 20)));
	show("parameters, context of another", invoke(low, TCBSetSchedParams, LIST(SELF, sc, endpoint), LIST(10, 20)));
	show("parameters, unconfigured context", invoke(low, TCBSetSchedParams, LIST(SELF, bare, endpoint), LIST(10, 20)));
	show("parameters, no context", invoke(tcb, TCBSetSchedParams, LIST(SELF, 0, endpoint), LIST(10, 20)));
	show("parameters, context a tcb", invoke(tcb, TCBSetSchedParams, LIST(SELF, low, endpoint), LIST(10, 20)));
	show("parameters, no handler", invoke(tcb, TCBSetSchedParams, LIST(SELF, sc, 0), LIST(10, 20)));
	show("parameters, handler a tcb", invoke(tcb, TCBSetSchedParams, LIST(SELF, sc, low), LIST(10, 20)));
	show("parameters, too high", invoke(tcb, TCBSetSchedParams, LIST(SELF, sc, 0), LIST(10, 256)));
	show("parameters, mcp too high", invoke(tcb, TCBSetSchedParams, LIST(low, sc, 0), LIST(11, 1)));
	show("parameters, two capabilities", invoke(tcb, TCBSetSchedParams, LIST(SELF, sc), LIST(10, 20)));
	show("own context", invoke(SELF, TCBSetSchedParams, LIST(SELF, 0, 0), LIST(255, 255)));
}

static void test_binding(void)
{
	word tcb = make(seL4_TCBObject, 0), other = make(seL4_TCBObject, 0), notification = make(seL4_NotificationObject,
		0);
	show("unbind nothing", invoke(tcb, TCBUnbindNotification, LIST(), LIST()));
	show("bind without the right", invoke(tcb, TCBBindNotification, LIST(mint(notification, 1, 0)), LIST()));
	show("bind an endpoint", invoke(tcb, TCBBindNotification, LIST(make(seL4_EndpointObject, 0)), LIST()));
	show("bind nothing", invoke(tcb, TCBBindNotification, LIST(), LIST()));
	show("bind", invoke(tcb, TCBBindNotification, LIST(notification), LIST()));
	show("bind again", invoke(tcb, TCBBindNotification, LIST(notification), LIST()));
	show("bind another", invoke(tcb, TCBBindNotification, LIST(make(seL4_NotificationObject, 0)), LIST()));
	show("bind it to another", invoke(other, TCBBindNotification, LIST(notification), LIST()));
	show("unbind", invoke(tcb, TCBUnbindNotification, LIST(), LIST()));
	show("bind badged", invoke(other, TCBBindNotification, LIST(mint(notification, 3, 9)), LIST()));
	delete(other);
	show("bind after the other's deletion", invoke(tcb, TCBBindNotification, LIST(notification), LIST()));
}

static volatile word counter;
static word count_at; /* the notification that count_and_wait waits for */

static void count_and_wait(word argument)
{
	counter += argument;
	struct registers wait = { .number = (word)seL4_SysWait, .cap = count_at };
	enter(&wait);
	counter += 0x100;
	for (;;) {
		counter += 0x10000;
		enter(&wait);
	}
}

static void test_life(void)
{
	struct thread thread;
	word notification = make(seL4_NotificationObject, 0);
	counter = 0;
	count_at = notification;
	make_thread(&thread, 0, count_and_wait, 1, 100, 0);
	show_number("before resume", counter & 0xffffff);
	resume(&thread);
	show_number("not yet", counter & 0xffffff);
	settle();
	show_number("ran", counter & 0xffffff);
	show("resume a waiting one", invoke(thread.tcb, TCBResume, LIST(), LIST()));
	settle();
	show_number("still waits", counter & 0xffffff);
	show("suspend", invoke(thread.tcb, TCBSuspend, LIST(), LIST()));
	show("signal", invoke(notification, 0, LIST(), LIST()));
	settle();
	show_number("suspended", counter & 0xffffff);
	show("resume", invoke(thread.tcb, TCBResume, LIST(), LIST()));
	settle();
	show_number("restarted its wait", counter & 0xffffff);
	word registers[] = { 1, 3, (word)count_and_wait, 0, 0x202 };
	show("stop by writing nothing", invoke(thread.tcb, TCBReadRegisters, LIST(), LIST(1, 0)));
	(void)registers;
	drop_thread(&thread);
}

void test_tcb(void)
{
	test_registers();
	test_configure();
	test_priorities();
	test_binding();
	test_life();
}

/* ---- IPC ---- */
#define LONG 10

static void test_messages(void)
{
	struct thread thread;
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0), badged = mint(endpoint, 15, 0x77);
	struct list words = LIST(0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9);
	make_client(&thread, 0, 100, 0);
	set_call(0, (word)seL4_SysSend, badged, 5, 0, words);
	set_call(0, (word)seL4_SysNBSend, badged, 6, 0, LIST(1, 2));
	set_call(0, (word)seL4_SysCall, badged, 7, 0, LIST(3));
	set_call(0, (word)seL4_SysCall, endpoint, ~0ul >> 12, 0, LIST());
	set_call(0, (word)seL4_SysCall, mint(endpoint, 1, 0x55), 8, 0, LIST(4));
	set_call(0, (word)seL4_SysNBSend, mint(endpoint, 2, 0x56), 9, 0, LIST(5));
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("long send");
	settle();
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("non-blocking receive finds a call");
	settle();
	exchange((word)seL4_SysReplyRecv, endpoint, 0x11, LIST(), words, reply, 0);
	show_answer("next call, after a long reply");
	send((word)seL4_SysSend, reply, 0x12, LIST(), LIST(9, 8, 7, 6, 5));
	send((word)seL4_SysSend, reply, 0x13, LIST(), LIST(1));
	settle();
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("without rights nothing is called");
	settle();
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("nothing more");
	show_script(0);
	for (word i = 4; i < LONG; i++) {
		show_number("  in its buffer", thread.buffer->msg[i]);
	}
	drop_thread(&thread);
}

/* Capabilities travel: granted, unwrapped, without grant, to no slot, to an occupied slot. */
static void test_transfer(void)
{
	struct thread thread;
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0), granting = mint(endpoint, 15,
		0x21);
	word stingy = mint(endpoint, 3, 0x22), frame = make(seL4_X86_4K, 0), slot = fresh_slot();
	buffer->receiveCNode = ROOT;
	buffer->receiveIndex = slot;
	buffer->receiveDepth = ROOT_DEPTH;
	make_client(&thread, 0, 100, 0);
	thread.buffer->caps_or_badges[0] = frame;
	thread.buffer->caps_or_badges[1] = granting;
	thread.buffer->caps_or_badges[2] = stingy;
	set_call(0, (word)seL4_SysSend, granting, 1, 3, LIST(1, 2));
	set_call(0, (word)seL4_SysSend, stingy, 2, 3, LIST(1));
	set_call(0, (word)seL4_SysSend, granting, 3, 1, LIST());
	set_call(0, (word)seL4_SysSend, granting, 4, 1, LIST());
	set_call(0, (word)seL4_SysCall, granting, 5, 2, LIST());
	set_call(0, (word)seL4_SysCall, mint(endpoint, 9, 0x23), 6, 1, LIST());
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("frame, then two unwrapped");
	show("the frame arrived", invoke(slot, X86PageUnmap, LIST(), LIST()));
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("without grant");
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("slot occupied");
	delete(slot);
	buffer->receiveDepth = 3;
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("slot of a wrong depth");
	buffer->receiveDepth = ROOT_DEPTH;
	thread.buffer->caps_or_badges[0] = granting;
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("an unwrapped one and another");
	thread.buffer->receiveCNode = ROOT;
	thread.buffer->receiveIndex = slot;
	thread.buffer->receiveDepth = ROOT_DEPTH;
	delete(slot);
	exchange((word)seL4_SysReplyRecv, endpoint, 0, LIST(make(seL4_X86_4K, 0)), LIST(1), reply, 0);
	show_answer("grant reply only");
	show("the reply's frame arrived", invoke(slot, X86PageUnmap, LIST(), LIST()));
	delete(slot);
	send((word)seL4_SysSend, reply, 1, LIST(frame), LIST());
	settle();
	show("no frame through it", invoke(slot, X86PageUnmap, LIST(), LIST()));
	show_script(0);
	drop_thread(&thread);
}

static void test_queues(void)
{
	struct thread threads[3];
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0);
	for (unsigned i = 0; i < 3; i++) {
		make_client(&threads[i], i, 100 + (i == 1), 0);
		set_call(i, (word)seL4_SysCall, mint(endpoint, 15, i + 1), i, 0, LIST(i));
		resume(&threads[i]);
	}
	settle();
	show("delete a caller", invoke(ROOT, CNodeDelete, LIST(), LIST(threads[0].tcb, ROOT_DEPTH)));
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("first in the queue");
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("reply object used again: the first caller is lost");
	send((word)seL4_SysSend, reply, 0, LIST(), LIST(0x99));
	settle();
	show_script(1);
	show_script(2);
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("empty");
	drop_thread(&threads[1]);
	drop_thread(&threads[2]);
}

/* Cancelling the sends of one badge; deleting an endpoint or a reply object with threads on it. */
static void test_cancel(void)
{
	struct thread threads[3];
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0), badged[3];
	for (unsigned i = 0; i < 3; i++) {
		make_client(&threads[i], i, 100, 0);
		badged[i] = mint(endpoint, 15, i == 1 ? 7 : 8);
		set_call(i, (word)seL4_SysSend, badged[i], i, 0, LIST(i));
		set_call(i, (word)seL4_SysCall, badged[i], i, 0, LIST(i));
		resume(&threads[i]);
	}
	settle();
	show("cancel badge 8", invoke(ROOT, CNodeCancelBadgedSends, LIST(), LIST(badged[0], ROOT_DEPTH)));
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("first left");
	settle();
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("restarted");
	show("delete the reply object", invoke(ROOT, CNodeDelete, LIST(), LIST(reply, ROOT_DEPTH)));
	show("delete the endpoint", invoke(ROOT, CNodeRevoke, LIST(), LIST(endpoint, ROOT_DEPTH)));
	show("delete the endpoint", invoke(ROOT, CNodeDelete, LIST(), LIST(endpoint, ROOT_DEPTH)));
	settle();
	for (unsigned i = 0; i < 3; i++) {
		show_script(i);
		drop_thread(&threads[i]);
	}
}

static void test_combined(void)
{
	struct thread thread;
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0),
		notification = make(seL4_NotificationObject, 0);
	word second = make(seL4_EndpointObject, 0);
	make_client(&thread, 0, 100, 0);
	set_call(0, (word)seL4_SysNBSendWait, endpoint, 1, 0, LIST(1, 2));
	scripts[0].calls[0].reply = notification;
	set_call(0, (word)seL4_SysNBSendRecv, endpoint, 2, 0, LIST(3));
	scripts[0].calls[1].second = second;
	scripts[0].calls[1].reply = reply;
	set_call(0, (word)seL4_SysCall, endpoint, 3, 0, LIST(5));
	set_call(0, (word)seL4_SysNBWait, endpoint, 0, 0, LIST());
	set_call(0, (word)seL4_SysYield, endpoint, 0xabc, 0, LIST(1, 2, 3, 4));
	resume(&thread);
	settle();
	show_number("waits", scripts[0].done);
	receive((word)seL4_SysNBWait, notification, 0);
	show_answer("signalled by the combined call");
	send((word)seL4_SysSend, endpoint, 0x31, LIST(), LIST(1, 2, 3, 4, 5));
	settle();
	show_number("goes on", scripts[0].done);
	send((word)seL4_SysNBSend, endpoint, 0x32, LIST(), LIST(1));
	settle();
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer("called");
	send((word)seL4_SysSend, reply, 0x33, LIST(), LIST());
	settle();
	show_script(0);
	drop_thread(&thread);
}

void test_ipc(void)
{
	test_messages();
	test_transfer();
	test_queues();
	test_cancel();
	test_combined();
}

/* ---- notifications ---- */
static void poll(word notification)
{
	receive((word)seL4_SysNBWait, notification, 0);
	show_answer("poll");
}

void test_notification(void)
{
	struct thread thread;
	word notification = make(seL4_NotificationObject, 0), one = mint(notification, 15, 1), six = mint(notification,
		15, 6);
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0);
	poll(notification);
	send((word)seL4_SysSend, one, 0, LIST(), LIST());
	send((word)seL4_SysNBSend, six, 0, LIST(), LIST());
	poll(notification);
	poll(notification);
	show("signal by a call", invoke(six, 0, LIST(), LIST(1, 2)));
	poll(one);
	show("call without the right", invoke(mint(notification, 2, 3), 0, LIST(), LIST()));
	poll(notification);
	receive((word)seL4_SysNBRecv, notification, 0);
	show_answer("receive on a notification");
	make_client(&thread, 0, 100, 0);
	set_call(0, (word)seL4_SysWait, notification, 0, 0, LIST());
	set_call(0, (word)seL4_SysRecv, endpoint, 0, 0, LIST());
	scripts[0].calls[1].reply = reply;
	set_call(0, (word)seL4_SysRecv, endpoint, 0, 0, LIST());
	scripts[0].calls[2].reply = reply;
	must(invoke(thread.tcb, TCBBindNotification, LIST(notification), LIST()), "bind");
	resume(&thread);
	settle();
	send((word)seL4_SysSend, six, 0, LIST(), LIST());
	settle();
	send((word)seL4_SysSend, one, 0, LIST(), LIST());
	settle();
	show_number("woken in its receive", scripts[0].done);
	show("unbind while it receives", invoke(thread.tcb, TCBUnbindNotification, LIST(), LIST()));
	send((word)seL4_SysSend, six, 0, LIST(), LIST());
	settle();
	show_number("not woken", scripts[0].done);
	show_script(0);
	drop_thread(&thread);
}

/* ---- scheduling contexts ---- */
static word configure(word sc, uint64_t budget, uint64_t period, word refills, word badge, word flags)
{
	return invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(sc), LIST(TIME(budget), TIME(period),
		refills, badge, flags));
}

static void test_contexts(void)
{
	word sc = make(seL4_SchedContextObject, seL4_MinSchedContextBits), large = make(seL4_SchedContextObject, 10);
	word tcb = make(seL4_TCBObject, 0), notification = make(seL4_NotificationObject, 0),
		endpoint = make(seL4_EndpointObject, 0);
	show("budget over period", configure(sc, 2000, 1000, 0, 0, 0));
	show_error("budget 0", configure(sc, 0, 1000, 0, 0, 0));
	show_error("budget 19", configure(sc, 19, 1000, 0, 0, 0));
	show("budget 20", configure(sc, 20, 1000, 0, 0, 0));
	show_error("period 19", configure(sc, 19, 19, 0, 0, 0));
	show("one refill too many", configure(sc, 500, 1000, 1, 0, 0));
	show("refills of a large one", configure(large, 500, 1000, 30, 0, 0));
	for (word refills = 50; refills < 60; refills++) {
		show("many refills", configure(large, 500, 1000, refills, 0, 0));
	}
	show("sporadic", configure(large, 500, 1000, 4, 0x1234, 1));
	show("flags unknown", configure(large, 500, 1000, 4, 0x1234, ~0ul));
	show("very long", configure(sc, 1ull << 40, 1ull << 40, 0, 0, 0));
	show_error("too long", configure(sc, 1ull << 62, 1ull << 62, 0, 0, 0));
	show("four words", invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(sc), LIST(TIME(1), TIME(1),
		1, 1)));
	show("of a tcb", configure(tcb, 1000, 1000, 0, 0, 0));
	show("nothing", invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(), LIST(TIME(1), TIME(1), 1, 1,
		1)));
	show("bind a tcb", invoke(sc, SchedContextBind, LIST(tcb), LIST()));
	show("bind it again", invoke(sc, SchedContextBind, LIST(tcb), LIST()));
	show("second context for it", invoke(large, SchedContextBind, LIST(tcb), LIST()));
	show("bind a notification as well", invoke(sc, SchedContextBind, LIST(notification), LIST()));
	show("unbind another", invoke(sc, SchedContextUnbindObject, LIST(make(seL4_TCBObject, 0)), LIST()));
	show("unbind a notification", invoke(sc, SchedContextUnbindObject, LIST(notification), LIST()));
	show("unbind it", invoke(sc, SchedContextUnbindObject, LIST(tcb), LIST()));
	show("unbind it again", invoke(sc, SchedContextUnbindObject, LIST(tcb), LIST()));
	show("bind a notification", invoke(sc, SchedContextBind, LIST(notification), LIST()));
	show("and a tcb", invoke(sc, SchedContextBind, LIST(tcb), LIST()));
	show("second context for the notification", invoke(large, SchedContextBind, LIST(notification), LIST()));
	show("bind an endpoint", invoke(large, SchedContextBind, LIST(endpoint), LIST()));
	show("unbind", invoke(sc, SchedContextUnbind, LIST(), LIST()));
	show("unbind again", invoke(sc, SchedContextUnbind, LIST(), LIST()));
	show("unbind my own", invoke(seL4_CapInitThreadSC, SchedContextUnbind, LIST(), LIST()));
	show("unbind me", invoke(seL4_CapInitThreadSC, SchedContextUnbindObject, LIST(SELF), LIST()));
	show("consumed", invoke(sc, SchedContextConsumed, LIST(), LIST()));
	show("yield to an unbound", invoke(sc, SchedContextYieldTo, LIST(), LIST()));
	show("yield to my own", invoke(seL4_CapInitThreadSC, SchedContextYieldTo, LIST(), LIST()));
}

/* A passive server: it runs on its caller's context. */
static void test_passive(void)
{
	struct thread server, client;
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0),
		ready = make(seL4_NotificationObject, 0);
	make_client(&server, 0, 110, 0);
	set_call(0, (word)seL4_SysNBSendRecv, endpoint, 0, 0, LIST());
	scripts[0].calls[0].second = ready;
	scripts[0].calls[0].reply = reply;
	set_call(0, (word)seL4_SysReplyRecv, endpoint, 3, 0, LIST(0x51));
	scripts[0].calls[1].reply = reply;
	set_call(0, (word)seL4_SysReplyRecv, endpoint, 4, 0, LIST(0x52));
	scripts[0].calls[2].reply = reply;
	resume(&server);
	receive((word)seL4_SysWait, ready, 0);
	show("take its context away", invoke(server.sc, SchedContextUnbind, LIST(), LIST()));
	make_client(&client, 1, 100, 0);
	set_call(1, (word)seL4_SysCall, mint(endpoint, 15, 5), 1, 0, LIST(0x41));
	set_call(1, (word)seL4_SysCall, mint(endpoint, 15, 6), 2, 0, LIST(0x42));
	resume(&client);
	settle();
	show_script(0);
	show_script(1);
	drop_thread(&server);
	drop_thread(&client);
}

void test_sched(void)
{
	test_contexts();
	test_passive();
}
