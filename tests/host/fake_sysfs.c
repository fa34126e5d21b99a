/* SPDX-License-Identifier: MIT */
/* fake_sysfs.c - a PCI bus made of files. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_sysfs.h"

#define BUS	"/sys/bus/pci"
#define DEVICES BUS "/devices"

bool fake_sysfs_begin(void)
{
	return geteuid() == 0 && access(DEVICES, F_OK) == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("fake", DEVICES, "tmpfs", 0, "mode=755") == 0;
}

bool fake_sysfs_no_bus(void)
{
	return mount("fake", BUS, "tmpfs", 0, "mode=755") == 0;
}

static void path_of(const struct fake_function *fn, const char *name, char path[128])
{
	snprintf(path, 128, DEVICES "/%04x:%02x:%02x.%x/%s", fn->domain, fn->bus, fn->dev, fn->func,
		 name);
}

void fake_sysfs_file(const struct fake_function *fn, const char *name, const void *bytes,
		     size_t len)
{
	char path[128];
	int fd;

	path_of(fn, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		perror(path);
	if (fd >= 0)
		close(fd);
}

size_t fake_sysfs_read(const struct fake_function *fn, const char *name, void *bytes, size_t len)
{
	char path[128];
	ssize_t n = 0;
	int fd;

	path_of(fn, name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, bytes, len);
		close(fd);
	}
	return n > 0 ? (size_t)n : 0;
}

static void number(const struct fake_function *fn, const char *name, unsigned int digits,
		   uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x\n", (int)digits, value);
	fake_sysfs_file(fn, name, text, strlen(text));
}

void fake_sysfs_add(const struct fake_function *fn)
{
	char path[128];

	path_of(fn, "", path);
	mkdir(path, 0755);
	number(fn, "vendor", 4, fn->vendor);
	number(fn, "device", 4, fn->device);
	number(fn, "subsystem_vendor", 4, fn->subvendor);
	number(fn, "subsystem_device", 4, fn->subdevice);
	number(fn, "class", 6, fn->class_code);
	number(fn, "revision", 2, fn->revision);
}

/* A folder of files only. */
static void remove_folder(const char *path)
{
	char file[512];
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)) != NULL) {
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		unlink(file);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

void fake_sysfs_remove(const struct fake_function *fn)
{
	char path[128];

	path_of(fn, "", path);
	remove_folder(path);
}

void fake_sysfs_clear(void)
{
	char path[512];
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);

	while (dir && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), DEVICES "/%s", entry->d_name);
		remove_folder(path);
	}
	if (dir)
		closedir(dir);
}
