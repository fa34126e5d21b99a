/* SPDX-License-Identifier: MIT */
/*
 * rbdrv.c - the command: what a machine looks like through librbdrv. Here are the table of
 * subcommands and the reading of the command line.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

static const char usage[] =
	"Usage: rbdrv [-m MACHINE] ls [-v | -vv | -t | --json] [-n | -nn] [-s SLOT] [-d ID]\n"
	"       rbdrv [-m MACHINE] show [--claim] [--json] [-n | -nn] ADDRESS\n"
	"       rbdrv [-m MACHINE] config ADDRESS [OFFSET[.b|.w|.l][=VALUE]]\n"
	"       rbdrv [-m MACHINE] dump [--claim] [-s SLOT] [-d ID]\n"
	"       rbdrv [-m MACHINE] doctor\n"
	"       rbdrv --help | --version\n"
	"\n"
	"  ls       list the PCI functions of a machine; enables and claims none\n"
	"  show     everything about one function\n"
	"  config   its configuration space, or one register of it, to read or to write\n"
	"  dump     configuration spaces in the format of lspci -xxxx\n"
	"  doctor   what works on this system, and what to do about the rest\n"
	"\n"
	"  -m, --machine MACHINE   the machine, for example mock:edu, qemu:edu or redox;\n"
	"                          without it $RBDRV_MACHINE, and on Redox the system\n"
	"  -v, --verbose           ids, flags, BARs, capabilities by name; -vv: every field\n"
	"  -t, --tree              functions below the bridges that lead to them\n"
	"      --json              every field, as JSON\n"
	"  -n, --numeric           numbers instead of names; -nn: both\n"
	"  -s, --slot SLOT         only [[segment]:[bus]:][device][.function], * or empty for any\n"
	"  -d, --id ID             only [vendor]:[device][:class[:interface]]\n"
	"      --claim             open functions, which makes sizes of BARs known\n"
	"      --color[=WHEN]      auto, always or never; NO_COLOR in the environment is never\n"
	"  -h, --help              show this and end\n"
	"  -V, --version           show the version and end\n"
	"\n"
	"Ids that may not be read are shown as \"????:????\". OFFSET and VALUE are hexadecimal.\n"
	"Exit status: 0 success, 1 failure, 2 wrong use.\n";

/* One subcommand. */
struct command {
	const char *name;
	int (*run)(const struct tool_args *args);
	int operands_min, operands_max;
	const char *missing;  /* the question when there are too few operands */
	unsigned int options; /* OPT_ bits it knows */
};

static const struct command commands[] = {
	{ "ls", rbdrv_ls, 0, 0, "",
	  OPT_VERBOSE | OPT_NUMERIC | OPT_TREE | OPT_JSON | OPT_SLOT | OPT_ID },
	{ "show", rbdrv_show, 1, 1, "the address of which function?",
	  OPT_NUMERIC | OPT_JSON | OPT_CLAIM },
	{ "config", rbdrv_config, 1, 2, "the address of which function?", 0 },
	{ "dump", rbdrv_dump, 0, 0, "", OPT_SLOT | OPT_ID | OPT_CLAIM },
	{ "doctor", rbdrv_doctor, 0, 0, "", 0 },
};

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* --- options ----------------------------------------------------------------------- */

enum { TAKES_NOTHING, TAKES_VALUE, TAKES_CHOICE };

/* One option; those of bit 0 are known everywhere. A choice has its value behind '=' or
 * not at all. */
struct option {
	char brief; /* 0: has no short form */
	const char *name;
	int takes;
	unsigned int bit;
	const char *missing; /* the question when its value is missing */
};

static const struct option options[] = {
	{ 'h', "help", TAKES_NOTHING, 0, "" },
	{ 'V', "version", TAKES_NOTHING, 0, "" },
	{ 'm', "machine", TAKES_VALUE, 0, "which machine?" },
	{ 0, "color", TAKES_CHOICE, 0, "" },
	{ 'v', "verbose", TAKES_NOTHING, OPT_VERBOSE, "" },
	{ 'n', "numeric", TAKES_NOTHING, OPT_NUMERIC, "" },
	{ 't', "tree", TAKES_NOTHING, OPT_TREE, "" },
	{ 0, "json", TAKES_NOTHING, OPT_JSON, "" },
	{ 's', "slot", TAKES_VALUE, OPT_SLOT, "which slot?" },
	{ 'd', "id", TAKES_VALUE, OPT_ID, "which id?" },
	{ 0, "claim", TAKES_NOTHING, OPT_CLAIM, "" },
};

/* The reading of one command line. */
struct reading {
	struct tool_args args;
	const struct command *command;
	int argc, next;
	char **argv;
	int status; /* of an early end, when done */
	bool done;
};

