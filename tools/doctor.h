/* SPDX-License-Identifier: MIT */
/*
 * doctor.h - what the files of rbdrv doctor share.
 */
#ifndef RBDRV_DOCTOR_H
#define RBDRV_DOCTOR_H

#include "tool.h"

/* Longest line quoted from another program or the library, with its NUL. */
#define DOCTOR_LINE 512

/* One examination. What nobody asked for may be missing: that is a note. */
struct doctor {
	const char *machine; /* as named, or NULL */
	bool wants_mock, wants_qemu, wants_pci, wants_system; /* machines it cannot do without */
	bool failed; /* something wanted does not work */
};

/* What a line of the report says of a thing. */
enum finding {
	FINE,
	ABSENT, /* and nobody needs it */
	NOTE,	/* not needed for what was asked, but missing */
	BROKEN	/* needed, and missing */
};

/* One line of the report, and one of advice for what is not fine. */
void doctor_say(struct doctor *d, enum finding finding, const char *thing, const char *advice,
		const char *fmt, ...) TOOL_PRINTF(5, 6);
/* The same for a code of the library, which has just given its sentence. */
void doctor_say_error(struct doctor *d, bool needed, const char *thing, const char *advice,
		      int err);

/* --- rbdrv_doctor_machine.c: machines, looked at through the library --------------------- */

/* Does "mock" open, and with it librbdrv-host? Then each other machine of hosts. */
void doctor_look_at_hosted(struct doctor *d);
/* The machine that was named: what this process may do there. */
void doctor_look_at_named(struct doctor *d);

/* --- rbdrv_doctor_system.c: the system below -------------------------------------------- */

/* Programs and files of a host. */
void doctor_look_at_host(struct doctor *d);
/* Redox's schemes below @root, "" on Redox. */
void doctor_look_at_schemes(struct doctor *d, const char *root);
/* The file @name of $PATH that may be run: true, and its path. A name with a '/' is one. */
bool doctor_find_program(const char *name, char *path, size_t size);
/* The first line that "@path --version" prints within five seconds. */
bool doctor_ask_version(const char *path, char line[DOCTOR_LINE]);

#endif
