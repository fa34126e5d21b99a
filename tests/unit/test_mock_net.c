/* SPDX-License-Identifier: MIT */
/*
 * test_mock_net.c - networks of the mock: frames between a test and a device model.
 *
 * The model is a card with a box for a few frames. Each frame that comes is an interrupt;
 * reading a register takes the oldest out of the box.
 */
#include "mock_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rbdrv/host.h>

#define HELD  0x00 /* frames in the box */
#define TAKE  0x04 /* the oldest: its first byte << 24 | its length; 0: none */
#define SEND  0x08 /* a frame of so many bytes, the first of them in the top byte */
#define CABLE 0x0c
#define LATER 0x10 /* as SEND, a millisecond later */

#define BOX 100
#define MS  1000000

struct card {
	unsigned int room, held;
	uint32_t box[BOX];
	uint32_t later;
	int sent; /* the last answer of rb_mock_net_send() */
	unsigned int cables; /* changes */
	bool remove; /* at the next frame */
	bool echo;
};

static bool on_frame(struct rb_mock_dev *dev, void *arg, const void *frame, size_t len)
{
	const uint8_t *bytes = frame;
	struct card *c = arg;

	if (c->remove) {
		rb_mock_remove(dev);
		return false;
	}
	if (c->echo)
		c->sent = rb_mock_net_send(dev, frame, len);
	if (c->held == c->room)
		return false;
	c->box[c->held++] = (uint32_t)bytes[0] << 24 | (uint32_t)len;
	rb_mock_msi(dev, 0);
	return true;
}

static void on_cable(struct rb_mock_dev *dev, void *arg, bool up)
{
	struct card *c = arg;

	assert_int_equal(rb_mock_net_link(dev), up);
	c->cables++;
	rb_mock_msi(dev, 0);
}

static void send_some(struct rb_mock_dev *dev, struct card *c, uint32_t what)
{
	static uint8_t frame[RB_MOCK_FRAME_MAX];

	frame[0] = (uint8_t)(what >> 24);
	c->sent = rb_mock_net_send(dev, frame, what & 0xffffff);
}

static void send_later(struct rb_mock_dev *dev, void *arg)
{
	struct card *c = arg;

	send_some(dev, c, c->later);
}

static uint64_t card_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	struct card *c = arg;
	uint32_t first = c->held > 0 ? c->box[0] : 0;

	(void)width;
	if (off == CABLE)
		return rb_mock_net_link(dev);
	if (off == TAKE && c->held > 0) {
		memmove(c->box, c->box + 1, --c->held * sizeof(c->box[0]));
		rb_mock_net_resume(dev);
		return first;
	}
	return off == HELD ? c->held : 0;
}

static void card_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		       uint64_t val)
{
	struct card *c = arg;

	(void)width;
	if (off == SEND)
		send_some(dev, c, (uint32_t)val);
	if (off == LATER) {
		c->later = (uint32_t)val;
		rb_mock_after(dev, MS, send_later, c);
	}
}

static int card_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;
	struct card *c = rb_mock_state(dev, sizeof(*c));

	(void)arg;
	ids.vendor = 0x1234;
	ids.device = 0x0e17;
	rb_mock_ids(dev, &ids);
	if (!c)
		return -ENOMEM;
	c->room = BOX;
	rb_mock_bar_ops(dev, 0, 4096, 0, card_read, card_write, c);
	rb_mock_cap_msi(dev, 0, RB_MOCK_MSI_64BIT);
	return rb_mock_net(dev, on_frame, on_cable, c);
}

/* --- a driver of it ------------------------------------------------------------------------ */

struct bench {
	struct rb_ctx *ctx;
	struct rb_mock_dev *mock;
	struct card *card;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	int fd;
};

static void open_bench(struct bench *b, const char *machine)
{
	uint64_t count;

	memset(b, 0, sizeof(*b));
	assert_int_equal(rb_ctx_new(machine, &b->ctx), 0);
	b->mock = rb_mock_find(b->ctx, "card", 0);
	b->card = rb_mock_state(b->mock, sizeof(*b->card));
	b->fd = rb_host_net_fd(b->ctx, "n0");
	assert_int_equal(rb_pci_open(b->ctx, rb_mock_addr(b->mock), &b->dev), 0);
	assert_int_equal(rb_mmio_map(b->dev, 0, 0, 0, RB_MMIO_UC, &b->regs), 0);
	assert_int_equal(rb_irq_set_open(b->dev, NULL, &b->irqs), 0);
	assert_int_equal(rb_irq_take(b->irqs, 0, &count), 0);
}

