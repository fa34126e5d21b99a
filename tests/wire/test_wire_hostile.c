/* SPDX-License-Identifier: MIT */
/*
 * test_wire_hostile.c - bytes that no honest pcid or driver sends.
 *
 * Every message is handed over in memory of exactly its size, so that a sanitizer
 * or valgrind sees a read past the end.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/error.h>

#include "messages.h"

#define MUTATIONS 8000 /* of each direction */

/* --- decoding in memory of exact size ---------------------------------------------------- */

static int decode_request(const uint8_t *bytes, size_t len, struct rbi_wire_req *req)
{
	uint8_t *exact = malloc(len ? len : 1);
	int rc;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	rc = rbi_wire_decode_request(exact, len, req);
	free(exact);
	return rc;
}

/* Decodes and, when that works, encodes again: the same bytes must come out. */
static int decode_response(const uint8_t *bytes, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	uint8_t *again = malloc(RBI_WIRE_RESPONSE_MAX);
	struct rbi_wire_rsp rsp;
	int rc;

	assert_non_null(exact);
	assert_non_null(again);
	memcpy(exact, bytes, len);
	rc = rbi_wire_decode_response(exact, len, &rsp);
	if (rc == 0) {
		assert_int_equal(rbi_wire_encode_response(&rsp, again, RBI_WIRE_RESPONSE_MAX),
				 RBI_WIRE_LEN_BYTES + len);
		assert_memory_equal(again + RBI_WIRE_LEN_BYTES, exact, len);
	}
	free(again);
	free(exact);
	return rc;
}

/* The payload of a response case. */
static size_t payload(size_t i, uint8_t *bytes)
{
	uint8_t whole[MESSAGE_BYTES];
	size_t len = unhex(response_cases[i].hex, whole, sizeof(whole));

	assert_true(len > RBI_WIRE_LEN_BYTES);
	memcpy(bytes, whole + RBI_WIRE_LEN_BYTES, len - RBI_WIRE_LEN_BYTES);
	return len - RBI_WIRE_LEN_BYTES;
}

static int decode_hex(const char *hex)
{
	uint8_t bytes[MESSAGE_BYTES];

	return decode_response(bytes, unhex(hex, bytes, sizeof(bytes)));
}

/* --- lengths ----------------------------------------------------------------------- */

static void every_truncation_of_every_request_is_refused(void **state)
{
	uint8_t bytes[MESSAGE_BYTES];
	struct rbi_wire_req req;
	size_t i, len, cut;

	(void)state;
	for (i = 0; i < request_case_count; i++) {
		len = unhex(request_cases[i].hex, bytes, sizeof(bytes));
		for (cut = 0; cut < len; cut++)
			assert_int_equal(decode_request(bytes, cut, &req), -EPROTO);
	}
}

/*
 * A Config of one layout cut in the right place is a Config of the other: only the
 * length tells them apart (contract 4.6). pcid's length prefix is what protects.
 */
static bool is_other_layout(const struct response_case *c, const uint8_t *bytes, size_t cut)
{
	struct rbi_wire_rsp rsp;

	return c->rsp.kind == RBI_WIRE_CONFIG &&
	       rbi_wire_decode_response(bytes, cut, &rsp) == 0 &&
	       rsp.u.function.rom_field != c->rsp.u.function.rom_field;
}

static void every_truncation_of_every_response_is_refused(void **state)
{
	uint8_t bytes[MESSAGE_BYTES];
	size_t i, len, cut;

	(void)state;
	for (i = 0; i < response_case_count; i++) {
		len = payload(i, bytes);
		for (cut = 0; cut < len; cut++)
			if (!is_other_layout(&response_cases[i], bytes, cut))
				assert_int_equal(decode_response(bytes, cut), -EPROTO);
	}
}

static void a_response_followed_by_anything_is_refused(void **state)
{
	uint8_t bytes[2 * MESSAGE_BYTES];
	size_t i, len, more;

	(void)state;
	for (i = 0; i < response_case_count; i++) {
		len = payload(i, bytes);
		memset(bytes + len, 0, MESSAGE_BYTES);
		for (more = 1; more <= 32; more++)
			assert_int_equal(decode_response(bytes, len + more), -EPROTO);
	}
}

static void a_length_prefix_is_bounded_on_both_sides(void **state)
{
	static const struct {
		uint8_t bytes[8];
		int rc;
	} cases[] = {
		{ { 0 }, -EPROTO },
		{ { 3 }, -EPROTO },
		{ { 4 }, 0 },
		{ { 0, 0, 0x10 }, 0 },
		{ { 1, 0, 0x10 }, -EPROTO },
		{ { 0, 0, 0, 0, 1 }, -EPROTO },
		{ { 4, 0, 0, 0, 0, 0, 0, 0x80 }, -EPROTO },
		{ { 255, 255, 255, 255, 255, 255, 255, 255 }, -EPROTO },
	};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(rbi_wire_decode_length(cases[i].bytes, &len), cases[i].rc);
}

