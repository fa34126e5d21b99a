/* SPDX-License-Identifier: MIT */
/*
 * spec.h - machine strings.
 *
 *     spec    = [ decorator '(' args ')' '+' ] machine [ ':' [ item { ';' item } ] ]
 *     item    = key '=' value            an option, when the machine knows the key
 *             | model { ',' key '=' value }   a device
 *
 * A backslash takes the next byte literally. Control bytes and strings above
 * RBI_SPEC_MAX bytes are malformed.
 */
#ifndef RBI_HOST_SPEC_H
#define RBI_HOST_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RBI_SPEC_MAX 65536 /* bytes of a machine string */
#define RBI_SPEC_ITEMS 4096 /* items of a machine string */
#define RBI_SPEC_ARGS 64   /* key=value pairs of one device */
#define RBI_SPEC_NAME 32   /* bytes, with the NUL, of a name that the string gives to something */

struct rbi_spec_arg {
	char *key;
	char *value; /* "" when the string has no '=' */
};

struct rbi_spec_device {
	char *model;
	struct rbi_spec_arg *args;
	size_t nargs;
};

struct rbi_spec {
	char *decorator;      /* NULL: none */
	char *decorator_args; /* NULL: none */
	char *machine;
	struct rbi_spec_arg *options; /* items "key=value" */
	size_t noptions;
	struct rbi_spec_device *devices;
	size_t ndevices;
};

/* Parse @text. @known_options is a NULL-terminated list of option keys; a key
 * ending in '.' knows every key with that prefix ("net." knows "net.n0"). An
 * item whose text up to the first '=' (before any ',') is not known is a device.
 * -EINVAL with the offending part named, -ENOMEM. */
int rbi_spec_parse(const char *text, const char *const *known_options, struct rbi_spec **out);
void rbi_spec_free(struct rbi_spec *spec);
/* Parse one device, "model,key=value", as it stands in a machine string: @out has no
 * machine, no options and this device. -EINVAL, -ENOMEM. */
int rbi_spec_parse_device(const char *text, struct rbi_spec **out);

/* Is @name a letter and up to RBI_SPEC_NAME - 2 letters, digits or ._-, so that no machine can
 * mistake it for anything else? */
bool rbi_spec_name_is_good(const char *name);

/* The option's value, or NULL. */
const char *rbi_spec_option(const struct rbi_spec *spec, const char *key);
/* An option as a number (decimal or 0x hexadecimal): *val is left alone when it is
 * absent. -EINVAL when it is no number or outside [min, max]. */
int rbi_spec_number(const struct rbi_spec *spec, const char *key, uint64_t min, uint64_t max,
		    uint64_t *val);
/* The same rules for one text, for devices' arguments. */
int rbi_parse_number(const char *what, const char *text, uint64_t min, uint64_t max,
		     uint64_t *val);

#endif
