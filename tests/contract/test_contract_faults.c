/* SPDX-License-Identifier: MIT */
/*
 * test_contract_faults.c - what goes wrong around a driver: threads everywhere, a
 * machine that dies under a wait, a spawner that lies, schemes that are not there.
 *
 * Each ends in a documented code with a sentence, in time, and leaves nothing behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rbdrv/host.h>

#include "contract.h"

#define TURNS	  30 /* of each thread that uses a context at once with others */
#define KILL_US	  20000 /* for whoever is to be killed while he waits */
#define LONG_MS	  60000
#define IN_TIME_S 10 /* far above what an end takes, far below LONG_MS */

static void assert_explained(int rc, int code)
{
	if (rc != code)
		fail_msg("%d (%s), not %d", rc, rb_last_error(), code);
	assert_int_not_equal(strlen(rb_last_error()), 0);
}

/* --- in every world --------------------------------------------------------------- */

static void a_plain_file_cannot_be_polled(struct stage *stage)
{
	FILE *file = tmpfile();
	struct pollfd pfd = { .events = POLLIN };

	assert_non_null(file);
	pfd.fd = fileno(file);

	assert_explained(rb_poll(stage->ctx, &pfd, 1, 0), -ENOTSUP);
	assert_explained(rb_poll(stage->ctx, &pfd, 1, QUIET_MS), -ENOTSUP);

	assert_int_equal(pfd.revents, 0);
	fclose(file);
}

static void a_label_stays_one_line_of_the_ledger(struct stage *stage)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	char live[256];

	claim_edu(stage);
	options.label = "two\nlines\033[2J";
	assert_ok(rb_dma_alloc(stage->dev, 64, &options, &stage->buf));

	assert_int_equal(rb_ctx_live(stage->ctx, live, sizeof(live)), 2);

	assert_non_null(strstr(live, "DMA buffer two lines?[2J of "));
}

static void no_number_leads_out_of_a_window(struct stage *stage)
{
	static const uint64_t offs[] = { UINT64_MAX - 3, INT64_MAX - 3, EDU_BAR_SIZE };
	char bytes[8];
	size_t i;

	map_edu(stage);

	for (i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		assert_int_equal(rb_mmio_read32(stage->regs, offs[i]), UINT32_MAX);
		rb_mmio_write64_hi_lo(stage->regs, offs[i], 0);
		assert_explained(rb_mmio_error(stage->regs), -ERANGE);
		assert_explained(rb_mmio_copy_from(stage->regs, offs[i], bytes, 8), -ERANGE);
		assert_explained(rb_mmio_poll32(stage->regs, offs[i], 0, 0, 0, NULL), -ERANGE);
	}
	assert_explained(rb_mmio_copy_to(stage->regs, 8, bytes, SIZE_MAX - 7), -ERANGE);
	assert_explained(rb_mmio_fill(stage->regs, 8, 0, SIZE_MAX), -ERANGE);
}

/* --- many threads ------------------------------------------------------------------- */

static atomic_int complaints; /* of threads, where cmocka must not be called */

static void expect(bool holds)
{
	if (!holds)
		atomic_fetch_add(&complaints, 1);
}

static void *use_registers(void *arg)
{
	struct stage *stage = arg;
	char bytes[4];
	int i;

	for (i = 0; i < TURNS; i++) {
		rb_mmio_write32(stage->regs, EDU_LIVENESS, (uint32_t)i);
		expect(rb_mmio_read32(stage->regs, EDU_ID) == EDU_ID_VALUE);
		expect(rb_mmio_copy_from(stage->regs, EDU_ID, bytes, 4) == 0);
		expect(rb_mmio_error(stage->regs) == 0);
	}
	return NULL;
}

static void *use_memory(void *arg)
{
	struct stage *stage = arg;
	struct rb_dma_buf *own = NULL;
	int i;

	for (i = 0; i < TURNS; i++) {
		rb_dma_publish(stage->buf, 0, 64);
		rb_dma_observe(stage->buf, 64, 64);
		expect(rb_dma_alloc(stage->dev, 4096, NULL, &own) == 0);
		rb_dma_close(own);
	}
	return NULL;
}

