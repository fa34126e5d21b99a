/* SPDX-License-Identifier: MIT */
/*
 * messages.h - every pcid message of contract 4.7: its bytes, written by hand from
 * the contract, and what they mean. The wire tests go through them both ways.
 */
#ifndef TESTS_WIRE_MESSAGES_H
#define TESTS_WIRE_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "os/wire.h"

#define MESSAGE_BYTES 128 /* the longest below, with room */

struct request_case {
	const char *name;
	const char *hex;
	struct rbi_wire_req req;
};

struct response_case {
	const char *name;
	const char *hex; /* with the length prefix */
	struct rbi_wire_rsp rsp;
};

extern const struct request_case request_cases[];
extern const size_t request_case_count;
extern const struct response_case response_cases[];
extern const size_t response_case_count;

/* Turn hexadecimal text with spaces into bytes; their number. */
size_t unhex(const char *hex, uint8_t *bytes, size_t size);

#endif
