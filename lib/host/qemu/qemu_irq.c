/* SPDX-License-Identifier: MIT */
/*
 * qemu_irq.c - interrupts: levels of I/O APIC inputs, and messages as eventfds.
 *
 * QEMU reports edges of each input (GSI), several devices on one input as one. PCI
 * devices reach inputs 16-23, which Redox does not route (contract 2.8), so the
 * machine plays a board that wires them to the legal lines 5, 9, 10 and 11.
 *
 * A message goes to the doorbell of ivshmem instead of the local APIC; its data,
 * the IDT vector, picks the eventfd there (qemu-notes 3.2).
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/qemu.h"

#define FIRST_GSI_OF_PCI 16
#define FIRST_VECTOR	 (RBI_IRQ_LINES + RBI_IRQ_VECTOR_BASE) /* below: lines and exceptions */
#define MSG_INDEX_MAX	 2048 /* vectors of one MSI-X table */

/* --- life -------------------------------------------------------------------------------- */

static int make_fd(int *fd)
{
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		return rbi_fail(-ENOMEM, "no eventfd for an interrupt: errno %d", errno);
	return 0;
}

int rbi_qemu_irq_init(struct rbi_qemu *q)
{
	unsigned int i;
	int rc = 0;

	q->irq.vector = rbi_alloc(q->opt.vectors, sizeof(*q->irq.vector));
	if (!q->irq.vector)
		return rbi_no_memory("interrupt vectors");
	q->irq.nvectors = q->opt.vectors;
	for (i = 0; i < q->irq.nvectors; i++)
		q->irq.vector[i] = -1;

	for (i = 0; i < RBI_IRQ_LINES && rc == 0; i++)
		rc = make_fd(&q->irq.line[i].fd);
	for (i = FIRST_VECTOR; i < q->irq.nvectors && rc == 0; i++)
		rc = make_fd(&q->irq.vector[i]);
	/* The device wants one for every vector; nobody listens to these. */
	if (rc == 0)
		rc = make_fd(&q->irq.vector[0]);
	for (i = 1; i < FIRST_VECTOR; i++)
		q->irq.vector[i] = q->irq.vector[0];
	return rc;
}

void rbi_qemu_irq_destroy(struct rbi_qemu *q)
{
	unsigned int i;

	for (i = 0; i < RBI_IRQ_LINES; i++) {
		if (q->irq.line[i].fd >= 0)
			close(q->irq.line[i].fd);
	}
	for (i = 0; i < q->irq.nvectors; i++) {
		if (q->irq.vector[i] >= 0 && (i == 0 || i >= FIRST_VECTOR))
			close(q->irq.vector[i]);
	}
	rbi_free(q->irq.vector);
	rbi_free(q->irq.msg);
}

/* --- lines ------------------------------------------------------------------------------- */

unsigned int rbi_qemu_line_of_gsi(unsigned int gsi)
{
	static const unsigned char legal[4] = { 5, 9, 10, 11 };

	return gsi < FIRST_GSI_OF_PCI ? gsi : legal[gsi % 4];
}

static void signal_fd(int fd)
{
	uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
}

static uint64_t empty_fd(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n) ? n : 0;
}

static void fire_if_due(struct rbi_qemu_line *line)
{
	if (!line->raised || line->masked)
		return;
	line->count++;
	line->masked = true;
	signal_fd(line->fd);
}

void rbi_qemu_irq_level(struct rbi_qemu *q, unsigned int gsi, bool level)
{
	struct rbi_qemu_line *line;

	if (gsi >= QEMU_GSIS)
		return;
	line = &q->irq.line[rbi_qemu_line_of_gsi(gsi)];
	if (level)
		line->raised |= UINT32_C(1) << gsi;
	else
		line->raised &= ~(UINT32_C(1) << gsi);
	fire_if_due(line);
}

/* --- operations -------------------------------------------------------------------------- */

unsigned int rbi_qemu_op_irq_count(struct rbi_machine *m)
{
	return rbi_qemu_of(m)->irq.nvectors - RBI_IRQ_VECTOR_BASE;
}

static int no_such_irq(struct rbi_machine *m, unsigned int n)
{
	return rbi_fail(-ENOENT, "there is no interrupt %u; this machine has %u", n,
			rbi_qemu_op_irq_count(m));
}

int rbi_qemu_op_irq_fd(struct rbi_machine *m, unsigned int n)
{
	struct rbi_qemu *q = rbi_qemu_of(m);

	if (n >= rbi_qemu_op_irq_count(m))
		return no_such_irq(m, n);
	return n < RBI_IRQ_LINES ? q->irq.line[n].fd : q->irq.vector[n + RBI_IRQ_VECTOR_BASE];
}

/* Both below: posted writes may have quieted or rung a device, so they go first. A
 * dead machine has no new interrupts, but those that came can be taken. */

