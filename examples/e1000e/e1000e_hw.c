/* SPDX-License-Identifier: MIT */
/* e1000e_hw.c - reset, address, filters, link, statistics. */
#include <string.h>

#include "e1000e_private.h"

#define MASTER_US 100000 /* until transactions under way have ended (3.1.3.10) */
#define RESET_US  100000
#define NVM_US	  10000 /* until the NVM has been read after a reset (4.6) */

/* --- reset ------------------------------------------------------------------------------- */

/* No interrupts, no frames, then no DMA. */
static int be_quiet(struct e1000e *nic)
{
	e1000e_write(nic, REG_IMC, ~0u);
	e1000e_write(nic, REG_RCTL, 0);
	e1000e_write(nic, REG_TCTL, TCTL_PSP);
	/* Should RST still be there, it is not to begin anew. */
	e1000e_write(nic, REG_CTRL,
		     (e1000e_read(nic, REG_CTRL) & ~CTRL_RST) | CTRL_MASTER_DISABLE);
	return rb_mmio_poll32(nic->regs, REG_STATUS, STATUS_MASTER, 0, MASTER_US, NULL);
}

/* Afterwards the device does nothing, and its memory may go. */
int e1000e_reset(struct e1000e *nic)
{
	int rc;

	rc = be_quiet(nic);
	if (rc == -ENODEV)
		return rc;
	/* Transactions that still hang (-ETIMEDOUT) the reset ends. */
	e1000e_write(nic, REG_CTRL, e1000e_read(nic, REG_CTRL) | CTRL_RST);
	rb_delay_us(nic->ctx, 1000); /* no access meanwhile */
	rc = rb_mmio_poll32(nic->regs, REG_CTRL, CTRL_RST, 0, RESET_US, NULL);
	if (rc < 0)
		return rc;
	rb_delay_us(nic->ctx, NVM_US);

	e1000e_write(nic, REG_IMC, ~0u);
	e1000e_write(nic, REG_ICR, ~0u);
	nic->armed = false;
	nic->link_stale = true;
	return 0;
}

/* --- address and filters ----------------------------------------------------------------- */

static bool is_station(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !(mac[0] & 1) && memcmp(mac, zero, 6) != 0;
}

/* After a reset RAL and RAH hold what the NVM says. It may be empty. */
int e1000e_read_mac(struct e1000e *nic)
{
	uint32_t low = e1000e_read(nic, REG_RAL), high = e1000e_read(nic, REG_RAH);
	unsigned int i;
	uint32_t status;
	int rc;

	rc = e1000e_status(nic, &status);
	if (rc < 0)
		return rc;
	for (i = 0; i < 6; i++)
		nic->mac[i] = (uint8_t)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
	if (is_station(nic->options.mac))
		memcpy(nic->mac, nic->options.mac, 6);
	else if (!(high & RAH_AV) || !is_station(nic->mac))
		return -EPROTO;
	return 0;
}

static void write_filters(struct e1000e *nic)
{
	uint32_t rctl = RCTL_EN | RCTL_BAM | RCTL_SECRC;
	const uint8_t *mac = nic->mac;
	unsigned int i;

	e1000e_write(nic, REG_RAL, mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24);
	e1000e_write(nic, REG_RAH, mac[4] | mac[5] << 8 | RAH_AV);
	for (i = 0; i < MTA_DWORDS; i++)
		e1000e_write(nic, REG_MTA + 4 * i, nic->mta[i]);

	if (nic->promiscuous)
		rctl |= RCTL_UPE | RCTL_MPE;
	if (nic->frame_max > 1518)
		rctl |= RCTL_LPE;
	e1000e_write(nic, REG_RCTL, rctl);
}

static int apply_filters(struct e1000e *nic)
{
	uint32_t status;

	if (e1000e_alive(nic) < 0)
		return -ENODEV;
	write_filters(nic);
	return e1000e_status(nic, &status); /* they have arrived, when this has been read */
}

int e1000e_set_promiscuous(struct e1000e *nic, bool on)
{
	nic->promiscuous = on;
	return apply_filters(nic);
}

