/* SPDX-License-Identifier: MIT */
/*
 * host_pcid_func.c - what pcid does for a channel: the nine requests (contract 4.8).
 *
 * Odd orders and missing checks are pcid's own: earlier parts of a request stay
 * applied when a later one fails, and some mistakes of a client end the server.
 */
#include "config.h"

#include <string.h>

#include "host/host_pcid.h"

#define COMMAND	       0x04
#define INTERRUPT      0x3c
#define COMMAND_ENABLE 0x7u /* I/O, memory, bus master */
#define MSI_ENABLE     (1u << 16)
#define MSIX_MASK      (1u << 30)
#define MSIX_ENABLE    (1u << 31)
#define CAP_VENDOR     0x09
#define LINE_DEFAULT   9 /* what pcid writes where firmware wrote nothing */

static void set_bit(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
		    uint32_t bit, bool on)
{
	uint32_t dword = rbi_hosted_pcid_read(h, fn, off);

	rbi_hosted_pcid_write(h, fn, off, on ? dword | bit : dword & ~bit);
}

static void set_msi(struct rbi_hosted *h, const struct rbi_server_func *fn, bool on)
{
	if (fn->msi.off != 0)
		set_bit(h, fn, fn->msi.off, MSI_ENABLE, on);
}

static void set_msix(struct rbi_hosted *h, const struct rbi_server_func *fn, bool on)
{
	if (fn->msix != 0)
		set_bit(h, fn, fn->msix, MSIX_ENABLE, on);
}

void rbi_hosted_pcid_enable(struct rbi_hosted *h, const struct rbi_server_func *fn, bool *has_irq,
			    uint8_t *irq)
{
	uint32_t dword;
	unsigned int pin;

	/* the whole dword: status bits that are set are cleared on the way */
	set_bit(h, fn, COMMAND, COMMAND_ENABLE, true);
	set_msi(h, fn, false);
	set_msix(h, fn, false);

	dword = rbi_hosted_pcid_read(h, fn, INTERRUPT);
	if ((dword & 0xff) == 0xff)
		dword = (dword & ~0xffu) | LINE_DEFAULT;
	rbi_hosted_pcid_write(h, fn, INTERRUPT, dword);

	pin = dword >> 8 & 0xff;
	*has_irq = pin >= 1 && pin <= 4;
	*irq = (uint8_t)dword;
}

/* --- answers ------------------------------------------------------------------------- */

static void no_feature(struct rbi_wire_rsp *rsp, enum rbi_wire_feature feature)
{
	rsp->kind = RBI_WIRE_ERROR;
	rsp->u.error = RBI_WIRE_NO_FEATURE;
	rsp->feature = feature;
}

static void invalid_bits(struct rbi_wire_rsp *rsp)
{
	rsp->kind = RBI_WIRE_ERROR;
	rsp->u.error = RBI_WIRE_INVALID_BITS;
}

static bool has_feature(const struct rbi_server_func *fn, enum rbi_wire_feature feature)
{
	return feature == RBI_WIRE_MSI ? fn->msi.off != 0 : fn->msix != 0;
}

static void list_features(const struct rbi_server_func *fn, struct rbi_wire_rsp *rsp)
{
	size_t i;

	rsp->kind = RBI_WIRE_ALL_FEATURES;
	for (i = 0; i < fn->ncaps; i++) {
		if (fn->caps[i].id == 0x05)
			rsp->u.features.list[rsp->u.features.count++] = RBI_WIRE_MSI;
		else if (fn->caps[i].id == 0x11)
			rsp->u.features.list[rsp->u.features.count++] = RBI_WIRE_MSIX;
	}
}

/* Bytes of one vendor capability into @raw, which begins at its offset. */
static int read_vendor(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
		       uint8_t raw[256], struct rbi_wire_vendor_cap *cap)
{
	unsigned int len = rbi_hosted_pcid_read(h, fn, off) >> 16 & 0xff;
	uint32_t dword;
	unsigned int i;

	cap->data = raw + 3;
	cap->len = len ? len - 3 : 0;
	if (len == 0)
		return 0;
	if (len <= 3 || len % 4 != 0)
		return rbi_hosted_pcid_panic(
			h, "a vendor capability's length is no multiple of 4 above 3");
	for (i = 0; i < len; i += 4) {
		dword = rbi_hosted_pcid_read(h, fn, off + i);
		memcpy(raw + i, &dword, sizeof(dword)); /* hosts of ours are little endian */
	}
	return 0;
}

