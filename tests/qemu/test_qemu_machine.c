/* SPDX-License-Identifier: MIT */
/* Machine qemu: real devices through the second waist. */
#include <string.h>

#include "rig.h"

/* Virtual time jumps while the CPU idles, so that edu's DMA needs no 100 ms. */
#define ONE_EDU "qemu:edu;icount=on"
#define SHARING "qemu:edu;edu;edu;edu;edu;edu,addr=0x19;icount=on"

#define BUFFER_PHYS 0x200000u
#define APIC	    0xfee00000u

static struct rig one, many;

static int power_on(void **state)
{
	(void)state;
	if (!rig_has_qemu())
		return 0;
	rig_start(&one, ONE_EDU);
	assert_int_equal(one.count, 1);
	return 0;
}

static int power_off(void **state)
{
	(void)state;
	rig_stop(&one);
	rig_stop(&many);
	return 0;
}

#define NEEDS_QEMU()            \
	do {                    \
		(void)state;    \
		if (!one.m)     \
			skip(); \
	} while (0)

/* --- configuration space ----------------------------------------------------------------- */

static void the_list_shows_the_chipset_and_the_device_but_not_the_doorbell(void **state)
{
	struct rb_pci_addr fns[64];
	bool bridge = false, edu = false;
	int i, n;

	NEEDS_QEMU();

	n = one.m->ops->functions(one.m, fns, 64);

	assert_in_range(n, 3, 64);
	for (i = 0; i < n; i++) {
		uint32_t id = rig_cfg(&one, fns[i], 0, 4);

		bridge = bridge || id == 0x29c08086;
		edu = edu || id == EDU_ID;
		assert_int_not_equal(id, 0x11101af4);
	}
	assert_true(bridge);
	assert_true(edu);
}

static void a_list_that_is_too_short_still_gives_the_count(void **state)
{
	struct rb_pci_addr fns[64];
	int n;

	NEEDS_QEMU();

	n = one.m->ops->functions(one.m, fns, 64);

	assert_int_equal(one.m->ops->functions(one.m, fns, 1), n);
}

static void the_device_has_a_root_port_of_its_own(void **state)
{
	NEEDS_QEMU();

	assert_int_not_equal(rb_pci_addr_bus(one.edu[0]), 0);
	assert_int_equal(rb_pci_addr_device(one.edu[0]), 0);
}

static void bars_and_interrupt_lines_are_assigned_as_firmware_would(void **state)
{
	unsigned int line;

	NEEDS_QEMU();

	line = rig_line(&one, 0);

	assert_in_range(one.bar[0], 0xc0000000, 0xfebfffff);
	assert_int_equal(one.bar[0] & 0xfffff, 0);
	assert_true(line == 5 || line == 9 || line == 10 || line == 11);
	assert_int_equal(rig_cfg(&one, one.edu[0], 0x3c, 1), line);
}

static void an_absent_function_reads_all_ones_and_swallows_writes(void **state)
{
	struct rb_pci_addr nobody = rb_pci_addr_make(0, 7, 3, 1);
	struct rb_pci_addr elsewhere = rb_pci_addr_make(1, 0, 0, 0);

	NEEDS_QEMU();

	rig_cfg_set(&one, nobody, 4, 2, 7);

	assert_int_equal(rig_cfg(&one, nobody, 0, 4), 0xffffffff);
	assert_int_equal(rig_cfg(&one, nobody, 4, 2), 0xffff);
	assert_int_equal(rig_cfg(&one, elsewhere, 0, 4), 0xffffffff);
	assert_int_equal(one.m->ops->cfg_size(one.m, nobody), 0);
	assert_int_equal(one.m->ops->claim(one.m, nobody), -ENODEV);
}

static void space_past_a_conventional_header_reads_all_ones(void **state)
{
	NEEDS_QEMU();

	assert_int_equal(one.m->ops->cfg_size(one.m, one.edu[0]), 256);
	assert_int_equal(rig_cfg(&one, one.edu[0], 256, 4), 0xffffffff);
}

