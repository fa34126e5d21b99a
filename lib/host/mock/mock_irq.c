/* SPDX-License-Identifier: MIT */
/*
 * mock_irq.c - interrupts: lines 0-15 by level, vectors by message.
 *
 * A line that is asserted and unmasked counts one interrupt and masks itself, as
 * Redox's kernel does (contract 2.5). Several devices may drive one line.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/mock/mock_machine.h"

#define MSI_ENABLE   0x0001u
#define MSI_64BIT    0x0080u
#define MSI_MASKING  0x0100u
#define MSI_WRITABLE 0x0071u
#define MSI_BASE     0xfee00000ull /* messages to here are interrupts (contract 2.7) */
#define MSI_WINDOW   0xfffffull
#define MSI_CPU_SHIFT 12 /* the local APIC's id (contract 2.7) */

void rbi_mock_irq_init(struct mock *mock)
{
	unsigned int n;

	for (n = 0; n < RBI_IRQ_MAX; n++)
		mock->irqs[n].fd = -1;
}

void rbi_mock_irq_free(struct mock *mock)
{
	unsigned int n;

	for (n = 0; n < RBI_IRQ_MAX; n++)
		if (mock->irqs[n].fd >= 0)
			close(mock->irqs[n].fd);
}

/*
 * An eventfd of ours takes one more always: it is written once between takes. By the real
 * clock that is put off until the lock is free, or who wakes up would have to wait for it.
 */
static void make_readable(struct mock *mock, struct mock_irq *irq)
{
	if (irq->fd < 0 || irq->readable)
		return;
	irq->readable = true;
	if (!mock->real || mock->ringing >= 0)
		(void)eventfd_write(irq->fd, 1);
	else
		mock->ringing = irq->fd;
}

/* By the real clock the descriptor is all that somebody who waits for it needs. */
static void deliver(struct mock *mock, unsigned int n)
{
	struct mock_irq *irq = &mock->irqs[n];

	atomic_fetch_add(&irq->count, 1);
	make_readable(mock, irq);
	if (!mock->real || !irq->readable)
		rbi_mock_stir(mock);
}

static void check_line(struct mock *mock, unsigned int line)
{
	struct mock_irq *irq = &mock->irqs[line];

	if (irq->asserted > 0 && !irq->masked) {
		irq->masked = true;
		deliver(mock, line);
		rbi_mock_fault_line_fired(mock, line);
	}
}

/* --- pins ------------------------------------------------------------------------------ */

/* Lines that a PC leaves to PCI, in an order that spreads devices. */
uint8_t rbi_mock_line_of(struct rb_pci_addr fn, unsigned int pin)
{
	static const uint8_t lines[] = { 9, 10, 11, 5 };

	return lines[(rb_pci_addr_device(fn) + pin - 1) % 4];
}

void rbi_mock_intx_update(struct rb_mock_dev *dev)
{
	struct mock *mock = dev->mock;
	bool on = dev->cfg[MOCK_CFG_PIN] != 0 && !dev->gone && !dev->dead && !dev->asleep;
	bool asserted = dev->intx && on;
	bool wanted = asserted && !rbi_mock_command(dev, MOCK_COMMAND_NO_INTX);
	unsigned int times = 1;
	bool driven;

	if (dev->passive)
		return;
	if (asserted)
		dev->cfg[MOCK_CFG_STATUS] |= MOCK_STATUS_INTX;
	else
		dev->cfg[MOCK_CFG_STATUS] &= (uint8_t)~MOCK_STATUS_INTX;

	if (wanted && !dev->intx_wanted && dev->faults)
		times = rbi_mock_fault_interrupt(dev, -1);
	dev->intx_wanted = wanted;
	dev->intx_lost = wanted && (dev->intx_lost || times == 0);
	driven = (wanted && !dev->intx_lost) || (on && rbi_mock_fault_holds_pin(dev));
	if (driven == dev->intx_driven)
		return;

	dev->intx_driven = driven;
	if (!driven) {
		mock->irqs[dev->line].asserted--;
		return;
	}
	mock->irqs[dev->line].asserted++;
	check_line(mock, dev->line);
	if (times > 1)
		deliver(mock, dev->line);
}

void rb_mock_intx(struct rb_mock_dev *dev, bool asserted)
{
	if (!dev)
		return;
	rbi_mock_lock(dev->mock);
	dev->intx = asserted;
	rbi_mock_intx_update(dev);
	rbi_mock_unlock(dev->mock);
}

