/* SPDX-License-Identifier: MIT */
/*
 * test_no_memory.c - a whole driver, once for every allocation that may fail in it,
 * and once for every descriptor.
 *
 * The driver below does what examples/edu.c does, step by step. A campaign runs it
 * again and again and lets the first, the second, ... allocation fail. Whatever
 * step that hits says -ENOMEM, leaves nothing behind, and works when it is done
 * once more: so the driver always comes to its end, with the right results.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <rbdrv/mock.h>
#include <rbdrv/rbdrv.h>

#include "core/core.h"

#define REG_FACTORIAL  0x08
#define REG_STATUS     0x20
#define REG_IRQ_STATUS 0x24
#define REG_IRQ_RAISE  0x60
#define REG_IRQ_ACK    0x64
#define REG_DMA_SRC    0x80
#define REG_DMA_DST    0x88
#define REG_DMA_COUNT  0x90
#define REG_DMA_CMD    0x98

#define STATUS_BUSY 0x01u
#define STATUS_IRQ  0x80u
#define DMA_RUN	    0x1u
#define DMA_TO_RAM  0x2u
#define DMA_IRQ	    0x4u
#define DMA_BUFFER  0x40000u /* edu's own, as its DMA engine names it */
#define DMA_BYTES   256u
#define DMA_BACK    2048u /* where in ours the bytes come back */

#define PATIENCE_MS 1000 /* virtual */
#define RUNS_MIN    5 /* of a campaign that tests something */
#define RUNS_MAX    10000 /* more than any needs */

struct driver {
	const char *machine;
	struct rb_ctx *ctx;
	struct rb_pci_addr addr;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	struct rb_dma_buf *segments;
	struct rb_dma_pool *pool;
	struct rb_dma_cache *cache;
	struct rb_dma_elem *elem;
	struct rb_dma_ring *ring;
	struct rb_dma_map *map;
	int irq_fd;
};

/* --- the driver ------------------------------------------------------------------- */

static int open_machine(struct driver *d)
{
	return rb_ctx_new(d->machine, &d->ctx);
}

static int find(struct driver *d)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	filter.vendor = 0x1234;
	filter.device = 0x11e8;
	rc = rb_pci_scan(d->ctx, &filter, &list);
	if (rc < 0)
		return rc;
	assert_int_equal(rb_pci_list_count(list), 1);
	d->addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	rb_pci_list_close(list);
	return 0;
}

static int claim(struct driver *d)
{
	return rb_pci_open(d->ctx, d->addr, &d->dev);
}

static int configure(struct driver *d)
{
	unsigned int cap;
	uint16_t device;
	int rc;

	rc = rb_pci_config_read16(d->dev, 2, &device);
	if (rc == 0)
		assert_int_equal(device, 0x11e8);
	if (rc == 0)
		rc = rb_pci_find_cap(d->dev, 0x05, &cap);
	if (rc == 0)
		rc = rb_pci_config_write8(d->dev, 0x0c, 0x10);
	return rc;
}

static int map(struct driver *d)
{
	return rb_mmio_map(d->dev, 0, 0, 0, RB_MMIO_UC, &d->regs);
}

static int open_irqs(struct driver *d, enum rb_irq_kind kind)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	int rc;

	options.kinds = kind;
	rc = rb_irq_set_open(d->dev, &options, &d->irqs);
	if (rc == 0)
		assert_int_equal(rb_irq_set_kind(d->irqs), kind);
	return rc;
}

static int open_msi(struct driver *d)
{
	return open_irqs(d, RB_IRQ_MSI);
}

static int open_intx(struct driver *d)
{
	return open_irqs(d, RB_IRQ_INTX);
}

static int close_irqs(struct driver *d)
{
	rb_irq_set_close(d->irqs);
	d->irqs = NULL;
	return 0;
}

/* Take until there is nothing left, quieting the device. */
static int drain(struct driver *d)
{
	uint64_t count;
	int rc;

	while ((rc = rb_irq_take(d->irqs, 0, &count)) == 0 && count > 0)
		rb_mmio_write32(d->regs, REG_IRQ_ACK, rb_mmio_read32(d->regs, REG_IRQ_STATUS));
	return rc;
}

