/* SPDX-License-Identifier: MIT */
/* fake_world.c - see fake_world.h. */
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
#include "fake_world.h"
#include "os/wire.h"

#define FD_FIRST  100 /* no descriptor of this process */
#define UNTOUCHED 0xcc
#define ZERO_PAGE 0x5000 /* where pages lie that were never written */
#define KERNEL_HANDLE "/thread/open_via_dup"
#define COMMAND	  1 /* dword of configuration space */
#define BASES	  0x10
#define ROM	  0x30
#define MASTER	  4u

const int fake_errnos[] = { EPERM,     ENOENT,	   EINTR,  EIO,	     EBADF,	EAGAIN,	   ENOMEM,
			    EACCES,    EFAULT,	   EBUSY,  EEXIST,   ENODEV,	EINVAL,	   ENFILE,
			    EMFILE,    EFBIG,	   ESPIPE, EPROTO,   ERANGE,	EDEADLK,   ENOLCK,
			    ENOSYS,    EOPNOTSUPP, 41,	   EALREADY, ETIMEDOUT, ECANCELED, ESTALE,
			    EOVERFLOW, 999,	   0 };

static struct fake_world *world_of(struct rbi_sys *s)
{
	return (struct fake_world *)s;
}

/* The scripted answer of a fallible call, or 0. */
static int script(struct fake_world *w)
{
	w->calls++;
	if (w->fail_at == 0 || w->calls < w->fail_at)
		return 0;
	if (w->calls > w->fail_at && !w->fail_for_ever)
		return 0;
	return -w->fail_with;
}

static const char *path_of(struct fake_world *w, int fd)
{
	assert_in_range(fd, FD_FIRST, FD_FIRST + FAKE_FDS - 1);
	assert_string_not_equal(w->fds[fd - FD_FIRST], "");
	return w->fds[fd - FD_FIRST];
}

/* --- files -------------------------------------------------------------------------- */

static const char *const paths[] = {
	"/scheme/memory/physical@uc",
	"/scheme/memory/physical@wc",
	"/scheme/memory/physical@wb",
	"/scheme/memory/zeroed@wb?phys_contiguous",
	"/scheme/memory/zeroed@uc?phys_contiguous",
	"/scheme/memory/translation",
	"/scheme/pci/access",
	"/scheme/pci/00-00--02.0/channel",
	"/root/scheme/here/file",
	"/root/scheme/here",
	KERNEL_HANDLE,
};

static int fake_sys_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct fake_world *w = world_of(s);
	size_t used = strlen(w->opened);
	int rc = script(w);
	size_t i;
	int slot;

	(void)flags;
	assert_int_equal(path[0], '/');
	if (used + strlen(path) + 2 < sizeof(w->opened))
		sprintf(w->opened + used, "%s\n", path);
	if (rc < 0)
		return rc;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(path, paths[i]) == 0)
			break;
	if (i == sizeof(paths) / sizeof(paths[0]))
		return strncmp(path, "/scheme/memory/", 15) == 0 || path[1] == 'r' ? -ENOENT
										   : -ENODEV;
	for (slot = 0; w->fds[slot][0] != '\0'; slot++)
		assert_in_range(slot, 0, FAKE_FDS - 2);
	strcpy(w->fds[slot], path);
	return FD_FIRST + slot;
}

static void fake_sys_close(struct rbi_sys *s, int fd)
{
	struct fake_world *w = world_of(s);

	path_of(w, fd);
	w->fds[fd - FD_FIRST][0] = '\0';
}

static int fake_dup(struct rbi_sys *s, int fd)
{
	return fake_sys_open(s, path_of(world_of(s), fd), 0);
}

static int fake_set_cloexec(struct rbi_sys *s, int fd)
{
	path_of(world_of(s), fd);
	return 0;
}

static int fake_size(struct rbi_sys *s, int fd, uint64_t *size)
{
	(void)size;
	path_of(world_of(s), fd);
	return -EBADF;
}

static ssize_t fake_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	(void)buf;
	(void)len;
	(void)off;
	path_of(world_of(s), fd);
	return -EBADF;
}

