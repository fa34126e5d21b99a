/* SPDX-License-Identifier: MIT */
/*
 * courier.h - the device of doc/dma.md, and what its driver keeps of it.
 *
 * The courier, PCI 1234:00d7, sends frames that a ring of descriptors points to and
 * receives into memory that registers name. Every address that it is given has 32 bits.
 */
#ifndef TESTS_COURIER_H
#define TESTS_COURIER_H

#include <rbdrv/rbdrv.h>

#define COURIER_VENDOR 0x1234
#define COURIER_DEVICE 0x00d7

#define TX_RING	 0x00 /* bus address of the ring, written in halves */
#define TX_COUNT 0x08 /* its slots */
#define TX_TAIL	 0x0c /* doorbell: the slot after the last that is filled */
#define TX_SUM	 0x10 /* sum of all bytes sent and uploaded */
#define MAILBOX	 0x18 /* bus address of a word that counts frames sent */
#define RX_ADDR	 0x20 /* where the next frame goes */
#define RX_LEN	 0x28 /* and how much room is there */
#define RX_GO	 0x2c /* 1 starts; it reads 0 again when the frame is there */
#define UP_ADDR	 0x30 /* a part of the image */
#define UP_LEN	 0x38 /* its bytes */
#define UP_GO	 0x3c /* 1 takes it in */

/* One slot of the ring, little-endian. */
struct courier_desc {
	uint64_t addr;
	uint32_t len;
	uint8_t last; /* of its frame */
	uint8_t done; /* the device has sent it */
	uint16_t reserved;
};

#define SLOTS 64

struct header {
	uint8_t to[6], from[6], kind[2];
};

/* What a frame under way holds on to. */
struct frame {
	struct rb_dma_elem *head;
	struct rb_dma_map *payload;
};

struct courier {
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_dma_buf *mailbox, *image;
	struct rb_dma_pool *headers;
	struct rb_dma_ring *tx;
	struct rb_dma_map *rx;
	struct frame frames[SLOTS]; /* at the slot of its last descriptor */
};

int courier_state_limits(struct courier *c);
int courier_open_mailbox(struct courier *c);
int courier_wait_sent(struct courier *c, uint32_t count);
int courier_upload(struct courier *c, const void *image, uint64_t size);
int courier_open_headers(struct courier *c);
int courier_open_ring(struct courier *c);
int courier_send(struct courier *c, const struct header *head, void *payload, uint64_t len);
void courier_clean(struct courier *c);
int courier_open_rx(struct courier *c, void *bytes, uint64_t room);
int courier_receive(struct courier *c, uint64_t room);
void courier_close(struct courier *c);

#endif