static int start_factorial(struct driver *d)
{
	rb_mmio_write32(d->regs, REG_STATUS, STATUS_IRQ);
	rb_mmio_write32(d->regs, REG_FACTORIAL, 10);
	assert_int_equal(rb_mmio_read32(d->regs, REG_STATUS) & STATUS_BUSY, STATUS_BUSY);
	return 0;
}

static int wait_one(struct driver *d)
{
	return rb_irq_wait(d->irqs, 0, PATIENCE_MS);
}

static int wait_any(struct driver *d)
{
	return rb_irq_wait_any(d->irqs, PATIENCE_MS);
}

static int check_factorial(struct driver *d)
{
	assert_int_equal(rb_mmio_read32(d->regs, REG_FACTORIAL), 3628800);
	return 0;
}

static int get_irq_fd(struct driver *d)
{
	d->irq_fd = rb_irq_fd(d->irqs, 0);
	return d->irq_fd < 0 ? d->irq_fd : 0;
}

static int raise_irq(struct driver *d)
{
	rb_mmio_write32(d->regs, REG_IRQ_RAISE, 1);
	return 0;
}

static int poll_irq(struct driver *d)
{
	struct pollfd pfd = { .fd = d->irq_fd, .events = POLLIN };
	int rc;

	rc = rb_poll(d->ctx, &pfd, 1, PATIENCE_MS);
	if (rc < 0)
		return rc;
	assert_int_equal(rc, 1);
	assert_int_equal(pfd.revents, POLLIN);
	return 0;
}

static int alloc_buffer(struct driver *d)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	options.addr_bits = 28;
	options.label = "campaign";
	return rb_dma_alloc(d->dev, 4096, &options, &d->buf);
}

/* Into the device and back, waiting by register; neither allocates. */
static int round_trip(struct driver *d)
{
	uint8_t *bytes = rb_dma_cpu(d->buf);
	uint64_t bus = rb_dma_addr(d->buf, 0).value;
	int rc;

	memset(bytes, 0x5a, DMA_BYTES);
	rb_dma_publish(d->buf, 0, DMA_BYTES);
	rb_mmio_write32(d->regs, REG_DMA_SRC, (uint32_t)bus);
	rb_mmio_write32(d->regs, REG_DMA_DST, DMA_BUFFER);
	rb_mmio_write32(d->regs, REG_DMA_COUNT, DMA_BYTES);
	rb_mmio_write32(d->regs, REG_DMA_CMD, DMA_RUN);
	rc = rb_mmio_poll32(d->regs, REG_DMA_CMD, DMA_RUN, 0, PATIENCE_MS * 1000, NULL);
	if (rc < 0)
		return rc;

	rb_mmio_write32(d->regs, REG_DMA_SRC, DMA_BUFFER);
	rb_mmio_write32(d->regs, REG_DMA_DST, (uint32_t)bus + DMA_BACK);
	rb_mmio_write32(d->regs, REG_DMA_CMD, DMA_RUN | DMA_TO_RAM | DMA_IRQ);
	rc = rb_dma_poll32(d->buf, DMA_BACK, UINT32_MAX, 0x5a5a5a5a, PATIENCE_MS * 1000, NULL);
	rb_dma_observe(d->buf, DMA_BACK, DMA_BYTES);
	assert_memory_equal(bytes, bytes + DMA_BACK, DMA_BYTES);
	return rc;
}

static int close_buffer(struct driver *d)
{
	rb_dma_close(d->buf);
	d->buf = NULL;
	return 0;
}

/* Device memory of every kind: nothing that fails half way may stay. */
static int alloc_segments(struct driver *d)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;

	options.addr_bits = 28;
	options.boundary = 4096; /* so that the list of segments needs memory */
	return rb_dma_alloc_sg(d->dev, 7 * 4096, &options, &d->segments);
}

static int close_segments(struct driver *d)
{
	rb_dma_close(d->segments);
	d->segments = NULL;
	return 0;
}

