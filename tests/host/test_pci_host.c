/* SPDX-License-Identifier: MIT */
/* Machine pci on the bus of the host that runs the test, whatever it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pciaccess.h>

#include <rbdrv/rbdrv.h>

#define SHOWN 64 /* bytes that anybody may read */
#define SPACE 256
#define NOBODY 65534

/* What runs in a child answers with one of these. */
enum { FINE, WRONG, NOT_HERE };

static struct rb_ctx *opened(const char *machine)
{
	struct rb_ctx *ctx = NULL;

	if (rb_ctx_new(machine, &ctx) != 0)
		fail_msg("%s: %s", machine, rb_last_error());
	return ctx;
}

static struct rb_pci_list *scanned(struct rb_ctx *ctx)
{
	struct rb_pci_list *list = NULL;

	if (rb_pci_scan(ctx, NULL, &list) != 0)
		fail_msg("scan: %s", rb_last_error());
	return list;
}

/* The bytes that the kernel shows of @addr: how many. */
static size_t sysfs_config(struct rb_pci_addr addr, uint8_t bytes[SPACE])
{
	char text[RB_PCI_ADDR_LEN], path[128];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config",
		 rb_pci_addr_format(addr, text));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, bytes, SPACE);
		close(fd);
	}
	return n > 0 ? (size_t)n : 0;
}

static int in_child(int (*body)(void))
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(body());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- the same as others see -------------------------------------------------------------- */

/* A line of lspci -Dn: "0000:00:02.0 0180: 1af4:1042 (rev 01)". */
static bool parse(const char *line, struct rb_pci_addr *addr, unsigned int *class_code,
		  unsigned int *vendor, unsigned int *device)
{
	unsigned int domain, bus, dev, func;

	if (sscanf(line, "%x:%x:%x.%x %x: %x:%x", &domain, &bus, &dev, &func, class_code, vendor,
		   device) != 7 ||
	    domain > 0xffff)
		return false;
	*addr = rb_pci_addr_make(domain, bus, dev, func);
	return true;
}

static const struct rb_pci_info *find(const struct rb_pci_list *list, struct rb_pci_addr addr)
{
	size_t i;

	for (i = 0; i < rb_pci_list_count(list); i++)
		if (rb_pci_info_addr(rb_pci_list_get(list, i)).sbdf == addr.sbdf)
			return rb_pci_list_get(list, i);
	return NULL;
}

static void the_list_is_that_of_lspci(void **state)
{
	const char *lspci = getenv("LSPCI");
	struct rb_ctx *ctx = opened("pci:");
	struct rb_pci_list *list = scanned(ctx);
	unsigned int class_code, vendor, device;
	char command[256], line[256];
	const struct rb_pci_info *info;
	struct rb_pci_addr addr;
	size_t found = 0;
	FILE *out = NULL;

	(void)state;
	snprintf(command, sizeof(command), "'%s' -Dn 2>/dev/null", lspci ? lspci : "");
	if (lspci && *lspci)
		out = popen(command, "r");
	while (out && fgets(line, sizeof(line), out)) {
		if (!parse(line, &addr, &class_code, &vendor, &device))
			continue;
		info = find(list, addr);
		/* a bridge is what pcid walks through, and does not list (contract 4.1) */
		if (!info && (class_code == 0x0604 || class_code == 0x0607))
			continue;
		if (!info)
			fail_msg("not listed: %s", line);
		assert_int_equal(rb_pci_info_vendor(info), vendor);
		assert_int_equal(rb_pci_info_device(info), device);
		assert_int_equal(rb_pci_info_class(info) >> 8, class_code);
		found++;
	}
	if (out)
		pclose(out);

	assert_true(!out || found == rb_pci_list_count(list));
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
	if (!out)
		skip();
}

static uint32_t dword(const uint8_t *bytes, unsigned int off)
{
	return (uint32_t)bytes[off] | (uint32_t)bytes[off + 1] << 8 |
	       (uint32_t)bytes[off + 2] << 16 | (uint32_t)bytes[off + 3] << 24;
}

/* A look at every dword that the kernel shows: what does not change must be the same. */
static void compare_config(struct rb_ctx *ctx, struct rb_pci_addr addr)
{
	uint8_t before[SPACE], after[SPACE];
	size_t n = sysfs_config(addr, before);
	struct rb_pci_view *view;
	uint32_t val[SPACE / 4];
	unsigned int off;

	assert_true(n >= SHOWN);
	assert_int_equal(rb_pci_view_open(ctx, addr, &view), 0);
	assert_int_equal(rb_pci_view_read32(view, 0x04, &val[1]), 0); /* real from now on */
	for (off = 0; off < n; off += 4)
		assert_int_equal(rb_pci_view_read32(view, off, &val[off / 4]), 0);
	rb_pci_view_close(view);

	assert_int_equal(sysfs_config(addr, after), n);
	for (off = 0; off < n; off += 4)
		if (dword(before, off) == dword(after, off))
			assert_int_equal(val[off / 4], dword(before, off));
}