static void a_misaligned_config_access_is_refused(void **state)
{
	uint32_t val;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->cfg_read(one.m, one.edu[0], 2, 4, &val), -EINVAL);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(one.m->ops->cfg_write(one.m, one.edu[0], 0, 3, 0), -EINVAL);
}

static void every_way_into_configuration_space_sees_the_same(void **state)
{
	uint64_t by_window;
	uint32_t by_port;

	NEEDS_QEMU();

	assert_int_equal(
		one.m->ops->mem_read(one.m, 0xb0000000 + (one.edu[0].sbdf << 12), 4, &by_window),
		0);
	assert_int_equal(one.m->ops->port_write(one.m, 0xcf8, 4, 0x80000000 | one.edu[0].sbdf << 8),
			 0);
	assert_int_equal(one.m->ops->port_read(one.m, 0xcfc, 4, &by_port), 0);

	assert_int_equal(by_window, EDU_ID);
	assert_int_equal(by_port, EDU_ID);
}

static void bus_numbers_of_bridges_cannot_be_changed(void **state)
{
	struct rb_pci_addr port = rb_pci_addr_make(0, 0, 24, 0);
	uint32_t buses;

	NEEDS_QEMU();
	buses = rig_cfg(&one, port, 0x18, 4);

	rig_cfg_set(&one, port, 0x18, 4, 0);

	assert_int_equal(rig_cfg(&one, port, 0x18, 4), buses);
	assert_int_equal(rig_cfg(&one, one.edu[0], 0, 4), EDU_ID);
}

/* --- registers --------------------------------------------------------------------------- */

static void registers_answer(void **state)
{
	NEEDS_QEMU();

	rig_write(&one, 0, EDU_REG_LIVE, 0x12345678);

	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0x010000ed);
	assert_int_equal(rig_read(&one, 0, EDU_REG_LIVE), ~0x12345678u);
}

static void posted_writes_arrive_in_order_however_many(void **state)
{
	uint32_t i;

	NEEDS_QEMU();

	for (i = 0; i < 1000; i++)
		rig_write(&one, 0, EDU_REG_LIVE, i);

	assert_int_equal(rig_read(&one, 0, EDU_REG_LIVE), ~999u);
}

static void with_decoding_off_registers_read_all_ones(void **state)
{
	uint32_t before;

	NEEDS_QEMU();
	before = rig_cfg(&one, one.edu[0], CFG_COMMAND, 2);

	rig_cfg_set(&one, one.edu[0], CFG_COMMAND, 2, before & ~2u);

	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0xffffffff);
	rig_cfg_set(&one, one.edu[0], CFG_COMMAND, 2, before);
	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0x010000ed);
}

static void behind_a_closed_bridge_registers_read_all_ones(void **state)
{
	struct rb_pci_addr port = rb_pci_addr_make(0, 0, 24, 0);

	NEEDS_QEMU();

	rig_cfg_set(&one, port, CFG_COMMAND, 2, 4);

	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0xffffffff);
	rig_cfg_set(&one, port, CFG_COMMAND, 2, 7);
	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0x010000ed);
}

static void a_moved_bar_is_found_at_its_new_place_only(void **state)
{
	uint64_t old;

	NEEDS_QEMU();
	old = one.bar[0];

	/* the other half of a bridge window of 1 MiB is nobody's: move within reach of none */
	rig_cfg_set(&one, one.edu[0], CFG_BAR0, 4, 0xd0000000);

	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0xffffffff);
	rig_cfg_set(&one, one.edu[0], CFG_BAR0, 4, (uint32_t)old);
	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0x010000ed);
}

static void an_address_of_nobody_reads_all_ones_in_every_width(void **state)
{
	uint64_t val;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->mem_read(one.m, 0xe0000000, 1, &val), 0);
	assert_int_equal(val, 0xff);
	assert_int_equal(one.m->ops->mem_read(one.m, 0xe0000000, 2, &val), 0);
	assert_int_equal(val, 0xffff);
	assert_int_equal(one.m->ops->mem_read(one.m, 0xe0000000, 4, &val), 0);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(one.m->ops->mem_read(one.m, UINT64_C(1) << 45, 8, &val), 0);
	assert_true(val == UINT64_MAX);
	assert_int_equal(one.m->ops->mem_write(one.m, 0xe0000000, 4, 1), 0);
}