static void a_list_that_claims_more_than_it_holds_is_refused(void **state)
{
	(void)state;
	/* features: 3 claimed, 2 there; 2^61; 2^64 - 1 */
	assert_int_equal(decode_hex("02 00 00 00 03 00 00 00 00 00 00 00 "
				    "00 00 00 00 01 00 00 00"), -EPROTO);
	assert_int_equal(decode_hex("02 00 00 00 00 00 00 00 00 00 00 20 "
				    "00 00 00 00 01 00 00 00"), -EPROTO);
	assert_int_equal(decode_hex("02 00 00 00 ff ff ff ff ff ff ff ff"), -EPROTO);
	/* capabilities: 2 claimed, 1 there; one that claims 14 of 13 bytes; 2^64 - 8 */
	assert_int_equal(decode_hex("03 00 00 00 02 00 00 00 00 00 00 00 "
				    "01 00 00 00 00 00 00 00 a0"), -EPROTO);
	assert_int_equal(decode_hex("03 00 00 00 01 00 00 00 00 00 00 00 "
				    "02 00 00 00 00 00 00 00 a0"), -EPROTO);
	assert_int_equal(decode_hex("03 00 00 00 01 00 00 00 00 00 00 00 "
				    "f8 ff ff ff ff ff ff ff a0"), -EPROTO);
}

static void a_list_longer_than_a_function_can_have_is_refused(void **state)
{
	uint8_t bytes[12 + 8 * (RBI_WIRE_CAPS_MAX + 1)] = { RBI_WIRE_VENDOR_CAPS, 0, 0, 0,
							    RBI_WIRE_CAPS_MAX };

	(void)state;

	assert_int_equal(decode_response(bytes, 12 + 8 * RBI_WIRE_CAPS_MAX), 0);

	bytes[4] = RBI_WIRE_CAPS_MAX + 1;
	assert_int_equal(decode_response(bytes, sizeof(bytes)), -EPROTO);
}

/* --- tags, bools, Options ---------------------------------------------------------------- */

static void every_tag_one_past_its_range_is_refused(void **state)
{
	static const char *const requests[] = {
		"09 00 00 00",				/* no such request */
		"04 00 00 00 02 00 00 00",		/* features */
		"05 00 00 00 02 00 00 00",
		"06 00 00 00 02 00 00 00 00 00 00",
		"00 00 00 80",
	};
	static const char *const responses[] = {
		"0b 00 00 00",				/* no such response */
		"02 00 00 00 01 00 00 00 00 00 00 00 02 00 00 00", /* features */
		"04 00 00 00 02 00 00 00",
		"05 00 00 00 02 00 00 00 00 00 00 00",
		"05 00 00 00 00 00 00 00 02 00 00 00",	/* status */
		"06 00 00 00 02 00 00 00",		/* error */
		"06 00 00 00 00 00 00 00 02 00 00 00",
		"07 00 00 00 00 00 00 00 02 00 00 00 00 01 00",
		"08 00 00 00 02 00 00 00",
	};
	uint8_t bytes[MESSAGE_BYTES];
	struct rbi_wire_req req;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		len = unhex(requests[i], bytes, sizeof(bytes));
		assert_int_equal(decode_request(bytes, len, &req), -EPROTO);
	}
	for (i = 0; i < sizeof(responses) / sizeof(responses[0]); i++)
		assert_int_equal(decode_hex(responses[i]), -EPROTO);
}

static void bools_and_options_are_zero_or_one(void **state)
{
	static const char *const requests[] = {
		"06 00 00 00 00 00 00 00 02 00 00 00",
		"06 00 00 00 00 00 00 00 00 02 00",
		"06 00 00 00 00 00 00 00 00 00 ff 00 00 00 00",
		"06 00 00 00 01 00 00 00 02 00",
		"06 00 00 00 01 00 00 00 01 02",
	};
	uint8_t bytes[MESSAGE_BYTES];
	struct rbi_wire_req req;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		len = unhex(requests[i], bytes, sizeof(bytes));
		assert_int_equal(decode_request(bytes, len, &req), -EPROTO);
	}
	assert_int_equal(decode_hex("07 00 00 00 00 00 00 00 00 00 00 00 00 02 00"), -EPROTO);
	assert_int_equal(decode_hex("07 00 00 00 00 00 00 00 00 00 00 00 00 01 02"), -EPROTO);
}

static void information_about_another_feature_is_refused(void **state)
{
	(void)state;
	assert_int_equal(decode_hex("07 00 00 00 01 00 00 00 00 00 00 00 00 01 00"), -EPROTO);
}

/* The same Config with byte @at changed to @byte. */
static int decode_config_with(const char *name, size_t at, uint8_t byte)
{
	uint8_t bytes[MESSAGE_BYTES];
	size_t i, len;

	for (i = 0; i < response_case_count; i++)
		if (strcmp(response_cases[i].name, name) == 0)
			break;
	assert_true(i < response_case_count);
	len = payload(i, bytes);
	assert_true(at < len);
	bytes[at] = byte;
	return decode_response(bytes, len);
}

