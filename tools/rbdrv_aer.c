/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_aer.c - advanced error reporting as fields.
 */
#include "caps.h"
#include "tool.h"

static const struct bit_row uncorrectable[] = {
	{ "link_protocol", RB_PCI_AER_LINK_PROTOCOL },
	{ "surprise_down", RB_PCI_AER_SURPRISE_DOWN },
	{ "poisoned", RB_PCI_AER_POISONED },
	{ "flow_control", RB_PCI_AER_FLOW_CONTROL },
	{ "completion_timeout", RB_PCI_AER_COMPLETION_TIMEOUT },
	{ "completer_abort", RB_PCI_AER_COMPLETER_ABORT },
	{ "unexpected_completion", RB_PCI_AER_UNEXPECTED_COMPLETION },
	{ "overflow", RB_PCI_AER_OVERFLOW },
	{ "malformed", RB_PCI_AER_MALFORMED },
	{ "ecrc", RB_PCI_AER_ECRC },
	{ "unsupported_request", RB_PCI_AER_UNSUPPORTED_REQUEST },
	{ "acs_violation", RB_PCI_AER_ACS_VIOLATION },
	{ "internal", RB_PCI_AER_INTERNAL },
	{ "multicast_blocked", RB_PCI_AER_MULTICAST_BLOCKED },
	{ "atomic_blocked", RB_PCI_AER_ATOMIC_BLOCKED },
	{ "prefix_blocked", RB_PCI_AER_PREFIX_BLOCKED },
	{ "poisoned_blocked", RB_PCI_AER_POISONED_BLOCKED },
	{ "dmwr_blocked", RB_PCI_AER_DMWR_BLOCKED },
	{ "ide_check", RB_PCI_AER_IDE_CHECK },
	{ "ide_misrouted", RB_PCI_AER_IDE_MISROUTED },
	{ "pcrc", RB_PCI_AER_PCRC },
	{ "translation_blocked", RB_PCI_AER_TRANSLATION_BLOCKED },
};

static const struct bit_row correctable[] = {
	{ "receiver", RB_PCI_AER_RECEIVER },
	{ "bad_tlp", RB_PCI_AER_BAD_TLP },
	{ "bad_dllp", RB_PCI_AER_BAD_DLLP },
	{ "replay_rollover", RB_PCI_AER_REPLAY_ROLLOVER },
	{ "replay_timeout", RB_PCI_AER_REPLAY_TIMEOUT },
	{ "advisory", RB_PCI_AER_ADVISORY },
	{ "corrected_internal", RB_PCI_AER_CORRECTED_INTERNAL },
	{ "log_overflow", RB_PCI_AER_LOG_OVERFLOW },
};

#define FLAG(name) ROW(#name, ROW_FLAG, rb_pci_aer, name)
#define ROOT_FLAG(name) ROW(#name, ROW_FLAG, rb_pci_aer, root_##name)

static const struct row control_rows[] = {
	ROW("raw", ROW_HEX, rb_pci_aer, raw_control),
	ROW("first_error", ROW_NUMBER, rb_pci_aer, first_error),
	FLAG(ecrc_generation),
	FLAG(ecrc_generation_enabled),
	FLAG(ecrc_check),
	FLAG(ecrc_check_enabled),
	FLAG(multiple_headers),
	FLAG(multiple_headers_enabled),
	FLAG(prefix_log_present),
	FLAG(timeout_log),
};

static const struct row root_rows[] = {
	ROW("raw_command", ROW_HEX, rb_pci_aer, raw_root_command),
	ROOT_FLAG(correctable_enabled),
	ROOT_FLAG(non_fatal_enabled),
	ROOT_FLAG(fatal_enabled),
	ROW("raw_status", ROW_HEX, rb_pci_aer, raw_root_status),
	ROOT_FLAG(correctable),
	ROOT_FLAG(correctable_multiple),
	ROOT_FLAG(uncorrectable),
	ROOT_FLAG(uncorrectable_multiple),
	ROOT_FLAG(first_fatal),
	ROOT_FLAG(non_fatal),
	ROOT_FLAG(fatal),
	ROW("interrupt", ROW_NUMBER, rb_pci_aer, root_interrupt),
	ROW("correctable_source", ROW_HEX, rb_pci_aer, root_correctable_source),
	ROW("uncorrectable_source", ROW_HEX, rb_pci_aer, root_uncorrectable_source),
};

static void put_log(struct fields *f, const char *key, const uint32_t *words)
{
	uint8_t bytes[16];
	int i;

	for (i = 0; i < 16; i++)
		bytes[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
	field_bytes(f, key, bytes, sizeof(bytes));
}

int put_aer(struct fields *f, struct rb_pci_view *view, unsigned int off)
{
	struct rb_pci_aer aer = RB_PCI_AER_INIT;
	int rc;

	rc = rb_pci_read_aer(view, off, &aer);
	if (rc < 0)
		return rc;

	FIELD_BITS(f, "uncorrectable_status", uncorrectable, aer.uncorrectable_status);
	FIELD_BITS(f, "uncorrectable_mask", uncorrectable, aer.uncorrectable_mask);
	FIELD_BITS(f, "uncorrectable_severity", uncorrectable, aer.uncorrectable_severity);
	FIELD_BITS(f, "correctable_status", correctable, aer.correctable_status);
	FIELD_BITS(f, "correctable_mask", correctable, aer.correctable_mask);
	field_open(f, "control");
	FIELD_ROWS(f, control_rows, &aer);
	field_close(f);
	field_open(f, "logs");
	put_log(f, "header", aer.header_log);
	if (aer.prefix_log_present)
		put_log(f, "prefix", aer.prefix_log);
	field_close(f);
	if (aer.has_root) {
		field_open(f, "root");
		FIELD_ROWS(f, root_rows, &aer);
		field_close(f);
	}
	return 0;
}