int rbi_qemu_op_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	struct rbi_qemu_line *line;
	int rc;

	*count = 0;
	if (n >= rbi_qemu_op_irq_count(m))
		return no_such_irq(m, n);

	rbi_qtest_lock(&q->qt);
	rc = rbi_qtest_flush(&q->qt);
	if (n < RBI_IRQ_LINES) {
		line = &q->irq.line[n];
		*count = line->count;
		line->count = 0;
		empty_fd(line->fd);
	} else {
		*count = empty_fd(q->irq.vector[n + RBI_IRQ_VECTOR_BASE]);
	}
	rbi_qtest_unlock(&q->qt);
	return *count > 0 ? 0 : rc;
}

int rbi_qemu_op_irq_unmask(struct rbi_machine *m, unsigned int n)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc;

	if (n >= RBI_IRQ_LINES)
		return rbi_fail(-ENOENT, "interrupt %u is no legacy line", n);

	rbi_qtest_lock(&q->qt);
	rc = rbi_qtest_flush(&q->qt);
	if (rc == 0) {
		q->irq.line[n].masked = false;
		fire_if_due(&q->irq.line[n]);
	}
	rbi_qtest_unlock(&q->qt);
	return rc;
}

/* --- messages ---------------------------------------------------------------------------- */

static struct rbi_qemu_msg *find_msg(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int index)
{
	size_t i;

	for (i = 0; i < q->irq.nmsgs; i++) {
		if (q->irq.msg[i].fn.sbdf == fn.sbdf && q->irq.msg[i].index == index)
			return &q->irq.msg[i];
	}
	return NULL;
}

/* What was remembered before of (fn, index) has been forgotten. */
static int keep_msg(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int index,
		    const struct rbi_msg *written, const struct rbi_msg *given)
{
	size_t room = q->irq.msg_room * 2 + 8;
	struct rbi_qemu_msg *msg;

	if (q->irq.nmsgs == q->irq.msg_room) {
		msg = rbi_realloc(q->irq.msg, room, sizeof(*msg));
		if (!msg)
			return rbi_no_memory("a message");
		q->irq.msg = msg;
		q->irq.msg_room = room;
	}
	msg = &q->irq.msg[q->irq.nmsgs++];
	msg->fn = fn;
	msg->index = index;
	msg->written = *written;
	msg->given = *given;
	return 0;
}

static void forget_msg(struct rbi_qemu *q, struct rb_pci_addr fn, unsigned int index)
{
	struct rbi_qemu_msg *msg = find_msg(q, fn, index);

	if (msg)
		*msg = q->irq.msg[--q->irq.nmsgs];
}

void rbi_qemu_irq_forget(struct rbi_qemu *q, struct rb_pci_addr fn)
{
	size_t i = 0;

	while (i < q->irq.nmsgs) {
		if (q->irq.msg[i].fn.sbdf == fn.sbdf)
			q->irq.msg[i] = q->irq.msg[--q->irq.nmsgs];
		else
			i++;
	}
}

static int check_msg(struct rbi_qemu *q, unsigned int index, unsigned int count,
		     const struct rbi_msg *msg)
{
	if (count == 0 || index >= MSG_INDEX_MAX || count > MSG_INDEX_MAX - index)
		return rbi_fail(-EINVAL, "%u messages from number %u: there are at most %d", count,
				index, MSG_INDEX_MAX);
	if (rbi_qemu_is_apic(msg->addr) &&
	    (msg->data >= q->irq.nvectors || count > q->irq.nvectors - msg->data))
		return rbi_fail(-ERANGE,
				"message data %#x for %u vectors: this machine has vectors "
				"up to %u",
				msg->data, count, q->irq.nvectors - 1);
	return 0;
}

int rbi_qemu_op_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			    unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	int rc = check_msg(q, index, count, msg);

	*hw = *msg;
	if (rc < 0)
		return rc;

	rbi_qtest_lock(&q->qt);
	forget_msg(q, fn, index);
	if (rbi_qemu_is_apic(msg->addr)) {
		hw->addr = q->pci.doorbell;
		rc = keep_msg(q, fn, index, msg, hw);
	}
	rbi_qtest_unlock(&q->qt);
	return rc;
}

void rbi_qemu_op_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			  struct rbi_msg *msg)
{
	struct rbi_qemu *q = rbi_qemu_of(m);
	size_t i;

	*msg = *hw;
	if (hw->addr != q->pci.doorbell)
		return;

	/* One whose data was changed afterwards still shows an APIC. */
	msg->addr = QEMU_APIC_BASE;
	rbi_qtest_lock(&q->qt);
	for (i = 0; i < q->irq.nmsgs; i++) {
		if (q->irq.msg[i].fn.sbdf != fn.sbdf)
			continue;
		msg->addr = q->irq.msg[i].written.addr;
		if (q->irq.msg[i].given.data == hw->data)
			break;
	}
	rbi_qtest_unlock(&q->qt);
}
