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

#include "fake_irq.h"
#include "os/wire.h"

static struct fake *fake_of(struct rbi_sys *s)
{
	return (struct fake *)s;
}

/* --- script: with the lock held -------------------------------------------------------------- */

static int scripted(struct fake *f, enum fake_call call)
{
	f->calls[call]++;
	f->calls_in_all++;
	if (f->fail_at == 0 || --f->fail_at > 0)
		return 0;
	f->failed = true;
	return f->fail_with;
}

/* --- descriptors ----------------------------------------------------------------------------- */

static struct fake_file *file_of(struct fake *f, int fd)
{
	if (fd < FAKE_FD_BASE || fd >= FAKE_FD_BASE + FAKE_FILES)
		return NULL;
	return f->handles[fd - FAKE_FD_BASE];
}

static int new_handle(struct fake *f, struct fake_file *file)
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

static struct fake_file *new_file(struct fake *f, enum fake_kind kind)
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
	rc = scripted(f, FAKE_DUP);
	if (rc == 0)
		rc = file_of(f, fd) ? new_handle(f, file_of(f, fd)) : -EBADF;
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

static void count_interrupt(struct fake *f, unsigned int n)
{
	int i;

	f->counter[n]++;
	for (i = 0; i < FAKE_FILES; i++)
		if (f->files[i].kind == FAKE_IRQ && f->files[i].n == n)
			post(f, &f->files[i], 1);
}

/* A level-triggered line fires and masks itself. */
static void drive_line(struct fake *f, unsigned int n)
{
	if (!f->is_asserted[n] || f->is_masked[n])
		return;
	f->is_masked[n] = true;
	count_interrupt(f, n);
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
		drive_line(f, file->n);
	}
	return 8;
}

