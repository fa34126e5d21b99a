/* SPDX-License-Identifier: MIT */
/* rig.c - a QEMU machine on the bench. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "host/qemu/qemu_proc.h"
#include "rig.h"

bool rig_has_qemu(void)
{
	char *program;

	if (rbi_qemu_find_program(&program) < 0)
		return false;
	rbi_free(program);
	return true;
}

int rig_try(struct rig *rig, const char *text)
{
	static const char *const options[] = { "memory", "timeout_ms", "vectors", "icount",
					       "slots",	 "net.",       "drive.",  NULL };
	int rc;

	memset(rig, 0, sizeof(*rig));
	rc = rbi_spec_parse(text, options, &rig->spec);
	if (rc == 0)
		rc = rbi_qemu_machine_new(rig->spec, &rig->m);
	return rc;
}

static void find_edus(struct rig *rig)
{
	struct rb_pci_addr fns[256];
	int i, n = rig->m->ops->functions(rig->m, fns, 256);

	assert_in_range(n, 1, 256);
	for (i = 0; i < n && rig->count < 8; i++) {
		if (rig_cfg(rig, fns[i], 0, 4) != EDU_ID)
			continue;
		rig->edu[rig->count] = fns[i];
		rig->bar[rig->count++] = rig_cfg(rig, fns[i], CFG_BAR0, 4) & ~15u;
		rig_cfg_set(rig, fns[i], CFG_COMMAND, 2, 7);
	}
}

void rig_start(struct rig *rig, const char *text)
{
	int rc = rig_try(rig, text);

	if (rc < 0)
		fail_msg("'%s' does not start: %d, %s", text, rc, rb_last_error());
	find_edus(rig);
}

void rig_stop(struct rig *rig)
{
	if (rig->m)
		rig->m->ops->destroy(rig->m, false);
	rbi_spec_free(rig->spec);
	memset(rig, 0, sizeof(*rig));
}

uint32_t rig_read(struct rig *rig, unsigned int dev, unsigned int reg)
{
	uint64_t val;

	assert_int_equal(rig->m->ops->mem_read(rig->m, rig->bar[dev] + reg, 4, &val), 0);
	return (uint32_t)val;
}

void rig_write(struct rig *rig, unsigned int dev, unsigned int reg, uint32_t val)
{
	assert_int_equal(rig->m->ops->mem_write(rig->m, rig->bar[dev] + reg, 4, val), 0);
}

uint32_t rig_cfg(struct rig *rig, struct rb_pci_addr fn, unsigned int off, unsigned int width)
{
	uint32_t val;

	assert_int_equal(rig->m->ops->cfg_read(rig->m, fn, off, width, &val), 0);
	return val;
}

void rig_cfg_set(struct rig *rig, struct rb_pci_addr fn, unsigned int off, unsigned int width,
		 uint32_t val)
{
	assert_int_equal(rig->m->ops->cfg_write(rig->m, fn, off, width, val), 0);
}

int rig_await(struct rig *rig, unsigned int n, unsigned int ms)
{
	struct pollfd pfd = { rig->m->ops->irq_fd(rig->m, n), POLLIN, 0 };
	int64_t now = rig->m->ops->clock(rig->m);

	assert_true(pfd.fd >= 0);
	return rig->m->ops->wait(rig->m, &pfd, 1, now + (int64_t)ms * 1000000);
}

uint64_t rig_take(struct rig *rig, unsigned int n)
{
	uint64_t count;

	assert_int_equal(rig->m->ops->irq_take(rig->m, n, &count), 0);
	return count;
}

unsigned int rig_line(struct rig *rig, unsigned int dev)
{
	struct rbi_intx intx;

	assert_int_equal(rig->m->ops->intx(rig->m, rig->edu[dev], &intx), 0);
	assert_int_equal(intx.pin, 1);
	return intx.line;
}

static unsigned int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

unsigned int rig_count_fds(void)
{
	return count_entries("/proc/self/fd");
}

unsigned int rig_count_threads(void)
{
	return count_entries("/proc/self/task");
}

bool rig_has_children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}