static int fake_pipe(struct rbi_sys *s, int fds[2])
{
	(void)s;
	(void)fds;
	return -EMFILE;
}

/* --- pcid --------------------------------------------------------------------------- */

static void answer_config(struct fake_world *w, struct rbi_wire_rsp *rsp)
{
	rsp->kind = RBI_WIRE_CONFIG;
	rsp->u.function.addr = rb_pci_addr_make(0, 0, 2, 0);
	rsp->u.function.vendor = 0x1234;
	rsp->u.function.device = 0x11e8;
	rsp->u.function.bars[0].kind = RBI_WIRE_BAR_MEM32;
	rsp->u.function.bars[0].addr = w->bar_addr;
	rsp->u.function.bars[0].size = w->bar_size;
	rsp->u.function.bars[1].kind = RBI_WIRE_BAR_PORT;
	rsp->u.function.bars[1].addr = 0xc000;
}

static ssize_t fake_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	struct fake_world *w = world_of(s);
	struct rbi_wire_rsp rsp = { .kind = RBI_WIRE_ENABLED_DEVICE };
	struct rbi_wire_req req;
	int rc = script(w);

	path_of(w, fd);
	if (rc < 0)
		return rc;
	if (w->channel_err)
		return -w->channel_err;
	assert_int_equal(rbi_wire_decode_request(buf, len, &req), 0);
	if (req.kind == RBI_WIRE_REQUEST_CONFIG) {
		answer_config(w, &rsp);
	} else if (req.kind == RBI_WIRE_READ_CONFIG) {
		rsp.kind = RBI_WIRE_CONFIG_VALUE;
		rsp.u.value = w->removed ? UINT32_MAX : w->config[req.offset / 4];
	} else if (req.kind == RBI_WIRE_WRITE_CONFIG) {
		rsp.kind = RBI_WIRE_CONFIG_WRITTEN;
		if (req.offset < BASES || req.offset > ROM) /* none answers to sizing */
			w->config[req.offset / 4] = req.value;
		if (w->stuck_master && req.offset == 4 * COMMAND)
			w->config[COMMAND] |= MASTER;
	} else {
		assert_int_equal(req.kind, RBI_WIRE_ENABLE_DEVICE);
	}
	rc = rbi_wire_encode_response(&rsp, w->answer, sizeof(w->answer));
	assert_true(rc > 0);
	w->answer_len = (size_t)rc;
	w->answer_used = 0;
	return (ssize_t)len;
}

static ssize_t fake_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	struct fake_world *w = world_of(s);
	int rc = script(w);

	path_of(w, fd);
	if (rc < 0)
		return rc;
	if (len > w->answer_len - w->answer_used)
		len = w->answer_len - w->answer_used;
	memcpy(buf, w->answer + w->answer_used, len);
	w->answer_used += len;
	return (ssize_t)len;
}

/* --- directories ------------------------------------------------------------------------ */

static int fake_opendir(struct rbi_sys *s, const char *path, void **dir)
{
	struct fake_world *w = world_of(s);
	int rc = script(w);

	if (rc < 0)
		return rc;
	if (strcmp(path, "/scheme/pci") == 0) {
		strcpy(w->listing[0], "00-00--02.0");
		w->listed = 1;
	} else if (strcmp(path, "/scheme/list") != 0) {
		return -ENODEV;
	}
	w->list_at = 0;
	w->dirs++;
	*dir = w;
	return 0;
}

static int fake_readdir(struct rbi_sys *s, void *dir, char *name, size_t size)
{
	struct fake_world *w = world_of(s);
	int rc = script(w);

	assert_ptr_equal(dir, w);
	if (rc < 0)
		return rc;
	if (w->list_at == w->listed && w->endless)
		w->list_at = 0;
	if (w->list_at == w->listed)
		return 0;
	assert_int_equal(size, RBI_NAME_MAX);
	memcpy(name, w->listing[w->list_at++], size);
	return 1;
}

static void fake_closedir(struct rbi_sys *s, void *dir)
{
	assert_ptr_equal(dir, s);
	world_of(s)->dirs--;
}

