/* SPDX-License-Identifier: MIT */
/* pio.c - windows of I/O ports: map, access, close. */
#include "config.h"

#include <stdio.h>

#include <rbdrv/pio.h>

#include "mmio/access_fault.h"
#include "os/os_port.h"
#include "pci/pci_dev.h"

struct rb_pio {
	struct rb_ctx *ctx; /* a reference when there is no device, which has its own */
	struct rb_pci_dev *dev; /* a reference; NULL: the ports of no BAR */
	char whose[40]; /* "0000:00:02.0 BAR1", "ports 0x60-0x64": for sentences */
	uint32_t port; /* the first */
	uint32_t size;
	struct rbi_live live;
	_Atomic uint64_t fault; /* the first failed access, packed; 0: none */
};

/* --- map and close ------------------------------------------------------------------ */

/* Is [off, off + *size) in the BAR? A *size of 0 becomes what is left of it. */
static int check_window(struct rb_pci_dev *dev, unsigned int index, const struct rbi_pci_bar *bar,
			uint32_t off, uint32_t *size)
{
	const char *name = rbi_pci_name(dev);
	uint64_t end = bar->size;

	if (bar->kind != RB_PCI_BAR_IO)
		return rbi_fail(-ENOENT, "%s has no I/O BAR%u", name, index);
	if (bar->addr == 0 || bar->addr >= RBI_PORTS)
		return rbi_fail(-ERANGE, "%s BAR%u: it was given no ports", name, index);
	if (end == 0 && *size == 0)
		return rbi_fail(-EINVAL,
				"%s BAR%u: this system does not tell how many ports it has; name "
				"the size of the window",
				name, index);
	if (end == 0 || end > RBI_PORTS - bar->addr)
		end = RBI_PORTS - bar->addr;
	if (off >= end)
		return rbi_fail(-ERANGE, "%s BAR%u: offset %#x is past its end at %#llx", name,
				index, off, (unsigned long long)end);
	if (*size == 0)
		*size = (uint32_t)end - off;
	if (*size > end - off)
		return rbi_fail(-ERANGE, "%s BAR%u: %#x bytes at %#x pass its end at %#llx", name,
				index, *size, off, (unsigned long long)end);
	return 0;
}

/* A window that knows where it is and holds nothing yet. */
static int new_window(struct rb_ctx *ctx, uint32_t port, uint32_t size, struct rb_pio **out)
{
	struct rb_pio *pio;
	int rc;

	rc = rbi_os_port_grant(ctx->os);
	if (rc < 0)
		return rc;
	pio = rbi_alloc(1, sizeof(*pio));
	if (!pio)
		return rbi_no_memory("a window");
	pio->ctx = ctx;
	pio->port = port;
	pio->size = size;
	atomic_init(&pio->fault, 0);
	*out = pio;
	return 0;
}

int rb_pio_map(struct rb_pci_dev *dev, unsigned int bar, uint32_t off, uint32_t size,
	       struct rb_pio **out)
{
	struct rbi_pci_bar where;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pio_map: nowhere to put the window");
	*out = NULL;
	if (!dev)
		return rbi_fail(-EINVAL, "rb_pio_map: NULL");
	rc = rbi_ctx_check(rbi_pci_ctx(dev), "rb_pio_map");
	if (rc == 0)
		rc = rbi_pci_refuse_gone(dev);
	if (rc < 0)
		return rc;

	where = rbi_pci_bar(dev, bar);
	rc = check_window(dev, bar, &where, off, &size);
	if (rc == 0)
		rc = new_window(rbi_pci_ctx(dev), (uint32_t)where.addr + off, size, out);
	if (rc < 0)
		return rc;

	rb_pci_ref(dev);
	(*out)->dev = dev;
	snprintf((*out)->whose, sizeof((*out)->whose), "%s BAR%u", rbi_pci_name(dev), bar);
	rbi_live_add((*out)->ctx, &(*out)->live, "ports", "of BAR%u of %s", bar,
		     rbi_pci_name(dev));
	return 0;
}

