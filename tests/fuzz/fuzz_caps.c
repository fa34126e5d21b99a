/* SPDX-License-Identifier: MIT */
/*
 * fuzz_caps.c - configuration space of any bytes: walks end, find what lies where they say, and
 * decoders answer values of their ranges or a code of theirs.
 */
#include <errno.h>
#include <string.h>

#include <rbdrv/pci_caps.h>

#include "core/core.h"
#include "fuzz.h"

const char fuzz_seeds[] = "caps";
const char fuzz_sentence[] = "any configuration space is walked and decoded or refused";

/* What a decoder may answer about saved bytes. */
static int is_code(int rc)
{
	return rc == 0 || rc == -ENOENT || rc == -EINVAL || rc == -ERANGE || rc == -EPROTO;
}

/* --- walks ------------------------------------------------------------------------------ */

static void check_cap(struct rb_pci_view *view, const struct rb_pci_cap *cap, unsigned int size)
{
	unsigned int off = rb_pci_cap_offset(cap), id = rb_pci_cap_id(cap);
	unsigned int end = rb_pci_cap_is_extended(cap) ? 4096 : 256;
	uint8_t bytes[4096];
	const char *name = rb_pci_cap_name(id, rb_pci_cap_is_extended(cap));

	require(off % 4 == 0 && off >= (rb_pci_cap_is_extended(cap) ? 0x100u : 0x40u));
	require(rb_pci_cap_length(cap) > 0);
	require(off + rb_pci_cap_length(cap) <= end && off + rb_pci_cap_length(cap) <= size);
	require(rb_pci_cap_version(cap) <= 15);
	require(!name || name[0] != '\0');
	require(rb_pci_view_read(view, off, bytes, rb_pci_cap_length(cap)) == 0);
	require(bytes[0] == (id & 0xff));
}

/* What a walk finds the search finds, there or earlier in the list. */
static void check_search(struct rb_pci_view *view, const struct rb_pci_cap *cap)
{
	unsigned int id = rb_pci_cap_id(cap), first = 0;

	if (rb_pci_cap_is_extended(cap))
		require(rb_pci_view_find_ext_cap(view, (uint16_t)id, &first) == 0);
	else
		require(rb_pci_view_find_cap(view, (uint8_t)id, &first) == 0);
	require(first != 0);
}

/* --- decoders ------------------------------------------------------------------------------ */

static void decode_standard(struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_pm pm = RB_PCI_PM_INIT;
	struct rb_pci_msi msi = RB_PCI_MSI_INIT;
	struct rb_pci_msix msix = RB_PCI_MSIX_INIT;
	struct rb_pci_af af = RB_PCI_AF_INIT;
	struct rb_pci_virtio virtio = RB_PCI_VIRTIO_INIT;
	struct rb_pci_subsystem subsystem = RB_PCI_SUBSYSTEM_INIT;
	int rc;

	rc = rb_pci_read_pm(view, off, &pm);
	require(is_code(rc) && (rc < 0 || (pm.state <= 3 && pm.aux_current_ma <= 375)));
	rc = rb_pci_read_msi(view, off, &msi);
	require(is_code(rc) && (rc < 0 || (msi.messages >= 1 && msi.messages_enabled >= 1)));
	require(rc < 0 || msi.is_64bit || msi.address.value <= UINT32_MAX);
	rc = rb_pci_read_msix(view, off, &msix);
	require(is_code(rc) && (rc < 0 || (msix.vectors >= 1 && msix.vectors <= 2048)));
	require(rc < 0 || (msix.table_bar <= 7 && msix.table_off % 8 == 0));
	require(is_code(rb_pci_read_af(view, off, &af)));
	rc = rb_pci_read_virtio(view, off, &virtio);
	require(is_code(rc) && (rc < 0 || virtio.cap_bytes >= 16));
	require(is_code(rb_pci_read_subsystem(view, off, &subsystem)));
}

