/* SPDX-License-Identifier: MIT */
/*
 * pci_saved.c - copies of what a function's configuration holds that a reset loses.
 *
 * A list of dwords in the order in which they go back: extended space first, BARs after
 * their sizes (pci_saved_ext.c), messages while they are off, and last the command
 * register, for as long as it is off nothing of this can be seen on the bus. Bits outside
 * an entry's mask go back as zeros: they are status bits, which ones would clear, or
 * read-only.
 */
#include "config.h"

#include "pci/pci_private.h"

#define ENTRIES 64 /* the tables below give 53 at most */

#define LOW_HALF   UINT32_C(0x0000ffff)
#define UPPER_HALF UINT32_C(0xffff0000)
#define WHOLE	   UINT32_MAX

#define TIMERS	    UINT32_C(0x0000ffff) /* of the header dword; BIST above would start */
#define LINE	    UINT32_C(0x000000ff)
/* The line, and bridge control without secondary bus reset and a status bit. */
#define BRIDGE_LINE UINT32_C(0xfbbf00ff)

#define PM_CONTROL   UINT32_C(0x00001f00) /* PME enable, data select; never the state */
#define MSI_64BIT    (UINT32_C(1) << 23)
#define MSI_MASKING  (UINT32_C(1) << 24)

struct entry {
	uint16_t off;
	uint32_t mask;
	uint32_t val;
};

struct rb_pci_saved {
	struct rb_pci_dev *dev;
	struct rbi_live live;
	unsigned int count;
	struct entry entries[ENTRIES];
};

/* --- copying -------------------------------------------------------------------------- */

int rbi_pci_keep(struct rb_pci_saved *saved, unsigned int off, uint32_t mask, uint32_t val)
{
	if (saved->count == ENTRIES)
		return rbi_fail(-EPROTO, "%s: its capabilities hold more than any can",
				saved->dev->name);
	saved->entries[saved->count++] = (struct entry){ (uint16_t)off, mask, val & mask };
	return 0;
}

static int keep(struct rb_pci_saved *saved, unsigned int off, uint32_t mask)
{
	uint32_t val;
	int rc;

	if (off >= RBI_PCID_CONFIG_SIZE)
		return rbi_fail(-EPROTO, "%s: a capability passes the end of configuration space",
				saved->dev->name);
	rc = rbi_pci_read_dword(saved->dev, off, &val);
	return rc < 0 ? rc : rbi_pci_keep(saved, off, mask, val);
}

/* A register of the header, or of the PCI Express capability. */
struct row {
	uint8_t at;
	uint8_t group; /* RBI_PCI_EXPRESS_... */
	uint32_t mask;
};

static int keep_rows(struct rb_pci_saved *saved, const struct row *rows, size_t count)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i++)
		rc = keep(saved, rows[i].at, rows[i].mask);
	return rc;
}

static int keep_header(struct rb_pci_saved *saved)
{
	static const struct row device[] = {
		{ 0x0c, 0, TIMERS }, { 0x10, 0, WHOLE }, { 0x14, 0, WHOLE },
		{ 0x18, 0, WHOLE },  { 0x1c, 0, WHOLE }, { 0x20, 0, WHOLE },
		{ 0x24, 0, WHOLE },  { 0x30, 0, WHOLE }, { 0x3c, 0, LINE },
	};
	static const struct row bridge[] = {
		{ 0x0c, 0, TIMERS },   { 0x10, 0, WHOLE }, { 0x14, 0, WHOLE }, { 0x18, 0, WHOLE },
		{ 0x1c, 0, LOW_HALF }, { 0x20, 0, WHOLE }, { 0x24, 0, WHOLE }, { 0x28, 0, WHOLE },
		{ 0x2c, 0, WHOLE },    { 0x30, 0, WHOLE }, { 0x38, 0, WHOLE },
		{ 0x3c, 0, BRIDGE_LINE },
	};
	static const struct row other[] = { { 0x0c, 0, TIMERS }, { 0x3c, 0, LINE } };

	switch (saved->dev->header_type) {
	case 0:
		return keep_rows(saved, device, sizeof(device) / sizeof(device[0]));
	case 1:
		return keep_rows(saved, bridge, sizeof(bridge) / sizeof(bridge[0]));
	default:
		return keep_rows(saved, other, sizeof(other) / sizeof(other[0]));
	}
}

/* Control registers; the status halves beside them stay as they are. */
static int keep_express(struct rb_pci_saved *saved)
{
	static const struct row controls[] = {
		{ 0x08, RBI_PCI_EXPRESS_DEVICE, LOW_HALF },
		{ 0x10, RBI_PCI_EXPRESS_LINK, LOW_HALF },
		{ 0x18, RBI_PCI_EXPRESS_SLOT, LOW_HALF },
		{ 0x1c, RBI_PCI_EXPRESS_ROOT, LOW_HALF },
		{ 0x28, RBI_PCI_EXPRESS_SECOND, LOW_HALF },
		{ 0x30, RBI_PCI_EXPRESS_SECOND, LOW_HALF },
		{ 0x38, RBI_PCI_EXPRESS_SECOND, LOW_HALF },
	};
	struct rbi_pci_express express;
	size_t i;
	int rc;

	rc = rbi_pci_express(saved->dev, &express);
	for (i = 0; i < sizeof(controls) / sizeof(controls[0]) && rc == 0; i++)
		if (rbi_pci_express_has(&express, controls[i].group, controls[i].at))
			rc = keep(saved, express.cap + controls[i].at, controls[i].mask);
	return rc;
}

