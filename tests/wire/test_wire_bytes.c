/* SPDX-License-Identifier: MIT */
/*
 * test_wire_bytes.c - the bytes of contract 4.7, encoded and decoded.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rbdrv/error.h>

#include "messages.h"

/* --- comparing what was decoded, field by field ---------------------------------------- */

static void assert_same_request(const struct rbi_wire_req *a, const struct rbi_wire_req *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->feature, b->feature);
	assert_int_equal(a->offset, b->offset);
	assert_int_equal(a->value, b->value);
	assert_int_equal(a->msi.has_multi, b->msi.has_multi);
	assert_int_equal(a->msi.multi, b->msi.multi);
	assert_int_equal(a->msi.has_message, b->msi.has_message);
	assert_true(a->msi.addr == b->msi.addr);
	assert_int_equal(a->msi.data, b->msi.data);
	assert_int_equal(a->msi.has_mask, b->msi.has_mask);
	assert_int_equal(a->msi.mask, b->msi.mask);
	assert_int_equal(a->msix.has_function_mask, b->msix.has_function_mask);
	assert_int_equal(a->msix.function_mask, b->msix.function_mask);
}

static void assert_same_function(const struct rbi_wire_function *a,
				 const struct rbi_wire_function *b)
{
	int i;

	assert_int_equal(a->addr.sbdf, b->addr.sbdf);
	for (i = 0; i < RBI_WIRE_BARS; i++) {
		assert_int_equal(a->bars[i].kind, b->bars[i].kind);
		assert_true(a->bars[i].addr == b->bars[i].addr);
		assert_true(a->bars[i].size == b->bars[i].size);
	}
	assert_int_equal(a->rom_field, b->rom_field);
	assert_int_equal(a->has_rom, b->has_rom);
	assert_int_equal(a->rom.addr, b->rom.addr);
	assert_int_equal(a->rom.size, b->rom.size);
	assert_int_equal(a->rom.enabled, b->rom.enabled);
	assert_int_equal(a->has_irq, b->has_irq);
	assert_int_equal(a->irq.irq, b->irq.irq);
	assert_int_equal(a->irq.has_phandle, b->irq.has_phandle);
	assert_int_equal(a->irq.phandle, b->irq.phandle);
	assert_memory_equal(a->irq.words, b->irq.words, sizeof(a->irq.words));
	assert_true(a->irq.cells == b->irq.cells);
	assert_int_equal(a->vendor, b->vendor);
	assert_int_equal(a->device, b->device);
	assert_int_equal(a->class_code, b->class_code);
	assert_int_equal(a->subclass, b->subclass);
	assert_int_equal(a->interface, b->interface);
	assert_int_equal(a->revision, b->revision);
}

static void assert_same_info(const struct rbi_wire_rsp *a, const struct rbi_wire_rsp *b)
{
	if (a->feature == RBI_WIRE_MSI) {
		assert_int_equal(a->u.msi.log2_capable, b->u.msi.log2_capable);
		assert_int_equal(a->u.msi.is_64bit, b->u.msi.is_64bit);
		assert_int_equal(a->u.msi.has_masking, b->u.msi.has_masking);
		return;
	}
	assert_int_equal(a->u.msix.table_bar, b->u.msix.table_bar);
	assert_int_equal(a->u.msix.table_offset, b->u.msix.table_offset);
	assert_int_equal(a->u.msix.table_size, b->u.msix.table_size);
	assert_int_equal(a->u.msix.pba_bar, b->u.msix.pba_bar);
	assert_int_equal(a->u.msix.pba_offset, b->u.msix.pba_offset);
}

static void assert_same_lists(const struct rbi_wire_rsp *a, const struct rbi_wire_rsp *b)
{
	size_t i;

	if (a->kind == RBI_WIRE_ALL_FEATURES) {
		assert_int_equal(a->u.features.count, b->u.features.count);
		for (i = 0; i < a->u.features.count; i++)
			assert_int_equal(a->u.features.list[i], b->u.features.list[i]);
		return;
	}
	assert_int_equal(a->u.vendor.count, b->u.vendor.count);
	for (i = 0; i < a->u.vendor.count; i++) {
		assert_int_equal(a->u.vendor.list[i].len, b->u.vendor.list[i].len);
		if (a->u.vendor.list[i].len > 0)
			assert_memory_equal(a->u.vendor.list[i].data, b->u.vendor.list[i].data,
					    a->u.vendor.list[i].len);
	}
}

