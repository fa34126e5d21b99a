/* SPDX-License-Identifier: MIT */
/* dma_limits.c - what a device demands of its memory: stated once, and then honoured. */
#include "config.h"

#include <string.h>

#include <rbdrv/pci_match.h>

#include "core/bits.h"
#include "core/options.h"
#include "dma/dma_dev.h"
#include "pci/pci_dev.h"

#define BITS_MIN 12 /* the second page: nothing is ever found in the first */

/* --- what makes sense ------------------------------------------------------------------- */

static int check_bits(const char *call, uint32_t addr_bits)
{
	if (addr_bits != 0 && (addr_bits < BITS_MIN || addr_bits > 64))
		return rbi_fail(-EINVAL, "%s: addr_bits %u is outside 12-64", call,
				(unsigned int)addr_bits);
	return 0;
}

static int check_power(const char *call, const char *what, uint64_t val)
{
	if (val != 0 && !rbi_is_power_of_two(val))
		return rbi_fail(-EINVAL, "%s: %s %#llx is no power of two", call, what,
				(unsigned long long)val);
	return 0;
}

/* A segment that may not be as long as it is aligned could only be the last one. */
static int check_room(const struct rb_dma_limits *l)
{
	static const char call[] = "rb_dma_set_limits";

	if (l->align > RB_DMA_MAX)
		return rbi_fail(-EINVAL, "%s: align %#llx is above %#llx", call,
				(unsigned long long)l->align, (unsigned long long)RB_DMA_MAX);
	if (l->boundary != 0 && l->boundary < l->align)
		return rbi_fail(-EINVAL, "%s: boundary %#llx is below align %#llx", call,
				(unsigned long long)l->boundary, (unsigned long long)l->align);
	if (l->segment_max != 0 && l->segment_max < l->align)
		return rbi_fail(-EINVAL, "%s: segment_max %#llx is below align %#llx", call,
				(unsigned long long)l->segment_max, (unsigned long long)l->align);
	return 0;
}

static int check_limits(const struct rb_dma_limits *l)
{
	static const char call[] = "rb_dma_set_limits";
	int rc;

	rc = check_bits(call, l->addr_bits);
	if (rc == 0)
		rc = check_power(call, "align", l->align);
	if (rc == 0)
		rc = check_power(call, "boundary", l->boundary);
	if (rc == 0)
		rc = check_room(l);
	if (rc == 0 && (l->flags & ~RB_DMA_CHECK) != 0)
		rc = rbi_fail(-EINVAL, "%s: flags %#x are not all known", call,
			      (unsigned int)l->flags);
	return rc;
}

/* --- stated ----------------------------------------------------------------------------- */

int rb_dma_set_limits(struct rb_pci_dev *dev, const struct rb_dma_limits *limits)
{
	struct rb_dma_limits l;
	struct rbi_dma_dev *d;
	uint64_t objects;
	int rc;

	if (!limits)
		return rbi_fail(-EINVAL, "rb_dma_set_limits: NULL");
	rc = rbi_dma_dev(dev, "rb_dma_set_limits", &d);
	if (rc == 0)
		rc = rbi_options_copy(&l, sizeof(l), limits, "struct rb_dma_limits");
	if (rc == 0)
		rc = check_limits(&l);
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&d->lock);
	objects = d->objects;
	if (objects == 0)
		d->limits = l;
	pthread_mutex_unlock(&d->lock);
	if (objects > 0)
		return rbi_fail(-EBUSY, "rb_dma_set_limits: %s has %llu live DMA objects",
				rbi_pci_name(dev), (unsigned long long)objects);
	return 0;
}

/* --- honoured --------------------------------------------------------------------------- */

void rbi_dma_limits(struct rbi_dma_dev *d, struct rb_dma_limits *out)
{
	pthread_mutex_lock(&d->lock);
	*out = d->limits;
	pthread_mutex_unlock(&d->lock);

	if (out->addr_bits == 0)
		out->addr_bits = 64;
	/* what the device cannot reach, whatever its driver believes */
	if ((rbi_pci_quirks(d->dev) & RB_PCI_QUIRK_DMA_32BIT_ONLY) && out->addr_bits > 32)
		out->addr_bits = 32;
	if (out->align == 0)
		out->align = 1;
	if (out->segments == 0 || out->segments > RB_DMA_SEGMENTS_MAX)
		out->segments = RB_DMA_SEGMENTS_MAX;
	if (out->segment_max == 0)
		out->segment_max = UINT64_MAX;
	else /* so that the next one is aligned */
		out->segment_max -= out->segment_max % out->align;
}

int rbi_dma_check_segments(const struct rb_dma_limits *limits, const char *what, uint64_t len)
{
	uint64_t most = limits->segment_max;

	if (limits->boundary != 0 && limits->boundary < most)
		most = limits->boundary;
	if (len <= most || (len - 1) / most < RB_DMA_SEGMENTS_MAX)
		return 0;
	return rbi_fail(-ENOMEM,
			"%s: %llu bytes are %llu segments of at most %llu bytes (segment_max %#llx, "
			"boundary %#llx): %u is the limit",
			what, (unsigned long long)len, (unsigned long long)((len - 1) / most + 1),
			(unsigned long long)most, (unsigned long long)limits->segment_max,
			(unsigned long long)limits->boundary, (unsigned int)RB_DMA_SEGMENTS_MAX);
}

int rb_dma_get_limits(struct rb_pci_dev *dev, struct rb_dma_limits *out)
{
	struct rb_dma_limits l;
	struct rbi_dma_dev *d;
	int rc;

	if (!out || out->size < sizeof(out->size))
		return rbi_fail(-EINVAL, "rb_dma_get_limits: no struct, or one without a size");
	rc = rbi_dma_dev(dev, "rb_dma_get_limits", &d);
	if (rc < 0)
		return rc;
	rbi_dma_limits(d, &l);
	l.size = out->size;
	memcpy(out, &l, out->size < sizeof(l) ? out->size : sizeof(l));
	return 0;
}

int rbi_dma_tighten(struct rb_dma_limits *limits, const char *call, uint32_t addr_bits,
		    uint64_t align, uint64_t boundary)
{
	int rc;

	rc = check_bits(call, addr_bits);
	if (rc == 0)
		rc = check_power(call, "align", align);
	if (rc == 0)
		rc = check_power(call, "boundary", boundary);
	if (rc == 0 && boundary != 0 && boundary < limits->align)
		rc = rbi_fail(-EINVAL, "%s: boundary %#llx is below the device's align %#llx", call,
			      (unsigned long long)boundary, (unsigned long long)limits->align);
	if (rc < 0)
		return rc;

	if (addr_bits != 0 && addr_bits < limits->addr_bits)
		limits->addr_bits = addr_bits;
	if (align > limits->align)
		limits->align = align;
	if (boundary != 0 && (limits->boundary == 0 || boundary < limits->boundary))
		limits->boundary = boundary;
	return 0;
}
