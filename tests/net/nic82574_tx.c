/* SPDX-License-Identifier: MIT */
/*
 * nic82574_tx.c - the transmitter of the 82574L: legacy descriptors, and extended ones of data
 * without offloads. A frame takes the time that it has on the wire.
 */
#include <string.h>

#include "nic82574.h"

#define CMD_EOP	 0x01u
#define CMD_IFCS 0x02u
#define CMD_IC	 0x04u
#define CMD_TSE	 0x04u /* of extended descriptors */
#define CMD_RS	 0x08u
#define CMD_DEXT 0x20u
#define CMD_VLE	 0x40u
#define CMD_IDE	 0x80u
#define DD	 0x01u
#define PSP	 0x00000008u /* of TCTL */
#define WIRE_NS	 8u /* a byte at 1 Gbit/s */
#define GAP	 24u /* preamble, check sequence and gap, in bytes */
#define FRAME_MIN 60

static void step(struct rb_mock_dev *dev, void *arg);

static bool is_on(struct rb_mock_dev *dev, const struct nic *nic)
{
	return nic_get(dev, NIC_TCTL) & NIC_ON && nic_link(dev, nic) && !nic->hung &&
	       !nic->resetting && !nic->master_off;
}

static bool is_empty(struct rb_mock_dev *dev)
{
	return nic_get(dev, NIC_TDLEN) == 0 || nic_get(dev, NIC_TDH) == nic_get(dev, NIC_TDT);
}

static uint64_t take(const uint8_t *at, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | at[bytes];
	return v;
}

/* --- one descriptor (data sheet 7.2.10) ------------------------------------------------------- */

/* Length, or 0 with a violation. */
static uint32_t check(struct rb_mock_dev *dev, const struct nic *nic, const uint8_t *desc)
{
	bool extended = desc[11] & CMD_DEXT;
	uint32_t len = (uint32_t)take(desc + 8, extended ? 3 : 2) & 0xfffff;

	if (extended && desc[10] >> 4 != 1) {
		rb_mock_violation(dev, "transmit descriptor of type %u: contexts are not modelled",
				  desc[10] >> 4);
		return 0;
	}
	if (desc[11] & (CMD_VLE | CMD_IC) || (extended && desc[13]))
		rb_mock_violation(dev, "transmit command %#x asks for an offload: not modelled",
				  desc[11]);
	if (len == 0 || len > sizeof(nic->out) - 4 - nic->out_len) {
		rb_mock_violation(dev, "transmit descriptor of %u bytes behind %u of its frame", len,
				  nic->out_len);
		return 0;
	}
	return len;
}

static void done(struct rb_mock_dev *dev, void *arg)
{
	nic_raise(dev, arg, NIC_TXDW | NIC_TXQ0);
}

/* Only the status is written; the driver's part of the descriptor stays. */
static void write_back(struct rb_mock_dev *dev, struct nic *nic, struct rb_bus_addr at,
		       const uint8_t *desc)
{
	uint32_t delay = nic_get(dev, NIC_TIDV) & 0xffff;
	uint8_t status = desc[12] | DD;

	if (!(desc[11] & CMD_RS))
		return;
	at.value += 12;
	rb_mock_dma_write(dev, at, &status, 1);
	rb_mock_cancel(dev, done, nic);
	if (desc[11] & CMD_IDE && delay > 0)
		rb_mock_after(dev, delay * 1024, done, nic);
	else
		done(dev, nic);
}

/* --- one frame -------------------------------------------------------------------------------- */

static void count(struct rb_mock_dev *dev, const struct nic *nic, uint32_t len)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	nic_count(dev, NIC_TPT, 1);
	nic_count(dev, NIC_GPTC, 1);
	nic_count64(dev, NIC_TOTL, len + 4);
	nic_count64(dev, NIC_GOTCL, len + 4);
	if (memcmp(nic->out, all, 6) == 0)
		nic_count(dev, NIC_BPTC, 1);
	else if (nic->out[0] & 1)
		nic_count(dev, NIC_MPTC, 1);
}

