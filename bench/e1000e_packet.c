/* SPDX-License-Identifier: MIT */
/*
 * e1000e_packet.c - frames through the driver of examples/e1000e, and through the same path
 * written by hand, against a device in plain memory; for e1000e_packet.sh.
 *
 *     e1000e_packet count BATCH BYTES    some thousand frames, for callgrind
 *     e1000e_packet time BATCH BYTES     ticks of the time stamp counter for one, a line
 *
 * All of them echo: a batch of frames comes in, one poll takes them, the event sends each
 * back, and the poll rings for all. A packet is one frame in and one out. Registers and
 * memory are those of a fake world each, mapped and shared as on hardware. The script
 * compiles the driver twice and names it checked_ and raw_. What the device does is neither
 * counted nor timed, and there it is that frames are looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "e1000e_by_hand.h"
#include "e1000e_private.h"
#include "fake_world.h"

#define SLOTS	256u
#define PACKETS 6400u
#define TURNS	40 /* the best one counts */
#define NUMBER	14 /* where a frame has its number */

int checked_e1000e_poll(struct e1000e *nic, unsigned int budget);
int checked_e1000e_send(struct e1000e *nic, const void *bytes, size_t len);
void checked_e1000e_rx_start(struct e1000e *nic);
void checked_e1000e_tx_start(struct e1000e *nic);
int raw_e1000e_poll(struct e1000e *nic, unsigned int budget);
int raw_e1000e_send(struct e1000e *nic, const void *bytes, size_t len);
void raw_e1000e_rx_start(struct e1000e *nic);
void raw_e1000e_tx_start(struct e1000e *nic);

/* A driver on its world, and the device there. */
struct rig {
	struct fake_world *world;
	struct e1000e nic;   /* checked and raw */
	struct by_hand hand; /* by hand */
	volatile uint8_t *bar;
	struct e1000e_rx_desc *rx_desc;
	struct e1000e_tx_desc *tx_desc;
	uint8_t *rx_data, *tx_data;
	uint32_t rx_head, tx_head; /* the device's: slots */
	uint32_t in, out; /* frames that have gone in, and come out */
	uint64_t ticks;
};

struct contender {
	const char *name;
	int (*poll)(struct rig *rig, unsigned int budget);
	void (*start)(struct rig *rig);
	void (*frame)(void *arg, const void *bytes, size_t len);
};

static void give_up(const char *what)
{
	fprintf(stderr, "e1000e_packet: %s\n", what);
	exit(1);
}

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "e1000e_packet: %s: %s\n", what, rb_last_error());
	exit(1);
}

/* --- the contenders ---------------------------------------------------------------------- */

static void hand_frame(void *arg, const void *bytes, size_t len)
{
	struct rig *rig = arg;

	(void)by_hand_send(&rig->hand, bytes, len);
}

static void checked_frame(void *arg, const void *bytes, size_t len)
{
	struct rig *rig = arg;

	(void)checked_e1000e_send(&rig->nic, bytes, len);
}

static void raw_frame(void *arg, const void *bytes, size_t len)
{
	struct rig *rig = arg;

	(void)raw_e1000e_send(&rig->nic, bytes, len);
}

static int hand_poll(struct rig *rig, unsigned int budget)
{
	return by_hand_poll(&rig->hand, budget);
}

static int checked_poll(struct rig *rig, unsigned int budget)
{
	return checked_e1000e_poll(&rig->nic, budget);
}

static int raw_poll(struct rig *rig, unsigned int budget)
{
	return raw_e1000e_poll(&rig->nic, budget);
}

static struct hand_ring *hand_ring(void *desc, volatile uint8_t *tail)
{
	struct hand_ring *r = calloc(1, sizeof(*r));

	if (r == NULL)
		give_up("no memory");
	r->desc = desc;
	r->tail = (volatile uint32_t *)tail;
	r->mask = SLOTS - 1;
	r->room = SLOTS - 1;
	return r;
}