static void a_misaligned_access_is_refused(void **state)
{
	uint64_t val;
	uint32_t port;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->mem_read(one.m, one.bar[0] + 1, 4, &val), -EINVAL);
	assert_true(val == 0xffffffff);
	assert_int_equal(one.m->ops->mem_read(one.m, one.bar[0], 3, &val), -EINVAL);
	assert_int_equal(one.m->ops->mem_write(one.m, one.bar[0] + 2, 4, 0), -EINVAL);
	assert_int_equal(one.m->ops->port_read(one.m, 0xffff, 2, &port), -EINVAL);
	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0x010000ed);
}

static void ports_of_nobody_read_all_ones(void **state)
{
	uint32_t val;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->port_read(one.m, 0xf000, 4, &val), 0);

	assert_int_equal(val, 0xffffffff);
}

/* --- RAM and DMA ------------------------------------------------------------------------- */

static void ram_begins_above_the_first_mebibyte(void **state)
{
	struct rbi_ram ram;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->ram(one.m, &ram, 1), 1);

	assert_int_equal(ram.base, 0x100000);
	assert_int_equal(ram.size, 63 << 20);
	assert_true(one.m->ops->is_ram(one.m, 0x100000, 1));
	assert_true(one.m->ops->is_ram(one.m, 0xff000, 0x1001));
	assert_false(one.m->ops->is_ram(one.m, 0x1000, 0x1000));
	assert_false(one.m->ops->is_ram(one.m, 64 << 20, 0x1000));
	assert_false(one.m->ops->is_ram(one.m, one.bar[0], 0x1000));
}

static void only_ram_can_be_mapped_as_ram(void **state)
{
	void *cpu;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->ram_map(one.m, 0x1000, 0x1000, &cpu), -ERANGE);
	assert_int_equal(one.m->ops->ram_map(one.m, 63 << 20, UINT64_MAX, &cpu), -ERANGE);
	assert_int_equal(one.m->ops->ram_map(one.m, UINT64_MAX - 0xfff, 0x1000, &cpu), -ERANGE);
	assert_null(cpu);
	assert_int_equal(one.m->ops->map(one.m, one.bar[0], 0x1000, &cpu), -ENOTSUP);
}

static void run_dma(uint64_t from, uint64_t to, uint32_t len, uint32_t cmd)
{
	unsigned int tries = 1000;

	assert_int_equal(one.m->ops->mem_write(one.m, one.bar[0] + EDU_REG_DMA_FROM, 8, from), 0);
	assert_int_equal(one.m->ops->mem_write(one.m, one.bar[0] + EDU_REG_DMA_TO, 8, to), 0);
	rig_write(&one, 0, EDU_REG_DMA_LEN, len);
	rig_write(&one, 0, EDU_REG_DMA_CMD, cmd);
	while (tries-- > 0 && rig_read(&one, 0, EDU_REG_DMA_CMD) & 1)
		one.m->ops->delay(one.m, 1000000);
	assert_int_equal(rig_read(&one, 0, EDU_REG_DMA_CMD) & 1, 0);
}