static void send_frame(struct rb_mock_dev *dev, struct nic *nic, const uint8_t *desc)
{
	uint32_t len = nic->out_len;

	if (!(desc[11] & CMD_IFCS))
		rb_mock_violation(dev, "a frame of %u bytes is sent without IFCS: its check "
				       "sequence is not looked at", len);
	if (len < FRAME_MIN && nic_get(dev, NIC_TCTL) & PSP) {
		memset(nic->out + len, 0, FRAME_MIN - len);
		len = FRAME_MIN;
	}
	count(dev, nic, len);
	rb_mock_net_send(dev, nic->out, len);
	nic->out_len = 0;
}

/* One descriptor: its bytes. 0: it cannot be used, and the transmitter hangs as the device's does. */
static uint32_t use_descriptor(struct rb_mock_dev *dev, struct nic *nic)
{
	uint32_t head = nic_get(dev, NIC_TDH), len;
	struct rb_bus_addr at, buffer;
	uint8_t desc[16];

	at.value = ((uint64_t)nic_get(dev, NIC_TDBAH) << 32 | nic_get(dev, NIC_TDBAL)) + 16 * head;
	if (rb_mock_dma_read(dev, at, desc, sizeof(desc)) < 0)
		return 0;
	len = check(dev, nic, desc);
	buffer.value = take(desc, 8);
	if (len == 0 || rb_mock_dma_read(dev, buffer, nic->out + nic->out_len, len) < 0)
		return 0;
	nic->out_len += len;
	if (desc[11] & CMD_EOP)
		send_frame(dev, nic, desc);
	rb_mock_reg_set(dev, 0, NIC_TDH, (head + 1) % (nic_get(dev, NIC_TDLEN) / 16));
	write_back(dev, nic, at, desc);
	return len;
}

static void schedule(struct rb_mock_dev *dev, struct nic *nic, uint32_t bytes)
{
	nic->sending = true;
	rb_mock_after(dev, (uint64_t)(bytes + GAP) * WIRE_NS, step, nic);
}

static void step(struct rb_mock_dev *dev, void *arg)
{
	struct nic *nic = arg;
	uint32_t bytes;

	nic->sending = false;
	if (!is_on(dev, nic) || is_empty(dev))
		return;
	bytes = use_descriptor(dev, nic);
	if (bytes == 0) {
		nic->hung = true;
		return;
	}
	if (is_empty(dev))
		nic_raise(dev, nic, NIC_TXQE);
	else
		schedule(dev, nic, bytes > FRAME_MIN ? bytes : FRAME_MIN);
}

void nic_tx_go(struct rb_mock_dev *dev, struct nic *nic)
{
	if (!nic->sending && is_on(dev, nic) && !is_empty(dev))
		schedule(dev, nic, FRAME_MIN);
}

void nic_tx_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		  uint64_t val)
{
	uint32_t size = nic_get(dev, NIC_TDLEN) / 16;
	struct nic *nic = arg;

	nic_plain(dev, arg, off, width, val);
	if (off != NIC_TDT && off != NIC_TCTL && nic_get(dev, NIC_TCTL) & NIC_ON)
		rb_mock_violation(dev, "the transmit ring is moved (%#x) while the transmitter is on",
				  (unsigned int)off);
	if (off == NIC_TCTL) {
		if (val & NIC_ON && !nic->tx_on && size == 0)
			rb_mock_violation(dev, "TCTL.EN: the transmitter has no ring yet");
		nic->tx_on = val & NIC_ON;
	}
	if ((off == NIC_TDT || off == NIC_TDH) && val > 0 && val >= size)
		rb_mock_violation(dev, "%s %u: the ring has %u descriptors",
				  off == NIC_TDT ? "TDT" : "TDH", (unsigned int)val, size);
	nic_tx_go(dev, nic);
}

void nic82574_hang(struct rb_mock_dev *dev)
{
	struct nic *nic = rb_mock_state(dev, sizeof(*nic));

	if (nic)
		nic->hung = true;
}