static void *use_configuration(void *arg)
{
	struct stage *stage = arg;
	struct rb_pci_list *list = NULL;
	unsigned int cap;
	uint16_t id;
	int i;

	for (i = 0; i < TURNS; i++) {
		expect(rb_pci_config_read16(stage->dev, 2, &id) == 0 && id == EDU_DEVICE);
		expect(rb_pci_config_write8(stage->dev, 0x0c, (uint8_t)(i * 4)) == 0);
		expect(rb_pci_find_cap(stage->dev, 0x05, &cap) == 0);
		expect(rb_pci_set_bus_master(stage->dev, true) == 0);
	}
	expect(rb_pci_scan(stage->ctx, NULL, &list) == 0);
	rb_pci_list_close(list);
	return NULL;
}

static void *raise_and_cancel(void *arg)
{
	struct stage *stage = arg;
	int i;

	for (i = 0; i < TURNS; i++) {
		rb_mmio_write32(stage->regs, EDU_IRQ_RAISE, 1);
		expect(rb_irq_cancel(stage->irqs) == 0);
		expect(rb_irq_fd(stage->irqs, 0) >= 0);
	}
	return NULL;
}

static void count_message(void *arg, enum rb_log_level level, const char *message)
{
	(void)level;
	expect(strchr(message, '\n') == NULL);
	*(int *)arg += 1; /* one call at a time */
}

static void *change_the_log(void *arg)
{
	static int messages;
	struct stage *stage = arg;
	char live[128];
	int i;

	for (i = 0; i < TURNS; i++) {
		rb_ctx_set_log(stage->ctx, RB_LOG_DEBUG, i % 3 ? count_message : NULL, &messages);
		expect(rb_ctx_live(stage->ctx, live, sizeof(live)) >= 4);
		rb_ctx_unref(rb_ctx_ref(stage->ctx));
		rb_pci_unref(rb_pci_ref(stage->dev));
	}
	rb_ctx_set_log(stage->ctx, RB_LOG_ERROR, NULL, NULL);
	return NULL;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The one thread of the vector: how many interrupts came, @want of them at least if
 * they come at all. On the mock a wait ends as soon as no event is to come, whatever
 * other threads are about to do. */
static uint64_t take_all(struct stage *stage, uint64_t want)
{
	time_t begin = seconds();
	uint64_t count, total = 0;
	int rc;

	while (total < want && seconds() - begin < IN_TIME_S) {
		rc = rb_irq_wait(stage->irqs, 0, QUIET_MS);
		expect(rc == 0 || rc == -ECANCELED || rc == -ETIMEDOUT);
		while ((rc = rb_irq_take(stage->irqs, 0, &count)) == 0 && count > 0) {
			rb_mmio_write32(stage->regs, EDU_IRQ_ACK, 1);
			total += count;
		}
		expect(rc == 0);
	}
	return total;
}

static void threads_may_use_everything_at_once(struct stage *stage)
{
	static void *(*const works[])(void *) = {
		use_registers,	  use_registers,     use_memory,    use_memory, use_configuration,
		use_configuration, raise_and_cancel, change_the_log,
	};
	enum { WORKS = sizeof(works) / sizeof(works[0]) };
	pthread_t threads[WORKS];
	uint64_t total;
	size_t i;

	atomic_store(&complaints, 0);
	open_edu_irqs(stage, RB_IRQ_MSI);
	alloc_edu_dma(stage, 4096);

	for (i = 0; i < WORKS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, works[i], stage), 0);
	total = take_all(stage, TURNS);
	for (i = 0; i < WORKS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);

	assert_int_equal(total, TURNS);
	assert_int_equal(atomic_load(&complaints), 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_plain_file_cannot_be_polled),
	SCENARIO(a_label_stays_one_line_of_the_ledger),
	SCENARIO_SLOPPY(no_number_leads_out_of_a_window),
	SCENARIO(threads_may_use_everything_at_once),
};

/* --- QEMU dies under a wait ------------------------------------------------------------ */

static void *kill_soon(void *ctx)
{
	struct timespec soon = { .tv_nsec = KILL_US * 1000 };

	nanosleep(&soon, NULL);
	rb_host_kill(ctx);
	return NULL;
}

static int wait_for_one(struct stage *stage)
{
	return rb_irq_wait(stage->irqs, 0, -1);
}

static int wait_for_any(struct stage *stage)
{
	return rb_irq_wait_any(stage->irqs, -1);
}

static int wait_by_poll(struct stage *stage)
{
	struct pollfd pfd = { .events = POLLIN };

	pfd.fd = rb_irq_fd(stage->irqs, 0);
	assert_true(pfd.fd >= 0);
	return rb_poll(stage->ctx, &pfd, 1, -1);
}