static void decode_express(struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_express e = RB_PCI_EXPRESS_INIT;
	int rc = rb_pci_read_express(view, off, &e);

	require(is_code(rc));
	if (rc < 0)
		return;
	require(e.type <= 15 && e.version <= 15 && e.off >= 0x40 && e.off <= 0xfc);
	require(e.devcap_max_payload_bytes >= 128 && e.devcap_max_payload_bytes <= 16384);
	require(e.lnkcap_speed_mts <= 128000 && e.lnksta_speed_mts <= 128000);
	require(e.lnkcap_width <= 63 && e.sltcap_slot <= 8191);
	require(e.sltcap_power_mw <= 600000 || e.sltcap_power_mw == RB_PCI_UNLIMITED);
	require(e.devctl2_timeout_min_us <= e.devctl2_timeout_max_us);
	require(e.has_link || (!e.raw_lnkcap && !e.raw_lnkcap2));
	require(e.has_slot || !e.raw_sltcap);
}

static void decode_extended(struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_resizable_bar bars = RB_PCI_RESIZABLE_BAR_INIT;
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	struct rb_pci_acs acs = RB_PCI_ACS_INIT;
	struct rb_pci_ats ats = RB_PCI_ATS_INIT;
	struct rb_pci_dsn dsn = RB_PCI_DSN_INIT;
	int rc;

	rc = rb_pci_read_aer(view, off, &aer);
	require(is_code(rc) && aer.first_error <= 31);
	rc = rb_pci_read_acs(view, off, &acs);
	require(is_code(rc) && acs.egress_bits <= 256);
	rc = rb_pci_read_ats(view, off, &ats);
	require(is_code(rc) && (rc < 0 || (ats.queue_depth >= 1 && ats.queue_depth <= 32)));
	require(is_code(rb_pci_read_dsn(view, off, &dsn)));
	rc = rb_pci_read_resizable_bar(view, off, &bars);
	require(is_code(rc) && (rc < 0 || (bars.count >= 1 && bars.count <= 6)));
}

static void decode(struct rb_pci_view *view, unsigned int off)
{
	decode_standard(view, off);
	decode_express(view, off);
	decode_extended(view, off);
}

#define CLOSE_LOOK 16 /* at the first ones; the rest is more of the same, and slow */

static void check_walk(struct rb_pci_view *view)
{
	const struct rb_pci_cap *cap, *other;
	struct rb_pci_caps *caps;
	int size = rb_pci_view_size(view);
	size_t i, j;

	require(rb_pci_caps_scan(view, &caps) == 0);
	require(rb_pci_caps_count(caps) <= 48 + 960);
	require(!rb_pci_caps_flaw(caps) || rb_pci_caps_flaw(caps)[0] != '\0');
	for (i = 0; i < rb_pci_caps_count(caps); i++) {
		cap = rb_pci_caps_get(caps, i);
		check_cap(view, cap, (unsigned int)size);
		if (i < CLOSE_LOOK) {
			check_search(view, cap);
			decode(view, rb_pci_cap_offset(cap));
		}
		for (j = 0; j < i && j < CLOSE_LOOK; j++) {
			other = rb_pci_caps_get(caps, j);
			require(rb_pci_cap_offset(cap) != rb_pci_cap_offset(other));
		}
	}
	rb_pci_caps_close(caps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	long live = rbi_alloc_live();
	struct rb_pci_view *view;
	uint16_t at = 0;
	int rc;

	size = size < 4096 ? size : 4096;
	rc = rb_pci_view_bytes(data, size, &view);
	require(rc == (size < 64 || size % 4 != 0 ? -EINVAL : 0));
	if (rc == 0) {
		check_walk(view);
		decode(view, 0);
		memcpy(&at, data + 2, sizeof(at)); /* and anywhere, as the bytes say */
		decode(view, at);
	}
	rb_pci_view_close(view);
	require(rbi_alloc_live() == live);
	return 0;
}