/* --- reserved address space ------------------------------------------------------------ */

static bool in_room(const struct fake_world *w, const void *base)
{
	return w->room && (const uint8_t *)base >= w->room &&
	       (const uint8_t *)base < w->room + w->room_len;
}

/* Set all pages of [base, base + len) to @now; none was stolen. Blocks in them are gone. */
static void set_pages(struct fake_world *w, void *base, size_t len, enum fake_page now)
{
	size_t first = (size_t)((uint8_t *)base - w->room) / RBI_PAGE;
	size_t i;

	assert_true(len <= w->room_len - first * RBI_PAGE);
	for (i = 0; i < FAKE_BLOCKS; i++) {
		struct fake_block *b = &w->blocks[i];

		if (!b->cpu || (uint8_t *)b->cpu + b->len <= (uint8_t *)base ||
		    (uint8_t *)b->cpu >= (uint8_t *)base + len)
			continue;
		assert_true((uint8_t *)b->cpu >= (uint8_t *)base);
		assert_true((uint8_t *)b->cpu + b->len <= (uint8_t *)base + len);
		b->cpu = NULL;
	}
	for (i = first; i < first + len / RBI_PAGE; i++) {
		assert_int_not_equal(w->room_pages[i], FAKE_STOLEN);
		w->room_pages[i] = (uint8_t)now;
	}
}

/* Free the room when nothing of it is left. */
static void end_room(struct fake_world *w)
{
	size_t i;

	for (i = 0; i < w->room_len / RBI_PAGE; i++)
		if (w->room_pages[i] == FAKE_RESERVED || w->room_pages[i] == FAKE_FILLED)
			return;
	free(w->room);
	free(w->room_pages);
	w->room = NULL;
}

static int fake_reserve(struct rbi_sys *s, size_t len, unsigned int flags, void **base)
{
	struct fake_world *w = world_of(s);
	int rc = script(w);

	if (rc < 0)
		return rc;
	assert_int_equal(len % RBI_PAGE, 0);
	if (flags == 0) {
		assert_null(w->room);
		w->room = aligned_alloc(RBI_PAGE, len);
		w->room_pages = calloc(1, len / RBI_PAGE);
		assert_true(w->room && w->room_pages);
		w->room_len = len;
		*base = w->room;
	} else if (flags == RBI_MAP_NOREPLACE) {
		if (w->room_pages[((uint8_t *)*base - w->room) / RBI_PAGE] != FAKE_HOLE)
			return -EEXIST;
	} else {
		assert_int_equal(flags, RBI_MAP_FIXED);
	}
	set_pages(w, *base, len, FAKE_RESERVED);
	return 0;
}

/* --- memory --------------------------------------------------------------------------- */

/* A free entry for a block, which it fills; at @base in the room with @fixed. */
static int take_block(struct fake_world *w, size_t len, bool fixed, void **base)
{
	struct fake_block *b = w->blocks;

	if (fixed)
		set_pages(w, *base, len, FAKE_FILLED);
	while (b->cpu) {
		b++;
		assert_true(b < w->blocks + FAKE_BLOCKS);
	}
	b->cpu = fixed ? *base : aligned_alloc(RBI_PAGE, len);
	assert_non_null(b->cpu);
	memset(b->cpu, w->lazy ? UNTOUCHED : 0, len);
	b->len = len;
	b->phys = w->next_phys;
	w->next_phys += w->phys_step != 0 ? (uint64_t)w->phys_step : len;
	if (fake_blocks(w) > w->most_blocks)
		w->most_blocks = fake_blocks(w);
	*base = b->cpu;
	return 0;
}

