/* SPDX-License-Identifier: MIT */
/*
 * test_qemu_net.c - networks of machine qemu: frames through an 82574L by as little of a
 * driver as will do, their cable, and what strings may not say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rbdrv/host.h>
#include <rbdrv/rbdrv.h>

/* Registers of the 82574L (qemu-notes 4). */
#define CTRL	0x0000
#define STATUS	0x0008
#define ICR	0x00c0
#define IMS	0x00d0
#define IMC	0x00d8
#define RCTL	0x0100
#define TCTL	0x0400
#define TIPG	0x0410
#define RDBAL	0x2800 /* then RDBAH, RDLEN; +0x10 RDH, +0x18 RDT; transmit the same at 0x3800 */
#define TDBAL	0x3800
#define MTA	0x5200
#define RESET	(1u << 26)
#define LINK_UP (1u << 6) /* of CTRL: try to; the link is bit 1 of STATUS */
#define LSC	4u

#define RING	 64u /* descriptors of each ring */
#define SLOT	 2048u /* bytes of a buffer */
#define TX_RING	 (RING * 16)
#define BUFFERS	 4096u
#define DD	 1u
#define PATIENCE 5000 /* ms */

struct card {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf; /* rings, then a buffer for each descriptor */
	unsigned int rx, tx; /* descriptors used so far */
};

static void assert_ok(int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", rb_strerror(rc), rb_last_error());
}

static struct rb_ctx *power_up(const char *machine)
{
	struct rb_ctx *ctx;
	int rc = rb_ctx_new(machine, &ctx);

	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	return ctx;
}

static void put64(uint8_t *at, uint64_t v)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

static uint8_t *rx_slot(struct card *c, unsigned int i)
{
	return (uint8_t *)rb_dma_cpu(c->buf) + BUFFERS + i % RING * SLOT;
}

static uint8_t *tx_slot(struct card *c, unsigned int i)
{
	return rx_slot(c, 0) + RING * SLOT + i % RING * SLOT;
}

static void make_rings(struct card *c)
{
	uint64_t bus = rb_dma_addr(c->buf, 0).value;
	uint8_t *rings = rb_dma_cpu(c->buf);
	unsigned int i;

	for (i = 0; i < RING; i++)
		put64(rings + 16 * i, bus + (uint64_t)(rx_slot(c, i) - rings));
	rb_dma_publish(c->buf, 0, BUFFERS);
	for (i = 0; i < 2; i++) {
		uint32_t base = i == 0 ? RDBAL : TDBAL;

		rb_mmio_write32(c->regs, base, (uint32_t)(bus + i * TX_RING));
		rb_mmio_write32(c->regs, base + 4, (uint32_t)((bus + i * TX_RING) >> 32));
		rb_mmio_write32(c->regs, base + 8, RING * 16);
		rb_mmio_write32(c->regs, base + 0x10, 0);
		rb_mmio_write32(c->regs, base + 0x18, i == 0 ? RING - 1 : 0);
	}
}

/* Promiscuous, broadcasts, no check sequence. */
static void start(struct card *c)
{
	unsigned int i;

	rb_mmio_write32(c->regs, IMC, 0xffffffff);
	rb_mmio_write32(c->regs, CTRL, rb_mmio_read32(c->regs, CTRL) | RESET);
	rb_mmio_write32(c->regs, IMC, 0xffffffff);
	rb_mmio_read32(c->regs, ICR);
	rb_mmio_write32(c->regs, CTRL, rb_mmio_read32(c->regs, CTRL) | LINK_UP);
	for (i = 0; i < 128; i++)
		rb_mmio_write32(c->regs, MTA + 4 * i, 0);
	make_rings(c);
	rb_mmio_write32(c->regs, TIPG, 0x602006);
	rb_mmio_write32(c->regs, TCTL, 0x0a);
	rb_mmio_write32(c->regs, RCTL, 0x0400800a);
	rb_mmio_read32(c->regs, STATUS); /* what comes before the receiver is on is lost */
}

