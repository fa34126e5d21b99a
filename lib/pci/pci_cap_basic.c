/* SPDX-License-Identifier: MIT */
/*
 * pci_cap_basic.c - decoders of the standard list but for PCI Express: power management,
 * MSI, MSI-X, advanced features, subsystem ids, virtio.
 */
#include "config.h"

#include "pci/pci_view.h"

/* --- power management (PCI Power Management 1.2, 3.2) --------------------------------------- */

static void decode_pm_cap(struct rb_pci_pm *pm, uint32_t pmc)
{
	/* what drawing code n means, 3.2.3 */
	static const uint16_t aux_ma[8] = { 0, 55, 100, 160, 220, 270, 320, 375 };

	pm->raw_cap = (uint16_t)pmc;
	pm->version = (uint8_t)rbi_bits(pmc, 0, 3);
	pm->pme_clock = rbi_bit(pmc, 3);
	pm->immediate_ready = rbi_bit(pmc, 4);
	pm->device_init = rbi_bit(pmc, 5);
	pm->aux_current_ma = aux_ma[rbi_bits(pmc, 6, 3)];
	pm->d1 = rbi_bit(pmc, 9);
	pm->d2 = rbi_bit(pmc, 10);
	pm->pme_d0 = rbi_bit(pmc, 11);
	pm->pme_d1 = rbi_bit(pmc, 12);
	pm->pme_d2 = rbi_bit(pmc, 13);
	pm->pme_d3hot = rbi_bit(pmc, 14);
	pm->pme_d3cold = rbi_bit(pmc, 15);
}

static void decode_pm_control(struct rb_pci_pm *pm, uint32_t control)
{
	pm->raw_control = (uint16_t)control;
	pm->raw_bridge = (uint8_t)rbi_bits(control, 16, 8);
	pm->data = (uint8_t)rbi_bits(control, 24, 8);
	pm->state = (uint8_t)rbi_bits(control, 0, 2);
	pm->no_soft_reset = rbi_bit(control, 3);
	pm->pme_enable = rbi_bit(control, 8);
	pm->data_select = (uint8_t)rbi_bits(control, 9, 4);
	pm->data_scale = (uint8_t)rbi_bits(control, 13, 2);
	pm->pme_status = rbi_bit(control, 15);
	pm->bridge_b3_in_d3 = !rbi_bit(pm->raw_bridge, 6);
	pm->bridge_clock_control = rbi_bit(pm->raw_bridge, 7);
}

int rb_pci_read_pm(struct rb_pci_view *view, unsigned int off, struct rb_pci_pm *out)
{
	struct rb_pci_pm pm = RB_PCI_PM_INIT;
	struct rbi_pci_decode d;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_PM, false, out);
	if (rc < 0)
		return rc;
	pm.off = d.off;
	decode_pm_cap(&pm, d.header >> 16);
	decode_pm_control(&pm, rbi_pci_decode_dword(&d, 4));
	return rbi_pci_decode_end(&d, &pm, sizeof(pm), out);
}

/* --- MSI (PCI 3.0, 6.8.1; PCIe 6.0, 7.7.1) ------------------------------------------------- */

int rb_pci_read_msi(struct rb_pci_view *view, unsigned int off, struct rb_pci_msi *out)
{
	struct rb_pci_msi msi = RB_PCI_MSI_INIT;
	struct rbi_pci_decode d;
	unsigned int at = 8;
	uint32_t control;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_MSI, false, out);
	if (rc < 0)
		return rc;
	control = d.header >> 16;
	msi.off = d.off;
	msi.raw_control = (uint16_t)control;
	msi.enabled = rbi_bit(control, 0);
	msi.messages = (uint8_t)(1u << rbi_bits(control, 1, 3));
	msi.messages_enabled = (uint8_t)(1u << rbi_bits(control, 4, 3));
	msi.is_64bit = rbi_bit(control, 7);
	msi.maskable = rbi_bit(control, 8);
	msi.extended_data = rbi_bit(control, 9);
	msi.extended_data_enabled = rbi_bit(control, 10);

	msi.address.value = rbi_pci_decode_dword(&d, 4);
	if (msi.is_64bit) {
		msi.address.value |= (uint64_t)rbi_pci_decode_dword(&d, at) << 32;
		at += 4;
	}
	msi.data = rbi_pci_decode_dword(&d, at) & (msi.extended_data ? UINT32_MAX : 0xffffu);
	if (msi.maskable) {
		msi.mask = rbi_pci_decode_dword(&d, at + 4);
		msi.pending = rbi_pci_decode_dword(&d, at + 8);
	}
	return rbi_pci_decode_end(&d, &msi, sizeof(msi), out);
}

/* --- MSI-X (PCI 3.0, 6.8.2) --------------------------------------------------------------- */

int rb_pci_read_msix(struct rb_pci_view *view, unsigned int off, struct rb_pci_msix *out)
{
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	uint32_t control, table, pba;
	struct rbi_pci_decode d;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_MSIX, false, out);
	if (rc < 0)
		return rc;
	control = d.header >> 16;
	table = rbi_pci_decode_dword(&d, 4);
	pba = rbi_pci_decode_dword(&d, 8);
	msix.off = d.off;
	msix.raw_control = (uint16_t)control;
	msix.enabled = rbi_bit(control, 15);
	msix.function_masked = rbi_bit(control, 14);
	msix.vectors = (uint16_t)(rbi_bits(control, 0, 11) + 1);
	msix.table_bar = table & 7u;
	msix.table_off = table & ~7u;
	msix.pba_bar = pba & 7u;
	msix.pba_off = pba & ~7u;
	return rbi_pci_decode_end(&d, &msix, sizeof(msix), out);
}

