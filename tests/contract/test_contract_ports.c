/* SPDX-License-Identifier: MIT */
/*
 * test_contract_ports.c - I/O ports. The device is the RTL8139, whose registers are
 * reached by ports (BAR0) and by memory (BAR1) alike: QEMU's own, and on the mock a
 * model of the little that is used here.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rbdrv/host.h>
#include <rbdrv/mock.h>

#include "contract.h"

/* RTL8139C(L)+ data sheet, 5. */
#define NIC_VENDOR 0x10ec
#define NIC_DEVICE 0x8139
#define NIC_SIZE   0x100u
#define IDR	   0x00 /* the station's address, 6 bytes */
#define IMR	   0x3c /* interrupt mask, 16 bits */

#define NOBODY 0xf000 /* no device of ours is given ports there */

/* --- the device, on the mock -------------------------------------------------------- */

static uint64_t nic_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width)
{
	const uint8_t *regs = rb_mock_state(dev, NIC_SIZE);
	uint64_t val = 0;
	unsigned int i;

	(void)arg;
	for (i = 0; i < width; i++)
		val |= (uint64_t)regs[off + i] << 8 * i;
	return val;
}

static void nic_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		      uint64_t val)
{
	uint8_t *regs = rb_mock_state(dev, NIC_SIZE);
	unsigned int i;

	(void)arg;
	for (i = 0; i < width; i++)
		regs[off + i] = (uint8_t)(val >> 8 * i);
}

static int nic_build(struct rb_mock_dev *dev, void *arg)
{
	struct rb_mock_ids ids = RB_MOCK_IDS_INIT;

	(void)arg;
	ids.vendor = NIC_VENDOR;
	ids.device = NIC_DEVICE;
	ids.class_code = 0x020000;
	ids.revision = 0x20;
	rb_mock_ids(dev, &ids);
	rb_mock_bar_ops(dev, 0, NIC_SIZE, RB_MOCK_BAR_IO, nic_read, nic_write, NULL);
	rb_mock_bar_ops(dev, 1, NIC_SIZE, 0, nic_read, nic_write, NULL);
	return rb_mock_state(dev, NIC_SIZE) != NULL ? 0 : -ENOMEM;
}

/* --- steps -------------------------------------------------------------------------- */

static void claim_nic(struct stage *stage)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	struct rb_pci_addr addr;

	filter.vendor = NIC_VENDOR;
	filter.device = NIC_DEVICE;
	assert_ok(rb_pci_scan(stage->ctx, &filter, &stage->list));
	assert_int_equal(rb_pci_list_count(stage->list), 1);
	addr = rb_pci_info_addr(rb_pci_list_get(stage->list, 0));
	assert_ok(rb_pci_open(stage->ctx, addr, &stage->dev));
}

static void map_nic(struct stage *stage)
{
	claim_nic(stage);
	assert_ok(rb_pio_map(stage->dev, 0, 0, NIC_SIZE, &stage->ports));
}

/* --- scenarios ------------------------------------------------------------------------ */

static void bar0_is_256_ports(struct stage *stage)
{
	unsigned int port;

	claim_nic(stage);
	port = rb_pci_bar_port(stage->dev, 0);

	assert_int_equal(rb_pci_bar_kind(stage->dev, 0), RB_PCI_BAR_IO);
	assert_int_equal(rb_pci_bar_size(stage->dev, 0), NIC_SIZE);
	assert_true(port >= 0x100 && port <= 0x10000 - NIC_SIZE && port % NIC_SIZE == 0);
	assert_int_equal(rb_pci_bar_phys(stage->dev, 0).value, 0); /* ports are no memory */
	assert_int_equal(rb_pci_bar_kind(stage->dev, 1), RB_PCI_BAR_MEM32);
	assert_int_equal(rb_pci_bar_port(stage->dev, 1), 0);
}

static void every_width_reaches_the_same_registers(struct stage *stage)
{
	map_nic(stage);

	rb_pio_write8(stage->ports, IDR, 0x52);
	rb_pio_write8(stage->ports, IDR + 1, 0x54);
	rb_pio_write16(stage->ports, IDR + 2, 0x1200);
	assert_int_equal(rb_pio_read32(stage->ports, IDR), 0x12005452);
	assert_int_equal(rb_pio_read16(stage->ports, IDR + 2), 0x1200);
	rb_pio_write32(stage->ports, IDR, 0xdeadbeef);
	assert_int_equal(rb_pio_read8(stage->ports, IDR), 0xef);
	assert_int_equal(rb_pio_read8(stage->ports, IDR + 3), 0xde);
	assert_int_equal(rb_pio_read16(stage->ports, IDR), 0xbeef);
	assert_int_equal(rb_pio_error(stage->ports), 0);
}