static void close_bench(struct bench *b)
{
	rb_irq_set_close(b->irqs);
	rb_mmio_close(b->regs);
	rb_pci_unref(b->dev);
	if (rb_mock_verify(b->ctx) != 0)
		fail_msg("%s", rb_mock_violation_text(b->ctx, 0));
	rb_ctx_unref(b->ctx);
}

/* A frame of @len bytes that begins with @first: what send() says. */
static ssize_t feed(struct bench *b, uint8_t first, size_t len)
{
	static uint8_t frame[RB_MOCK_FRAME_MAX + 1];

	frame[0] = first;
	return send(b->fd, frame, len, 0);
}

static uint32_t reg(struct bench *b, uint64_t off)
{
	return rb_mmio_read32(b->regs, off);
}

/* The next frame from the card, as TAKE tells it; 0: none. */
static uint32_t fetch(struct bench *b)
{
	uint8_t frame[2048];
	ssize_t n = recv(b->fd, frame, sizeof(frame), 0);

	return n > 0 ? (uint32_t)frame[0] << 24 | (uint32_t)n : 0;
}

static void violated(struct bench *b, const char *part)
{
	struct rig rig = { b->ctx, NULL };

	assert_violation(&rig, part);
}

/* --- in -------------------------------------------------------------------------------------- */

static void a_frame_is_there_for_the_next_register_access(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");

	assert_int_equal(feed(&b, 7, 60), 60);

	assert_int_equal(reg(&b, HELD), 1);
	assert_int_equal(reg(&b, TAKE), 7u << 24 | 60);
	close_bench(&b);
}

static void a_wait_finds_a_frame_before_it_jumps(void **state)
{
	struct bench b;
	uint64_t before;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	before = rb_time_ns(b.ctx);

	assert_int_equal(feed(&b, 1, 1514), 1514);

	assert_int_equal(rb_irq_wait(b.irqs, 0, 1000), 0);
	assert_int_equal(rb_time_ns(b.ctx), before);
	assert_int_equal(reg(&b, TAKE), 1u << 24 | 1514);
	close_bench(&b);
}

static void delays_take_frames_in_too(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");

	feed(&b, 1, 60);
	rb_delay_us(b.ctx, 1);
	assert_int_equal(b.card->held, 1);
	feed(&b, 2, 60);
	rb_mock_advance(b.ctx, 1);

	assert_int_equal(b.card->held, 2);
	close_bench(&b);
}

static void frames_that_find_no_room_wait_in_order(void **state)
{
	unsigned int sent = 0, taken;
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	b.card->room = 3;
	while (feed(&b, (uint8_t)sent, 1000 + sent) > 0)
		sent++;
	assert_int_equal(errno, EAGAIN);
	assert_true(sent > 100);

	for (taken = 0; taken < sent; taken++)
		assert_int_equal(reg(&b, TAKE), (taken & 0xff) << 24 | (1000 + taken));

	assert_int_equal(reg(&b, TAKE), 0);
	close_bench(&b);
}

static void a_flood_comes_in_by_sixty_four(void **state)
{
	struct bench b;
	int i;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	for (i = 0; i < 90; i++)
		feed(&b, 1, 60);

	assert_int_equal(reg(&b, HELD), 64);
	assert_int_equal(reg(&b, HELD), 90);
	close_bench(&b);
}

static void frames_wait_for_bus_mastering(void **state)
{
	struct bench b;
	struct rig rig;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	rig.ctx = b.ctx;
	rig.m = rbi_hosted_machine(b.ctx->sys);
	cfg_write(&rig, rb_mock_addr(b.mock), 4, 2, 0x0002);
	feed(&b, 1, 60);
	feed(&b, 2, 60);
	assert_int_equal(reg(&b, HELD), 0);

	cfg_write(&rig, rb_mock_addr(b.mock), 4, 2, 0x0006);

	assert_int_equal(reg(&b, HELD), 2);
	close_bench(&b);
}

static void an_empty_frame_is_the_end(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");

	assert_int_equal(feed(&b, 0, 0), 0);
	feed(&b, 1, 60);

	assert_int_equal(reg(&b, HELD), 0);
	violated(&b, "network 'n0': an empty frame");
	assert_int_equal(rb_irq_wait(b.irqs, 0, 1000), -ETIMEDOUT);
	close_bench(&b);
}

