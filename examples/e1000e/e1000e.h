/* SPDX-License-Identifier: MIT */
/*
 * e1000e.h - a driver for Intel's 82574 (and 82540EM) network cards: its hardware half.
 *
 * It moves Ethernet frames, without their checksum (FCS), between a card and whoever
 * opened it, and does not know where they go from there. One thread drives a card, from
 * e1000e_open() to e1000e_close(); several cards may have a thread each.
 *
 *	e1000e_open()
 *	loop {
 *		e1000e_poll()	handles what has come; calls the events
 *		e1000e_send()	as often as wanted, from an event, too
 *		e1000e_flush()	one doorbell for all of them
 *		e1000e_wait()	when poll has delivered less than its budget
 *	}
 *	e1000e_close()
 *
 * Interrupts are on only while e1000e_wait() sleeps: under load it does not sleep, and the
 * rings are polled without one.
 *
 * Calls answer 0 or a count, or a negative errno as the library has them
 * (<rbdrv/error.h>). Once the card is gone all of them answer -ENODEV.
 */
#ifndef E1000E_H
#define E1000E_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/rbdrv.h>

#define E1000E_MTU_MAX 9216 /* the card takes 9234 bytes, header and FCS included */

struct e1000e;

/* Which interrupts to use. AUTO: the first of the others that there are. */
enum e1000e_irq_mode {
	E1000E_IRQ_AUTO,
	E1000E_IRQ_MSIX, /* vectors for received frames, transmitted ones, and the rest */
	E1000E_IRQ_MSI,
	E1000E_IRQ_INTX
};

/* All zero is the default. */
struct e1000e_options {
	enum e1000e_irq_mode irq;
	uint16_t rx_count, tx_count; /* descriptors: powers of two, 16-4096; 0: 256 */
	uint32_t mtu; /* 68-E1000E_MTU_MAX; 0: 1500 */
	uint32_t moderation_us; /* least time between interrupts, up to 16000; 0: none, since
				   under load there are no interrupts anyway */
	bool ring_each; /* a doorbell for each frame, in and out, not for many */
	uint8_t mac[6]; /* used instead of the card's own; all zero: the card's own */
};

struct e1000e_events {
	/* A frame was received. The bytes are borrowed until the event returns, and lie in
	 * memory that the card can write: a check of bytes that are read again proves nothing. */
	void (*frame)(void *arg, const void *bytes, size_t len);
	/* The link went up, with this speed, or down. May be NULL. */
	void (*link)(void *arg, bool up, unsigned int mbps);
};

struct e1000e_stats {
	/* counted by the driver */
	uint64_t rx_frames, rx_bytes; /* delivered */
	uint64_t rx_bad; /* not delivered: errors, too long, descriptors that make no sense */
	uint64_t tx_frames, tx_bytes; /* accepted by e1000e_send() */
	uint64_t tx_lost; /* descriptors that were in the ring when the card was reset */
	uint64_t interrupts, link_changes, hangs;
	/* counted by the card (10.2.7) */
	uint64_t hw_rx_frames, hw_rx_bytes, hw_tx_frames, hw_tx_bytes; /* bytes with FCS */
	uint64_t hw_missed, hw_no_buffer; /* no room in the card; no descriptor was free */
	uint64_t hw_rx_errors, hw_rx_length_errors, hw_tx_errors;
};

/* The n-th card that this driver drives, from 0; -ENOENT when there are fewer. */
int e1000e_find(struct rb_ctx *ctx, unsigned int n, struct rb_pci_addr *addr);

/*
 * Claim a card, reset it, and let it receive. -EINVAL: an option; -ENOTSUP: another
 * device, or no such interrupts; -EPROTO: the card has no valid address and the options
 * name none; -ETIMEDOUT: it does not come out of reset; others as the library's calls.
 */
int e1000e_open(struct rb_ctx *ctx, struct rb_pci_addr addr, const struct e1000e_options *options,
		const struct e1000e_events *events, void *arg, struct e1000e **out);

/* Under traffic, too: quiets the card, then frees memory. Not from an event. */
void e1000e_close(struct e1000e *nic);

/*
 * Queue one frame: a copy is taken. -EAGAIN: no room, e1000e_wait() returns when there is;
 * -EFBIG: longer than mtu + 18; -EINVAL: shorter than a header of 14 bytes. Short frames
 * are padded.
 */
int e1000e_send(struct e1000e *nic, const void *bytes, size_t len);

/* Tell the card of all frames queued. */
int e1000e_flush(struct e1000e *nic);

/*
 * Flush, then sleep until there may be something to do: 0, -ETIMEDOUT, -ENODEV, or
 * -ECANCELED after e1000e_cancel(). Negative: for ever.
 */
int e1000e_wait(struct e1000e *nic, int timeout_ms);

/* The same, and returns also when @fd can be read. e1000e_cancel() does not end it. */
int e1000e_wait_fd(struct e1000e *nic, int fd, int timeout_ms);

/* End e1000e_wait(), this one or the next. Any thread. */
int e1000e_cancel(struct e1000e *nic);

/*
 * Handle interrupts, the link, transmitted and received frames; a transmitter that hangs
 * for 2 s is reset. The events are called from here and nowhere else. Answers how many
 * frames were delivered: when that is @budget, call it again before waiting.
 */
int e1000e_poll(struct e1000e *nic, unsigned int budget);

int e1000e_mac(const struct e1000e *nic, uint8_t mac[6]);
/* Whether the link is up, as the last e1000e_poll() found it; down before the first. */
bool e1000e_link(const struct e1000e *nic);
enum rb_irq_kind e1000e_irq_kind(const struct e1000e *nic);

int e1000e_set_promiscuous(struct e1000e *nic, bool on);
/* Receive these groups, and those with the same hash (12 bits); replaces the list before. */
int e1000e_set_multicast(struct e1000e *nic, const uint8_t (*list)[6], size_t n);

/* The card's counters stop at 2^32 - 1: call it every 40 minutes at least. */
int e1000e_stats(struct e1000e *nic, struct e1000e_stats *stats);

#endif
