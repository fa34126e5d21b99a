/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pcid.c - a PCI server whose every answer is any bytes. Whatever it says, calls end with
 * codes of the closed set, and nothing is left behind.
 *
 * The input is a stream that the answers take what they need from. An answer to a request
 * begins with a byte that says how: an even one, framed as pcid frames it, with a tag and as
 * many bytes as the next byte says; an odd one, as many bytes of any kind. A name of the
 * directory ends at a zero. A dword through the access endpoint is preceded by a byte: 0xff
 * fails, 0xfe is too short. At its end the server is silent.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rbdrv/rbdrv.h>

#include "core/core.h"
#include "fuzz.h"
#include "os/os.h"
#include "os/os_pcid.h"
#include "os/sys.h"

const char fuzz_seeds[] = "pcid";
const char fuzz_sentence[] = "any answers of the PCI server are understood or refused";

#define FDS 64

struct server {
	struct rbi_sys sys; /* first */
	const uint8_t *data;
	size_t left;
	uint8_t answer[8 + 4 + 255];
	size_t answer_len, answer_used;
	int open;  /* descriptors */
	int dirs;
	int gone;  /* the table was destroyed */
};

static struct server *of(struct rbi_sys *s)
{
	return (struct server *)s;
}

static unsigned int take(struct server *v)
{
	if (v->left == 0)
		return 0;
	v->left--;
	return *v->data++;
}

static size_t take_bytes(struct server *v, uint8_t *to, size_t len)
{
	size_t n = len < v->left ? len : v->left;

	memcpy(to, v->data, n);
	v->data += n;
	v->left -= n;
	return n;
}

/* --- the first waist ---------------------------------------------------------------------- */

static int sys_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct server *v = of(s);

	(void)flags;
	require(path[0] == '/' && strlen(path) < 4096);
	if (v->open >= FDS)
		return -EMFILE;
	return 100 + v->open++;
}

static void sys_close(struct rbi_sys *s, int fd)
{
	require(fd >= 100);
	of(s)->open--;
}

static ssize_t sys_write(struct rbi_sys *s, int fd, const void *buf, size_t len)
{
	struct server *v = of(s);
	unsigned int how = take(v), n = take(v);
	size_t head = 0;

	(void)fd;
	require(len >= 4 && len <= 64);
	memset(v->answer, 0, sizeof(v->answer));
	if (how % 2 == 0) {
		v->answer[0] = (uint8_t)(n + 4);
		v->answer[1] = (uint8_t)((n + 4) >> 8);
		/* the tag of the answer that belongs to it, but for what the byte says */
		v->answer[8] = (uint8_t)(*(const uint8_t *)buf + how / 2);
		head = 12;
	}
	v->answer_len = head + take_bytes(v, v->answer + head, n);
	v->answer_used = 0;
	return (ssize_t)len;
}

static ssize_t sys_read(struct rbi_sys *s, int fd, void *buf, size_t len)
{
	struct server *v = of(s);
	size_t n = v->answer_len - v->answer_used;

	(void)fd;
	n = n < len ? n : len;
	memcpy(buf, v->answer + v->answer_used, n);
	v->answer_used += n;
	return (ssize_t)n;
}

static ssize_t dword(struct server *v, void *payload)
{
	unsigned int how = take(v);

	if (how == 0xff || v->left == 0)
		return -EIO;
	take_bytes(v, payload, 4);
	return how == 0xfe ? 3 : 4;
}

static ssize_t sys_pread(struct rbi_sys *s, int fd, void *buf, size_t len, uint64_t off)
{
	(void)fd;
	require(len == 4 && off % 4 == 0 && off < 4096);
	return dword(of(s), buf);
}

static ssize_t sys_call(struct rbi_sys *s, int fd, void *payload, size_t len, unsigned int flags,
			const uint64_t *meta, size_t nmeta)
{
	(void)fd;
	require(flags == RBI_CALL_READ && len == 4 && nmeta == 2 && meta[0] == 1);
	require(meta[1] % 4 == 0);
	return dword(of(s), payload);
}

static int sys_opendir(struct rbi_sys *s, const char *path, void **dir)
{
	(void)path;
	of(s)->dirs++;
	*dir = s;
	return 0;
}

static int sys_readdir(struct rbi_sys *s, void *dir, char *name, size_t size)
{
	struct server *v = of(s);
	size_t n = 0;

	(void)dir;
	while (n < size - 1 && (name[n] = (char)take(v)) != '\0')
		n++;
	name[n] = '\0';
	return n > 0;
}

static void sys_closedir(struct rbi_sys *s, void *dir)
{
	(void)dir;
	of(s)->dirs--;
}