static uint32_t checksum(const uint8_t *p, size_t len)
{
	uint32_t a = 1, b = 0;

	while (len-- > 0) {
		a = (a + *p++) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

static void dma_carries_bytes_both_ways(void **state)
{
	uint32_t i, len = 4095; /* QEMU 7.2 ends at exactly 4096 (qemu-notes 2) */
	uint8_t *cpu, copy[4095];
	uint32_t shadow = 1;
	void *p;

	NEEDS_QEMU();
	assert_int_equal(one.m->ops->ram_map(one.m, BUFFER_PHYS, 0x2000, &p), 0);
	assert_int_equal(one.m->ops->dma_map(one.m, BUFFER_PHYS, 0x2000, p, &shadow), 0);
	assert_int_equal(shadow, 0);
	cpu = p;
	for (i = 0; i < len; i++)
		copy[i] = cpu[i] = (uint8_t)(i * 7 + i / 256);

	run_dma(BUFFER_PHYS, EDU_BUFFER, len, 1);
	run_dma(EDU_BUFFER, BUFFER_PHYS + 0x1000, len, 1 | 2);

	assert_memory_equal(cpu + 0x1000, copy, len);
	assert_int_equal(checksum(cpu + 0x1000, len), checksum(copy, len));
	assert_int_equal(cpu[0x1000 + len], 0);
	one.m->ops->dma_unmap(one.m, BUFFER_PHYS, 0x2000, shadow);
	one.m->ops->ram_unmap(one.m, BUFFER_PHYS, 0x2000, p);
}

static void memory_that_is_mapped_again_is_zeroed(void **state)
{
	static const uint8_t zeros[0x1000];
	void *p;

	NEEDS_QEMU();
	assert_int_equal(one.m->ops->ram_map(one.m, BUFFER_PHYS, 0x1000, &p), 0);
	memset(p, 0xa5, 0x1000);
	one.m->ops->ram_unmap(one.m, BUFFER_PHYS, 0x1000, p);

	assert_int_equal(one.m->ops->ram_map(one.m, BUFFER_PHYS, 0x1000, &p), 0);

	assert_memory_equal(p, zeros, 0x1000);
	one.m->ops->ram_unmap(one.m, BUFFER_PHYS, 0x1000, p);
}

static void without_bus_mastering_nothing_is_carried(void **state)
{
	uint8_t *cpu;
	void *p;

	NEEDS_QEMU();
	assert_int_equal(one.m->ops->ram_map(one.m, BUFFER_PHYS, 0x1000, &p), 0);
	cpu = p;
	cpu[0] = 0x5a;
	run_dma(BUFFER_PHYS, EDU_BUFFER, 64, 1);

	rig_cfg_set(&one, one.edu[0], CFG_COMMAND, 2, 3);
	run_dma(EDU_BUFFER, BUFFER_PHYS + 0x100, 64, 1 | 2);

	rig_cfg_set(&one, one.edu[0], CFG_COMMAND, 2, 7);
	assert_int_equal(cpu[0x100], 0);
	one.m->ops->ram_unmap(one.m, BUFFER_PHYS, 0x1000, p);
}

/* --- lines ------------------------------------------------------------------------------- */

static void quiet_line(struct rig *rig, unsigned int dev)
{
	unsigned int line = rig_line(rig, dev);

	rig_write(rig, dev, EDU_REG_ACK, 0xffffffff);
	rig->m->ops->irq_unmask(rig->m, line);
	rig_take(rig, line);
}

static void a_factorial_is_announced_on_the_line(void **state)
{
	unsigned int line;

	NEEDS_QEMU();
	line = rig_line(&one, 0);

	rig_write(&one, 0, EDU_REG_STATUS, 0x80);
	rig_write(&one, 0, EDU_REG_FACTORIAL, 10);

	assert_int_equal(rig_await(&one, line, 2000), 1);
	assert_int_equal(rig_take(&one, line), 1);
	assert_int_equal(rig_read(&one, 0, EDU_REG_FACTORIAL), 3628800);
	assert_int_equal(rig_read(&one, 0, EDU_REG_IRQ), 1);
	rig_write(&one, 0, EDU_REG_STATUS, 0);
	quiet_line(&one, 0);
}

static void a_line_masks_itself_and_fires_again_while_it_is_up(void **state)
{
	unsigned int line;

	NEEDS_QEMU();
	line = rig_line(&one, 0);

	rig_write(&one, 0, EDU_REG_RAISE, 1);

	assert_int_equal(rig_await(&one, line, 2000), 1);
	assert_int_equal(rig_take(&one, line), 1);
	assert_int_equal(rig_take(&one, line), 0);
	assert_int_equal(rig_await(&one, line, 0), -ETIMEDOUT);
	assert_int_equal(one.m->ops->irq_unmask(one.m, line), 0);
	assert_int_equal(rig_take(&one, line), 1);
	rig_write(&one, 0, EDU_REG_ACK, 1);
	assert_int_equal(one.m->ops->irq_unmask(one.m, line), 0);
	assert_int_equal(rig_take(&one, line), 0);
	assert_int_equal(rig_await(&one, line, 0), -ETIMEDOUT);
}

static void a_masked_line_counts_nothing(void **state)
{
	unsigned int line;

	NEEDS_QEMU();
	line = rig_line(&one, 0);
	rig_write(&one, 0, EDU_REG_RAISE, 1);
	assert_int_equal(rig_take(&one, line), 1);
	rig_write(&one, 0, EDU_REG_ACK, 1);

	rig_write(&one, 0, EDU_REG_RAISE, 2);
	rig_write(&one, 0, EDU_REG_ACK, 2);

	assert_int_equal(rig_take(&one, line), 0);
	quiet_line(&one, 0);
}

/* Devices 0 and 4 of SHARING share an input of the I/O APIC; the one in slot 25 has
 * another input that is wired to the same line. */
static void share_a_line(unsigned int a, unsigned int b)
{
	unsigned int line = rig_line(&many, a);

	assert_int_equal(rig_line(&many, b), line);

	rig_write(&many, a, EDU_REG_RAISE, 1);
	rig_write(&many, b, EDU_REG_RAISE, 1);

	assert_int_equal(rig_take(&many, line), 1);
	rig_write(&many, a, EDU_REG_ACK, 1);
	assert_int_equal(many.m->ops->irq_unmask(many.m, line), 0);
	assert_int_equal(rig_take(&many, line), 1);
	rig_write(&many, b, EDU_REG_ACK, 1);
	assert_int_equal(many.m->ops->irq_unmask(many.m, line), 0);
	assert_int_equal(rig_take(&many, line), 0);
}

static void devices_that_share_a_line_keep_it_up_until_all_are_quiet(void **state)
{
	unsigned int i, bus0 = 8, port0 = 8, port4 = 8;

	NEEDS_QEMU();
	rig_start(&many, SHARING);
	assert_int_equal(many.count, 6);
	for (i = 0; i < many.count; i++) {
		if (rb_pci_addr_bus(many.edu[i]) == 0)
			bus0 = i;
	}
	assert_in_range(bus0, 0, 5);
	for (i = 0; i < many.count; i++) {
		if (i == bus0 || rig_line(&many, i) != rig_line(&many, bus0))
			continue;
		port4 = port0 < 8 ? i : port4;
		port0 = port0 < 8 ? port0 : i;
	}
	assert_in_range(port4, 0, 5);

	share_a_line(port0, port4);
	share_a_line(bus0, port0);
}

static void devices_are_spread_over_all_four_lines(void **state)
{
	unsigned int i, seen = 0;

	NEEDS_QEMU();
	if (!many.m)
		rig_start(&many, SHARING);

	for (i = 0; i < many.count; i++)
		seen |= 1u << rig_line(&many, i);

	assert_int_equal(seen, 1u << 5 | 1u << 9 | 1u << 10 | 1u << 11);
}

static void lines_are_rotated_by_every_bridge_on_the_way(void **state)
{
	struct rig old;
	unsigned int i;

	NEEDS_QEMU();
	rig_start(&old, "qemu:pcie-pci-bridge,id=old,addr=4;edu,bus=old,addr=1;edu,bus=old,addr=2;"
			"edu,bus=old,addr=7");
	assert_int_equal(old.count, 3);

	for (i = 0; i < old.count; i++) {
		rig_write(&old, i, EDU_REG_RAISE, 1);
		assert_int_equal(rig_take(&old, rig_line(&old, i)), 1);
		quiet_line(&old, i);
	}
	assert_int_not_equal(rig_line(&old, 0), rig_line(&old, 1));
	rig_stop(&old);
}

/* --- messages ---------------------------------------------------------------------------- */

static void connect_msi(unsigned int n, struct rbi_msg *hw)
{
	struct rbi_msg msg = { APIC | 3 << 12, n + RBI_IRQ_VECTOR_BASE };

	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 1, &msg, hw), 0);
	rig_cfg_set(&one, one.edu[0], EDU_MSI + 4, 4, (uint32_t)hw->addr);
	rig_cfg_set(&one, one.edu[0], EDU_MSI + 8, 4, (uint32_t)(hw->addr >> 32));
	rig_cfg_set(&one, one.edu[0], EDU_MSI + 12, 2, hw->data);
	rig_cfg_set(&one, one.edu[0], EDU_MSI + 2, 2, 0x81);
}

