/* SPDX-License-Identifier: MIT */
/*
 * sys_direct.c - the entries of the first waist that are no calls, for a world
 * whose mappings are plain memory: an instruction each, or nothing to route.
 */
#include "config.h"

#include <errno.h>

#include <rbdrv/dma.h>

#include "os/sys.h"

/* Every entry takes the world it stands in; this one has no state to look up. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

void rbi_direct_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out)
{
	*out = (struct rbi_window){ .direct = len };
}

int rbi_direct_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		       uint64_t *val)
{
	*val = UINT64_MAX;
	return -ENOTSUP;
}

int rbi_direct_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
			uint64_t val)
{
	return -ENOTSUP;
}

/* Port instructions need the iopl grant of contract 5, which nothing asks for yet. */
int rbi_direct_port_in(struct rbi_sys *s, uint16_t port, unsigned int width, uint32_t *val)
{
	*val = UINT32_MAX;
	return -ENOTSUP;
}

int rbi_direct_port_out(struct rbi_sys *s, uint16_t port, unsigned int width, uint32_t val)
{
	return -ENOTSUP;
}

void rbi_direct_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	RB_DMA_FENCE_PUBLISH();
}

void rbi_direct_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	RB_DMA_FENCE_OBSERVE();
}