/* The same memory and registers as the others' rings have; only seen without them. */
static void hand_start(struct rig *rig)
{
	struct by_hand *hand = &rig->hand;

	checked_e1000e_rx_start(&rig->nic);
	checked_e1000e_tx_start(&rig->nic);
	hand->rx = hand_ring(rig->nic.rx->desc, rig->bar + REG_RDT);
	hand->tx = hand_ring(rig->nic.tx->desc, rig->bar + REG_TDT);
	hand->rx->prod = SLOTS - 1;
	hand->rx_lazy = (SLOTS - 1) / 4;
	hand->rx_data = rig->nic.rx_data->cpu;
	hand->tx_data = rig->nic.tx_data->cpu;
	hand->unwrapped = rig->nic.unwrapped;
	hand->frame_max = rig->nic.frame_max;
	hand->link = true;
	hand->events = rig->nic.events;
	hand->arg = rig;
}

static void checked_start(struct rig *rig)
{
	checked_e1000e_rx_start(&rig->nic);
	checked_e1000e_tx_start(&rig->nic);
}

static void raw_start(struct rig *rig)
{
	raw_e1000e_rx_start(&rig->nic);
	raw_e1000e_tx_start(&rig->nic);
}

/* Asked when nothing has been sent since the last poll: in the first one. */
uint64_t hand_clock(void)
{
	static uint64_t now = 1;

	return now++;
}

int hand_slow(struct by_hand *nic, const char *what)
{
	(void)nic;
	give_up(what);
	return -EIO;
}

static const struct contender contenders[] = {
	{ "by hand", hand_poll, hand_start, hand_frame },
	{ "checked", checked_poll, checked_start, checked_frame },
	{ "raw", raw_poll, raw_start, raw_frame },
};

#define CONTENDERS (sizeof(contenders) / sizeof(contenders[0]))

/* --- a driver past its bring-up ---------------------------------------------------------- */

static void open_ring(struct rb_pci_dev *dev, struct rb_mmio *regs, uint32_t tail,
		      struct rb_dma_ring **ring, struct rb_dma_buf **data)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;

	options.regs = regs;
	options.doorbell = tail;
	options.reserve = 1;
	check(rb_dma_alloc(dev, SLOTS * SLOT_BYTES, NULL, data), "frames");
	check(rb_dma_ring_open(dev, SLOTS, sizeof(struct e1000e_rx_desc), &options, ring), "ring");
}

/* What e1000e_open() leaves behind, for the parts that frames come to: the fake world has
 * neither this card nor interrupts. */
static void open_rig(struct rig *rig, const struct contender *who)
{
	struct e1000e *nic = &rig->nic;

	memset(rig, 0, sizeof(*rig));
	rig->world = fake_open();
	rig->bar = rig->world->bar + 4096; /* a page lies before it */
	nic->ctx = rig->world->ctx;
	nic->dev = fake_device(rig->world);
	check(rb_mmio_map(nic->dev, 0, 0, 0, RB_MMIO_UC, &nic->regs), "registers");
	open_ring(nic->dev, nic->regs, REG_RDT, &nic->rx, &nic->rx_data);
	open_ring(nic->dev, nic->regs, REG_TDT, &nic->tx, &nic->tx_data);
	nic->rx_bytes = nic->rx_data->cpu;
	nic->tx_bytes = nic->tx_data->cpu;
	nic->unwrapped = malloc(HW_FRAME_MAX);
	nic->options.rx_count = nic->options.tx_count = SLOTS;
	nic->frame_max = 1518;
	nic->link = true;
	nic->events.frame = who->frame;
	nic->arg = rig;
	who->start(rig);
	rb_dma_ring_ring(nic->rx); /* as the start of the driver does */
	if (rig->hand.rx != NULL)
		rig->hand.rx->rung = SLOTS - 1;
	rig->rx_desc = nic->rx->desc;
	rig->tx_desc = nic->tx->desc;
	rig->rx_data = nic->rx_data->cpu;
	rig->tx_data = nic->tx_data->cpu;
}

static void close_rig(struct rig *rig)
{
	struct e1000e *nic = &rig->nic;

	rb_dma_ring_close(nic->rx);
	rb_dma_ring_close(nic->tx);
	rb_dma_close(nic->rx_data);
	rb_dma_close(nic->tx_data);
	rig->world->map_len = FAKE_BAR_SIZE; /* it knows the last mapping alone */
	rb_mmio_close(nic->regs);
	rb_pci_unref(nic->dev);
	free(nic->unwrapped);
	free(rig->hand.rx);
	free(rig->hand.tx);
	fake_close(rig->world);
}