static void disconnect_msi(void)
{
	struct rbi_msg none = { 0, 0 }, hw;

	rig_cfg_set(&one, one.edu[0], EDU_MSI + 2, 2, 0x80);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 1, &none, &hw), 0);
	assert_int_equal(hw.addr, 0);
}

static void a_factorial_is_announced_by_a_message(void **state)
{
	struct rbi_msg hw;
	unsigned int n = 40;

	NEEDS_QEMU();
	connect_msi(n, &hw);
	rig_take(&one, n);

	rig_write(&one, 0, EDU_REG_STATUS, 0x80);
	rig_write(&one, 0, EDU_REG_FACTORIAL, 5);

	assert_int_equal(rig_await(&one, n, 2000), 1);
	assert_int_equal(rig_take(&one, n), 1);
	assert_int_equal(rig_take(&one, n), 0);
	assert_int_equal(rig_await(&one, n, 0), -ETIMEDOUT);
	assert_int_equal(rig_read(&one, 0, EDU_REG_FACTORIAL), 120);
	rig_write(&one, 0, EDU_REG_STATUS, 0);
	rig_write(&one, 0, EDU_REG_ACK, 0xffffffff);
	disconnect_msi();
}

static void messages_are_counted_one_by_one_and_stay_on_their_vector(void **state)
{
	struct rbi_msg hw;
	unsigned int i;

	NEEDS_QEMU();
	connect_msi(95, &hw);
	rig_take(&one, 95);
	rig_take(&one, 94);

	for (i = 0; i < 100; i++) {
		rig_write(&one, 0, EDU_REG_RAISE, 1);
		rig_write(&one, 0, EDU_REG_ACK, 1);
	}

	assert_int_equal(rig_take(&one, 95), 100);
	assert_int_equal(rig_take(&one, 94), 0);
	assert_int_equal(rig_take(&one, rig_line(&one, 0)), 0);
	disconnect_msi();
}