/* --- advanced features (PCI-SIG ECN of 2006) ------------------------------------------------ */

int rb_pci_read_af(struct rb_pci_view *view, unsigned int off, struct rb_pci_af *out)
{
	struct rb_pci_af af = RB_PCI_AF_INIT;
	struct rbi_pci_decode d;
	uint32_t control;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_AF, false, out);
	if (rc < 0)
		return rc;
	control = rbi_pci_decode_dword(&d, 4);
	af.off = d.off;
	af.length = (uint8_t)rbi_bits(d.header, 16, 8);
	af.raw_cap = (uint8_t)rbi_bits(d.header, 24, 8);
	af.raw_control = (uint8_t)rbi_bits(control, 0, 8);
	af.raw_status = (uint8_t)rbi_bits(control, 8, 8);
	af.transactions_pending_cap = rbi_bit(af.raw_cap, 0);
	af.flr = rbi_bit(af.raw_cap, 1);
	af.transactions_pending = rbi_bit(af.raw_status, 0);
	return rbi_pci_decode_end(&d, &af, sizeof(af), out);
}

/* --- subsystem ids of a bridge (PCI-to-PCI Bridge Architecture 1.2) ------------------------- */

int rb_pci_read_subsystem(struct rb_pci_view *view, unsigned int off, struct rb_pci_subsystem *out)
{
	struct rb_pci_subsystem subsystem = RB_PCI_SUBSYSTEM_INIT;
	struct rbi_pci_decode d;
	uint32_t ids;
	int rc;

	rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_SUBSYSTEM, false, out);
	if (rc < 0)
		return rc;
	ids = rbi_pci_decode_dword(&d, 4);
	subsystem.off = d.off;
	subsystem.subvendor = (uint16_t)ids;
	subsystem.subdevice = (uint16_t)(ids >> 16);
	return rbi_pci_decode_end(&d, &subsystem, sizeof(subsystem), out);
}

/* --- virtio (Virtio 1.2, 4.1.4) -------------------------------------------------------------- */

#define VIRTIO_VENDOR	    0x1af4u
#define VIRTIO_DEVICE_FIRST 0x1000u
#define VIRTIO_DEVICE_LAST  0x107fu
#define VIRTIO_BYTES	    16u
#define VIRTIO_NOTIFY_BYTES 20u
#define VIRTIO_SHARED_BYTES 24u

/* A vendor's capability means something with its vendor's id only (4.1.2). */
static int check_is_virtio(struct rb_pci_view *view, unsigned int off)
{
	unsigned int device;
	uint32_t ids;
	int rc;

	rc = rbi_pci_view_check(view, "rb_pci_read_virtio");
	if (rc == 0)
		rc = rbi_pci_view_dword(view, RBI_PCI_ID, &ids);
	if (rc < 0)
		return rc;
	device = ids >> 16;
	if ((ids & 0xffffu) == VIRTIO_VENDOR && device >= VIRTIO_DEVICE_FIRST &&
	    device <= VIRTIO_DEVICE_LAST)
		return 0;
	return rbi_fail(off == 0 ? -ENOENT : -EINVAL, "%s: %04x:%04x is no virtio device",
			view->name, ids & 0xffffu, device);
}

static unsigned int virtio_bytes(unsigned int type)
{
	if (type == RB_PCI_VIRTIO_NOTIFY)
		return VIRTIO_NOTIFY_BYTES;
	return type == RB_PCI_VIRTIO_SHARED ? VIRTIO_SHARED_BYTES : VIRTIO_BYTES;
}

int rb_pci_read_virtio(struct rb_pci_view *view, unsigned int off, struct rb_pci_virtio *out)
{
	struct rb_pci_virtio virtio = RB_PCI_VIRTIO_INIT;
	struct rbi_pci_decode d;
	uint32_t place;
	int rc;

	rc = check_is_virtio(view, off);
	if (rc == 0)
		rc = rbi_pci_decode_begin(&d, view, off, RB_PCI_CAP_VENDOR, false, out);
	if (rc < 0)
		return rc;
	virtio.off = d.off;
	virtio.cap_bytes = (uint8_t)rbi_bits(d.header, 16, 8);
	virtio.type = (uint8_t)rbi_bits(d.header, 24, 8);
	if (virtio.cap_bytes < virtio_bytes(virtio.type))
		return rbi_fail(-EPROTO, "%s: a virtio capability of type %u at %#x has %u bytes",
				view->name, virtio.type, d.off, virtio.cap_bytes);

	place = rbi_pci_decode_dword(&d, 4);
	virtio.bar = (uint8_t)rbi_bits(place, 0, 8);
	virtio.id = (uint8_t)rbi_bits(place, 8, 8);
	virtio.region_off = rbi_pci_decode_dword(&d, 8);
	virtio.region_bytes = rbi_pci_decode_dword(&d, 12);
	if (virtio.type == RB_PCI_VIRTIO_NOTIFY)
		virtio.notify_multiplier = rbi_pci_decode_dword(&d, 16);
	if (virtio.type == RB_PCI_VIRTIO_SHARED) {
		virtio.region_off |= (uint64_t)rbi_pci_decode_dword(&d, 16) << 32;
		virtio.region_bytes |= (uint64_t)rbi_pci_decode_dword(&d, 20) << 32;
	}
	return rbi_pci_decode_end(&d, &virtio, sizeof(virtio), out);
}
