/* SPDX-License-Identifier: MIT */
/*
 * wire.c - requests and responses of a pcid channel (contract 4.3 to 4.7).
 */
#include "config.h"

#include "os/wire.h"

#include "os/wire_cursor.h"

#define TAG_BYTES 4u

static const char *const request_names[] = {
	"EnableDevice",	 "RequestConfig", "RequestFeatures", "RequestVendorCapabilities",
	"EnableFeature", "FeatureInfo",	  "SetFeatureInfo",  "ReadConfig",
	"WriteConfig",
};

static const char *const response_names[] = {
	"EnabledDevice",  "Config",	   "AllFeatures", "VendorCapabilities",
	"FeatureEnabled", "FeatureStatus", "Error",	  "FeatureInfo",
	"SetFeatureInfo", "ReadConfig",	   "WriteConfig",
};

const char *rbi_wire_request_name(enum rbi_wire_request_kind kind)
{
	return (unsigned int)kind <= RBI_WIRE_WRITE_CONFIG ? request_names[kind] : "?";
}

const char *rbi_wire_response_name(enum rbi_wire_response_kind kind)
{
	return (unsigned int)kind <= RBI_WIRE_CONFIG_WRITTEN ? response_names[kind] : "?";
}

/* --- ends of a message --------------------------------------------------------------- */

static int out_end(const struct rbi_wire_out *out, const char *what)
{
	if (out->fault == -ERANGE)
		return rbi_fail(-ERANGE, "pcid %s: %zu bytes are too few for it", what, out->size);
	if (out->fault != 0)
		return rbi_fail(-EINVAL, "pcid %s: a field has no encoding", what);
	return (int)out->used;
}

static int in_end(const struct rbi_wire_in *in, const char *direction, const char *what)
{
	if (!in->fault)
		return 0;
	return rbi_fail(-EPROTO, "pcid %s %s: %s %s (%#llx)", direction, what, in->field, in->fault,
			(unsigned long long)in->value);
}

/* --- features ---------------------------------------------------------------------- */

static void put_feature(struct rbi_wire_out *out, enum rbi_wire_feature feature)
{
	rbi_wire_put_tag(out, (uint32_t)feature, RBI_WIRE_MSIX);
}

static enum rbi_wire_feature get_feature(struct rbi_wire_in *in)
{
	return (enum rbi_wire_feature)rbi_wire_get_tag(in, "feature", RBI_WIRE_MSIX);
}

/* --- requests ---------------------------------------------------------------------- */

static void put_set_feature(struct rbi_wire_out *out, const struct rbi_wire_req *req)
{
	put_feature(out, req->feature);
	if (req->feature == RBI_WIRE_MSIX) {
		rbi_wire_put(out, req->msix.has_function_mask, 1);
		if (req->msix.has_function_mask)
			rbi_wire_put(out, req->msix.function_mask, 1);
		return;
	}
	rbi_wire_put(out, req->msi.has_multi, 1);
	if (req->msi.has_multi)
		rbi_wire_put(out, req->msi.multi, 1);
	rbi_wire_put(out, req->msi.has_message, 1);
	if (req->msi.has_message) {
		rbi_wire_put(out, req->msi.addr, 8);
		rbi_wire_put(out, req->msi.data, 4);
	}
	rbi_wire_put(out, req->msi.has_mask, 1);
	if (req->msi.has_mask)
		rbi_wire_put(out, req->msi.mask, 4);
}

static void get_set_feature(struct rbi_wire_in *in, struct rbi_wire_req *req)
{
	req->feature = get_feature(in);
	if (req->feature == RBI_WIRE_MSIX) {
		req->msix.has_function_mask = rbi_wire_get_bool(in, "Option of the function mask");
		if (req->msix.has_function_mask)
			req->msix.function_mask = rbi_wire_get_bool(in, "function mask");
		return;
	}
	req->msi.has_multi = rbi_wire_get_bool(in, "Option of the message count");
	if (req->msi.has_multi)
		req->msi.multi = (uint8_t)rbi_wire_get(in, "message count", 1);
	req->msi.has_message = rbi_wire_get_bool(in, "Option of the message");
	if (req->msi.has_message) {
		req->msi.addr = rbi_wire_get(in, "message address", 8);
		req->msi.data = (uint32_t)rbi_wire_get(in, "message data", 4);
	}
	req->msi.has_mask = rbi_wire_get_bool(in, "Option of the mask bits");
	if (req->msi.has_mask)
		req->msi.mask = (uint32_t)rbi_wire_get(in, "mask bits", 4);
}

