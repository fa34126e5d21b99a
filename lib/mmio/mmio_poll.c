/* SPDX-License-Identifier: MIT */
/* mmio_poll.c - wait for a register. */
#include "config.h"

#include "os/pace.h"
#include "mmio/mmio_window.h"
#include "pci/pci_dev.h"

static int check_poll(struct rb_mmio *m, uint64_t off, uint32_t mask, uint32_t want,
		      uint64_t timeout_us)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	int rc;

	if (!m)
		return rbi_fail(-EINVAL, "rb_mmio_poll32: NULL");
	rc = rbi_ctx_check(w->ctx, "rb_mmio_poll32");
	if (rc < 0)
		return rc;
	if (off % 4 != 0)
		return rbi_fail(-EINVAL, "rb_mmio_poll32: offset %#llx is not a multiple of 4",
				(unsigned long long)off);
	if ((want & ~mask) != 0)
		return rbi_fail(-EINVAL, "rb_mmio_poll32: %#x can never be, mask %#x", want, mask);
	if (timeout_us > RBI_PACE_TIMEOUT_MAX)
		return rbi_fail(-EINVAL, "rb_mmio_poll32: a time-out of %llu us is too long",
				(unsigned long long)timeout_us);
	if (w->size < 4 || off > w->size - 4)
		return rbi_fail(-ERANGE, "rb_mmio_poll32: %#llx is past the window's %#llx bytes",
				(unsigned long long)off, (unsigned long long)w->size);
	return rbi_pci_refuse_gone(w->dev);
}

static int timed_out(const struct rbi_mmio *w, uint64_t off, uint32_t val, uint32_t mask,
		     uint32_t want, uint64_t timeout_us)
{
	return rbi_fail(-ETIMEDOUT,
			"%s BAR%u register %#llx: %#x after %llu us, wanted %#x in mask %#x",
			rbi_pci_name(w->dev), w->bar, (unsigned long long)off, val,
			(unsigned long long)timeout_us, want, mask);
}

int rb_mmio_poll32(struct rb_mmio *m, uint64_t off, uint32_t mask, uint32_t want,
		   uint64_t timeout_us, uint32_t *last)
{
	struct rbi_mmio *w = rbi_mmio_of(m);
	struct rbi_pace pace;
	bool over, done;
	uint64_t val;
	int rc;

	rc = check_poll(m, off, mask, want, timeout_us);
	if (rc < 0)
		return rc;

	rbi_pace_start(&pace, w->ctx->sys, timeout_us);
	for (;;) {
		over = rbi_pace_is_over(&pace);
		rc = rbi_mmio_read(w, off, 4, &val);
		done = ((uint32_t)val & mask) == want;
		if (last)
			*last = (uint32_t)val;

		/* A removed device reads all-ones, which may be just what was wanted;
		 * asking it costs a round trip, so not between fast reads. */
		if (rc == 0 && (uint32_t)val == UINT32_MAX &&
		    (done || over || rbi_pace_is_slow(&pace)) && rbi_mmio_still_there(w) < 0)
			return -ENODEV;
		if (rc < 0)
			return rbi_fail(rc, "%s BAR%u register %#llx: %s", rbi_pci_name(w->dev),
					w->bar, (unsigned long long)off, rb_strerror(rc));
		if (done)
			return 0;
		if (over)
			return timed_out(w, off, (uint32_t)val, mask, want, timeout_us);
		rbi_pace_rest(&pace);
	}
}