static void a_frame_has_65536_bytes_at_most(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");

	assert_int_equal(feed(&b, 1, RB_MOCK_FRAME_MAX), RB_MOCK_FRAME_MAX);
	assert_int_equal(feed(&b, 2, RB_MOCK_FRAME_MAX + 1), RB_MOCK_FRAME_MAX + 1);

	assert_int_equal(reg(&b, TAKE), 1u << 24 | RB_MOCK_FRAME_MAX);
	assert_int_equal(reg(&b, TAKE), 0);
	violated(&b, "a frame of 65537 bytes is lost");
	close_bench(&b);
}

static void a_frame_may_be_the_end_of_its_device(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	b.card->remove = true;
	feed(&b, 1, 60);
	feed(&b, 2, 60);

	assert_int_equal(reg(&b, HELD), 0xffffffff);

	assert_int_equal(rb_mmio_error(b.regs), -ENODEV);
	assert_int_equal(rb_mock_net_send(b.mock, "x", 1), -ENODEV);
	close_bench(&b);
}

/* --- out ------------------------------------------------------------------------------------- */

static void a_frame_sent_is_one_message(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");

	rb_mmio_write32(b.regs, SEND, 1u << 24 | 1514);
	rb_mmio_write32(b.regs, SEND, 2u << 24 | 60);

	assert_int_equal(fetch(&b), 1u << 24 | 1514);
	assert_int_equal(fetch(&b), 2u << 24 | 60);
	assert_int_equal(fetch(&b), 0);
	assert_int_equal(b.card->sent, 1);
	close_bench(&b);
}

static void a_poll_for_a_frame_jumps_to_when_it_comes(void **state)
{
	struct pollfd pfd = { 0, POLLIN, 0 };
	struct bench b;
	uint64_t before;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	pfd.fd = b.fd;
	rb_mmio_write32(b.regs, LATER, 3u << 24 | 99);
	before = rb_time_ns(b.ctx);

	assert_int_equal(rb_poll(b.ctx, &pfd, 1, 1000), 1);

	assert_int_equal(rb_time_ns(b.ctx) - before, MS);
	assert_int_equal(fetch(&b), 3u << 24 | 99);
	assert_int_equal(rb_poll(b.ctx, &pfd, 1, 10), 0);
	assert_int_equal(rb_time_ns(b.ctx) - before, 11 * MS);
	close_bench(&b);
}

static void frames_that_nobody_reads_wait_in_order(void **state)
{
	struct bench b;
	uint32_t i;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram;watchdog=0");
	for (i = 0; i < 8000; i++)
		rb_mmio_write32(b.regs, SEND, i << 24 | (60 + i % 1400));

	for (i = 0; i < 8000; i++) {
		uint32_t got = fetch(&b);

		if (got == 0) { /* the socket is empty: the mock shall look */
			reg(&b, HELD);
			got = fetch(&b);
		}
		assert_int_equal(got, i << 24 | (60 + i % 1400));
	}
	close_bench(&b);
}

static void the_ten_thousandth_that_nobody_reads_is_not_the_last(void **state)
{
	unsigned int sent = 0, read = 0;
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	do
		rb_mmio_write32(b.regs, SEND, 1u << 24 | 60);
	while (b.card->sent == 1 && sent++ < 30000);

	assert_int_equal(b.card->sent, 0);
	assert_true(sent > 10000);
	violated(&b, "network 'n0': 10000 frames wait to be read");
	for (; reg(&b, HELD) == 0 && fetch(&b) != 0; read++)
		;
	assert_int_equal(read, sent);
	close_bench(&b);
}

static void an_answer_may_be_sent_at_once(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	b.card->echo = true;
	feed(&b, 5, 70);

	reg(&b, HELD);

	assert_int_equal(fetch(&b), 5u << 24 | 70);
	close_bench(&b);
}

