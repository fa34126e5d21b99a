/* SPDX-License-Identifier: MIT */
/*
 * os_pcid_list.c - looking at the PCI bus without touching it: the list of
 * functions and the access endpoint (contract 4.1, 4.10).
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "os/os_pcid.h"

/* --- names ------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Read @min to @max hexadecimal digits at *s and step over them. */
static bool take_hex(const char **s, unsigned int min, unsigned int max, unsigned int *value)
{
	unsigned int n;

	*value = 0;
	for (n = 0; n < max && hex_digit(**s) >= 0; n++, (*s)++)
		*value = *value << 4 | (unsigned int)hex_digit(**s);
	return n >= min;
}

static bool take(const char **s, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*s, text, len) != 0)
		return false;
	*s += len;
	return true;
}

bool rbi_pcid_parse_name(const char *name, struct rb_pci_addr *addr)
{
	unsigned int segment, bus, device, function;

	if (!take_hex(&name, 2, 4, &segment) || !(take(&name, "--") || take(&name, "-")))
		return false;
	if (!take_hex(&name, 2, 2, &bus) || !take(&name, "--"))
		return false;
	if (!take_hex(&name, 2, 2, &device) || !take(&name, "."))
		return false;
	if (!take_hex(&name, 1, 1, &function) || *name != '\0')
		return false;
	if (device > 31 || function > 7)
		return false;
	*addr = rb_pci_addr_make(segment, bus, device, function);
	return true;
}

struct visit {
	int (*each)(void *arg, struct rb_pci_addr addr, const char *name);
	void *arg;
};

static int visit_name(void *arg, const char *name)
{
	struct visit *visit = arg;
	struct rb_pci_addr addr;

	/* pcid may list more than functions one day */
	if (!rbi_pcid_parse_name(name, &addr))
		return 0;
	return visit->each(visit->arg, addr, name);
}

int rbi_pcid_list(struct rbi_os *os,
		  int (*each)(void *arg, struct rb_pci_addr addr, const char *name), void *arg)
{
	struct visit visit = { .each = each, .arg = arg };

	return rbi_os_list(os, "pci", "", visit_name, &visit);
}

/* --- the access endpoint -------------------------------------------------------------- */

int rbi_pcid_access_open(struct rbi_os *os)
{
	return rbi_os_open(os, "pci", "access", RBI_O_RDWR);
}

/* pcid panics past the end of a function's space, so nothing past it is asked for. */
static int check_offset(const char *what, unsigned int size, unsigned int off)
{
	if (off & 3u)
		return rbi_fail(-EINVAL, "PCI %s: offset %#x is no multiple of 4", what, off);
	if (off >= size)
		return rbi_fail(-ERANGE, "PCI %s: offset %#x is past %u bytes", what, off, size);
	return 0;
}

static uint32_t dword_of(const uint8_t b[4])
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static ssize_t call(struct rbi_os *os, int fd, uint8_t dword[4], const uint64_t meta[2])
{
	unsigned int tries = 0;
	ssize_t rc;

	do
		rc = os->sys->ops->call(os->sys, fd, dword, 4, RBI_CALL_READ, meta, 2);
	while (rbi_os_interrupted(rc, &tries));
	return rc;
}

int rbi_pcid_access_read(struct rbi_os *os, int fd, struct rb_pci_addr addr, unsigned int size,
			 unsigned int off, uint32_t *val)
{
	uint64_t meta[2] = { RBI_WIRE_ACCESS_READ, rbi_wire_access_encode(addr, off) };
	uint8_t dword[4] = { 0xff, 0xff, 0xff, 0xff };
	ssize_t rc;

	*val = UINT32_MAX;
	rc = check_offset("access", size, off);
	if (rc < 0)
		return (int)rc;

	rc = call(os, fd, dword, meta);
	if (rc == -EACCES)
		return rbi_fail(-EACCES, "PCI access: %08x+%#x: " RBI_PCID_HIDDEN, addr.sbdf, off);
	if (rc < 0)
		return rbi_os_fail((int)rc, "PCI access: reading %08x+%#x", addr.sbdf, off);
	if (rc != 4)
		return rbi_fail(-EPROTO, "PCI access: %zd bytes instead of 4", rc);
	*val = dword_of(dword);
	return 0;
}

/* --- config files --------------------------------------------------------------------- */

int rbi_pcid_file_open(struct rbi_os *os, const char *name)
{
	char rest[RBI_PCID_NAME_MAX + sizeof("/config")];

	snprintf(rest, sizeof(rest), "%s/config", name);
	return rbi_os_open(os, "pci", rest, RBI_O_RDONLY);
}

int rbi_pcid_file_read(struct rbi_os *os, int fd, unsigned int size, unsigned int off,
		       uint32_t *val)
{
	uint8_t dword[4];
	unsigned int tries = 0;
	ssize_t rc;

	*val = UINT32_MAX;
	rc = check_offset("config file", size, off);
	if (rc < 0)
		return (int)rc;

	do
		rc = os->sys->ops->pread(os->sys, fd, dword, sizeof(dword), off);
	while (rbi_os_interrupted(rc, &tries));
	if (rc == -EACCES)
		return rbi_fail(-EACCES, "PCI config file: %#x: " RBI_PCID_HIDDEN, off);
	if (rc < 0)
		return rbi_os_fail((int)rc, "PCI config file: reading %#x", off);
	if (rc != 4)
		return rbi_fail(-EPROTO, "PCI config file: %zd bytes instead of 4", rc);
	*val = dword_of(dword);
	return 0;
}