static void the_exchange_of_a_message_is_undone(void **state)
{
	struct rbi_msg hw, changed, msg;

	NEEDS_QEMU();
	connect_msi(50, &hw);
	changed = hw;
	changed.data = 99;

	one.m->ops->msg_undo(one.m, one.edu[0], &hw, &msg);
	assert_int_equal(msg.addr, APIC | 3 << 12);
	assert_int_equal(msg.data, 82);
	one.m->ops->msg_undo(one.m, one.edu[0], &changed, &msg);
	assert_int_equal(msg.addr, APIC | 3 << 12);
	assert_int_equal(msg.data, 99);

	disconnect_msi();
	one.m->ops->msg_undo(one.m, one.edu[0], &hw, &msg);
	assert_int_equal(msg.addr, APIC);
}

static void messages_of_one_function_are_undone_each_by_itself(void **state)
{
	struct rbi_msg a = { APIC | 1 << 12, 60 }, b = { APIC | 2 << 12, 61 }, hw_a, hw_b, msg;

	NEEDS_QEMU();
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 1, &a, &hw_a), 0);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 1, 1, &b, &hw_b), 0);

	one.m->ops->msg_undo(one.m, one.edu[0], &hw_a, &msg);
	assert_int_equal(msg.addr, a.addr);
	assert_int_equal(msg.data, 60);
	one.m->ops->msg_undo(one.m, one.edu[0], &hw_b, &msg);
	assert_int_equal(msg.addr, b.addr);
	assert_int_equal(msg.data, 61);

	a.addr = b.addr = 0;
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 1, &a, &hw_a), 0);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 1, 1, &b, &hw_b), 0);
}

static void a_message_to_plain_memory_is_left_alone(void **state)
{
	struct rbi_msg msg = { BUFFER_PHYS, 7 }, hw, back;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 1, &msg, &hw), 0);
	one.m->ops->msg_undo(one.m, one.edu[0], &hw, &back);

	assert_int_equal(hw.addr, BUFFER_PHYS);
	assert_int_equal(back.addr, BUFFER_PHYS);
}

