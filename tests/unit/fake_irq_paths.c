/* SPDX-License-Identifier: MIT */
/* fake_irq_paths.c - what the fake's schemes have at which path. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_irq_private.h"

static int open_kind(struct fake *f, enum fake_kind kind, struct fake_file **file)
{
	*file = fake_new_file(f, kind);
	return fake_new_handle(f, *file);
}

/* Which CPU a name begins with: -1 the boot processor, 0 and so on another, -2 none. */
static int cpu_of(struct fake *f, const char *name)
{
	char other[16];
	unsigned int i;

	if (strncmp(name, f->cpu_name, 6) == 0)
		return -1;
	for (i = 0; i < f->others; i++) {
		snprintf(other, sizeof(other), "cpu-%02x", i + 1);
		if (strncmp(name, other, 6) == 0)
			return (int)i;
	}
	f->has_panicked = true;
	return -2;
}

/* "cpu-XX/N" */
static int open_vector(struct fake *f, const char *rest, unsigned int flags)
{
	int cpu = strlen(rest) > 7 && rest[6] == '/' ? cpu_of(f, rest) : -2;
	struct fake_file *file;
	bool *is_reserved;
	unsigned int n;
	int fd;

	if (cpu == -2) {
		f->has_panicked = true;
		return -ENODEV;
	}
	n = (unsigned int)atoi(rest + 7);
	if (n >= 224 || f->is_vanished[n])
		return -ENOENT;
	if (n >= 16 && !(flags & RBI_O_CREAT))
		return -EINVAL;
	is_reserved = cpu < 0 ? &f->is_reserved[n] : &f->other_reserved[cpu][n];
	if (n >= 16 && (*is_reserved || f->is_stolen[n]))
		return -EEXIST;
	*is_reserved = true;
	fd = open_kind(f, FAKE_IRQ, &file);
	file->n = n;
	return fd;
}

static int open_irq(struct fake *f, const char *rest, unsigned int flags)
{
	struct fake_file *file;
	char *end;
	long n;
	int fd;

	if (strcmp(rest, "bsp") == 0)
		return open_kind(f, FAKE_BSP, &file);
	if (strncmp(rest, "cpu-", 4) == 0)
		return open_vector(f, rest, flags);
	n = strtol(rest, &end, 10);
	if (*end != '\0' || n > 15 || f->no_line)
		return -ENOENT;
	fd = open_kind(f, FAKE_IRQ, &file);
	file->n = (unsigned int)n;
	return fd;
}

static int open_path(struct fake *f, const char *path, unsigned int flags)
{
	struct fake_file *file;
	int fd;

	path += strspn(path, "/");
	path = strstr(path, "scheme/");
	assert_non_null(path);
	path += strlen("scheme/");
	if (strncmp(path, "irq/", 4) == 0)
		return open_irq(f, path + 4, flags);
	if (strcmp(path, "event") == 0) {
		fd = open_kind(f, FAKE_QUEUE, &file);
		file->nonblock = flags & RBI_O_NONBLOCK;
		file->entries = calloc(FAKE_ENTRIES, sizeof(file->entries[0]));
		assert_non_null(file->entries);
		return fd;
	}
	if (strcmp(path, "time/4") == 0)
		return open_kind(f, FAKE_TIME, &file);
	if (strncmp(path, "memory/physical", 15) == 0)
		return open_kind(f, FAKE_MEMORY, &file);
	if (strcmp(path, "pci/00-00--03.0/channel") == 0) {
		fake_enable_device(f);
		return open_kind(f, FAKE_CHANNEL, &file);
	}
	return -ENOENT;
}

int fake_open(struct rbi_sys *s, const char *path, unsigned int flags)
{
	struct fake *f = fake_of(s);
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_OPEN);
	if (rc == 0)
		rc = open_path(f, path, flags);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

struct fake_dir {
	char kind; /* 'r' irq root, 'c' cpu, 'p' pci */
	int cpu; /* of 'c', as cpu_of() */
	int at;
};

int fake_opendir(struct rbi_sys *s, const char *path, void **out)
{
	struct fake *f = fake_of(s);
	struct fake_dir *dir;
	const char *name = strstr(path, "scheme/");
	char kind = 0;
	int rc, cpu;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_LIST);
	pthread_mutex_unlock(&f->lock);
	if (rc < 0)
		return rc;

	if (strcmp(name, "scheme/irq") == 0)
		kind = 'r';
	else if (strcmp(name, "scheme/pci") == 0)
		kind = 'p';
	else if (strncmp(name, "scheme/irq/cpu-", 15) == 0)
		kind = 'c';
	if (kind == 0)
		return -ENOENT;
	cpu = kind == 'c' ? cpu_of(f, name + 11) : -1;
	if (cpu == -2)
		return -ENODEV;
	dir = calloc(1, sizeof(*dir));
	assert_non_null(dir);
	dir->kind = kind;
	dir->cpu = cpu;
	*out = dir;
	return 0;
}

/* 0-17 are the kernel's on the boot processor, 17 on others (contract 2.2). */
static bool is_listed(const struct fake *f, int cpu, int n)
{
	if (n >= 32 && n <= 35)
		return false;
	if (cpu < 0)
		return n >= 18 && !f->is_reserved[n];
	return n != 17 && !f->other_reserved[cpu][n];
}

/* Vectors come in falling order, then the odd name: nobody promised an order. */
static int next_vector(struct fake *f, struct fake_dir *dir, char *name, size_t size)
{
	int n;

	while (dir->at < 223) {
		n = 222 - dir->at++;
		if (is_listed(f, dir->cpu, n)) {
			snprintf(name, size, "%d", n);
			return 1;
		}
	}
	if (dir->at++ > 223 || !f->extra_name)
		return 0;
	snprintf(name, size, "%s", f->extra_name);
	return 1;
}

int fake_readdir(struct rbi_sys *s, void *handle, char *name, size_t size)
{
	static const char *const root[] = { ".", "..", "bsp", NULL };
	struct fake *f = fake_of(s);
	struct fake_dir *dir = handle;

	if (dir->kind == 'c')
		return next_vector(f, dir, name, size);
	if (dir->kind == 'p') {
		snprintf(name, size, "00-00--03.0");
		return dir->at++ == 0;
	}
	if (dir->at < 3)
		snprintf(name, size, "%s", root[dir->at]);
	else if (dir->at == 3)
		snprintf(name, size, "%s", f->cpu_name);
	else
		snprintf(name, size, "cpu-%02x", (unsigned int)(dir->at - 3) & 0xff);
	return dir->at++ < 4 + (int)f->others;
}

void fake_closedir(struct rbi_sys *s, void *dir)
{
	(void)s;
	free(dir);
}