static void end_with(struct reading *r, int status)
{
	r->status = status;
	r->done = true;
}

static void say(struct reading *r, const char *text)
{
	fputs(text, stdout);
	end_with(r, term_finish(EXIT_OK));
}

static void set_color(struct reading *r, const char *value)
{
	if (!value || strcmp(value, "always") == 0)
		r->args.color = COLOR_ALWAYS;
	else if (strcmp(value, "auto") == 0)
		r->args.color = COLOR_AUTO;
	else if (strcmp(value, "never") == 0)
		r->args.color = COLOR_NEVER;
	else
		end_with(r, term_misuse("colour is auto, always or never, not", value));
}

/* An option with its value, NULL for none. */
static void apply(struct reading *r, const struct option *option, const char *value)
{
	r->args.given |= option->bit;
	if (strcmp(option->name, "help") == 0)
		say(r, usage);
	else if (strcmp(option->name, "version") == 0)
		say(r, "rbdrv (libredbear-drv) " RB_VERSION_STRING "\n");
	else if (strcmp(option->name, "machine") == 0)
		r->args.machine = value;
	else if (strcmp(option->name, "color") == 0)
		set_color(r, value);
	else if (option->bit == OPT_VERBOSE)
		r->args.verbose++;
	else if (option->bit == OPT_NUMERIC)
		r->args.numeric++;
	else if (option->bit == OPT_SLOT)
		r->args.slot = value;
	else if (option->bit == OPT_ID)
		r->args.id = value;
}

/* The value of an option: the rest of its own argument, or the next one. */
static const char *take_value(struct reading *r, const struct option *option, const char *rest)
{
	if (rest)
		return rest;
	if (r->next < r->argc)
		return r->argv[r->next++];
	end_with(r, term_misuse(option->missing, ""));
	return NULL;
}

static void read_long(struct reading *r, const char *arg)
{
	const char *name = arg + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	const struct option *o;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		o = &options[i];
		if (strlen(o->name) != length || memcmp(o->name, name, length) != 0)
			continue;
		if (o->takes == TAKES_NOTHING && value)
			break;
		if (o->takes == TAKES_VALUE)
			value = take_value(r, o, value);
		if (!r->done)
			apply(r, o, value);
		return;
	}
	end_with(r, term_misuse("no such option:", arg));
}

/* Short options may stand together: "-vvt", "-s00:1f". */
static void read_short(struct reading *r, const char *arg)
{
	const char *letter;
	const struct option *o;
	size_t i;

	for (letter = arg + 1; *letter && !r->done; letter++) {
		for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
			if (options[i].brief == *letter)
				break;
		}
		if (i == sizeof(options) / sizeof(options[0])) {
			end_with(r, term_misuse("no such option:", arg));
			return;
		}
		o = &options[i];
		if (o->takes == TAKES_VALUE) {
			const char *value = take_value(r, o, letter[1] ? letter + 1 : NULL);

			if (!r->done)
				apply(r, o, value);
			return;
		}
		apply(r, o, NULL);
	}
}

static void read_operand(struct reading *r, const char *arg)
{
	if (!r->command) {
		r->command = find_command(arg);
		if (!r->command)
			end_with(r, term_misuse("no such command:", arg));
	} else if (r->args.operands == r->command->operands_max) {
		end_with(r, term_misuse("one argument too many:", arg));
	} else {
		r->args.operand[r->args.operands++] = arg;
	}
}

/* Whether the subcommand knows what was given, wherever on the line it stood. */
static void check(struct reading *r)
{
	unsigned int strange;
	size_t i;

	if (!r->command) {
		end_with(r, term_misuse("what is to be done?", ""));
		return;
	}
	strange = r->args.given & ~r->command->options;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strange & options[i].bit) {
			char text[64];

			snprintf(text, sizeof(text), "%s takes no option", r->command->name);
			end_with(r, term_misuse(text, options[i].name));
			return;
		}
	}
	if (r->args.operands < r->command->operands_min)
		end_with(r, term_misuse(r->command->missing, ""));
}

int main(int argc, char **argv)
{
	struct reading r = { .argc = argc, .argv = argv, .next = 1 };
	bool only_operands = false;

	/* A reader that went away is a failure to write, and said. */
	signal(SIGPIPE, SIG_IGN);
	while (r.next < argc && !r.done) {
		const char *arg = argv[r.next++];

		if (only_operands || arg[0] != '-' || arg[1] == '\0')
			read_operand(&r, arg);
		else if (strcmp(arg, "--") == 0)
			only_operands = true;
		else if (arg[1] == '-')
			read_long(&r, arg);
		else
			read_short(&r, arg);
	}
	if (!r.done)
		check(&r);
	if (r.done)
		return r.status;
	term_init(r.args.color);
	return r.command->run(&r.args);
}
