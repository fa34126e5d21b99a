/* SPDX-License-Identifier: MIT */
/* profile.c - the versions of Redox that hosted Redox can play. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "core/core.h"
#include "host/profile.h"

/* Drivers of Nov 2025, base of Feb 2026 on the kernel of Aug 2026, and Red Bear of
 * May 2026 on the kernel of Apr 2026 ("Trees and versions" of the contract). */
static const struct rbi_profile profiles[] = {
	{ .name = "redox-2025", .access_file = true, .event_cookie = true },
	{ .name = "base-2026",
	  .rom_field = true,
	  .access_file = true,
	  .event_timeout = true,
	  .zeroed_type = true },
	{ .name = "redbear-2026",
	  .wide_names = true,
	  .rom_field = true,
	  .access_file = true,
	  .event_cookie = true },
};

#define DEFAULT_PROFILE "base-2026"
#define CPUS_MAX	8 /* RBI_HOSTED_CPUS */

static int choose(const char *name, struct rbi_profile *out)
{
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (strcmp(name, profiles[i].name) == 0) {
			*out = profiles[i];
			return 0;
		}
	}
	return rbi_fail(-EINVAL,
			"no profile '%.64s': there are redox-2025, base-2026, redbear-2026", name);
}

static int override(const struct rbi_spec *spec, const char *key, bool *flag)
{
	const char *value = rbi_spec_option(spec, key);

	if (!value)
		return 0;
	if (strcmp(value, "on") == 0)
		*flag = true;
	else if (strcmp(value, "off") == 0)
		*flag = false;
	else
		return rbi_fail(-EINVAL, "option %s is on or off, not '%.64s'", key, value);
	return 0;
}

int rbi_profile_from_spec(const struct rbi_spec *spec, struct rbi_profile *out)
{
	const char *name = rbi_spec_option(spec, "profile");
	uint64_t cpus = 1;
	int rc;

	rc = choose(name ? name : DEFAULT_PROFILE, out);
	if (rc == 0)
		rc = override(spec, "access", &out->access_file);
	if (rc == 0)
		rc = override(spec, "config", &out->config_file);
	if (rc == 0)
		rc = override(spec, "event_timeout", &out->event_timeout);
	if (rc == 0)
		rc = override(spec, "zeroed_type", &out->zeroed_type);
	if (rc == 0)
		rc = override(spec, "hotplug", &out->hotplug);
	if (rc == 0)
		rc = rbi_spec_number(spec, "cpus", 1, CPUS_MAX, &cpus);
	out->cpus = (unsigned int)cpus;
	return rc;
}
