/* SPDX-License-Identifier: MIT */
/* nic82574.c - the 82574L for the mock: reset, NVM, PHY, link, and the device as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nic82574.h"

#define US 1000u
#define MS (1000u * US)

#define RESET_NS     (3 * US) /* no access meanwhile: "about 1 us" (data sheet 10.2.2.1) */
#define LOAD_NS	     (1 * MS) /* until the NVM has been read; Linux waits 10 for it */
#define WORD_NS	     (10 * US)
#define PHY_NS	     (20 * US)
#define NEGOTIATE_NS (500ull * MS)

#define CTRL_ONES 0x00100008u /* bits 3 and 20 "must be set" (10.2.2.1) */
#define AUTO_RD 0x00000200u /* of EECD: the NVM has been read */
#define AV	0x80000000u /* of RAH: the address counts */
#define EERD_START 1u
#define EERD_DONE  2u
#define MDIC_WRITE 0x04000000u
#define MDIC_READ  0x08000000u
#define MDIC_READY 0x10000000u
#define MDIC_IRQ   0x20000000u
#define MDIC_ERROR 0x40000000u
#define PHY_ADDR   1u
#define BMSR_LINK  0x0004u
#define BMSR_DONE  0x0020u

/* --- registers ------------------------------------------------------------------------------- */

uint32_t nic_get(struct rb_mock_dev *dev, uint64_t off)
{
	return (uint32_t)rb_mock_reg_get(dev, 0, off);
}

void nic_count(struct rb_mock_dev *dev, uint64_t off, uint32_t n)
{
	uint32_t v = nic_get(dev, off);

	rb_mock_reg_set(dev, 0, off, v > 0xffffffffu - n ? 0xffffffffu : v + n);
}

void nic_count64(struct rb_mock_dev *dev, uint64_t off, uint32_t n)
{
	uint64_t v = ((uint64_t)nic_get(dev, off + 4) << 32 | nic_get(dev, off)) + n;

	rb_mock_reg_set(dev, 0, off, (uint32_t)v);
	rb_mock_reg_set(dev, 0, off + 4, v >> 32);
}

void nic_plain(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val)
{
	struct nic *nic = arg;

	(void)width;
	(void)val;
	if (nic->resetting)
		rb_mock_violation(dev, "write at %#x before the reset was over", (unsigned int)off);
}

uint64_t nic_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	const struct nic *nic = arg;

	(void)width;
	if (nic->resetting)
		rb_mock_violation(dev, "read at %#x before the reset was over", (unsigned int)off);
	return nic_get(dev, off);
}

uint64_t nic_high(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	(void)arg;
	(void)width;
	rb_mock_reg_set(dev, 0, off - 4, 0);
	return nic_get(dev, off);
}

/* --- the link --------------------------------------------------------------------------------- */

bool nic_link(struct rb_mock_dev *dev, const struct nic *nic)
{
	return nic->link && nic->cable && nic_get(dev, NIC_CTRL) & NIC_CTRL_SLU;
}

uint64_t nic_status(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	const struct nic *nic = arg;

	(void)nic_read(dev, arg, off, width);
	return 0x00000281u | (nic_link(dev, nic) ? 2u : 0) | (nic->master_off ? 0 : 0x00080000u);
}

/* PHY, cable or CTRL.SLU have changed. */
static void link_changed(struct rb_mock_dev *dev, struct nic *nic)
{
	if (nic_link(dev, nic) == nic->up)
		return;
	nic->up = !nic->up;
	nic_raise(dev, nic, NIC_LSC);
	rb_mock_net_resume(dev);
	nic_tx_go(dev, nic);
}

static void set_link(struct rb_mock_dev *dev, struct nic *nic, bool up)
{
	nic->link = up;
	if (up)
		nic->phy[1] |= BMSR_LINK | BMSR_DONE;
	else /* the link bit stays low until it has been read */
		nic->phy[1] &= (uint16_t)~(BMSR_LINK | BMSR_DONE);
	link_changed(dev, nic);
}