static void assert_same_response(const struct rbi_wire_rsp *a, const struct rbi_wire_rsp *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->feature, b->feature);
	switch (a->kind) {
	case RBI_WIRE_CONFIG:
		assert_same_function(&a->u.function, &b->u.function);
		break;
	case RBI_WIRE_ALL_FEATURES:
	case RBI_WIRE_VENDOR_CAPS:
		assert_same_lists(a, b);
		break;
	case RBI_WIRE_FEATURE_STATUS:
		assert_int_equal(a->u.disabled, b->u.disabled);
		break;
	case RBI_WIRE_ERROR:
		assert_int_equal(a->u.error, b->u.error);
		break;
	case RBI_WIRE_FEATURE_INFO_IS:
		assert_same_info(a, b);
		break;
	case RBI_WIRE_CONFIG_VALUE:
		assert_int_equal(a->u.value, b->u.value);
		break;
	default:
		break;
	}
}

/* --- requests ---------------------------------------------------------------------- */

static void every_request_is_written_as_the_contract_says(void **state)
{
	uint8_t expected[MESSAGE_BYTES], got[RBI_WIRE_REQUEST_MAX];
	size_t i, len;

	(void)state;
	for (i = 0; i < request_case_count; i++) {
		len = unhex(request_cases[i].hex, expected, sizeof(expected));

		assert_int_equal(rbi_wire_encode_request(&request_cases[i].req, got, sizeof(got)),
				 len);

		if (memcmp(got, expected, len) != 0)
			fail_msg("%s is written differently", request_cases[i].name);
	}
}

static void every_request_is_read_as_the_contract_says(void **state)
{
	uint8_t bytes[MESSAGE_BYTES];
	struct rbi_wire_req req;
	size_t i, len;

	(void)state;
	for (i = 0; i < request_case_count; i++) {
		len = unhex(request_cases[i].hex, bytes, sizeof(bytes));

		assert_int_equal(rbi_wire_decode_request(bytes, len, &req), 0);

		assert_same_request(&req, &request_cases[i].req);
	}
}

static void bytes_after_a_request_are_ignored_as_pcid_does(void **state)
{
	uint8_t bytes[MESSAGE_BYTES + 3];
	struct rbi_wire_req req;
	size_t i, len;

	(void)state;
	for (i = 0; i < request_case_count; i++) {
		len = unhex(request_cases[i].hex, bytes, MESSAGE_BYTES);
		memset(bytes + len, 0xee, 3);

		assert_int_equal(rbi_wire_decode_request(bytes, len + 3, &req), 0);

		assert_same_request(&req, &request_cases[i].req);
	}
}

static void a_length_in_front_of_a_request_is_a_different_request(void **state)
{
	/* what redox-driver-sys sends before EnableDevice (contract 4.12) */
	static const uint8_t prefix[8] = { 4, 0, 0, 0, 0, 0, 0, 0 };
	struct rbi_wire_req req;

	(void)state;

	assert_int_equal(rbi_wire_decode_request(prefix, sizeof(prefix), &req), 0);

	assert_int_equal(req.kind, RBI_WIRE_ENABLE_FEATURE);
	assert_int_equal(req.feature, RBI_WIRE_MSI);
}

/* --- responses --------------------------------------------------------------------- */

static void every_response_is_written_as_the_contract_says(void **state)
{
	uint8_t expected[MESSAGE_BYTES], got[MESSAGE_BYTES];
	size_t i, len;

	(void)state;
	for (i = 0; i < response_case_count; i++) {
		len = unhex(response_cases[i].hex, expected, sizeof(expected));

		assert_int_equal(rbi_wire_encode_response(&response_cases[i].rsp, got, sizeof(got)),
				 len);

		if (memcmp(got, expected, len) != 0)
			fail_msg("%s is written differently", response_cases[i].name);
	}
}

static void every_response_is_read_as_the_contract_says(void **state)
{
	uint8_t bytes[MESSAGE_BYTES];
	struct rbi_wire_rsp rsp;
	size_t i, len, claimed;

	(void)state;
	for (i = 0; i < response_case_count; i++) {
		len = unhex(response_cases[i].hex, bytes, sizeof(bytes));

		assert_int_equal(rbi_wire_decode_length(bytes, &claimed), 0);
		assert_int_equal(claimed, len - RBI_WIRE_LEN_BYTES);
		assert_int_equal(
			rbi_wire_decode_response(bytes + RBI_WIRE_LEN_BYTES, claimed, &rsp), 0);

		assert_same_response(&rsp, &response_cases[i].rsp);
	}
}

/* --- what cannot be written ---------------------------------------------------------- */