static int open_pool(struct driver *d)
{
	struct rb_dma_pool_options options = RB_DMA_POOL_OPTIONS_INIT;

	options.addr_bits = 28;
	options.count_min = 3;
	return rb_dma_pool_open(d->dev, 96, &options, &d->pool);
}

static int open_cache(struct driver *d)
{
	return rb_dma_cache_open(d->pool, 4, &d->cache);
}

/* More than a block holds are out in the end: the pool has grown. */
static int grow_pool(struct driver *d)
{
	struct rb_dma_elem *out[200];
	size_t i, n = 0;

	while (n < sizeof(out) / sizeof(out[0]) && (out[n] = rb_dma_pool_get(d->pool)) != NULL)
		n++;
	for (i = 0; i < n; i++)
		rb_dma_pool_put(d->pool, out[i]);
	return n < sizeof(out) / sizeof(out[0]) ? -ENOMEM : 0;
}

static int get_elem(struct driver *d)
{
	d->elem = rb_dma_cache_get(d->cache);
	return d->elem != NULL ? 0 : -ENOMEM;
}

static int close_pool(struct driver *d)
{
	rb_dma_cache_put(d->cache, d->elem);
	rb_dma_cache_close(d->cache);
	rb_dma_pool_close(d->pool);
	return 0;
}

static int open_ring(struct driver *d)
{
	struct rb_dma_ring_options options = RB_DMA_RING_OPTIONS_INIT;

	options.regs = d->regs;
	options.doorbell = REG_DMA_COUNT; /* any that takes a number */
	options.reserve = 1;
	options.label = "campaign";
	return rb_dma_ring_open(d->dev, 8, 16, &options, &d->ring);
}

static int use_ring(struct driver *d)
{
	rb_dma_ring_post(d->ring, 3);
	assert_int_equal(rb_dma_ring_ring(d->ring), 3);
	assert_int_equal(rb_mmio_read32(d->regs, REG_DMA_COUNT), 3);
	return 0;
}

static int close_ring(struct driver *d)
{
	rb_dma_ring_close(d->ring);
	d->ring = NULL;
	return 0;
}

/* The first bytes are copied, for the machine does not know them; the others are known. */
static int map_memory(struct driver *d)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
	static uint8_t head[64];
	struct rb_dma_range ranges[] = { { head, sizeof(head) }, { NULL, 6000 } };

	options.addr_bits = 28;
	ranges[1].cpu = rb_dma_cpu(d->segments);
	return rb_dma_map_ranges(d->dev, ranges, 2, RB_DMA_TO_DEVICE, &options, &d->map);
}

static int check_map(struct driver *d)
{
	assert_true(rb_dma_map_is_bounced(d->map));
	assert_int_equal(rb_dma_map_count(d->map), 2);
	return 0;
}

static int sync_map(struct driver *d)
{
	int rc = rb_dma_sync_for_cpu(d->map, 0, 64);

	return rc < 0 ? rc : rb_dma_sync_for_device(d->map, 0, 64);
}

static int unmap_memory(struct driver *d)
{
	rb_dma_unmap(d->map);
	d->map = NULL;
	return 0;
}

static int close_device(struct driver *d)
{
	rb_mmio_close(d->regs);
	d->regs = NULL;
	rb_pci_unref(d->dev);
	d->dev = NULL;
	return 0;
}

struct step {
	const char *name;
	int (*take)(struct driver *d);
};

#define STEP(fn)   \
	{          \
#fn, fn \
	}

