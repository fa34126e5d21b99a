/* SPDX-License-Identifier: MIT */
/*
 * host_open.c - from a machine string to a world: librbdrv-host's door.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "core/core.h"
#include "core/world.h"
#include "host/fault_plan.h"
#include "host/host_frames.h"
#include "host/hosted.h"
#include "host/spec.h"

/* A key that ends in '.' stands for all that begin so. */
#define HOSTED_OPTIONS \
	"access", "config", "cpus", "event_timeout", "hotplug", "profile", "uid", "zeroed_type"
#define MOCK_OPTIONS \
	"dump", "frames", "hang", "net.", "ram", "ram_high", "seed", "tick", "time", "watchdog"
#define QEMU_OPTIONS \
	"drive.", "frames", "icount", "memory", "net.", "seed", "slots", "timeout_ms", "vectors"

static const char *const hosted_options[] = { HOSTED_OPTIONS, NULL };
static const char *const mock_options[] = { MOCK_OPTIONS, NULL };
static const char *const qemu_options[] = { QEMU_OPTIONS, NULL };
static const char *const pci_options[] = { NULL };

/* Every key of every machine, so that one given to the wrong machine is recognized. */
static const char *const all_options[] = { HOSTED_OPTIONS, MOCK_OPTIONS, QEMU_OPTIONS, NULL };

#ifdef RBDRV_WITH_QEMU
#define qemu_new rbi_qemu_machine_new
#else
static int qemu_new(const struct rbi_spec *spec, struct rbi_machine **out)
{
	(void)spec;
	*out = NULL;
	return rbi_fail(-ENOTSUP, "machine 'qemu' is not built in");
}
#endif

#ifdef RBDRV_WITH_PCIACCESS
#define pci_new rbi_pcihost_machine_new
#else
static int pci_new(const struct rbi_spec *spec, struct rbi_machine **out)
{
	(void)spec;
	*out = NULL;
	return rbi_fail(-ENOTSUP, "machine 'pci' is not built in");
}
#endif

static const struct kind {
	const char *name;
	const char *const *options;
	int (*make)(const struct rbi_spec *spec, struct rbi_machine **out);
} kinds[] = {
	{ "mock", mock_options, rbi_mock_machine_new },
	{ "qemu", qemu_options, qemu_new },
	{ "pci", pci_options, pci_new },
};

static bool knows(const char *const *options, const char *key)
{
	size_t n;

	for (; *options; options++) {
		n = strlen(*options);
		if (strcmp(key, *options) == 0)
			return true;
		if ((*options)[n - 1] == '.' && strncmp(key, *options, n) == 0)
			return true;
	}
	return false;
}

static int find_kind(const struct rbi_spec *spec, const struct kind **out)
{
	size_t i;

	if (spec->decorator)
		return rbi_fail(-ENOENT, "there is no decorator '%.64s'", spec->decorator);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(spec->machine, kinds[i].name) == 0) {
			*out = &kinds[i];
			return 0;
		}
	}
	return rbi_fail(-ENOENT, "no machine '%.64s': there are mock, qemu, pci and redox",
			spec->machine);
}

static int check_options(const struct rbi_spec *spec, const struct kind *kind)
{
	size_t i;

	for (i = 0; i < spec->noptions; i++)
		if (!knows(hosted_options, spec->options[i].key) &&
		    !knows(kind->options, spec->options[i].key))
			return rbi_fail(-EINVAL, "machine '%s' has no option '%.64s'", kind->name,
					spec->options[i].key);
	return 0;
}

static int open_spec(const struct rbi_spec *spec, struct rbi_sys **out)
{
	struct rbi_fault_plan *plan = rbi_fault_armed();
	struct rbi_frames_order order;
	struct rbi_profile profile;
	struct rbi_machine *machine;
	const struct kind *kind;
	uint64_t uid = 0;
	int rc;

	rc = find_kind(spec, &kind);
	if (rc == 0)
		rc = check_options(spec, kind);
	if (rc == 0)
		rc = rbi_profile_from_spec(spec, &profile);
	if (rc == 0)
		rc = rbi_spec_number(spec, "uid", 0, UINT32_MAX, &uid);
	if (rc == 0)
		rc = rbi_hosted_frames_order(spec, &order);
	if (rc == 0)
		rc = kind->make(spec, &machine);
	if (rc < 0)
		return rc;
	machine->scatter = order.scatter;
	machine->high_first = order.high_first;

	if (plan)
		rc = rbi_fault_machine(plan, &machine);
	if (rc == 0)
		rc = rbi_hosted_new(machine, &profile, (unsigned int)uid, out);
	if (rc < 0) {
		machine->ops->destroy(machine, false);
		return rc;
	}

	if (plan)
		rc = rbi_fault_sys(plan, out);
	if (rc < 0) {
		(*out)->ops->destroy(*out);
		*out = NULL;
	}
	return rc;
}

RB_EXPORT int rbi_host_open(const char *text, struct rbi_sys **out)
{
	struct rbi_spec *spec;
	int rc;

	*out = NULL;
	rc = rbi_spec_parse(text, all_options, &spec);
	if (rc < 0)
		return rc;
	rc = open_spec(spec, out);
	rbi_spec_free(spec);
	return rc;
}
