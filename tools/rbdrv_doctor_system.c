/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_doctor_system.c - rbdrv doctor: programs and files of a host, and Redox's schemes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor.h"

#define ANSWER_MS 5000

/* --- programs ------------------------------------------------------------------------ */

static bool may_run(const char *path)
{
	struct stat st;

	return access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool doctor_find_program(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");
	size_t length;

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return may_run(path);
	}
	for (dirs = dirs ? dirs : "/usr/local/bin:/usr/bin:/bin"; dirs;
	     dirs = dirs[length] ? dirs + length + 1 : NULL) {
		length = strcspn(dirs, ":");
		if (length == 0)
			snprintf(path, size, "./%s", name); /* POSIX: an empty entry is here */
		else
			snprintf(path, size, "%.*s/%s", (int)length, dirs, name);
		if (may_run(path))
			return true;
	}
	return false;
}

static long long now_ms(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first line that comes from @fd before @deadline; the rest of it is left alone. */
static bool read_line(int fd, long long deadline, char line[DOCTOR_LINE])
{
	size_t used = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		long long left = deadline - now_ms();
		ssize_t n;

		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			break;
		if (!p.revents)
			continue;
		n = read(fd, line + used, DOCTOR_LINE - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
		if (used == DOCTOR_LINE - 1 || memchr(line, '\n', used))
			break;
	}
	line[used] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line[0] != '\0';
}

static _Noreturn void become(const char *path, int out)
{
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl(path, path, "--version", (char *)NULL);
	_exit(127);
}

bool doctor_ask_version(const char *path, char line[DOCTOR_LINE])
{
	bool answered;
	int fds[2];
	pid_t pid;

	line[0] = '\0';
	if (pipe(fds) < 0)
		return false;
	pid = fork();
	if (pid == 0)
		become(path, fds[1]);
	close(fds[1]);
	answered = pid > 0 && read_line(fds[0], now_ms() + ANSWER_MS, line);
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL); /* it has said what we asked for, or never will */
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return answered;
}

static void look_at_qemu(struct doctor *d)
{
	static const char version[] = "QEMU emulator version ";
	const char *name = getenv("RBDRV_QEMU");
	enum finding bad = d->wants_qemu ? BROKEN : NOTE;
	char path[DOCTOR_LINE], line[DOCTOR_LINE];

	if (!name || !*name)
		name = "qemu-system-x86_64";
	if (!doctor_find_program(name, path, sizeof(path)))
		doctor_say(d, bad, "QEMU", "apt-get install qemu-system-x86, or set RBDRV_QEMU",
			   "there is no '%s'", name);
	else if (!doctor_ask_version(path, line))
		doctor_say(d, bad, "QEMU", "try it by hand; it may be damaged",
			   "%s does not tell its version", path);
	else if (strncmp(line, version, sizeof(version) - 1) != 0)
		doctor_say(d, bad, "QEMU", "set RBDRV_QEMU to a QEMU", "%s is none: %s", path, line);
	else
		doctor_say(d, FINE, "QEMU", NULL, "%s, version %s", path,
			   line + sizeof(version) - 1);
}

/* --- files --------------------------------------------------------------------------- */

static void look_at_names(struct doctor *d)
{
	static const char *const files[] = { "/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids",
					     "/usr/share/misc/pci.ids.gz" };
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (access(files[i], R_OK) == 0) {
			doctor_say(d, FINE, "pci.ids", NULL, "%s", files[i]);
			return;
		}
	}
	doctor_say(d, NOTE, "pci.ids", "apt-get install pci.ids", "none: ids stay numbers");
}

void doctor_look_at_host(struct doctor *d)
{
	char path[DOCTOR_LINE];

	look_at_qemu(d);
	look_at_names(d);
	if (doctor_find_program("lspci", path, sizeof(path)))
		doctor_say(d, FINE, "lspci", NULL, "%s", path);
	else
		doctor_say(d, NOTE, "lspci", "apt-get install pciutils",
			   "none: nothing to compare rbdrv ls with");
	if (access("/dev/vfio/vfio", F_OK) == 0)
		doctor_say(d, FINE, "vfio", NULL, "/dev/vfio is there; no machine here uses it");
	else
		doctor_say(d, ABSENT, "vfio", NULL, "no /dev/vfio; no machine here needs it");
}

/* --- schemes ------------------------------------------------------------------------- */

#define KERNEL "the kernel serves it: see to it that this process's namespace has it"

/* What librbdrv opens, and who serves it. */
static const struct scheme {
	const char *path;
	bool needed;
	const char *server; /* what to start when it is absent */
} schemes[] = {
	{ "/scheme/pci", true, "start pcid, the PCI server" },
	{ "/scheme/pci/access", true, "start pcid, the PCI server; one of 2025 or later" },
	{ "/scheme/memory/physical@uc", true, KERNEL },
	{ "/scheme/memory/zeroed@wb?phys_contiguous", true, KERNEL },
	{ "/scheme/memory/translation", true, KERNEL },
	{ "/scheme/irq", true, KERNEL },
	{ "/scheme/event", true, KERNEL },
	{ "/scheme/time/4", true, KERNEL },
	{ "/scheme/firmware", false, NULL },
	{ "/scheme/iommu", false, NULL },
};

/* Redox says ENODEV of an absent scheme, a directory ENOENT. */
static void say_refusal(struct doctor *d, const struct scheme *scheme, int err)
{
	if (err == EACCES || err == EPERM)
		doctor_say(d, scheme->needed ? BROKEN : NOTE, scheme->path,
			   "run it as root: Redox gives what reaches hardware to uid 0 only",
			   "not for uid %ld", (long)geteuid());
	else if (err != ENODEV && err != ENOENT)
		doctor_say(d, scheme->needed ? BROKEN : NOTE, scheme->path, scheme->server, "%s",
			   strerror(err));
	else if (scheme->needed)
		doctor_say(d, BROKEN, scheme->path, scheme->server, "absent");
	else
		doctor_say(d, ABSENT, scheme->path, NULL, "absent; not every system has it");
}

void doctor_look_at_schemes(struct doctor *d, const char *root)
{
	char path[2 * DOCTOR_LINE];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, schemes[i].path);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0) {
			say_refusal(d, &schemes[i], errno);
			continue;
		}
		close(fd);
		doctor_say(d, FINE, schemes[i].path, NULL, "opens");
	}
}
