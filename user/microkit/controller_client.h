/* SPDX-License-Identifier: BSD-2-Clause */
/* The caller's side of the controller's protocol (user/controller/protocol.h): one function per verb, over a channel
 * on which the caller may make protected procedure calls. Each returns CONTROLLER_OK or an enum controller_error. */
#pragma once
#include <microkit.h>
#include "user/controller/protocol.h"

/* What came back. */
struct controller_result {
	seL4_Word error;      /* the same as returned */
	seL4_Word generation; /* of the domain's image, after success of all but LIST and LEDGER */
	seL4_Word child;      /* after success of SPAWN and DUPLICATE: the new domain's child id; 0 in a duplicate itself */
	seL4_Word detail;     /* after an error: a status of lib/ or an seL4 error */
	seL4_Word figure[2];  /* after an error: two figures, e.g. needed and available bytes */
};

/* One line of LIST. */
struct controller_domain {
	seL4_Word id, state, generation, program_id, account_bytes;
	seL4_Word swap, reason; /* enum controller_swap_state; if it was rolled back, enum controller_reason */
	seL4_Word kept_bytes;   /* while on probation: what the program before it holds */
};

/* domain: a child id of the controller, or CONTROLLER_SELF. name: at most 63 bytes. argv: argc strings, together with
 * their NULs at most CONTROLLER_ARGUMENT_BYTES; what is too long is CONTROLLER_BAD_REQUEST without a call. result:
 * may be NULL. A swap of the caller's own domain returns only if it was refused. */
seL4_Word controller_load(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                          const char *const argv[], struct controller_result *result);
seL4_Word controller_swap(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                          const char *const argv[], struct controller_result *result);

/* The same, also if a newer version of the program has run: back to an older one. */
seL4_Word controller_load_older(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                                const char *const argv[], struct controller_result *result);
seL4_Word controller_swap_older(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                                const char *const argv[], struct controller_result *result);

/* A swap that can be taken back. The program that was there is kept as it stopped, and comes back if that is asked for, if the new one
 * faults, or if it is not confirmed within deadline_ms (0: no such limit). The new program may confirm for itself, and refuse, as
 * CONTROLLER_SELF: then controller_rollback returns only if it failed. A swap of the caller's own domain returns
 * CONTROLLER_ROLLED_BACK when the caller is back; result->detail is an enum controller_reason. */
seL4_Word controller_swap_on_probation(microkit_channel ch, seL4_Word domain, seL4_Word deadline_ms, const char *name,
                                       unsigned int argc, const char *const argv[], struct controller_result *result);
seL4_Word controller_confirm(microkit_channel ch, seL4_Word domain, struct controller_result *result);
seL4_Word controller_rollback(microkit_channel ch, seL4_Word domain, struct controller_result *result);

seL4_Word controller_stop(microkit_channel ch, seL4_Word domain, struct controller_result *result);
seL4_Word controller_resume(microkit_channel ch, seL4_Word domain, struct controller_result *result);
seL4_Word controller_unload(microkit_channel ch, seL4_Word domain, struct controller_result *result);

/* What a domain is spawned with, beside its program. */
struct controller_connection {
	unsigned int offer;   /* in the order of the description's offers to the controller, or CONTROLLER_OFFER_SELF */
	unsigned int channel; /* the new domain's channel id */
};
struct controller_spawning {
	unsigned int priority, stack_pages;
	seL4_Word budget_us, period_us;
	unsigned int connection_count;
	struct controller_connection connection[CONTROLLER_CONNECTIONS_MAX];
	bool has_no_fpu; /* controller_duplicate: the caller's domain has fpu="false" */
};

/* Makes a domain and loads a program into it; result->child is its id. Too many connections, offers or
 * channels that no word of the message can hold, or words that do not fit it any more, are CONTROLLER_BAD_REQUEST without a call. */
seL4_Word controller_spawn(microkit_channel ch, const struct controller_spawning *spawning, const char *name,
                           unsigned int argc, const char *const argv[], struct controller_result *result);

/* Makes a domain of another one: domain is a child id that is stopped, or CONTROLLER_SELF. Then the call returns twice,
 * once in each domain: result->child tells them apart. spawning: priority, budget and period may be
 * CONTROLLER_SAME_PRIORITY and CONTROLLER_SAME, the stack is not looked at; NULL: all the same, no connections. The
 * control words of the floating-point unit are as before the call in both; its registers are not, as after any call. */
#define CONTROLLER_SAME_PRIORITY 0xffffffffu
seL4_Word controller_duplicate(microkit_channel ch, seL4_Word domain, const struct controller_spawning *spawning,
                               struct controller_result *result);

/* Unloads a spawned domain's program and gives the domain back. */
seL4_Word controller_remove(microkit_channel ch, seL4_Word domain, struct controller_result *result);

/* Fills domains[0..*count), at most count_max; as many calls as that takes. */
seL4_Word controller_list(microkit_channel ch, struct controller_domain domains[], unsigned int count_max,
                          unsigned int *count);

/* Fills words[], by enum controller_ledger_word; words that this controller does not report are 0. */
seL4_Word controller_ledger(microkit_channel ch, seL4_Word words[LEDGER_WORDS]);

/* A short text for an enum controller_error. */
const char *controller_error_text(seL4_Word error);
