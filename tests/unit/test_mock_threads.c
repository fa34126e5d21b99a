/* SPDX-License-Identifier: MIT */
/*
 * test_mock_threads.c - several threads: a mock each, and one clock for all.
 *
 * Threads answer with a number that says where they failed, 0 for nowhere; cmocka's
 * assertions belong to the main thread.
 */
#include "mock_fixture.h"

#include <pthread.h>

#define ROUNDS	    10
#define MS	    1000000ull
#define EDU_FACT    0x08
#define EDU_STATUS  0x20
#define EDU_IRQ_ACK 0x64
#define EDU_SRC	    0x80
#define EDU_DST	    0x88
#define EDU_COUNT   0x90
#define EDU_CMD	    0x98
#define EDU_BUFFER  0x40000

#define CHECK(what)                     \
	do {                            \
		if (!(what))            \
			return __LINE__; \
	} while (0)

/* A driver of edu, opened. */
struct driver {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
};

static int driver_open(struct driver *d)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count;

	options.kinds = RB_IRQ_MSI;
	CHECK(rb_pci_open(d->ctx, rb_pci_addr_make(0, 0, 1, 0), &d->dev) == 0);
	CHECK(rb_mmio_map(d->dev, 0, 0, 0, RB_MMIO_UC, &d->regs) == 0);
	CHECK(rb_irq_set_open(d->dev, &options, &d->irqs) == 0);
	CHECK(rb_irq_take(d->irqs, 0, &count) == 0);
	return 0;
}

static void driver_close(struct driver *d)
{
	rb_irq_set_close(d->irqs);
	rb_mmio_close(d->regs);
	rb_pci_unref(d->dev);
}

static int finish(struct driver *d)
{
	uint64_t count;

	CHECK(rb_irq_wait(d->irqs, 0, 1000) == 0);
	CHECK(rb_irq_take(d->irqs, 0, &count) == 0 && count == 1);
	rb_mmio_write32(d->regs, EDU_IRQ_ACK, 0x101);
	return 0;
}

static int compute(struct driver *d)
{
	rb_mmio_write32(d->regs, EDU_STATUS, 0x80);
	rb_mmio_write32(d->regs, EDU_FACT, 5);
	CHECK(finish(d) == 0);
	CHECK(rb_mmio_read32(d->regs, EDU_FACT) == 120);
	return 0;
}

static void transfer(struct driver *d, uint64_t src, uint64_t dst, uint32_t cmd)
{
	rb_mmio_write64(d->regs, EDU_SRC, src);
	rb_mmio_write64(d->regs, EDU_DST, dst);
	rb_mmio_write64(d->regs, EDU_COUNT, 64);
	rb_mmio_write64(d->regs, EDU_CMD, cmd | 5);
}

/* There and back, into the other half of the buffer. */
static int move(struct driver *d, struct rb_dma_buf *buf, int byte)
{
	uint8_t *cpu = rb_dma_cpu(buf);
	uint64_t bus = rb_dma_addr(buf, 0).value;

	memset(cpu, byte, 64);
	rb_dma_publish(buf, 0, 64);
	transfer(d, bus, EDU_BUFFER, 0);
	CHECK(finish(d) == 0);
	transfer(d, EDU_BUFFER, bus + 2048, 2);
	CHECK(finish(d) == 0);
	rb_dma_observe(buf, 2048, 64);
	CHECK(memcmp(cpu, cpu + 2048, 64) == 0);
	return 0;
}

static int work(struct driver *d)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;
	int i, rc = 0;

	options.addr_bits = 28;
	CHECK(rb_dma_alloc(d->dev, 4096, &options, &buf) == 0);
	for (i = 0; i < ROUNDS && rc == 0; i++) {
		rc = compute(d);
		if (rc == 0)
			rc = move(d, buf, i + 1);
	}
	rb_dma_close(buf);
	return rc;
}

static int live(struct driver *d)
{
	int rc;

	CHECK(rb_ctx_new("mock:edu", &d->ctx) == 0);
	rc = driver_open(d);
	if (rc == 0)
		rc = work(d);
	driver_close(d);
	CHECK(rb_mock_verify(d->ctx) == 0);
	rb_ctx_unref(d->ctx);
	return rc;
}

static void *live_alone(void *arg)
{
	struct driver d = { NULL, NULL, NULL, NULL };

	*(int *)arg = live(&d);
	return NULL;
}

static void two_mocks_in_two_threads_do_not_meet(void **state)
{
	int failed[2] = { -1, -1 };
	pthread_t threads[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, live_alone, &failed[i]), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);

	assert_int_equal(failed[0], 0);
	assert_int_equal(failed[1], 0);
}

/* --- one clock for several -------------------------------------------------------------------- */

