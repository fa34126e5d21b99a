/* SPDX-License-Identifier: MIT */
/*
 * test_mock_irq.c - interrupts of the mock: lines by level, shared and masked,
 * and messages with their enable, mask and pending bits.
 */
#include "mock_fixture.h"

static struct rig rig;

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

static unsigned int line_of(struct rb_mock_dev *dev)
{
	struct rbi_intx intx;

	assert_int_equal(rig.m->ops->intx(rig.m, rb_mock_addr(dev), &intx), 0);
	return intx.line;
}

static bool is_readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 0) == 1;
}

/* --- lines ------------------------------------------------------------------------ */

static void a_line_masks_itself_until_it_is_unmasked(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);

	(void)state;
	assert_int_equal(line_of(dev), 10);

	rb_mock_intx(dev, true);
	rb_mock_intx(dev, false);
	rb_mock_intx(dev, true);
	assert_int_equal(irq_take(&rig, 10), 1);
	assert_int_equal(irq_take(&rig, 10), 0);

	rig.m->ops->irq_unmask(rig.m, 10);
	assert_int_equal(irq_take(&rig, 10), 1);
	rb_mock_intx(dev, false);
	rig.m->ops->irq_unmask(rig.m, 10);
	assert_int_equal(irq_take(&rig, 10), 0);
}

static void devices_share_a_line_and_both_must_be_quiet(void **state)
{
	struct rb_mock_dev *a = plug(&rig, plain_build, NULL), *b;

	(void)state;
	plug(&rig, plain_build, NULL);
	plug(&rig, plain_build, NULL);
	plug(&rig, plain_build, NULL);
	b = plug(&rig, plain_build, NULL);
	assert_int_equal(line_of(a), line_of(b));

	rb_mock_intx(a, true);
	rb_mock_intx(b, true);
	assert_int_equal(irq_take(&rig, 10), 1);
	rb_mock_intx(a, false);
	rig.m->ops->irq_unmask(rig.m, 10);
	assert_int_equal(irq_take(&rig, 10), 1);
	rb_mock_intx(b, false);
	rig.m->ops->irq_unmask(rig.m, 10);
	assert_int_equal(irq_take(&rig, 10), 0);
}

static void the_interrupt_disable_bit_holds_the_pin_but_not_its_status(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);
	struct rb_pci_addr fn = rb_mock_addr(dev);

	(void)state;
	cfg_write(&rig, fn, 0x04, 2, 0x0407);

	rb_mock_intx(dev, true);

	assert_int_equal(irq_take(&rig, 10), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x06, 2) & 8, 8);
	cfg_write(&rig, fn, 0x04, 2, 0x0007);
	assert_int_equal(irq_take(&rig, 10), 1);
	rb_mock_intx(dev, false);
	assert_int_equal(cfg_read(&rig, fn, 0x06, 2) & 8, 0);
}

static void the_pin_chooses_the_line_not_the_line_register(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);
	struct rb_pci_addr fn = rb_mock_addr(dev);

	(void)state;
	assert_int_equal(cfg_read(&rig, fn, 0x3c, 2), 0x010a);

	cfg_write(&rig, fn, 0x3c, 1, 5);
	rb_mock_intx(dev, true);

	assert_int_equal(irq_take(&rig, 5), 0);
	assert_int_equal(irq_take(&rig, 10), 1);
}

static void the_descriptor_is_readable_until_the_take(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);
	int fd;

	(void)state;
	rb_mock_intx(dev, true);

	fd = rig.m->ops->irq_fd(rig.m, 10);

	assert_true(fd >= 0);
	assert_int_equal(rig.m->ops->irq_fd(rig.m, 10), fd);
	assert_true(is_readable(fd));
	assert_int_equal(irq_take(&rig, 10), 1);
	assert_false(is_readable(fd));
	rig.m->ops->irq_unmask(rig.m, 10);
	assert_true(is_readable(fd));
	irq_take(&rig, 10);
}

static void there_are_as_many_interrupts_as_redox_knows(void **state)
{
	uint64_t count;

	(void)state;
	assert_int_equal(rig.m->ops->irq_count(rig.m), 224);
	assert_int_equal(rig.m->ops->irq_fd(rig.m, 224), -EINVAL);
	assert_int_equal(rig.m->ops->irq_take(rig.m, 224, &count), -EINVAL);
	assert_int_equal(rig.m->ops->irq_unmask(rig.m, 16), -EINVAL);
}

static int build_pinless(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 1;
	return rb_mock_ids(dev, &ids);
}

static void a_device_without_pin_or_messages_stays_silent(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, build_pinless, NULL);
	unsigned int n;

	(void)state;
	assert_int_equal(line_of(dev), 0xff);

	rb_mock_intx(dev, true);

	for (n = 0; n < 16; n++)
		assert_int_equal(irq_take(&rig, n), 0);
	assert_int_equal(rb_mock_msi(dev, 0), -EINVAL);
	assert_false(rb_mock_msi_enabled(dev));
}

/* --- messages ------------------------------------------------------------------------ */

static void a_message_arrives_when_enabled_and_counts(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);

	(void)state;
	assert_int_equal(rb_mock_msi(dev, 0), 0);
	assert_false(rb_mock_msi_enabled(dev));

	enable_msi(&rig, rb_mock_addr(dev), 50);

	assert_true(rb_mock_msi_enabled(dev));
	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(irq_take(&rig, 50), 2);
	assert_int_equal(rb_mock_msi(dev, 1), -EINVAL);
}

static void the_last_vector_of_all_works(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);

	(void)state;
	enable_msi(&rig, rb_mock_addr(dev), 223);

	assert_int_equal(rb_mock_msi(dev, 0), 1);

	assert_int_equal(irq_take(&rig, 223), 1);
}