static void configuration_space_is_that_of_sysfs(void **state)
{
	struct rb_ctx *ctx = opened("pci");
	struct rb_pci_list *list = scanned(ctx);
	size_t i;

	(void)state;
	for (i = 0; i < rb_pci_list_count(list); i++)
		compare_config(ctx, rb_pci_info_addr(rb_pci_list_get(list, i)));
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
}

/* --- nothing is touched ------------------------------------------------------------------ */

/* Everything that a driver does first, with what it answers here. */
static void drive(struct rb_pci_dev *dev)
{
	struct rb_irq_set *irqs;
	struct rb_dma_buf *buf;
	struct rb_mmio *mmio;
	unsigned int bar;
	uint32_t val;

	assert_int_equal(rb_pci_set_bus_master(dev, true), 0);
	assert_int_equal(rb_pci_config_read32(dev, 0x04, &val), 0);
	assert_true(val & 4); /* what it wrote is what it reads */
	assert_int_equal(rb_pci_config_write32(dev, 0x10, 0), 0);
	assert_int_equal(rb_pci_config_write8(dev, 0x3c, 0x5a), 0);

	for (bar = 0; bar < 6; bar++) {
		if (rb_mmio_map(dev, bar, 0, 0, 0, &mmio) != 0)
			continue;
		rb_mmio_write32(mmio, 0, 0);
		assert_int_equal(rb_mmio_error(mmio), -EACCES);
		rb_mmio_close(mmio);
	}
	assert_int_equal(rb_dma_alloc(dev, 4096, NULL, &buf), -ENOTSUP);
	assert_int_equal(rb_irq_set_open(dev, NULL, &irqs), -ENOTSUP);
}

static void opening_and_driving_a_function_leaves_its_bytes_alone(void **state)
{
	struct rb_ctx *ctx = opened("pci");
	struct rb_pci_list *list = scanned(ctx);
	uint8_t before[SPACE], after[SPACE];
	struct rb_pci_dev *dev, *again;
	struct rb_pci_addr addr;
	size_t i, n;

	(void)state;
	for (i = 0; i < rb_pci_list_count(list); i++) {
		addr = rb_pci_info_addr(rb_pci_list_get(list, i));
		n = sysfs_config(addr, before);
		assert_int_equal(rb_pci_open(ctx, addr, &dev), 0);
		assert_int_equal(rb_pci_open(ctx, addr, &again), -EBUSY);
		drive(dev);
		rb_pci_unref(dev);

		assert_int_equal(sysfs_config(addr, after), n);
		assert_memory_equal(after, before, 0x40); /* header: no counters there */
	}
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
}

static void ports_are_refused(void **state)
{
	struct rb_ctx *ctx = opened("pci");
	struct rb_pio *pio;

	(void)state;
	assert_int_equal(rb_pio_map_ports(ctx, 0x80, 1, &pio), 0);

	assert_int_equal(rb_pio_read8(pio, 0), 0xff);

	assert_int_equal(rb_pio_error(pio), -EACCES);
	rb_pio_close(pio);
	rb_ctx_unref(ctx);
}

