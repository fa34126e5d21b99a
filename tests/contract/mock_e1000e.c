/* SPDX-License-Identifier: MIT */
/*
 * mock_e1000e.c - the interrupts of Intel's 82574 for the mock.
 *
 *     ICS ---> ICR (what has come) --- and IMS ---> a cause is pending
 *                                        |
 *               MSI-X: the vector that IVAR gives it; EIAC clears it from ICR at once
 *               MSI:   one message when something new is pending
 *               pin:   asserted as long as anything is
 *
 * A cause that stays in ICR sends no second message. Everything happens at once: the
 * device's throttling, 128 us on QEMU, is left out, so scenarios wait for each message.
 * Source: 82574 data sheet, 7.4 and 10.2.4.
 */
#include <errno.h>
#include <stdlib.h>

#include <rbdrv/mock.h>

#include "mock_e1000e.h"

#define STATUS_UP  0x00080083u /* link up, full duplex, 1 Gbit/s */
#define ICR_OTHER  0x01000000u
#define ICR_ASSERT 0x80000000u
#define CAUSE_BITS 0x01f774d7u /* those that exist */
#define FOR_OTHER  0x00060244u /* link, overrun, MDIO, small packet, ack: vector "other" */

struct e1000e {
	uint32_t ctrl, ctrl_ext, icr, ims, eiac, ivar;
	uint32_t told; /* pending causes for which a message was sent */
};

/* --- causes ------------------------------------------------------------------------------ */

static void tell_by_msix(struct rb_mock_dev *dev, struct e1000e *e, uint32_t causes)
{
	unsigned int i, where;
	uint32_t cleared;

	for (i = 0; i < E1000E_VECTORS; i++) {
		if (!(causes & E1000E_CAUSE(i)))
			continue;
		where = e->ivar >> 4 * i & 15;
		if (where & 8 && (where & 7) < E1000E_VECTORS)
			rb_mock_msix(dev, where & 7);
		cleared = e->eiac & E1000E_CAUSE(i);
		e->icr &= ~cleared;
		e->told &= ~cleared;
		if (!(e->ctrl_ext & E1000E_CTRL_EXT_IAME))
			e->ims &= ~cleared;
	}
}

static void update(struct rb_mock_dev *dev, struct e1000e *e)
{
	bool msix = rb_mock_msix_enabled(dev);
	uint32_t causes;

	if (msix && e->icr & FOR_OTHER)
		e->icr |= ICR_OTHER;
	causes = e->icr & e->ims;
	e->told &= causes;
	if (!msix && !rb_mock_msi_enabled(dev)) {
		rb_mock_intx(dev, causes != 0);
		return;
	}

	causes &= ~e->told;
	e->told |= causes;
	if (causes != 0 && msix)
		tell_by_msix(dev, e, causes);
	else if (causes != 0)
		rb_mock_msi(dev, 0);
}

/* --- registers --------------------------------------------------------------------------- */

static uint64_t bar_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct e1000e *e = arg;
	uint32_t icr = e->icr ? e->icr | ICR_ASSERT : 0;

	if (width == 4) {
		switch (off) {
		case E1000E_CTRL:
			return e->ctrl;
		case E1000E_STATUS:
			return STATUS_UP;
		case E1000E_CTRL_EXT:
			return e->ctrl_ext;
		case E1000E_ICR:
		case E1000E_ICS:
			return icr;
		case E1000E_IMS:
			return e->ims;
		case E1000E_EIAC:
			return e->eiac;
		case E1000E_IVAR:
			return e->ivar;
		default:
			break;
		}
	}
	rb_mock_violation(dev, "read of %u bytes at %#llx", width, (unsigned long long)off);
	return UINT64_MAX;
}

static void bar_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		      uint64_t val)
{
	struct e1000e *e = arg;
	uint32_t v = (uint32_t)val;

	if (width != 4)
		off = UINT64_MAX;
	switch (off) {
	case E1000E_CTRL:
		e->ctrl = v;
		return;
	case E1000E_CTRL_EXT:
		e->ctrl_ext = v;
		return;
	case E1000E_ICR:
		e->icr &= ~v;
		break;
	case E1000E_ICS:
		e->icr |= v & CAUSE_BITS;
		break;
	case E1000E_IMS:
		e->ims |= v & CAUSE_BITS;
		break;
	case E1000E_IMC:
		e->ims &= ~v;
		break;
	case E1000E_EIAC:
		e->eiac = v & E1000E_CAUSES;
		return;
	case E1000E_IVAR:
		e->ivar = v;
		return;
	default:
		rb_mock_violation(dev, "write of %u bytes at %#llx", width,
				  (unsigned long long)off);
		return;
	}
	update(dev, e);
}

/* BAR 3 holds the table and the pending bits, and nothing else. */
static uint64_t hole_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	(void)arg;
	rb_mock_violation(dev, "read of %u bytes at %#llx of the table's BAR", width,
			  (unsigned long long)off);
	return UINT64_MAX;
}

static void hole_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	(void)arg;
	(void)val;
	rb_mock_violation(dev, "write of %u bytes at %#llx of the table's BAR", width,
			  (unsigned long long)off);
}

/* --- the device -------------------------------------------------------------------------- */

static void reset(struct rb_mock_dev *dev, void *arg)
{
	struct e1000e *e = arg;

	(void)dev;
	*e = (struct e1000e){ 0 };
}

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	struct e1000e *e = rb_mock_state(dev, sizeof(*e));

	(void)arg;
	if (e == NULL)
		return -ENOMEM;
	ids.vendor = E1000E_VENDOR;
	ids.device = E1000E_DEVICE;
	ids.class_code = 0x020000;
	ids.subvendor = E1000E_VENDOR;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ops(dev, 0, E1000E_BAR_SIZE, 0, bar_read, bar_write, e);
	rb_mock_bar_ops(dev, E1000E_MSIX_BAR, E1000E_MSIX_SIZE, 0, hole_read, hole_write, e);
	rb_mock_intx_pin(dev, 1);
	rb_mock_cap_place(dev, 0xd0);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	rb_mock_cap_place(dev, 0x40); /* QEMU has a short one at 0xe0 */
	rb_mock_cap_pcie(dev, RB_MOCK_PCIE_FLR);
	rb_mock_cap_place(dev, 0xa0);
	rb_mock_cap_msix(dev, E1000E_VECTORS, E1000E_MSIX_BAR, 0, E1000E_MSIX_BAR, E1000E_PBA);
	rb_mock_on_reset(dev, reset, e);
	return 0;
}

void register_e1000e(void)
{
	int rc = rb_mock_model_register("e1000e", build, NULL);

	if (rc < 0 && rc != -EEXIST)
		abort();
}