static int wait_for_a_register(struct stage *stage)
{
	return rb_mmio_poll32(stage->regs, EDU_ID, UINT32_MAX, 0, (uint64_t)LONG_MS * 1000, NULL);
}

static void die_under(int (*wait)(struct stage *stage), enum rb_irq_kind kind)
{
	struct world world = { "qemu", "qemu:edu", false };
	struct stage stage = { .world = &world };
	size_t fds = count_fds();
	pthread_t killer;
	time_t begin;
	int rc;

	rc = rb_ctx_new(world.machine, &stage.ctx);
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);
	open_edu_irqs(&stage, kind);
	alloc_edu_dma(&stage, 4096);
	begin = seconds();
	assert_int_equal(pthread_create(&killer, NULL, kill_soon, stage.ctx), 0);

	assert_explained(wait(&stage), -ENODEV);

	assert_true(seconds() - begin < IN_TIME_S);
	assert_int_equal(pthread_join(killer, NULL), 0);
	assert_int_equal(rb_mmio_read32(stage.regs, EDU_ID), UINT32_MAX);
	assert_explained(rb_mmio_error(stage.regs), -ENODEV);
	rb_irq_set_close(stage.irqs);
	rb_dma_close(stage.buf);
	rb_mmio_close(stage.regs);
	rb_pci_unref(stage.dev);
	assert_int_equal(rb_ctx_live(stage.ctx, NULL, 0), 0);
	rb_ctx_unref(stage.ctx);
	assert_int_equal(count_fds(), fds);
	assert_false(have_children());
}

static void a_wait_for_ever_ends_with_qemu(void **state)
{
	(void)state;
	die_under(wait_for_one, RB_IRQ_MSI);
	die_under(wait_for_one, RB_IRQ_INTX);
}

static void a_wait_for_any_vector_ends_with_qemu(void **state)
{
	(void)state;
	die_under(wait_for_any, RB_IRQ_MSI);
}

static void a_poll_for_ever_ends_with_qemu(void **state)
{
	(void)state;
	die_under(wait_by_poll, RB_IRQ_MSI);
	die_under(wait_by_poll, RB_IRQ_INTX);
}

static void a_wait_for_a_register_ends_with_qemu(void **state)
{
	(void)state;
	die_under(wait_for_a_register, RB_IRQ_INTX);
}

/* --- a program that is its own enemy --------------------------------------------------- */

static void a_wait_on_descriptors_that_the_program_closed_ends(void **state)
{
	struct world world = { "mock", "mock:edu", true };
	struct stage stage = { .world = &world };
	bool before[256];
	int fd;

	(void)state;
	for (fd = 0; fd < 256; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	assert_ok(rb_ctx_new(world.machine, &stage.ctx));
	open_edu_irqs(&stage, RB_IRQ_MSI);
	assert_int_equal(rb_irq_wait(stage.irqs, 0, QUIET_MS), -ETIMEDOUT);
	for (fd = 0; fd < 256; fd++)
		if (!before[fd])
			close(fd);

	assert_explained(rb_irq_wait(stage.irqs, 0, QUIET_MS), -EIO);

	rb_irq_set_close(stage.irqs);
	rb_mmio_close(stage.regs);
	rb_pci_unref(stage.dev);
	assert_int_equal(rb_ctx_live(stage.ctx, NULL, 0), 0);
	rb_ctx_unref(stage.ctx);
}

/* --- a directory in the system's place ------------------------------------------------- */

struct root {
	char dir[64];
	char machine[128];
	struct rb_ctx *ctx;
};

static int make_root(void **state)
{
	static struct root root;
	char scheme[80];

	strcpy(root.dir, "/tmp/rbdrv-faults-XXXXXX");
	if (!mkdtemp(root.dir))
		return -1;
	snprintf(scheme, sizeof(scheme), "%s/scheme", root.dir);
	snprintf(root.machine, sizeof(root.machine), "redox:root=%s", root.dir);
	root.ctx = NULL;
	*state = &root;
	return mkdir(scheme, 0755);
}

/* Removing it is also the proof that nobody has put anything there. */
static int remove_root(void **state)
{
	struct root *root = *state;
	char scheme[80];

	rb_ctx_unref(root->ctx);
	unsetenv("PCID_CLIENT_CHANNEL");
	snprintf(scheme, sizeof(scheme), "%s/scheme", root->dir);
	return rmdir(scheme) == 0 && rmdir(root->dir) == 0 ? 0 : -1;
}

static void schemes_that_are_absent_are_enotsup_and_not_made(void **state)
{
	struct root *root = *state;
	struct pollfd pfd = { 0, POLLIN, 0 };
	struct rb_pci_list *list;
	struct rb_pci_dev *dev;

	assert_ok(rb_ctx_new(root->machine, &root->ctx));

	assert_explained(rb_pci_scan(root->ctx, NULL, &list), -ENOTSUP);
	assert_explained(rb_pci_open(root->ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), -ENOTSUP);
	assert_explained(rb_poll(root->ctx, &pfd, 1, 1), -ENOTSUP);
	assert_explained(rb_poll(root->ctx, NULL, 0, 0), -ENOTSUP);
}

static void name_channel(int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	assert_int_equal(setenv("PCID_CLIENT_CHANNEL", number, 1), 0);
}

static void a_channel_that_is_not_open_is_einval(void **state)
{
	struct root *root = *state;
	struct rb_ctx *ctx;
	int fd = dup(0);

	assert_true(fd >= 0);
	close(fd);
	name_channel(fd);

	assert_explained(rb_ctx_new(root->machine, &ctx), -EINVAL);

	assert_null(ctx);
	assert_non_null(strstr(rb_last_error(), "PCID_CLIENT_CHANNEL"));
}

/* A context with a channel to us: our end of it. */
static int open_channel(struct root *root)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	name_channel(pair[0]);
	assert_ok(rb_ctx_new(root->machine, &root->ctx));
	return pair[1];
}

