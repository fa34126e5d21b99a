/* SPDX-License-Identifier: MIT */
/* test_mmio_map.c - windows of BARs: which there are, and what is left when one fails. */
#include "config.h"

#include "mmio_fixture.h"

static void a_length_of_zero_is_the_rest_of_the_bar(void **state)
{
	struct rb_mmio *m = map(0x1008, 0);

	(void)state;

	assert_int_equal(rb_mmio_size(m), FAKE_BAR_SIZE - 0x1008);
	assert_int_equal(w->map_off, FAKE_BAR_ADDR + 0x1000);
	rb_mmio_close(m);
}

static void a_window_need_not_begin_on_a_page(void **state)
{
	struct rb_mmio *m = map(0x808, 16);

	(void)state;
	memcpy(bar(0x80c), "\x78\x56\x34\x12", 4);

	assert_int_equal(rb_mmio_read32(m, 4), 0x12345678);
	rb_mmio_write8(m, 15, 0xab);
	assert_int_equal(*bar(0x817), 0xab);
	rb_mmio_close(m);
}

static void windows_that_are_not_in_the_bar_are_refused(void **state)
{
	static const struct {
		unsigned int bar;
		uint64_t off, len;
		unsigned int flags;
		int code;
	} bad[] = {
		{ 0, 0, FAKE_BAR_SIZE + 1, 0, -ERANGE },
		{ 0, FAKE_BAR_SIZE, 0, 0, -ERANGE },
		{ 0, FAKE_BAR_SIZE - 8, 9, 0, -ERANGE },
		{ 0, 8, UINT64_MAX - 7, 0, -ERANGE },
		{ 0, UINT64_MAX - 7, 8, 0, -ERANGE },
		{ 0, 4, 8, 0, -EINVAL },
		{ 0, 0, 8, 4, -EINVAL },
		{ 0, 0, 8, RB_MMIO_WC | RB_MMIO_WB, -EINVAL },
		{ 1, 0, 8, 0, -ENOENT },
		{ 2, 0, 8, 0, -ENOENT },
		{ 6, 0, 8, 0, -ENOENT },
		{ UINT32_MAX, 0, 8, 0, -ENOENT },
	};
	struct rb_mmio *m;
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		m = (struct rb_mmio *)w;
		assert_int_equal(
			rb_mmio_map(dev, bad[i].bar, bad[i].off, bad[i].len, bad[i].flags, &m),
			bad[i].code);
		assert_null(m);
	}
	assert_int_equal(rb_mmio_map(NULL, 0, 0, 0, 0, &m), -EINVAL);
	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, 0, NULL), -EINVAL);
}

static void a_bar_at_address_zero_is_absurd(void **state)
{
	struct rb_pci_dev *unassigned;
	struct rb_mmio *m;

	(void)state;
	rb_pci_unref(dev);
	w->bar_addr = 0;
	unassigned = fake_device(w);

	assert_int_equal(rb_mmio_map(unassigned, 0, 0, 0, 0, &m), -ERANGE);

	dev = unassigned;
}

static void the_cache_type_is_the_one_asked_for(void **state)
{
	struct rb_mmio *m;

	(void)state;

	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_WC | RB_MMIO_DIRECT, &m), 0);

	assert_int_equal(rb_mmio_cache(m), RB_MMIO_WC);
	assert_non_null(strstr(w->opened, "physical@wc"));
	rb_mmio_close(m);
}

static void a_routed_window_is_uncached_whatever_was_asked_for(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();

	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_WC, &m), 0);

	assert_int_equal(rb_mmio_cache(m), RB_MMIO_UC);
	rb_mmio_close(m);
}

static void a_direct_window_is_refused_where_accesses_are_routed(void **state)
{
	struct rb_mmio *m;

	(void)state;
	route_everything();
	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_DIRECT, &m), -ENOTSUP);
	w->direct = 4096 + 8;
	assert_int_equal(rb_mmio_map(dev, 0, 4096, 16, RB_MMIO_DIRECT, &m), 0);
	rb_mmio_close(m);
	assert_int_equal(rb_mmio_map(dev, 0, 4096, 4096 + 16, RB_MMIO_DIRECT, &m), -ENOTSUP);

	assert_null(m);
	assert_int_equal(w->maps, 0);
}

static void a_mapping_that_nothing_leads_to_is_given_back(void **state)
{
	struct rb_mmio *m;

	(void)state;
	w->direct = 0;

	assert_int_equal(rb_mmio_map(dev, 0, 0, 0, 0, &m), -EIO);
	assert_int_equal(w->maps, 0);
}

static void a_map_that_fails_anywhere_leaves_nothing(void **state)
{
	struct rb_mmio *m;
	unsigned int nth;
	const int *err;
	int rc;

	(void)state;

	for (nth = 1; nth <= 2; nth++) {
		for (err = fake_errnos; *err; err++) {
			fake_fail(w, nth, *err);
			rc = rb_mmio_map(dev, 0, 0, 0, 0, &m);
			assert_true(rc == -EACCES || rc == -ENOTSUP || rc == -ENODEV ||
				    rc == -ENOMEM || rc == -EIO ||
				    (rc == 0 && *err == EINTR));
			rb_mmio_close(m);
			assert_int_equal(w->maps, 0);
			assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 1);
		}
	}
}

static void a_map_survives_having_no_memory(void **state)
{
	struct rb_mmio *m;
	unsigned int n;

	(void)state;

	for (n = 1; n <= 2; n++) {
		rbi_alloc_fail_at(n);
		assert_int_equal(rb_mmio_map(dev, 0, 0, 0, 0, &m), -ENOMEM);
		assert_int_equal(w->maps, 0);
	}
	assert_int_equal(rbi_alloc_fail_at(0), 2);
}

static void a_window_outlives_the_drivers_reference_to_the_device(void **state)
{
	struct rb_mmio *m = map(0, 0);
	char lines[128];

	(void)state;
	rb_pci_unref(dev);
	assert_int_equal(rb_ctx_live(w->ctx, lines, sizeof(lines)), 2);
	assert_non_null(strstr(lines, "window of BAR0 of 0000:00:02.0\n"));

	rb_mmio_write32(m, 0, 7);
	assert_int_equal(rb_mmio_read32(m, 0), 7);

	rb_mmio_close(m);
	assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 0);
	dev = fake_device(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_length_of_zero_is_the_rest_of_the_bar),
		TEST(a_window_need_not_begin_on_a_page),
		TEST(windows_that_are_not_in_the_bar_are_refused),
		TEST(a_bar_at_address_zero_is_absurd),
		TEST(the_cache_type_is_the_one_asked_for),
		TEST(a_routed_window_is_uncached_whatever_was_asked_for),
		TEST(a_direct_window_is_refused_where_accesses_are_routed),
		TEST(a_mapping_that_nothing_leads_to_is_given_back),
		TEST(a_map_that_fails_anywhere_leaves_nothing),
		TEST(a_map_survives_having_no_memory),
		TEST(a_window_outlives_the_drivers_reference_to_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
