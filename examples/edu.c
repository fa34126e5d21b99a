/* SPDX-License-Identifier: MIT */
/*
 * edu.c - a whole driver, for QEMU's teaching device "edu" (PCI 1234:11e8).
 *
 *     rbdrv-example-edu [--stats] [MACHINE]
 *
 * MACHINE, or else the environment variable RBDRV_MACHINE, says where the device
 * is: "qemu:edu" is QEMU's own, "mock:edu" a model in C; on Redox neither is
 * needed. The driver is the same in each case: it includes one header and does
 * not know. The device computes factorials, copies memory to itself and back,
 * and interrupts when it is done or when it is told to.
 *
 * Read drive() first, then each step.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rbdrv/rbdrv.h>

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8

/* Registers of BAR0 (doc/qemu-notes.md, 4). Offsets are bytes. */
#define REG_ID	       0x00 /* 0xMMmm00ed: version MM.mm */
#define REG_LIVENESS   0x04 /* reads as the complement of what was written */
#define REG_FACTORIAL  0x08 /* write n, read n! once STATUS_BUSY is clear */
#define REG_STATUS     0x20
#define REG_IRQ_STATUS 0x24 /* which interrupts are raised */
#define REG_IRQ_RAISE  0x60 /* raises the bits written */
#define REG_IRQ_ACK    0x64 /* clears the bits written */
#define REG_DMA_SRC    0x80
#define REG_DMA_DST    0x88
#define REG_DMA_COUNT  0x90
#define REG_DMA_CMD    0x98

#define STATUS_BUSY	   0x01u /* a factorial is being computed */
#define STATUS_IRQ_ON_DONE 0x80u /* raise IRQ_FACTORIAL after it */

#define IRQ_FACTORIAL 0x001u
#define IRQ_TEST      0x002u /* ours: the device gives this bit no meaning */
#define IRQ_DMA	      0x100u

#define DMA_RUN	     0x1u
#define DMA_TO_RAM   0x2u /* from the device's buffer to memory; else the other way */
#define DMA_IRQ	     0x4u /* raise IRQ_DMA at the end */
#define DMA_INTERNAL 0x40000u /* the device's own buffer, as its DMA engine names it */

#define DMA_ADDR_BITS 28u /* edu reaches no further unless told so by dma_mask= */
#define DMA_BYTES     4095u /* QEMU 7.2 aborts at 4096, the size of that buffer */
#define DMA_BACK      4096u /* where in our buffer the bytes return to */

#define TIMEOUT_MS 2000 /* far above the 100 ms that one DMA takes */
#define TIMEOUT_US ((uint64_t)TIMEOUT_MS * 1000)

struct edu {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
	struct rb_irq_set *irqs;
	bool shows_stats;
};

/* Report a step that went well. */
#define OK(...) (fputs("  ok  ", stdout), printf(__VA_ARGS__), putchar('\n'))

/* Report that the library refused @what, and pass its code on. */
static int refused(const char *what, int rc)
{
	fflush(stdout);
	fprintf(stderr, "  FAILED  %s: %s: %s\n", what, rb_strerror(rc), rb_last_error());
	return rc;
}

/* Report that the device answered @got where @want is right. */
static int wrong(const char *what, uint64_t got, uint64_t want)
{
	fflush(stdout);
	fprintf(stderr, "  FAILED  %s is %#" PRIx64 ", not %#" PRIx64 "\n", what, got, want);
	return -EIO;
}

/* --- finding, claiming, mapping -------------------------------------------------- */

/* A scan touches no device; it only says where one is. */
static int find(struct edu *edu, struct rb_pci_addr *addr)
{
	struct rb_pci_filter filter = RB_PCI_FILTER_INIT;
	const struct rb_pci_info *info;
	char text[RB_PCI_ADDR_LEN];
	struct rb_pci_list *list;
	int rc;

	filter.vendor = EDU_VENDOR;
	filter.device = EDU_DEVICE;
	rc = rb_pci_scan(edu->ctx, &filter, &list);
	if (rc < 0)
		return refused("scan", rc);

	info = rb_pci_list_get(list, 0);
	if (info == NULL) {
		fprintf(stderr,
			"  FAILED  device not found: no function %04x:%04x on this machine\n",
			EDU_VENDOR, EDU_DEVICE);
		rb_pci_list_close(list);
		return -ENOENT;
	}

	*addr = rb_pci_info_addr(info);
	OK("found %s: %04x:%04x, class %06x, revision %02x", rb_pci_addr_format(*addr, text),
	   rb_pci_info_vendor(info), rb_pci_info_device(info),
	   (unsigned int)rb_pci_info_class(info), rb_pci_info_revision(info));
	rb_pci_list_close(list);
	return 0;
}

static int claim_and_map(struct edu *edu, struct rb_pci_addr addr)
{
	int rc;

	rc = rb_pci_open(edu->ctx, addr, &edu->dev);
	if (rc < 0)
		return refused("claim", rc);
	rc = rb_mmio_map(edu->dev, 0, 0, 0, RB_MMIO_UC, &edu->regs);
	if (rc < 0)
		return refused("map BAR0", rc);

	OK("claimed it and mapped BAR0: %" PRIu64 " KiB at %#" PRIx64,
	   rb_mmio_size(edu->regs) / 1024, rb_pci_bar_phys(edu->dev, 0).value);
	return 0;
}