/* --- messages -------------------------------------------------------------------------- */

static unsigned int msi_control(const struct rb_mock_dev *dev)
{
	if (dev->msi == 0)
		return 0;
	return (rbi_mock_cfg_get(dev, dev->msi + 2, 2) & MSI_WRITABLE) | dev->msi_fixed;
}

static unsigned int msi_data_at(const struct rb_mock_dev *dev)
{
	return dev->msi + (msi_control(dev) & MSI_64BIT ? 12 : 8);
}

/* How many of the vectors the driver has enabled, at most those there are. */
static unsigned int msi_enabled_vectors(unsigned int control)
{
	unsigned int capable = control >> 1 & 7, enabled = control >> 4 & 7;

	return 1u << (enabled < capable ? enabled : capable);
}

/* The write that a device does; dropped with bus mastering off, like any other. */
int rbi_mock_send(struct rb_mock_dev *dev, const char *kind, unsigned int index, uint64_t addr,
		  uint32_t data)
{
	unsigned int vector = data & 0xff, times = 1;
	struct mock *mock = dev->mock;

	if (!rbi_mock_command(dev, MOCK_COMMAND_MASTER) || dev->asleep || dev->dead)
		return 0;
	if ((addr & ~MSI_WINDOW) != MSI_BASE) {
		rbi_mock_complain(mock, dev,
				  "%s %u goes to address %#llx, where no interrupt "
				  "controller listens",
				  kind, index, (unsigned long long)addr);
		return 0;
	}
	if (mock->machine.cpus > 0 && (addr >> MSI_CPU_SHIFT & 0xff) >= mock->machine.cpus) {
		rbi_mock_complain(mock, dev, "%s %u goes to CPU %u, which is not there", kind, index,
				  (unsigned int)(addr >> MSI_CPU_SHIFT & 0xff));
		return 0;
	}
	if (vector < RBI_IRQ_VECTOR_BASE + RBI_IRQ_LINES) {
		rbi_mock_complain(mock, dev, "%s %u sends vector %u, which is no message vector",
				  kind, index, vector);
		return 0;
	}
	if (dev->faults)
		times = rbi_mock_fault_interrupt(dev, (int)index);
	for (; times > 0; times--)
		deliver(mock, vector - RBI_IRQ_VECTOR_BASE);
	return 1;
}

static int msi_send(struct rb_mock_dev *dev, unsigned int index)
{
	unsigned int control = msi_control(dev), at = msi_data_at(dev);
	unsigned int vectors = msi_enabled_vectors(control);
	uint64_t addr = rbi_mock_cfg_get(dev, dev->msi + 4, 4);
	uint32_t data = rbi_mock_cfg_get(dev, at, 2);

	if (control & MSI_64BIT)
		addr |= (uint64_t)rbi_mock_cfg_get(dev, dev->msi + 8, 4) << 32;
	return rbi_mock_send(dev, "MSI", index, addr, (data & ~(vectors - 1)) | index);
}

static int msi_raise(struct rb_mock_dev *dev, unsigned int index)
{
	unsigned int control = msi_control(dev), at = msi_data_at(dev);

	if (!(control & MSI_ENABLE))
		return 0;
	index &= msi_enabled_vectors(control) - 1;
	if ((control & MSI_MASKING) && (rbi_mock_cfg_get(dev, at + 4, 4) >> index & 1)) {
		rbi_mock_cfg_put(dev, at + 8, 4, rbi_mock_cfg_get(dev, at + 8, 4) | 1u << index);
		return 0;
	}
	return msi_send(dev, index);
}

void rbi_mock_msi_update(struct rb_mock_dev *dev)
{
	unsigned int control = msi_control(dev), at = msi_data_at(dev);
	uint32_t ready;
	unsigned int index;

	if (!(control & MSI_ENABLE) || !(control & MSI_MASKING))
		return;
	ready = rbi_mock_cfg_get(dev, at + 8, 4) & ~rbi_mock_cfg_get(dev, at + 4, 4);
	for (index = 0; ready != 0; index++, ready >>= 1) {
		if (!(ready & 1))
			continue;
		rbi_mock_cfg_put(dev, at + 8, 4, rbi_mock_cfg_get(dev, at + 8, 4) & ~(1u << index));
		msi_send(dev, index);
	}
}