static void ports_and_memory_show_the_same_registers(struct stage *stage)
{
	map_nic(stage);
	assert_ok(rb_mmio_map(stage->dev, 1, 0, 0, RB_MMIO_UC, &stage->regs));

	rb_pio_write16(stage->ports, IMR, 0x8005);
	assert_int_equal(rb_mmio_read16(stage->regs, IMR), 0x8005);
	rb_mmio_write16(stage->regs, IMR, 0x0012);
	assert_int_equal(rb_pio_read16(stage->ports, IMR), 0x0012);
}

static void a_window_of_ports_starts_where_it_was_asked_to(struct stage *stage)
{
	claim_nic(stage);
	assert_ok(rb_pio_map(stage->dev, 0, IMR, 2, &stage->ports));

	rb_pio_write16(stage->ports, 0, 0x0021);

	assert_int_equal(rb_pio_size(stage->ports), 2);
	assert_int_equal(rb_pio_read16(stage->ports, 0), 0x0021);
	assert_int_equal(rb_pio_error(stage->ports), 0);
}

static void a_window_of_size_0_is_the_rest_of_the_bar(struct stage *stage)
{
	claim_nic(stage);
	assert_ok(rb_pio_map(stage->dev, 0, 0x10, 0, &stage->ports));

	assert_int_equal(rb_pio_size(stage->ports), NIC_SIZE - 0x10);
}

static void windows_that_cannot_be_are_refused(struct stage *stage)
{
	claim_nic(stage);

	assert_int_equal(rb_pio_map(stage->dev, 0, 0, NIC_SIZE + 1, &stage->ports), -ERANGE);
	assert_null(stage->ports);
	assert_int_equal(rb_pio_map(stage->dev, 0, NIC_SIZE, 1, &stage->ports), -ERANGE);
	assert_int_equal(rb_pio_map(stage->dev, 0, 4, UINT32_MAX, &stage->ports), -ERANGE);
	assert_int_equal(rb_pio_map(stage->dev, 1, 0, 4, &stage->ports), -ENOENT);
	assert_int_equal(rb_pio_map(stage->dev, 2, 0, 4, &stage->ports), -ENOENT);
	assert_int_equal(rb_pio_map_ports(stage->ctx, 0xffff, 2, &stage->ports), -ERANGE);
	assert_int_equal(rb_pio_map_ports(stage->ctx, 0x80, 0, &stage->ports), -EINVAL);
	assert_null(stage->ports);
}

static void ports_of_nobody_read_all_ones(struct stage *stage)
{
	assert_ok(rb_pio_map_ports(stage->ctx, NOBODY, 8, &stage->ports));

	rb_pio_write32(stage->ports, 4, 0);

	assert_int_equal(rb_pio_read8(stage->ports, 1), 0xff);
	assert_int_equal(rb_pio_read16(stage->ports, 2), 0xffff);
	assert_int_equal(rb_pio_read32(stage->ports, 4), 0xffffffff);
	assert_int_equal(rb_pio_error(stage->ports), 0);
}

static void reading_past_the_ports_answers_all_ones_and_says_so(struct stage *stage)
{
	claim_nic(stage);
	assert_ok(rb_pio_map(stage->dev, 0, 0, 4, &stage->ports));
	rb_pio_write32(stage->ports, 0, 0);

	assert_int_equal(rb_pio_read32(stage->ports, 4), 0xffffffff);
	assert_int_equal(rb_pio_error(stage->ports), -ERANGE);
	assert_int_equal(rb_pio_error(stage->ports), 0);
	assert_int_equal(rb_pio_read32(stage->ports, 0), 0);
}

static void writing_past_the_ports_goes_nowhere(struct stage *stage)
{
	map_nic(stage);
	rb_pio_write16(stage->ports, IMR, 0x0021);
	rb_pio_close(stage->ports);
	assert_ok(rb_pio_map(stage->dev, 0, 0, IMR, &stage->ports));

	rb_pio_write16(stage->ports, IMR, 0);
	assert_int_equal(rb_pio_error(stage->ports), -ERANGE);

	rb_pio_close(stage->ports);
	assert_ok(rb_pio_map(stage->dev, 0, 0, NIC_SIZE, &stage->ports));
	assert_int_equal(rb_pio_read16(stage->ports, IMR), 0x0021);
}

static void a_misaligned_port_answers_all_ones_and_says_so(struct stage *stage)
{
	map_nic(stage);

	assert_int_equal(rb_pio_read16(stage->ports, 1), 0xffff);
	assert_int_equal(rb_pio_error(stage->ports), -EINVAL);
	assert_int_equal(rb_pio_read32(stage->ports, 2), 0xffffffff);
	assert_int_equal(rb_pio_error(stage->ports), -EINVAL);
}

/* --- threads and processes ------------------------------------------------------------ */

#define THREADS 4

static void *write_and_read(void *arg)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		rb_pio_write16(arg, IMR, 0x0021);
		if (rb_pio_read16(arg, IMR) != 0x0021)
			return NULL;
	}
	return arg;
}

