/* SPDX-License-Identifier: MIT */
/*
 * spec.c - read machine strings.
 *
 * A string comes from an environment variable or a command line and is hostile.
 * One pass checks bytes and length; then a cursor walks it. Pieces are copied
 * with their backslashes taken off, so that nobody downstream sees an escape.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "core/core.h"
#include "host/spec.h"

/* --- bytes ---------------------------------------------------------------------- */

/* Refuse what no machine string may hold, before anything else looks at it. */
static int check_bytes(const char *text)
{
	size_t len = strnlen(text, RBI_SPEC_MAX + 1);
	bool escaped = false;
	size_t i;

	if (len > RBI_SPEC_MAX)
		return rbi_fail(-EINVAL, "the machine string is longer than %d bytes",
				RBI_SPEC_MAX);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f)
			return rbi_fail(-EINVAL,
					"the machine string holds control byte %#x at byte %zu", c,
					i);
		escaped = !escaped && c == '\\';
	}
	if (escaped)
		return rbi_fail(-EINVAL, "the machine string ends in a backslash");
	return 0;
}

/* Bytes from @s up to the first unescaped byte of @stops, or the end. */
static size_t span(const char *s, const char *stops)
{
	size_t i;

	for (i = 0; s[i] != '\0' && !strchr(stops, s[i]); i++)
		if (s[i] == '\\' && s[i + 1] != '\0')
			i++;
	return i;
}

/* A copy of @len bytes without their backslashes; NULL when out of memory. */
static char *unescape(const char *s, size_t len)
{
	char *copy = rbi_alloc(len + 1, 1);
	size_t from, to = 0;

	if (!copy)
		return NULL;
	for (from = 0; from < len; from++) {
		if (s[from] == '\\' && from + 1 < len)
			from++;
		copy[to++] = s[from];
	}
	return copy;
}

static int take(const char *s, size_t len, char **out)
{
	*out = unescape(s, len);
	return *out ? 0 : rbi_no_memory("the machine string");
}

/* --- options and devices -------------------------------------------------------- */

static bool is_known(const char *key, size_t len, const char *const *known)
{
	size_t n;

	for (; *known; known++) {
		n = strlen(*known);
		if (n == len && strncmp(key, *known, n) == 0)
			return true;
		/* "net." knows "net.n0", but not "net." itself */
		if ((*known)[n - 1] == '.' && len > n && strncmp(key, *known, n) == 0)
			return true;
	}
	return false;
}

/* "key=value", @eq bytes before the '=': append to @args. */
static int take_arg(const char *s, size_t len, size_t eq, struct rbi_spec_arg *arg)
{
	int rc;

	rc = take(s, eq, &arg->key);
	if (rc == 0)
		rc = take(s + eq + (eq < len), len - eq - (eq < len), &arg->value);
	return rc;
}

/* Make room for element @count of @size bytes. Strings are short: no doubling. */
static int grow(void **array, size_t count, size_t size)
{
	void *more = rbi_realloc(*array, count + 1, size);

	if (!more)
		return rbi_no_memory("the machine string");
	*array = more;
	return 0;
}

static int parse_option(struct rbi_spec *spec, const char *s, size_t len, size_t eq)
{
	struct rbi_spec_arg *opt;
	void *array = spec->options;
	int rc;

	rc = grow(&array, spec->noptions, sizeof(*opt));
	spec->options = array;
	if (rc < 0)
		return rc;

	opt = &spec->options[spec->noptions];
	*opt = (struct rbi_spec_arg){ 0 };
	spec->noptions++;
	rc = take_arg(s, len, eq, opt);
	if (rc < 0)
		return rc;

	spec->noptions--; /* look among the others */
	if (rbi_spec_option(spec, opt->key))
		rc = rbi_fail(-EINVAL, "option %.64s is given twice", opt->key);
	spec->noptions++;
	return rc;
}