int rbi_wire_encode_request(const struct rbi_wire_req *req, void *buf, size_t size)
{
	struct rbi_wire_out out = { .bytes = buf, .size = size };

	rbi_wire_put_tag(&out, (uint32_t)req->kind, RBI_WIRE_WRITE_CONFIG);
	switch (req->kind) {
	case RBI_WIRE_ENABLE_DEVICE:
	case RBI_WIRE_REQUEST_CONFIG:
	case RBI_WIRE_REQUEST_FEATURES:
	case RBI_WIRE_REQUEST_VENDOR_CAPS:
		break;
	case RBI_WIRE_ENABLE_FEATURE:
	case RBI_WIRE_FEATURE_INFO:
		put_feature(&out, req->feature);
		break;
	case RBI_WIRE_SET_FEATURE_INFO:
		put_set_feature(&out, req);
		break;
	case RBI_WIRE_READ_CONFIG:
		rbi_wire_put(&out, req->offset, 2);
		break;
	case RBI_WIRE_WRITE_CONFIG:
		rbi_wire_put(&out, req->offset, 2);
		rbi_wire_put(&out, req->value, 4);
		break;
	}
	return out_end(&out, "request");
}

int rbi_wire_decode_request(const void *buf, size_t len, struct rbi_wire_req *req)
{
	struct rbi_wire_in in = { .bytes = buf, .len = len };

	memset(req, 0, sizeof(*req));
	req->kind = (enum rbi_wire_request_kind)rbi_wire_get_tag(&in, "tag", RBI_WIRE_WRITE_CONFIG);
	if (in.fault)
		return in_end(&in, "request", "of no kind");
	switch (req->kind) {
	case RBI_WIRE_ENABLE_DEVICE:
	case RBI_WIRE_REQUEST_CONFIG:
	case RBI_WIRE_REQUEST_FEATURES:
	case RBI_WIRE_REQUEST_VENDOR_CAPS:
		break;
	case RBI_WIRE_ENABLE_FEATURE:
	case RBI_WIRE_FEATURE_INFO:
		req->feature = get_feature(&in);
		break;
	case RBI_WIRE_SET_FEATURE_INFO:
		get_set_feature(&in, req);
		break;
	case RBI_WIRE_READ_CONFIG:
		req->offset = (uint16_t)rbi_wire_get(&in, "offset", 2);
		break;
	case RBI_WIRE_WRITE_CONFIG:
		req->offset = (uint16_t)rbi_wire_get(&in, "offset", 2);
		req->value = (uint32_t)rbi_wire_get(&in, "value", 4);
		break;
	}
	return in_end(&in, "request", rbi_wire_request_name(req->kind));
}

/* --- parts of responses ---------------------------------------------------------------- */

static void put_count(struct rbi_wire_out *out, size_t count)
{
	if (out->fault == 0 && count > RBI_WIRE_CAPS_MAX)
		out->fault = -EINVAL;
	rbi_wire_put(out, count, 8);
}

/* How many elements follow, each of at least @least bytes. */
static size_t get_count(struct rbi_wire_in *in, const char *field, size_t least)
{
	uint64_t count = rbi_wire_get(in, field, 8);

	if (count > rbi_wire_left(in) / least)
		rbi_wire_bad(in, field, "claims more than the message holds", count);
	else if (count > RBI_WIRE_CAPS_MAX)
		rbi_wire_bad(in, field, "is more than a function can have", count);
	return in->fault ? 0 : (size_t)count;
}

static void put_vendor_caps(struct rbi_wire_out *out, const struct rbi_wire_rsp *rsp)
{
	size_t i;

	put_count(out, rsp->u.vendor.count);
	for (i = 0; out->fault == 0 && i < rsp->u.vendor.count; i++) {
		rbi_wire_put(out, rsp->u.vendor.list[i].len, 8);
		rbi_wire_put_bytes(out, rsp->u.vendor.list[i].data, rsp->u.vendor.list[i].len);
	}
}