static void open_card(struct card *c, struct rb_ctx *ctx, unsigned int index)
{
	struct rb_irq_options irq = RB_IRQ_OPTIONS_INIT;
	struct rb_dma_options dma = RB_DMA_OPTIONS_INIT;
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;

	memset(c, 0, sizeof(*c));
	c->ctx = ctx;
	filter.vendor = 0x8086;
	filter.device = 0x10d3;
	assert_ok(rb_pci_scan(ctx, &filter, &list));
	assert_true(rb_pci_list_count(list) > index);
	assert_ok(rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, index)), &c->dev));
	rb_pci_list_close(list);
	assert_ok(rb_mmio_map(c->dev, 0, 0, 0, RB_MMIO_UC, &c->regs));
	assert_ok(rb_dma_alloc(c->dev, BUFFERS + 2 * RING * SLOT, &dma, &c->buf));
	irq.kinds = RB_IRQ_INTX;
	assert_ok(rb_irq_set_open(c->dev, &irq, &c->irqs));
	start(c);
}

static void close_card(struct card *c)
{
	rb_irq_set_close(c->irqs);
	rb_dma_close(c->buf);
	rb_mmio_close(c->regs);
	rb_pci_unref(c->dev);
}

static uint8_t *rx_desc(struct card *c, unsigned int i)
{
	return (uint8_t *)rb_dma_cpu(c->buf) + i % RING * 16;
}

/* Wait until bit DD is at @flag, which is in the rings. */
static bool await_done(struct card *c, const uint8_t *flag)
{
	unsigned int tries;

	for (tries = 0; tries < PATIENCE * 10; tries++) {
		rb_dma_observe(c->buf, 0, BUFFERS);
		if (*(const volatile uint8_t *)flag & DD)
			return true;
		rb_delay_us(c->ctx, 100);
	}
	return false;
}

static void card_send(struct card *c, const void *frame, size_t len)
{
	uint8_t *desc = rx_desc(c, c->tx) + TX_RING, *slot = tx_slot(c, c->tx);

	memcpy(slot, frame, len);
	memset(desc, 0, 16);
	put64(desc, rb_dma_addr(c->buf, 0).value +
			    (uint64_t)(slot - (uint8_t *)rb_dma_cpu(c->buf)));
	desc[8] = (uint8_t)len;
	desc[9] = (uint8_t)(len >> 8);
	desc[11] = 0x0b; /* end of packet, check sequence, report status */
	rb_dma_publish(c->buf, 0, rb_dma_size(c->buf));
	c->tx++;
	rb_mmio_write32(c->regs, TDBAL + 0x18, c->tx % RING);
	assert_true(await_done(c, desc + 12));
}

/* The next frame; its buffer is given back at once. */
static size_t card_receive(struct card *c, void *frame)
{
	uint8_t *desc = rx_desc(c, c->rx);
	size_t len;

	assert_true(await_done(c, desc + 12));
	len = desc[8] | (size_t)desc[9] << 8;
	assert_true(len <= SLOT);
	rb_dma_observe(c->buf, 0, rb_dma_size(c->buf));
	memcpy(frame, rx_slot(c, c->rx), len);
	memset(desc + 8, 0, 8);
	rb_dma_publish(c->buf, 0, BUFFERS);
	rb_mmio_write32(c->regs, RDBAL + 0x18, c->rx % RING);
	c->rx++;
	return len;
}

/* Frame number @n: to everybody, of some protocol of nobody, @len bytes that tell its number. */
static void make_frame(uint8_t *frame, size_t len, uint32_t n)
{
	size_t i;

	memset(frame, 0xff, 6);
	memcpy(frame + 6, "\x52\x54\x00\xaa\xbb\xcc\x88\xb5", 8);
	memcpy(frame + 14, &n, sizeof(n));
	for (i = 14 + sizeof(n); i < len; i++)
		frame[i] = (uint8_t)(n + i);
}

static size_t length_of(uint32_t n)
{
	return 60 + n * 37 % (1514 - 60 + 1);
}

/* One frame from the network, at most PATIENCE later: its length. */
static size_t net_receive(struct rb_ctx *ctx, int fd, uint8_t *frame, size_t size)
{
	struct pollfd pfd = { fd, POLLIN, 0 };
	ssize_t n;

	assert_int_equal(rb_poll(ctx, &pfd, 1, PATIENCE), 1);
	n = recv(fd, frame, size, 0);
	assert_true(n >= 0);
	return (size_t)n;
}