static int fake_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		     uint64_t off, void **base)
{
	struct fake_world *w = world_of(s);
	const char *path = path_of(w, fd);
	int rc = script(w);

	w->map_off = off;
	w->map_len = len;
	w->map_prot = prot;
	w->map_flags = flags;
	if (rc < 0 && (flags & RBI_MAP_FIXED)) /* Redox unmaps before it allocates */
		set_pages(w, *base, len, w->thief ? FAKE_STOLEN : FAKE_HOLE);
	if (rc < 0)
		return rc;
	assert_int_equal(len % RBI_PAGE, 0);
	if (strstr(path, "zeroed")) {
		if ((flags & ~(unsigned int)RBI_MAP_FIXED) != RBI_MAP_PRIVATE)
			return -EOPNOTSUPP;
		assert_int_equal(len & (len - 1), 0); /* Redox would lose the rest */
		return take_block(w, len, flags & RBI_MAP_FIXED, base);
	}
	if (off % RBI_PAGE != 0)
		return -EINVAL;
	w->maps++;
	*base = w->bar + RBI_PAGE + (off - FAKE_BAR_ADDR) % FAKE_BAR_SIZE;
	return 0;
}

static int fake_munmap(struct rbi_sys *s, void *base, size_t len)
{
	struct fake_world *w = world_of(s);
	unsigned int i;

	if (in_room(w, base)) {
		set_pages(w, base, len, FAKE_HOLE);
		end_room(w);
		return -(int)w->munmap_err;
	}
	for (i = 0; i < FAKE_BLOCKS; i++) {
		if (w->blocks[i].cpu != base)
			continue;
		assert_int_equal(w->blocks[i].len, len);
		free(base);
		w->blocks[i].cpu = NULL;
		return -(int)w->munmap_err;
	}
	assert_in_range((uintptr_t)base, (uintptr_t)w->bar,
			(uintptr_t)w->bar + FAKE_BAR_SIZE + 2 * RBI_PAGE);
	assert_int_equal(len, w->map_len);
	w->maps--;
	return -(int)w->munmap_err;
}

/* Contract 5, step 3. */
static ssize_t iopl_call(struct fake_world *w, int rc, size_t len, unsigned int flags,
			 const uint64_t *meta, size_t nmeta)
{
	assert_int_equal(len, 0);
	assert_int_equal(flags, RBI_CALL_WRITE);
	assert_int_equal(nmeta, 1);
	assert_int_equal(meta[0], 255);
	w->grants += rc == 0;
	return rc;
}

static ssize_t fake_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			 const uint64_t *meta, size_t nmeta)
{
	struct fake_world *w = world_of(s);
	unsigned int i;
	uint64_t addr;
	int rc = script(w);

	if (strcmp(path_of(w, fd), KERNEL_HANDLE) == 0)
		return iopl_call(w, rc, len, flags, meta, nmeta);
	assert_string_equal(path_of(w, fd), "/scheme/memory/translation");
	assert_int_equal(len, 8);
	assert_int_equal(flags, RBI_CALL_READ);
	assert_non_null(meta);
	assert_int_equal(nmeta, 0);
	if (rc < 0)
		return rc;

	memcpy(&addr, payload, 8);
	assert_int_equal(addr % RBI_PAGE, 0);
	for (i = 0; i < FAKE_BLOCKS; i++) {
		struct fake_block *b = &w->blocks[i];
		uint64_t skip = addr - (uint64_t)(uintptr_t)b->cpu;

		if (!b->cpu || skip >= b->len)
			continue;
		addr = b->phys + skip;
		if (skip == b->len - RBI_PAGE)
			addr += w->phys_flaw;
		if (((uint8_t *)b->cpu)[skip] == UNTOUCHED)
			addr = ZERO_PAGE;
		memcpy(payload, &addr, 8);
		return 0;
	}
	rc = w->on_translate ? w->on_translate(w, addr, &addr) : -ENOENT;
	if (rc == 0)
		memcpy(payload, &addr, 8);
	return rc;
}

/* --- what is no call on Redox -------------------------------------------------------------- */

static void fake_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out)
{
	struct fake_world *w = world_of(s);
	unsigned int i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < FAKE_BLOCKS; i++) {
		size_t skip = (size_t)((uintptr_t)base - (uintptr_t)w->blocks[i].cpu);

		if (!w->blocks[i].cpu || skip >= w->blocks[i].len)
			continue;
		out->direct = w->untouchable ? len - 1 : len;
		out->shadow = w->shadow != 0 ? w->shadow + i : 0;
		out->shadow_off = skip;
		return;
	}
	out->direct = w->direct < len ? w->direct : len;
	out->route = w->route;
}

