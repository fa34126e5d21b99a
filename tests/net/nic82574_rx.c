/* SPDX-License-Identifier: MIT */
/* nic82574_rx.c - the receiver of the 82574L: filters, buffers, legacy and extended descriptors. */
#include <string.h>

#include "nic82574.h"

#define UPE   0x00000008u
#define MPE   0x00000010u
#define LPE   0x00000020u
#define BAM   0x00008000u
#define VFE   0x00040000u
#define BSEX  0x02000000u
#define SECRC 0x04000000u
#define BSIZE 0x00030000u
#define NOT_HERE 0x000004c4u /* SBP, loop-back, packet split */
#define EXSTEN 0x00008000u /* of RFCTL: extended descriptors */

#define DD  0x01u
#define EOP 0x02u
#define PIF 0x80u /* passed by a hash: look again */
#define FRAME_MIN 60 /* without check sequence */
#define FRAME_MAX 1518 /* the same, with a tag */

/* --- filters (data sheet 7.1.1) ------------------------------------------------------------- */

static bool is_ours(struct rb_mock_dev *dev, const uint8_t *to)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		uint32_t low = nic_get(dev, NIC_RAL + 8 * i), high = nic_get(dev, NIC_RAH + 8 * i);
		uint8_t mac[6] = { (uint8_t)low,	 (uint8_t)(low >> 8), (uint8_t)(low >> 16),
				   (uint8_t)(low >> 24), (uint8_t)high,	      (uint8_t)(high >> 8) };

		if (high & 0x80000000u && memcmp(mac, to, 6) == 0)
			return true;
	}
	return false;
}

static bool is_in_table(struct rb_mock_dev *dev, const uint8_t *to)
{
	static const unsigned int shifts[] = { 4, 3, 2, 0 };
	unsigned int shift = shifts[nic_get(dev, NIC_RCTL) >> 12 & 3];
	unsigned int hash = ((unsigned int)to[5] << 8 | to[4]) >> shift & 0xfff;

	return nic_get(dev, NIC_MTA + 4 * (hash >> 5)) >> (hash & 31) & 1;
}

static bool passes_vlan(struct rb_mock_dev *dev, const uint8_t *frame)
{
	unsigned int id = (frame[14] & 15u) << 8 | frame[15];

	if (!(nic_get(dev, NIC_RCTL) & VFE) || frame[12] != 0x81 || frame[13] != 0x00)
		return true;
	return nic_get(dev, NIC_VFTA + 4 * (id >> 5)) >> (id & 31) & 1;
}

/* *inexact: only by the hash. */
static bool passes(struct rb_mock_dev *dev, const uint8_t *frame, bool *inexact)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t rctl = nic_get(dev, NIC_RCTL);

	*inexact = false;
	if (!passes_vlan(dev, frame))
		return false;
	if (memcmp(frame, all, 6) == 0)
		return rctl & (BAM | MPE);
	if (!(frame[0] & 1))
		return rctl & UPE || is_ours(dev, frame);
	*inexact = !(rctl & MPE) && !is_ours(dev, frame);
	return !*inexact || is_in_table(dev, frame);
}

/* --- the ring (data sheet 7.1.3, 7.1.7, 7.1.8) ----------------------------------------------- */

/* FLXBUF, in KiB, comes before BSIZE, which BSEX makes sixteen times as much. */
static uint32_t buffer_size(struct rb_mock_dev *dev)
{
	uint32_t rctl = nic_get(dev, NIC_RCTL), size = 2048u >> (rctl >> 16 & 3);

	if (rctl >> 27 & 15)
		return (rctl >> 27 & 15) * 1024;
	return rctl & BSEX ? size * 16 : size;
}

static uint32_t ring_size(struct rb_mock_dev *dev)
{
	return nic_get(dev, NIC_RDLEN) / 16;
}