static void what_is_no_frame_cannot_be_sent(void **state)
{
	struct bench b;
	struct rb_mock_dev *plain;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");

	assert_int_equal(rb_mock_net_send(NULL, "x", 1), -EINVAL);
	assert_int_equal(rb_mock_net_send(b.mock, NULL, 1), -EINVAL);
	assert_int_equal(rb_mock_net_send(b.mock, "", 0), -EINVAL);
	assert_int_equal(rb_mock_net_send(b.mock, "x", RB_MOCK_FRAME_MAX + 1), -EINVAL);
	assert_int_equal(rb_mock_add(b.ctx, "plain", plain_build, NULL, &plain), 0);
	assert_int_equal(rb_mock_net_send(plain, "x", 1), -EINVAL);
	assert_int_equal(rb_mock_net(plain, NULL, NULL, NULL), -EINVAL);
	assert_false(rb_mock_net_link(plain));
	assert_false(rb_mock_net_link(NULL));
	rb_mock_net_resume(plain);
	rb_mock_net_resume(NULL);
	close_bench(&b);
}

/* --- the cable ------------------------------------------------------------------------------- */

static void a_pulled_cable_loses_frames_both_ways(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	assert_int_equal(reg(&b, CABLE), 1);

	assert_int_equal(rb_host_set_link(b.ctx, "n0", false), 0);

	assert_int_equal(rb_irq_wait(b.irqs, 0, 1000), 0);
	assert_int_equal(reg(&b, CABLE), 0);
	assert_int_equal(feed(&b, 1, 60), 60);
	rb_mmio_write32(b.regs, SEND, 1u << 24 | 60);
	assert_int_equal(b.card->sent, 0);
	assert_int_equal(rb_host_set_link(b.ctx, "n0", false), 0);
	assert_int_equal(b.card->cables, 1);
	assert_int_equal(rb_host_set_link(b.ctx, "n0", true), 0);
	assert_int_equal(b.card->cables, 2);
	feed(&b, 2, 60);
	assert_int_equal(reg(&b, TAKE), 2u << 24 | 60);
	assert_int_equal(fetch(&b), 0);
	close_bench(&b);
}

static void a_card_without_a_network_is_alone(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card;net.n0=dgram");

	rb_mmio_write32(b.regs, SEND, 1u << 24 | 60);

	assert_int_equal(b.card->sent, 0);
	assert_int_equal(reg(&b, CABLE), 1);
	assert_int_equal(fetch(&b), 0);
	close_bench(&b);
}

static void a_dead_card_neither_sends_nor_receives(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0,fault=dead:1;net.n0=dgram");
	assert_int_equal(reg(&b, HELD), 0xffffffff);

	feed(&b, 1, 60);
	reg(&b, HELD);

	assert_int_equal(b.card->held, 0);
	assert_int_equal(rb_mock_net_send(b.mock, "x", 1), 0);
	close_bench(&b);
}

/* --- networks -------------------------------------------------------------------------------- */

static void refused(const char *machine, int code, const char *words)
{
	struct rb_ctx *ctx;
	int rc = rb_ctx_new(machine, &ctx);

	if (rc != code || !strstr(rb_last_error(), words))
		fail_msg("'%s': %d, '%s' and not '%s'", machine, rc, rb_last_error(), words);
	assert_null(ctx);
}

static int twice_build(struct rb_mock_dev *dev, void *arg)
{
	card_build(dev, arg);
	return rb_mock_net(dev, NULL, NULL, NULL);
}

static void strings_that_make_no_sense_are_refused(void **state)
{
	(void)state;

	refused("mock:card,netdev=n1;net.n0=dgram", -EINVAL, "no network 'n1'");
	refused("mock:card,netdev=n0", -EINVAL, "no network 'n0'");
	refused("mock:card,netdev=n0;card,netdev=n0;net.n0=dgram", -EINVAL,
		"card at 00:01.0 is in network 'n0'");
	refused("mock:edu,netdev=n0;net.n0=dgram", -EINVAL, "no argument 'netdev'");
	refused("mock:twice;net.n0=dgram", -EINVAL, "a second time");
	refused("mock:net.n0=user", -ENOTSUP, "network 'n0': machine 'mock' plays no network");
	refused("mock:net.n0=dgram;net.n0=dgram", -EINVAL, "twice");
}

static void a_network_outlives_its_cards(void **state)
{
	struct rb_mock_dev *second;
	struct rb_pci_addr addr;
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	b.card->room = 0;
	feed(&b, 1, 60);
	reg(&b, HELD);
	assert_int_equal(rb_host_plug(b.ctx, "card,netdev=n0", &addr), -EINVAL);
	rb_mock_remove(b.mock);
	feed(&b, 2, 60);
	reg(&b, HELD);

	assert_int_equal(rb_host_plug(b.ctx, "card,netdev=n0", &addr), 0);

	feed(&b, 3, 60);
	second = rb_mock_find(b.ctx, "card", 1);
	assert_int_equal(((struct card *)rb_mock_state(second, 1))->held, 0);
	close_bench(&b);
}

