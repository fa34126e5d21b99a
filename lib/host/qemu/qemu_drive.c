/* SPDX-License-Identifier: MIT */
/*
 * qemu_drive.c - drives: "drive.NAME=MIB" in a machine string, drive=NAME at a device.
 *
 * A drive is memory of this process's making that QEMU inherits as a descriptor: no file
 * of the host is named or opened. It begins as zeros and ends with the machine.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "host/qemu/qemu_args.h"

#define MIB    ((uint64_t)1 << 20)
#define PREFIX "drive."

static int add_drive(struct rbi_qemu_options *opt, const struct rbi_spec_arg *option)
{
	const char *name = option->key + strlen(PREFIX);
	struct rbi_qemu_drive *drive;
	uint64_t mib = 0;
	int rc;

	if (!rbi_spec_name_is_good(name))
		return rbi_fail(-EINVAL,
				"option '%.60s': a drive's name is a letter and up to %d letters, "
				"digits or ._-",
				option->key, RBI_SPEC_NAME - 2);
	if (opt->ndrives == RBI_QEMU_DRIVES)
		return rbi_fail(-EINVAL, "option '%.60s': there are at most %d drives", option->key,
				RBI_QEMU_DRIVES);
	rc = rbi_parse_number(option->key, option->value, 1, RBI_QEMU_DRIVE_MIB, &mib);
	if (rc < 0)
		return rc;

	drive = &opt->drives[opt->ndrives++];
	snprintf(drive->name, sizeof(drive->name), "%s", name);
	drive->size = mib * MIB;
	return 0;
}

int rbi_qemu_drives(const struct rbi_spec *spec, struct rbi_qemu_options *opt)
{
	size_t i;
	int rc = 0;

	opt->ndrives = 0;
	for (i = 0; i < spec->noptions && rc == 0; i++) {
		if (strncmp(spec->options[i].key, PREFIX, strlen(PREFIX)) == 0)
			rc = add_drive(opt, &spec->options[i]);
	}
	return rc;
}

int rbi_qemu_check_drive(const struct rbi_qemu_options *opt, const char *model, const char *name)
{
	unsigned int i;

	for (i = 0; i < opt->ndrives; i++) {
		if (strcmp(opt->drives[i].name, name) == 0)
			return 0;
	}
	return rbi_fail(-EINVAL,
			"device '%.60s': there is no drive '%.60s'; an option drive.NAME=MIB makes one",
			model, name);
}

/* The name holds nothing that needs quoting. */
char *rbi_qemu_drive_set(unsigned int i)
{
	return rbi_sprintf("fd=%u,set=%u", RBI_QEMU_FD_END + i, i);
}

char *rbi_qemu_drive_text(const struct rbi_qemu_options *opt, unsigned int i)
{
	return rbi_sprintf("driver=file,node-name=%s,filename=/dev/fdset/%u,locking=off",
			   opt->drives[i].name, i);
}
