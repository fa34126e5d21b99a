/* SPDX-License-Identifier: MIT */
/*
 * nic82574_irq.c - interrupts of the 82574L.
 *
 *     cause ---> ICR --- and IMS ---> pending         with MSI-X some causes bring OTHER along
 *                                       | pin: asserted as long as anything is pending
 *                                       | MSI: a message when something new is
 *                                       | MSI-X: the vector that IVAR gives the cause; EIAC clears it
 *
 * ITR (pin, MSI) and EITR (a vector) keep interrupts apart by so many units of 256 ns; what
 * comes meanwhile waits for the end of the interval (data sheet 10.2.4.2, 10.2.4.3).
 *
 * OTHER comes with its causes whether IMS lets these through or not, and only as they come:
 * Linux found that nothing keeps an overrun from interrupting by it, and that the cause itself
 * is still in ICR when EIAC has cleared OTHER.
 */
#include "nic82574.h"

#define UNIT_NS	   256u
#define ASSERTED   0x80000000u
#define FOR_OTHER  (NIC_LSC | NIC_RXO | NIC_MDAC | NIC_SRPD | NIC_ACK | NIC_MNG)
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
		if ((where & 7) >= nic->vectors) {
			rb_mock_violation(dev, "IVAR %#x names vector %u of %u", ivar, where & 7,
					  nic->vectors);
			continue;
		}
		if (!may_speak(dev, nic, where & 7, true))
			continue;
		nic->told |= MSIX_CAUSE(i);
		cleared = nic_get(dev, NIC_EIAC) & MSIX_CAUSE(i);
		nic->icr &= ~cleared;
		nic->told &= ~cleared;
		if (nic_get(dev, NIC_CTRL_EXT) & NIC_CTRL_EXT_EIAME)
			nic->ims &= ~(nic_get(dev, NIC_IAM) & MSIX_CAUSE(i));
		rb_mock_msix(dev, where & 7);
	}
}

static void update(struct rb_mock_dev *dev, struct nic *nic)
{
	bool msix = rb_mock_msix_enabled(dev);
	uint32_t causes;

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
	if (causes & FOR_OTHER && rb_mock_msix_enabled(dev))
		nic->icr |= NIC_OTHER;
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

/* CTRL_EXT.IAME: who looks at the causes, by reading or writing, masks those in IAM. */
static bool auto_mask(struct rb_mock_dev *dev, struct nic *nic)
{
	if (!(nic->icr & nic->ims) || !(nic_get(dev, NIC_CTRL_EXT) & NIC_CTRL_EXT_IAME))
		return false;
	nic->ims &= ~nic_get(dev, NIC_IAM);
	return true;
}

/* Reading clears when nothing is enabled, or when an interrupt is asserted; with MSI-X only
 * where it masks, too (data sheet 7.4.5, 10.2.4.1). */
uint64_t nic_icr_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct nic *nic = arg;
	bool asserted = nic->icr & nic->ims;
	uint32_t icr = nic->icr | (asserted ? ASSERTED : 0);

	(void)nic_read(dev, arg, off, width);
	if (nic->ims == 0 || auto_mask(dev, nic) || (asserted && !rb_mock_msix_enabled(dev))) {
		nic->icr = 0;
		update(dev, nic);
	}
	return icr;
}

uint64_t nic_ims_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct nic *nic = arg;

	(void)nic_read(dev, arg, off, width);
	return nic->ims;
}

/* What IMS lets through is to have somewhere to go. */
static void check_vectors(struct rb_mock_dev *dev, uint32_t ims)
{
	static const char *const names[] = { "RXQ0", "RXQ1", "TXQ0", "TXQ1", "OTHER" };
	uint32_t ivar = nic_get(dev, NIC_IVAR);
	unsigned int i;

	for (i = 0; i < 5 && rb_mock_msix_enabled(dev); i++) {
		if (ims & MSIX_CAUSE(i) && !(ivar >> 4 * i & 8))
			rb_mock_violation(dev, "IMS lets %s through, and IVAR %#x gives it no "
					       "vector", names[i], ivar);
	}
}

void nic_irq_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		   uint64_t val)
{
	struct nic *nic = arg;

	nic_plain(dev, arg, off, width, val);
	if (off == NIC_ICR) {
		auto_mask(dev, nic);
		nic->icr &= ~(uint32_t)val;
	} else if (off == NIC_ICS) {
		nic->icr |= (uint32_t)val;
	} else if (off == NIC_IMS) {
		check_vectors(dev, (uint32_t)val);
		nic->ims |= (uint32_t)val;
	} else if (off == NIC_IMC) {
		nic->ims &= ~(uint32_t)val;
	}
	update(dev, nic);
}
