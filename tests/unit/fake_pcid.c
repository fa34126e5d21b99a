/* SPDX-License-Identifier: MIT */
/* fake_pcid.c - see fake_pcid.h. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/core.h"
#include "fake_pcid.h"

#define FD_FIRST 5000 /* no descriptor of this process */

enum { CLOSED, CHANNEL, ACCESS, CONFIG };

static struct fake_pcid *of(struct rbi_sys *s)
{
	return (struct fake_pcid *)s;
}

static int script(struct fake_pcid *p)
{
	p->calls++;
	return p->fail_at != 0 && p->calls == p->fail_at ? -p->fail_with : 0;
}

/* The real server would have taken every driver of the machine with it. */
static void panic(struct fake_pcid *p, const char *why)
{
	p->panic = why;
	p->dead = true;
}

/* --- configuration space ------------------------------------------------------------- */

uint32_t pcid_get(const struct pcid_function *fn, unsigned int off)
{
	const uint8_t *b = fn->config + off;

	if (fn->removed)
		return UINT32_MAX;
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void pcid_set(struct pcid_function *fn, unsigned int off, uint32_t dword)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		fn->config[off + i] = (uint8_t)(dword >> 8 * i);
}

static uint32_t load(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void store(uint8_t *b, uint32_t dword)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		b[i] = (uint8_t)(dword >> 8 * i);
}

void pcid_bits(struct pcid_function *fn, unsigned int off, uint32_t fixed, uint32_t rw1c)
{
	store(fn->fixed + off, fixed);
	store(fn->rw1c + off, rw1c);
}

/* As the device takes it. */
static void config_write(struct pcid_function *fn, unsigned int off, uint32_t dword)
{
	uint32_t was = pcid_get(fn, off), fixed = load(fn->fixed + off);
	uint32_t rw1c = load(fn->rw1c + off);

	if (fn->removed || off == 0)
		return;
	fn->writes++;
	if (fn->watch_decoding && off >= 0x10 && off <= 0x30) {
		fn->bar_writes++;
		fn->bar_writes_decoding += (fn->config[4] & 3) != 0;
	}
	fn->written[off / 4] = dword;
	fn->cleared[off / 4] |= dword & rw1c;
	dword = (was & fixed) | (was & ~dword & rw1c) | (dword & ~(fixed | rw1c));
	if (off == 4 && fn->stuck_master)
		dword |= 4;
	pcid_set(fn, off, dword);
}

void pcid_cap(struct pcid_function *fn, unsigned int off, uint8_t id, uint8_t next)
{
	if (!(pcid_get(fn, 4) & 0x00100000)) {
		pcid_set(fn, 4, pcid_get(fn, 4) | 0x00100000);
		fn->config[0x34] = (uint8_t)off;
	}
	fn->config[off] = id;
	fn->config[off + 1] = next;
}

static void disable_messages(struct pcid_function *fn)
{
	unsigned int off;

	for (off = 0x40; off < 0x100; off += 4) {
		if (fn->config[off] == 0x05 && fn->has_msi)
			fn->config[off + 2] &= 0xfe;
		if (fn->config[off] == 0x11 && fn->has_msix)
			fn->config[off + 3] &= 0x7f;
	}
}

/* Step 2 of opening a channel (contract 4.2). */
static void enable(struct pcid_function *fn)
{
	fn->enabled = true;
	pcid_set(fn, 4, pcid_get(fn, 4) | 7);
	disable_messages(fn);
}

/* --- answers ------------------------------------------------------------------------- */

struct bytes {
	uint8_t *at;
	size_t len;
};

static void put(struct bytes *b, uint64_t value, unsigned int width)
{
	while (width-- > 0) {
		b->at[b->len++] = (uint8_t)value;
		value >>= 8;
	}
}