static void a_spawner_that_has_gone_ends_no_process(void **state)
{
	struct root *root = *state;
	struct rb_pci_list *list;

	close(open_channel(root)); /* SIGPIPE is not ignored here */

	assert_explained(rb_pci_scan(root->ctx, NULL, &list), -EIO);
	assert_null(list);
}

/* What a spawner may say to the first request; the channel is lost after each. */
static void lie(struct root *root, const void *bytes, size_t len)
{
	int fd = open_channel(root);
	struct rb_pci_list *list;
	struct rb_pci_dev *dev;

	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);

	assert_explained(rb_pci_scan(root->ctx, NULL, &list), -EPROTO);
	assert_explained(rb_pci_scan(root->ctx, NULL, &list), -EPROTO);
	assert_explained(rb_pci_open(root->ctx, rb_pci_addr_make(0, 0, 1, 0), &dev), -EPROTO);

	rb_ctx_unref(root->ctx);
	root->ctx = NULL;
	close(fd);
}

static void answers_that_make_no_sense_are_eproto(void **state)
{
	struct root *root = *state;
	uint8_t bytes[8 + 16384];

	memset(bytes, 0, sizeof(bytes));
	lie(root, bytes, 0); /* nothing */
	lie(root, bytes, 3); /* half a length */
	lie(root, bytes, 8); /* a length of 0 */
	bytes[0] = 64;
	lie(root, bytes, 8); /* no answer behind its length */
	lie(root, bytes, 8 + 63); /* half of one */
	lie(root, bytes, 8 + 64); /* another answer, with bytes behind it */
	memset(bytes + 8, 0xff, 64);
	lie(root, bytes, 8 + 64); /* an answer of no kind */
	memset(bytes, 0, sizeof(bytes));
	bytes[1] = 0x40;
	lie(root, bytes, sizeof(bytes)); /* the longest that is read */
	bytes[2] = 1;
	lie(root, bytes, sizeof(bytes)); /* a length past any answer */
	memset(bytes, 0xff, 8);
	lie(root, bytes, sizeof(bytes)); /* and one past any memory */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_for_ever_ends_with_qemu),
		cmocka_unit_test(a_wait_for_any_vector_ends_with_qemu),
		cmocka_unit_test(a_poll_for_ever_ends_with_qemu),
		cmocka_unit_test(a_wait_for_a_register_ends_with_qemu),
		cmocka_unit_test(a_wait_on_descriptors_that_the_program_closed_ends),
		cmocka_unit_test_setup_teardown(schemes_that_are_absent_are_enotsup_and_not_made,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_channel_that_is_not_open_is_einval, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_spawner_that_has_gone_ends_no_process, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(answers_that_make_no_sense_are_eproto, make_root,
						remove_root),
	};
	int failed;

	failed = RUN_SCENARIOS("faults", scenarios);
	return failed + cmocka_run_group_tests_name("faults alone", tests, NULL, NULL);
}
