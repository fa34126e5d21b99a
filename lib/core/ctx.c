/* SPDX-License-Identifier: MIT */
/*
 * ctx.c - contexts: pick a world, put lib/os on top, count references.
 *
 * "redox" is the operating system itself and is always here. Every other
 * machine lives in librbdrv-host, which is loaded when one is named, so that a
 * driver's binary need not know where it will run.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "core/world.h"
#include "os/os.h"
#include "os/sys.h"

#define CHANNEL_VARIABLE "PCID_CLIENT_CHANNEL" /* contract 4.11 */
#define MACHINE_VARIABLE "RBDRV_MACHINE"

static const char *environment(const char *name)
{
#ifdef HAVE_SECURE_GETENV
	return secure_getenv(name);
#else
	/* a program with more rights than its caller must not be steered by it */
	return geteuid() == getuid() && getegid() == getgid() ? getenv(name) : NULL;
#endif
}

#ifdef __redox__
static const bool on_redox = true;
#else
static const bool on_redox = false;
#endif

/* Which machine does the caller mean? */
static int choose_machine(const char *given, const char **machine)
{
	const char *named = given;

	if (!named && on_redox && environment(CHANNEL_VARIABLE))
		named = "redox"; /* a spawner's channel wins */
	if (!named)
		named = environment(MACHINE_VARIABLE);
	if (!named && on_redox)
		named = "redox";
	if (!named)
		return rbi_fail(-EINVAL, "name a machine, or set " MACHINE_VARIABLE
					 " (for example mock:edu or qemu:edu)");
	*machine = named;
	return 0;
}

static bool names_redox(const char *machine)
{
	return strcmp(machine, "redox") == 0 || strncmp(machine, "redox:", 6) == 0;
}

/* The descriptor a spawner left us, or -1. */
static int client_channel(int *fd)
{
	const char *text = environment(CHANNEL_VARIABLE);
	char *end;
	long n;

	*fd = -1;
	if (!text)
		return 0;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || n > INT32_MAX)
		return rbi_fail(-EINVAL, CHANNEL_VARIABLE "='%s' is no descriptor", text);
	*fd = (int)n;
	return 0;
}

/* The value of "root=" after "redox:", with backslashes taken off; NULL: none. */
static int redox_root(const char *machine, char **root)
{
	const char *s = machine + strlen("redox");
	char *out;
	size_t n = 0;

	*root = NULL;
	if (*s == '\0')
		return 0;
	s++;
	if (strncmp(s, "root=", 5) != 0 || s[5] == '\0')
		return rbi_fail(-EINVAL, "machine 'redox' takes one option, root=DIR, not '%s'", s);
	s += 5;

	out = rbi_alloc(strlen(s) + 1, 1);
	if (!out)
		return rbi_no_memory("the scheme root");
	for (; *s; s++) {
		if (*s == ';' || (*s == '\\' && s[1] == '\0')) {
			rbi_free(out);
			return rbi_fail(-EINVAL, "machine 'redox': stray '%c' in its root", *s);
		}
		if (*s == '\\')
			s++;
		out[n++] = *s;
	}
	while (n > 1 && out[n - 1] == '/')
		out[--n] = '\0';
	*root = out;
	return 0;
}

static int open_redox(const char *machine, char **root, struct rbi_sys **sys)
{
	int rc;

	rc = redox_root(machine, root);
	if (rc < 0)
		return rc;
	if (!on_redox && !*root)
		return rbi_fail(-ENOTSUP, "machine 'redox' without root=DIR needs Redox");
	return rbi_sys_redox_new(sys);
}

/* The world below: its first waist, and the scheme root over it. */
static int open_world(const char *machine, int channel, char **root, struct rbi_sys **sys)
{
	*root = NULL;
	*sys = NULL;
	if (names_redox(machine))
		return open_redox(machine, root, sys);
	if (channel >= 0)
		return rbi_fail(-EINVAL, CHANNEL_VARIABLE
				" is set: a driver that was given a device cannot use machine '%s'",
				machine);
	return rbi_world_open_hosted(machine, sys);
}

/* A spawner's channel is ours alone from now on: neither exec nor the next
 * context may find it again. */
