/* SPDX-License-Identifier: MIT */
/* os_irq.c - the irq scheme (contract 2, probe 3); the pool of vectors is os_vector.c. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/os_irq.h"
#include "os/os_vector.h"

#define MSI_ADDRESS    0xfee00000u /* local APICs (contract 2.7) */
#define MSI_APIC_SHIFT 12
#define APIC_MAX       255u

struct rbi_irq_fds {
	pthread_mutex_t lock;
	struct rbi_irq_fd *head;
};

int rbi_os_irq_init(struct rbi_os *os)
{
	struct rbi_irq_fds *fds;
	int rc;

	fds = rbi_alloc(1, sizeof(*fds));
	if (!fds)
		return rbi_no_memory("an interrupt registry");

	rc = pthread_mutex_init(&fds->lock, NULL);
	if (rc != 0) {
		rbi_free(fds);
		return rbi_os_fail(-rc, "lock of the interrupt registry");
	}

	os->irq_fds = fds;
	return 0;
}

void rbi_os_irq_end(struct rbi_os *os)
{
	rbi_vector_pool_leave(os);
	if (!os->irq_fds)
		return;
	pthread_mutex_destroy(&os->irq_fds->lock);
	rbi_free(os->irq_fds);
	os->irq_fds = NULL;
}

int rbi_msi_compose(unsigned int apic, unsigned int n, struct rbi_msi_message *out)
{
	if (apic > APIC_MAX)
		return rbi_fail(-EINVAL, "no message reaches a CPU with APIC id %u", apic);
	if (n < RBI_IRQ_LEGACY || n >= RBI_IRQ_N_MAX)
		return rbi_fail(-EINVAL, "interrupt number %u is no message vector", n);

	out->addr = MSI_ADDRESS | (uint64_t)apic << MSI_APIC_SHIFT;
	out->data = n + RBI_IRQ_IDT_BASE;
	return 0;
}

int rbi_irq_open_line(struct rbi_os *os, unsigned int n, struct rbi_irq **out)
{
	struct rbi_irq *irq;
	char rest[16];
	int fd;

	*out = NULL;
	if (n >= RBI_IRQ_LEGACY)
		return rbi_fail(-ENOTSUP, "interrupt line %u cannot be opened: Redox routes 0-15",
				n);

	irq = rbi_alloc(1, sizeof(*irq));
	if (!irq)
		return rbi_no_memory("an interrupt line");

	snprintf(rest, sizeof(rest), "%u", n);
	fd = rbi_os_open(os, "irq", rest, RBI_O_RDWR);
	if (fd < 0) {
		rbi_free(irq);
		if (fd == -ENOENT)
			return rbi_fail(-ENOTSUP, "the irq scheme has no line %u", n);
		return fd;
	}

	irq->handle = fd;
	irq->n = n;
	*out = irq;
	return 0;
}

void rbi_irq_release(struct rbi_os *os, struct rbi_irq *irq, bool is_silent)
{
	if (!irq)
		return;
	if (irq->is_message && is_silent) {
		rbi_vector_pool_put(os->pool, irq);
		return;
	}
	rbi_os_close(os, irq->handle);
	rbi_free(irq);
}

void rbi_irq_forget(struct rbi_irq *irq)
{
	rbi_free(irq);
}

int rbi_irq_read(struct rbi_os *os, const struct rbi_irq *irq, uint64_t *total)
{
	uint64_t value = 0;
	unsigned int tries = 0;
	ssize_t n;

	do
		n = os->sys->ops->read(os->sys, irq->handle, &value, sizeof(value));
	while (rbi_os_interrupted(n, &tries));

	if (n == 0)
		return 0;
	if (n == (ssize_t)sizeof(value)) {
		*total = value;
		return 1;
	}
	if (n < 0)
		return rbi_os_fail((int)n, "reading interrupt %u", irq->n);
	return rbi_fail(-EPROTO, "reading interrupt %u answered %zd bytes, not 0 or 8", irq->n, n);
}

int rbi_irq_give_back(struct rbi_os *os, const struct rbi_irq *irq, uint64_t total)
{
	unsigned int tries = 0;
	ssize_t n;

	do
		n = os->sys->ops->write(os->sys, irq->handle, &total, sizeof(total));
	while (rbi_os_interrupted(n, &tries));

	if (n == 0)
		return 0;
	if (n == (ssize_t)sizeof(total))
		return 1;
	if (n < 0)
		return rbi_os_fail((int)n, "acknowledging interrupt %u", irq->n);
	return rbi_fail(-EPROTO, "acknowledging interrupt %u answered %zd bytes, not 0 or 8",
			irq->n, n);
}

void rbi_irq_fd_add(struct rbi_os *os, struct rbi_irq_fd *entry)
{
	struct rbi_irq_fds *fds = os->irq_fds;

	pthread_mutex_lock(&fds->lock);
	entry->next = fds->head;
	fds->head = entry;
	pthread_mutex_unlock(&fds->lock);
}

void rbi_irq_fd_del(struct rbi_os *os, struct rbi_irq_fd *entry)
{
	struct rbi_irq_fds *fds = os->irq_fds;
	struct rbi_irq_fd **at;

	pthread_mutex_lock(&fds->lock);
	for (at = &fds->head; *at != NULL; at = &(*at)->next) {
		if (*at == entry) {
			*at = entry->next;
			break;
		}
	}
	pthread_mutex_unlock(&fds->lock);
}

const struct rbi_irq *rbi_irq_fd_find(struct rbi_os *os, int fd)
{
	struct rbi_irq_fds *fds = os->irq_fds;
	const struct rbi_irq *irq = NULL;
	struct rbi_irq_fd *entry;

	pthread_mutex_lock(&fds->lock);
	for (entry = fds->head; entry != NULL; entry = entry->next) {
		if (entry->fd == fd) {
			irq = entry->irq;
			break;
		}
	}
	pthread_mutex_unlock(&fds->lock);
	return irq;
}