static void put_config(const struct fake_pcid *p, const struct pcid_function *fn, struct bytes *b)
{
	static const unsigned int half[] = { 0, 4, 8, 0 };
	unsigned int i;

	put(b, 1, 4);
	put(b, fn->answers_as >> 16, 2);
	put(b, fn->answers_as >> 8, 1);
	put(b, fn->answers_as >> 3 & 0x1f, 1);
	put(b, fn->answers_as & 7, 1);
	for (i = 0; i < 6; i++) {
		const struct pcid_bar *bar = &fn->bars[i];

		put(b, bar->kind, 4);
		put(b, bar->addr, bar->kind == 3 ? 2 : half[bar->kind]);
		put(b, bar->size, half[bar->kind]);
	}
	if (p->rom_field)
		put(b, fn->rom.kind != 0, 1);
	if (p->rom_field && fn->rom.kind != 0) {
		put(b, fn->rom.addr, 4);
		put(b, fn->rom.size, 4);
		put(b, 0, 1);
	}
	memcpy(b->at + b->len, fn->line, fn->line_len);
	b->len += fn->line_len;
	memcpy(b->at + b->len, fn->config, 4);
	b->len += 4;
	put(b, fn->config[11], 1);
	put(b, fn->config[10], 1);
	put(b, fn->config[9], 1);
	put(b, fn->config[8], 1);
}

static void put_error(struct bytes *b, uint32_t feature)
{
	put(b, 6, 4);
	put(b, 0, 4);
	put(b, feature, 4);
}

static uint32_t get32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static bool has_feature(const struct pcid_function *fn, uint32_t feature)
{
	return feature == 0 ? fn->has_msi : fn->has_msix;
}

static void enable_feature(struct pcid_function *fn, uint32_t feature)
{
	unsigned int off;

	disable_messages(fn); /* the other one, in fact */
	for (off = 0x40; off < 0x100; off += 4) {
		if (fn->config[off] == 0x05 && feature == 0)
			fn->config[off + 2] |= 1;
		if (fn->config[off] == 0x11 && feature == 1)
			fn->config[off + 3] |= 0x80;
	}
}

static void put_feature_info(struct bytes *b, uint32_t feature)
{
	put(b, 7, 4);
	put(b, feature, 4);
	put(b, feature, 4);
	if (feature == 0) {
		put(b, 0x000103, 3); /* 8 messages, 64-bit, no masking */
		return;
	}
	put(b, 2, 1);
	put(b, 0x1000, 4);
	put(b, 17, 2);
	put(b, 4, 1);
	put(b, 0x2000, 4);
}

/* Kind, multi and message of SetFeatureInfo(Msi); the rest is not looked at. */
static void set_feature(struct fake_pcid *p, const uint8_t *req, struct bytes *b)
{
	const uint8_t *message = req + 8 + (req[8] ? 2 : 1);

	if (get32(req + 4) == 0 && req[8] && req[9] > 3) {
		put(b, 6, 4); /* more than this function has: InvalidBitPattern */
		put(b, 1, 4);
		return;
	}
	if (get32(req + 4) == 0 && message[0] && get32(message + 9) > 0xffff)
		panic(p, "MSI data above 0xffff");
	put(b, 8, 4);
	put(b, get32(req + 4), 4);
}

static bool config_offset_is_good(struct fake_pcid *p, unsigned int off)
{
	if (off % 4 != 0 || off >= (p->no_ecam ? 256 : 4096))
		panic(p, "a config offset out of place");
	return !p->panic;
}

static bool is_away(const struct fake_pcid *p, const struct pcid_function *fn)
{
	return p->now < fn->silent_until || p->now < fn->retry_until;
}

static uint32_t read_now(const struct fake_pcid *p, const struct pcid_function *fn,
			 unsigned int off)
{
	if (p->now < fn->silent_until)
		return UINT32_MAX;
	if (p->now < fn->retry_until)
		return off == 0 ? 0xffff0001 : UINT32_MAX;
	return pcid_get(fn, off);
}

static void answer(struct fake_pcid *p, struct pcid_function *fn, const uint8_t *req,
		   struct bytes *b)
{
	uint32_t kind = get32(req);
	unsigned int off;

