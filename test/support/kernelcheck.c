/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/support/kernelcheck.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/slot.h"

#define MEMORY_BYTES_MAX (1u << FAKE_LARGE_MEMORY_BITS)
#define GRANULE      16u
#define SLOTS_MAX    16384u
#define REGIONS_MAX  4096u

#define holds(condition, name) \
	do { \
		if (!(condition)) \
			fail_msg("invariant %s: %s", (name), #condition); \
	} while (0)

struct region {
	struct cte *first;
	word        count;
};

/* Everything that exists, collected from the root CNode on. */
struct world {
	const struct fake *f;
	struct cte        *slots[SLOTS_MAX]; /* that hold something */
	unsigned           slot_count;
	struct region      regions[REGIONS_MAX];
	unsigned           region_count;
	unsigned           queued; /* threads that say they are in a ready queue */
	unsigned           waiting;
	unsigned           schedulable;
	/* Both are marked with the round that they were last seen in, so that they need not be cleared for each. */
	uint8_t            seen[MEMORY_BYTES_MAX / sizeof(struct cte)]; /* slots */
	uint8_t            used[MEMORY_BYTES_MAX / GRANULE];            /* memory of objects */
	uint8_t            round;
};

static bool in_memory(const struct world *w, const void *at)
{
	return (const uint8_t *)at >= w->f->memory && (const uint8_t *)at < w->f->memory + (1u << fake_memory_bits);
}

static word offset_of(const struct world *w, const void *at)
{
	return (word)((const uint8_t *)at - w->f->memory);
}

/* ---- collecting ---- */
static void add_region(struct world *w, struct cte *first, word count)
{
	for (unsigned i = 0; i < w->region_count; i++)
		if (w->regions[i].first == first && w->regions[i].count >= count)
			return;
	assert_true(w->region_count < REGIONS_MAX);
	w->regions[w->region_count++] = (struct region){ first, count };
}

static void add_object_slots(struct world *w, struct cap cap)
{
	if (cap_kind(cap) == CAP_CNODE)
		add_region(w, cap_object(cap), 1ul << cap_cnode_radix(cap));
	else if (cap_kind(cap) == CAP_TCB || (cap_kind(cap) == CAP_ZOMBIE && cap_zombie_is_tcb(cap)))
		add_region(w, cap_object(cap), TCB_SLOT_COUNT);
	else if (cap_kind(cap) == CAP_ZOMBIE)
		add_region(w, cap_object(cap), 1ul << cap_zombie_radix(cap));
}

static void add_slot(struct world *w, struct cte *slot)
{
	if (in_memory(w, slot)) {
		uint8_t *seen = &w->seen[offset_of(w, slot) / sizeof(struct cte)];
		if (*seen == w->round)
			return;
		*seen = w->round;
	} else {
		for (unsigned i = 0; i < w->slot_count; i++)
			if (w->slots[i] == slot)
				return;
	}
	assert_true(w->slot_count < SLOTS_MAX);
	w->slots[w->slot_count++] = slot;
	add_object_slots(w, slot->cap);
}

static void collect(struct world *w)
{
	struct kernel *k = (struct kernel *)&w->f->kernel;
	add_region(w, w->f->cnode, 1ul << FAKE_CNODE_BITS);
	add_region(w, w->f->root->slots, TCB_SLOT_COUNT);
	add_region(w, k->irq_slots, IRQ_COUNT);
	unsigned regions_done = 0;
	unsigned slots_done = 0;
	while (regions_done < w->region_count || slots_done < w->slot_count) {
		for (; regions_done < w->region_count; regions_done++) {
			struct region r = w->regions[regions_done];
			for (word i = 0; i < r.count; i++) {
				if (cte_is_empty(&r.first[i]))
					holds(r.first[i].previous == 0 && r.first[i].next == 0, "T1");
				else
					add_slot(w, &r.first[i]);
			}
		}
		for (; slots_done < w->slot_count; slots_done++) {
			struct cte *slot = w->slots[slots_done];
			if (cte_next(slot) != NULL)
				add_slot(w, cte_next(slot));
			if (cte_previous(slot) != NULL)
				add_slot(w, cte_previous(slot));
		}
	}
}

/* ---- capabilities ---- */
static void check_links(struct cte *slot)
{
	holds(!cte_is_empty(slot), "T1");
	if (cte_next(slot) != NULL)
		holds(cte_previous(cte_next(slot)) == slot, "T2");
	if (cte_previous(slot) != NULL)
		holds(cte_next(cte_previous(slot)) == slot, "T2");
}

/* Objects do not overlap, and capabilities to one form a single run (T4). Called for the first of each run. */
static void claim_memory(struct world *w, struct cte *slot)
{
	unsigned bits = cap_object_bits(slot->cap);
	if (cap_kind(slot->cap) == CAP_UNTYPED || bits == 0 || !in_memory(w, cap_object(slot->cap)))
		return;
	word first = offset_of(w, cap_object(slot->cap)) / GRANULE;
	word count = (1ul << bits) / GRANULE;
	for (word i = 0; i < count; i++) {
		holds(w->used[first + i] != w->round, "T4: one run of capabilities per object, and no two objects in one place");
		w->used[first + i] = w->round;
	}
}

static void check_untyped(const struct cte *slot)
{
	word used = cap_untyped_used_bytes(slot->cap);
	holds(used <= 1ul << cap_untyped_bits(slot->cap), "U2: watermark");
	for (struct cte *child = cte_next(slot); child != NULL && slot_is_parent_of(slot, child); child = cte_next(child)) {
		word end = (word)cap_object(child->cap) - (word)cap_object(slot->cap) + (1ul << cap_object_bits(child->cap));
		holds(end <= used, "U2");
	}
}

static void check_zombie(const struct cte *slot)
{
	struct cap cap = slot->cap;
	const struct cte *inside = cap_object(cap);
	word count = cap_zombie_is_tcb(cap) ? TCB_SLOT_COUNT : 1ul << cap_zombie_radix(cap);
	holds(cap_zombie_slots(cap) <= count, "D2: count");
	for (word i = cap_zombie_slots(cap); i < count; i++)
		holds(cte_is_empty(&inside[i]), "D2");
}

/* ---- queues ---- */
static unsigned check_queue(const struct tcb *head, const struct tcb *tail)
{
	unsigned count = 0;
	const struct tcb *previous = NULL;
	for (const struct tcb *tcb = head; tcb != NULL; tcb = tcb->queue_next) {
		holds(tcb->queue_previous == previous, "queue links");
		holds(++count < 10000, "queue ends");
		previous = tcb;
	}
	holds(previous == tail, "queue tail");
	return count;
}

static void check_by_priority(const struct tcb *head)
{
	for (const struct tcb *tcb = head; tcb != NULL && tcb->queue_next != NULL; tcb = tcb->queue_next)
		holds(tcb->priority >= tcb->queue_next->priority, "waiting threads by priority");
}

static void check_endpoint(const struct endpoint *endpoint)
{
	const struct tcb *head = (const struct tcb *)(endpoint->head & ~3ul);
	word state = endpoint->head & 3;
	holds((state == ENDPOINT_IDLE) == (head == NULL), "E1");
	check_queue(head, (const struct tcb *)endpoint->tail);
	check_by_priority(head);
	for (const struct tcb *tcb = head; tcb != NULL; tcb = tcb->queue_next) {
		holds(tcb->blocked_on == endpoint, "E2");
		holds(tcb->state == (state == ENDPOINT_SENDING ? THREAD_BLOCKED_ON_SEND : THREAD_BLOCKED_ON_RECEIVE), "E2");
	}
}

static void check_notification(const struct notification *n)
{
	holds((n->state == NOTIFICATION_WAITING) == (n->head != NULL), "N1");
	check_queue(n->head, n->tail);
	check_by_priority(n->head);
	for (const struct tcb *tcb = n->head; tcb != NULL; tcb = tcb->queue_next)
		holds(tcb->blocked_on == n && tcb->state == THREAD_BLOCKED_ON_NOTIFICATION, "N2");
	if (n->bound_tcb != NULL)
		holds(n->bound_tcb->bound_notification == n, "N3");
	if (n->sc != NULL)
		holds(n->sc->notification == n, "C1");
}

static void check_reply(const struct reply *reply)
{
	if (reply->tcb == NULL) {
		holds(reply->older == NULL && reply->up == 0, "R2");
		return;
	}
	holds(reply->tcb->reply == reply, "R1");
	holds(reply->tcb->state == THREAD_BLOCKED_ON_REPLY || reply->tcb->state == THREAD_BLOCKED_ON_RECEIVE, "R1");
	if (reply->tcb->state == THREAD_BLOCKED_ON_RECEIVE)
		holds(reply->older == NULL && reply->up == 0, "R2");
	if (reply->older != NULL)
		holds(reply->older->up == (word)reply, "R3: stack");
	if (reply->up & REPLY_UP_IS_SC)
		holds(((struct sched_context *)(reply->up & ~REPLY_UP_IS_SC))->reply == reply, "R3");
	else if (reply->up != 0)
		holds(((struct reply *)reply->up)->older == reply, "R3: stack");
}

static void check_refills(const struct kernel *k, struct sched_context *sc)
{
	holds(sc->refill_head < sc->refill_max && sc->refill_tail < sc->refill_max, "B: ring");
	if (sc_is_round_robin(sc)) {
		holds(sc->refill_max == REFILLS_MIN, "B: round robin");
		return;
	}
	holds(budget_head(sc)->amount >= k->ticks_min, "B3");
	for (word i = sc->refill_head; i != sc->refill_tail;) {
		word next = i + 1 == sc->refill_max ? 0 : i + 1;
		holds(budget_refill(sc, i)->time + budget_refill(sc, i)->amount <= budget_refill(sc, next)->time, "B2");
		i = next;
	}
}

static void check_sc(const struct kernel *k, struct sched_context *sc)
{
	if (sc->tcb != NULL)
		holds(sc->tcb->sc == sc, "C1");
	if (sc->notification != NULL)
		holds(sc->notification->sc == sc, "C1");
	if (sc->reply != NULL)
		holds(sc->reply->up == ((word)sc | REPLY_UP_IS_SC), "R3");
	if (sc->yield_from != NULL)
		holds(sc->yield_from->yield_to == sc, "C2");
	if (sc_is_active(sc))
		check_refills(k, sc);
}

static void check_blocked(const struct tcb *tcb)
{
	const struct tcb *head = NULL;
	if (tcb->state == THREAD_BLOCKED_ON_REPLY) {
		holds(tcb->reply != NULL && tcb->reply->tcb == tcb, "R1");
		return;
	}
	if (tcb->state == THREAD_BLOCKED_ON_NOTIFICATION)
		head = ((struct notification *)tcb->blocked_on)->head;
	else if (thread_is_blocked(tcb))
		head = (struct tcb *)(((struct endpoint *)tcb->blocked_on)->head & ~3ul);
	else
		return;
	while (head != NULL && head != tcb)
		head = head->queue_next;
	holds(head == tcb, "E2, N2: a blocked thread is in the queue");
}

static void check_tcb(struct world *w, const struct tcb *tcb)
{
	const struct kernel *k = &w->f->kernel;
	w->queued += tcb->is_queued;
	w->waiting += tcb->is_waiting_for_budget;
	w->schedulable += thread_is_schedulable(tcb);
	if (thread_is_schedulable(tcb) && tcb != k->current)
		holds(tcb->is_queued, "S3");
	if (tcb->sc != NULL)
		holds(tcb->sc->tcb == tcb, "C1");
	if (tcb->bound_notification != NULL)
		holds(tcb->bound_notification->bound_tcb == tcb, "N3");
	if (tcb->yield_to != NULL)
		holds(tcb->yield_to->yield_from == tcb, "C2");
	if (tcb->reply != NULL)
		holds(tcb->reply->tcb == tcb, "R1");
	check_blocked(tcb);
}

static void check_object(struct world *w, struct cte *slot)
{
	void *object = cap_object(slot->cap);
	switch (cap_kind(slot->cap)) {
	case CAP_TCB: check_tcb(w, object); break;
	case CAP_ENDPOINT: check_endpoint(object); break;
	case CAP_NOTIFICATION: check_notification(object); break;
	case CAP_REPLY: check_reply(object); break;
	case CAP_SCHED_CONTEXT: check_sc(&w->f->kernel, object); break;
	case CAP_UNTYPED: check_untyped(slot); break;
	case CAP_ZOMBIE: check_zombie(slot); break;
	case CAP_IRQ_HANDLER: holds(w->f->kernel.irq_states[cap_irq(slot->cap)] == IRQ_SIGNAL, "I1"); break;
	default: break;
	}
}

/* ---- the scheduler ---- */
static void check_ready_queues(const struct world *w)
{
	const struct kernel *k = &w->f->kernel;
	unsigned count = 0;
	for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
		bool bit = k->ready_words[p / 64] >> p % 64 & 1;
		holds(bit == (k->ready[p].head != NULL), "S2");
		holds((k->ready_summary >> p / 64 & 1) == (k->ready_words[p / 64] != 0), "S2");
		count += check_queue(k->ready[p].head, k->ready[p].tail);
		for (const struct tcb *tcb = k->ready[p].head; tcb != NULL; tcb = tcb->queue_next) {
			holds(tcb->priority == p && tcb->is_queued && thread_is_schedulable(tcb), "S1");
			holds(tcb->priority <= k->current->priority || k->current->yield_to != NULL, "S: the most important thread runs");
		}
	}
	holds(count == w->queued, "S1: count");
	count = check_queue(k->release.head, k->release.tail);
	holds(count == w->waiting, "B4: count");
	for (const struct tcb *tcb = k->release.head; tcb != NULL; tcb = tcb->queue_next) {
		holds(tcb->is_waiting_for_budget && budget_head(tcb->sc)->time > k->now, "B4");
		if (tcb->queue_next != NULL)
			holds(budget_head(tcb->sc)->time <= budget_head(tcb->queue_next->sc)->time, "B4: order");
	}
}