static void a_message_that_does_not_fit_its_buffer_is_refused(void **state)
{
	uint8_t buf[MESSAGE_BYTES], bytes[MESSAGE_BYTES];
	size_t i, len, size;

	(void)state;
	for (i = 0; i < response_case_count; i++) {
		len = unhex(response_cases[i].hex, bytes, sizeof(bytes));
		for (size = 0; size < len; size++)
			assert_int_equal(
				rbi_wire_encode_response(&response_cases[i].rsp, buf, size),
				-ERANGE);
	}
	for (i = 0; i < request_case_count; i++) {
		len = unhex(request_cases[i].hex, bytes, sizeof(bytes));
		for (size = 0; size < len; size++)
			assert_int_equal(rbi_wire_encode_request(&request_cases[i].req, buf, size),
					 -ERANGE);
	}
}

static void a_message_that_has_no_encoding_is_refused(void **state)
{
	struct rbi_wire_req req = { .kind = (enum rbi_wire_request_kind)9 };
	struct rbi_wire_rsp rsp = { .kind = (enum rbi_wire_response_kind)11 };
	struct rbi_wire_function *fn = &rsp.u.function;
	uint8_t buf[512];

	(void)state;
	assert_int_equal(rbi_wire_encode_request(&req, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(rbi_wire_encode_response(&rsp, buf, sizeof(buf)), -EINVAL);

	req.kind = RBI_WIRE_ENABLE_FEATURE;
	req.feature = (enum rbi_wire_feature)2;
	assert_int_equal(rbi_wire_encode_request(&req, buf, sizeof(buf)), -EINVAL);

	rsp.kind = RBI_WIRE_CONFIG;
	fn->bars[0].kind = RBI_WIRE_BAR_MEM32;
	fn->bars[0].size = UINT64_C(1) << 32;
	assert_int_equal(rbi_wire_encode_response(&rsp, buf, sizeof(buf)), -EINVAL);

	fn->bars[0].kind = RBI_WIRE_BAR_PORT;
	fn->bars[0].addr = 0x10000;
	assert_int_equal(rbi_wire_encode_response(&rsp, buf, sizeof(buf)), -EINVAL);

	memset(fn->bars, 0, sizeof(fn->bars));
	fn->has_rom = true;
	assert_int_equal(rbi_wire_encode_response(&rsp, buf, sizeof(buf)), -EINVAL);

	fn->has_rom = false;
	fn->has_irq = true;
	fn->irq.has_phandle = true;
	fn->irq.cells = 4;
	assert_int_equal(rbi_wire_encode_response(&rsp, buf, sizeof(buf)), -EINVAL);

	memset(&rsp, 0, sizeof(rsp));
	rsp.kind = RBI_WIRE_ALL_FEATURES;
	rsp.u.features.count = RBI_WIRE_CAPS_MAX + 1;
	assert_int_equal(rbi_wire_encode_response(&rsp, buf, sizeof(buf)), -EINVAL);
}

/* --- the access endpoint ---------------------------------------------------------------- */

static void an_access_word_has_the_fields_of_the_contract(void **state)
{
	struct rb_pci_addr addr;
	unsigned int off;

	(void)state;
	assert_true(rbi_wire_access_encode(rb_pci_addr_make(1, 2, 3, 4), 0x56) ==
		    (1u << 28 | 2u << 20 | 3u << 15 | 4u << 12 | 0x56u));
	assert_true(rbi_wire_access_encode(rb_pci_addr_make(0xabcd, 0xff, 31, 7), 0xffc) ==
		    0xabcdffffffcu);

	assert_true(rbi_wire_access_decode(0xabcdffffffcu, &addr, &off));
	assert_int_equal(addr.sbdf, 0xabcdffff);
	assert_int_equal(off, 0xffc);
	assert_false(rbi_wire_access_decode(UINT64_C(1) << 44, &addr, &off));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_is_written_as_the_contract_says),
		cmocka_unit_test(every_request_is_read_as_the_contract_says),
		cmocka_unit_test(bytes_after_a_request_are_ignored_as_pcid_does),
		cmocka_unit_test(a_length_in_front_of_a_request_is_a_different_request),
		cmocka_unit_test(every_response_is_written_as_the_contract_says),
		cmocka_unit_test(every_response_is_read_as_the_contract_says),
		cmocka_unit_test(a_message_that_does_not_fit_its_buffer_is_refused),
		cmocka_unit_test(a_message_that_has_no_encoding_is_refused),
		cmocka_unit_test(an_access_word_has_the_fields_of_the_contract),
	};

	return cmocka_run_group_tests_name("wire bytes", tests, NULL, NULL);
}
