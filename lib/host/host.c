/* SPDX-License-Identifier: MIT */
/*
 * host.c - hosted Redox as a whole: its beginning and end, the table of its
 * entries, and what happens when a driver breaks it.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>

#include "host/host_entry.h"

/* --- what a driver breaks ------------------------------------------------------------ */

/* Tell a sentence to the machine, and to the log. */
static void tell(struct rbi_hosted *h, enum rb_log_level level, const char *fmt, va_list args)
{
	char sentence[256];

	vsnprintf(sentence, sizeof(sentence), fmt, args);
	rbi_log(h->sys.ctx, level, "%s", sentence);
	h->machine->ops->violation(h->machine, sentence);
}

int rbi_hosted_panic(struct rbi_hosted *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(h, RB_LOG_ERROR, fmt, args);
	va_end(args);

	atomic_store(&h->panicked, true);
	rbi_hosted_event_kick(h, NULL);
	return -ENODEV;
}

void rbi_hosted_violation(struct rbi_hosted *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(h, RB_LOG_WARN, fmt, args);
	va_end(args);
}

/* --- birth and end ------------------------------------------------------------------- */

static void free_hosted(struct rbi_hosted *h, bool forked)
{
	rbi_hosted_files_destroy(h);
	rbi_hosted_memory_destroy(h, forked);
	rbi_hosted_pcid_destroy(h, forked);
	rbi_hosted_port_destroy(h);
	if (h->ready_fd >= 0)
		close(h->ready_fd);
	if (h->ours)
		munmap((void *)(uintptr_t)h->ours, RBI_PAGE);
	if (!forked) /* a child may have inherited it locked */
		pthread_mutex_destroy(&h->lock);
	rbi_free(h);
}

static void hosted_destroy(struct rbi_sys *s)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_machine *machine = h->machine;
	bool forked = !rbi_hosted_is_ours(h);

	free_hosted(h, forked);
	machine->ops->destroy(machine, forked);
}

static const struct rbi_sys_ops hosted_ops = {
	.open = rbi_hosted_open,
	.close = rbi_hosted_close,
	.dup = rbi_hosted_dup,
	.thread = rbi_hosted_thread,
	.dup_named = rbi_hosted_dup_named,
	.set_cloexec = rbi_hosted_set_cloexec,
	.read = rbi_hosted_read,
	.write = rbi_hosted_write,
	.pread = rbi_hosted_pread,
	.size = rbi_hosted_size,
	.opendir = rbi_hosted_opendir,
	.readdir = rbi_hosted_readdir,
	.closedir = rbi_hosted_closedir,
	.mmap = rbi_hosted_mmap,
	.munmap = rbi_hosted_munmap,
	.reserve = rbi_hosted_reserve,
	.call = rbi_hosted_call,
	.pipe = rbi_hosted_pipe,
	.clock = rbi_hosted_clock,
	.window = rbi_hosted_window,
	.io_read = rbi_hosted_io_read,
	.io_write = rbi_hosted_io_write,
	.port_in = rbi_hosted_port_in,
	.port_out = rbi_hosted_port_out,
	.dma_publish = rbi_hosted_dma_publish,
	.dma_observe = rbi_hosted_dma_observe,
	.dma_note = rbi_hosted_dma_note,
	.misuse = rbi_hosted_misuse,
	.delay = rbi_hosted_delay,
	.destroy = hosted_destroy,
};

struct rbi_machine *rbi_hosted_front(struct rbi_sys *sys)
{
	while (sys && sys->under)
		sys = sys->under;
	if (!sys || sys->ops != &hosted_ops)
		return NULL;
	return rbi_hosted_of(sys)->machine;
}

struct rbi_machine *rbi_hosted_machine(struct rbi_sys *sys)
{
	struct rbi_machine *machine = rbi_hosted_front(sys);

	while (machine && machine->under)
		machine = machine->under;
	return machine;
}

static const volatile uint8_t *wiped_on_fork(void)
{
	uint8_t *page =
		mmap(NULL, RBI_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, RBI_PAGE, MADV_WIPEONFORK) < 0) { /* before Linux 4.14 */
		munmap(page, RBI_PAGE);
		return NULL;
	}
	*page = 1;
	return page;
}

static int64_t realtime_offset(struct rbi_machine *machine)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - machine->ops->clock(machine);
}

int rbi_hosted_new(struct rbi_machine *machine, const struct rbi_profile *profile, unsigned int uid,
		   struct rbi_sys **out)
{
	struct rbi_hosted *h = rbi_alloc(1, sizeof(*h));
	int rc;

	*out = NULL;
	if (!h)
		return rbi_no_memory("hosted Redox");

	h->sys.ops = &hosted_ops;
	h->sys.name = machine->name;
	h->machine = machine;
	h->profile = *profile;
	h->uid = uid;
	h->thread_fd = -1;
	h->pid = (long)getpid();
	h->ours = h->sys.ours = wiped_on_fork();
	h->realtime_offset = realtime_offset(machine);
	pthread_mutex_init(&h->lock, NULL); /* cannot fail on Linux */

	h->ready_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = h->ready_fd < 0 ? rbi_fail(-ENOMEM, "hosted Redox: no descriptor: %s", strerror(errno))
			     : rbi_hosted_memory_init(h);
	if (rc < 0) {
		free_hosted(h, false);
		return rc;
	}
	rbi_hosted_irq_init(h);
	*out = &h->sys;
	return 0;
}