static const struct step steps[] = {
	STEP(open_machine),    STEP(find),	   STEP(claim),		 STEP(configure),
	STEP(map),	       STEP(open_msi),	   STEP(drain),		 STEP(start_factorial),
	STEP(wait_one),	       STEP(drain),	   STEP(check_factorial), STEP(alloc_buffer),
	STEP(round_trip),      STEP(wait_one),	   STEP(drain),		 STEP(get_irq_fd),
	STEP(raise_irq),       STEP(poll_irq),	   STEP(drain),		 STEP(close_irqs),
	STEP(open_intx),       STEP(drain),	   STEP(start_factorial), STEP(wait_any),
	STEP(drain),	       STEP(close_buffer), STEP(alloc_buffer),	 STEP(round_trip),
	STEP(wait_any),	       STEP(drain),	   STEP(close_irqs),	 STEP(close_buffer),
	STEP(alloc_segments),  STEP(open_pool),	   STEP(open_cache),	 STEP(get_elem),
	STEP(grow_pool),       STEP(open_ring),	   STEP(use_ring),	 STEP(map_memory),
	STEP(check_map),       STEP(sync_map),	   STEP(unmap_memory),	 STEP(close_ring),
	STEP(close_pool),      STEP(close_segments),
	STEP(close_device),    STEP(claim),	   STEP(map),		 STEP(close_device),
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* --- the campaign ----------------------------------------------------------------- */

static size_t count_fds(void)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = opendir("/proc/self/fd");

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* What a run is short of: the @n-th of something is not there, until it is lifted.
 * Lifting tells whether anything has been refused. */
struct shortage {
	const char *of;
	void (*impose)(unsigned long n);
	bool (*lift)(unsigned long n, bool refused);
};

static void forbid_allocation(unsigned long n)
{
	rbi_alloc_fail_at(n);
}

static bool allow_allocations(unsigned long n, bool refused)
{
	(void)refused; /* releases have nobody to tell */
	return rbi_alloc_fail_at(0) >= n;
}

/* No descriptor more than are open, one more, ... */
static void limit_descriptors(unsigned long n)
{
	struct rlimit limit;
	int lowest = dup(0);

	assert_true(lowest >= 0);
	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)lowest + n - 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static bool unlimit_descriptors(unsigned long n, bool refused)
{
	struct rlimit limit;

	(void)n;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return refused;
}

static const struct shortage no_memory = { "allocation", forbid_allocation, allow_allocations };
static const struct shortage no_descriptors = { "descriptor", limit_descriptors,
						unlimit_descriptors };

/* Whether the step was refused at first. */
static bool take_step(struct driver *d, const struct step *step, const struct shortage *shortage,
		      unsigned long n)
{
	int rc = step->take(d);
	bool refused = rc == -ENOMEM;

	if (refused) {
		assert_int_not_equal(strlen(rb_last_error()), 0);
		shortage->lift(n, true);
		rc = step->take(d);
	}
	if (rc < 0)
		fail_msg("%s %lu fails in %s: %d (%s)", shortage->of, n, step->name, rc,
			 rb_last_error());
	return refused;
}

/* The driver, with the @n-th of something missing: whether it needs that many. */
static bool run_without(const char *machine, const struct shortage *shortage, unsigned long n)
{
	struct driver d = { .machine = machine, .irq_fd = -1 };
	size_t fds = count_fds();
	bool refused = false;
	char open[256] = "";
	size_t i;

	shortage->impose(n);
	for (i = 0; i < STEPS && !refused; i++)
		refused = take_step(&d, &steps[i], shortage, n);
	if (!refused)
		refused = shortage->lift(n, false);
	for (; i < STEPS; i++)
		take_step(&d, &steps[i], shortage, n);

	if (rb_ctx_live(d.ctx, open, sizeof(open)) != 0)
		fail_msg("%s %lu fails: %s is left open", shortage->of, n, open);
	if (rb_mock_verify(d.ctx) != 0)
		fail_msg("%s %lu fails: %s", shortage->of, n, rb_mock_violation_text(d.ctx, 0));
	rb_ctx_unref(d.ctx);
	assert_int_equal(count_fds(), fds);
	return refused;
}

static void campaign(const char *machine, const struct shortage *shortage)
{
	unsigned long n = 1;

	while (n < RUNS_MAX && run_without(machine, shortage, n))
		n++;

	assert_in_range(n, RUNS_MIN, RUNS_MAX - 1);
}

static void no_memory_at_any_allocation_stops_no_driver(void **state)
{
	(void)state;
	campaign("mock:edu", &no_memory);
}

static void no_descriptor_at_any_open_stops_no_driver(void **state)
{
	(void)state;
	campaign("mock:edu", &no_descriptors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_at_any_allocation_stops_no_driver),
		cmocka_unit_test(no_descriptor_at_any_open_stops_no_driver),
	};

	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