static void get_vendor_caps(struct rbi_wire_in *in, struct rbi_wire_rsp *rsp)
{
	size_t count = get_count(in, "count of capabilities", 8);
	size_t i;

	for (i = 0; i < count; i++) {
		uint64_t len = rbi_wire_get(in, "length of a capability", 8);

		if (len > rbi_wire_left(in))
			rbi_wire_bad(in, "length of a capability",
				     "claims more than the message holds", len);
		if (in->fault)
			return;
		rsp->u.vendor.list[i].data = in->bytes + in->used;
		rsp->u.vendor.list[i].len = (size_t)len;
		in->used += (size_t)len;
	}
	rsp->u.vendor.count = count;
}

static void put_features(struct rbi_wire_out *out, const struct rbi_wire_rsp *rsp)
{
	size_t i;

	put_count(out, rsp->u.features.count);
	for (i = 0; out->fault == 0 && i < rsp->u.features.count; i++)
		put_feature(out, rsp->u.features.list[i]);
}

static void get_features(struct rbi_wire_in *in, struct rbi_wire_rsp *rsp)
{
	size_t count = get_count(in, "count of features", 4);
	size_t i;

	for (i = 0; i < count; i++)
		rsp->u.features.list[i] = get_feature(in);
	rsp->u.features.count = count;
}

static void put_feature_info(struct rbi_wire_out *out, const struct rbi_wire_rsp *rsp)
{
	put_feature(out, rsp->feature);
	put_feature(out, rsp->feature); /* the tag of what follows: the same numbers */
	if (rsp->feature == RBI_WIRE_MSI) {
		rbi_wire_put(out, rsp->u.msi.log2_capable, 1);
		rbi_wire_put(out, rsp->u.msi.is_64bit, 1);
		rbi_wire_put(out, rsp->u.msi.has_masking, 1);
		return;
	}
	rbi_wire_put(out, rsp->u.msix.table_bar, 1);
	rbi_wire_put(out, rsp->u.msix.table_offset, 4);
	rbi_wire_put(out, rsp->u.msix.table_size, 2);
	rbi_wire_put(out, rsp->u.msix.pba_bar, 1);
	rbi_wire_put(out, rsp->u.msix.pba_offset, 4);
}

static void get_feature_info(struct rbi_wire_in *in, struct rbi_wire_rsp *rsp)
{
	enum rbi_wire_feature tag;

	rsp->feature = get_feature(in);
	tag = get_feature(in);
	if (tag != rsp->feature)
		rbi_wire_bad(in, "kind of the information", "is not that of its feature", tag);
	if (rsp->feature == RBI_WIRE_MSI) {
		rsp->u.msi.log2_capable = (uint8_t)rbi_wire_get(in, "message count", 1);
		rsp->u.msi.is_64bit = rbi_wire_get_bool(in, "64-bit flag");
		rsp->u.msi.has_masking = rbi_wire_get_bool(in, "masking flag");
		return;
	}
	rsp->u.msix.table_bar = (uint8_t)rbi_wire_get(in, "table BAR", 1);
	rsp->u.msix.table_offset = (uint32_t)rbi_wire_get(in, "table offset", 4);
	rsp->u.msix.table_size = (uint16_t)rbi_wire_get(in, "table size", 2);
	rsp->u.msix.pba_bar = (uint8_t)rbi_wire_get(in, "PBA BAR", 1);
	rsp->u.msix.pba_offset = (uint32_t)rbi_wire_get(in, "PBA offset", 4);
}

static void put_error(struct rbi_wire_out *out, const struct rbi_wire_rsp *rsp)
{
	rbi_wire_put_tag(out, (uint32_t)rsp->u.error, RBI_WIRE_INVALID_BITS);
	if (rsp->u.error == RBI_WIRE_NO_FEATURE)
		put_feature(out, rsp->feature);
}

static void get_error(struct rbi_wire_in *in, struct rbi_wire_rsp *rsp)
{
	rsp->u.error =
		(enum rbi_wire_error)rbi_wire_get_tag(in, "kind of error", RBI_WIRE_INVALID_BITS);
	if (rsp->u.error == RBI_WIRE_NO_FEATURE)
		rsp->feature = get_feature(in);
}

/* --- responses --------------------------------------------------------------------- */