static void check_scheduler(const struct world *w)
{
	const struct kernel *k = &w->f->kernel;
	check_ready_queues(w);
	holds(k->candidate == NULL && !k->must_choose, "S4: nothing left to decide");
	holds(k->current_sc == k->current->sc, "S: the current context is the current thread's");
	if (k->current == &k->idle) {
		holds(w->schedulable == 0, "S3: idle only without work");
	} else {
		holds(thread_is_schedulable(k->current) && !k->current->is_queued, "S: the current thread can run");
		holds(k->current->state == THREAD_RUNNING, "S: the current thread runs");
		holds(k->deadline <= k->now + budget_head(k->current_sc)->amount, "B: a deadline is set");
	}
}

static void check_irqs(const struct world *w)
{
	const struct kernel *k = &w->f->kernel;
	for (unsigned i = 0; i < IRQ_COUNT; i++) {
		bool is_empty = cte_is_empty(&k->irq_slots[i]);
		holds(is_empty || (k->irq_states[i] == IRQ_SIGNAL && cap_kind(k->irq_slots[i].cap) == CAP_NOTIFICATION), "I2");
	}
}

/* One at a time, after every kernel call of every test: memory from the heap would cost more than the checks. */
static struct world *world_new(const struct fake *f)
{
	static struct world world;
	struct world *w = &world;
	if (++w->round == 0) {
		memset(w, 0, sizeof(*w));
		w->round = 1;
	}
	w->f = f;
	w->slot_count = w->region_count = w->queued = w->waiting = w->schedulable = 0;
	collect(w);
	return w;
}

void kernelcheck_all(const struct fake *f)
{
	struct world *w = world_new(f);
	for (unsigned i = 0; i < w->slot_count; i++) {
		struct cte *slot = w->slots[i];
		check_links(slot);
		if (cte_previous(slot) != NULL && cap_is_same_object(cte_previous(slot)->cap, slot->cap))
			continue;
		claim_memory(w, slot);
		check_object(w, slot);
	}
	check_scheduler(w);
	check_irqs(w);
}

void kernelcheck_zero(const struct fake *f)
{
	struct world *w = world_new(f);
	for (unsigned i = 0; i < w->slot_count; i++) {
		struct cap cap = w->slots[i]->cap;
		if (cap_kind(cap) != CAP_UNTYPED || cap_untyped_is_device(cap))
			continue;
		const uint8_t *base = cap_object(cap);
		word bytes = 1ul << cap_untyped_bits(cap);
		word used = cap_untyped_used_bytes(cap);
		if (used < bytes)
			holds(base[used] == 0 && memcmp(base + used, base + used + 1, bytes - used - 1) == 0, "U1");
	}
}

unsigned kernelcheck_cap_count(const struct fake *f)
{
	return world_new(f)->slot_count;
}
