/* SPDX-License-Identifier: MIT */
/* fake_irq.c - see fake_irq.h. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_irq_private.h"

struct fake *fake_of(struct rbi_sys *s)
{
	return (struct fake *)s;
}

/* --- script: with the lock held -------------------------------------------------------------- */

int fake_scripted(struct fake *f, enum fake_call call)
{
	f->calls[call]++;
	f->calls_in_all++;
	if (f->fail_at == 0 || --f->fail_at > 0)
		return 0;
	f->failed = true;
	f->fail_at = f->fails_for_ever;
	return f->fail_with;
}

/* --- descriptors ----------------------------------------------------------------------------- */

static struct fake_file *file_of(struct fake *f, int fd)
{
	if (fd < FAKE_FD_BASE || fd >= FAKE_FD_BASE + FAKE_FILES)
		return NULL;
	return f->handles[fd - FAKE_FD_BASE];
}

int fake_new_handle(struct fake *f, struct fake_file *file)
{
	int i;

	for (i = 0; i < FAKE_FILES; i++) {
		if (!f->handles[i]) {
			f->handles[i] = file;
			file->refs++;
			return FAKE_FD_BASE + i;
		}
	}
	return -EMFILE;
}

struct fake_file *fake_new_file(struct fake *f, enum fake_kind kind)
{
	int i;

	for (i = 0; i < FAKE_FILES; i++) {
		if (f->files[i].kind == FAKE_NONE) {
			memset(&f->files[i], 0, sizeof(f->files[i]));
			f->files[i].kind = kind;
			return &f->files[i];
		}
	}
	fail_msg("the fake is out of files");
	return NULL;
}

static void end_file(struct fake *f, struct fake_file *file)
{
	size_t i, kept = 0;

	for (i = 0; i < f->reg_count; i++) {
		if (f->regs[i].queue == file)
			f->regs[i].queue_closed = true;
		if (f->regs[i].file != file)
			f->regs[kept++] = f->regs[i];
	}
	f->reg_count = kept;
	if (file->other)
		file->other->other = NULL;
	free(file->entries);
	memset(file, 0, sizeof(*file));
}

static void fake_close(struct rbi_sys *s, int fd)
{
	struct fake *f = fake_of(s);
	struct fake_file *file;

	pthread_mutex_lock(&f->lock);
	f->calls[FAKE_CLOSE]++;
	f->calls_in_all++;
	file = file_of(f, fd);
	assert_non_null(file);
	f->handles[fd - FAKE_FD_BASE] = NULL;
	if (--file->refs == 0)
		end_file(f, file);
	pthread_mutex_unlock(&f->lock);
}

static int fake_dup(struct rbi_sys *s, int fd)
{
	struct fake *f = fake_of(s);
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_DUP);
	if (rc == 0)
		rc = file_of(f, fd) ? fake_new_handle(f, file_of(f, fd)) : -EBADF;
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* --- events ---------------------------------------------------------------------------------- */

static void push(struct fake *f, const struct fake_reg *reg, uint64_t flags)
{
	struct fake_file *q = reg->queue;
	struct fake_entry *e;

	if (reg->queue_closed)
		return;
	assert_true(q->count < FAKE_ENTRIES);
	e = &q->entries[(q->first + q->count++) % FAKE_ENTRIES];
	e->id = reg->id;
	e->flags = flags;
	e->data = reg->data;
	pthread_cond_broadcast(&f->changed);
}

static void post(struct fake *f, const struct fake_file *file, uint64_t flags)
{
	size_t i;

	for (i = 0; i < f->reg_count; i++)
		if (f->regs[i].file == file && (f->regs[i].flags & flags))
			push(f, &f->regs[i], f->regs[i].flags & flags);
}

/* What a file says when it is asked at registration. */
static uint64_t readiness(const struct fake_file *file)
{
	if (file->kind == FAKE_PIPE_READ)
		return file->bytes > 0 || !file->other ? 1 : 0;
	if (file->kind == FAKE_PIPE_WRITE)
		return 2;
	return 0;
}