static void put_response(struct rbi_wire_out *out, const struct rbi_wire_rsp *rsp)
{
	rbi_wire_put_tag(out, (uint32_t)rsp->kind, RBI_WIRE_CONFIG_WRITTEN);
	switch (rsp->kind) {
	case RBI_WIRE_ENABLED_DEVICE:
	case RBI_WIRE_CONFIG_WRITTEN:
		break;
	case RBI_WIRE_CONFIG:
		rbi_wire_put_function(out, &rsp->u.function);
		break;
	case RBI_WIRE_ALL_FEATURES:
		put_features(out, rsp);
		break;
	case RBI_WIRE_VENDOR_CAPS:
		put_vendor_caps(out, rsp);
		break;
	case RBI_WIRE_FEATURE_ENABLED:
	case RBI_WIRE_FEATURE_INFO_SET:
		put_feature(out, rsp->feature);
		break;
	case RBI_WIRE_FEATURE_STATUS:
		put_feature(out, rsp->feature);
		rbi_wire_put(out, rsp->u.disabled, 4);
		break;
	case RBI_WIRE_ERROR:
		put_error(out, rsp);
		break;
	case RBI_WIRE_FEATURE_INFO_IS:
		put_feature_info(out, rsp);
		break;
	case RBI_WIRE_CONFIG_VALUE:
		rbi_wire_put(out, rsp->u.value, 4);
		break;
	}
}

static void get_response(struct rbi_wire_in *in, struct rbi_wire_rsp *rsp)
{
	switch (rsp->kind) {
	case RBI_WIRE_ENABLED_DEVICE:
	case RBI_WIRE_CONFIG_WRITTEN:
		break;
	case RBI_WIRE_CONFIG:
		rbi_wire_get_function(in, &rsp->u.function);
		break;
	case RBI_WIRE_ALL_FEATURES:
		get_features(in, rsp);
		break;
	case RBI_WIRE_VENDOR_CAPS:
		get_vendor_caps(in, rsp);
		break;
	case RBI_WIRE_FEATURE_ENABLED:
	case RBI_WIRE_FEATURE_INFO_SET:
		rsp->feature = get_feature(in);
		break;
	case RBI_WIRE_FEATURE_STATUS:
		rsp->feature = get_feature(in);
		rsp->u.disabled = rbi_wire_get_tag(in, "status", 1) == 1;
		break;
	case RBI_WIRE_ERROR:
		get_error(in, rsp);
		break;
	case RBI_WIRE_FEATURE_INFO_IS:
		get_feature_info(in, rsp);
		break;
	case RBI_WIRE_CONFIG_VALUE:
		rsp->u.value = (uint32_t)rbi_wire_get(in, "value", 4);
		break;
	}
}

int rbi_wire_encode_response(const struct rbi_wire_rsp *rsp, void *buf, size_t size)
{
	struct rbi_wire_out out = { .bytes = buf, .size = size };
	struct rbi_wire_out prefix = { .bytes = buf, .size = RBI_WIRE_LEN_BYTES };

	rbi_wire_put(&out, 0, RBI_WIRE_LEN_BYTES);
	put_response(&out, rsp);
	if (out.fault == 0 && out.used - RBI_WIRE_LEN_BYTES > RBI_WIRE_LEN_LIMIT)
		out.fault = -EINVAL;
	if (out.fault == 0)
		rbi_wire_put(&prefix, out.used - RBI_WIRE_LEN_BYTES, RBI_WIRE_LEN_BYTES);
	return out_end(&out, "response");
}

int rbi_wire_decode_length(const void *prefix, size_t *len)
{
	struct rbi_wire_in in = { .bytes = prefix, .len = RBI_WIRE_LEN_BYTES };
	uint64_t value = rbi_wire_get(&in, "length", RBI_WIRE_LEN_BYTES);

	if (value < TAG_BYTES || value > RBI_WIRE_LEN_LIMIT)
		return rbi_fail(-EPROTO, "pcid response: a length of %llu bytes",
				(unsigned long long)value);
	*len = (size_t)value;
	return 0;
}

int rbi_wire_decode_response(const void *buf, size_t len, struct rbi_wire_rsp *rsp)
{
	struct rbi_wire_in in = { .bytes = buf, .len = len };

	memset(rsp, 0, sizeof(*rsp));
	rsp->kind =
		(enum rbi_wire_response_kind)rbi_wire_get_tag(&in, "tag", RBI_WIRE_CONFIG_WRITTEN);
	if (in.fault)
		return in_end(&in, "response", "of no kind");
	get_response(&in, rsp);
	if (rbi_wire_left(&in) > 0)
		rbi_wire_bad(&in, "end", "is followed by more bytes", rbi_wire_left(&in));
	return in_end(&in, "response", rbi_wire_response_name(rsp->kind));
}