	switch (kind) {
	case 0:
		enable(fn);
		put(b, 0, 4);
		return;
	case 1:
		put_config(p, fn, b);
		return;
	case 2:
		put(b, 2, 4);
		put(b, (uint64_t)fn->has_msi + fn->has_msix, 8);
		if (fn->has_msix)
			put(b, 1, 4);
		if (fn->has_msi)
			put(b, 0, 4);
		return;
	case 4:
	case 5:
		if (!has_feature(fn, get32(req + 4))) {
			put_error(b, get32(req + 4));
			return;
		}
		if (kind == 5) {
			put_feature_info(b, get32(req + 4));
			return;
		}
		enable_feature(fn, get32(req + 4));
		put(b, 4, 4);
		put(b, get32(req + 4), 4);
		return;
	case 6:
		if (has_feature(fn, get32(req + 4)))
			set_feature(p, req, b);
		else
			put_error(b, get32(req + 4));
		return;
	case 7:
	case 8:
		off = req[4] | (unsigned int)req[5] << 8;
		if (!config_offset_is_good(p, off))
			return;
		if (kind == 8) {
			fn->too_soon += is_away(p, fn);
			config_write(fn, off, get32(req + 6));
			if (fn->on_write)
				fn->on_write(p, fn, off, get32(req + 6));
			put(b, 10, 4);
			return;
		}
		put(b, 9, 4);
		fn->too_soon += off != 0 && is_away(p, fn);
		put(b, read_now(p, fn, off), 4);
		return;
	default:
		fail_msg("a request of kind %u", kind);
	}
}

/* --- the table ----------------------------------------------------------------------- */

static int new_fd(struct fake_pcid *p, int kind, struct pcid_function *fn)
{
	int i;

	for (i = 0; i < PCID_FDS; i++) {
		if (p->fds[i].kind != CLOSED)
			continue;
		p->fds[i].kind = kind;
		p->fds[i].fn = fn;
		return FD_FIRST + i;
	}
	return -EMFILE;
}

/* A function's config file, where this build has one (contract 4.9). */
static int open_config(struct fake_pcid *p, const char *name)
{
	char path[64];
	size_t i;

	p->config_opens++;
	for (i = 0; i < p->count && p->config_file; i++) {
		snprintf(path, sizeof(path), "%s/config", p->fns[i].name);
		if (strcmp(path, name) == 0 && !p->fns[i].unopenable)
			return p->user ? -EACCES : new_fd(p, CONFIG, &p->fns[i]);
	}
	return -ENOENT;
}

static int open_channel(struct fake_pcid *p, const char *name)
{
	char path[64];
	size_t i;

	for (i = 0; i < p->count; i++) {
		struct pcid_function *fn = &p->fns[i];

		snprintf(path, sizeof(path), "%s/channel", fn->name);
		if (strcmp(path, name) != 0)
			continue;
		if (fn->unopenable)
			return -ENODEV;
		if (fn->locked)
			return -ENOLCK;
		enable(fn); /* before anybody asks who is calling */
		fn->locked = true;
		return p->user ? -EACCES : new_fd(p, CHANNEL, fn);
	}
	return -ENOENT;
}

static int sys_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct fake_pcid *p = of(s);
	int rc = script(p);

	if (rc < 0)
		return rc;
	if (p->absent || p->dead || strncmp(path, "/scheme/pci/", 12) != 0)
		return -ENODEV;
	if (strstr(path, "/config")) {
		assert_int_equal(flags, RBI_O_RDONLY);
		return open_config(p, path + 12);
	}
	assert_int_equal(flags, RBI_O_RDWR);
	if (strcmp(path + 12, "access") != 0)
		return open_channel(p, path + 12);
	if (p->no_access)
		return -ENOENT;
	return p->user ? -EACCES : new_fd(p, ACCESS, NULL);
}

static int slot_of(struct fake_pcid *p, int fd)
{
	assert_in_range(fd, FD_FIRST, FD_FIRST + PCID_FDS - 1);
	assert_int_not_equal(p->fds[fd - FD_FIRST].kind, CLOSED);
	return fd - FD_FIRST;
}

static void sys_close(struct rbi_sys *s, int fd)
{
	struct fake_pcid *p = of(s);
	int i = slot_of(p, fd);

	if (p->fds[i].kind == CHANNEL)
		p->fds[i].fn->locked = false;
	free(p->fds[i].answer);
	memset(&p->fds[i], 0, sizeof(p->fds[i]));
}

static ssize_t sys_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	struct fake_pcid *p = of(s);
	int i = slot_of(p, fd);
	int rc = script(p);
	size_t left;

	if (rc < 0)
		return rc;
	if (p->dead)
		return -ENODEV;
	if (!p->fds[i].answer)
		return -EINVAL;
	left = p->fds[i].len - p->fds[i].used;
	len = len < left ? len : left;
	if (p->chunk != 0 && len > p->chunk)
		len = p->chunk;
	memcpy(buf, p->fds[i].answer + p->fds[i].used, len);
	p->fds[i].used += len;
	if (p->fds[i].used == p->fds[i].len && p->fds[i].len > 8) {
		free(p->fds[i].answer);
		p->fds[i].answer = NULL;
	}
	return (ssize_t)len;
}