/* The main thread and one more, on one mock. */
struct pair {
	struct driver d;
	pthread_barrier_t ready;
	pthread_t thread;
	int timeout_ms;
	int rc; /* what the other's wait answered */
	uint64_t from, to; /* when it began and ended */
	_Atomic bool done;
};

static void *wait_for_interrupt(void *arg)
{
	struct pair *p = arg;

	p->rc = rb_mock_thread_begin(p->d.ctx);
	p->from = rb_time_ns(p->d.ctx);
	pthread_barrier_wait(&p->ready);
	if (p->rc == 0)
		p->rc = rb_irq_wait(p->d.irqs, 0, p->timeout_ms);
	p->to = rb_time_ns(p->d.ctx);
	p->done = true;
	rb_mock_thread_end(p->d.ctx);
	return NULL;
}

/* From here on both are registered; the other waits or is about to. */
static void start_pair(struct pair *p, int timeout_ms)
{
	*p = (struct pair){ .timeout_ms = timeout_ms };
	assert_int_equal(rb_ctx_new("mock:edu", &p->d.ctx), 0);
	assert_int_equal(driver_open(&p->d), 0);
	assert_int_equal(rb_mock_thread_begin(p->d.ctx), 0);
	assert_int_equal(pthread_barrier_init(&p->ready, NULL, 2), 0);
	assert_int_equal(pthread_create(&p->thread, NULL, wait_for_interrupt, p), 0);
	pthread_barrier_wait(&p->ready);
}

static void stop_pair(struct pair *p)
{
	rb_mock_thread_end(p->d.ctx);
	assert_int_equal(pthread_join(p->thread, NULL), 0);
	pthread_barrier_destroy(&p->ready);
	driver_close(&p->d);
	assert_int_equal(rb_mock_verify(p->d.ctx), 0);
	rb_ctx_unref(p->d.ctx);
}

static void a_time_out_does_not_pass_while_another_thread_works(void **state)
{
	struct pair p;
	uint64_t before;
	int i;

	(void)state;
	start_pair(&p, 1000);
	before = rb_time_ns(p.d.ctx);

	for (i = 0; i < 500; i++)
		rb_mmio_read32(p.d.regs, 0);
	assert_int_equal(rb_time_ns(p.d.ctx) - before, 500 * 1000);
	rb_delay_us(p.d.ctx, 500000);
	assert_int_equal(rb_time_ns(p.d.ctx) - before, 500 * 1000 + 500 * MS);
	rb_delay_us(p.d.ctx, 600000);

	stop_pair(&p);
	assert_int_equal(p.rc, -ETIMEDOUT);
	assert_in_range(p.to - p.from, 1000 * MS, 1001 * MS);
}

static void an_interrupt_wakes_the_other_thread_before_its_time_out(void **state)
{
	struct pair p;

	(void)state;
	start_pair(&p, 1000);

	rb_mmio_write32(p.d.regs, EDU_STATUS, 0x80);
	rb_mmio_write32(p.d.regs, EDU_FACT, 5);
	rb_delay_us(p.d.ctx, 500000);

	stop_pair(&p);
	assert_int_equal(p.rc, 0);
	assert_in_range(p.to - p.from, 0, 501 * MS);
}

static void register_accesses_alone_can_reach_anothers_time_out(void **state)
{
	struct pair p;
	uint64_t reads = 0;

	(void)state;
	start_pair(&p, 2);

	for (; !p.done; reads++)
		rb_mmio_read32(p.d.regs, reads % 2 * 4);

	stop_pair(&p);
	assert_int_equal(p.rc, -ETIMEDOUT);
	assert_true(p.to - p.from >= 2 * MS);
	assert_true(p.to - p.from <= reads * 1000);
}

static void a_cancelled_thread_is_not_left_behind_by_the_clock(void **state)
{
	struct pair p;

	(void)state;
	start_pair(&p, 60000);

	assert_int_equal(rb_irq_cancel(p.d.irqs), 0);
	rb_delay_us(p.d.ctx, 1000);

	stop_pair(&p);
	assert_int_equal(p.rc, -ECANCELED);
	assert_in_range(p.to - p.from, 0, 2 * MS);
}

static void a_thread_that_ends_its_registration_lets_the_others_go_on(void **state)
{
	struct pair p;

	(void)state;
	start_pair(&p, 1000);

	stop_pair(&p);

	assert_int_equal(p.rc, -ETIMEDOUT);
	assert_int_equal(p.to - p.from, 1000 * MS);
}

struct ticker {
	struct rb_ctx *ctx;
	pthread_barrier_t *ready;
	unsigned int period_us;
	unsigned int late; /* wake-ups at another time than theirs */
};