static int encode_vendor(struct rbi_hosted *h, const struct rbi_server_func *fn,
			 struct rbi_wire_rsp *rsp, void *buf, size_t size)
{
	uint8_t(*raw)[256];
	size_t i;
	int rc = 0;

	raw = rbi_alloc(RBI_WIRE_CAPS_MAX, sizeof(*raw));
	if (!raw)
		return -ENOMEM;
	rsp->kind = RBI_WIRE_VENDOR_CAPS;
	for (i = 0; i < fn->ncaps && rc == 0; i++) {
		if (fn->caps[i].id != CAP_VENDOR)
			continue;
		rc = read_vendor(h, fn, fn->caps[i].off, raw[i],
				 &rsp->u.vendor.list[rsp->u.vendor.count++]);
	}
	if (rc == 0)
		rc = rbi_wire_encode_response(rsp, buf, size);
	rbi_free(raw);
	return rc;
}

static void enable_feature(struct rbi_hosted *h, const struct rbi_server_func *fn,
			   enum rbi_wire_feature feature, struct rbi_wire_rsp *rsp)
{
	/* the other one goes off first, also when this one does not exist */
	if (feature == RBI_WIRE_MSI)
		set_msix(h, fn, false);
	else
		set_msi(h, fn, false);
	if (!has_feature(fn, feature)) {
		no_feature(rsp, feature);
		return;
	}
	if (feature == RBI_WIRE_MSI)
		set_msi(h, fn, true);
	else
		set_msix(h, fn, true);
	rsp->kind = RBI_WIRE_FEATURE_ENABLED;
	rsp->feature = feature;
}

static void tell_feature(const struct rbi_server_func *fn, enum rbi_wire_feature feature,
			 struct rbi_wire_rsp *rsp)
{
	if (!has_feature(fn, feature)) {
		no_feature(rsp, feature);
		return;
	}
	rsp->kind = RBI_WIRE_FEATURE_INFO_IS;
	rsp->feature = feature;
	if (feature == RBI_WIRE_MSIX) {
		rsp->u.msix = fn->msix_info;
		return;
	}
	rsp->u.msi.log2_capable = (uint8_t)fn->msi.log2_capable;
	rsp->u.msi.is_64bit = fn->msi.is_64bit;
	rsp->u.msi.has_masking = fn->msi.has_masking;
}

/* --- SetFeatureInfo ------------------------------------------------------------------ */

/*
 * pci_types (capability/msi.rs, 0.10) looks for the count of enabled messages in bits
 * 4 to 6 of the dword that begins the capability: in its id, which nobody can change.
 * So the count of the device stays what it was, and pcid always reads one message.
 */
#define MULTI_SHIFT 4
#define MULTI_MASK  7u

/* 0, or -EINVAL for a bit pattern that is refused, or -ENODEV for a panic. */
static int set_msi_message(struct rbi_hosted *h, const struct rbi_server_func *fn,
			   const struct rbi_wire_set_msi *set)
{
	unsigned int log2 = rbi_hosted_pcid_read(h, fn, fn->msi.off) >> MULTI_SHIFT & MULTI_MASK;
	struct rbi_msg msg = { set->addr, set->data };

	if (set->addr & 3)
		return -EINVAL;
	if (set->data & ((1u << log2) - 1))
		return -EINVAL;
	if (set->data > 0xffff)
		return rbi_hosted_pcid_panic(h, "MSI message data is above 0xffff");
	rbi_hosted_pcid_set_message(h, fn, &msg);
	return 0;
}