/* At most the rest of one dword; there is no end to read to. */
static ssize_t sys_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	struct fake_pcid *p = of(s);
	int i = slot_of(p, fd);
	int rc = script(p);
	uint32_t value;

	if (rc < 0)
		return rc;
	p->calls_made++;
	assert_int_equal(p->fds[i].kind, CONFIG);
	assert_int_equal(len, 4);
	assert_true(off % 4 == 0 && off < 4096);
	if (!config_offset_is_good(p, (unsigned int)off))
		return -ENODEV;
	value = pcid_get(p->fds[i].fn, (unsigned int)off);
	memcpy(buf, &value, 4);
	return p->short_write ? 3 : 4;
}

static ssize_t sys_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	struct fake_pcid *p = of(s);
	int i = slot_of(p, fd);
	int rc = script(p);
	struct bytes body;

	if (rc < 0)
		return rc;
	if (p->dead)
		return -ENODEV;
	if (p->fds[i].answer)
		return -EINVAL;
	assert_in_range(len, 4, sizeof(p->request));
	memset(p->request, 0, sizeof(p->request));
	memcpy(p->request, buf, len);
	p->request_len = len;
	p->requests++;

	p->fds[i].answer = calloc(1, PCID_ANSWER);
	assert_non_null(p->fds[i].answer);
	body.at = p->fds[i].answer + 8;
	body.len = 0;
	answer(p, p->fds[i].fn, p->request, &body);
	p->fds[i].answer[0] = (uint8_t)body.len;
	p->fds[i].answer[1] = (uint8_t)(body.len >> 8);
	p->fds[i].len = body.len + 8;
	p->fds[i].used = 0;
	if (p->lie && --p->lie_at == 0) {
		p->lie(p, p->fds[i].answer, &p->fds[i].len);
		p->lie = NULL;
	}
	return (ssize_t)(p->short_write ? len - 1 : len);
}

static int sys_opendir(struct rbi_sys *s, const char *path, void **dir)
{
	struct fake_pcid *p = of(s);
	int rc = script(p);

	if (rc < 0)
		return rc;
	if (p->absent || p->dead)
		return -ENODEV;
	assert_string_equal(path, "/scheme/pci");
	*dir = calloc(1, sizeof(size_t));
	assert_non_null(*dir);
	p->dirs++;
	return 0;
}

static int sys_readdir(struct rbi_sys *s, void *dir, char *name, size_t size)
{
	struct fake_pcid *p = of(s);
	size_t *at = dir;
	int rc = script(p);

	if (rc < 0)
		return rc;
	while (*at < p->count && p->fns[*at].unlisted)
		(*at)++;
	if (*at == p->count && p->stray) {
		snprintf(name, size, "%s", p->stray);
		(*at)++;
		return 1;
	}
	if (*at >= p->count && !p->endless)
		return 0;
	snprintf(name, size, "%s", p->fns[*at < p->count ? *at : 0].name);
	(*at)++;
	return 1;
}

static void sys_closedir(struct rbi_sys *s, void *dir)
{
	of(s)->dirs--;
	free(dir);
}

static struct pcid_function *find(struct fake_pcid *p, uint32_t sbdf)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (p->fns[i].sbdf == sbdf)
			return &p->fns[i];
	return NULL;
}

static struct pcid_function nobody = { .removed = true };

static ssize_t sys_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			const uint64_t *meta, size_t nmeta)
{
	struct fake_pcid *p = of(s);
	struct pcid_function *fn;
	uint32_t value;
	int rc = script(p);

	if (rc < 0)
		return rc;
	p->calls_made++;
	assert_int_equal(p->fds[slot_of(p, fd)].kind, ACCESS);
	assert_int_equal(flags, RBI_CALL_READ);
	assert_int_equal(nmeta, 2);
	assert_int_equal(meta[0], 1);
	assert_int_equal(len, 4);
	fn = find(p, (uint32_t)(meta[1] >> 12)); /* segment, bus, device and function */
	if (!fn && meta[1] >> 28 != 0) {
		panic(p, "access to a segment that is not there");
		return -ENODEV;
	}
	if (!fn)
		fn = &nobody;
	if (!config_offset_is_good(p, meta[1] & 0xfff))
		return -ENODEV;
	value = pcid_get(fn, meta[1] & 0xffc);
	memcpy(payload, &value, 4);
	return p->short_write ? 3 : 4;
}