int rb_pio_map_ports(struct rb_ctx *ctx, uint16_t port, uint32_t count, struct rb_pio **out)
{
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pio_map_ports: nowhere to put the window");
	*out = NULL;
	rc = rbi_ctx_check(ctx, "rb_pio_map_ports");
	if (rc < 0)
		return rc;
	if (count == 0)
		return rbi_fail(-EINVAL, "rb_pio_map_ports: no ports");
	if (count > RBI_PORTS - port)
		return rbi_fail(-ERANGE, "rb_pio_map_ports: %u ports at %#x pass the last one",
				count, port);
	rc = new_window(ctx, port, count, out);
	if (rc < 0)
		return rc;

	rb_ctx_ref(ctx);
	snprintf((*out)->whose, sizeof((*out)->whose), "ports %#x-%#x", port, port + count - 1);
	rbi_live_add(ctx, &(*out)->live, "ports", "%#x-%#x", port, port + count - 1);
	return 0;
}

void rb_pio_close(struct rb_pio *pio)
{
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;

	if (!pio)
		return;

	rbi_live_del(pio->ctx, &pio->live);
	dev = pio->dev;
	ctx = pio->ctx;
	rbi_free(pio);
	if (dev)
		rb_pci_unref(dev);
	else
		rb_ctx_unref(ctx);
}

uint32_t rb_pio_size(const struct rb_pio *pio)
{
	return pio ? pio->size : 0;
}

int rb_pio_error(struct rb_pio *pio)
{
	if (!pio)
		return rbi_fail(-EINVAL, "rb_pio_error: NULL");
	return rbi_access_error(&pio->fault, pio->whose, pio->size);
}

/* --- accesses ------------------------------------------------------------------------ */

/*
 * The port at @off. What lies past the window could be somebody else's register, so it
 * becomes no port at all; a strict world sees it nevertheless.
 */
static uint32_t port_at(const struct rb_pio *pio, uint32_t off, unsigned int width)
{
	if (width <= pio->size && off <= pio->size - width)
		return pio->port + off;
	return off > UINT32_MAX - RBI_PORTS ? UINT32_MAX : RBI_PORTS + off;
}

/* -ENODEV from below is about the device. */
static int settle(struct rb_pio *pio, int rc)
{
	if (rc == -ENODEV && pio->dev)
		rbi_pci_set_gone(pio->dev);
	return rc;
}

/* Reads go below even when the device is gone, so that a strict world can end a loop of
 * them; any other value may be of a device that has come since. */
static int try_read(struct rb_pio *pio, uint32_t off, unsigned int width, uint32_t *val)
{
	bool was_gone = pio->dev && rb_pci_is_gone(pio->dev);
	int rc;

	if (!rbi_ctx_is_ours(pio->ctx))
		return -ENODEV;
	rc = rbi_os_port_in(pio->ctx->os, port_at(pio, off, width), width, val);
	if (rc == RBI_ENDS_LOOP)
		return 0;
	rc = settle(pio, rc);
	return was_gone ? -ENODEV : rc;
}

static int try_write(struct rb_pio *pio, uint32_t off, unsigned int width, uint32_t val)
{
	if (!rbi_ctx_is_ours(pio->ctx) || (pio->dev && rb_pci_is_gone(pio->dev)))
		return -ENODEV;
	return settle(pio,
		      rbi_os_port_out(pio->ctx->os, port_at(pio, off, width), width, val));
}

static uint32_t read_port(struct rb_pio *pio, uint32_t off, unsigned int width)
{
	uint32_t val;
	int rc;

	if (!pio)
		return UINT32_MAX;
	rc = try_read(pio, off, width, &val);
	if (rc == 0)
		return val;
	rbi_access_failed(&pio->fault, rc, off, width);
	return UINT32_MAX;
}

static void write_port(struct rb_pio *pio, uint32_t off, unsigned int width, uint32_t val)
{
	int rc = pio ? try_write(pio, off, width, val) : 0;

	if (rc < 0)
		rbi_access_failed(&pio->fault, rc, off, width);
}

uint8_t rb_pio_read8(struct rb_pio *pio, uint32_t off)
{
	return (uint8_t)read_port(pio, off, 1);
}

uint16_t rb_pio_read16(struct rb_pio *pio, uint32_t off)
{
	return (uint16_t)read_port(pio, off, 2);
}

uint32_t rb_pio_read32(struct rb_pio *pio, uint32_t off)
{
	return read_port(pio, off, 4);
}

void rb_pio_write8(struct rb_pio *pio, uint32_t off, uint8_t val)
{
	write_port(pio, off, 1, val);
}

void rb_pio_write16(struct rb_pio *pio, uint32_t off, uint16_t val)
{
	write_port(pio, off, 2, val);
}

void rb_pio_write32(struct rb_pio *pio, uint32_t off, uint32_t val)
{
	write_port(pio, off, 4, val);
}