void fake_raise(struct fake *f, unsigned int n)
{
	pthread_mutex_lock(&f->lock);
	count_interrupt(f, n);
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

/* --- the PCI device -------------------------------------------------------------------------- */

static uint32_t config_dword(const struct fake *f, unsigned int off)
{
	return (uint32_t)f->config[off] | (uint32_t)f->config[off + 1] << 8 |
	       (uint32_t)f->config[off + 2] << 16 | (uint32_t)f->config[off + 3] << 24;
}

static void set_config_dword(struct fake *f, unsigned int off, uint32_t val)
{
	int i;

	for (i = 0; i < 4; i++)
		f->config[off + (unsigned int)i] = (uint8_t)(val >> 8 * i);
}

uint16_t fake_command(struct fake *f)
{
	return (uint16_t)config_dword(f, 4);
}

bool fake_msi_is_on(struct fake *f)
{
	return config_dword(f, FAKE_MSI_CAP) >> 16 & 1;
}

void fake_send_message(struct fake *f)
{
	assert_true(fake_msi_is_on(f));
	assert_true(fake_command(f) & 0x400); /* not both */
	assert_int_equal(config_dword(f, FAKE_MSI_CAP + 4), 0xfee00000);
	fake_raise(f, (config_dword(f, FAKE_MSI_CAP + 12) & 0xff) - 32);
}

void fake_pin(struct fake *f, bool is_asserted)
{
	pthread_mutex_lock(&f->lock);
	f->is_asserted[f->line] = is_asserted && !(fake_command(f) & 0x400);
	drive_line(f, f->line);
	pthread_mutex_unlock(&f->lock);
}

static void write_config(struct fake *f, unsigned int off, uint32_t val)
{
	if (off == 4)
		val = (val & 0xffff) | (config_dword(f, 4) & 0xffff0000);
	set_config_dword(f, off, val);
	if (off == 4 && (val & 0x400) && f->line < 16)
		f->is_asserted[f->line] = false;
}

static void answer_config(struct fake *f, struct rbi_wire_rsp *rsp)
{
	struct rbi_wire_function *fn = &rsp->u.function;

	rsp->kind = RBI_WIRE_CONFIG;
	fn->addr = rb_pci_addr_make(0, 0, 3, 0);
	fn->rom_field = true;
	fn->has_irq = f->has_pin;
	fn->irq.irq = f->line;
	fn->irq.has_phandle = f->has_phandle;
	fn->irq.cells = f->has_phandle ? 3 : 0;
	fn->vendor = 0x1234;
	fn->device = 0x11e8;
	fn->class_code = 0xff;
}

static void refuse(struct rbi_wire_rsp *rsp, enum rbi_wire_error error)
{
	rsp->kind = RBI_WIRE_ERROR;
	rsp->u.error = error;
}

static void set_msi(struct fake *f, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	rsp->kind = RBI_WIRE_FEATURE_INFO_SET;
	rsp->feature = req->feature;
	if (f->msi_is_refused) {
		refuse(rsp, RBI_WIRE_INVALID_BITS);
		return;
	}
	assert_true(req->msi.has_multi && req->msi.multi == 0);
	assert_true(req->msi.has_message);
	assert_false(fake_msi_is_on(f)); /* programmed first, then enabled */
	set_config_dword(f, FAKE_MSI_CAP + 4, (uint32_t)req->msi.addr);
	set_config_dword(f, FAKE_MSI_CAP + 8, (uint32_t)(req->msi.addr >> 32));
	set_config_dword(f, FAKE_MSI_CAP + 12, req->msi.data);
}

static void answer(struct fake *f, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	switch (req->kind) {
	case RBI_WIRE_ENABLE_DEVICE:
		rsp->kind = RBI_WIRE_ENABLED_DEVICE;
		break;
	case RBI_WIRE_REQUEST_CONFIG:
		answer_config(f, rsp);
		break;
	case RBI_WIRE_REQUEST_FEATURES:
		rsp->kind = RBI_WIRE_ALL_FEATURES;
		rsp->u.features.count = f->has_msi;
		rsp->u.features.list[0] = RBI_WIRE_MSI;
		break;
	case RBI_WIRE_ENABLE_FEATURE:
		rsp->kind = RBI_WIRE_FEATURE_ENABLED;
		rsp->feature = req->feature;
		set_config_dword(f, FAKE_MSI_CAP, config_dword(f, FAKE_MSI_CAP) | 1u << 16);
		break;
	case RBI_WIRE_SET_FEATURE_INFO:
		set_msi(f, req, rsp);
		break;
	case RBI_WIRE_READ_CONFIG:
		rsp->kind = RBI_WIRE_CONFIG_VALUE;
		rsp->u.value = config_dword(f, req->offset);
		break;
	case RBI_WIRE_WRITE_CONFIG:
		rsp->kind = RBI_WIRE_CONFIG_WRITTEN;
		write_config(f, req->offset, req->value);
		break;
	default:
		refuse(rsp, RBI_WIRE_NO_FEATURE);
	}
}

static ssize_t write_channel(struct fake *f, const void *buf, size_t len)
{
	struct rbi_wire_req req;
	struct rbi_wire_rsp rsp;
	int rc;

	memset(&rsp, 0, sizeof(rsp));
	if (rbi_wire_decode_request(buf, len, &req) < 0)
		return -EINVAL;
	answer(f, &req, &rsp);
	rc = rbi_wire_encode_response(&rsp, f->answer, sizeof(f->answer));
	assert_true(rc > 0);
	f->answer_len = (size_t)rc;
	f->answer_pos = 0;
	return (ssize_t)len;
}

static ssize_t read_channel(struct fake *f, void *buf, size_t len)
{
	size_t left = f->answer_len - f->answer_pos;

	if (left == 0)
		return -EINVAL;
	if (len > left)
		len = left;
	memcpy(buf, f->answer + f->answer_pos, len);
	f->answer_pos += len;
	return (ssize_t)len;
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
		return read_channel(f, buf, len);
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
	rc = scripted(f, FAKE_READ);
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
		return write_channel(f, buf, len);
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
	rc = scripted(f, FAKE_WRITE);
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
	rc = scripted(f, FAKE_PIPE);
	if (rc == 0) {
		in = new_file(f, FAKE_PIPE_READ);
		fds[0] = new_handle(f, in);
		out = new_file(f, FAKE_PIPE_WRITE);
		fds[1] = new_handle(f, out);
		in->other = out;
		out->other = in;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* --- open and list --------------------------------------------------------------------------- */

static int open_kind(struct fake *f, enum fake_kind kind, struct fake_file **file)
{
	*file = new_file(f, kind);
	return new_handle(f, *file);
}

/* "cpu-XX/N" */
static int open_vector(struct fake *f, const char *rest, unsigned int flags)
{
	struct fake_file *file;
	unsigned int n;
	int fd;

	if (strncmp(rest, f->cpu_name, 6) != 0 || rest[6] != '/') {
		f->has_panicked = true;
		return -ENODEV;
	}
	n = (unsigned int)atoi(rest + 7);
	if (n >= 224 || f->is_vanished[n])
		return -ENOENT;
	if (n >= 16 && !(flags & RBI_O_CREAT))
		return -EINVAL;
	if (n >= 16 && (f->is_reserved[n] || f->is_stolen[n]))
		return -EEXIST;
	f->is_reserved[n] = true;
	fd = open_kind(f, FAKE_IRQ, &file);
	file->n = n;
	return fd;
}

static int open_irq(struct fake *f, const char *rest, unsigned int flags)
{
	struct fake_file *file;
	char *end;
	long n;
	int fd;

	if (strcmp(rest, "bsp") == 0)
		return open_kind(f, FAKE_BSP, &file);
	if (strncmp(rest, "cpu-", 4) == 0)
		return open_vector(f, rest, flags);
	n = strtol(rest, &end, 10);
	if (*end != '\0' || n > 15 || f->no_line)
		return -ENOENT;
	fd = open_kind(f, FAKE_IRQ, &file);
	file->n = (unsigned int)n;
	return fd;
}

static int open_path(struct fake *f, const char *path, unsigned int flags)
{
	struct fake_file *file;
	int fd;

	path += strspn(path, "/");
	path = strstr(path, "scheme/");
	assert_non_null(path);
	path += strlen("scheme/");
	if (strncmp(path, "irq/", 4) == 0)
		return open_irq(f, path + 4, flags);
	if (strcmp(path, "event") == 0) {
		fd = open_kind(f, FAKE_QUEUE, &file);
		file->nonblock = flags & RBI_O_NONBLOCK;
		file->entries = calloc(FAKE_ENTRIES, sizeof(file->entries[0]));
		assert_non_null(file->entries);
		return fd;
	}
	if (strcmp(path, "time/4") == 0)
		return open_kind(f, FAKE_TIME, &file);
	if (strcmp(path, "pci/00-00--03.0/channel") == 0)
		return open_kind(f, FAKE_CHANNEL, &file);
	return -ENOENT;
}

static int fake_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct fake *f = fake_of(s);
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = scripted(f, FAKE_OPEN);
	if (rc == 0)
		rc = open_path(f, path, flags);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

struct fake_dir {
	char kind; /* 'r' irq root, 'c' cpu, 'p' pci */
	int at;
};

static int fake_opendir(struct rbi_sys *s, const char *path, void **out)
{
	struct fake *f = fake_of(s);
	struct fake_dir *dir;
	const char *name = strstr(path, "scheme/");
	char kind = 0;
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = scripted(f, FAKE_LIST);
	pthread_mutex_unlock(&f->lock);
	if (rc < 0)
		return rc;

	if (strcmp(name, "scheme/irq") == 0)
		kind = 'r';
	else if (strcmp(name, "scheme/pci") == 0)
		kind = 'p';
	else if (strncmp(name, "scheme/irq/cpu-", 15) == 0)
		kind = 'c';
	if (kind == 0)
		return -ENOENT;
	if (kind == 'c' && strcmp(name + 11, f->cpu_name) != 0) {
		f->has_panicked = true;
		return -ENODEV;
	}
	dir = calloc(1, sizeof(*dir));
	assert_non_null(dir);
	dir->kind = kind;
	*out = dir;
	return 0;
}

/* Vectors come in falling order, then the odd name: nobody promised an order. */
static int next_vector(struct fake *f, struct fake_dir *dir, char *name, size_t size)
{
	int n;

	while (dir->at < 205) {
		n = 222 - dir->at++;
		if (n >= 18 && !f->is_reserved[n] && !(n >= 32 && n <= 35)) {
			snprintf(name, size, "%d", n);
			return 1;
		}
	}
	if (dir->at++ > 205 || !f->extra_name)
		return 0;
	snprintf(name, size, "%s", f->extra_name);
	return 1;
}

static int fake_readdir(struct rbi_sys *s, void *handle, char *name, size_t size)
{
	static const char *const root[] = { ".", "..", "bsp", NULL };
	struct fake *f = fake_of(s);
	struct fake_dir *dir = handle;

	if (dir->kind == 'c')
		return next_vector(f, dir, name, size);
	if (dir->kind == 'p') {
		snprintf(name, size, "00-00--03.0");
		return dir->at++ == 0;
	}
	if (dir->at < 3)
		snprintf(name, size, "%s", root[dir->at]);
	else if (dir->at == 3)
		snprintf(name, size, "%s", f->cpu_name);
	return dir->at++ < 4;
}

static void fake_closedir(struct rbi_sys *s, void *dir)
{
	(void)s;
	free(dir);
}

/* --- the rest -------------------------------------------------------------------------------- */

static int64_t fake_clock(struct rbi_sys *s)
{
	struct fake *f = fake_of(s);
	int64_t now;

	pthread_mutex_lock(&f->lock);
	f->calls[FAKE_CLOCK]++;
	f->calls_in_all++;
	now = f->now;
	pthread_mutex_unlock(&f->lock);
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
	.pipe = fake_pipe,
	.clock = fake_clock,
	.delay = fake_delay,
	.destroy = fake_destroy,
};

static void set_up_device(struct fake *f)
{
	f->has_pin = true;
	f->has_msi = true;
	f->line = FAKE_LINE;
	set_config_dword(f, 0x00, 0x11e81234);
	set_config_dword(f, 0x04, 0x00100007); /* capabilities; enabled, as pcid leaves it */
	set_config_dword(f, 0x08, 0xff000000);
	set_config_dword(f, 0x34, FAKE_MSI_CAP);
	set_config_dword(f, FAKE_MSI_CAP, 0x00800005); /* MSI, 64-bit, last */
}

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
	set_up_device(f);
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