static void negotiated(struct rb_mock_dev *dev, void *arg)
{
	set_link(dev, arg, true);
}

static void negotiate(struct rb_mock_dev *dev, struct nic *nic)
{
	set_link(dev, nic, false);
	rb_mock_cancel(dev, negotiated, nic);
	if (nic->cable)
		rb_mock_after(dev, NEGOTIATE_NS, negotiated, nic);
}

static void on_cable(struct rb_mock_dev *dev, void *arg, bool up)
{
	struct nic *nic = arg;

	if (!up)
		set_link(dev, nic, false);
	nic->cable = up;
	if (up)
		negotiate(dev, nic);
}

void nic82574_drop_link(struct rb_mock_dev *dev, void *arg)
{
	struct nic *nic = rb_mock_state(dev, sizeof(*nic));

	(void)arg;
	if (nic)
		negotiate(dev, nic);
}

/* --- the PHY (data sheet 9) --------------------------------------------------------------------- */

static void phy_reset(struct rb_mock_dev *dev, struct nic *nic)
{
	static const uint16_t values[] = { 0x1140, 0x7949, 0x0141, 0x0cb1, 0x0de1,
					   0xc1e1, 0x000d, 0x2001, 0,	   0x0300,
					   0x7800, 0,	   0,	   0,	   0,	   0x3000 };

	memset(nic->phy, 0, sizeof(nic->phy));
	memcpy(nic->phy, values, sizeof(values));
	negotiate(dev, nic);
}

static uint16_t phy_read(struct nic *nic, unsigned int reg)
{
	uint16_t v = nic->phy[reg];

	if (reg == 1 && nic->link && nic->cable)
		nic->phy[1] |= BMSR_LINK;
	return v;
}

static void phy_write(struct rb_mock_dev *dev, struct nic *nic, unsigned int reg, uint16_t val)
{
	if (reg == 1 || reg == 2 || reg == 3 || reg == 15) {
		rb_mock_violation(dev, "write of %#x to PHY register %u, which is read-only", val,
				  reg);
		return;
	}
	nic->phy[reg] = reg == 0 ? val & 0x7dff : val; /* reset and restart clear themselves */
	if (reg == 0 && val & 0x8000)
		phy_reset(dev, nic);
	else if (reg == 0 && val & 0x0200)
		negotiate(dev, nic);
}

static void phy_done(struct rb_mock_dev *dev, void *arg)
{
	uint32_t mdic = nic_get(dev, NIC_MDIC);
	unsigned int reg = mdic >> 16 & 31;
	struct nic *nic = arg;

	if ((mdic >> 21 & 31) != PHY_ADDR)
		mdic |= MDIC_ERROR;
	else if (mdic & MDIC_READ)
		mdic = (mdic & 0xffff0000u) | phy_read(nic, reg);
	else if (mdic & MDIC_WRITE)
		phy_write(dev, nic, reg, (uint16_t)mdic);
	rb_mock_reg_set(dev, 0, NIC_MDIC, mdic | MDIC_READY);
	if (mdic & MDIC_IRQ)
		nic_raise(dev, nic, NIC_MDAC);
}

void nic_mdic(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val)
{
	nic_plain(dev, arg, off, width, val);
	if (rb_mock_cancel(dev, phy_done, arg) > 0)
		rb_mock_violation(dev, "MDIC is written before it is ready");
	rb_mock_reg_clear_bits(dev, 0, NIC_MDIC, MDIC_READY | MDIC_ERROR);
	rb_mock_after(dev, PHY_NS, phy_done, arg);
}

/* --- the NVM ------------------------------------------------------------------------------------ */

static void make_nvm(struct nic *nic)
{
	uint16_t sum = 0;
	unsigned int i;

	for (i = 0; i < 3; i++)
		nic->nvm[i] = (uint16_t)(nic->mac[2 * i] | nic->mac[2 * i + 1] << 8);
	nic->nvm[0x0a] = 0x4000;
	nic->nvm[0x0d] = 0x10d3;
	nic->nvm[0x0e] = 0x8086;
	for (i = 0; i < 0x3f; i++)
		sum = (uint16_t)(sum + nic->nvm[i]);
	nic->nvm[0x3f] = (uint16_t)(0xbaba - sum); /* as Linux checks it */
}