static void what_the_machine_does_not_know_is_refused(void **state)
{
	static const char *const strings[] = { "pci:edu", "pci:vfio,a=1", "pci:tick=5",
					       "pci:profile=none", "pci:uid=x" };
	struct rb_ctx *ctx;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		assert_int_equal(rb_ctx_new(strings[i], &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("pci:profile=redbear-2026;uid=1", &ctx), 0);
	rb_ctx_unref(ctx);
}

/* --- who may see ------------------------------------------------------------------------- */

static int look_as_nobody(void)
{
	struct rb_pci_list *list;
	struct rb_pci_dev *dev;
	struct rb_ctx *ctx;
	struct rb_pci_addr addr;
	uint32_t val;
	bool ok;

	if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		return NOT_HERE;
	if (rb_ctx_new("pci", &ctx) != 0 || rb_pci_scan(ctx, NULL, &list) != 0)
		return WRONG;
	addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	if (rb_pci_open(ctx, addr, &dev) != 0)
		return WRONG;
	ok = rb_pci_config_read32(dev, 0x3c, &val) == 0 &&
	     rb_pci_config_read32(dev, 0x40, &val) == -EACCES &&
	     strstr(rb_last_error(), "users that are not root") != NULL &&
	     rb_pci_config_read32(dev, 0x08, &val) == 0;
	rb_pci_unref(dev);
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
	return ok ? FINE : WRONG;
}

static void users_that_are_not_root_see_the_list_and_64_bytes(void **state)
{
	int answer = in_child(look_as_nobody);

	(void)state;
	if (answer == NOT_HERE)
		skip();
	assert_int_equal(answer, FINE);
}

/* --- libpciaccess has one list for the process ------------------------------------------- */

static void contexts_come_and_go_in_any_order(void **state)
{
	struct rb_ctx *first = opened("pci"), *second, *third;
	struct rb_pci_list *list = scanned(first);
	struct rb_pci_addr addr = rb_pci_info_addr(rb_pci_list_get(list, 0));
	struct rb_pci_dev *dev, *other;
	uint32_t val;

	(void)state;
	assert_int_equal(rb_pci_open(first, addr, &dev), 0);
	second = opened("pci");
	third = opened("pci");
	assert_int_equal(rb_pci_open(second, addr, &other), 0); /* each has its own Redox */
	rb_ctx_unref(third);

	assert_int_equal(rb_pci_config_read32(dev, 0x04, &val), 0);
	rb_pci_unref(dev);
	rb_pci_list_close(list);
	rb_ctx_unref(first);
	assert_int_equal(rb_pci_config_read32(other, 0x04, &val), 0);

	rb_pci_unref(other);
	rb_ctx_unref(second);
	assert_null(pci_slot_match_iterator_create(NULL)); /* nothing of ours is left */
}

static void a_programs_own_list_is_borrowed_and_left_alone(void **state)
{
	struct pci_device_iterator *iter;
	struct pci_device *mine;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	assert_int_equal(pci_system_init(), 0);
	iter = pci_slot_match_iterator_create(NULL);
	mine = pci_device_next(iter);
	pci_iterator_destroy(iter);
	mine->user_data = 42;

	ctx = opened("pci");
	rb_pci_list_close(scanned(ctx));
	rb_ctx_unref(ctx);

	assert_int_equal(mine->user_data, 42);
	assert_int_equal(pci_device_cfg_read_u32(mine, &val, 0), 0);
	assert_int_equal(val & 0xffff, mine->vendor_id);
	pci_system_cleanup();
}

static void a_program_may_throw_its_list_away_under_a_context(void **state)
{
	struct rb_pci_list *list;
	struct rb_pci_view *view;
	struct rb_ctx *ctx;
	uint32_t val;

	(void)state;
	assert_int_equal(pci_system_init(), 0);
	ctx = opened("pci");
	list = scanned(ctx);
	assert_int_equal(rb_pci_view_open(ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &view),
			 0);

	pci_system_cleanup();

	assert_int_equal(rb_pci_view_read32(view, 0x04, &val), 0);
	rb_pci_view_close(view);
	rb_pci_list_close(list);
	rb_ctx_unref(ctx);
	assert_null(pci_slot_match_iterator_create(NULL));
}

static struct rb_ctx *parents;

static int open_in_child(void)
{
	struct rb_pci_list *list;
	struct rb_ctx *ctx;
	bool ok;

	if (rb_pci_scan(parents, NULL, &list) != -ENODEV)
		return WRONG;
	if (rb_ctx_new("pci", &ctx) != 0)
		return WRONG;
	ok = rb_pci_scan(ctx, NULL, &list) == 0 && rb_pci_list_count(list) > 0;
	rb_pci_list_close(list);
	rb_ctx_unref(parents); /* frees, and says nothing */
	rb_ctx_unref(ctx);
	return ok && pci_slot_match_iterator_create(NULL) == NULL ? FINE : WRONG;
}

static void a_child_of_fork_opens_a_machine_of_its_own(void **state)
{
	(void)state;
	parents = opened("pci");

	assert_int_equal(in_child(open_in_child), FINE);

	rb_pci_list_close(scanned(parents));
	rb_ctx_unref(parents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_that_of_lspci),
		cmocka_unit_test(configuration_space_is_that_of_sysfs),
		cmocka_unit_test(opening_and_driving_a_function_leaves_its_bytes_alone),
		cmocka_unit_test(ports_are_refused),
		cmocka_unit_test(what_the_machine_does_not_know_is_refused),
		cmocka_unit_test(users_that_are_not_root_see_the_list_and_64_bytes),
		cmocka_unit_test(contexts_come_and_go_in_any_order),
		cmocka_unit_test(a_programs_own_list_is_borrowed_and_left_alone),
		cmocka_unit_test(a_program_may_throw_its_list_away_under_a_context),
		cmocka_unit_test(a_child_of_fork_opens_a_machine_of_its_own),
	};
	struct rb_ctx *ctx;

	if (rb_ctx_new("pci", &ctx) == -ENOTSUP) {
		puts(rb_last_error());
		return 77;
	}
	rb_ctx_unref(ctx);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
