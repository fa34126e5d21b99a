/* SPDX-License-Identifier: MIT */
/*
 * profile.h - what differs between versions of Redox (doc/machines.md).
 *
 * The client never asks for the version: it accepts what it meets. Hosted Redox
 * therefore plays each of them.
 */
#ifndef RBI_HOST_PROFILE_H
#define RBI_HOST_PROFILE_H

#include <stdbool.h>

#include "host/spec.h"

struct rbi_profile {
	const char *name;
	bool wide_names; /* devices are "0000--00--1f.2", else "00-00--1f.2" (contract 4.1) */
	bool rom_field; /* PciFunction has the ROM field (contract 4.6) */
	bool access_file; /* /scheme/pci/access exists (contract 4.10) */
	bool config_file; /* <dev>/config exists (contract 4.9) */
	bool event_timeout; /* event queues know the TIMEOUT id (contract 3.3) */
	bool event_cookie; /* a cookie is part of a registration's name (contract 3.4) */
	bool zeroed_type; /* zeroed@ honours its memory type (contract 1.5); invisible on x86 */
	unsigned int cpus; /* how many processors there are; 0 counts as 1 */
	bool hotplug; /* pcid looks at the bus whenever its directory is listed; no Redox does */
};

/*
 * The profile that a machine string's options describe: "profile=" (base-2026
 * when absent), then "access=", "config=", "event_timeout=", "zeroed_type=",
 * "hotplug=", each on or off, and "cpus=". 0, or -EINVAL with the culprit named.
 */
int rbi_profile_from_spec(const struct rbi_spec *spec, struct rbi_profile *out);

#endif
