/* SPDX-License-Identifier: MIT */
/*
 * test_mock_cap.c - capabilities: where the builder puts them, what it refuses, and the
 * bytes of those it knows.
 */
#include "mock_fixture.h"

static struct rig rig;
static struct rb_mock_dev *dev;
static struct rb_pci_addr fn;

/* What a build function does beside its ids, and what that answered. */
static int (*describe)(struct rb_mock_dev *dev);
static int described;

static int build(struct rb_mock_dev *d, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0002;
	rb_mock_ids(d, &ids);
	described = describe(d);
	return 0;
}

/* Plug in a device that @how describes: what rb_mock_add() answered. */
static int plug_in(int (*how)(struct rb_mock_dev *dev))
{
	int rc;

	describe = how;
	rc = rb_mock_add(rig.ctx, "device", build, NULL, &dev);
	if (rc == 0)
		fn = rb_mock_addr(dev);
	return rc;
}

static void assert_detail(const char *part)
{
	if (!strstr(rb_last_error(), part))
		fail_msg("'%s' does not say '%s'", rb_last_error(), part);
}

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_close_clean(&rig);
	return 0;
}

static const uint8_t body[200] = { 0x11, 0x22, 0x33, 0x44 };
static const uint8_t bits[2] = { 0x0f, 0x00 };

static int placed_by_hand(struct rb_mock_dev *d)
{
	assert_int_equal(rb_mock_cap_place(d, 0x80), 0);
	assert_int_equal(rb_mock_cap_raw(d, 0x0b, body, bits, 2), 0x80);
	assert_int_equal(rb_mock_cap_raw(d, 0x0c, body, NULL, 61), 0x40);
	return rb_mock_cap_raw(d, 0x0d, body, NULL, 2);
}

static void a_capability_goes_where_it_is_wanted_and_others_around_it(void **state)
{
	(void)state;
	assert_int_equal(plug_in(placed_by_hand), 0);

	assert_int_equal(described, 0x84);
	assert_int_equal(cfg_read(&rig, fn, 0x34, 1), 0x84);
	assert_int_equal(cfg_read(&rig, fn, 0x84, 4), 0x2211400d);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x2211800c);
	assert_int_equal(cfg_read(&rig, fn, 0x80, 4), 0x2211000b);
	cfg_write(&rig, fn, 0x80, 4, 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x80, 4), 0x221f000b);
}

static int overlapping(struct rb_mock_dev *d)
{
	rb_mock_cap_place(d, 0x60);
	rb_mock_cap_raw(d, 0x0b, body, NULL, 10);
	rb_mock_cap_place(d, 0x68);
	return rb_mock_cap_raw(d, 0x0c, body, NULL, 2);
}

static void overlap_is_refused(void **state)
{
	(void)state;
	assert_int_equal(plug_in(overlapping), -EINVAL);

	assert_int_equal(described, -EINVAL);
	assert_detail("capability 0xc of 4 bytes at 0x68 overlaps another");
}

static int misaligned(struct rb_mock_dev *d)
{
	return rb_mock_cap_place(d, 0x42);
}

static int in_the_header(struct rb_mock_dev *d)
{
	return rb_mock_cap_place(d, 0x3c);
}

static int past_the_end(struct rb_mock_dev *d)
{
	rb_mock_cap_place(d, 0xfc);
	return rb_mock_cap_raw(d, 0x0c, body, NULL, 3);
}

static int at_4096(struct rb_mock_dev *d)
{
	return rb_mock_cap_place(d, 0x100);
}

static void places_that_no_capability_may_have_are_refused(void **state)
{
	(void)state;
	assert_int_equal(plug_in(misaligned), -EINVAL);
	assert_detail("at 0x42 is not at a multiple of 4");
	assert_int_equal(plug_in(in_the_header), -EINVAL);
	assert_detail("at 0x3c is not within 0x40-0xff");
	assert_int_equal(plug_in(at_4096), -EINVAL);
	assert_detail("at 0x100 is not within 0x40-0xff");
	assert_int_equal(plug_in(past_the_end), -EINVAL);
	assert_detail("of 5 bytes at 0xfc passes the end");
}

static int too_many(struct rb_mock_dev *d)
{
	assert_int_equal(rb_mock_cap_raw(d, 0x09, body, NULL, 186), 0x40);
	assert_int_equal(rb_mock_cap_raw(d, 0x09, body, NULL, 2), 0xfc);
	return rb_mock_cap_raw(d, 0x09, body, NULL, 0);
}

static void a_full_space_is_refused(void **state)
{
	(void)state;
	assert_int_equal(plug_in(too_many), -ENOMEM);

	assert_detail("has no 2 bytes left for capability 0x9");
}

static int of_a_vendor(struct rb_mock_dev *d)
{
	assert_int_equal(rb_mock_cap_vendor(d, NULL, NULL, 1), -EINVAL);
	return -1;
}

static int of_a_good_vendor(struct rb_mock_dev *d)
{
	return rb_mock_cap_vendor(d, body, bits, 2);
}

