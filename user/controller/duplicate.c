/* SPDX-License-Identifier: BSD-2-Clause */
/* DUPLICATE: a domain like SPAWN makes one, whose image is made of another domain's image. That one, the source, does not run
 * meanwhile: it is stopped, or its program waits for the answer to this very request.
 *
 * A right, not a habit: the description says how many duplicates of a domain may live at a time. A duplicate's duplicates count for the
 * same domain, so whatever they do there are no more of its family. Domains that SPAWN made share one such number.
 *
 * Invariants: U1 between the first and the last step the source neither runs nor changes (verbs.c and job.c ask job_copies). U2 a domain
 * that asks for itself gets nothing that it has not: priority, share of the processor, connections. */
#include "user/controller/controller.h"

/* ---- the right ---- */

/* A family is what shares one right: a domain of the description and all that comes of it, or whatever was spawned. */
static uint32_t family_of(uint32_t domain)
{
	return domain_is_spawned(domain) ? domain_spawned(domain)->family : domain;
}

static uint32_t family_right(uint32_t family)
{
	return family == FAMILY_SPAWNED ? controller.grant->spawn_duplicates : controller.grant->domain[family].duplicates;
}

static uint32_t family_duplicates(uint32_t family)
{
	uint32_t count = 0;

	for (uint32_t i = controller.grant->domain_count; i < domain_seats(); i++)
		count += domain_is_there(i) && domain_spawned(i)->is_duplicate && domain_spawned(i)->family == family;
	return count;
}

static bool refuse_duplicate(struct answer *answer, enum controller_error error, seL4_Word figure0, seL4_Word figure1)
{
	*answer = answer_error(error, 0, figure0, figure1);
	return false;
}

/* ---- checks ---- */

/* Can this domain be duplicated at all, and now? */
static bool check_source(const struct request *request, struct answer *answer)
{
	const struct record_domain *record = domain_record(request->domain);
	uint32_t right = family_right(family_of(request->domain)), live = family_duplicates(family_of(request->domain));

	if (record->state != (request->by_self ? CONTROLLER_RUNNING : CONTROLLER_STOPPED))
		return refuse_duplicate(answer, CONTROLLER_WRONG_STATE, record->state, 0);
	if (right == 0)
		return refuse_duplicate(answer, CONTROLLER_NO_RIGHT, 0, 0);
	if (domain_grant(request->domain)->map_count != 0)
		return refuse_duplicate(answer, CONTROLLER_HAS_REGIONS, domain_grant(request->domain)->map_count, 0);
	if (live >= right)
		return refuse_duplicate(answer, CONTROLLER_NO_DUPLICATES, live + 1u, right);
	return true;
}

/* U2: offers are agreements with the controller, not with its domains. */
static bool check_self(const struct grant_domain *source, const struct spawn_request *spawn, struct answer *answer)
{
	if (spawn->priority > source->priority)
		return refuse_duplicate(answer, CONTROLLER_BAD_PRIORITY, spawn->priority, source->priority);
	if (spawn->budget_us > source->budget_us || spawn->period_us < source->period_us)
		return refuse_duplicate(answer, CONTROLLER_NOT_ALLOWED, 0, 0);
	for (uint32_t i = 0; i < spawn->connection_count; i++) {
		if (spawn->connection[i].offer != CONTROLLER_OFFER_SELF)
			return refuse_duplicate(answer, CONTROLLER_NOT_ALLOWED, i, 0);
	}
	return true;
}

/* What is as the source's. */
static void inherit(uint32_t domain, struct spawn_request *spawn)
{
	const struct grant_domain *source = domain_grant(domain);

	if (spawn->priority == SPAWN_SAME_PRIORITY)
		spawn->priority = source->priority;
	if (spawn->budget_us == SPAWN_SAME)
		spawn->budget_us = source->budget_us;
	if (spawn->period_us == SPAWN_SAME)
		spawn->period_us = source->period_us;
	spawn->stack_pages = source->stack_pages;
	spawn->flags = source->flags & SYSTEM_FPU_OFF;
	spawn->is_duplicate = true;
	spawn->family = family_of(domain);
}

bool duplicate_start(struct request *request, seL4_CPtr asker, struct answer *answer)
{
	uint32_t source = request->domain;

	if (jobs_are_full() || job_is_on(source))
		return refuse_duplicate(answer, CONTROLLER_BUSY, 0, 0);
	if (!check_source(request, answer))
		return false;
	inherit(source, &request->spawn);
	if (request->by_self && !check_self(domain_grant(source), &request->spawn, answer))
		return false;
	if (!spawn_open(&request->spawn, &request->domain, answer))
		return false;
	request->source = source;
	job_start_duplicate(request, asker);
	return true;
}