static void word_done(struct rb_mock_dev *dev, void *arg)
{
	uint32_t eerd = nic_get(dev, NIC_EERD), at = eerd >> 2 & 0x3fff;
	struct nic *nic = arg;
	uint16_t word = at < 64 ? nic->nvm[at] : 0xffff;

	rb_mock_reg_set(dev, 0, NIC_EERD,
			(eerd & 0xfffcu) | EERD_DONE | (uint32_t)word << 16);
}

void nic_eerd(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val)
{
	nic_plain(dev, arg, off, width, val);
	if (!(val & EERD_START))
		return;
	if (rb_mock_cancel(dev, word_done, arg) > 0)
		rb_mock_violation(dev, "EERD is started before it is done");
	rb_mock_reg_clear_bits(dev, 0, NIC_EERD, EERD_DONE | 0xffff0000u);
	rb_mock_after(dev, WORD_NS, word_done, arg);
}

/* The NVM has been read: the first address, and EECD says so. */
static void loaded(struct rb_mock_dev *dev, void *arg)
{
	struct nic *nic = arg;
	const uint8_t *m = nic->mac;

	nic->loading = false;
	rb_mock_reg_set(dev, 0, NIC_RAL,
			m[0] | (uint32_t)m[1] << 8 | (uint32_t)m[2] << 16 | (uint32_t)m[3] << 24);
	rb_mock_reg_set(dev, 0, NIC_RAH, m[4] | (uint32_t)m[5] << 8 | AV);
	rb_mock_reg_set_bits(dev, 0, NIC_EECD, AUTO_RD);
}

/* --- reset (data sheet 4.3) --------------------------------------------------------------------- */

static void reset_over(struct rb_mock_dev *dev, void *arg)
{
	struct nic *nic = arg;

	nic->resetting = false;
	rb_mock_reg_clear_bits(dev, 0, NIC_CTRL, NIC_CTRL_RST);
	rb_mock_after(dev, LOAD_NS, loaded, nic);
}

/* What no reset defines is what a driver has to clear. */
static void scramble(struct rb_mock_dev *dev)
{
	uint32_t i, v = 0x2545f491u;

	for (i = 0; i < 128; i++) {
		v = v * 1664525u + 1013904223u;
		rb_mock_reg_set(dev, 0, NIC_MTA + 4 * i, v);
		rb_mock_reg_set(dev, 0, NIC_VFTA + 4 * i, ~v);
	}
}

/* The MAC as after a reset; PHY and link go on. Also forgets all that was under way. */
static void mac_reset(struct rb_mock_dev *dev, struct nic *nic)
{
	rb_mock_cancel(dev, word_done, nic);
	rb_mock_cancel(dev, phy_done, nic);
	rb_mock_cancel(dev, loaded, nic);
	rb_mock_cancel(dev, reset_over, nic);
	rb_mock_reg_reset(dev, 0);
	scramble(dev);
	nic->up = false; /* SLU is off, and who resets knows */
	nic->hung = nic->master_off = nic->refused = false;
	nic->rx_on = nic->tx_on = false;
	nic->out_len = 0;
	nic->loading = nic->resetting = true;
	nic_irq_reset(dev, nic);
	rb_mock_net_resume(dev);
	rb_mock_after(dev, RESET_NS, reset_over, nic);
}

void nic_ctrl(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val)
{
	struct nic *nic = arg;

	nic_plain(dev, arg, off, width, val);
	if (~val & CTRL_ONES)
		rb_mock_violation(dev, "CTRL %#x: bits 3 and 20 are to be 1", (uint32_t)val);
	if (val & NIC_CTRL_RST) {
		mac_reset(dev, nic);
		rb_mock_reg_set_bits(dev, 0, NIC_CTRL, NIC_CTRL_RST);
		return;
	}
	nic->master_off = val & NIC_CTRL_GIO_OFF;
	if (val & NIC_CTRL_PHY_RST) {
		rb_mock_reg_clear_bits(dev, 0, NIC_CTRL, NIC_CTRL_PHY_RST);
		phy_reset(dev, nic);
	}
	link_changed(dev, nic);
	nic_tx_go(dev, nic);
	rb_mock_net_resume(dev);
}

