/* SPDX-License-Identifier: MIT */
/*
 * test_nic82574_twin.c - the mock's 82574L beside QEMU's: both as they are after power-on and a
 * reset. What differs is listed here, with the reason.
 *
 * Neither is the chip; but the two were written by people who did not know each other, from
 * the same data sheet.
 */
#include "config.h"

#include <rbdrv/mock_cmocka.h>

#include <errno.h>
#include <string.h>

#include <rbdrv/host.h>
#include <rbdrv/rbdrv.h>

#include "nic82574.h"

/* Bits that need not be equal. */
static const struct difference {
	const char *name;
	uint32_t bits;
} differences[] = {
	/* SLU: on QEMU as if firmware had been there. Bit 18 is no bit of this chip. Bit 3 is to
	 * be 1 (data sheet 10.2.2.1), and was on an 82573. */
	{ "CTRL", 0x00040048 },
	{ "STATUS", 0x00000002 }, /* as SLU */
	/* Padding, collisions: no use to QEMU. An 82573 had bits 28 and 29 under a driver that
	 * does not set them. */
	{ "TCTL", 0x3003f0f8 },
	{ NULL, 0 }
};

struct twin {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
};

static void close_twin(struct twin *t)
{
	rb_mmio_close(t->regs);
	rb_pci_unref(t->dev);
	rb_ctx_unref(t->ctx);
}

static void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

static void open_twin(struct twin *t, const char *machine)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list = NULL;
	int rc;

	memset(t, 0, sizeof(*t));
	register_nic82574();
	rc = rb_ctx_new(machine, &t->ctx);
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	filter.vendor = 0x8086;
	filter.device = 0x10d3;
	assert_ok(rb_pci_scan(t->ctx, &filter, &list));
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_ok(rb_pci_open(t->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &t->dev));
	rb_pci_list_close(list);
	assert_ok(rb_mmio_map(t->dev, 0, 0, 0, RB_MMIO_UC, &t->regs));

	rb_mmio_write32(t->regs, NIC_CTRL, rb_mmio_read32(t->regs, NIC_CTRL) | NIC_CTRL_RST);
	rb_delay_us(t->ctx, 20000);
}

static uint32_t may_differ(const char *name)
{
	const struct difference *d;

	for (d = differences; d->name != NULL; d++) {
		if (strcmp(d->name, name) == 0)
			return d->bits;
	}
	return 0;
}

/* What a driver can read of it, and count on. */
static uint32_t specified(const struct rb_mock_reg *reg)
{
	if (reg->offset == NIC_MTA || reg->offset == NIC_VFTA)
		return 0; /* undefined after a reset */
	return (uint32_t)(reg->rw | reg->ro | reg->w1c | reg->rc) & ~may_differ(reg->name);
}

static void both_have_the_same_registers_after_a_reset(void **state)
{
	const struct rb_mock_reg *reg;
	struct twin mock, qemu;
	uint32_t i, mask, a, b;
	uint64_t off;

	(void)state;
	open_twin(&qemu, "qemu:e1000e,netdev=n0;net.n0=dgram");
	open_twin(&mock, "mock:e1000e,netdev=n0;net.n0=dgram");

	for (reg = nic_regs; reg->name != NULL; reg++) {
		mask = specified(reg);
		for (i = 0; mask != 0 && i < (reg->count ? reg->count : 1); i++) {
			off = reg->offset + i * (reg->stride ? reg->stride : reg->width);
			a = rb_mmio_read32(mock.regs, off);
			b = rb_mmio_read32(qemu.regs, off);
			if ((a ^ b) & mask)
				fail_msg("%s (%#x): mock %#x, QEMU %#x", reg->name,
					 (unsigned int)off, a, b);
		}
	}

	assert_int_equal(rb_mock_verify(mock.ctx), 0);
	close_twin(&mock);
	close_twin(&qemu);
}

static void both_have_their_capabilities_at_the_same_places(void **state)
{
	struct twin mock, qemu;
	unsigned int at = 0x34, n;
	uint16_t a = 0, b = 0;

	(void)state;
	open_twin(&qemu, "qemu:e1000e,netdev=n0;net.n0=dgram");
	open_twin(&mock, "mock:e1000e,netdev=n0;net.n0=dgram");

	for (n = 0; n < 5; n++) { /* power management, MSI, PCI Express, MSI-X */
		assert_ok(rb_pci_config_read16(mock.dev, at, &a));
		assert_ok(rb_pci_config_read16(qemu.dev, at, &b));
		assert_int_equal(a, b);
		at = n == 0 ? a & 0xff : a >> 8;
	}
	assert_int_equal(at, 0);
	assert_ok(rb_pci_config_read16(mock.dev, 0xe2, &a)); /* version, type */
	assert_ok(rb_pci_config_read16(qemu.dev, 0xe2, &b));
	assert_int_equal(a & 0xf, b & 0xf);

	close_twin(&mock);
	close_twin(&qemu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_have_the_same_registers_after_a_reset),
		cmocka_unit_test(both_have_their_capabilities_at_the_same_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