static int sys_set_cloexec(struct rbi_sys *s, int fd)
{
	(void)s;
	(void)fd;
	return 0;
}

static int64_t sys_clock(struct rbi_sys *s)
{
	(void)s;
	return 0;
}

static void sys_delay(struct rbi_sys *s, uint64_t ns)
{
	(void)s;
	(void)ns;
}

static void sys_destroy(struct rbi_sys *s)
{
	of(s)->gone = 1;
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

static struct rb_ctx *world(struct server *v)
{
	struct rb_ctx *ctx = rbi_alloc(1, sizeof(*ctx));

	require(ctx != NULL);
	v->sys.ops = &ops;
	v->sys.name = "fuzz";
	require(rbi_ledger_init(&ctx->ledger) == 0);
	require(pthread_mutex_init(&ctx->log_lock, NULL) == 0);
	atomic_init(&ctx->refs, 1);
	atomic_init(&ctx->log_max, -1);
	ctx->pid = (long)getpid();
	ctx->machine = rbi_strdup("fuzz");
	require(ctx->machine != NULL);
	ctx->sys = &v->sys;
	require(rbi_os_new(&v->sys, NULL, &ctx->os) == 0);
	v->sys.ctx = ctx;
	return ctx;
}

/* --- what a driver asks ---------------------------------------------------------------------- */

static void is_ours(int rc)
{
	require(rbi_code_is_ours(rc < 0 ? rc : 0));
}

/* Each request, whatever the earlier ones came to. */
static void ask(struct rbi_pcid *ch)
{
	struct rbi_wire_set_msi set = { .has_multi = true, .has_message = true, .addr = 0xfee00000 };
	struct rbi_wire_msix_info msix;
	struct rbi_wire_msi_info msi;
	struct rbi_wire_function fn;
	unsigned int features, i;
	uint32_t val;

	for (i = 0; i < 2; i++) {
		is_ours(rbi_pcid_enable_device(ch));
		is_ours(rbi_pcid_config(ch, &fn));
		is_ours(rbi_pcid_features(ch, &features));
		is_ours(rbi_pcid_msi_info(ch, &msi));
		is_ours(rbi_pcid_msix_info(ch, &msix));
		is_ours(rbi_pcid_set_msi(ch, &set));
		is_ours(rbi_pcid_set_msix_mask(ch, true));
		is_ours(rbi_pcid_enable_feature(ch, RBI_WIRE_MSIX));
		is_ours(rbi_pcid_read_config(ch, 0x40, &val));
		is_ours(rbi_pcid_write_config(ch, 0x40, 0));
	}
}

static void look(struct rb_pci_view *view)
{
	struct rb_pci_express express = RB_PCI_EXPRESS_INIT;
	struct rb_pci_caps *caps;

	is_ours(rb_pci_view_size(view));
	is_ours(rb_pci_caps_scan(view, &caps));
	rb_pci_caps_close(caps);
	is_ours(rb_pci_read_express(view, 0, &express));
}

static void drive(struct rb_ctx *ctx, struct rb_pci_addr addr)
{
	struct rb_pci_view *view;
	struct rb_pci_dev *dev;
	unsigned int bar;
	int rc;

	rc = rb_pci_open(ctx, addr, &dev);
	is_ours(rc);
	for (bar = 0; bar < 6 && rc == 0; bar++) {
		uint64_t size = rb_pci_bar_size(dev, bar);

		require((size & (size - 1)) == 0);
		require(rb_pci_bar_kind(dev, bar) != RB_PCI_BAR_NONE || size == 0);
	}
	if (rc == 0)
		look(rb_pci_view_dev(dev));
	rb_pci_unref(dev);
	rc = rb_pci_view_open(ctx, addr, &view);
	is_ours(rc);
	if (rc == 0)
		look(view);
	rb_pci_view_close(view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server v = { .data = data, .left = size };
	long live = rbi_alloc_live();
	struct rb_ctx *ctx = world(&v);
	struct rb_pci_list *list;
	struct rbi_pcid *ch;
	unsigned int mode = take(&v);
	int rc;

	if (mode % 2 == 0) {
		rc = rbi_pcid_open(ctx->os, "00-00--03.0", &ch);
		is_ours(rc);
		if (rc == 0)
			ask(ch);
		rbi_pcid_close(ch, false);
	} else {
		rc = rb_pci_scan(ctx, NULL, &list);
		is_ours(rc);
		drive(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)));
		rb_pci_list_close(list);
	}
	rb_ctx_unref(ctx);
	require(v.gone && v.open == 0 && v.dirs == 0);
	require(rbi_alloc_live() == live);
	return 0;
}
