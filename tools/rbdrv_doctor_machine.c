/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_doctor_machine.c - rbdrv doctor: machines, looked at through the library.
 */
#include <errno.h>
#include <string.h>

#include "doctor.h"

#define BUILD_ADVICE "build librbdrv on a Linux host, and install librbdrv-host beside it"
#define ROOT_ADVICE  "run it as root, a hosted machine without uid=: Redox gives hardware to uid 0"
#define DMA_ADVICE   "only drivers whose devices read or write memory need it; see doc/dma.md"
#define PORT_ADVICE  "only drivers of x86 devices with I/O BARs need ports; others go on without"

/* --- machines that everybody has ------------------------------------------------------ */

/* Open a machine, count its functions and close it: 0 or the library's code. */
static int try_machine(const char *machine, size_t *count)
{
	struct rb_pci_list *list = NULL;
	struct rb_ctx *ctx;
	int rc;

	rc = rb_ctx_new(machine, &ctx);
	if (rc < 0)
		return rc;
	rc = rb_pci_scan(ctx, NULL, &list);
	*count = rc < 0 ? 0 : rb_pci_list_count(list);
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
	return rc;
}

static int try_and_say(struct doctor *d, bool needed, const char *thing, const char *machine,
		       const char *advice)
{
	size_t count;
	int rc = try_machine(machine, &count);

	if (rc < 0)
		doctor_say_error(d, needed, thing, advice, rc);
	else
		doctor_say(d, FINE, thing, NULL, "%s opens, %zu function%s", machine, count,
			   count == 1 ? "" : "s");
	return rc;
}

void doctor_look_at_hosted(struct doctor *d)
{
	bool needed = d->wants_mock || d->wants_qemu || d->wants_pci;
	int rc;

	rc = try_and_say(d, needed, "machine mock", "mock:edu", BUILD_ADVICE);
	if (rc == -ENOTSUP) /* librbdrv-host is not there, and what stands in it neither */
		return;
	try_and_say(d, d->wants_qemu, "machine qemu", "qemu:edu",
		    "apt-get install qemu-system-x86, or set RBDRV_QEMU to the program");
	try_and_say(d, d->wants_pci, "machine pci", "pci",
		    "apt-get install libpciaccess-dev, then configure and build again");
}

/* --- the one that was named ------------------------------------------------------------ */

/* May this process read configuration space? Ids are what shows it. */
static void look_at_ids(struct doctor *d, const struct rb_pci_list *list)
{
	size_t i, hidden = 0, count = rb_pci_list_count(list);

	for (i = 0; i < count; i++)
		hidden += !rb_pci_info_known(rb_pci_list_get(list, i));
	if (count == 0)
		doctor_say(d, NOTE, "functions", "name a device: \"mock:edu\", \"qemu:e1000e\"",
			   "none to be seen");
	else if (hidden > 0)
		doctor_say(d, BROKEN, "functions", ROOT_ADVICE,
			   "%zu, but the ids of %zu are hidden from this process", count, hidden);
	else
		doctor_say(d, FINE, "functions", NULL, "%zu, with their ids", count);
}

/* The largest block below 2^@addr_bits, which is given back at once: 0 or why there is none. */
static int find_block(struct rb_pci_dev *dev, uint32_t addr_bits, uint64_t *size)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf = NULL;
	int rc = -ENOMEM;

	options.addr_bits = addr_bits;
	options.label = "rbdrv doctor";
	for (*size = RB_DMA_MAX; *size >= 4096 && rc == -ENOMEM; *size /= 2) {
		rc = rb_dma_alloc(dev, *size, &options, &buf);
		if (rc == 0)
			break;
	}
	rb_dma_close(buf);
	return rc;
}

static void look_at_dma(struct doctor *d, struct rb_pci_dev *dev)
{
	uint64_t any, low;
	int rc = find_block(dev, 64, &any);

	if (rc < 0) {
		doctor_say_error(d, false, "DMA memory", DMA_ADVICE, rc);
		return;
	}
	if (find_block(dev, 32, &low) < 0)
		doctor_say(d, NOTE, "DMA memory", "devices with 32-bit addresses cannot be driven",
			   "blocks of up to %u KiB, but none was found below 4 GiB",
			   (unsigned int)(any / 1024));
	else
		doctor_say(d, FINE, "DMA memory", NULL,
			   "blocks of up to %u KiB; below 4 GiB %u KiB",
			   (unsigned int)(any / 1024), (unsigned int)(low / 1024));
}

/* On a machine of our own a claim harms nobody. */
static void look_at_claims(struct doctor *d, struct rb_ctx *ctx, const struct rb_pci_list *list)
{
	char addr[RB_PCI_ADDR_LEN];
	struct rb_pci_dev *dev;
	int rc;

	if (rb_pci_list_count(list) == 0)
		return;
	rb_pci_addr_format(rb_pci_info_addr(rb_pci_list_get(list, 0)), addr);
	rc = rb_pci_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &dev);
	if (rc < 0) {
		doctor_say_error(d, true, "claims", ROOT_ADVICE, rc);
		return;
	}
	doctor_say(d, FINE, "claims", NULL, "%s can be opened", addr);
	look_at_dma(d, dev);
	rb_pci_unref(dev);
}

/* The right to ports is asked for, and no port is touched. */
static void look_at_ports(struct doctor *d, struct rb_ctx *ctx)
{
	struct rb_pio *ports;
	int rc = rb_pio_map_ports(ctx, 0, 1, &ports);

	if (rc < 0) {
		doctor_say_error(d, false, "port I/O", PORT_ADVICE, rc);
		return;
	}
	doctor_say(d, FINE, "port I/O", NULL, "granted");
	rb_pio_close(ports);
}

void doctor_look_at_named(struct doctor *d)
{
	struct rb_pci_list *list;
	struct rb_ctx *ctx;
	int rc;

	if (!d->machine && !d->wants_system)
		return;
	rc = rb_ctx_new(d->machine, &ctx);
	if (rc < 0) {
		doctor_say_error(d, true, "the machine named", "see rbdrv(1) for machine strings", rc);
		return;
	}
	doctor_say(d, FINE, "the machine named", NULL, "%s opens", d->machine ? d->machine : "redox");

	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc < 0) {
		doctor_say_error(d, true, "functions", "start pcid, the PCI server", rc);
	} else {
		look_at_ids(d, list);
		if (d->wants_mock || d->wants_qemu)
			look_at_claims(d, ctx, list);
		rb_pci_list_close(list);
	}
	if (!d->wants_pci)
		look_at_ports(d, ctx);
	rb_ctx_unref(ctx);
}
