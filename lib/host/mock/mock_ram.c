/* SPDX-License-Identifier: MIT */
/*
 * mock_ram.c - the RAM arena.
 *
 * It is address space only: frames get memory when hosted Redox hands them out,
 * and devices see their own copy of it (mock_dma.c).
 */
#include <sys/mman.h>

#include "host/mock/mock_machine.h"

bool rbi_mock_op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len)
{
	(void)m;
	if (len == 0 || phys >= MOCK_RAM_BASE + MOCK_RAM_SIZE)
		return false;
	return phys >= MOCK_RAM_BASE || len > MOCK_RAM_BASE - phys;
}

size_t rbi_mock_op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max)
{
	(void)m;
	if (max > 0) {
		ram->base = MOCK_RAM_BASE;
		ram->size = MOCK_RAM_SIZE;
	}
	return 1;
}

static bool in_arena(uint64_t phys, uint64_t len)
{
	return len > 0 && phys >= MOCK_RAM_BASE && len <= MOCK_RAM_SIZE &&
	       phys - MOCK_RAM_BASE <= MOCK_RAM_SIZE - len;
}

int rbi_mock_op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu)
{
	void *p;

	(void)m;
	*cpu = NULL;
	if (!in_arena(phys, len))
		return rbi_fail(-ERANGE, "mock: %llu bytes at %#llx are not in RAM",
				(unsigned long long)len, (unsigned long long)phys);
	p = mmap(NULL, (size_t)len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return rbi_no_memory("RAM of the mock");
	if (madvise(p, (size_t)len, MADV_DONTFORK) < 0) {
		munmap(p, (size_t)len);
		return rbi_fail(-EIO, "mock: RAM cannot be kept from a child of fork()");
	}
	*cpu = p;
	return 0;
}

void rbi_mock_op_ram_unmap(struct rbi_machine *m, uint64_t phys, uint64_t len, void *cpu)
{
	(void)m;
	(void)phys;
	munmap(cpu, (size_t)len);
}