static int io(struct fake_world *w, uint64_t route, uint64_t off, unsigned int width)
{
	assert_true(route != 0);
	assert_int_equal(route, w->route);
	w->io_off = off;
	w->io_width = width;
	if (w->on_io)
		w->on_io(w);
	if (w->io_answer)
		return w->io_answer;
	return off % width != 0 || off > w->map_len - width ? -EINVAL : 0;
}

static int fake_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			uint64_t *val)
{
	struct fake_world *w = world_of(s);
	int rc = io(w, route, off, width);

	w->io_reads++;
	*val = 0; /* no sense in a value that comes with an error */
	if (rc == 0)
		memcpy(val, w->bar + RBI_PAGE + (w->map_off - FAKE_BAR_ADDR) + off, width);
	return rc;
}

static int fake_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			 uint64_t val)
{
	struct fake_world *w = world_of(s);
	int rc = io(w, route, off, width);

	w->io_writes++;
	w->io_val = val;
	if (rc == 0)
		memcpy(w->bar + RBI_PAGE + (w->map_off - FAKE_BAR_ADDR) + off, &val, width);
	return rc;
}

/* --- ports --------------------------------------------------------------------------- */

static int fake_thread(struct rbi_sys *s)
{
	struct fake_world *w = world_of(s);
	int rc = script(w);

	w->grants_asked++;
	return rc < 0 ? rc : FAKE_THREAD;
}

static int fake_dup_named(struct rbi_sys *s, int fd, const char *name)
{
	assert_int_equal(fd, FAKE_THREAD);
	return fake_sys_open(s, strcmp(name, "open_via_dup") == 0 ? KERNEL_HANDLE : name, 0);
}

static int port_access(struct fake_world *w, uint32_t port, unsigned int width)
{
	w->port = port;
	w->port_width = width;
	if (w->port_answer != 0)
		return w->port_answer;
	if (port > RBI_PORTS - width)
		return -ERANGE;
	return port % width == 0 ? 0 : -EINVAL;
}

static int fake_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val)
{
	struct fake_world *w = world_of(s);

	w->port_reads++;
	*val = w->port_val; /* no sense in a value that comes with an error */
	return port_access(w, port, width);
}

static int fake_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val)
{
	struct fake_world *w = world_of(s);

	w->port_writes++;
	w->port_val = val;
	return port_access(w, port, width);
}

static void fake_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct fake_world *w = world_of(s);

	w->publishes++;
	w->sync_shadow = shadow;
	w->sync_off = off;
	w->sync_len = len;
}

static void fake_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct fake_world *w = world_of(s);

	w->observes++;
	w->sync_shadow = shadow;
	w->sync_off = off;
	w->sync_len = len;
	if (w->on_observe)
		w->on_observe(w);
}

static int64_t fake_clock(struct rbi_sys *s)
{
	struct fake_world *w = world_of(s);

	w->now += w->tick;
	return w->now;
}

static void fake_dma_note(struct rbi_sys *s, const struct rbi_dma_note *note)
{
	struct fake_world *w = world_of(s);

	w->notes++;
	w->note = *note;
}

static void fake_misuse(struct rbi_sys *s, const char *sentence)
{
	struct fake_world *w = world_of(s);

	w->misuses++;
	snprintf(w->misuse, sizeof(w->misuse), "%s", sentence);
}

static void fake_delay(struct rbi_sys *s, uint64_t ns)
{
	struct fake_world *w = world_of(s);

	w->delays++;
	w->delayed += ns;
	if (ns > w->longest_delay)
		w->longest_delay = ns;
	if (!w->frozen)
		w->now += (int64_t)ns;
}

static void fake_destroy(struct rbi_sys *s)
{
	world_of(s)->destroyed = true;
}