static int sys_set_cloexec(struct rbi_sys *s, int fd)
{
	(void)s;
	(void)fd;
	return 0;
}

static int64_t sys_clock(struct rbi_sys *s)
{
	return of(s)->now;
}

static void sys_delay(struct rbi_sys *s, uint64_t ns)
{
	of(s)->now += (int64_t)ns;
}

static void sys_destroy(struct rbi_sys *s)
{
	of(s)->destroyed = true;
}

static const struct rbi_sys_ops ops = {
	.open = sys_open,
	.close = sys_close,
	.read = sys_read,
	.pread = sys_pread,
	.write = sys_write,
	.opendir = sys_opendir,
	.readdir = sys_readdir,
	.closedir = sys_closedir,
	.call = sys_call,
	.set_cloexec = sys_set_cloexec,
	.clock = sys_clock,
	.delay = sys_delay,
	.destroy = sys_destroy,
};

/* --- worlds -------------------------------------------------------------------------- */

struct fake_pcid *pcid_open(void)
{
	struct fake_pcid *p = calloc(1, sizeof(*p));
	struct rb_ctx *ctx;

	assert_non_null(p);
	p->sys.ops = &ops;
	p->sys.name = "fake";

	ctx = rbi_alloc(1, sizeof(*ctx));
	assert_non_null(ctx);
	assert_int_equal(rbi_ledger_init(&ctx->ledger), 0);
	assert_int_equal(pthread_mutex_init(&ctx->log_lock, NULL), 0);
	atomic_init(&ctx->refs, 1);
	atomic_init(&ctx->log_max, -1);
	ctx->pid = (long)getpid();
	ctx->machine = rbi_strdup("fake");
	assert_non_null(ctx->machine);
	ctx->sys = &p->sys;
	assert_int_equal(rbi_os_new(&p->sys, NULL, &ctx->os), 0);
	p->sys.ctx = ctx;
	p->ctx = ctx;
	return p;
}

void pcid_close(struct fake_pcid *p)
{
	char left[256];

	if (rb_ctx_live(p->ctx, left, sizeof(left)) != 0)
		fail_msg("still open: %s", left);
	rb_ctx_unref(p->ctx);
	assert_true(p->destroyed);
	assert_int_equal(pcid_open_fds(p), 0);
	assert_int_equal(p->dirs, 0);
	if (p->panic)
		fail_msg("pcid would have panicked: %s", p->panic);
	free(p);
}

struct pcid_function *pcid_add(struct fake_pcid *p, const char *name, uint32_t sbdf,
			       uint32_t vendor_device, uint32_t class_revision)
{
	struct pcid_function *fn = &p->fns[p->count++];

	assert_in_range(p->count, 1, PCID_FUNCTIONS);
	fn->name = name;
	fn->sbdf = sbdf;
	fn->answers_as = sbdf;
	fn->line_len = 1; /* None */
	pcid_set(fn, 0, vendor_device);
	pcid_set(fn, 8, class_revision);
	pcid_bits(fn, 4, 0x06ff0000, 0xf9000000);
	memset(fn->fixed + 0x10, 0xff, 0x18);
	memset(fn->fixed + 0x30, 0xff, 4);
	return fn;
}

void pcid_inherit(struct fake_pcid *p, struct pcid_function *fn)
{
	enable(fn);
	fn->locked = true;
	p->ctx->os->client_channel = new_fd(p, CHANNEL, fn);
}

unsigned int pcid_open_fds(const struct fake_pcid *p)
{
	unsigned int i, n = 0;

	for (i = 0; i < PCID_FDS; i++)
		n += p->fds[i].kind != CLOSED;
	return n;
}

void pcid_fail(struct fake_pcid *p, unsigned int nth, int err)
{
	p->calls = 0;
	p->fail_at = nth;
	p->fail_with = err;
}

void pcid_lie_at(struct fake_pcid *p, unsigned int nth, pcid_lie lie)
{
	p->lie = lie;
	p->lie_at = nth;
}
