/* SPDX-License-Identifier: MIT */
/*
 * e1000e_irq.c - interrupts: which, when, and the sleep that they end.
 *
 *	poll: masked          frames are found by looking at the rings
 *	  |  nothing left
 *	  v
 *	arm: clear the causes, look once more, unmask       something there: poll again
 *	  |
 *	  v
 *	sleep --- interrupt ---> mask, take, poll
 *
 * A frame that arrives before the causes are cleared is found by the look after it; one
 * that arrives later leaves its cause, which interrupts as soon as it is unmasked.
 */
#include "e1000e_private.h"

#define VECTORS	  3 /* received, transmitted, the rest; fewer are shared, the last first */
#define TAKES_MAX 16
#define WATCH_MS  500 /* how often a sleep is ended to look at the transmitter */

static bool is_msix(const struct e1000e *nic)
{
	return nic->kind == RB_IRQ_MSIX;
}

int e1000e_irq_open(struct e1000e *nic)
{
	static const uint32_t kinds[] = {
		[E1000E_IRQ_AUTO] = 0, /* in the library's order: MSI-X, MSI, INTx */
		[E1000E_IRQ_MSIX] = RB_IRQ_MSIX,
		[E1000E_IRQ_MSI] = RB_IRQ_MSI,
		[E1000E_IRQ_INTX] = RB_IRQ_INTX,
	};
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count;
	unsigned int i;
	int rc;

	options.kinds = kinds[nic->options.irq];
	options.min = 1;
	options.max = VECTORS;
	rc = rb_irq_set_open(nic->dev, &options, &nic->irqs);
	if (rc < 0)
		return rc;

	nic->kind = rb_irq_set_kind(nic->irqs);
	nic->other = is_msix(nic) ? rb_irq_set_count(nic->irqs) - 1 : 0;
	for (i = 0; i < rb_irq_set_count(nic->irqs); i++) {
		rc = rb_irq_take(nic->irqs, i, &count); /* forget what came before */
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* After a reset, which leaves nothing but configuration space as it was. */
void e1000e_irq_start(struct e1000e *nic)
{
	uint32_t interval = (nic->options.moderation_us * 1000 + 255) / 256; /* fits 16 bits */
	unsigned int i, tx = nic->other < 1 ? nic->other : 1;

	if (!is_msix(nic)) {
		e1000e_write(nic, REG_ITR, interval);
		return;
	}

	for (i = 0; i <= nic->other; i++)
		e1000e_write(nic, REG_EITR(i), interval);
	e1000e_write(nic, REG_IVAR, IVAR_RXQ0(0) | IVAR_TXQ0(tx) | IVAR_OTHER(nic->other));
	e1000e_write(nic, REG_EIAC, ICR_RXQ0 | ICR_TXQ0);
	e1000e_write(nic, REG_CTRL_EXT,
		     e1000e_read(nic, REG_CTRL_EXT) | CTRL_EXT_PBA | CTRL_EXT_IAME);
}

/* Transmitted frames interrupt only while somebody waits for their room. */
static uint32_t causes(const struct e1000e *nic)
{
	uint32_t set = ICR_LSC;

	if (is_msix(nic))
		set |= ICR_OTHER | ICR_RXQ0 | (nic->tx_need ? ICR_TXQ0 : 0);
	else
		set |= ICR_RXT0 | (nic->tx_need ? ICR_TXDW : 0);
	return set;
}

/* Take until nothing is left, but not for ever from a device that does not stop. */
static int take_all(struct e1000e *nic, unsigned int vector)
{
	unsigned int n;
	uint64_t count;
	int rc;

	for (n = 0; n < TAKES_MAX; n++) {
		rc = rb_irq_take(nic->irqs, vector, &count);
		if (rc < 0 || count == 0)
			return rc;
		nic->stats.interrupts += count;
		if (vector != nic->other)
			continue;
		/* The read also makes sure that the mask has arrived: a pin must be down before
		 * the next take. */
		rc = e1000e_check_link(nic);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Mask, and take what came. The events of the link are called from here. */
int e1000e_irq_take(struct e1000e *nic)
{
	unsigned int i;
	int rc = 0;

	if (!nic->armed)
		return 0;
	nic->armed = false;
	e1000e_write(nic, REG_IMC, ~0u);
	for (i = 0; rc == 0 && i < rb_irq_set_count(nic->irqs); i++)
		rc = take_all(nic, i);
	return rc;
}

/* Unmask, unless there is something to do: then 1. */
static int arm(struct e1000e *nic)
{
	uint32_t status;
	int rc;

	e1000e_write(nic, REG_ICR, ~0u);
	rc = e1000e_status(nic, &status); /* what was written to memory before is there now */
	if (rc < 0)
		return rc;
	if (((status & STATUS_LU) != 0) != nic->link)
		nic->link_stale = true;
	if (nic->link_stale || e1000e_rx_ready(nic) || e1000e_tx_ready(nic))
		return 1;

	nic->armed = true;
	e1000e_write(nic, REG_IMS, causes(nic));
	return 0;
}

static int sleep_until_irq(struct e1000e *nic, int timeout_ms)
{
	int rc = rb_irq_wait_any(nic->irqs, timeout_ms);

	return rc < 0 ? rc : 0;
}

static int sleep_until_irq_or_fd(struct e1000e *nic, int fd, int timeout_ms)
{
	struct pollfd fds[VECTORS + 1] = { { .fd = fd, .events = POLLIN } };
	unsigned int i, n = rb_irq_set_count(nic->irqs);
	int rc;

	for (i = 0; i < n && i < VECTORS; i++) {
		rc = rb_irq_fd(nic->irqs, i);
		if (rc < 0)
			return rc;
		fds[1 + i] = (struct pollfd){ .fd = rc, .events = POLLIN };
	}
	rc = rb_poll(nic->ctx, fds, 1 + i, timeout_ms);
	return rc > 0 ? 0 : rc < 0 ? rc : -ETIMEDOUT;
}

static int sleep_until(struct e1000e *nic, int fd, bool any, int timeout_ms)
{
	int rc, limit = timeout_ms;

	rc = e1000e_flush(nic);
	if (rc < 0)
		return rc;
	if (nic->link_stale || e1000e_rx_ready(nic))
		return 0;
	rc = arm(nic);
	if (rc != 0)
		return rc < 0 ? rc : 0;

	if (e1000e_tx_busy(nic) && (limit < 0 || limit > WATCH_MS))
		limit = WATCH_MS;
	rc = any ? sleep_until_irq_or_fd(nic, fd, limit) : sleep_until_irq(nic, limit);
	if (rc == -ETIMEDOUT && limit != timeout_ms)
		return 0;
	if (rc == -ENODEV)
		nic->gone = true;
	return rc;
}

int e1000e_wait(struct e1000e *nic, int timeout_ms)
{
	return sleep_until(nic, -1, false, timeout_ms);
}

int e1000e_wait_fd(struct e1000e *nic, int fd, int timeout_ms)
{
	return sleep_until(nic, fd, true, timeout_ms);
}

int e1000e_cancel(struct e1000e *nic)
{
	return rb_irq_cancel(nic->irqs);
}

enum rb_irq_kind e1000e_irq_kind(const struct e1000e *nic)
{
	return nic->kind;
}