static void every_thread_may_use_the_ports(struct stage *stage)
{
	pthread_t thread[THREADS];
	void *done[THREADS];
	size_t i, started;

	map_nic(stage);
	rb_pio_write16(stage->ports, IMR, 0x0021);

	for (started = 0; started < THREADS; started++)
		if (pthread_create(&thread[started], NULL, write_and_read, stage->ports) != 0)
			break;
	/* whatever has failed, none outlives the window */
	for (i = 0; i < started; i++)
		pthread_join(thread[i], &done[i]);

	assert_int_equal(started, THREADS);
	for (i = 0; i < THREADS; i++)
		assert_ptr_equal(done[i], stage->ports);
	assert_int_equal(rb_pio_error(stage->ports), 0);
}

static void ports_need_no_root(struct stage *stage)
{
	assert_ok(rb_pio_map_ports(stage->ctx, NOBODY, 4, &stage->ports));

	assert_int_equal(rb_pio_read8(stage->ports, 0), 0xff);
	assert_int_equal(rb_pio_error(stage->ports), 0);
}

static void a_child_reads_all_ones(struct stage *stage)
{
	int status = 0;
	pid_t pid;

	map_nic(stage);
	rb_pio_write32(stage->ports, IDR, 0);
	pid = fork();
	if (pid == 0) {
		rb_pio_write32(stage->ports, IDR, 7);
		_exit(rb_pio_read32(stage->ports, IDR) == 0xffffffff &&
				      rb_pio_error(stage->ports) == -ENODEV
			      ? 0
			      : 1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(rb_pio_read32(stage->ports, IDR), 0);
}

static void two_contexts_have_ports_of_their_own(struct stage *stage)
{
	struct stage *other = second_stage(stage);

	assert_ok(rb_pio_map_ports(stage->ctx, NOBODY, 4, &stage->ports));
	assert_ok(rb_pio_map_ports(other->ctx, NOBODY, 4, &other->ports));

	assert_int_equal(rb_pio_read8(stage->ports, 0), 0xff);
	assert_int_equal(rb_pio_read8(other->ports, 0), 0xff);
	assert_int_equal(rb_pio_error(stage->ports), 0);
	assert_int_equal(rb_pio_error(other->ports), 0);
}

/* --- removal ---------------------------------------------------------------------------- */

static void ports_of_a_removed_device_read_all_ones(struct stage *stage)
{
	struct rb_pio *more = NULL;
	uint32_t id = 0;
	int rc;

	map_nic(stage);
	rb_pio_write32(stage->ports, IDR, 0);
	rc = rb_host_unplug(stage->ctx, rb_pci_info_addr(rb_pci_info(stage->dev)));
	if (rc == -ENOTSUP)
		skip();
	assert_ok(rc);

	assert_int_equal(rb_pio_read32(stage->ports, IDR), 0xffffffff);
	rb_pio_write32(stage->ports, IDR, 7);
	assert_int_equal(rb_pci_config_read32(stage->dev, 0, &id), -ENODEV);
	assert_int_equal(rb_pio_read8(stage->ports, IDR), 0xff);
	assert_int_equal(rb_pio_error(stage->ports), -ENODEV);
	assert_int_equal(rb_pio_map(stage->dev, 0, 0, 4, &more), -ENODEV);
	assert_null(more);
}

#define NIC(fn)	       SCENARIO_WITH(fn, ";rtl8139")
#define NIC_SLOPPY(fn)                     \
	{                                  \
#fn, fn, ";rtl8139", ";rtl8139", true \
	}

static const struct scenario scenarios[] = {
	NIC(bar0_is_256_ports),
	NIC(every_width_reaches_the_same_registers),
	NIC(ports_and_memory_show_the_same_registers),
	NIC(a_window_of_ports_starts_where_it_was_asked_to),
	NIC(a_window_of_size_0_is_the_rest_of_the_bar),
	NIC(windows_that_cannot_be_are_refused),
	SCENARIO(ports_of_nobody_read_all_ones),
	NIC_SLOPPY(reading_past_the_ports_answers_all_ones_and_says_so),
	NIC_SLOPPY(writing_past_the_ports_goes_nowhere),
	NIC_SLOPPY(a_misaligned_port_answers_all_ones_and_says_so),
	NIC(every_thread_may_use_the_ports),
	SCENARIO_WITH(ports_need_no_root, ";uid=1000"),
	NIC(a_child_reads_all_ones),
	SCENARIO(two_contexts_have_ports_of_their_own),
	NIC(ports_of_a_removed_device_read_all_ones),
};

int main(void)
{
	if (rb_mock_model_register("rtl8139", nic_build, NULL) < 0)
		return 99;
	return RUN_SCENARIOS("ports", scenarios);
}