static void a_vendors_capability_tells_its_length(void **state)
{
	(void)state;
	assert_int_equal(plug_in(of_a_vendor), -EINVAL);

	assert_int_equal(plug_in(of_a_good_vendor), 0);

	assert_int_equal(described, 0x40);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x11050009);
	assert_int_equal(cfg_read(&rig, fn, 0x44, 4), 0x00000022);
	cfg_write(&rig, fn, 0x40, 4, 0);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x10050009);
}

static int of_an_endpoint(struct rb_mock_dev *d)
{
	return rb_mock_cap_pcie(d, RB_MOCK_PCIE_FLR);
}

static int of_a_plain_endpoint(struct rb_mock_dev *d)
{
	return rb_mock_cap_pcie(d, 0);
}

static void pci_express_makes_an_endpoint_with_4096_bytes(void **state)
{
	(void)state;
	assert_int_equal(plug_in(of_an_endpoint), 0);

	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x00020010);
	assert_int_equal(cfg_read(&rig, fn, 0x44, 4), 0x10008000);
	assert_int_equal(cfg_read(&rig, fn, 0x4c, 4), 0x00000011);
	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 4096);
	assert_int_equal(cfg_read(&rig, fn, 0x100, 4), 0);
	cfg_write(&rig, fn, 0x100, 4, 5);
	assert_int_equal(cfg_read(&rig, fn, 0xffc, 4), 0);

	assert_int_equal(plug_in(of_a_plain_endpoint), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x44, 4), 0x00008000);
}

static int of_an_old_endpoint(struct rb_mock_dev *d)
{
	rb_mock_cap_place(d, 0xec);
	return rb_mock_cap_pcie(d, RB_MOCK_PCIE_VERSION_1);
}

static int of_an_old_root_port(struct rb_mock_dev *d)
{
	return rb_mock_cap_pcie(d, RB_MOCK_PCIE_VERSION_1 | RB_MOCK_PCIE_ROOT_PORT);
}

static void pci_express_of_version_1_is_20_bytes_of_an_endpoint(void **state)
{
	(void)state;
	assert_int_equal(plug_in(of_an_old_endpoint), 0);
	assert_int_equal(described, 0xec);
	assert_int_equal(cfg_read(&rig, fn, 0xec, 4), 0x00010010);

	assert_int_equal(plug_in(of_an_old_root_port), -EINVAL);
}

static int with_two_of_each(struct rb_mock_dev *d)
{
	assert_int_equal(rb_mock_cap_pm(d, 0), 0x40);
	assert_int_equal(rb_mock_cap_pm(d, 0), -EINVAL);
	assert_int_equal(rb_mock_cap_pm(d, 2), -EINVAL);
	assert_int_equal(rb_mock_cap_pcie(d, 0), 0x48);
	assert_int_equal(rb_mock_cap_pcie(d, 0), -EINVAL);
	return rb_mock_cap_pcie(d, 2);
}

static void there_is_one_of_each_that_the_mock_knows(void **state)
{
	(void)state;
	assert_int_equal(plug_in(with_two_of_each), -EINVAL);

	assert_int_equal(described, -EINVAL);
}

static int quiet(struct rb_mock_dev *d)
{
	(void)d;
	return 0;
}

static void a_device_is_described_while_it_is_built_only(void **state)
{
	(void)state;
	assert_int_equal(plug_in(quiet), 0);

	assert_int_equal(rb_mock_cap_place(dev, 0x40), -EINVAL);
	assert_int_equal(rb_mock_cap_vendor(dev, body, NULL, 1), -EINVAL);
	assert_int_equal(rb_mock_cap_pm(dev, 0), -EINVAL);
	assert_int_equal(rb_mock_cap_pcie(dev, 0), -EINVAL);
	assert_int_equal(rb_mock_cap_msix(dev, 1, 0, 0, 0, 16), -EINVAL);
	assert_int_equal(rb_mock_on_reset(dev, NULL, NULL), -EINVAL);
	assert_int_equal(rb_mock_cap_place(NULL, 0x40), -EINVAL);
	assert_int_equal(rig.m->ops->cfg_size(rig.m, fn), 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_capability_goes_where_it_is_wanted_and_others_around_it, start, stop),
		cmocka_unit_test_setup_teardown(overlap_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(places_that_no_capability_may_have_are_refused,
						start, stop),
		cmocka_unit_test_setup_teardown(a_full_space_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(a_vendors_capability_tells_its_length, start, stop),
		cmocka_unit_test_setup_teardown(pci_express_makes_an_endpoint_with_4096_bytes,
						start, stop),
		cmocka_unit_test_setup_teardown(
			pci_express_of_version_1_is_20_bytes_of_an_endpoint, start, stop),
		cmocka_unit_test_setup_teardown(there_is_one_of_each_that_the_mock_knows, start,
						stop),
		cmocka_unit_test_setup_teardown(a_device_is_described_while_it_is_built_only, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