static uint32_t free_descriptors(struct rb_mock_dev *dev)
{
	uint32_t size = ring_size(dev), head = nic_get(dev, NIC_RDH), tail = nic_get(dev, NIC_RDT);

	return size == 0 ? 0 : (tail + size - head) % size;
}

static void put(uint8_t *at, uint64_t v, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t take(const uint8_t *at, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | at[bytes];
	return v;
}

/* The ones' complement sum of 16-bit words: what a legacy descriptor tells of every frame. */
static uint16_t packet_sum(const uint8_t *bytes, uint32_t len)
{
	uint32_t i, sum = 0;

	for (i = 0; i < len; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void write_back(struct rb_mock_dev *dev, uint8_t *desc, uint32_t len, uint32_t status,
		       uint16_t sum)
{
	if (nic_get(dev, NIC_RFCTL) & EXSTEN) {
		memset(desc, 0, 16);
		put(desc + 8, status, 4);
		put(desc + 12, len, 2);
		return;
	}
	memset(desc + 8, status & EOP ? 0 : 0xff, 8); /* without EOP nothing else counts (7.1.3.3) */
	put(desc + 8, len, 2);
	if (status & EOP)
		put(desc + 10, sum, 2);
	desc[12] = (uint8_t)(status & EOP ? status : status | (uint8_t)~EOP);
}

/* One descriptor's worth of the frame. False: it has no buffer, and is given back with DD
 * and nothing else (7.1.7.2). */
static bool fill(struct rb_mock_dev *dev, const uint8_t *bytes, uint32_t len, uint32_t status,
		 uint16_t sum)
{
	uint32_t head = nic_get(dev, NIC_RDH);
	struct rb_bus_addr at, buffer;
	uint8_t desc[16];

	at.value = ((uint64_t)nic_get(dev, NIC_RDBAH) << 32 | nic_get(dev, NIC_RDBAL)) + 16 * head;
	rb_mock_reg_set(dev, 0, NIC_RDH, (head + 1) % ring_size(dev));
	if (rb_mock_dma_read(dev, at, desc, sizeof(desc)) < 0)
		return true;
	buffer.value = take(desc, 8);
	if (buffer.value == 0)
		desc[nic_get(dev, NIC_RFCTL) & EXSTEN ? 8 : 12] |= DD;
	else if (rb_mock_dma_write(dev, buffer, bytes, len) < 0)
		return true;
	else
		write_back(dev, desc, len, status, sum);
	rb_mock_dma_write(dev, at, desc, sizeof(desc));
	return buffer.value != 0;
}

static void tell(struct rb_mock_dev *dev, void *arg)
{
	nic_raise(dev, arg, NIC_RXT0 | NIC_RXQ0);
}

static void received(struct rb_mock_dev *dev, struct nic *nic)
{
	uint32_t delay = nic_get(dev, NIC_RDTR) & 0xffff;
	uint32_t least = ring_size(dev) >> (1 + (nic_get(dev, NIC_RCTL) >> 8 & 3));

	if (free_descriptors(dev) <= least)
		nic_raise(dev, nic, NIC_RXDMT0);
	rb_mock_cancel(dev, tell, nic);
	if (delay == 0)
		tell(dev, nic);
	else
		rb_mock_after(dev, delay * 1024, tell, nic);
}

/* --- frames ----------------------------------------------------------------------------------- */

static uint32_t check_sequence(const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0xffffffffu;
	unsigned int bit;

	while (len-- > 0) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* False: there are not descriptors enough. */
static bool store(struct rb_mock_dev *dev, struct nic *nic, uint32_t len, bool inexact)
{
	uint32_t size = buffer_size(dev), off = 0, part, status;
	uint16_t sum = packet_sum(nic->in, len);

	if (free_descriptors(dev) < (len + size - 1) / size)
		return false;
	while (off < len && free_descriptors(dev) > 0) {
		part = len - off < size ? len - off : size;
		status = DD | (inexact ? PIF : 0) | (off + part == len ? EOP : 0);
		if (fill(dev, nic->in + off, part, status, sum))
			off += part;
	}
	return true;
}

static void count_seen(struct rb_mock_dev *dev, uint32_t len)
{
	nic_count(dev, NIC_TPR, 1);
	nic_count64(dev, NIC_TORL, len + 4);
}

static void count_good(struct rb_mock_dev *dev, const uint8_t *frame, uint32_t len)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	count_seen(dev, len);
	nic_count(dev, NIC_GPRC, 1);
	nic_count64(dev, NIC_GORCL, len + 4);
	if (memcmp(frame, all, 6) == 0)
		nic_count(dev, NIC_BPRC, 1);
	else if (frame[0] & 1)
		nic_count(dev, NIC_MPRC, 1);
}

/* A frame of a length that may be: has it been dealt with? */
static bool take_frame(struct rb_mock_dev *dev, struct nic *nic, const void *frame, uint32_t len)
{
	uint32_t padded = len < FRAME_MIN ? FRAME_MIN : len;
	bool inexact;

	memset(nic->in, 0, FRAME_MIN); /* the other side pads */
	memcpy(nic->in, frame, len);
	put(nic->in + padded, check_sequence(nic->in, padded), 4);
	if (!passes(dev, nic->in, &inexact)) {
		count_seen(dev, padded);
		return true;
	}
	len = padded + (nic_get(dev, NIC_RCTL) & SECRC ? 0 : 4);
	if (!store(dev, nic, len, inexact)) {
		nic_count(dev, NIC_RNBC, !nic->refused);
		nic->refused = true;
		return false;
	}
	nic->refused = false;
	count_good(dev, nic->in, padded);
	received(dev, nic);
	return true;
}

bool nic_frame(struct rb_mock_dev *dev, void *arg, const void *frame, size_t len)
{
	struct nic *nic = arg;
	uint32_t rctl = nic_get(dev, NIC_RCTL);

	if (!nic_link(dev, nic))
		return !nic->cable; /* while it negotiates the other side does not send yet */
	if (!(rctl & NIC_ON) || nic->resetting || nic->master_off)
		return true;
	if (rctl & NOT_HERE)
		rb_mock_violation(dev, "RCTL %#x asks for what is not modelled", rctl);
	if (len > (rctl & LPE ? sizeof(nic->in) - 4 : FRAME_MAX)) {
		nic_count(dev, NIC_ROC, 1);
		return true;
	}
	return take_frame(dev, nic, frame, (uint32_t)len);
}

static void check_rctl(struct rb_mock_dev *dev, struct nic *nic)
{
	uint32_t rctl = nic_get(dev, NIC_RCTL);
	bool on = rctl & NIC_ON;

	if (rctl & BSEX && !(rctl & BSIZE))
		rb_mock_violation(dev, "RCTL %#x: BSEX with BSIZE 0 is reserved", rctl);
	if (on && !nic->rx_on && ring_size(dev) == 0)
		rb_mock_violation(dev, "RCTL.EN: the receiver has no ring yet");
	nic->rx_on = on;
}

void nic_rx_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		  uint64_t val)
{
	uint32_t size = ring_size(dev);
	struct nic *nic = arg;

	nic_plain(dev, arg, off, width, val);
	if (off != NIC_RDT && off != NIC_RCTL && nic_get(dev, NIC_RCTL) & NIC_ON)
		rb_mock_violation(dev, "the receive ring is moved (%#x) while the receiver is on",
				  (unsigned int)off);
	if (off == NIC_RCTL)
		check_rctl(dev, nic);
	if ((off == NIC_RDT || off == NIC_RDH) && val > 0 && val >= size)
		rb_mock_violation(dev, "%s %u: the ring has %u descriptors",
				  off == NIC_RDT ? "RDT" : "RDH", (unsigned int)val, size);
	rb_mock_net_resume(dev);
}
