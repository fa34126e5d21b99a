/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_doctor.c - rbdrv doctor: what works on this system, and what to do about the rest.
 *
 * It looks through the public headers as a driver would, and at the system as a person would.
 * On machines that are the system itself it claims nothing and touches no register.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"

/* --- the report ---------------------------------------------------------------------- */

static const char *word_of(enum finding finding)
{
	static const char *const words[] = { "ok", "-", "note", "FAIL" };

	return words[finding];
}

static const char *colour_of(enum finding finding)
{
	return finding == BROKEN ? term_alarm() : finding == FINE ? "" : term_dim();
}

void doctor_say(struct doctor *d, enum finding finding, const char *thing, const char *advice,
		const char *fmt, ...)
{
	char text[DOCTOR_LINE], clean[DOCTOR_LINE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	printf("%s%-5s %-20s %s%s\n", colour_of(finding), word_of(finding), thing,
	       term_clean(text, clean, sizeof(clean)), term_plain());
	if (finding != FINE && finding != ABSENT && advice)
		printf("      %-20s -> %s\n", "", advice);
	d->failed |= finding == BROKEN;
}

void doctor_say_error(struct doctor *d, bool needed, const char *thing, const char *advice, int err)
{
	const char *detail = rb_last_error();

	doctor_say(d, needed ? BROKEN : NOTE, thing, advice, "%s%s%s", rb_strerror(err),
		   *detail ? ": " : "", detail);
}

/* --- what is wanted ------------------------------------------------------------------ */

/* Is @text the machine of the string @machine, as in "fault(x)+qemu:edu"? */
static bool is_machine(const char *machine, const char *text)
{
	size_t length = strcspn(machine, ":");
	const char *end = machine + length, *plus = end;

	while (plus > machine && plus[-1] != '+')
		plus--;
	return (size_t)(end - plus) == strlen(text) && memcmp(plus, text, strlen(text)) == 0;
}

/* Who names no machine wants those that tests run on; on Redox, the system. */
static void find_wishes(struct doctor *d)
{
#ifdef __redox__
	d->wants_system = !d->machine || is_machine(d->machine, "redox");
#else
	d->wants_system = d->machine && is_machine(d->machine, "redox");
	d->wants_mock = !d->machine || is_machine(d->machine, "mock");
	d->wants_qemu = !d->machine || is_machine(d->machine, "qemu");
	d->wants_pci = d->machine && is_machine(d->machine, "pci");
#endif
}

static void say_system(struct doctor *d)
{
	struct utsname name;
	long uid = (long)geteuid();

	doctor_say(d, FINE, "librbdrv", NULL, "%s", RB_VERSION_STRING);
	if (uname(&name) < 0)
		doctor_say(d, FINE, "system", NULL, "uid %ld", uid);
	else
		doctor_say(d, FINE, "system", NULL, "%s %s, uid %ld", name.sysname, name.release,
			   uid);
}

/* The scheme root of "redox:root=DIR", or "". The string has opened, so it is well formed;
 * a root with an escape in it is left to the library. */
static const char *scheme_root(const char *machine, char *root, size_t size)
{
	const char *dir = machine ? strstr(machine, ":root=") : NULL;

	root[0] = '\0';
	if (dir && !strchr(dir, '\\'))
		snprintf(root, size, "%.*s", (int)strcspn(dir + 6, ";"), dir + 6);
	return root;
}

int rbdrv_doctor(const struct tool_args *args)
{
	struct doctor d = { 0 };
	char root[DOCTOR_LINE];

	d.machine = args->machine ? args->machine : getenv("RBDRV_MACHINE");
	if (d.machine && !*d.machine)
		d.machine = NULL;
	find_wishes(&d);

	say_system(&d);
#ifndef __redox__
	doctor_look_at_host(&d);
	doctor_look_at_hosted(&d);
#endif
	if (d.wants_system)
		doctor_look_at_schemes(&d, scheme_root(d.machine, root, sizeof(root)));
	doctor_look_at_named(&d);

	printf("%s%s%s\n", term_bold(),
	       d.failed ? "Something that is needed does not work." : "All that is needed works.",
	       term_plain());
	return term_finish(d.failed ? EXIT_FAILED : EXIT_OK);
}