static int watch(struct fake *f, struct fake_file *queue, const struct fake_entry *e)
{
	struct fake_file *file = file_of(f, (int)e->id);
	size_t i;

	if (!file || file == queue)
		return -EBADF;
	for (i = 0; i < f->reg_count; i++)
		if (f->regs[i].file == file && f->regs[i].queue == queue &&
		    f->regs[i].data == e->data)
			break;
	if (e->flags == 0) {
		if (i < f->reg_count)
			f->regs[i] = f->regs[--f->reg_count];
		return sizeof(*e);
	}

	if (i == f->reg_count) {
		assert_true(f->reg_count < FAKE_REGS);
		f->reg_count++;
	}
	f->regs[i] = (struct fake_reg){ file, queue, false, e->id, e->flags, e->data };
	if (readiness(file) & e->flags)
		push(f, &f->regs[i], readiness(file) & e->flags);
	return sizeof(*e);
}

static void fire_alarms(struct fake *f, struct fake_file *file)
{
	size_t i = 0;

	while (i < file->alarm_count) {
		if (file->alarms[i] > f->now) {
			i++;
			continue;
		}
		file->alarms[i] = file->alarms[--file->alarm_count];
		post(f, file, 1);
	}
}

static void tick(struct fake *f, int64_t now)
{
	int i;

	f->now = now;
	for (i = 0; i < FAKE_FILES; i++)
		if (f->files[i].kind == FAKE_TIME)
			fire_alarms(f, &f->files[i]);
}

static int64_t next_alarm(struct fake *f)
{
	int64_t next = INT64_MAX;
	size_t i, j;

	for (i = 0; i < FAKE_FILES; i++)
		for (j = 0; f->files[i].kind == FAKE_TIME && j < f->files[i].alarm_count; j++)
			if (f->files[i].alarms[j] < next)
				next = f->files[i].alarms[j];
	return next;
}

/* Nothing in the queue: the test's turn, else the clock's, else another thread's. */
static bool sleep_a_little(struct fake *f)
{
	void (*hook)(struct fake *) = f->when_asleep;
	struct timespec limit;

	f->sleeps++;
	if (hook) {
		f->when_asleep = NULL;
		pthread_mutex_unlock(&f->lock);
		hook(f);
		pthread_mutex_lock(&f->lock);
		return true;
	}
	if (next_alarm(f) != INT64_MAX) {
		tick(f, next_alarm(f));
		return true;
	}
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 20;
	return pthread_cond_timedwait(&f->changed, &f->lock, &limit) == 0;
}

static ssize_t read_queue(struct fake *f, struct fake_file *q, struct fake_entry *out, size_t len)
{
	size_t n, max = len / sizeof(*out);

	if (max == 0)
		return -EINVAL;
	while (q->count == 0) {
		if (q->nonblock)
			return -EAGAIN;
		if (!sleep_a_little(f))
			return -EDEADLK; /* slept for ever: the test is at fault, or the library */
	}
	for (n = 0; n < max && q->count > 0; n++) {
		out[n] = q->entries[q->first];
		q->first = (q->first + 1) % FAKE_ENTRIES;
		q->count--;
	}
	return (ssize_t)(n * sizeof(*out));
}

/* --- interrupts ------------------------------------------------------------------------------ */

void fake_count_interrupt(struct fake *f, unsigned int n)
{
	int i;

	f->counter[n]++;
	for (i = 0; i < FAKE_FILES; i++)
		if (f->files[i].kind == FAKE_IRQ && f->files[i].n == n)
			post(f, &f->files[i], 1);
}

/* A level-triggered line fires and masks itself. */
void fake_drive_line(struct fake *f, unsigned int n)
{
	if (!f->is_asserted[n] || f->is_masked[n])
		return;
	f->is_masked[n] = true;
	fake_count_interrupt(f, n);
}

static ssize_t read_irq(struct fake *f, struct fake_file *file, void *buf, size_t len)
{
	if (len < 8)
		return -EINVAL;
	if (f->counter[file->n] == file->ack)
		return 0;
	memcpy(buf, &f->counter[file->n], 8);
	return 8;
}

static ssize_t write_irq(struct fake *f, struct fake_file *file, const void *buf, size_t len)
{
	uint64_t value;

	if (len < 8)
		return -EINVAL;
	memcpy(&value, buf, 8);
	if (value != f->counter[file->n])
		return 0;
	file->ack = value;
	if (file->n < 16) {
		f->is_masked[file->n] = false;
		fake_drive_line(f, file->n);
	}
	return 8;
}

void fake_raise(struct fake *f, unsigned int n)
{
	pthread_mutex_lock(&f->lock);
	fake_count_interrupt(f, n);
	pthread_mutex_unlock(&f->lock);
}

