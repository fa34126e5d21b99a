/* SPDX-License-Identifier: MIT */
/*
 * nic82574_irq.c - interrupts of the 82574L.
 *
 *     cause ---> ICR --- and IMS ---> pending
 *                                       | pin: asserted as long as anything is pending
 *                                       | MSI: a message when something new is
 *                                       | MSI-X: the vector that IVAR gives the cause; EIAC clears it
 *
 * ITR (pin, MSI) and EITR (a vector) keep interrupts apart by so many units of 256 ns; what
 * comes meanwhile waits for the end of the interval (data sheet 7.4.4).
 */
#include "nic82574.h"

#define UNIT_NS	   256u
#define ASSERTED   0x80000000u
#define FOR_OTHER  (NIC_LSC | NIC_RXO | NIC_MDAC)
#define MSIX_CAUSE(i) (0x00100000u << (i)) /* RXQ0, RXQ1, TXQ0, TXQ1, OTHER */

static void update(struct rb_mock_dev *dev, struct nic *nic);

static void interval_over(struct rb_mock_dev *dev, void *arg)
{
	struct nic *nic = arg;
	unsigned int i;

	for (i = 0; i < NIC_VECTORS; i++) {
		if (nic->waiting[i] && rb_mock_now_ns(dev) >= nic->next_ns[i])
			nic->waiting[i] = false;
	}
	update(dev, nic);
}

/* May vector @i speak now? Else it will later. */
static bool may_speak(struct rb_mock_dev *dev, struct nic *nic, unsigned int i, bool msix)
{
	uint32_t units = nic_get(dev, msix ? NIC_EITR + 4 * i : NIC_ITR) & 0xffff;
	uint64_t now = rb_mock_now_ns(dev);

	if (nic->waiting[i])
		return false;
	if (now < nic->next_ns[i]) {
		nic->waiting[i] = true;
		rb_mock_after(dev, nic->next_ns[i] - now, interval_over, nic);
		return false;
	}
	nic->next_ns[i] = now + (uint64_t)units * UNIT_NS;
	return true;
}

static void update_msix(struct rb_mock_dev *dev, struct nic *nic, uint32_t causes)
{
	uint32_t ivar = nic_get(dev, NIC_IVAR), cleared;
	unsigned int i, where;

	for (i = 0; i < 5; i++) {
		where = ivar >> 4 * i & 15;
		if (!(causes & ~nic->told & MSIX_CAUSE(i)) || !(where & 8))
			continue;
		if ((where & 7) >= NIC_VECTORS) {
			rb_mock_violation(dev, "IVAR %#x names vector %u of %d", ivar, where & 7,
					  NIC_VECTORS);
			continue;
		}
		if (!may_speak(dev, nic, where & 7, true))
			continue;
		nic->told |= MSIX_CAUSE(i);
		cleared = nic_get(dev, NIC_EIAC) & MSIX_CAUSE(i);
		nic->icr &= ~cleared;
		nic->told &= ~cleared;
		if (nic_get(dev, NIC_CTRL_EXT) & NIC_CTRL_EXT_EIAME)
			nic->ims &= ~(nic_get(dev, NIC_IAM) & cleared);
		rb_mock_msix(dev, where & 7);
	}
}

static void update(struct rb_mock_dev *dev, struct nic *nic)
{
	bool msix = rb_mock_msix_enabled(dev);
	uint32_t causes;

	if (msix && nic->icr & nic->ims & FOR_OTHER)
		nic->icr |= NIC_OTHER;
	causes = nic->icr & nic->ims;
	nic->told &= causes;
	if (msix) {
		update_msix(dev, nic, causes);
	} else if (causes == 0) {
		rb_mock_intx(dev, false);
	} else if (causes & ~nic->told && may_speak(dev, nic, 0, false)) {
		nic->told |= causes;
		if (rb_mock_msi_enabled(dev))
			rb_mock_msi(dev, 0);
		else
			rb_mock_intx(dev, true);
	}
}

void nic_raise(struct rb_mock_dev *dev, struct nic *nic, uint32_t causes)
{
	nic->icr |= causes;
	/* a cause that comes again while it is pending is the same interrupt, but for messages
	 * of vectors whose cause EIAC has cleared, which is not pending any more */
	update(dev, nic);
}

void nic_irq_reset(struct rb_mock_dev *dev, struct nic *nic)
{
	unsigned int i;

	rb_mock_cancel(dev, interval_over, nic);
	nic->icr = nic->ims = nic->told = 0;
	for (i = 0; i < NIC_VECTORS; i++) {
		nic->next_ns[i] = 0;
		nic->waiting[i] = false;
	}
	update(dev, nic);
}

/* Reading clears when nothing is enabled, or when an interrupt is asserted; not with MSI-X
 * (data sheet 10.2.4.1). */
uint64_t nic_icr_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct nic *nic = arg;
	bool asserted = nic->icr & nic->ims;
	uint32_t icr = nic->icr | (asserted ? ASSERTED : 0);

	(void)off;
	(void)width;
	if (nic->ims == 0 || (asserted && !rb_mock_msix_enabled(dev))) {
		nic->icr = 0;
		if (asserted && nic_get(dev, NIC_CTRL_EXT) & NIC_CTRL_EXT_IAME)
			nic->ims &= ~nic_get(dev, NIC_IAM);
		update(dev, nic);
	}
	return icr;
}

uint64_t nic_ims_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct nic *nic = arg;

	(void)dev;
	(void)off;
	(void)width;
	return nic->ims;
}

void nic_irq_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		   uint64_t val)
{
	struct nic *nic = arg;

	nic_plain(dev, arg, off, width, val);
	if (off == NIC_ICR)
		nic->icr &= ~(uint32_t)val;
	else if (off == NIC_ICS)
		nic->icr |= (uint32_t)val;
	else if (off == NIC_IMS)
		nic->ims |= (uint32_t)val;
	else if (off == NIC_IMC)
		nic->ims &= ~(uint32_t)val;
	update(dev, nic);
}