/* --- the device ----------------------------------------------------------------------------------- */

/* By the bus: the PHY is reset, too. The mock has reset the registers and dropped events. */
static void on_reset(struct rb_mock_dev *dev, void *arg)
{
	struct nic *nic = arg;

	nic->sending = false;
	mac_reset(dev, nic);
	phy_reset(dev, nic);
}

static int take_mac(struct rb_mock_dev *dev, struct nic *nic)
{
	const char *text = rb_mock_dev_arg(dev, "mac");
	unsigned int m[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 }, i; /* QEMU's first */
	char end;

	if (text && sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &m[0], &m[1], &m[2], &m[3], &m[4],
			   &m[5], &end) != 6)
		return -EINVAL;
	for (i = 0; i < 6; i++)
		nic->mac[i] = (uint8_t)m[i];
	make_nvm(nic);
	return 0;
}

static int take_vectors(struct rb_mock_dev *dev, struct nic *nic)
{
	const char *text = rb_mock_dev_arg(dev, "vectors");

	nic->vectors = NIC_VECTORS;
	if (!text)
		return 0;
	if (text[0] < '0' || text[0] > '0' + NIC_VECTORS || text[1] != '\0')
		return -EINVAL;
	nic->vectors = (unsigned int)(text[0] - '0');
	return 0;
}

static void power_on(struct rb_mock_dev *dev, struct nic *nic)
{
	nic->cable = rb_mock_net_link(dev);
	scramble(dev);
	nic->loading = true;
	rb_mock_after(dev, LOAD_NS, loaded, nic);
	phy_reset(dev, nic);
}

static int build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	struct nic *nic = rb_mock_state(dev, sizeof(*nic));
	const bool *flr = arg;

	if (!nic)
		return -ENOMEM;
	if (take_mac(dev, nic) < 0 || take_vectors(dev, nic) < 0)
		return -EINVAL;
	ids.vendor = 0x8086;
	ids.device = 0x10d3;
	ids.class_code = 0x020000;
	ids.subvendor = 0x8086;
	rb_mock_ids(dev, &ids);
	if (rb_mock_bar_map(dev, 0, 0x20000, 0, nic_regs, nic) < 0 ||
	    rb_mock_bar_expect(dev, NIC_MSIX_BAR, 0x4000, 0) < 0)
		return -EINVAL;
	rb_mock_intx_pin(dev, 1);
	if (nic->vectors > 0) { /* the list goes from the last one to the first */
		rb_mock_cap_place(dev, 0xa0);
		rb_mock_cap_msix(dev, nic->vectors, NIC_MSIX_BAR, 0, NIC_MSIX_BAR, 0x2000);
	}
	rb_mock_cap_place(dev, 0xe0);
	rb_mock_cap_pcie(dev, RB_MOCK_PCIE_VERSION_1 | (*flr ? RB_MOCK_PCIE_FLR : 0));
	rb_mock_cap_place(dev, 0xd0);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	rb_mock_cap_place(dev, 0xc8);
	rb_mock_cap_pm(dev, 0);
	rb_mock_on_reset(dev, on_reset, nic);
	rb_mock_net(dev, nic_frame, on_cable, nic);
	power_on(dev, nic);
	return 0;
}

static void enrol(bool flr)
{
	static const bool with[2] = { false, true };
	int rc = rb_mock_model_register("e1000e", build, (void *)&with[flr]);

	if (rc < 0 && rc != -EEXIST)
		abort();
}

void register_nic82574(void)
{
	enrol(false);
}

void register_nic82574_flr(void)
{
	enrol(true);
}