/* --- registers ------------------------------------------------------------------------ */

static int identify(struct edu *edu)
{
	const uint32_t probe = 0x12345678;
	uint32_t id, answer;

	id = rb_mmio_read32(edu->regs, REG_ID);
	if ((id & 0xffff) != 0x00ed)
		return wrong("identification register", id, 0x010000ed);
	OK("identification register %#010" PRIx32 ": edu, version %" PRIu32 ".%" PRIu32, id,
	   id >> 24, id >> 16 & 0xff);

	rb_mmio_write32(edu->regs, REG_LIVENESS, probe);
	answer = rb_mmio_read32(edu->regs, REG_LIVENESS);
	if (answer != (uint32_t)~probe)
		return wrong("liveness register", answer, (uint32_t)~probe);
	OK("alive: wrote %#010" PRIx32 ", read its complement %#010" PRIx32, probe, answer);
	return 0;
}

/* --- interrupts ------------------------------------------------------------------------- */

/* Take what came, quieting the device each time; *@seen collects the causes. */
static int drain(struct edu *edu, uint64_t *count, uint32_t *seen)
{
	uint32_t causes;
	uint64_t n;
	int rc;

	for (;;) {
		rc = rb_irq_take(edu->irqs, 0, &n);
		if (rc < 0)
			return refused("take", rc);
		if (n == 0)
			return 0;

		/* The next take unmasks an INTx line, so the device must be quiet by
		 * then: a write may still be on its way, reading back waits for it. */
		causes = rb_mmio_read32(edu->regs, REG_IRQ_STATUS);
		rb_mmio_write32(edu->regs, REG_IRQ_ACK, causes);
		(void)rb_mmio_read32(edu->regs, REG_IRQ_STATUS);

		*count += n;
		*seen |= causes;
	}
}

/* Sleep until at least @want interrupts have come since; all must have had @cause. */
static int collect(struct edu *edu, uint32_t cause, uint64_t want, uint64_t *count)
{
	uint32_t seen = 0;
	int rc;

	*count = 0;
	while (*count < want) {
		rc = rb_irq_wait(edu->irqs, 0, TIMEOUT_MS);
		if (rc < 0)
			return refused("wait for an interrupt", rc);
		rc = drain(edu, count, &seen);
		if (rc < 0)
			return rc;
	}
	if (seen != cause)
		return wrong("interrupt cause", seen, cause);
	return 0;
}

/* The device computes, and says by an interrupt that it has. */
static int factorial(struct edu *edu, uint32_t n)
{
	uint32_t i, answer, want = 1;
	uint64_t count;
	int rc;

	for (i = 2; i <= n; i++)
		want *= i;

	rb_mmio_write32(edu->regs, REG_STATUS, STATUS_IRQ_ON_DONE);
	rb_mmio_write32(edu->regs, REG_FACTORIAL, n);
	rc = collect(edu, IRQ_FACTORIAL, 1, &count);
	if (rc < 0)
		return rc;

	answer = rb_mmio_read32(edu->regs, REG_FACTORIAL);
	if (answer != want)
		return wrong("factorial", answer, want);
	OK("the device computed %" PRIu32 "! = %" PRIu32 " and announced it by an interrupt", n,
	   answer);
	return 0;
}

/*
 * Let the device interrupt @want times and count. Messages are counted one by
 * one, so all of them may be under way at once. A line that is up cannot rise
 * again, so there each interrupt is handled before the next is raised.
 */
static int count_interrupts(struct edu *edu, uint64_t want)
{
	bool line = rb_irq_set_kind(edu->irqs) == RB_IRQ_INTX;
	uint64_t i, count, total = 0;
	int rc;

	for (i = 1; i <= want; i++) {
		rb_mmio_write32(edu->regs, REG_IRQ_RAISE, IRQ_TEST);
		if (!line && i < want)
			continue;
		rc = collect(edu, IRQ_TEST, line ? 1 : want, &count);
		if (rc < 0)
			return rc;
		total += count;
	}

	if (total != want)
		return wrong("number of interrupts", total, want);
	OK("raised %" PRIu64 " interrupts, counted %" PRIu64, want, total);
	return 0;
}

/* --- DMA ----------------------------------------------------------------------------------- */