int e1000e_set_multicast(struct e1000e *nic, const uint8_t (*list)[6], size_t n)
{
	uint32_t hash;
	size_t i;

	if (list == NULL && n > 0)
		return -EINVAL;
	memset(nic->mta, 0, sizeof(nic->mta));
	for (i = 0; i < n; i++) { /* RCTL.MO 0: bits 36-47 of the address (10.2.5) */
		hash = (uint32_t)list[i][5] << 4 | list[i][4] >> 4;
		nic->mta[hash >> 5] |= 1u << (hash & 31);
	}
	return apply_filters(nic);
}

/* --- start ------------------------------------------------------------------------------- */

/* After a reset, with rings that are reset, too: let frames flow. */
void e1000e_start(struct e1000e *nic)
{
	uint32_t ctrl = e1000e_read(nic, REG_CTRL);

	e1000e_write(nic, REG_FCAL, 0); /* no pause frames: a full ring drops */
	e1000e_write(nic, REG_FCAH, 0);
	e1000e_write(nic, REG_FCT, 0);
	e1000e_write(nic, REG_FCTTV, 0);

	e1000e_irq_start(nic);
	e1000e_rx_start(nic);
	e1000e_tx_start(nic);
	write_filters(nic);
	rb_dma_ring_ring(nic->rx); /* now that the receiver is on */
	e1000e_write(nic, REG_CTRL, ctrl | CTRL_SLU); /* the PHY negotiates by itself */
}

/* --- link -------------------------------------------------------------------------------- */

/* All-ones are no status but a device that is gone: ask the library, who then knows. */
int e1000e_status(struct e1000e *nic, uint32_t *status)
{
	*status = e1000e_read(nic, REG_STATUS);
	if (*status != ~0u)
		return 0;
	if (rb_pci_check(nic->dev) == 0)
		return -EPROTO;
	nic->gone = true;
	return -ENODEV;
}

int e1000e_check_link(struct e1000e *nic)
{
	static const unsigned int mbps[4] = { 10, 100, 1000, 1000 };
	uint32_t status;
	bool up;
	int rc;

	rc = e1000e_status(nic, &status);
	if (rc < 0)
		return rc;
	nic->link_stale = false;
	up = (status & STATUS_LU) != 0;
	if (up == nic->link)
		return 0;

	nic->link = up;
	nic->tx_since = 0; /* what waited for the link did not hang */
	nic->stats.link_changes++;
	if (nic->events.link != NULL)
		nic->events.link(nic->arg, up, up ? mbps[STATUS_SPEED(status)] : 0);
	return 0;
}

bool e1000e_link(const struct e1000e *nic)
{
	return nic->link;
}

int e1000e_mac(const struct e1000e *nic, uint8_t mac[6])
{
	memcpy(mac, nic->mac, 6);
	return 0;
}

/* --- statistics -------------------------------------------------------------------------- */

/* Add what the device has counted since. All-ones in all of them: it is gone. */
void e1000e_count(struct e1000e *nic)
{
	struct e1000e_stats *s = &nic->stats;
	uint32_t status;

	if (e1000e_status(nic, &status) < 0)
		return;
	s->hw_rx_frames += e1000e_read(nic, REG_GPRC);
	s->hw_rx_bytes += rb_mmio_read64_lo_hi(nic->regs, REG_GORCL);
	s->hw_tx_frames += e1000e_read(nic, REG_GPTC);
	s->hw_tx_bytes += rb_mmio_read64_lo_hi(nic->regs, REG_GOTCL);
	s->hw_missed += e1000e_read(nic, REG_MPC);
	s->hw_no_buffer += e1000e_read(nic, REG_RNBC);
	s->hw_rx_errors += e1000e_read(nic, REG_CRCERRS);
	s->hw_rx_errors += e1000e_read(nic, REG_RXERRC);
	s->hw_rx_length_errors += e1000e_read(nic, REG_RLEC);
	s->hw_rx_length_errors += e1000e_read(nic, REG_RUC);
	s->hw_rx_length_errors += e1000e_read(nic, REG_RFC);
	s->hw_rx_length_errors += e1000e_read(nic, REG_ROC);
	s->hw_rx_length_errors += e1000e_read(nic, REG_RJC);
	s->hw_tx_errors += e1000e_read(nic, REG_ECOL);
	s->hw_tx_errors += e1000e_read(nic, REG_LATECOL);
}

int e1000e_stats(struct e1000e *nic, struct e1000e_stats *stats)
{
	int rc = e1000e_alive(nic);

	if (rc == 0)
		e1000e_count(nic);
	*stats = nic->stats;
	return rc;
}
