/* SPDX-License-Identifier: MIT */
/*
 * wrong_msix.c - drivers that write the MSI-X table themselves. irq.h tells them to keep
 * away; those that do not must at least keep the order: mask, write, unmask.
 */
#include "wrong.h"

#define ENTRY_DATA 8
#define ENTRY_CTRL 12
#define ENTRY	   16
#define MASKED	   1u

struct table {
	struct rb_irq_set *irqs;
	struct rb_mmio *regs;
};

/* A set of one vector, entry 0, and a window of the driver's own on the table. */
static int open_table(struct rig *rig, struct table *table)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	int rc;

	table->regs = NULL;
	options.kinds = RB_IRQ_MSIX;
	rc = rb_irq_set_open(rig->dev, &options, &table->irqs);
	if (rc == 0)
		rc = rb_mmio_map(rig->dev, MSIX_BAR, 0, MSIX_VECTORS * ENTRY, RB_MMIO_UC,
				 &table->regs);
	return rc;
}

static int close_table(struct table *table, int rc)
{
	rb_mmio_close(table->regs);
	rb_irq_set_close(table->irqs);
	return rc;
}

/* --- an entry in use ------------------------------------------------------------------------ */

/* Move the interrupt elsewhere and back. */
static void move(struct table *table)
{
	uint32_t data = rb_mmio_read32(table->regs, ENTRY_DATA);

	rb_mmio_write32(table->regs, ENTRY_DATA, data + 1);
	rb_mmio_write32(table->regs, ENTRY_DATA, data);
}

static int move_entry(struct rig *rig, bool masks)
{
	struct table table;
	int rc;

	rc = open_table(rig, &table);
	if (rc == 0 && masks)
		rc = rb_irq_mask(table.irqs, 0, true);
	if (rc == 0)
		move(&table);
	if (rc == 0 && masks)
		rc = rb_irq_mask(table.irqs, 0, false);
	return close_table(&table, rc);
}

static int writes_unmasked(struct rig *rig)
{
	return move_entry(rig, false);
}

static int masks_first(struct rig *rig)
{
	return move_entry(rig, true);
}

/* --- an entry that is not whole --------------------------------------------------------------- */

/* Send a second source to the vector of the first; the device is quick to use it. */
static int add_entry(struct rig *rig, bool is_whole)
{
	uint64_t count = 0;
	struct table table;
	uint32_t word;
	int rc;

	rc = open_table(rig, &table);
	if (rc < 0)
		return rc;
	for (word = 0; is_whole && word < ENTRY_CTRL; word += 4)
		rb_mmio_write32(table.regs, ENTRY + word, rb_mmio_read32(table.regs, word));
	rb_mmio_write32(table.regs, ENTRY + ENTRY_CTRL, 0);
	rb_mock_msix(rig->mock, 1);
	rc = rb_irq_take(table.irqs, 0, &count);
	if (rc == 0 && count != 1)
		rc = WRONG_RESULT;
	rb_mmio_write32(table.regs, ENTRY + ENTRY_CTRL, MASKED);
	return close_table(&table, rc);
}

static int unmasks_before_it_writes(struct rig *rig)
{
	return add_entry(rig, false);
}

static int writes_before_it_unmasks(struct rig *rig)
{
	return add_entry(rig, true);
}

int main(void)
{
	static const struct wrong pairs[] = {
		{ "writes_its_entry_while_it_is_not_masked",
		  "entry 0 of the MSI-X table is changed while it is enabled and not masked",
		  writes_unmasked, masks_first, NULL },
		{ "unmasks_an_entry_before_it_is_whole", "MSI-X 1 goes to address 0",
		  unmasks_before_it_writes, writes_before_it_unmasks, NULL },
	};

	return wrong_run_on(adder_msix_build, pairs, sizeof(pairs) / sizeof(pairs[0]));
}
