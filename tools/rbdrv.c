/* SPDX-License-Identifier: MIT */
/*
 * rbdrv.c - the command: what a machine looks like through librbdrv.
 *
 * A user of the public headers like any driver.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rbdrv/rbdrv.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"Usage: rbdrv [-m MACHINE] ls\n"
	"       rbdrv --help | --version\n"
	"\n"
	"  ls   list the PCI functions of a machine; enables and claims none\n"
	"\n"
	"  -m, --machine MACHINE   the machine, for example mock:edu, qemu:edu or redox;\n"
	"                          without it $RBDRV_MACHINE, and on Redox the system\n"
	"  -h, --help              show this and end\n"
	"  -V, --version           show the version and end\n"
	"\n"
	"Ids that may not be read are shown as \"????:????\".\n"
	"Exit status: 0 success, 1 failure, 2 wrong use.\n";

/* --- base classes (PCI Code and ID Assignment Specification 1.11, 1) ---------------------- */

static const char *const base_classes[] = {
	"unclassified device",
	"mass storage controller",
	"network controller",
	"display controller",
	"multimedia device",
	"memory controller",
	"bridge",
	"communication controller",
	"system peripheral",
	"input device",
	"docking station",
	"processor",
	"serial bus controller",
	"wireless controller",
	"intelligent controller",
	"satellite communication controller",
	"encryption controller",
	"signal processing controller",
	"processing accelerator",
	"non-essential instrumentation",
};

static const char *base_class_name(unsigned int base)
{
	if (base < sizeof(base_classes) / sizeof(base_classes[0]))
		return base_classes[base];
	if (base == 0x40)
		return "co-processor";
	return base == 0xff ? "of no defined class" : "of a reserved class";
}

/* --- ls ---------------------------------------------------------------------------- */

static int complain(int err)
{
	const char *detail = rb_last_error();

	fprintf(stderr, "rbdrv: %s%s%s\n", rb_strerror(err), *detail ? ": " : "", detail);
	return EXIT_FAILED;
}

static void print_function(const struct rb_pci_info *info)
{
	char addr[RB_PCI_ADDR_LEN];
	uint32_t class_code = rb_pci_info_class(info);

	rb_pci_addr_format(rb_pci_info_addr(info), addr);
	if (!rb_pci_info_known(info)) {
		printf("%-12s  \?\?\?\?:\?\?\?\?  \?\?   \?\?\?\?\?\?\n", addr);
		return;
	}
	printf("%-12s  %04x:%04x  %02x   %06x %s\n", addr, rb_pci_info_vendor(info),
	       rb_pci_info_device(info), rb_pci_info_revision(info), (unsigned int)class_code,
	       base_class_name(class_code >> 16));
}

static int print_list(const struct rb_pci_list *list)
{
	size_t i;

	printf("%-12s  %-9s  %-3s  %s\n", "ADDRESS", "ID", "REV", "CLASS");
	for (i = 0; i < rb_pci_list_count(list); i++)
		print_function(rb_pci_list_get(list, i));
	if (fflush(stdout) != 0) {
		fprintf(stderr, "rbdrv: writing: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int ls(const char *machine)
{
	struct rb_pci_list *list;
	struct rb_ctx *ctx;
	int rc, status;

	rc = rb_ctx_new(machine, &ctx);
	if (rc < 0)
		return complain(rc);

	rc = rb_pci_scan(ctx, NULL, &list);
	if (rc < 0) {
		status = complain(rc);
	} else {
		status = print_list(list);
		rb_pci_list_close(list);
	}
	rb_ctx_unref(ctx);
	return status;
}

/* --- arguments --------------------------------------------------------------------- */

static int misuse(const char *what, const char *arg)
{
	fprintf(stderr, "rbdrv: %s%s%s\nTry 'rbdrv --help'.\n", what, *arg ? " " : "", arg);
	return EXIT_USAGE;
}

static int say(const char *text)
{
	fputs(text, stdout);
	if (fflush(stdout) == 0)
		return EXIT_OK;
	fprintf(stderr, "rbdrv: writing: %s\n", strerror(errno));
	return EXIT_FAILED;
}

static int is_option(const char *arg, const char *brief, const char *full)
{
	return strcmp(arg, brief) == 0 || strcmp(arg, full) == 0;
}

int main(int argc, char **argv)
{
	const char *machine = NULL;
	const char *command = NULL;
	int i;

	for (i = 1; i < argc; i++) {
		if (is_option(argv[i], "-h", "--help"))
			return say(usage);
		if (is_option(argv[i], "-V", "--version"))
			return say("rbdrv (libredbear-drv) " RB_VERSION_STRING "\n");
		if (is_option(argv[i], "-m", "--machine")) {
			if (++i == argc)
				return misuse("which machine?", "");
			machine = argv[i];
		} else if (strncmp(argv[i], "--machine=", 10) == 0) {
			machine = argv[i] + 10;
		} else if (argv[i][0] == '-') {
			return misuse("no such option:", argv[i]);
		} else if (command) {
			return misuse("one argument too many:", argv[i]);
		} else {
			command = argv[i];
		}
	}

	if (!command)
		return misuse("what is to be done?", "");
	if (strcmp(command, "ls") != 0)
		return misuse("no such command:", command);
	return ls(machine);
}
