/* SPDX-License-Identifier: MIT */
/* rows.c - what the checks of rows share; see rows.h. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

void row_opens(struct world *w, const char *path, unsigned int flags, int rc)
{
	int fd = w_open(w, path, flags);

	assert_int_equal(fd < 0 ? fd : 0, rc);
	if (fd >= 0)
		w_close(w, fd);
}

int row_open(struct world *w, const char *path, unsigned int flags)
{
	int fd = w_open(w, path, flags);

	assert_true(fd >= 0);
	return fd;
}

/* --- memory ---------------------------------------------------------------------- */

int row_map(struct world *w, const char *path, size_t len, unsigned int flags, uint64_t off,
	    void **base)
{
	int fd = row_open(w, path, RDWR);
	int rc = w_mmap(w, fd, len, flags, off, base);

	w_close(w, fd);
	return rc;
}

int row_unmap(struct world *w, void *base, size_t len)
{
	return w->sys->ops->munmap(w->sys, base, len);
}

ssize_t row_pread(struct world *w, int fd, void *buf, size_t len, uint64_t off)
{
	return w->sys->ops->pread(w->sys, fd, buf, len, off);
}

ssize_t row_translate(struct world *w, const void *addr, uint64_t *phys)
{
	int fd = row_open(w, "/scheme/memory/translation", RDWR);
	ssize_t rc;

	*phys = (uint64_t)(uintptr_t)addr;
	rc = w_call(w, fd, phys, sizeof(*phys), NULL, 0);
	w_close(w, fd);
	return rc;
}

/* fork(): the parent keeps its contiguous pages, the child has none. */
void row_child_has_no_mapping(struct world *w)
{
	int status;
	void *base;
	pid_t pid;

	assert_int_equal(row_map(w, "/scheme/memory/zeroed@wb?phys_contiguous", 0x1000,
				 RBI_MAP_PRIVATE, 0, &base),
			 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) { /* msync(2) tells whether there is a page, and touches none */
		bool gone = msync(base, 0x1000, MS_ASYNC) == -1 && errno == ENOMEM;

		_exit(!gone);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	*(uint8_t *)base = 1;
}

void row_panicked(struct world *w, const char *word)
{
	assert_int_equal(w->fake->violations, 1);
	assert_non_null(strstr(w->fake->violation, word));
	assert_non_null(strstr(w->fake->violation, "panics"));
}

void row_unharmed(struct world *w)
{
	assert_int_equal(w->fake->violations, 0);
}

/* --- pci ------------------------------------------------------------------------- */

const char *row_pci(struct world *w, unsigned int fake_fn, const char *leaf)
{
	static const char *const where[FAKE_FUNCTIONS] = { "03.0", "04.0", "1f.2", "02.0" };
	bool wide = ((struct rbi_hosted *)w->sys)->profile.wide_names;
	static char path[64];

	snprintf(path, sizeof(path), "/scheme/pci/%s--%s%s", wide ? "0000--00" : "00-00",
		 where[fake_fn], leaf);
	return path;
}

int row_channel(struct world *w, unsigned int fake_fn)
{
	return row_open(w, row_pci(w, fake_fn, "/channel"), RDWR);
}

static size_t bytes(const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;
	char *stop;

	for (; *hex != '\0'; hex = stop + strspn(stop, " ")) {
		assert_true(n < size);
		out[n++] = (uint8_t)strtoul(hex, &stop, 16);
	}
	return n;
}

void row_exchange(struct world *w, int fd, const char *request, const char *answer)
{
	uint8_t out[64], want[256], got[256];
	size_t n = bytes(request, out, sizeof(out));
	size_t m = bytes(answer, want, sizeof(want));

	assert_int_equal(w_write(w, fd, out, n), n);
	assert_int_equal(w_read(w, fd, got, 8), 8);
	assert_int_equal(w_read(w, fd, got + 8, sizeof(got) - 8), m - 8);
	assert_memory_equal(got, want, m);
}

void row_kills(struct world *w, int fd, const char *request)
{
	uint8_t out[64];
	size_t n = bytes(request, out, sizeof(out));

	assert_int_equal(w_write(w, fd, out, n), -ENODEV);
	row_panicked(w, "pcid");
	row_opens(w, "/scheme/pci", RBI_O_DIRECTORY, -ENODEV);
	row_opens(w, "/scheme/irq/bsp", RDWR, 0); /* the kernel lives */
}

/* --- events and interrupts ------------------------------------------------------- */

int row_queue(struct world *w)
{
	return row_open(w, "/scheme/event", RDWR | RBI_O_CREAT | RBI_O_NONBLOCK);
}

ssize_t row_watch(struct world *w, int queue, int fd, uint64_t flags, uint64_t data)
{
	struct row_event rec = { (uint64_t)fd, flags, data };

	return w_write(w, queue, &rec, sizeof(rec));
}

void row_next(struct world *w, int queue, int fd)
{
	struct row_event rec = { 0 };

	assert_int_equal(w_read(w, queue, &rec, sizeof(rec)), fd < 0 ? -EAGAIN : 24);
	if (fd >= 0)
		assert_int_equal(rec.id, fd);
}

ssize_t row_count(struct world *w, int fd, uint64_t *count)
{
	*count = 0;
	return w_read(w, fd, count, sizeof(*count));
}

ssize_t row_ack(struct world *w, int fd, uint64_t count)
{
	return w_write(w, fd, &count, sizeof(count));
}