static int set_msi_parts(struct rbi_hosted *h, const struct rbi_server_func *fn,
			 const struct rbi_wire_set_msi *set)
{
	uint32_t dword;
	int rc = 0;

	if (set->has_multi) {
		if (set->multi > fn->msi.log2_capable || set->multi > 5)
			return -EINVAL;
		dword = rbi_hosted_pcid_read(h, fn, fn->msi.off) & ~(MULTI_MASK << MULTI_SHIFT);
		rbi_hosted_pcid_write(h, fn, fn->msi.off,
				      dword | (uint32_t)set->multi << MULTI_SHIFT);
	}
	if (set->has_message)
		rc = set_msi_message(h, fn, set);
	if (rc == 0 && set->has_mask && fn->msi.is_64bit && fn->msi.has_masking)
		rbi_hosted_pcid_write(h, fn, fn->msi.off + 0x10, set->mask);
	return rc;
}

static int set_feature(struct rbi_hosted *h, const struct rbi_server_func *fn,
		       const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	int rc = 0;

	if (!has_feature(fn, req->feature)) {
		no_feature(rsp, req->feature);
		return 0;
	}
	if (req->feature == RBI_WIRE_MSI)
		rc = set_msi_parts(h, fn, &req->msi);
	else if (req->msix.has_function_mask)
		set_bit(h, fn, fn->msix, MSIX_MASK, req->msix.function_mask);
	if (rc == -ENODEV)
		return rc;

	rsp->kind = RBI_WIRE_FEATURE_INFO_SET;
	rsp->feature = req->feature;
	if (rc < 0)
		invalid_bits(rsp);
	return 0;
}

/* --- configuration space ------------------------------------------------------------- */

static int config_dword(struct rbi_hosted *h, const struct rbi_server_func *fn,
			const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	if (req->offset % 4 != 0 || req->offset >= RBI_PCID_SPACE)
		return rbi_hosted_pcid_panic(h, "a config offset is no multiple of 4 below 4096");
	if (req->kind == RBI_WIRE_READ_CONFIG) {
		rsp->kind = RBI_WIRE_CONFIG_VALUE;
		h->pcid->hidden = false;
		rsp->u.value = rbi_hosted_pcid_read(h, fn, req->offset);
		if (h->pcid->hidden)
			return -EACCES;
	} else {
		rsp->kind = RBI_WIRE_CONFIG_WRITTEN;
		rbi_hosted_pcid_write(h, fn, req->offset, req->value);
	}
	return 0;
}

static int respond(struct rbi_hosted *h, struct rbi_server_func *fn, const struct rbi_wire_req *req,
		   struct rbi_wire_rsp *rsp, void *buf, size_t size)
{
	bool has_irq;
	uint8_t irq;
	int rc = 0;

	switch (req->kind) {
	case RBI_WIRE_ENABLE_DEVICE: /* the line it finds now is forgotten */
		rbi_hosted_pcid_enable(h, fn, &has_irq, &irq);
		rsp->kind = RBI_WIRE_ENABLED_DEVICE;
		break;
	case RBI_WIRE_REQUEST_CONFIG:
		rsp->kind = RBI_WIRE_CONFIG;
		rsp->u.function = fn->config;
		break;
	case RBI_WIRE_REQUEST_FEATURES:
		list_features(fn, rsp);
		break;
	case RBI_WIRE_REQUEST_VENDOR_CAPS:
		return encode_vendor(h, fn, rsp, buf, size);
	case RBI_WIRE_ENABLE_FEATURE:
		enable_feature(h, fn, req->feature, rsp);
		break;
	case RBI_WIRE_FEATURE_INFO:
		tell_feature(fn, req->feature, rsp);
		break;
	case RBI_WIRE_SET_FEATURE_INFO:
		rc = set_feature(h, fn, req, rsp);
		break;
	case RBI_WIRE_READ_CONFIG:
	case RBI_WIRE_WRITE_CONFIG:
		rc = config_dword(h, fn, req, rsp);
		break;
	}
	return rc < 0 ? rc : rbi_wire_encode_response(rsp, buf, size);
}

int rbi_hosted_pcid_respond(struct rbi_hosted *h, struct rbi_server_func *fn,
			    const struct rbi_wire_req *req, void *buf, size_t size)
{
	struct rbi_wire_rsp *rsp = rbi_alloc(1, sizeof(*rsp));
	int rc;

	if (!rsp)
		return -ENOMEM;
	rc = respond(h, fn, req, rsp, buf, size);
	rbi_free(rsp);
	return rc;
}
