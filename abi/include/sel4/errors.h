/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of an invocation: the label of the reply. */
#pragma once

typedef enum {
	seL4_NoError = 0,
	seL4_InvalidArgument = 1,
	seL4_InvalidCapability = 2,
	seL4_IllegalOperation = 3,
	seL4_RangeError = 4,
	seL4_AlignmentError = 5,
	seL4_FailedLookup = 6,
	seL4_TruncatedMessage = 7,
	seL4_DeleteFirst = 8,
	seL4_RevokeFirst = 9,
	seL4_NotEnoughMemory = 10,
	seL4_NumErrors = 11
} seL4_Error;

/* Why a capability lookup failed: first word of a FailedLookup's details and of a CapFault. */
enum seL4_LookupFailureType {
	seL4_NoFailure = 0,
	seL4_InvalidRoot = 1,
	seL4_MissingCapability = 2,
	seL4_DepthMismatch = 3,
	seL4_GuardMismatch = 4
};