static void a_config_that_cannot_be_is_refused(void **state)
{
	(void)state;
	/* byte 7: device, 8: function, 9: kind of BAR 0, 43: ROM or interrupt line */
	assert_int_equal(decode_config_with("Config of 2025", 7, 31), 0);
	assert_int_equal(decode_config_with("Config of 2025", 7, 32), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2025", 8, 7), 0);
	assert_int_equal(decode_config_with("Config of 2025", 8, 8), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2025", 9, 4), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2025", 9, 2), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2025", 43, 2), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2025", 43, 0), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2026, no ROM", 43, 1), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2026, ROM at FEB80000", 43, 0), -EPROTO);
	assert_int_equal(decode_config_with("Config of 2026, ROM at FEB80000", 52, 2), -EPROTO);
	/* a device tree's specifier of 0 or 4 words */
	assert_int_equal(decode_config_with("Config of 2025, device-tree interrupt", 62, 0),
			 -EPROTO);
	assert_int_equal(decode_config_with("Config of 2025, device-tree interrupt", 62, 4),
			 -EPROTO);
}

/* --- anything at all --------------------------------------------------------------------- */

/* xorshift32: the same cases on every run and machine. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* One to four bytes changed, and sometimes the length. */
static size_t mutate(uint8_t *bytes, size_t len, uint32_t *seed)
{
	static const uint8_t nasty[] = { 0, 1, 2, 3, 9, 11, 27, 0x7f, 0x80, 0xff };
	uint32_t changes = next_random(seed) % 4 + 1;

	while (changes-- > 0) {
		uint32_t r = next_random(seed);

		bytes[r % len] = r & 0x10000 ? nasty[(r >> 20) % sizeof(nasty)] :
					       (uint8_t)(r >> 20);
	}
	if (next_random(seed) % 4 == 0)
		len = next_random(seed) % (MESSAGE_BYTES + 1);
	return len;
}

static void whatever_decodes_as_a_response_encodes_to_the_same_bytes(void **state)
{
	uint8_t bytes[MESSAGE_BYTES];
	uint32_t seed = 0x5eed0001;
	unsigned int i, good = 0;
	size_t len;
	int rc;

	(void)state;
	for (i = 0; i < MUTATIONS; i++) {
		memset(bytes, 0, sizeof(bytes));
		len = payload(i % response_case_count, bytes);
		len = mutate(bytes, len, &seed);

		rc = decode_response(bytes, len); /* encodes again by itself */

		assert_true(rc == 0 || rc == -EPROTO);
		good += rc == 0;
	}
	/* a loop that only ever sees refusals, or none, would prove nothing */
	assert_in_range(good, MUTATIONS / 20, MUTATIONS - MUTATIONS / 20);
}

static void whatever_decodes_as_a_request_encodes_to_the_same_bytes(void **state)
{
	uint8_t bytes[MESSAGE_BYTES], again[RBI_WIRE_REQUEST_MAX];
	uint32_t seed = 0x5eed0002;
	struct rbi_wire_req req;
	unsigned int i, good = 0;
	size_t len;
	int rc, used;

	(void)state;
	for (i = 0; i < MUTATIONS; i++) {
		memset(bytes, 0, sizeof(bytes));
		len = unhex(request_cases[i % request_case_count].hex, bytes, sizeof(bytes));
		len = mutate(bytes, len, &seed);

		rc = decode_request(bytes, len, &req);

		assert_true(rc == 0 || rc == -EPROTO);
		if (rc < 0)
			continue;
		good++;
		used = rbi_wire_encode_request(&req, again, sizeof(again));
		assert_in_range(used, 4, len);
		assert_memory_equal(again, bytes, (size_t)used);
	}
	assert_in_range(good, MUTATIONS / 20, MUTATIONS - MUTATIONS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_truncation_of_every_request_is_refused),
		cmocka_unit_test(every_truncation_of_every_response_is_refused),
		cmocka_unit_test(a_response_followed_by_anything_is_refused),
		cmocka_unit_test(a_length_prefix_is_bounded_on_both_sides),
		cmocka_unit_test(a_list_that_claims_more_than_it_holds_is_refused),
		cmocka_unit_test(a_list_longer_than_a_function_can_have_is_refused),
		cmocka_unit_test(every_tag_one_past_its_range_is_refused),
		cmocka_unit_test(bools_and_options_are_zero_or_one),
		cmocka_unit_test(information_about_another_feature_is_refused),
		cmocka_unit_test(a_config_that_cannot_be_is_refused),
		cmocka_unit_test(whatever_decodes_as_a_response_encodes_to_the_same_bytes),
		cmocka_unit_test(whatever_decodes_as_a_request_encodes_to_the_same_bytes),
	};

	return cmocka_run_group_tests_name("wire hostile", tests, NULL, NULL);
}
