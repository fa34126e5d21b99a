/* SPDX-License-Identifier: MIT */
/*
 * os_vector.c - reserving message vectors (contract 2.3, probe 3).
 *
 * Redox counts and delivers by the number N alone, whatever the CPU (probe 3), so the
 * same N on two CPUs would be one interrupt for two devices: N counts as free only when
 * every CPU lists it, and this process remembers where it has its own.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/os_vector.h"

#define CPUS 256u

/* --- CPUs ----------------------------------------------------------------------------- */

/*
 * The boot processor: the only one whose number, local APIC id and directory are
 * known to agree (contract 2.4). The file writes 4 of the 8 bytes it answers.
 */
static int boot_cpu(struct rbi_os *os, unsigned int *cpu)
{
	uint64_t id = 0;
	int fd, rc;

	fd = rbi_os_open(os, "irq", "bsp", RBI_O_RDONLY);
	if (fd == -ENOENT)
		return rbi_fail(-ENOTSUP, "the irq scheme names no boot processor");
	if (fd < 0)
		return fd;

	rc = rbi_os_read_exact(os, fd, &id, sizeof(id), "/scheme/irq/bsp");
	rbi_os_close(os, fd);
	if (rc < 0)
		return rc;

	if (id > 0xff)
		return rbi_fail(-EPROTO, "the boot processor has the number %#llx",
				(unsigned long long)id);
	*cpu = (unsigned int)id;
	return 0;
}