static int net_fd(struct rb_ctx *ctx, const char *name)
{
	int fd = rb_host_net_fd(ctx, name);

	assert_ok(fd);
	return fd;
}

/* --- frames ------------------------------------------------------------------------------ */

static void a_frame_out_is_one_message(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	uint8_t sent[1514], got[2048];
	struct card c;

	(void)state;
	open_card(&c, ctx, 0);
	make_frame(sent, sizeof(sent), 7);

	card_send(&c, sent, sizeof(sent));

	assert_int_equal(net_receive(ctx, net_fd(ctx, "n0"), got, sizeof(got)), sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	close_card(&c);
	rb_ctx_unref(ctx);
}

static void a_message_in_is_one_frame_and_an_interrupt(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	uint8_t sent[900], got[SLOT];
	struct card c;

	(void)state;
	open_card(&c, ctx, 0);
	rb_mmio_write32(c.regs, IMS, 0x80);
	make_frame(sent, sizeof(sent), 8);

	assert_int_equal(send(net_fd(ctx, "n0"), sent, sizeof(sent), 0), sizeof(sent));

	assert_int_equal(rb_irq_wait(c.irqs, 0, PATIENCE), 0);
	assert_true(rb_mmio_read32(c.regs, ICR) & 0x80);
	assert_int_equal(card_receive(&c, got), sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	close_card(&c);
	rb_ctx_unref(ctx);
}

/* Ten times what the ring holds, sent faster than the driver takes them. */
static void nothing_is_lost_on_the_way_in(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	uint8_t frame[SLOT], want[SLOT];
	uint32_t sent = 0, seen = 0;
	unsigned int refused = 0;
	struct card c;
	size_t len;
	int fd;

	(void)state;
	open_card(&c, ctx, 0);
	fd = net_fd(ctx, "n0");

	while (seen < 5000) {
		for (; sent < 5000; sent++) {
			make_frame(frame, length_of(sent), sent);
			if (send(fd, frame, length_of(sent), 0) < 0) {
				assert_int_equal(errno, EAGAIN);
				refused++;
				break;
			}
		}
		len = card_receive(&c, frame);
		make_frame(want, length_of(seen), seen);
		assert_int_equal(len, length_of(seen));
		assert_memory_equal(frame, want, len);
		seen++;
	}

	assert_true(refused > 0);
	close_card(&c);
	rb_ctx_unref(ctx);
}

/* More than the socket holds, before anybody reads. */
static void frames_out_wait_until_they_are_read(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	uint8_t frame[SLOT], want[SLOT];
	struct card c;
	uint32_t i;
	int fd;

	(void)state;
	open_card(&c, ctx, 0);
	fd = net_fd(ctx, "n0");

	for (i = 0; i < 3000; i++) {
		make_frame(frame, length_of(i), i);
		card_send(&c, frame, length_of(i));
	}

	for (i = 0; i < 3000; i++) {
		make_frame(want, length_of(i), i);
		assert_int_equal(net_receive(ctx, fd, frame, sizeof(frame)), length_of(i));
		assert_memory_equal(frame, want, length_of(i));
	}
	close_card(&c);
	rb_ctx_unref(ctx);
}

static void two_networks_do_not_mix(void **state)
{
	struct rb_ctx *ctx = power_up(
		"qemu:e1000e,netdev=left,addr=4;net.right=dgram;e1000e,netdev=right,addr=5;"
		"net.left=dgram");
	uint8_t frame[60], got[SLOT];
	struct card a, b;
	int left, right;

	(void)state;
	open_card(&a, ctx, 0);
	open_card(&b, ctx, 1);
	left = net_fd(ctx, "left");
	right = net_fd(ctx, "right");
	assert_int_not_equal(left, right);

	make_frame(frame, sizeof(frame), 1);
	card_send(&a, frame, sizeof(frame));
	make_frame(frame, sizeof(frame), 2);
	card_send(&b, frame, sizeof(frame));

	net_receive(ctx, left, got, sizeof(got));
	assert_int_equal(got[14], 1);
	net_receive(ctx, right, got, sizeof(got));
	assert_int_equal(got[14], 2);
	assert_int_equal(recv(left, got, sizeof(got), 0), -1);
	assert_int_equal(recv(right, got, sizeof(got), 0), -1);
	close_card(&a);
	close_card(&b);
	rb_ctx_unref(ctx);
}

/* --- descriptors ------------------------------------------------------------------------- */

static void the_descriptor_is_the_contexts(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	int fd = net_fd(ctx, "n0");

	(void)state;

	assert_int_equal(net_fd(ctx, "n0"), fd);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);

	rb_ctx_unref(ctx);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void what_has_no_descriptor_says_so(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=u;net.u=user");
	struct rb_ctx *redox;

	(void)state;

	assert_int_equal(rb_host_net_fd(ctx, "u"), -ENOTSUP);
	assert_int_equal(rb_host_net_fd(ctx, "v"), -ENOENT);
	assert_non_null(strstr(rb_last_error(), "'v'"));
	assert_int_equal(rb_host_net_fd(ctx, ""), -ENOENT);
	assert_int_equal(rb_host_net_fd(ctx, NULL), -EINVAL);
	assert_int_equal(rb_host_net_fd(NULL, "u"), -EINVAL);
	assert_int_equal(rb_host_set_link(ctx, "v", true), -ENOENT);
	assert_int_equal(rb_host_set_link(ctx, NULL, true), -EINVAL);
	assert_int_equal(rb_host_set_link(NULL, "u", true), -EINVAL);
	rb_ctx_unref(ctx);

	assert_int_equal(rb_ctx_new("redox:root=/nonexistent", &redox), 0);
	assert_int_equal(rb_host_net_fd(redox, "u"), -ENOTSUP);
	assert_int_equal(rb_host_set_link(redox, "u", true), -ENOTSUP);
	rb_ctx_unref(redox);
}

static void a_killed_qemu_ends_its_networks(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	uint8_t frame[60], got[SLOT];
	struct card c;
	int fd;

	(void)state;
	open_card(&c, ctx, 0);
	fd = net_fd(ctx, "n0");
	make_frame(frame, sizeof(frame), 3);
	card_send(&c, frame, sizeof(frame));

	assert_int_equal(rb_host_kill(ctx), 0);

	assert_int_equal(recv(fd, got, sizeof(got), MSG_WAITALL), sizeof(frame));
	while (recv(fd, got, sizeof(got), 0) != 0)
		assert_int_equal(errno, EAGAIN); /* it takes a moment to die */
	assert_int_equal(write(fd, frame, sizeof(frame)), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(rb_mmio_read32(c.regs, STATUS), 0xffffffff);
	assert_int_equal(rb_host_net_fd(ctx, "n0"), -ENODEV);
	assert_int_equal(rb_host_set_link(ctx, "n0", false), -ENODEV);
	close_card(&c);
	rb_ctx_unref(ctx);
}

static void a_child_of_fork_has_no_networks(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		bool ok = rb_host_net_fd(ctx, "n0") == -ENODEV &&
			  rb_host_set_link(ctx, "n0", false) == -ENODEV;

		rb_ctx_unref(ctx);
		_exit(ok ? 0 : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(net_fd(ctx, "n0") >= 0);
	rb_ctx_unref(ctx);
}

/* --- the cable --------------------------------------------------------------------------- */

/* Tells whether the library was built with what the monitor needs. */
static bool set_link(struct rb_ctx *ctx, bool up)
{
	int rc = rb_host_set_link(ctx, "n0", up);

	if (rc == -ENOTSUP)
		return false;
	assert_ok(rc);
	return true;
}

static void a_pulled_cable_is_a_link_that_is_down(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:e1000e,netdev=n0;net.n0=dgram");
	uint8_t frame[60], got[SLOT];
	unsigned int tries = 0;
	struct card c;
	int fd;

	(void)state;
	open_card(&c, ctx, 0);
	fd = net_fd(ctx, "n0");
	/* the PHY has to negotiate first, half a second in QEMU */
	while (!(rb_mmio_read32(c.regs, STATUS) & 2) && tries++ < PATIENCE)
		rb_delay_us(ctx, 1000);
	rb_mmio_read32(c.regs, ICR);
	rb_mmio_write32(c.regs, IMS, LSC);

	if (!set_link(ctx, false))
		goto out;

	assert_int_equal(rb_irq_wait(c.irqs, 0, PATIENCE), 0);
	assert_true(rb_mmio_read32(c.regs, ICR) & LSC);
	assert_false(rb_mmio_read32(c.regs, STATUS) & 2);
	make_frame(frame, sizeof(frame), 4);
	card_send(&c, frame, sizeof(frame)); /* vanishes */
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame)); /* vanishes */
	assert_true(set_link(ctx, false)); /* no change */
	assert_true(set_link(ctx, true));
	for (tries = 0; !(rb_mmio_read32(c.regs, STATUS) & 2) && tries < PATIENCE; tries++)
		rb_delay_us(ctx, 1000);
	make_frame(frame, sizeof(frame), 5);
	card_send(&c, frame, sizeof(frame));
	net_receive(ctx, fd, got, sizeof(got));
	assert_int_equal(got[14], 5);
	make_frame(frame, sizeof(frame), 6);
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	card_receive(&c, got);
	assert_int_equal(got[14], 6);
out:
	close_card(&c);
	rb_ctx_unref(ctx);
}

/* --- strings ----------------------------------------------------------------------------- */

static void refused(const char *machine, int code, const char *words)
{
	struct rb_ctx *ctx = NULL;
	int rc = rb_ctx_new(machine, &ctx);

	if (rc == -ENOTSUP && code != -ENOTSUP)
		skip();
	if (rc != code || !strstr(rb_last_error(), words))
		fail_msg("'%s': %d, '%s' and not '%s'", machine, rc, rb_last_error(), words);
	assert_null(ctx);
}

static void qemu_refuses_what_it_cannot_do(void **state)
{
	(void)state;

	refused("qemu:e1000e,netdev=n0;e1000e,netdev=n0;net.n0=dgram", -EINVAL, "'e1000e'");
	refused("qemu:e1000e,netdev=n0;net.n0=user,net=999.1.1.1/24", -EINVAL, "'n0'");
	refused("qemu:edu,netdev=n0;net.n0=dgram", -EINVAL, "'edu'");
}

static void a_network_may_be_plugged_in_later(void **state)
{
	struct rb_ctx *ctx = power_up("qemu:net.n0=dgram;hotplug=on");
	uint8_t frame[60], got[SLOT];
	struct rb_pci_addr addr;
	struct card c;
	int rc;

	(void)state;
	make_frame(frame, sizeof(frame), 9);
	assert_int_equal(send(net_fd(ctx, "n0"), frame, sizeof(frame), 0), sizeof(frame));
	rc = rb_host_plug(ctx, "e1000e,netdev=n1", &addr);
	if (rc != -ENOTSUP) {
		assert_int_equal(rc, -EINVAL);
		assert_ok(rb_host_plug(ctx, "e1000e,netdev=n0", &addr));
		open_card(&c, ctx, 0);

		card_send(&c, frame, sizeof(frame));

		net_receive(ctx, net_fd(ctx, "n0"), got, sizeof(got));
		assert_memory_equal(got, frame, sizeof(frame));
		assert_int_equal(rb_host_unplug(ctx, addr), 0);
		close_card(&c);
	}
	rb_ctx_unref(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_out_is_one_message),
		cmocka_unit_test(a_message_in_is_one_frame_and_an_interrupt),
		cmocka_unit_test(nothing_is_lost_on_the_way_in),
		cmocka_unit_test(frames_out_wait_until_they_are_read),
		cmocka_unit_test(two_networks_do_not_mix),
		cmocka_unit_test(the_descriptor_is_the_contexts),
		cmocka_unit_test(what_has_no_descriptor_says_so),
		cmocka_unit_test(a_killed_qemu_ends_its_networks),
		cmocka_unit_test(a_child_of_fork_has_no_networks),
		cmocka_unit_test(a_pulled_cable_is_a_link_that_is_down),
		cmocka_unit_test(qemu_refuses_what_it_cannot_do),
		cmocka_unit_test(a_network_may_be_plugged_in_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