static int adopt_channel(struct rb_ctx *ctx, int channel)
{
	if (channel < 0)
		return 0;
	/* not open: its number may become that of any file of the program's */
	if (ctx->sys->ops->set_cloexec(ctx->sys, channel) < 0)
		return rbi_fail(-EINVAL, CHANNEL_VARIABLE "=%d is not open", channel);
	ctx->os->client_channel = channel;
	unsetenv(CHANNEL_VARIABLE);
	return 0;
}

static void ctx_free(struct rb_ctx *ctx)
{
	if (ctx->os)
		rbi_os_free(ctx->os);
	else if (ctx->sys)
		ctx->sys->ops->destroy(ctx->sys);
	pthread_mutex_destroy(&ctx->log_lock);
	rbi_ledger_destroy(&ctx->ledger);
	rbi_free(ctx->machine);
	rbi_free(ctx);
}

/* A context without a world. */
static int ctx_alloc(const char *machine, struct rb_ctx **out)
{
	struct rb_ctx *ctx = rbi_alloc(1, sizeof(*ctx));

	if (!ctx)
		return rbi_no_memory("a context");
	if (rbi_ledger_init(&ctx->ledger) < 0) {
		rbi_free(ctx);
		return -ENOMEM;
	}
	if (pthread_mutex_init(&ctx->log_lock, NULL) != 0) {
		rbi_ledger_destroy(&ctx->ledger);
		rbi_free(ctx);
		return rbi_no_memory("a lock");
	}
	atomic_init(&ctx->refs, 1);
	atomic_init(&ctx->log_max, -1);
	ctx->pid = (long)getpid();
	ctx->machine = rbi_strdup(machine);
	if (!ctx->machine) {
		ctx_free(ctx);
		return rbi_no_memory("a context");
	}
	*out = ctx;
	return 0;
}

int rb_ctx_new(const char *given, struct rb_ctx **out)
{
	const char *machine = NULL;
	struct rbi_sys *sys;
	struct rb_ctx *ctx;
	char *root = NULL;
	int channel, rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_ctx_new: nowhere to put the context");
	*out = NULL;

	rc = choose_machine(given, &machine);
	if (rc < 0)
		return rc;
	if (strnlen(machine, RBI_MACHINE_MAX + 1) > RBI_MACHINE_MAX)
		return rbi_fail(-EINVAL, "the machine string is longer than %u bytes",
				RBI_MACHINE_MAX);
	rc = client_channel(&channel);
	if (rc < 0)
		return rc;

	rc = ctx_alloc(machine, &ctx);
	if (rc < 0)
		return rc;
	rc = open_world(machine, channel, &root, &ctx->sys);
	if (rc == 0)
		rc = rbi_os_new(ctx->sys, root, &ctx->os);
	rbi_free(root);
	if (rc == 0)
		rc = adopt_channel(ctx, channel);
	if (rc < 0) {
		ctx_free(ctx);
		return rc;
	}
	for (sys = ctx->sys; sys; sys = sys->under)
		sys->ctx = ctx;
	*out = ctx;
	return 0;
}

struct rb_ctx *rb_ctx_ref(struct rb_ctx *ctx)
{
	if (ctx)
		atomic_fetch_add_explicit(&ctx->refs, 1, memory_order_relaxed);
	return ctx;
}

void rb_ctx_unref(struct rb_ctx *ctx)
{
	if (ctx && atomic_fetch_sub_explicit(&ctx->refs, 1, memory_order_acq_rel) == 1)
		ctx_free(ctx);
}

const char *rb_ctx_machine(const struct rb_ctx *ctx)
{
	return ctx ? ctx->machine : "";
}

bool rbi_ctx_is_ours(const struct rb_ctx *ctx)
{
	const volatile uint8_t *ours = ctx->sys ? ctx->sys->ours : NULL;

	return ours ? *ours != 0 : ctx->pid == (long)getpid();
}

int rbi_ctx_check(const struct rb_ctx *ctx, const char *call)
{
	if (!ctx)
		return rbi_fail(-EINVAL, "%s: NULL", call);
	if (!rbi_ctx_is_ours(ctx))
		return rbi_fail(-ENODEV, "%s: the context belongs to process %ld", call, ctx->pid);
	return 0;
}