static void vectors_that_do_not_exist_are_refused(void **state)
{
	struct rbi_msg last = { APIC, 127 }, past = { APIC, 128 }, hw;
	uint64_t count;

	NEEDS_QEMU();

	assert_int_equal(one.m->ops->irq_count(one.m), 96);
	assert_int_equal(one.m->ops->irq_fd(one.m, 96), -ENOENT);
	assert_int_equal(one.m->ops->irq_take(one.m, 96, &count), -ENOENT);
	assert_int_equal(one.m->ops->irq_unmask(one.m, 16), -ENOENT);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 1, &past, &hw), -ERANGE);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 2, &last, &hw), -ERANGE);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 0, 0, &last, &hw), -EINVAL);
	assert_int_equal(one.m->ops->msg_connect(one.m, one.edu[0], 2048, 1, &last, &hw), -EINVAL);
}

/* --- time, reset, removal ---------------------------------------------------------------- */

static void waiting_ends_at_its_deadline(void **state)
{
	int64_t before, after;

	NEEDS_QEMU();
	before = one.m->ops->clock(one.m);

	assert_int_equal(one.m->ops->wait(one.m, NULL, 0, before + 3000000), -ETIMEDOUT);

	after = one.m->ops->clock(one.m);
	assert_true(after - before >= 3000000);
}

static void many_descriptors_can_be_waited_for(void **state)
{
	struct pollfd fds[80];
	unsigned int i, line;

	NEEDS_QEMU();
	line = rig_line(&one, 0);
	for (i = 0; i < 80; i++)
		fds[i] = (struct pollfd){ one.m->ops->irq_fd(one.m, 16 + i), POLLIN, 0 };
	fds[3].fd = -1;
	fds[79].fd = one.m->ops->irq_fd(one.m, line);

	rig_write(&one, 0, EDU_REG_RAISE, 1);

	assert_int_equal(one.m->ops->wait(one.m, fds, 80, one.m->ops->clock(one.m) + 2000000000),
			 1);
	assert_int_equal(fds[79].revents, POLLIN);
	assert_int_equal(fds[3].revents, 0);
	quiet_line(&one, 0);
}

static void reset_quiets_the_device_and_forgets_its_setup(void **state)
{
	unsigned int line;

	NEEDS_QEMU();
	line = rig_line(&one, 0);
	rig_write(&one, 0, EDU_REG_RAISE, 1);
	assert_int_equal(rig_take(&one, line), 1);

	assert_int_equal(one.m->ops->reset(one.m, one.edu[0]), 0);

	assert_int_equal(rig_cfg(&one, one.edu[0], CFG_COMMAND, 2), 0);
	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0xffffffff);
	rig_cfg_set(&one, one.edu[0], CFG_BAR0, 4, (uint32_t)one.bar[0]);
	rig_cfg_set(&one, one.edu[0], CFG_COMMAND, 2, 7);
	assert_int_equal(rig_read(&one, 0, EDU_REG_ID), 0x010000ed);
	quiet_line(&one, 0);
}

static void a_function_of_the_chipset_cannot_be_reset_alone(void **state)
{
	NEEDS_QEMU();

	assert_int_equal(one.m->ops->reset(one.m, rb_pci_addr_make(0, 0, 0x1f, 0)), -ENOTSUP);
	assert_int_equal(one.m->ops->reset(one.m, rb_pci_addr_make(0, 9, 0, 0)), -ENODEV);
}