void fake_post_stale(struct fake *f, unsigned int n)
{
	int i;

	pthread_mutex_lock(&f->lock);
	for (i = 0; i < FAKE_FILES; i++)
		if (f->files[i].kind == FAKE_IRQ && f->files[i].n == n)
			post(f, &f->files[i], 1);
	pthread_mutex_unlock(&f->lock);
}

/* --- read and write -------------------------------------------------------------------------- */

static ssize_t read_file(struct fake *f, struct fake_file *file, void *buf, size_t len)
{
	switch (file->kind) {
	case FAKE_IRQ:
		return read_irq(f, file, buf, len);
	case FAKE_BSP:
		if (len < 8)
			return -EINVAL;
		memcpy(buf, &f->boot_cpu, 4); /* and no more (contract 2.4) */
		return 8;
	case FAKE_QUEUE:
		return read_queue(f, file, buf, len);
	case FAKE_PIPE_READ:
		if (file->bytes == 0)
			return file->other ? -EAGAIN : 0;
		if (len > file->bytes)
			len = file->bytes;
		memset(buf, 0, len);
		file->bytes -= len;
		return (ssize_t)len;
	case FAKE_CHANNEL:
		return fake_read_channel(f, buf, len);
	default:
		return -EBADF;
	}
}

static ssize_t fake_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	struct fake *f = fake_of(s);
	struct fake_file *file;
	ssize_t rc;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_READ);
	file = file_of(f, fd);
	if (rc == 0 && !file)
		rc = -EBADF;
	if (rc == 0 && f->read_is_scripted &&
	    (file->kind == FAKE_IRQ || file->kind == FAKE_QUEUE)) {
		f->read_is_scripted = false;
		if (f->read_answer > 0)
			memcpy(buf, &f->read_record,
			       file->kind == FAKE_QUEUE ? sizeof(f->read_record) : 8);
		rc = f->read_answer;
	} else if (rc == 0) {
		rc = read_file(f, file, buf, len);
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

static ssize_t arm(struct fake *f, struct fake_file *file, const void *buf, size_t len)
{
	int64_t sec;
	int32_t nsec;

	if (len != 16)
		return -EINVAL;
	memcpy(&sec, buf, 8);
	memcpy(&nsec, (const uint8_t *)buf + 8, 4);
	assert_in_range(nsec, 0, 999999999);
	assert_true(file->alarm_count < FAKE_ALARMS);
	file->alarms[file->alarm_count++] = sec * 1000000000 + nsec;
	fire_alarms(f, file);
	return 16;
}

static ssize_t write_file(struct fake *f, struct fake_file *file, const void *buf, size_t len)
{
	switch (file->kind) {
	case FAKE_IRQ:
		return write_irq(f, file, buf, len);
	case FAKE_QUEUE:
		return len == sizeof(struct fake_entry) ? watch(f, file, buf) : -EINVAL;
	case FAKE_TIME:
		return arm(f, file, buf, len);
	case FAKE_PIPE_WRITE:
		if (!file->other)
			return -EPIPE;
		file->other->bytes += len;
		post(f, file->other, 1);
		return (ssize_t)len;
	case FAKE_CHANNEL:
		return fake_write_channel(f, buf, len);
	default:
		return -EBADF;
	}
}

static ssize_t fake_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	struct fake *f = fake_of(s);
	struct fake_file *file;
	ssize_t rc;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_WRITE);
	file = file_of(f, fd);
	if (rc == 0 && !file)
		rc = -EBADF;
	if (rc == 0 && f->write_is_scripted &&
	    (file->kind == FAKE_IRQ || file->kind == FAKE_QUEUE)) {
		f->write_is_scripted = false;
		rc = f->write_answer;
	} else if (rc == 0) {
		rc = write_file(f, file, buf, len);
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

static int fake_pipe(struct rbi_sys *s, int fds[2])
{
	struct fake *f = fake_of(s);
	struct fake_file *out, *in;
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_PIPE);
	if (rc == 0) {
		in = fake_new_file(f, FAKE_PIPE_READ);
		fds[0] = fake_new_handle(f, in);
		out = fake_new_file(f, FAKE_PIPE_WRITE);
		fds[1] = fake_new_handle(f, out);
		in->other = out;
		out->other = in;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* --- the rest -------------------------------------------------------------------------------- */

static int64_t fake_clock(struct rbi_sys *s)
{
	struct fake *f = fake_of(s);
	void (*hook)(struct fake *) = NULL;
	int64_t now;

	pthread_mutex_lock(&f->lock);
	f->calls[FAKE_CLOCK]++;
	f->calls_in_all++;
	if (f->clock_step > 0)
		tick(f, f->now + f->clock_step);
	now = f->now;
	if (f->at_look > 0 && --f->at_look == 0)
		hook = f->when_looked;
	pthread_mutex_unlock(&f->lock);
	if (hook)
		hook(f);
	return now;
}

static void fake_delay(struct rbi_sys *s, uint64_t ns)
{
	fake_pass(fake_of(s), (int64_t)ns);
}

static void fake_destroy(struct rbi_sys *s)
{
	(void)s; /* fake_free() looks at what is left */
}

static const struct rbi_sys_ops fake_ops = {
	.open = fake_open,
	.close = fake_close,
	.dup = fake_dup,
	.read = fake_read,
	.write = fake_write,
	.opendir = fake_opendir,
	.readdir = fake_readdir,
	.closedir = fake_closedir,
	.mmap = fake_mmap,
	.munmap = fake_munmap,
	.window = fake_window,
	.io_read = fake_io_read,
	.io_write = fake_io_write,
	.pipe = fake_pipe,
	.clock = fake_clock,
	.delay = fake_delay,
	.destroy = fake_destroy,
};

/* A context as core makes them, over our own first waist. */
static struct rb_ctx *new_ctx(struct fake *f, const char *root)
{
	struct rb_ctx *ctx = rbi_alloc(1, sizeof(*ctx));

	assert_non_null(ctx);
	atomic_init(&ctx->refs, 1);
	atomic_init(&ctx->log_max, -1);
	ctx->pid = (long)getpid();
	ctx->machine = rbi_strdup("fake");
	ctx->sys = &f->sys;
	pthread_mutex_init(&ctx->log_lock, NULL);
	assert_int_equal(rbi_ledger_init(&ctx->ledger), 0);
	assert_int_equal(rbi_os_new(&f->sys, root, &ctx->os), 0);
	f->sys.ctx = ctx;
	return ctx;
}

struct fake *fake_new(const char *root)
{
	struct fake *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->sys.ops = &fake_ops;
	f->sys.name = root ? "redox" : "fake";
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->now = 1000000000;
	f->cpu_name = "cpu-00";
	fake_set_up_device(f);
	f->ctx = new_ctx(f, root);
	return f;
}

struct rb_pci_dev *fake_open_device(struct fake *f)
{
	struct rb_pci_dev *dev;

	assert_int_equal(rb_pci_open(f->ctx, rb_pci_addr_make(0, 0, 3, 0), &dev), 0);
	return dev;
}

void fake_free(struct fake *f)
{
	int i;

	assert_int_equal(rb_ctx_live(f->ctx, NULL, 0), 0);
	rb_ctx_unref(f->ctx);
	if (strcmp(f->sys.name, "redox") != 0)
		assert_int_equal(fake_open_handles(f), 0);
	assert_false(f->has_panicked);
	for (i = 0; i < 8; i++)
		assert_int_equal(f->mapped[i], 0);
	for (i = 0; i < FAKE_FILES; i++)
		free(f->files[i].entries);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

void fake_pass(struct fake *f, int64_t ns)
{
	pthread_mutex_lock(&f->lock);
	tick(f, f->now + ns);
	pthread_mutex_unlock(&f->lock);
}

void fake_count_calls(struct fake *f)
{
	memset(f->calls, 0, sizeof(f->calls));
	f->calls_in_all = 0;
}

void fake_fail_at(struct fake *f, unsigned int n, int err)
{
	f->fail_at = n;
	f->fail_with = err;
	f->failed = false;
}

unsigned int fake_open_files(struct fake *f, enum fake_kind kind)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < FAKE_FILES; i++)
		n += f->files[i].kind == kind;
	return n;
}

unsigned int fake_open_handles(struct fake *f)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < FAKE_FILES; i++)
		n += f->handles[i] != NULL;
	return n;
}

unsigned int fake_watched(struct fake *f, enum fake_kind kind)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < f->reg_count; i++)
		n += f->regs[i].file->kind == kind;
	return n;
}

size_t fake_backlog(struct fake *f)
{
	size_t n = 0;
	int i;

	for (i = 0; i < FAKE_FILES; i++)
		n += f->files[i].count;
	return n;
}

size_t fake_unread(struct fake *f)
{
	size_t n = 0;
	int i;

	for (i = 0; i < FAKE_FILES; i++)
		n += f->files[i].bytes;
	return n;
}