/* The directories that the scheme lists, by the number in their names. */
struct cpus {
	bool is_listed[CPUS];
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly "cpu-XX": any other name of a CPU panics the kernel (probe 3). */
static int note_cpu(void *arg, const char *name)
{
	struct cpus *cpus = arg;
	int high, low;

	if (strncmp(name, "cpu-", 4) != 0 || strlen(name) != 6)
		return 0;
	high = hex_digit(name[4]);
	low = hex_digit(name[5]);
	if (high >= 0 && low >= 0)
		cpus->is_listed[high << 4 | low] = true;
	return 0;
}

/* --- numbers -------------------------------------------------------------------------- */

struct free_vectors {
	bool is_free[RBI_IRQ_N_MAX];
};

/* One entry of a cpu directory: decimal N as the kernel writes it. Legacy lines of the
 * boot processor must not be opened as vectors (contract 2.3); nothing else counts. */
static int note_vector(void *arg, const char *name)
{
	struct free_vectors *vectors = arg;
	unsigned int n = 0;
	size_t i;

	if (name[0] == '0' || name[0] == '\0')
		return 0;
	for (i = 0; name[i] != '\0'; i++) {
		if (name[i] < '0' || name[i] > '9' || i >= 3)
			return 0;
		n = n * 10 + (unsigned int)(name[i] - '0');
	}

	if (n >= RBI_IRQ_LEGACY && n < RBI_IRQ_N_MAX)
		vectors->is_free[n] = true;
	return 0;
}

static int list_cpu(struct rbi_os *os, unsigned int cpu, struct free_vectors *vectors)
{
	char directory[16];
	int rc;

	snprintf(directory, sizeof(directory), "cpu-%02x", cpu & 0xff);
	memset(vectors, 0, sizeof(*vectors));
	rc = rbi_os_list(os, "irq", directory, note_vector, vectors);
	if (rc == -ENOENT)
		return rbi_fail(-ENOTSUP, "the irq scheme has no directory %s", directory);
	return rc < 0 ? rc : 0;
}

/* The numbers that are free on every CPU. A snapshot: others reserve, too. */
static int list_free(struct rbi_os *os, const struct cpus *cpus, struct free_vectors *vectors)
{
	struct free_vectors one;
	unsigned int cpu, n;
	int rc;

	memset(vectors, 1, sizeof(*vectors));
	for (cpu = 0; cpu < CPUS; cpu++) {
		if (!cpus->is_listed[cpu])
			continue;
		rc = list_cpu(os, cpu, &one);
		if (rc < 0)
			return rc;
		for (n = 0; n < RBI_IRQ_N_MAX; n++)
			vectors->is_free[n] = vectors->is_free[n] && one.is_free[n];
	}
	return 0;
}

/* --- reserving ------------------------------------------------------------------------ */

/* What one opening has to work with; its pool is locked. */
struct search {
	struct rbi_os *os;
	struct rbi_vector_pool *pool;
	unsigned int cpu;
	bool is_chosen; /* by the caller */
	bool is_listed; /* vectors is filled */
	struct free_vectors vectors;
};

/* Creating the file reserves the vector, for good. -ENOENT: somebody else has it. */
static int reserve(struct search *s, unsigned int n, struct rbi_irq **out)
{
	struct rbi_irq *irq;
	char rest[32];
	int fd;

	/* First the memory: a vector that was reserved and not kept would be lost. */
	irq = rbi_alloc(1, sizeof(*irq));
	if (!irq)
		return rbi_no_memory("an interrupt vector");

	snprintf(rest, sizeof(rest), "cpu-%02x/%u", s->cpu & 0xff, n);
	fd = rbi_os_open(s->os, "irq", rest, RBI_O_RDWR | RBI_O_CREAT | RBI_O_EXCL);
	if (fd < 0)
		rbi_free(irq);
	if (fd == -EEXIST || fd == -ENOENT) {
		s->vectors.is_free[n] = false;
		return -ENOENT;
	}
	if (fd < 0)
		return fd;

	s->vectors.is_free[n] = false;
	s->pool->reserved_on[n] = (int16_t)s->cpu;
	irq->handle = fd;
	irq->n = n;
	irq->is_message = true;
	irq->cpu = s->cpu;
	*out = irq;
	return 0;
}

/* Fill in what is free, when vectors of the pool do not do. */
static int list_once(struct search *s)
{
	struct cpus cpus = { { false } };
	unsigned int n;
	int rc;

	if (s->is_listed)
		return 0;
	rc = rbi_os_list(s->os, "irq", "", note_cpu, &cpus);
	if (rc < 0)
		return rc;
	if (!cpus.is_listed[s->cpu & 0xff] || s->cpu >= CPUS)
		return rbi_fail(s->is_chosen ? -ENOENT : -ENOTSUP,
				"the irq scheme does not list cpu-%02x", s->cpu);
	rc = list_free(s->os, &cpus, &s->vectors);
	if (rc < 0)
		return rc;
	for (n = 0; n < RBI_IRQ_N_MAX; n++)
		if (s->pool->reserved_on[n] != RBI_ON_NO_CPU)
			s->vectors.is_free[n] = false;
	s->is_listed = true;
	return 0;
}

/* Any vector that is free. -ENOMEM: none is left. */
static int reserve_any(struct search *s, struct rbi_irq **out)
{
	unsigned int n;
	int rc;

	rc = list_once(s);
	if (rc < 0)
		return rc;
	for (n = RBI_IRQ_LEGACY; n < RBI_IRQ_N_MAX; n++) {
		rc = s->vectors.is_free[n] ? reserve(s, n, out) : -ENOENT;
		if (rc != -ENOENT)
			return rc;
	}
	return rbi_fail(-ENOMEM, "no interrupt vector is left on cpu-%02x", s->cpu);
}

/* --- sets ----------------------------------------------------------------------------- */

static void give_up(struct search *s, struct rbi_irq **irqs, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		rbi_vector_pool_add(s->pool, irqs[i]);
		irqs[i] = NULL;
	}
}

/* As many single vectors as there are, up to want->max: how many. */
static int open_singles(struct search *s, const struct rbi_irq_want *want, struct rbi_irq **out)
{
	unsigned int got;
	int rc = 0;

	for (got = 0; got < want->max; got++) {
		out[got] = rbi_vector_pool_take(s->pool, s->cpu);
		if (!out[got])
			rc = reserve_any(s, &out[got]);
		if (rc < 0)
			break;
	}
	if (got >= want->min && (rc == 0 || rc == -ENOMEM))
		return (int)got;
	give_up(s, out, got);
	return rc;
}