static const struct rbi_sys_ops fake_ops = {
	.open = fake_sys_open,
	.close = fake_sys_close,
	.dup = fake_dup,
	.thread = fake_thread,
	.dup_named = fake_dup_named,
	.set_cloexec = fake_set_cloexec,
	.read = fake_read,
	.write = fake_write,
	.pread = fake_pread,
	.size = fake_size,
	.opendir = fake_opendir,
	.readdir = fake_readdir,
	.closedir = fake_closedir,
	.mmap = fake_mmap,
	.munmap = fake_munmap,
	.reserve = fake_reserve,
	.call = fake_call,
	.pipe = fake_pipe,
	.clock = fake_clock,
	.window = fake_window,
	.io_read = fake_io_read,
	.io_write = fake_io_write,
	.port_in = fake_port_in,
	.port_out = fake_port_out,
	.dma_publish = fake_publish,
	.dma_observe = fake_observe,
	.dma_note = fake_dma_note,
	.misuse = fake_misuse,
	.delay = fake_delay,
	.destroy = fake_destroy,
};

/* --- for tests --------------------------------------------------------------------------- */

static struct rb_ctx *context_over(struct fake_world *w)
{
	struct rb_ctx *ctx = rbi_alloc(1, sizeof(*ctx));

	assert_non_null(ctx);
	assert_int_equal(rbi_ledger_init(&ctx->ledger), 0);
	assert_int_equal(pthread_mutex_init(&ctx->log_lock, NULL), 0);
	atomic_init(&ctx->refs, 1);
	atomic_init(&ctx->log_max, -1);
	ctx->pid = (long)getpid();
	ctx->machine = rbi_strdup("fake");
	assert_non_null(ctx->machine);
	ctx->sys = &w->sys;
	assert_int_equal(rbi_os_new(&w->sys, NULL, &ctx->os), 0);
	w->sys.ctx = ctx;
	return ctx;
}

struct fake_world *fake_open(void)
{
	struct fake_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->sys.ops = &fake_ops;
	w->sys.name = "fake";
	w->bar = aligned_alloc(RBI_PAGE, FAKE_BAR_SIZE + 2 * RBI_PAGE);
	assert_non_null(w->bar);
	memset(w->bar, 0, FAKE_BAR_SIZE + 2 * RBI_PAGE);
	w->bar_addr = FAKE_BAR_ADDR;
	w->bar_size = FAKE_BAR_SIZE;
	w->direct = UINT64_MAX;
	w->next_phys = 0x40000000; /* aligned to whatever a block may be */
	w->config[0] = 0x11e81234;
	w->config[COMMAND] = 7;
	w->tick = 1000;
	w->ctx = context_over(w);
	return w;
}

void fake_close(struct fake_world *w)
{
	assert_int_equal(rb_ctx_live(w->ctx, NULL, 0), 0);
	rb_ctx_unref(w->ctx);
	assert_true(w->destroyed);
	assert_int_equal(fake_open_fds(w), 0);
	assert_int_equal(w->dirs, 0);
	assert_int_equal(w->maps, 0);
	assert_int_equal(fake_blocks(w), 0);
	assert_null(w->room);
	free(w->bar);
	free(w);
}

struct rb_pci_dev *fake_device(struct fake_world *w)
{
	struct rb_pci_dev *dev;

	assert_int_equal(rb_pci_open(w->ctx, rb_pci_addr_make(0, 0, 2, 0), &dev), 0);
	return dev;
}

void fake_fail(struct fake_world *w, unsigned int nth, int err)
{
	w->calls = 0;
	w->fail_at = nth;
	w->fail_with = err;
}

unsigned int fake_open_fds(const struct fake_world *w)
{
	unsigned int i, n = 0;

	for (i = 0; i < FAKE_FDS; i++)
		n += w->fds[i][0] != '\0';
	return n;
}

unsigned int fake_blocks(const struct fake_world *w)
{
	unsigned int i, n = 0;

	for (i = 0; i < FAKE_BLOCKS; i++)
		n += w->blocks[i].cpu != NULL;
	return n;
}

bool fake_masters_bus(const struct fake_world *w)
{
	return w->config[COMMAND] & MASTER;
}
