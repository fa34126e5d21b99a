/* SPDX-License-Identifier: MIT */
/*
 * wire.h - the bytes that a driver and pcid exchange (contract 4.3 to 4.7, 4.10).
 *
 * Pure functions: no input, no output, no allocation. lib/os/os_pcid.c (the
 * client) and lib/host/host_pcid.c (the server that plays pcid) share them, and
 * each is tested against the fixed bytes of contract 4.7 besides.
 *
 * The encoding is bincode 1 with default options: little endian, enum variants
 * as u32, Option and bool as one byte 0 or 1, vectors with a u64 count.
 *
 * Decoders answer 0, or -EPROTO with a sentence that names what is wrong. What
 * they wrote to their result is then meaningless. Every byte is hostile: tags,
 * bools, Options, counts and lengths are checked before use. A response must end
 * where its bytes end; a request may be followed by anything, as pcid ignores it.
 *
 * Encoders answer the number of bytes written, or -ERANGE when @size is too
 * small, or -EINVAL when the message holds something that has no encoding.
 */
#ifndef RBI_OS_WIRE_H
#define RBI_OS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rbdrv/pci.h>

#define RBI_WIRE_LEN_BYTES 8	  /* length prefix of a response */
#define RBI_WIRE_LEN_LIMIT 0x100000u /* longest response any client accepts */
#define RBI_WIRE_REQUEST_MAX 32	  /* bytes: no request is longer (longest: 28) */
#define RBI_WIRE_RESPONSE_MAX 16384 /* bytes with the prefix: no response we know is longer */
#define RBI_WIRE_CAPS_MAX 48	  /* capabilities that fit a function's standard list */
#define RBI_WIRE_BARS 6

/* --- parts ------------------------------------------------------------------------- */

enum rbi_wire_feature { RBI_WIRE_MSI = 0, RBI_WIRE_MSIX = 1 };

/* The numbers are those of enum rb_pci_bar_kind too. */
enum rbi_wire_bar_kind {
	RBI_WIRE_BAR_NONE = 0,
	RBI_WIRE_BAR_MEM32 = 1, /* addr and size fit 32 bits */
	RBI_WIRE_BAR_MEM64 = 2, /* takes two slots, the second is NONE */
	RBI_WIRE_BAR_PORT = 3	/* addr is a port, the size is not conveyed */
};

struct rbi_wire_bar {
	enum rbi_wire_bar_kind kind;
	uint64_t addr;
	uint64_t size;
};

struct rbi_wire_rom {
	uint32_t addr;
	uint32_t size;
	bool enabled;
};

/* The legacy interrupt line: a number, or words of a device tree. */
struct rbi_wire_irq {
	uint8_t irq;
	bool has_phandle;
	uint32_t phandle;  /* interrupt controller, when has_phandle */
	uint32_t words[3]; /* its interrupt specifier, when has_phandle */
	uint64_t cells;	   /* how many of words count: 1-3, when has_phandle */
};

/* PciFunction of contract 4.6. */
struct rbi_wire_function {
	struct rb_pci_addr addr;
	struct rbi_wire_bar bars[RBI_WIRE_BARS];
	bool rom_field; /* layout: trees since 2026 have the field, 2025 has not */
	bool has_rom;	/* only with rom_field */
	struct rbi_wire_rom rom;
	bool has_irq;
	struct rbi_wire_irq irq;
	uint16_t vendor;
	uint16_t device;
	uint8_t class_code;
	uint8_t subclass;
	uint8_t interface;
	uint8_t revision;
};

/* --- requests (contract 4.4) ------------------------------------------------------- */

enum rbi_wire_request_kind {
	RBI_WIRE_ENABLE_DEVICE = 0,
	RBI_WIRE_REQUEST_CONFIG = 1,
	RBI_WIRE_REQUEST_FEATURES = 2,
	RBI_WIRE_REQUEST_VENDOR_CAPS = 3,
	RBI_WIRE_ENABLE_FEATURE = 4,
	RBI_WIRE_FEATURE_INFO = 5,
	RBI_WIRE_SET_FEATURE_INFO = 6,
	RBI_WIRE_READ_CONFIG = 7,
	RBI_WIRE_WRITE_CONFIG = 8
};

/* SetFeatureInfo(Msi); each part is applied only when its has_ is set. */
struct rbi_wire_set_msi {
	bool has_multi;
	uint8_t multi; /* log2 of the messages to enable */
	bool has_message;
	uint64_t addr;
	uint32_t data;
	bool has_mask;
	uint32_t mask; /* per-vector mask bits */
};

/* SetFeatureInfo(MsiX) */
struct rbi_wire_set_msix {
	bool has_function_mask;
	bool function_mask;
};

struct rbi_wire_req {
	enum rbi_wire_request_kind kind;
	enum rbi_wire_feature feature; /* ENABLE_FEATURE, FEATURE_INFO, SET_FEATURE_INFO */
	uint16_t offset;	       /* READ_CONFIG, WRITE_CONFIG */
	uint32_t value;		       /* WRITE_CONFIG */
	struct rbi_wire_set_msi msi;   /* SET_FEATURE_INFO, feature MSI */
	struct rbi_wire_set_msix msix; /* SET_FEATURE_INFO, feature MSIX */
};