/* The message goes back while messages are off, as a half of it would lead astray. */
static int keep_msi(struct rb_pci_saved *saved)
{
	unsigned int cap, at, data;
	uint32_t control;
	int rc;

	rc = rbi_pci_cap_room(saved->dev, RB_PCI_CAP_MSI, 4, &cap);
	if (rc <= 0)
		return rc;
	rc = rbi_pci_read_dword(saved->dev, cap, &control);
	if (rc < 0)
		return rc;
	data = control & MSI_64BIT ? 12 : 8;
	rc = rbi_pci_keep(saved, cap, UPPER_HALF, control & ~RBI_PCI_MSI_ENABLE);
	for (at = 4; at <= data && rc == 0; at += 4)
		rc = keep(saved, cap + at, WHOLE);
	if (rc == 0 && (control & MSI_MASKING))
		rc = keep(saved, cap + data + 4, WHOLE);
	return rc < 0 ? rc : rbi_pci_keep(saved, cap, UPPER_HALF, control);
}

static int keep_cap(struct rb_pci_saved *saved, uint8_t id, unsigned int at, uint32_t mask)
{
	unsigned int cap;
	int rc;

	rc = rbi_pci_cap_room(saved->dev, id, at + 4, &cap);
	return rc <= 0 ? rc : keep(saved, cap + at, mask);
}

/* Bus mastering as the driver wants it, also while the library holds it off because no
 * buffer is left. */
static int keep_command(struct rb_pci_saved *saved)
{
	uint32_t command;
	int rc;

	rc = rbi_pci_read_dword(saved->dev, RBI_PCI_COMMAND, &command);
	if (rc < 0)
		return rc;
	if (saved->dev->master_off)
		command |= RBI_PCI_COMMAND_MASTER;
	return rbi_pci_keep(saved, RBI_PCI_COMMAND, LOW_HALF, command);
}

static int keep_all(struct rb_pci_saved *saved)
{
	int rc;

	rc = rbi_pci_keep_extended(saved, saved->dev);
	if (rc == 0)
		rc = keep_express(saved);
	if (rc == 0)
		rc = keep_header(saved);
	if (rc == 0)
		rc = keep_cap(saved, RB_PCI_CAP_PM, 4, PM_CONTROL);
	if (rc == 0)
		rc = keep_msi(saved);
	if (rc == 0)
		rc = keep_cap(saved, RB_PCI_CAP_MSIX, 0, UPPER_HALF);
	return rc < 0 ? rc : keep_command(saved);
}

int rbi_pci_save_locked(struct rb_pci_dev *dev, struct rb_pci_saved **out)
{
	struct rb_pci_saved *saved;
	int rc;

	*out = NULL;
	saved = rbi_alloc(1, sizeof(*saved));
	if (!saved)
		return rbi_no_memory("a copy of PCI configuration");
	saved->dev = dev;
	rc = keep_all(saved);
	if (rc < 0) {
		rbi_free(saved);
		return rc;
	}
	rb_pci_ref(dev);
	rbi_live_add(dev->ctx, &saved->live, "PCI configuration", "of %s", dev->name);
	*out = saved;
	return 0;
}

int rb_pci_save(struct rb_pci_dev *dev, struct rb_pci_saved **out)
{
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_save: NULL");
	*out = NULL;
	rc = rbi_pci_check(dev, "rb_pci_save");
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = rbi_pci_save_locked(dev, out);
	rbi_pci_unlock(dev);
	return rc;
}

/* --- writing back ----------------------------------------------------------------------- */

/* The memory of the last buffer may be somebody else's by now: then bus mastering waits
 * for the next one, whatever the copy says. */
static uint32_t command_now(struct rb_pci_dev *dev, uint32_t command)
{
	if (!(command & RBI_PCI_COMMAND_MASTER))
		dev->master_off = false; /* the driver's own doing */
	return dev->master_off ? command & ~RBI_PCI_COMMAND_MASTER : command;
}

int rbi_pci_restore_locked(struct rb_pci_dev *dev, const struct rb_pci_saved *saved)
{
	const struct entry *entry = saved->entries;
	unsigned int i;
	uint32_t val;
	int rc;

	/* nothing answers, or writes to memory, at addresses of which half are back */
	rc = rbi_pci_write_dword(dev, RBI_PCI_COMMAND, RBI_PCI_COMMAND_NO_INTX);
	for (i = 0; i < saved->count && rc == 0; i++, entry++) {
		val = entry->off == RBI_PCI_COMMAND ? command_now(dev, entry->val) : entry->val;
		rc = rbi_pci_write_dword(dev, entry->off, val);
	}
	return rc;
}

int rb_pci_restore(struct rb_pci_dev *dev, const struct rb_pci_saved *saved)
{
	int rc;

	if (!saved)
		return rbi_fail(-EINVAL, "rb_pci_restore: NULL");
	rc = rbi_pci_check(dev, "rb_pci_restore");
	if (rc < 0)
		return rc;
	if (saved->dev != dev)
		return rbi_fail(-EINVAL, "rb_pci_restore: the copy is of %s, not of %s",
				saved->dev->name, dev->name);
	rc = rb_pci_set_power(dev, RB_PCI_D0);
	if (rc < 0)
		return rc;
	rbi_pci_lock(dev);
	rc = rbi_pci_restore_locked(dev, saved);
	rbi_pci_unlock(dev);
	return rc;
}

void rb_pci_saved_close(struct rb_pci_saved *saved)
{
	struct rb_pci_dev *dev;

	if (!saved)
		return;
	dev = saved->dev;
	rbi_live_del(dev->ctx, &saved->live);
	rbi_free(saved);
	rb_pci_unref(dev);
}