static int parse_args(struct rbi_spec_device *dev, const char *s, size_t len)
{
	struct rbi_spec_arg *arg;
	void *array;
	size_t n;
	int rc;

	for (; len > 0; s += n, len -= n) {
		s++; /* the comma */
		len--;
		n = span(s, ",;");
		if (n == 0 || *s == '=')
			return rbi_fail(-EINVAL, "device %.64s: an argument without a name",
					dev->model);
		if (dev->nargs == RBI_SPEC_ARGS)
			return rbi_fail(-EINVAL, "device %.64s: more than %d arguments", dev->model,
					RBI_SPEC_ARGS);

		array = dev->args;
		rc = grow(&array, dev->nargs, sizeof(*arg));
		dev->args = array;
		if (rc < 0)
			return rc;
		arg = &dev->args[dev->nargs++];
		*arg = (struct rbi_spec_arg){ 0 };
		rc = take_arg(s, n, span(s, "=,;"), arg);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int parse_device(struct rbi_spec *spec, const char *s, size_t len)
{
	struct rbi_spec_device *dev;
	void *array = spec->devices;
	size_t n = span(s, ",;");
	int rc;

	if (n == 0)
		return rbi_fail(-EINVAL, "item %zu of the machine string has no model",
				spec->ndevices + spec->noptions + 1);

	rc = grow(&array, spec->ndevices, sizeof(*dev));
	spec->devices = array;
	if (rc < 0)
		return rc;

	dev = &spec->devices[spec->ndevices++];
	*dev = (struct rbi_spec_device){ 0 };
	rc = take(s, n, &dev->model);
	if (rc == 0)
		rc = parse_args(dev, s + n, len - n);
	return rc;
}

static int parse_items(struct rbi_spec *spec, const char *s, const char *const *known)
{
	size_t len, eq;
	int rc;

	for (;; s += len + 1) {
		if (spec->noptions + spec->ndevices == RBI_SPEC_ITEMS)
			return rbi_fail(-EINVAL, "the machine string has more than %d items",
					RBI_SPEC_ITEMS);
		len = span(s, ";");
		eq = span(s, "=,;");
		if (s[eq] == '=' && is_known(s, eq, known))
			rc = parse_option(spec, s, len, eq);
		else
			rc = parse_device(spec, s, len);
		if (rc < 0 || s[len] == '\0')
			return rc;
	}
}

/* --- the whole string ----------------------------------------------------------- */

static int parse_decorator(struct rbi_spec *spec, const char **s)
{
	size_t n = span(*s, "():");
	size_t args;
	int rc;

	if ((*s)[n] != '(')
		return 0;
	if (n == 0)
		return rbi_fail(-EINVAL, "the machine string begins with '('");
	args = span(*s + n + 1, "()");
	if ((*s)[n + 1 + args] != ')')
		return rbi_fail(-EINVAL, "the machine string has a '(' without its ')'");
	if ((*s)[n + 2 + args] != '+')
		return rbi_fail(-EINVAL, "a '+' and a machine belong after '%.*s(...)'",
				(int)(n < 64 ? n : 64), *s);

	rc = take(*s, n, &spec->decorator);
	if (rc == 0)
		rc = take(*s + n + 1, args, &spec->decorator_args);
	*s += n + args + 3;
	return rc;
}

static int parse(struct rbi_spec *spec, const char *s, const char *const *known)
{
	size_t n;
	int rc;

	rc = parse_decorator(spec, &s);
	if (rc < 0)
		return rc;

	n = span(s, "():;=,");
	if (n == 0)
		return rbi_fail(-EINVAL, "the machine string names no machine");
	if (s[n] != '\0' && s[n] != ':')
		return rbi_fail(-EINVAL, "the machine's name '%.*s' ends in '%c'",
				(int)(n < 64 ? n : 64), s, s[n]);
	rc = take(s, n, &spec->machine);
	if (rc == 0 && s[n] == ':' && s[n + 1] != '\0')
		rc = parse_items(spec, s + n + 1, known);
	return rc;
}

int rbi_spec_parse(const char *text, const char *const *known_options, struct rbi_spec **out)
{
	struct rbi_spec *spec;
	int rc;

	*out = NULL;

	rc = check_bytes(text);
	if (rc < 0)
		return rc;

	spec = rbi_alloc(1, sizeof(*spec));
	if (!spec)
		return rbi_no_memory("the machine string");

	rc = parse(spec, text, known_options);
	if (rc < 0) {
		rbi_spec_free(spec);
		return rc;
	}
	*out = spec;
	return 0;
}

int rbi_spec_parse_device(const char *text, struct rbi_spec **out)
{
	size_t len = span(text, ";");
	struct rbi_spec *spec;
	int rc;

	*out = NULL;

	rc = check_bytes(text);
	if (rc < 0)
		return rc;
	if (text[len] != '\0')
		return rbi_fail(-EINVAL, "'%.64s' is more than one device", text);
	if (span(text, "=") < span(text, ","))
		return rbi_fail(-EINVAL, "'%.64s' is an option, not a device", text);

	spec = rbi_alloc(1, sizeof(*spec));
	if (!spec)
		return rbi_no_memory("a device");
	rc = parse_device(spec, text, len);
	if (rc < 0) {
		rbi_spec_free(spec);
		return rc;
	}
	*out = spec;
	return 0;
}

static void free_args(struct rbi_spec_arg *args, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		rbi_free(args[i].key);
		rbi_free(args[i].value);
	}
	rbi_free(args);
}

void rbi_spec_free(struct rbi_spec *spec)
{
	size_t i;

	if (!spec)
		return;
	for (i = 0; i < spec->ndevices; i++) {
		rbi_free(spec->devices[i].model);
		free_args(spec->devices[i].args, spec->devices[i].nargs);
	}
	rbi_free(spec->devices);
	free_args(spec->options, spec->noptions);
	rbi_free(spec->machine);
	rbi_free(spec->decorator);
	rbi_free(spec->decorator_args);
	rbi_free(spec);
}

/* --- reading it ----------------------------------------------------------------- */

const char *rbi_spec_option(const struct rbi_spec *spec, const char *key)
{
	size_t i;

	for (i = 0; i < spec->noptions; i++)
		if (strcmp(spec->options[i].key, key) == 0)
			return spec->options[i].value;
	return NULL;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool rbi_spec_name_is_good(const char *name)
{
	size_t i;

	if (!is_letter(name[0]) || strlen(name) >= RBI_SPEC_NAME)
		return false;
	for (i = 0; name[i]; i++) {
		if (!is_letter(name[i]) && !(name[i] >= '0' && name[i] <= '9') &&
		    !strchr("._-", name[i]))
			return false;
	}
	return true;
}

static int digit(char c, unsigned int base)
{
	int d = -1;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		d = c - 'A' + 10;
	return d < (int)base ? d : -1;
}

int rbi_parse_number(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *val)
{
	unsigned int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	const char *s = base == 16 ? text + 2 : text;
	uint64_t n = 0;
	bool fits = true;
	int d;

	if (*s == '\0')
		return rbi_fail(-EINVAL, "%.64s='%.64s' is no number", what, text);
	for (; *s != '\0'; s++) {
		d = digit(*s, base);
		if (d < 0)
			return rbi_fail(-EINVAL, "%.64s='%.64s' is no number", what, text);
		if (n > (UINT64_MAX - (uint64_t)d) / base)
			fits = false;
		n = n * base + (uint64_t)d;
	}
	if (!fits || n < min || n > max)
		return rbi_fail(-EINVAL, "%.64s=%.64s is outside %llu ... %llu", what, text,
				(unsigned long long)min, (unsigned long long)max);
	*val = n;
	return 0;
}

int rbi_spec_number(const struct rbi_spec *spec, const char *key, uint64_t min, uint64_t max,
		    uint64_t *val)
{
	const char *text = rbi_spec_option(spec, key);

	return text ? rbi_parse_number(key, text, min, max, val) : 0;
}