int rbi_wire_encode_request(const struct rbi_wire_req *req, void *buf, size_t size);
int rbi_wire_decode_request(const void *buf, size_t len, struct rbi_wire_req *req);

/* --- responses (contract 4.5) ------------------------------------------------------ */

enum rbi_wire_response_kind {
	RBI_WIRE_ENABLED_DEVICE = 0,
	RBI_WIRE_CONFIG = 1,
	RBI_WIRE_ALL_FEATURES = 2,
	RBI_WIRE_VENDOR_CAPS = 3,
	RBI_WIRE_FEATURE_ENABLED = 4,
	RBI_WIRE_FEATURE_STATUS = 5, /* never sent */
	RBI_WIRE_ERROR = 6,
	RBI_WIRE_FEATURE_INFO_IS = 7,
	RBI_WIRE_FEATURE_INFO_SET = 8,
	RBI_WIRE_CONFIG_VALUE = 9,
	RBI_WIRE_CONFIG_WRITTEN = 10
};

enum rbi_wire_error { RBI_WIRE_NO_FEATURE = 0, RBI_WIRE_INVALID_BITS = 1 };

struct rbi_wire_msi_info {
	uint8_t log2_capable; /* log2 of the messages it can send */
	bool is_64bit;
	bool has_masking; /* per-vector masking */
};

struct rbi_wire_msix_info {
	uint8_t table_bar;
	uint32_t table_offset; /* bytes into the BAR */
	uint16_t table_size;   /* entries */
	uint8_t pba_bar;
	uint32_t pba_offset;
};

/* Bytes of a vendor capability from offset 3 on; borrowed from the decoded buffer. */
struct rbi_wire_vendor_cap {
	const uint8_t *data;
	size_t len;
};

struct rbi_wire_rsp {
	enum rbi_wire_response_kind kind;
	/* FEATURE_ENABLED, FEATURE_STATUS, FEATURE_INFO_IS, FEATURE_INFO_SET, and
	 * ERROR with NO_FEATURE */
	enum rbi_wire_feature feature;
	union {
		struct rbi_wire_function function; /* CONFIG */
		struct {
			size_t count;
			enum rbi_wire_feature list[RBI_WIRE_CAPS_MAX]; /* capability order */
		} features; /* ALL_FEATURES */
		struct {
			size_t count;
			struct rbi_wire_vendor_cap list[RBI_WIRE_CAPS_MAX];
		} vendor;		      /* VENDOR_CAPS */
		bool disabled;		      /* FEATURE_STATUS */
		enum rbi_wire_error error;    /* ERROR */
		struct rbi_wire_msi_info msi;	/* FEATURE_INFO_IS, feature MSI */
		struct rbi_wire_msix_info msix; /* FEATURE_INFO_IS, feature MSIX */
		uint32_t value;			/* CONFIG_VALUE */
	} u;
};

/* Writes the length prefix and the message. */
int rbi_wire_encode_response(const struct rbi_wire_rsp *rsp, void *buf, size_t size);
/* The length prefix: -EPROTO above RBI_WIRE_LEN_LIMIT or below a tag's 4 bytes. */
int rbi_wire_decode_length(const void *prefix, size_t *len);
/* The message after the prefix, exactly @len bytes. */
int rbi_wire_decode_response(const void *buf, size_t len, struct rbi_wire_rsp *rsp);

/* "Config", "FeatureEnabled": for sentences. "?" when there is no such kind. */
const char *rbi_wire_request_name(enum rbi_wire_request_kind kind);
const char *rbi_wire_response_name(enum rbi_wire_response_kind kind);

/* --- the access endpoint (contract 4.10) -------------------------------------------- */

#define RBI_WIRE_ACCESS_READ 1u
#define RBI_WIRE_ACCESS_WRITE 2u

/* Second word of metadata: function and offset, @off below 4096. */
static inline uint64_t rbi_wire_access_encode(struct rb_pci_addr addr, unsigned int off)
{
	return (uint64_t)rb_pci_addr_segment(addr) << 28 | (uint64_t)rb_pci_addr_bus(addr) << 20 |
	       (uint64_t)rb_pci_addr_device(addr) << 15 |
	       (uint64_t)rb_pci_addr_function(addr) << 12 | (off & 0xfffu);
}

/* The other way; false when bits are set that have no meaning. */
static inline bool rbi_wire_access_decode(uint64_t word, struct rb_pci_addr *addr,
					  unsigned int *off)
{
	if (word >> 44)
		return false;
	*addr = rb_pci_addr_make((unsigned int)(word >> 28), (unsigned int)(word >> 20) & 0xffu,
				 (unsigned int)(word >> 15) & 0x1fu,
				 (unsigned int)(word >> 12) & 7u);
	*off = (unsigned int)word & 0xfffu;
	return true;
}

#endif