static void a_removed_card_reads_all_ones_and_is_gone(void **state)
{
	struct rb_pci_addr port = rb_pci_addr_make(0, 0, 24, 0), fns[64];
	unsigned int express, before;
	struct rbi_intx intx;
	uint64_t val;

	NEEDS_QEMU();
	before = (unsigned int)one.m->ops->functions(one.m, fns, 64);
	express = rig_cfg(&one, port, 0x34, 1);
	while ((rig_cfg(&one, port, express, 1)) != 0x10)
		express = rig_cfg(&one, port, express + 1, 1);

	/* slot control: power off, indicator off (PCIe 6.0, 7.5.3.10) */
	rig_cfg_set(&one, port, express + 0x18, 2, 0x0700);

	assert_int_equal(one.m->ops->mem_read(one.m, one.bar[0], 4, &val), -ENODEV);
	assert_int_equal(val, 0xffffffff);
	assert_int_equal(one.m->ops->mem_write(one.m, one.bar[0], 4, 0), -ENODEV);
	assert_int_equal(rig_cfg(&one, one.edu[0], 0, 4), 0xffffffff);
	assert_int_equal(one.m->ops->functions(one.m, fns, 64), before - 1);
	assert_int_equal(one.m->ops->intx(one.m, one.edu[0], &intx), -ENODEV);
	assert_int_equal(one.m->ops->claim(one.m, one.edu[0]), -ENODEV);
	assert_int_equal(one.m->ops->reset(one.m, one.edu[0]), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_shows_the_chipset_and_the_device_but_not_the_doorbell),
		cmocka_unit_test(a_list_that_is_too_short_still_gives_the_count),
		cmocka_unit_test(the_device_has_a_root_port_of_its_own),
		cmocka_unit_test(bars_and_interrupt_lines_are_assigned_as_firmware_would),
		cmocka_unit_test(an_absent_function_reads_all_ones_and_swallows_writes),
		cmocka_unit_test(space_past_a_conventional_header_reads_all_ones),
		cmocka_unit_test(a_misaligned_config_access_is_refused),
		cmocka_unit_test(every_way_into_configuration_space_sees_the_same),
		cmocka_unit_test(bus_numbers_of_bridges_cannot_be_changed),
		cmocka_unit_test(registers_answer),
		cmocka_unit_test(posted_writes_arrive_in_order_however_many),
		cmocka_unit_test(with_decoding_off_registers_read_all_ones),
		cmocka_unit_test(behind_a_closed_bridge_registers_read_all_ones),
		cmocka_unit_test(a_moved_bar_is_found_at_its_new_place_only),
		cmocka_unit_test(an_address_of_nobody_reads_all_ones_in_every_width),
		cmocka_unit_test(a_misaligned_access_is_refused),
		cmocka_unit_test(ports_of_nobody_read_all_ones),
		cmocka_unit_test(ram_begins_above_the_first_mebibyte),
		cmocka_unit_test(only_ram_can_be_mapped_as_ram),
		cmocka_unit_test(dma_carries_bytes_both_ways),
		cmocka_unit_test(memory_that_is_mapped_again_is_zeroed),
		cmocka_unit_test(without_bus_mastering_nothing_is_carried),
		cmocka_unit_test(a_factorial_is_announced_on_the_line),
		cmocka_unit_test(a_line_masks_itself_and_fires_again_while_it_is_up),
		cmocka_unit_test(a_masked_line_counts_nothing),
		cmocka_unit_test(devices_that_share_a_line_keep_it_up_until_all_are_quiet),
		cmocka_unit_test(devices_are_spread_over_all_four_lines),
		cmocka_unit_test(lines_are_rotated_by_every_bridge_on_the_way),
		cmocka_unit_test(a_factorial_is_announced_by_a_message),
		cmocka_unit_test(messages_are_counted_one_by_one_and_stay_on_their_vector),
		cmocka_unit_test(the_exchange_of_a_message_is_undone),
		cmocka_unit_test(messages_of_one_function_are_undone_each_by_itself),
		cmocka_unit_test(a_message_to_plain_memory_is_left_alone),
		cmocka_unit_test(vectors_that_do_not_exist_are_refused),
		cmocka_unit_test(waiting_ends_at_its_deadline),
		cmocka_unit_test(many_descriptors_can_be_waited_for),
		cmocka_unit_test(reset_quiets_the_device_and_forgets_its_setup),
		cmocka_unit_test(a_function_of_the_chipset_cannot_be_reset_alone),
		cmocka_unit_test(a_removed_card_reads_all_ones_and_is_gone),
	};

	return cmocka_run_group_tests(tests, power_on, power_off);
}
