/* SPDX-License-Identifier: MIT */
/*
 * test_ctx.c - contexts: which world a string names, references, ledger, log,
 * and the first waist of machine "redox" over a directory.
 */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/core.h"
#include "os/os.h"
#include "os/sys.h"

static char root[64];	/* a directory that plays the scheme root */
static char machine[96]; /* "redox:root=" and that directory */

static int make_root(void **state)
{
	char path[128];

	(void)state;
	strcpy(root, "/tmp/rbdrv-ctx-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(machine, sizeof(machine), "redox:root=%s", root);
	snprintf(path, sizeof(path), "%s/scheme", root);
	unsetenv("RBDRV_MACHINE");
	unsetenv("PCID_CLIENT_CHANNEL");
	return mkdir(path, 0700);
}

static int drop_root(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

static struct rb_ctx *open_root(void)
{
	struct rb_ctx *ctx;

	assert_int_equal(rb_ctx_new(machine, &ctx), 0);
	return ctx;
}

static void no_machine_is_a_question_not_a_guess(void **state)
{
	struct rb_ctx *ctx = (struct rb_ctx *)&root;

	(void)state;
	assert_int_equal(rb_ctx_new(NULL, &ctx), -EINVAL);
	assert_null(ctx);
	assert_non_null(strstr(rb_last_error(), "RBDRV_MACHINE"));
	assert_int_equal(rb_ctx_new(machine, NULL), -EINVAL);
}

static void the_environment_names_the_machine(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	setenv("RBDRV_MACHINE", machine, 1);

	assert_int_equal(rb_ctx_new(NULL, &ctx), 0);

	assert_string_equal(rb_ctx_machine(ctx), machine);
	rb_ctx_unref(ctx);
	unsetenv("RBDRV_MACHINE");
}

static void redox_needs_redox_or_a_root(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("redox", &ctx), -ENOTSUP);
	assert_int_equal(rb_ctx_new("redox:", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("redox:root=", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("redox:edu", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("redox:root=/x;y", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("redox:root=/x\\", &ctx), -EINVAL);
	assert_null(ctx);
}

static void an_endless_machine_string_is_refused(void **state)
{
	size_t len = (size_t)1 << 20;
	char *text = malloc(len);
	struct rb_ctx *ctx;

	(void)state;
	memset(text, 'a', len);
	text[len - 1] = '\0';

	assert_int_equal(rb_ctx_new(text, &ctx), -EINVAL);

	free(text);
}

static void a_root_keeps_its_escaped_bytes(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("redox:root=/a\\;b\\\\c//", &ctx), 0);

	assert_string_equal(ctx->os->root, "/a;b\\c");
	rb_ctx_unref(ctx);
}

static void a_spawners_channel_is_adopted_once(void **state)
{
	struct rb_ctx *ctx, *next;
	char number[16];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	snprintf(number, sizeof(number), "%d", fds[0]);
	setenv("PCID_CLIENT_CHANNEL", number, 1);

	ctx = open_root();
	next = open_root();

	assert_int_equal(ctx->os->client_channel, fds[0]);
	assert_int_equal(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_null(getenv("PCID_CLIENT_CHANNEL"));
	assert_int_equal(next->os->client_channel, -1);
	rb_ctx_unref(next);
	rb_ctx_unref(ctx);
	close(fds[1]);
}

static void a_spawners_channel_and_a_hosted_machine_do_not_go_together(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	setenv("PCID_CLIENT_CHANNEL", "5", 1);
	assert_int_equal(rb_ctx_new("mock:edu", &ctx), -EINVAL);

	setenv("PCID_CLIENT_CHANNEL", "five", 1);
	assert_int_equal(rb_ctx_new(machine, &ctx), -EINVAL);
	setenv("PCID_CLIENT_CHANNEL", "-1", 1);
	assert_int_equal(rb_ctx_new(machine, &ctx), -EINVAL);
	assert_non_null(strstr(rb_last_error(), "'-1'"));
	unsetenv("PCID_CLIENT_CHANNEL");
}

static void the_last_reference_closes_the_world(void **state)
{
	struct rb_ctx *ctx = open_root();

	(void)state;
	assert_ptr_equal(rb_ctx_ref(ctx), ctx);
	rb_ctx_unref(ctx);

	assert_string_equal(rb_ctx_machine(ctx), machine);
	rb_ctx_unref(ctx); /* a leak or a double free is for the sanitizer to see */

	assert_null(rb_ctx_ref(NULL));
	rb_ctx_unref(NULL);
	assert_string_equal(rb_ctx_machine(NULL), "");
}

static void no_memory_at_any_allocation_is_an_answer(void **state)
{
	struct rb_ctx *ctx = NULL;
	unsigned long n, needed;

	(void)state;
	rbi_alloc_fail_at(0);
	ctx = open_root();
	needed = rbi_alloc_fail_at(0);
	rb_ctx_unref(ctx);
	assert_in_range(needed, 3, 100);

	for (n = 1; n <= needed; n++) {
		rbi_alloc_fail_at(n);
		assert_int_equal(rb_ctx_new(machine, &ctx), -ENOMEM);
		rbi_alloc_fail_at(0);
		assert_null(ctx);
	}
}

static void the_ledger_names_what_is_open(void **state)
{
	struct rb_ctx *ctx = open_root();
	struct rbi_live a, b;
	char text[64];

	(void)state;
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 0);
	rbi_live_add(ctx, &a, "PCI device", "%02x:%02x.%u", 0, 2, 0);
	rbi_live_add(ctx, &b, "DMA buffer", "rx ring");

	assert_int_equal(rb_ctx_live(ctx, text, sizeof(text)), 2);
	assert_string_equal(text, "PCI device 00:02.0\nDMA buffer rx ring\n");
	assert_int_equal(rb_ctx_live(ctx, text, 6), 2);
	assert_string_equal(text, "PCI d");
	assert_int_equal(rb_ctx_live(ctx, NULL, 99), 2);

	rbi_live_del(ctx, &a);
	assert_int_equal(rb_ctx_live(ctx, text, sizeof(text)), 1);
	assert_string_equal(text, "DMA buffer rx ring\n");
	rbi_live_del(ctx, &b);
	assert_int_equal(rb_ctx_live(ctx, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(rb_ctx_live(NULL, NULL, 0), 0);
	rb_ctx_unref(ctx);
}

struct heard {
	int count;
	enum rb_log_level level;
	char text[64];
};

static void hear(void *arg, enum rb_log_level level, const char *message)
{
	struct heard *heard = arg;

	heard->count++;
	heard->level = level;
	snprintf(heard->text, sizeof(heard->text), "%s", message);
}

static void the_log_tells_who_listens_and_how_loud(void **state)
{
	struct rb_ctx *ctx = open_root();
	struct heard heard = { 0 };

	(void)state;
	rbi_log(ctx, RB_LOG_ERROR, "nobody listens");
	rb_ctx_set_log(ctx, RB_LOG_WARN, hear, &heard);
	rbi_log(ctx, RB_LOG_INFO, "too quiet");
	assert_int_equal(heard.count, 0);

	rbi_log(ctx, RB_LOG_WARN, "line %u", 9u);

	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.level, RB_LOG_WARN);
	assert_string_equal(heard.text, "line 9");
	rb_ctx_set_log(ctx, RB_LOG_DEBUG, NULL, NULL);
	rbi_log(ctx, RB_LOG_ERROR, "off again");
	rbi_log(NULL, RB_LOG_ERROR, "no context yet");
	assert_int_equal(heard.count, 1);
	rb_ctx_set_log(NULL, RB_LOG_DEBUG, hear, &heard);
	rb_ctx_unref(ctx);
}

/* In a child: everything refuses, and releasing is harmless. */
static int child_of(struct rb_ctx *ctx, struct rbi_live *live)
{
	struct heard heard = { 0 };

	if (rbi_ctx_check(ctx, "test") != -ENODEV)
		return 1;
	if (rb_ctx_live(ctx, NULL, 0) != 0)
		return 2;
	rb_ctx_set_log(ctx, RB_LOG_DEBUG, hear, &heard);
	rbi_log(ctx, RB_LOG_ERROR, "not ours");
	if (heard.count != 0)
		return 3;
	rbi_live_del(ctx, live);
	rb_ctx_unref(ctx);
	return 0;
}

static void a_child_of_fork_owns_nothing(void **state)
{
	struct rb_ctx *ctx = open_root();
	struct rbi_live live;
	int status = -1;
	pid_t child;

	(void)state;
	rbi_live_add(ctx, &live, "thing", "x");
	assert_int_equal(rbi_ctx_check(ctx, "test"), 0);
	assert_int_equal(rbi_ctx_check(NULL, "test"), -EINVAL);

	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(child_of(ctx, &live));

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(rb_ctx_live(ctx, NULL, 0), 1);
	rbi_live_del(ctx, &live);
	rb_ctx_unref(ctx);
}

/* --- the first waist over a directory ------------------------------------------- */

static void files_below_a_root_open_read_and_map(void **state)
{
	struct rb_ctx *ctx = open_root();
	struct rbi_sys *sys = ctx->sys;
	char path[128], text[16] = "";
	struct rbi_window window;
	uint64_t size = 0;
	void *base;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/scheme/blob", root);

	assert_int_equal(sys->ops->open(sys, path, RBI_O_RDWR | RBI_O_CREAT), -ENOENT);
	close(open(path, O_RDWR | O_CREAT, 0600));

	fd = sys->ops->open(sys, path, RBI_O_RDWR | RBI_O_CREAT | RBI_O_EXCL);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(sys->ops->write(sys, fd, "firmware", 8), 8);
	assert_int_equal(sys->ops->size(sys, fd, &size), 0);
	assert_int_equal(size, 8);
	assert_int_equal(sys->ops->pread(sys, fd, text, 4, 4), 4);
	assert_string_equal(text, "ware");

	assert_int_equal(sys->ops->mmap(sys, fd, 4096, RBI_PROT_READ, RBI_MAP_PRIVATE, 0, &base), 0);
	sys->ops->window(sys, base, 4096, &window);
	assert_int_equal(window.direct, 4096);
	assert_int_equal(window.route, 0);
	assert_int_equal(window.shadow, 0);
	assert_memory_equal(base, "firmware", 8);
	assert_int_equal(sys->ops->munmap(sys, base, 4096), 0);
	sys->ops->close(sys, fd);
	rb_ctx_unref(ctx);
}

static void directories_below_a_root_are_listed(void **state)
{
	struct rb_ctx *ctx = open_root();
	struct rbi_sys *sys = ctx->sys;
	char path[128], name[RBI_NAME_MAX], tiny[2];
	int found = 0, rc;
	void *dir;

	(void)state;
	snprintf(path, sizeof(path), "%s/scheme/longname", root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/scheme", root);

	assert_int_equal(sys->ops->opendir(sys, path, &dir), 0);
	while ((rc = sys->ops->readdir(sys, dir, name, sizeof(name))) == 1)
		found += strcmp(name, "longname") == 0;
	assert_int_equal(rc, 0);
	assert_int_equal(found, 1);
	sys->ops->closedir(sys, dir);

	assert_int_equal(sys->ops->opendir(sys, path, &dir), 0);
	while ((rc = sys->ops->readdir(sys, dir, tiny, sizeof(tiny))) == 1)
		;
	assert_int_equal(rc, -EOVERFLOW);
	sys->ops->closedir(sys, dir);
	rb_ctx_unref(ctx);
}

static void what_only_redox_has_says_so(void **state)
{
	struct rb_ctx *ctx = open_root();
	struct rbi_sys *sys = ctx->sys;
	uint64_t wide = 0;
	uint32_t narrow = 0;

	(void)state;
	assert_int_equal(sys->ops->call(sys, 0, &wide, 8, RBI_CALL_READ, NULL, 0), -ENOTSUP);
	assert_int_equal(sys->ops->io_read(sys, 1, 0, 4, &wide), -ENOTSUP);
	assert_true(wide == UINT64_MAX);
	assert_int_equal(sys->ops->io_write(sys, 1, 0, 4, 0), -ENOTSUP);
	assert_int_equal(sys->ops->port_in(sys, 0x80, 1, &narrow), -ENOTSUP);
	assert_int_equal(narrow, UINT32_MAX);
	assert_int_equal(sys->ops->port_out(sys, 0x80, 1, 0), -ENOTSUP);
	assert_int_equal(sys->ops->thread(sys), -ENOTSUP);
	assert_int_equal(sys->ops->dup_named(sys, 0, "open_via_dup"), -ENOTSUP);
	rb_ctx_unref(ctx);
}

static void the_systems_clock_moves_and_delays_last(void **state)
{
	struct rb_ctx *ctx = open_root();
	int64_t before = ctx->sys->ops->clock(ctx->sys);

	(void)state;
	ctx->sys->ops->delay(ctx->sys, 1000000);

	assert_true(ctx->sys->ops->clock(ctx->sys) - before >= 1000000);
	rb_ctx_unref(ctx);
}

static void the_systems_pipes_do_not_block(void **state)
{
	struct rb_ctx *ctx = open_root();
	char byte;
	int fds[2], copy;

	(void)state;
	assert_int_equal(ctx->sys->ops->pipe(ctx->sys, fds), 0);

	assert_int_equal(ctx->sys->ops->read(ctx->sys, fds[0], &byte, 1), -EAGAIN);
	copy = ctx->sys->ops->dup(ctx->sys, fds[1]);
	assert_true(copy >= 0);
	assert_int_equal(ctx->sys->ops->write(ctx->sys, copy, "x", 1), 1);
	assert_int_equal(ctx->sys->ops->read(ctx->sys, fds[0], &byte, 1), 1);

	ctx->sys->ops->close(ctx->sys, copy);
	ctx->sys->ops->close(ctx->sys, fds[0]);
	ctx->sys->ops->close(ctx->sys, fds[1]);
	rb_ctx_unref(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_machine_is_a_question_not_a_guess),
		cmocka_unit_test(the_environment_names_the_machine),
		cmocka_unit_test(redox_needs_redox_or_a_root),
		cmocka_unit_test(an_endless_machine_string_is_refused),
		cmocka_unit_test(a_root_keeps_its_escaped_bytes),
		cmocka_unit_test(a_spawners_channel_is_adopted_once),
		cmocka_unit_test(a_spawners_channel_and_a_hosted_machine_do_not_go_together),
		cmocka_unit_test(the_last_reference_closes_the_world),
		cmocka_unit_test(no_memory_at_any_allocation_is_an_answer),
		cmocka_unit_test(the_ledger_names_what_is_open),
		cmocka_unit_test(the_log_tells_who_listens_and_how_loud),
		cmocka_unit_test(a_child_of_fork_owns_nothing),
		cmocka_unit_test(files_below_a_root_open_read_and_map),
		cmocka_unit_test(directories_below_a_root_are_listed),
		cmocka_unit_test(what_only_redox_has_says_so),
		cmocka_unit_test(the_systems_clock_moves_and_delays_last),
		cmocka_unit_test(the_systems_pipes_do_not_block),
	};

	return cmocka_run_group_tests(tests, make_root, drop_root);
}