/* How many of [@first, @first + @count) the pool has; -1 when one of them is taken. */
static int block_in_pool(const struct search *s, unsigned int first, unsigned int count)
{
	unsigned int n;
	int have = 0;

	for (n = first; n < first + count; n++) {
		if (rbi_vector_pool_has(s->pool, s->cpu, n))
			have++;
		else if (!s->vectors.is_free[n])
			return -1;
	}
	return have;
}

/* Where a block costs the fewest new vectors, or 0: there is none. */
static unsigned int find_block(const struct search *s, unsigned int count)
{
	unsigned int first, best = 0;
	int have, most = -1;

	for (first = count > RBI_IRQ_LEGACY ? count : RBI_IRQ_LEGACY;
	     first + count <= RBI_IRQ_N_MAX; first += count) {
		have = block_in_pool(s, first, count);
		if (have > most) {
			most = have;
			best = first;
		}
	}
	return best;
}

/* 0, -ENOENT when somebody was faster, or another code. What was reserved stays ours. */
static int take_block(struct search *s, unsigned int first, unsigned int count,
		      struct rbi_irq **out)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < count; i++) {
		out[i] = rbi_vector_pool_take_n(s->pool, s->cpu, first + i);
		if (!out[i])
			rc = reserve(s, first + i, &out[i]);
		if (rc < 0)
			break;
	}
	if (rc < 0)
		give_up(s, out, i);
	return rc;
}

/* A block of @count: 0, -ENOENT when there is none, or another code. */
static int try_blocks(struct search *s, unsigned int count, struct rbi_irq **out)
{
	unsigned int first;
	int rc;

	/* Each round marks at least one number as taken, so there is an end. */
	while ((first = find_block(s, count)) != 0) {
		rc = take_block(s, first, count, out);
		if (rc != -ENOENT)
			return rc;
	}
	return -ENOENT;
}

/* The largest block of a power of two that there is: how many. */
static int open_block(struct search *s, const struct rbi_irq_want *want, struct rbi_irq **out)
{
	unsigned int count = 1;
	int rc;

	rc = list_once(s);
	if (rc < 0)
		return rc;
	while (count * 2 <= want->max)
		count *= 2;
	rc = -ENOENT;
	for (; count >= want->min; count /= 2) {
		rc = try_blocks(s, count, out);
		if (rc == 0)
			return (int)count;
		/* Out of descriptors, fewer may do; the pool has what was reserved. */
		if (rc != -ENOENT && rc != -ENOMEM)
			return rc;
	}
	return rc == -ENOMEM ? rc
			     : rbi_fail(-ENOMEM,
					"no block of %u interrupt vectors is left on cpu-%02x",
					want->min, s->cpu);
}

/* Which CPU: the caller's, or the boot processor, which is asked for once. */
static int choose_cpu(struct search *s, const struct rbi_irq_want *want)
{
	unsigned int cpu = 0;
	int rc;

	s->is_chosen = want->has_cpu;
	s->cpu = want->cpu;
	if (want->has_cpu)
		return 0;
	if (s->pool->boot_cpu == RBI_ON_NO_CPU) {
		rc = boot_cpu(s->os, &cpu);
		if (rc < 0)
			return rc;
		s->pool->boot_cpu = (int)cpu;
	}
	s->cpu = (unsigned int)s->pool->boot_cpu;
	return 0;
}

int rbi_irq_open_vectors(struct rbi_os *os, const struct rbi_irq_want *want, struct rbi_irq **out)
{
	struct search s = { .os = os };
	int rc;

	rc = rbi_vector_pool_join(os, &s.pool);
	if (rc < 0)
		return rc;

	pthread_mutex_lock(&s.pool->lock);
	rc = choose_cpu(&s, want);
	if (rc == 0)
		rc = want->is_block ? open_block(&s, want, out) : open_singles(&s, want, out);
	pthread_mutex_unlock(&s.pool->lock);
	return rc;
}