int rb_mock_msi(struct rb_mock_dev *dev, unsigned int index)
{
	int rc;

	if (!dev)
		return rbi_fail(-EINVAL, "rb_mock_msi: device is NULL");
	rbi_mock_lock(dev->mock);
	if (dev->msi == 0 || index >= 1u << (msi_control(dev) >> 1 & 7))
		rc = rbi_fail(-EINVAL, "rb_mock_msi: %s has no message %u", dev->label, index);
	else if (dev->gone)
		rc = rbi_fail(-ENODEV, "rb_mock_msi: %s has been removed", dev->label);
	else
		rc = msi_raise(dev, index);
	rbi_mock_unlock(dev->mock);
	return rc;
}

bool rb_mock_msi_enabled(const struct rb_mock_dev *dev)
{
	bool enabled;

	if (!dev)
		return false;
	rbi_mock_lock(dev->mock);
	enabled = msi_control(dev) & MSI_ENABLE;
	rbi_mock_unlock(dev->mock);
	return enabled;
}

/* --- the machine's side ------------------------------------------------------------------ */

unsigned int rbi_mock_op_irq_count(struct rbi_machine *m)
{
	(void)m;
	return RBI_IRQ_MAX;
}

int rbi_mock_op_intx(struct rbi_machine *m, struct rb_pci_addr fn, struct rbi_intx *out)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	out->pin = dev ? dev->cfg[MOCK_CFG_PIN] : 0;
	out->line = out->pin != 0 ? dev->line : 0xff;
	rbi_mock_unlock(mock);
	return dev ? 0 : rbi_fail(-ENODEV, "mock: no function at %#x", fn.sbdf);
}

static int bad_irq(unsigned int n)
{
	return rbi_fail(-EINVAL, "mock: there is no interrupt %u", n);
}

int rbi_mock_op_irq_fd(struct rbi_machine *m, unsigned int n)
{
	struct mock *mock = mock_of(m);
	struct mock_irq *irq;
	int fd;

	if (n >= RBI_IRQ_MAX)
		return bad_irq(n);
	irq = &mock->irqs[n];
	rbi_mock_lock(mock);
	if (irq->fd < 0) {
		irq->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (irq->fd >= 0 && irq->count > 0)
			make_readable(mock, irq);
	}
	fd = irq->fd;
	rbi_mock_unlock(mock);
	return fd >= 0 ? fd : rbi_fail(-ENOMEM, "mock: no descriptor for interrupt %u", n);
}

int rbi_mock_op_irq_take(struct rbi_machine *m, unsigned int n, uint64_t *count)
{
	struct mock *mock = mock_of(m);
	struct mock_irq *irq;
	eventfd_t drained;

	*count = 0;
	if (n >= RBI_IRQ_MAX)
		return bad_irq(n);
	irq = &mock->irqs[n];
	/* who spins on an interrupt must not keep the device from raising it */
	if (atomic_load(&irq->count) == 0 && !atomic_load(&irq->readable))
		return 0;
	rbi_mock_lock(mock);
	*count = atomic_exchange(&irq->count, 0);
	if (irq->readable) /* about to be: the next take drains it */
		irq->readable = eventfd_read(irq->fd, &drained) != 0;
	rbi_mock_unlock(mock);
	return 0;
}

int rbi_mock_op_irq_unmask(struct rbi_machine *m, unsigned int line)
{
	struct mock *mock = mock_of(m);

	if (line >= RBI_IRQ_LINES)
		return rbi_fail(-EINVAL, "mock: interrupt %u is no line", line);
	rbi_mock_lock(mock);
	mock->irqs[line].masked = false;
	check_line(mock, line);
	rbi_mock_unlock(mock);
	return 0;
}

/* A mock device takes Redox's message as it is. */
int rbi_mock_op_msg_connect(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int index,
			    unsigned int count, const struct rbi_msg *msg, struct rbi_msg *hw)
{
	struct mock *mock = mock_of(m);
	bool there;

	(void)index;
	(void)count;
	*hw = *msg;
	rbi_mock_lock(mock);
	there = rbi_mock_at(mock, fn) != NULL;
	rbi_mock_unlock(mock);
	return there ? 0 : rbi_fail(-ENODEV, "mock: no function at %#x", fn.sbdf);
}

void rbi_mock_op_msg_undo(struct rbi_machine *m, struct rb_pci_addr fn, const struct rbi_msg *hw,
			  struct rbi_msg *msg)
{
	(void)m;
	(void)fn;
	*msg = *hw;
}
