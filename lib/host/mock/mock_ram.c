/* SPDX-License-Identifier: MIT */
/*
 * mock_ram.c - the RAM arena: a stretch at 16 MiB, and another at 4 GiB for machines
 * that have memory which not every device reaches.
 *
 * It is address space only: frames get memory when hosted Redox hands them out,
 * and devices see their own copy of it (mock_dma_buf.c).
 */
#include <sys/mman.h>

#include "host/mock/mock_machine.h"

int rbi_mock_ram_init(struct mock *mock, const struct rbi_spec *spec)
{
	uint64_t low = MOCK_RAM_MIB, high = 0;
	int rc;

	rc = rbi_spec_number(spec, "ram", 0, MOCK_RAM_MIB_MAX, &low);
	if (rc == 0)
		rc = rbi_spec_number(spec, "ram_high", 0, MOCK_HIGH_MIB_MAX, &high);
	if (rc < 0)
		return rc;

	if (low > 0)
		mock->ram[mock->nram++] = (struct rbi_ram){ MOCK_RAM_BASE, low << 20 };
	if (high > 0) {
		mock->ram[mock->nram++] = (struct rbi_ram){ MOCK_HIGH_BASE, high << 20 };
		/* large BARs begin behind it */
		mock->pools[MOCK_POOL_MEM64].next =
			rbi_round_up(MOCK_HIGH_BASE + (high << 20), MOCK_HIGH_BASE);
	}
	return 0;
}

bool rbi_mock_op_is_ram(struct rbi_machine *m, uint64_t phys, uint64_t len)
{
	const struct mock *mock = mock_of(m);
	size_t i;

	for (i = 0; i < mock->nram && len > 0; i++) {
		const struct rbi_ram *ram = &mock->ram[i];

		if (phys < ram->base + ram->size && (phys >= ram->base || len > ram->base - phys))
			return true;
	}
	return false;
}

size_t rbi_mock_op_ram(struct rbi_machine *m, struct rbi_ram *ram, size_t max)
{
	const struct mock *mock = mock_of(m);
	size_t i;

	for (i = 0; i < mock->nram && i < max; i++)
		ram[i] = mock->ram[i];
	return mock->nram;
}

const struct rbi_ram *rbi_mock_ram_at(const struct mock *mock, uint64_t phys, uint64_t len)
{
	size_t i;

	for (i = 0; i < mock->nram && len > 0; i++) {
		const struct rbi_ram *ram = &mock->ram[i];

		if (phys >= ram->base && len <= ram->size && phys - ram->base <= ram->size - len)
			return ram;
	}
	return NULL;
}

int rbi_mock_op_ram_map(struct rbi_machine *m, uint64_t phys, uint64_t len, void **cpu)
{
	void *p;

	*cpu = NULL;
	if (!rbi_mock_ram_at(mock_of(m), phys, len))
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
	if (cpu)
		munmap(cpu, (size_t)len);
}
