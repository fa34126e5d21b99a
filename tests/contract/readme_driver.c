#include <stdio.h>
#include <stdlib.h>
#include <rbdrv/rbdrv.h>

static void must(int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "%s: %s\n", rb_strerror(rc), rb_last_error());
	exit(1);
}

int main(void)
{
	struct rb_pci_filter edu = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	struct rb_irq_set *irqs;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_ctx *ctx;
	uint64_t count;

	edu.vendor = 0x1234;
	edu.device = 0x11e8;
	must(rb_ctx_new(NULL, &ctx)); /* $RBDRV_MACHINE; on Redox the system itself */
	must(rb_pci_scan(ctx, &edu, &list));
	if (rb_pci_list_count(list) == 0) {
		fputs("there is no edu device\n", stderr);
		return 1;
	}
	must(rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &dev));
	must(rb_mmio_map(dev, 0, 0, 0, RB_MMIO_UC, &regs));
	must(rb_irq_set_open(dev, NULL, &irqs)); /* MSI if it can, else the pin */
	must(rb_irq_take(irqs, 0, &count));      /* forget what came before */

	rb_mmio_write32(regs, 0x20, 0x80); /* interrupt when done */
	rb_mmio_write32(regs, 0x08, 10);   /* compute 10! */
	must(rb_irq_wait(irqs, 0, 1000));
	do {
		rb_mmio_write32(regs, 0x64, rb_mmio_read32(regs, 0x24)); /* quiet it */
		must(rb_irq_take(irqs, 0, &count));
	} while (count > 0);
	printf("10! = %u\n", (unsigned int)rb_mmio_read32(regs, 0x08));

	rb_irq_set_close(irqs);
	rb_mmio_close(regs);
	rb_pci_unref(dev);
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
	return 0;
}
