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

/* --- ports ------------------------------------------------------------------------ */

/* Only Redox has the grant of contract 5; elsewhere the instruction is a fault. */
#if defined(__redox__) && (defined(__x86_64__) || defined(__i386__))

static int check_port(uint32_t port, unsigned int width)
{
	if (width != 1 && width != 2 && width != 4)
		return -EINVAL;
	if (port > RBI_PORTS - width)
		return -ERANGE;
	return port % width == 0 ? 0 : -EINVAL;
}

/* The clobber keeps accesses to memory and registers on their side of the instruction. */
int rbi_direct_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val)
{
	int rc = check_port(port, width);

	*val = UINT32_MAX;
	if (rc < 0)
		return rc;
	if (width == 1)
		__asm__ volatile("inb %w1, %b0" : "+a"(*val) : "d"(port) : "memory");
	else if (width == 2)
		__asm__ volatile("inw %w1, %w0" : "+a"(*val) : "d"(port) : "memory");
	else
		__asm__ volatile("inl %w1, %0" : "=a"(*val) : "d"(port) : "memory");
	return 0;
}

int rbi_direct_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val)
{
	int rc = check_port(port, width);

	if (rc < 0)
		return rc;
	if (width == 1)
		__asm__ volatile("outb %b0, %w1" : : "a"(val), "d"(port) : "memory");
	else if (width == 2)
		__asm__ volatile("outw %w0, %w1" : : "a"(val), "d"(port) : "memory");
	else
		__asm__ volatile("outl %0, %w1" : : "a"(val), "d"(port) : "memory");
	return 0;
}

#else

int rbi_direct_port_in(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t *val)
{
	*val = UINT32_MAX;
	return -ENOTSUP;
}

int rbi_direct_port_out(struct rbi_sys *s, uint32_t port, unsigned int width, uint32_t val)
{
	return -ENOTSUP;
}

#endif

void rbi_direct_dma_publish(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	RB_DMA_FENCE_PUBLISH();
}

void rbi_direct_dma_observe(struct rbi_sys *s, uint32_t shadow, uint64_t off, uint64_t len)
{
	RB_DMA_FENCE_OBSERVE();
}

void rbi_direct_dma_note(struct rbi_sys *s, const struct rbi_dma_note *note)
{
}

void rbi_direct_misuse(struct rbi_sys *s, const char *sentence)
{
}