/* The clock stands still from the barrier on until both sleep. */
static void *tick(void *arg)
{
	struct ticker *t = arg;
	uint64_t start;
	unsigned int i;

	t->late = rb_mock_thread_begin(t->ctx) != 0;
	pthread_barrier_wait(t->ready);
	start = 1000000000;
	for (i = 1; i <= 50; i++) {
		rb_delay_us(t->ctx, t->period_us);
		t->late += rb_time_ns(t->ctx) != start + i * t->period_us * 1000ull;
	}
	rb_mock_thread_end(t->ctx);
	return NULL;
}

static void threads_with_periods_of_their_own_wake_up_on_time(void **state)
{
	struct ticker tickers[3];
	pthread_barrier_t ready;
	pthread_t threads[3];
	struct rig rig;
	int i;

	(void)state;
	rig_open(&rig, "mock");
	assert_int_equal(pthread_barrier_init(&ready, NULL, 3), 0);
	for (i = 0; i < 3; i++) {
		tickers[i] = (struct ticker){ rig.ctx, &ready, 3000u + 2000u * (unsigned int)i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, tick, &tickers[i]), 0);
	}

	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);

	for (i = 0; i < 3; i++)
		assert_int_equal(tickers[i].late, 0);
	assert_int_equal(now(&rig), 1000000000 + 50 * 7 * (int64_t)MS);
	pthread_barrier_destroy(&ready);
	rig_close_clean(&rig);
}

/* --- registering ------------------------------------------------------------------------------ */

static void a_thread_registers_once(void **state)
{
	struct rb_ctx *redox;
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock");
	rb_mock_thread_end(rig.ctx);
	rb_mock_thread_end(NULL);

	assert_int_equal(rb_mock_thread_begin(rig.ctx), 0);
	assert_int_equal(rb_mock_thread_begin(rig.ctx), -EEXIST);
	rb_mock_thread_end(rig.ctx);
	assert_int_equal(rb_mock_thread_begin(rig.ctx), 0);

	assert_int_equal(rb_mock_thread_begin(NULL), -EINVAL);
	assert_int_equal(rb_ctx_new("redox:root=/nonexistent", &redox), 0);
	assert_int_equal(rb_mock_thread_begin(redox), -EINVAL);
	rb_ctx_unref(redox);
	rig_close_clean(&rig);
}

struct crowd {
	struct rb_ctx *ctx;
	pthread_barrier_t in, out;
};

static void *join_crowd(void *arg)
{
	struct crowd *c = arg;
	int rc = rb_mock_thread_begin(c->ctx);

	pthread_barrier_wait(&c->in);
	pthread_barrier_wait(&c->out);
	rb_mock_thread_end(c->ctx);
	return rc == 0 ? NULL : c;
}

static void sixty_four_threads_are_enough(void **state)
{
	pthread_t threads[64];
	struct crowd c;
	void *result;
	int i;

	(void)state;
	assert_int_equal(rb_ctx_new("mock", &c.ctx), 0);
	assert_int_equal(pthread_barrier_init(&c.in, NULL, 65), 0);
	assert_int_equal(pthread_barrier_init(&c.out, NULL, 65), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, join_crowd, &c), 0);
	pthread_barrier_wait(&c.in);

	assert_int_equal(rb_mock_thread_begin(c.ctx), -ENOMEM);

	pthread_barrier_wait(&c.out);
	for (i = 0; i < 64; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_null(result);
	}
	assert_int_equal(rb_mock_thread_begin(c.ctx), 0);
	pthread_barrier_destroy(&c.in);
	pthread_barrier_destroy(&c.out);
	rb_ctx_unref(c.ctx);
}

static void on_the_real_clock_registering_changes_nothing(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, "mock:time=real");
	assert_int_equal(rb_mock_thread_begin(rig.ctx), 0);

	rb_delay_us(rig.ctx, 10);

	rb_mock_thread_end(rig.ctx);
	rig_close_clean(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_mocks_in_two_threads_do_not_meet),
		cmocka_unit_test(a_time_out_does_not_pass_while_another_thread_works),
		cmocka_unit_test(an_interrupt_wakes_the_other_thread_before_its_time_out),
		cmocka_unit_test(register_accesses_alone_can_reach_anothers_time_out),
		cmocka_unit_test(a_cancelled_thread_is_not_left_behind_by_the_clock),
		cmocka_unit_test(a_thread_that_ends_its_registration_lets_the_others_go_on),
		cmocka_unit_test(threads_with_periods_of_their_own_wake_up_on_time),
		cmocka_unit_test(a_thread_registers_once),
		cmocka_unit_test(sixty_four_threads_are_enough),
		cmocka_unit_test(on_the_real_clock_registering_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