/* CRC-32 (IEEE 802.3), bit by bit. */
static uint32_t checksum(const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0xffffffff;
	int bit;

	while (len-- > 0) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Run the DMA engine once; both addresses fit 32 bits, see DMA_ADDR_BITS. */
static int transfer(struct edu *edu, uint64_t src, uint64_t dst, uint32_t direction)
{
	uint64_t count;
	int rc;

	rb_mmio_write32(edu->regs, REG_DMA_SRC, (uint32_t)src);
	rb_mmio_write32(edu->regs, REG_DMA_DST, (uint32_t)dst);
	rb_mmio_write32(edu->regs, REG_DMA_COUNT, DMA_BYTES);
	rb_mmio_write32(edu->regs, REG_DMA_CMD, DMA_RUN | DMA_IRQ | direction);

	rc = collect(edu, IRQ_DMA, 1, &count);
	if (rc < 0)
		return rc;
	rc = rb_mmio_poll32(edu->regs, REG_DMA_CMD, DMA_RUN, 0, TIMEOUT_US, NULL);
	return rc < 0 ? refused("wait for the DMA engine", rc) : 0;
}

/* Send bytes into the device and fetch them back to another place. */
static int round_trip(struct edu *edu, struct rb_dma_buf *buf)
{
	uint8_t *bytes = rb_dma_cpu(buf);
	uint32_t sent, back;
	size_t i;
	int rc;

	for (i = 0; i < DMA_BYTES; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	sent = checksum(bytes, DMA_BYTES);

	rb_dma_publish(buf, 0, DMA_BYTES); /* before the register that starts the device */
	rc = transfer(edu, rb_dma_addr(buf, 0).value, DMA_INTERNAL, 0);
	if (rc < 0)
		return rc;
	rc = transfer(edu, DMA_INTERNAL, rb_dma_addr(buf, DMA_BACK).value, DMA_TO_RAM);
	if (rc < 0)
		return rc;
	rb_dma_observe(buf, DMA_BACK, DMA_BYTES); /* after the sign of completion */

	back = checksum(bytes + DMA_BACK, DMA_BYTES);
	if (back != sent)
		return wrong("checksum after the round trip", back, sent);
	OK("DMA: %u bytes from bus address %#" PRIx64 " to the device and back to %#" PRIx64
	   ", checksum %08" PRIx32,
	   DMA_BYTES, rb_dma_addr(buf, 0).value, rb_dma_addr(buf, DMA_BACK).value, back);
	return 0;
}

/* Find memory that the device reaches, and use it. */
static int dma(struct edu *edu)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_dma_buf *buf;
	int rc;

	options.addr_bits = DMA_ADDR_BITS;
	options.label = "edu round trip";
	rc = rb_dma_alloc(edu->dev, DMA_BACK + DMA_BYTES, &options, &buf);
	if (rc < 0)
		return refused("allocate a DMA buffer", rc);
	rc = round_trip(edu, buf);
	rb_dma_close(buf);
	return rc;
}

/* --- the driver ------------------------------------------------------------------------------- */

/* The library's own counters, and how long interrupts took. */
static void show_stats(struct edu *edu)
{
	char text[2048];

	rb_irq_summary(edu->irqs, text, sizeof(text));
	fputs(text, stdout);
}

/* Everything that interrupts, with interrupts of one kind. */
static int work(struct edu *edu, enum rb_irq_kind kind, const char *name)
{
	struct rb_irq_options options = RB_IRQ_OPTIONS_INIT;
	uint64_t count = 0;
	uint32_t seen = 0;
	int rc;

	printf("with %s:\n", name);
	options.kinds = kind;
	options.flags = edu->shows_stats ? RB_IRQ_TIMED : 0;
	rc = rb_irq_set_open(edu->dev, &options, &edu->irqs);
	if (rc < 0)
		return refused("open interrupts", rc);

	rc = drain(edu, &count, &seen); /* once: forget what came before */
	if (rc == 0)
		rc = factorial(edu, 10);
	if (rc == 0)
		rc = dma(edu);
	if (rc == 0)
		rc = count_interrupts(edu, 10);

	if (edu->shows_stats)
		show_stats(edu);
	rb_irq_set_close(edu->irqs);
	edu->irqs = NULL;
	return rc;
}

/* The steps in their order; what was opened here is closed here. */
static int drive(struct edu *edu)
{
	struct rb_pci_addr addr;
	int rc;

	rc = find(edu, &addr);
	if (rc == 0)
		rc = claim_and_map(edu, addr);
	if (rc == 0)
		rc = identify(edu);
	if (rc == 0)
		rc = work(edu, RB_IRQ_MSI, "MSI");
	if (rc == 0)
		rc = work(edu, RB_IRQ_INTX, "INTx");

	rb_mmio_close(edu->regs); /* takes NULL, as every release does */
	rb_pci_unref(edu->dev);
	return rc;
}

int main(int argc, char **argv)
{
	struct edu edu = { NULL, NULL, NULL, NULL, false };
	int rc;

	if (argc > 1 && strcmp(argv[1], "--stats") == 0) {
		edu.shows_stats = true;
		argc--;
		argv++;
	}
	rc = rb_ctx_new(argc > 1 ? argv[1] : NULL, &edu.ctx);
	if (rc < 0) {
		refused("open the machine", rc);
		return 1;
	}

	printf("edu on machine %s\n", rb_ctx_machine(edu.ctx));
	rc = drive(&edu);
	if (rc == 0)
		OK("everything given back: %zu objects are open", rb_ctx_live(edu.ctx, NULL, 0));
	rb_ctx_unref(edu.ctx);
	return rc == 0 ? 0 : 1;
}