static void names_are_looked_up(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram;net.n1=dgram");

	assert_true(b.fd >= 0);
	assert_int_equal(rb_host_net_fd(b.ctx, "n0"), b.fd);
	assert_int_not_equal(rb_host_net_fd(b.ctx, "n1"), b.fd);
	assert_int_equal(rb_host_net_fd(b.ctx, "n2"), -ENOENT);
	assert_int_equal(rb_host_set_link(b.ctx, "n2", true), -ENOENT);
	assert_int_equal(rb_host_net_fd(b.ctx, NULL), -EINVAL);
	assert_int_equal(fcntl(b.fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(b.fd, F_GETFL) & O_NONBLOCK);
	close_bench(&b);
	assert_int_equal(fcntl(b.fd, F_GETFD), -1);
}

static void a_child_of_fork_closes_only_its_copies(void **state)
{
	struct bench b;
	int status;
	pid_t pid;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram;time=real");

	pid = fork();
	if (pid == 0) {
		int rc = rb_host_net_fd(b.ctx, "n0");

		rb_ctx_unref(b.ctx);
		_exit(rc == -ENODEV ? 0 : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	feed(&b, 1, 60);
	assert_int_equal(rb_irq_wait(b.irqs, 0, 10000), 0);
	close_bench(&b);
}

static void a_start_without_memory_leaves_nothing(void **state)
{
	static const char machine[] = "mock:card,netdev=n0;net.n0=dgram;net.n1=dgram";
	unsigned long n, made;
	struct rb_ctx *ctx;
	long live;

	(void)state;
	live = rbi_alloc_live();
	rbi_alloc_fail_at(0);
	assert_int_equal(rb_ctx_new(machine, &ctx), 0);
	made = rbi_alloc_fail_at(0);
	rb_ctx_unref(ctx);
	assert_true(made > 5);

	for (n = 1; n <= made; n++) {
		rbi_alloc_fail_at(n);
		assert_int_equal(rb_ctx_new(machine, &ctx), -ENOMEM);
	}

	rbi_alloc_fail_at(0);
	assert_int_equal(rbi_alloc_live(), live);
}

/* --- threads and clocks ---------------------------------------------------------------------- */

#define ROUNDS 200

/* Sends frames and wants each back before the next; a line number when it fails. */
static void *play_ping(void *arg)
{
	struct bench *b = arg;
	struct pollfd pfd = { b->fd, POLLIN, 0 };
	uintptr_t failed = 0;
	uint32_t i;

	for (i = 0; i < ROUNDS && !failed; i++) {
		if (feed(b, (uint8_t)i, 60 + i) < 0)
			failed = __LINE__;
		else if (rb_poll(b->ctx, &pfd, 1, 1000) != 1)
			failed = __LINE__;
		else if (fetch(b) != ((i & 0xff) << 24 | (60 + i)))
			failed = __LINE__;
	}
	rb_mock_thread_end(b->ctx);
	return (void *)failed;
}

struct player {
	struct bench *b;
	pthread_barrier_t ready;
};

static void *ping(void *arg)
{
	struct player *p = arg;
	int rc = rb_mock_thread_begin(p->b->ctx);

	pthread_barrier_wait(&p->ready);
	return rc == 0 ? play_ping(p->b) : (void *)1;
}

/* Answers a millisecond of the machine's time later; nobody's second ever passes. */
static void two_threads_play_ping_pong_in_virtual_time(void **state)
{
	struct player p;
	pthread_t thread;
	struct bench b;
	uint64_t before, count;
	uint32_t frame, i;
	void *failed;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram");
	before = rb_time_ns(b.ctx);
	p.b = &b;
	assert_int_equal(rb_mock_thread_begin(b.ctx), 0);
	assert_int_equal(pthread_barrier_init(&p.ready, NULL, 2), 0);
	assert_int_equal(pthread_create(&thread, NULL, ping, &p), 0);
	pthread_barrier_wait(&p.ready);

	for (i = 0; i < ROUNDS; i++) {
		assert_int_equal(rb_irq_wait(b.irqs, 0, 1000), 0);
		assert_int_equal(rb_irq_take(b.irqs, 0, &count), 0);
		frame = reg(&b, TAKE);
		assert_int_equal(frame, (i & 0xff) << 24 | (60 + i));
		rb_mmio_write32(b.regs, LATER, frame);
	}
	rb_mock_thread_end(b.ctx);
	assert_int_equal(pthread_join(thread, &failed), 0);

	assert_null(failed);
	assert_in_range(rb_time_ns(b.ctx) - before, ROUNDS * (uint64_t)MS,
			ROUNDS * (uint64_t)(MS + 100000));
	pthread_barrier_destroy(&p.ready);
	close_bench(&b);
}

static void on_the_real_clock_frames_come_in_by_themselves(void **state)
{
	struct bench b;
	struct pollfd pfd = { 0, POLLIN, 0 };
	uint64_t count;
	uint32_t i;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram;time=real");
	b.card->room = 1;
	pfd.fd = rb_irq_fd(b.irqs, 0);
	assert_true(pfd.fd >= 0);
	for (i = 1; i <= 20; i++)
		feed(&b, (uint8_t)i, 60);

	assert_int_equal(poll(&pfd, 1, 10000), 1);

	for (i = 1; i <= 20; i++) {
		uint32_t frame = 0;

		while (frame == 0) { /* the next comes when the mock's thread runs */
			assert_int_equal(rb_irq_wait(b.irqs, 0, 10000), 0);
			assert_int_equal(rb_irq_take(b.irqs, 0, &count), 0);
			frame = reg(&b, TAKE);
		}
		assert_int_equal(frame, i << 24 | 60);
	}
	close_bench(&b);
}

static void on_the_real_clock_frames_that_wait_go_out_by_themselves(void **state)
{
	struct pollfd pfd = { 0, POLLIN, 0 };
	struct bench b;
	uint32_t i;

	(void)state;
	open_bench(&b, "mock:card,netdev=n0;net.n0=dgram;time=real");
	pfd.fd = b.fd;
	for (i = 0; i < 5000; i++)
		rb_mmio_write32(b.regs, SEND, i << 24 | 1000);

	for (i = 0; i < 5000; i++) {
		assert_int_equal(poll(&pfd, 1, 10000), 1);
		assert_int_equal(fetch(&b), i << 24 | 1000);
	}
	close_bench(&b);
}

static int register_models(void **state)
{
	(void)state;
	return rb_mock_model_register("card", card_build, NULL) |
	       rb_mock_model_register("twice", twice_build, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_there_for_the_next_register_access),
		cmocka_unit_test(a_wait_finds_a_frame_before_it_jumps),
		cmocka_unit_test(delays_take_frames_in_too),
		cmocka_unit_test(frames_that_find_no_room_wait_in_order),
		cmocka_unit_test(a_flood_comes_in_by_sixty_four),
		cmocka_unit_test(frames_wait_for_bus_mastering),
		cmocka_unit_test(an_empty_frame_is_the_end),
		cmocka_unit_test(a_frame_has_65536_bytes_at_most),
		cmocka_unit_test(a_frame_may_be_the_end_of_its_device),
		cmocka_unit_test(a_frame_sent_is_one_message),
		cmocka_unit_test(a_poll_for_a_frame_jumps_to_when_it_comes),
		cmocka_unit_test(frames_that_nobody_reads_wait_in_order),
		cmocka_unit_test(the_ten_thousandth_that_nobody_reads_is_not_the_last),
		cmocka_unit_test(an_answer_may_be_sent_at_once),
		cmocka_unit_test(what_is_no_frame_cannot_be_sent),
		cmocka_unit_test(a_pulled_cable_loses_frames_both_ways),
		cmocka_unit_test(a_card_without_a_network_is_alone),
		cmocka_unit_test(a_dead_card_neither_sends_nor_receives),
		cmocka_unit_test(strings_that_make_no_sense_are_refused),
		cmocka_unit_test(a_network_outlives_its_cards),
		cmocka_unit_test(names_are_looked_up),
		cmocka_unit_test(a_child_of_fork_closes_only_its_copies),
		cmocka_unit_test(a_start_without_memory_leaves_nothing),
		cmocka_unit_test(two_threads_play_ping_pong_in_virtual_time),
		cmocka_unit_test(on_the_real_clock_frames_come_in_by_themselves),
		cmocka_unit_test(on_the_real_clock_frames_that_wait_go_out_by_themselves),
	};

	return cmocka_run_group_tests(tests, register_models, NULL);
}