/* --- the device -------------------------------------------------------------------------- */

static uint32_t tail(const struct rig *rig, uint32_t reg)
{
	return *(const volatile uint32_t *)(rig->bar + reg);
}

static void frames_in(struct rig *rig, uint32_t n, uint32_t len)
{
	for (; n > 0; n--, rig->in++) {
		if (rig->rx_head == tail(rig, REG_RDT))
			give_up("no descriptor is free");
		memset(rig->rx_data + rig->rx_head * SLOT_BYTES, 2, NUMBER);
		memcpy(rig->rx_data + rig->rx_head * SLOT_BYTES + NUMBER, &rig->in, 4);
		rig->rx_desc[rig->rx_head].length = len;
		rig->rx_desc[rig->rx_head].status = RXD_DD | RXD_EOP;
		rig->rx_head = (rig->rx_head + 1) % SLOTS;
	}
}

static void frames_out(struct rig *rig, uint32_t len)
{
	uint32_t number;

	for (; rig->tx_head != tail(rig, REG_TDT); rig->tx_head = (rig->tx_head + 1) % SLOTS) {
		memcpy(&number, rig->tx_data + rig->tx_head * SLOT_BYTES + NUMBER, 4);
		if (number != rig->out++ ||
		    rig->tx_desc[rig->tx_head].cmd != (len | TXD_EOP | TXD_IFCS | TXD_RS))
			give_up("another frame came out");
		rig->tx_desc[rig->tx_head].status = TXD_DD;
	}
}

/* --- runs -------------------------------------------------------------------------------- */

static uint64_t ticks(void)
{
#if defined(__x86_64__)
	uint32_t lo, hi;

	__asm__ __volatile__("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
#else
	return 0;
#endif
}

/* What a look at the counter costs by itself. */
static uint64_t ticks_of_nothing(void)
{
	uint64_t began, best = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		began = ticks();
		began = ticks() - began;
		best = began < best ? began : best;
	}
	return best;
}

/* Answers the ticks of all polls together. */
static uint64_t run(struct rig *rig, const struct contender *who, uint32_t batch, uint32_t len)
{
	uint64_t began, sum = 0;
	uint32_t i;

	for (i = 0; i < PACKETS; i += batch) {
		frames_in(rig, batch, len);
		began = ticks();
		(void)who->poll(rig, batch);
		sum += ticks() - began;
		frames_out(rig, len);
	}
	if (rig->out != rig->in)
		give_up("frames are missing");
	return sum;
}

static void print_ticks(struct rig *rigs, uint32_t batch, uint32_t len)
{
	double nothing = (double)ticks_of_nothing() / batch;
	double each[CONTENDERS];
	uint64_t now;
	unsigned int turn;
	size_t i;

	for (turn = 0; turn < TURNS; turn++)
		for (i = 0; i < CONTENDERS; i++) {
			now = run(&rigs[i], &contenders[i], batch, len);
			if (turn == 0 || now < rigs[i].ticks)
				rigs[i].ticks = now;
		}
	for (i = 0; i < CONTENDERS; i++) {
		each[i] = (double)rigs[i].ticks / PACKETS - nothing;
		printf(" %8.1f", each[i]);
	}
	printf("   %6.3f %6.3f\n", each[1] / each[0], each[2] / each[0]);
}

int main(int argc, char **argv)
{
	static struct rig rigs[CONTENDERS];
	uint32_t batch, len;
	size_t i;

	if (argc != 4)
		return 2;
	batch = (uint32_t)strtoul(argv[2], NULL, 10);
	len = (uint32_t)strtoul(argv[3], NULL, 10);
	if (batch < 1 || batch > SLOTS / 2 || PACKETS % batch != 0 || len < 60 || len > 1514)
		return 2;
	for (i = 0; i < CONTENDERS; i++)
		open_rig(&rigs[i], &contenders[i]);
	if (strcmp(argv[1], "time") == 0)
		print_ticks(rigs, batch, len);
	else
		for (i = 0; i < CONTENDERS; i++)
			(void)run(&rigs[i], &contenders[i], batch, len);
	for (i = 0; i < CONTENDERS; i++)
		close_rig(&rigs[i]);
	return 0;
}
