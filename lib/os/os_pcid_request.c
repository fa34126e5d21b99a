/* SPDX-License-Identifier: MIT */
/*
 * os_pcid_request.c - what a channel can be asked (contract 4.8), and what pcid
 * would not survive being asked.
 */
#include "config.h"

#include "os/os_pcid_request.h"

#define MSI_DATA_MAX  0xffffu /* pcid panics above (contract 4.8) */
#define MSI_MULTI_MAX 5 /* 2^5 messages are the most MSI knows (PCI 3.0, 6.8.1.3) */

/* --- requests ---------------------------------------------------------------------- */

int rbi_pcid_enable_device(struct rbi_pcid *ch)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_ENABLE_DEVICE };
	struct rbi_wire_rsp rsp;

	return rbi_pcid_request(ch, &req, &rsp);
}

int rbi_pcid_config(struct rbi_pcid *ch, struct rbi_wire_function *function)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_REQUEST_CONFIG };
	struct rbi_wire_rsp rsp;
	int rc;

	rc = rbi_pcid_request(ch, &req, &rsp);
	if (rc == 0)
		*function = rsp.u.function;
	return rc;
}

int rbi_pcid_features(struct rbi_pcid *ch, unsigned int *features)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_REQUEST_FEATURES };
	struct rbi_wire_rsp rsp;
	size_t i;
	int rc;

	*features = 0;
	rc = rbi_pcid_request(ch, &req, &rsp);
	for (i = 0; rc == 0 && i < rsp.u.features.count; i++)
		*features |= 1u << rsp.u.features.list[i];
	return rc;
}

int rbi_pcid_msi_info(struct rbi_pcid *ch, struct rbi_wire_msi_info *info)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_FEATURE_INFO, .feature = RBI_WIRE_MSI };
	struct rbi_wire_rsp rsp;
	int rc;

	rc = rbi_pcid_request(ch, &req, &rsp);
	if (rc == 0)
		*info = rsp.u.msi;
	return rc;
}

int rbi_pcid_msix_info(struct rbi_pcid *ch, struct rbi_wire_msix_info *info)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_FEATURE_INFO, .feature = RBI_WIRE_MSIX };
	struct rbi_wire_rsp rsp;
	int rc;

	rc = rbi_pcid_request(ch, &req, &rsp);
	if (rc == 0)
		*info = rsp.u.msix;
	return rc;
}

int rbi_pcid_set_msi(struct rbi_pcid *ch, const struct rbi_wire_set_msi *msi)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSI };
	struct rbi_wire_rsp rsp;

	if (msi->has_multi && msi->multi > MSI_MULTI_MAX)
		return rbi_fail(-EINVAL, "MSI: 2^%u messages", msi->multi);
	if (msi->has_message && msi->data > MSI_DATA_MAX)
		return rbi_fail(-EINVAL, "MSI: data %#x is above %#x", msi->data, MSI_DATA_MAX);
	if (msi->has_message && (msi->addr & 3u) != 0)
		return rbi_fail(-EINVAL, "MSI: address %#llx is no multiple of 4",
				(unsigned long long)msi->addr);
	req.msi = *msi;
	return rbi_pcid_request(ch, &req, &rsp);
}

int rbi_pcid_set_msix_mask(struct rbi_pcid *ch, bool masked)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSIX };
	struct rbi_wire_rsp rsp;

	req.msix.has_function_mask = true;
	req.msix.function_mask = masked;
	return rbi_pcid_request(ch, &req, &rsp);
}

int rbi_pcid_enable_feature(struct rbi_pcid *ch, enum rbi_wire_feature feature)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_ENABLE_FEATURE, .feature = feature };
	struct rbi_wire_rsp rsp;

	return rbi_pcid_request(ch, &req, &rsp);
}

/* --- configuration space ------------------------------------------------------------- */

/* pcid panics at offsets it does not like, and every driver loses its server. */
static int check_offset(struct rbi_pcid *ch, unsigned int off)
{
	unsigned int size =
		rbi_pcid_is_extended(ch) ? RBI_PCID_EXTENDED_SIZE : RBI_PCID_CONFIG_SIZE;

	if (off >= size)
		return rbi_fail(-ERANGE, "PCI function %s: offset %#x is past config byte %u",
				rbi_pcid_name(ch), off, size);
	if (off & 3u)
		return rbi_fail(-EINVAL, "PCI function %s: offset %#x is no multiple of 4",
				rbi_pcid_name(ch), off);
	return 0;
}

int rbi_pcid_read_config(struct rbi_pcid *ch, unsigned int off, uint32_t *val)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_READ_CONFIG, .offset = (uint16_t)off };
	struct rbi_wire_rsp rsp;
	int rc;

	*val = UINT32_MAX;
	rc = check_offset(ch, off);
	if (rc == 0)
		rc = rbi_pcid_request(ch, &req, &rsp);
	if (rc == 0)
		*val = rsp.u.value;
	return rc;
}

int rbi_pcid_write_config(struct rbi_pcid *ch, unsigned int off, uint32_t val)
{
	struct rbi_wire_req req = { .kind = RBI_WIRE_WRITE_CONFIG,
				    .offset = (uint16_t)off,
				    .value = val };
	struct rbi_wire_rsp rsp;
	int rc;

	rc = check_offset(ch, off);
	return rc == 0 ? rbi_pcid_request(ch, &req, &rsp) : rc;
}
