/* SPDX-License-Identifier: MIT */
/*
 * host_touch.c - the entries for memory and for what Redox does with an
 * instruction: mappings, routed accesses, DMA bytes, time.
 */
#include "config.h"

#include "core/bits.h"
#include "host/host_entry.h"
#include "host/host_map.h"

/* --- memory -------------------------------------------------------------------------- */

int rbi_hosted_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
		    uint64_t off, void **base)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	struct rbi_file *f;
	void *place = *base;
	int rc = rbi_hosted_enter(h);

	*base = NULL;
	if (rc < 0)
		return rc;
	f = rbi_hosted_hold(h, fd);
	if (!f)
		return -EBADF;

	if (flags & RBI_MAP_FIXED)
		*base = place;
	if (len == 0 || len > SIZE_MAX - (RBI_PAGE - 1)) /* relibc (contract 0.3) */
		rc = -EINVAL;
	else
		rc = f->ops->mmap(h, f, (size_t)rbi_round_up(len, RBI_PAGE), prot, flags, off,
				  base);
	if (rc < 0)
		*base = NULL;
	rbi_hosted_let_go(h, f);
	return rc;
}

int rbi_hosted_munmap(struct rbi_sys *s, void *base, size_t len)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	int rc;

	if (!rbi_hosted_is_ours(h))
		return -ENODEV;
	pthread_mutex_lock(&h->lock);
	rc = rbi_hosted_memory_munmap(h, base, len);
	pthread_mutex_unlock(&h->lock);
	return rc;
}

int rbi_hosted_reserve(struct rbi_sys *s, size_t len, unsigned int flags, void **base)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	void *place = flags & (RBI_MAP_FIXED | RBI_MAP_NOREPLACE) ? *base : NULL;
	int rc = rbi_hosted_enter(h);

	*base = NULL;
	if (rc < 0)
		return rc;
	*base = place;
	if (len == 0 || len > SIZE_MAX - (RBI_PAGE - 1))
		rc = -EINVAL;
	else
		rc = rbi_hosted_memory_reserve(h, rbi_round_up(len, RBI_PAGE), flags, base);
	if (rc < 0)
		*base = NULL;
	rbi_hosted_leave(h);
	return rc;
}

void rbi_hosted_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	*out = (struct rbi_window){ 0 };
	if (rbi_hosted_enter(h) < 0)
		return;
	rbi_hosted_memory_window(h, base, len, out);
	rbi_hosted_leave(h);
}

static int locate(struct rbi_hosted *h, uint64_t route, uint64_t off, unsigned int width,
		  bool write, uint64_t *phys)
{
	int rc = rbi_hosted_enter(h);

	if (rc < 0)
		return rc;
	rc = rbi_hosted_memory_route(h, route, off, width, write, phys);
	rbi_hosted_leave(h);
	return rc;
}

int rbi_hosted_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		       uint64_t *val)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	uint64_t phys;
	int rc;

	rc = locate(h, route, off, width, false, &phys);
	if (rc == 0)
		rc = h->machine->ops->mem_read(h->machine, phys, width, val);
	if (rc < 0)
		*val = width == 0 ? UINT64_MAX : rbi_ones(width);
	return rc == RBI_MEM_ENDS_LOOP ? RBI_ENDS_LOOP : rc;
}

int rbi_hosted_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			uint64_t val)
{
	struct rbi_hosted *h = rbi_hosted_of(s);
	uint64_t phys;
	int rc;

	rc = locate(h, route, off, width, true, &phys);
	return rc < 0 ? rc : h->machine->ops->mem_write(h->machine, phys, width, val);
}

void rbi_hosted_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	if (rbi_hosted_is_alive(h))
		h->machine->ops->dma_publish(h->machine, shadow, off, len);
}

void rbi_hosted_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	if (rbi_hosted_is_alive(h))
		h->machine->ops->dma_observe(h->machine, shadow, off, len);
}

void rbi_hosted_dma_note(struct rbi_sys *s, const struct rbi_dma_note *note)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	if (rbi_hosted_is_alive(h))
		h->machine->ops->dma_note(h->machine, note);
}

void rbi_hosted_misuse(struct rbi_sys *s, const char *sentence)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	if (rbi_hosted_is_ours(h))
		h->machine->ops->violation(h->machine, sentence);
}

/* --- time ---------------------------------------------------------------------------- */

int64_t rbi_hosted_clock(struct rbi_sys *s)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	return rbi_hosted_is_alive(h) ? h->machine->ops->clock(h->machine) : 0;
}

void rbi_hosted_delay(struct rbi_sys *s, uint64_t ns)
{
	struct rbi_hosted *h = rbi_hosted_of(s);

	if (rbi_hosted_is_alive(h))
		h->machine->ops->delay(h->machine, ns);
}
