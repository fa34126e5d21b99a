/* SPDX-License-Identifier: MIT */
/*
 * os_vector.c - message vectors: reserving them, and the pool that keeps them.
 *
 * Redox reserves a vector for whoever creates cpu-XX/N and keeps it reserved until
 * the machine is switched off (contract 2.3, probe 3). A pool of the process
 * therefore lives as long as the process; a hosted Redox ends with its context.
 */
#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/os_vector.h"

/*
 * Pools of the process stand in a list that only grows, so it needs no lock that a
 * fork() could leave held; a child skips its parent's pools, whose handles share
 * their state with the parent's.
 */
struct rbi_vector_pool {
	struct rbi_vector_pool *next;
	char *root; /* of a pool of the process; NULL in one that a context owns */
	long pid;
	pthread_mutex_t lock;
	struct rbi_irq *head;
};

static _Atomic(struct rbi_vector_pool *) process_pools;

/* --- pools -------------------------------------------------------------------------- */

static void pool_free(struct rbi_vector_pool *pool)
{
	pthread_mutex_destroy(&pool->lock);
	rbi_free(pool->root);
	rbi_free(pool);
}

static int pool_new(const char *root, struct rbi_vector_pool **out)
{
	struct rbi_vector_pool *pool;
	int rc;

	pool = rbi_alloc(1, sizeof(*pool));
	if (!pool)
		return rbi_no_memory("a pool of vectors");

	rc = pthread_mutex_init(&pool->lock, NULL);
	if (rc != 0) {
		rbi_free(pool);
		return rbi_os_fail(-rc, "lock of a pool of vectors");
	}

	if (root) {
		pool->root = rbi_strdup(root);
		if (!pool->root) {
			pool_free(pool);
			return rbi_no_memory("a pool of vectors");
		}
	}

	pool->pid = (long)getpid();
	*out = pool;
	return 0;
}

static struct rbi_vector_pool *find_process_pool(const char *root)
{
	struct rbi_vector_pool *pool;
	long pid = (long)getpid();

	for (pool = atomic_load(&process_pools); pool != NULL; pool = pool->next)
		if (pool->pid == pid && strcmp(pool->root, root) == 0)
			return pool;
	return NULL;
}

static int process_pool(const char *root, struct rbi_vector_pool **out)
{
	struct rbi_vector_pool *pool;
	int rc;

	*out = find_process_pool(root);
	if (*out)
		return 0;

	rc = pool_new(root, &pool);
	if (rc < 0)
		return rc;

	pool->next = atomic_load(&process_pools);
	for (;;) {
		/* Another thread may have been first. */
		*out = find_process_pool(root);
		if (*out) {
			pool_free(pool);
			return 0;
		}
		if (atomic_compare_exchange_weak(&process_pools, &pool->next, pool))
			break;
	}

	*out = pool;
	return 0;
}

int rbi_vector_pool_join(struct rbi_os *os, struct rbi_vector_pool **out)
{
	struct rbi_vector_pool *mine, *none = NULL;
	const char *root = os->root != NULL ? os->root : "";
	int rc;

	*out = atomic_load(&os->pool);
	if (*out)
		return 0;

	if (strcmp(os->sys->name, "redox") == 0) {
		rc = process_pool(root, out);
		if (rc == 0)
			atomic_store(&os->pool, *out);
		return rc;
	}

	rc = pool_new(NULL, &mine);
	if (rc < 0)
		return rc;
	if (!atomic_compare_exchange_strong(&os->pool, &none, mine)) {
		pool_free(mine);
		mine = none;
	}
	*out = mine;
	return 0;
}

void rbi_vector_pool_leave(struct rbi_os *os)
{
	struct rbi_vector_pool *pool = atomic_exchange(&os->pool, NULL);
	struct rbi_irq *irq;
	bool ours;

	if (pool == NULL || pool->root != NULL)
		return;

	/* In a child of fork() the handles are the parent's. */
	ours = pool->pid == (long)getpid();
	while ((irq = pool->head) != NULL) {
		pool->head = irq->next;
		if (ours)
			rbi_os_close(os, irq->handle);
		rbi_free(irq);
	}
	pool_free(pool);
}

struct rbi_irq *rbi_vector_pool_take(struct rbi_vector_pool *pool)
{
	struct rbi_irq *irq;

	pthread_mutex_lock(&pool->lock);
	irq = pool->head;
	if (irq) {
		pool->head = irq->next;
		irq->next = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	return irq;
}

void rbi_vector_pool_put(struct rbi_vector_pool *pool, struct rbi_irq *irq)
{
	pthread_mutex_lock(&pool->lock);
	irq->next = pool->head;
	pool->head = irq;
	pthread_mutex_unlock(&pool->lock);
}

/* --- reserving ------------------------------------------------------------------------ */

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

static int is_name(void *arg, const char *name)
{
	return strcmp(arg, name) == 0;
}

/*
 * "cpu-XX", if the listing of the scheme shows exactly that: any other name of a CPU
 * panics the kernel (probe 3).
 */
static int cpu_directory(struct rbi_os *os, unsigned int cpu, char *name, size_t size)
{
	int rc;

	snprintf(name, size, "cpu-%02x", cpu & 0xff);
	rc = rbi_os_list(os, "irq", "", is_name, name);
	if (rc == 0)
		return rbi_fail(-ENOTSUP, "the irq scheme does not list %s", name);
	return rc < 0 ? rc : 0;
}

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

/* Creating the file reserves the vector. The listing is a snapshot, so somebody else
 * may have been faster. */
static int reserve(struct rbi_os *os, const char *directory, unsigned int n)
{
	char rest[32];

	snprintf(rest, sizeof(rest), "%s/%u", directory, n);
	return rbi_os_open(os, "irq", rest, RBI_O_RDWR | RBI_O_CREAT | RBI_O_EXCL);
}

static int reserve_any(struct rbi_os *os, const char *directory, struct rbi_irq *irq)
{
	struct free_vectors vectors;
	unsigned int n;
	int rc;

	memset(&vectors, 0, sizeof(vectors));
	rc = rbi_os_list(os, "irq", directory, note_vector, &vectors);
	if (rc == -ENOENT)
		return rbi_fail(-ENOTSUP, "the irq scheme has no directory %s", directory);
	if (rc < 0)
		return rc;

	for (n = RBI_IRQ_LEGACY; n < RBI_IRQ_N_MAX; n++) {
		if (!vectors.is_free[n])
			continue;
		rc = reserve(os, directory, n);
		if (rc == -EEXIST || rc == -ENOENT)
			continue;
		if (rc < 0)
			return rc;
		irq->handle = rc;
		irq->n = n;
		return 0;
	}
	return rbi_fail(-ENOMEM, "no interrupt vector is left on %s", directory);
}

int rbi_vector_open_new(struct rbi_os *os, struct rbi_irq **out)
{
	struct rbi_irq *irq;
	char directory[16];
	unsigned int cpu = 0;
	int rc;

	rc = boot_cpu(os, &cpu);
	if (rc < 0)
		return rc;
	rc = cpu_directory(os, cpu, directory, sizeof(directory));
	if (rc < 0)
		return rc;

	/* First the memory: a vector that was reserved and not kept would be lost. */
	irq = rbi_alloc(1, sizeof(*irq));
	if (!irq)
		return rbi_no_memory("an interrupt vector");

	rc = reserve_any(os, directory, irq);
	if (rc < 0) {
		rbi_free(irq);
		return rc;
	}

	irq->is_message = true;
	irq->cpu = cpu;
	*out = irq;
	return 0;
}