static void without_bus_mastering_a_message_is_lost(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);
	struct rb_pci_addr fn = rb_mock_addr(dev);

	(void)state;
	enable_msi(&rig, fn, 50);
	cfg_write(&rig, fn, 0x04, 2, 0x0003);

	assert_int_equal(rb_mock_msi(dev, 0), 0);

	enable(&rig, fn);
	assert_int_equal(irq_take(&rig, 50), 0);
}

static void messages_to_nowhere_are_violations(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);
	struct rb_pci_addr fn = rb_mock_addr(dev);

	(void)state;
	enable_msi(&rig, fn, 50);
	cfg_write(&rig, fn, 0x44, 4, FRAME);
	assert_int_equal(rb_mock_msi(dev, 0), 0);
	assert_violation(&rig, "MSI 0 goes to address 0x1000000");
	cfg_write(&rig, fn, 0x44, 4, 0xfee00000);
	cfg_write(&rig, fn, 0x48, 4, 1);
	assert_int_equal(rb_mock_msi(dev, 0), 0);
	assert_violation(&rig, "MSI 0 goes to address 0x1fee00000");

	cfg_write(&rig, fn, 0x48, 4, 0);
	cfg_write(&rig, fn, 0x4c, 2, 47);
	assert_int_equal(rb_mock_msi(dev, 0), 0);
	assert_violation(&rig, "vector 47");
}

static int build_masking(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = 1;
	rb_mock_ids(dev, &ids);
	rb_mock_cap_msi(dev, 2, RB_MOCK_MSI_64BIT | RB_MOCK_MSI_MASKING);
	return 0;
}

static void a_masked_message_is_pending_until_unmasked(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, build_masking, NULL);
	struct rb_pci_addr fn = rb_mock_addr(dev);

	(void)state;
	enable_msi(&rig, fn, 60);
	cfg_write(&rig, fn, 0x42, 2, 0x0021);
	cfg_write(&rig, fn, 0x50, 4, 0xffffffff);
	assert_int_equal(cfg_read(&rig, fn, 0x50, 4), 0xf);

	assert_int_equal(rb_mock_msi(dev, 2), 0);
	assert_int_equal(rb_mock_msi(dev, 2), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x54, 4), 4);
	assert_int_equal(irq_take(&rig, 62), 0);

	cfg_write(&rig, fn, 0x50, 4, 0x3);
	assert_int_equal(cfg_read(&rig, fn, 0x54, 4), 0);
	assert_int_equal(irq_take(&rig, 62), 1);
}

static void vectors_wrap_at_what_the_driver_enabled(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, build_masking, NULL);
	struct rb_pci_addr fn = rb_mock_addr(dev);

	(void)state;
	enable_msi(&rig, fn, 60);
	cfg_write(&rig, fn, 0x42, 2, 0x0011);

	assert_int_equal(rb_mock_msi(dev, 0), 1);
	assert_int_equal(rb_mock_msi(dev, 3), 1);
	assert_int_equal(irq_take(&rig, 60), 1);
	assert_int_equal(irq_take(&rig, 61), 1);

	cfg_write(&rig, fn, 0x42, 2, 0x0071);
	assert_int_equal(rb_mock_msi(dev, 3), 1);
	assert_int_equal(irq_take(&rig, 63), 1);
	assert_int_equal(rb_mock_msi(dev, 4), -EINVAL);
}

static void a_mock_takes_redoxs_message_as_it_is(void **state)
{
	struct rb_mock_dev *dev = plug(&rig, plain_build, NULL);
	struct rbi_msg msg = { 0xfee00000, 82 }, hw, back;

	(void)state;
	assert_int_equal(rig.m->ops->msg_connect(rig.m, rb_mock_addr(dev), 0, 1, &msg, &hw), 0);
	rig.m->ops->msg_undo(rig.m, rb_mock_addr(dev), &hw, &back);

	assert_int_equal(hw.addr, msg.addr);
	assert_int_equal(hw.data, msg.data);
	assert_int_equal(back.addr, msg.addr);
	assert_int_equal(back.data, msg.data);
	rb_mock_remove(dev);
	assert_int_equal(rig.m->ops->msg_connect(rig.m, rb_mock_addr(dev), 0, 1, &msg, &hw),
			 -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_masks_itself_until_it_is_unmasked, start,
						stop),
		cmocka_unit_test_setup_teardown(devices_share_a_line_and_both_must_be_quiet, start,
						stop),
		cmocka_unit_test_setup_teardown(
			the_interrupt_disable_bit_holds_the_pin_but_not_its_status, start, stop),
		cmocka_unit_test_setup_teardown(the_pin_chooses_the_line_not_the_line_register,
						start, stop),
		cmocka_unit_test_setup_teardown(the_descriptor_is_readable_until_the_take, start,
						stop),
		cmocka_unit_test_setup_teardown(there_are_as_many_interrupts_as_redox_knows, start,
						stop),
		cmocka_unit_test_setup_teardown(a_device_without_pin_or_messages_stays_silent,
						start, stop),
		cmocka_unit_test_setup_teardown(a_message_arrives_when_enabled_and_counts, start,
						stop),
		cmocka_unit_test_setup_teardown(the_last_vector_of_all_works, start, stop),
		cmocka_unit_test_setup_teardown(without_bus_mastering_a_message_is_lost, start,
						stop),
		cmocka_unit_test_setup_teardown(messages_to_nowhere_are_violations, start, stop),
		cmocka_unit_test_setup_teardown(a_masked_message_is_pending_until_unmasked, start,
						stop),
		cmocka_unit_test_setup_teardown(vectors_wrap_at_what_the_driver_enabled, start,
						stop),
		cmocka_unit_test_setup_teardown(a_mock_takes_redoxs_message_as_it_is, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
