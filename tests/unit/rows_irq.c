/* SPDX-License-Identifier: MIT */
/* rows_irq.c - contract 2, the irq scheme, line by line. */
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

#define I	 "/scheme/irq"
#define LINE	 I "/9" /* a line that is delivered */
#define VECTOR	 I "/cpu-00/20"
#define LIST_MAX 4096

/* --- 2.1 paths ------------------------------------------------------------------- */

static void the_root_is_a_directory(struct world *w)
{
	char names[LIST_MAX];

	row_opens(w, I, RDWR, -EISDIR);
	row_opens(w, I, RBI_O_DIRECTORY, 0);
	row_opens(w, I, RBI_O_STAT, 0);
	assert_int_equal(w_list(w, I, names, sizeof(names)), 0);
	assert_string_equal(names, "bsp cpu-00");
}

static void bsp_opens(struct world *w)
{
	row_opens(w, I "/bsp", RDWR, 0);
}

static void cpu_lists_what_is_free(struct world *w)
{
	char names[LIST_MAX];

	row_opens(w, VECTOR, CREATE, 0);
	assert_int_equal(w_list(w, I "/cpu-00", names, sizeof(names)), 0);
	assert_int_equal(strncmp(names, "18 19 21 ", 9), 0);
	row_opens(w, I "/cpu-zz", RDWR, -ENOENT);
}

static void a_vector_has_a_decimal_number(struct world *w)
{
	row_opens(w, VECTOR, CREATE, 0);
	row_opens(w, I "/cpu-00/0x20", CREATE, -ENOENT);
	row_opens(w, I "/cpu-00/2a", CREATE, -ENOENT);
}

static void lines_end_at_15(struct world *w)
{
	char path[32];
	unsigned int n;

	for (n = 0; n < 16; n++) {
		snprintf(path, sizeof(path), I "/%u", n);
		row_opens(w, path, RDWR, 0);
	}
	row_opens(w, I "/16", RDWR, -ENOENT);
	row_opens(w, I "/16", CREATE, -ENOENT);
	row_opens(w, I "/255", RDWR, -ENOENT);
}

static void there_is_no_device_tree(struct world *w)
{
	row_opens(w, I "/phandle-1/2", RDWR | RBI_O_CREAT, -ENOENT);
}

static void there_is_no_affinity(struct world *w)
{
	row_opens(w, LINE "/affinity", RDWR, -ENOENT);
	row_opens(w, LINE "/affinity", RBI_O_WRONLY, -ENOENT);
}

static void numbers_are_bytes(struct world *w)
{
	row_opens(w, I "/256", RDWR, -ENOENT);
	row_opens(w, I "/-1", RDWR, -ENOENT);
	row_opens(w, I "/9x", RDWR, -ENOENT);
	row_opens(w, I "/cpu-00/256", CREATE, -ENOENT);
	row_opens(w, I "/cpu-00/", RDWR, 0); /* the directory: relibc drops the slash */
	there_is_no_affinity(w);
}

static void short_cpu_names_panic(struct world *w)
{
	row_opens(w, I "/cpu-0", RDWR, -ENODEV);
	row_panicked(w, "fewer than two digits");
	row_opens(w, "/scheme/memory/zeroed", RDWR, -ENODEV);
}

static void absent_cpus_panic(struct world *w)
{
	row_opens(w, I "/cpu-63/20", CREATE, -ENODEV);
	row_panicked(w, "no such CPU");
}

static void everything_is_for_root(struct world *w)
{
	row_opens(w, I, RBI_O_DIRECTORY, -EACCES);
	row_opens(w, I "/bsp", RDWR, -EACCES);
	row_opens(w, I "/cpu-00", RBI_O_DIRECTORY, -EACCES);
	row_opens(w, VECTOR, CREATE, -EACCES);
	row_opens(w, LINE, RDWR, -EACCES);
}

/* --- 2.2, 2.3 vectors ------------------------------------------------------------ */

static unsigned int listed(struct world *w, char *names)
{
	unsigned int n = 0;
	const char *at;

	assert_int_equal(w_list(w, I "/cpu-00", names, LIST_MAX), 0);
	for (at = names; at; at = strchr(at + 1, ' '))
		n++;
	return n;
}

static void the_listing_begins_at_18(struct world *w)
{
	char names[LIST_MAX];

	assert_int_equal(listed(w, names), 201); /* 50-254 without 64-67 */
	assert_int_equal(strtoul(names, NULL, 10), 18);
	assert_null(strstr(names, " 32 "));
	assert_null(strstr(names, " 35 "));
	assert_non_null(strstr(names, " 31 36 "));
	assert_int_equal(strtoul(strrchr(names, ' '), NULL, 10), 222);
	row_opens(w, I "/cpu-00/17", CREATE, -EEXIST);
	row_opens(w, I "/cpu-00/33", CREATE, -EEXIST);
}

static void a_low_number_is_the_line(struct world *w)
{
	char names[LIST_MAX];
	uint64_t count;
	int fd;

	fd = row_open(w, I "/cpu-00/9", RDWR);
	row_opens(w, I "/cpu-00/9", CREATE, 0);
	row_opens(w, I "/cpu-00/9", CREATE, 0);
	assert_int_equal(listed(w, names), 201);
	fake_raise(w->fake, 9);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(row_ack(w, fd, 1), 8);
	assert_int_equal(w->fake->unmasked[9], 1);
	assert_int_equal(row_count(w, row_open(w, LINE, RDWR), &count), 8); /* the same count */
}

static void numbers_end_at_223(struct world *w)
{
	row_opens(w, I "/cpu-00/224", CREATE, -ENOENT);
	row_opens(w, I "/cpu-00/224", RDWR, -ENOENT);
	row_opens(w, I "/cpu-00/222", CREATE, 0);
}

static void vectors_are_created(struct world *w)
{
	row_opens(w, VECTOR, RDWR, -EINVAL);
	row_opens(w, VECTOR, RBI_O_STAT, 0);
	row_opens(w, VECTOR, CREATE, 0); /* neither has taken it */
}

static void vectors_are_taken_once(struct world *w)
{
	row_open(w, VECTOR, CREATE);
	row_opens(w, VECTOR, CREATE, -EEXIST);
}

static void a_vector_is_reserved(struct world *w)
{
	char names[LIST_MAX];
	unsigned int before = listed(w, names);
	uint64_t count;
	int fd;

	fd = row_open(w, VECTOR, CREATE);
	assert_int_equal(listed(w, names), before - 1);
	fake_raise(w->fake, 20);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(count, 1);
}

static void creation_is_exclusive(struct world *w)
{
	row_open(w, VECTOR, RDWR | RBI_O_CREAT);
	row_opens(w, VECTOR, RDWR | RBI_O_CREAT, -EEXIST);
}

static void vectors_never_come_back(struct world *w)
{
	char names[LIST_MAX], path[32];
	unsigned int n, taken = 0;
	int fd;

	row_opens(w, VECTOR, CREATE, 0); /* and is closed */
	row_opens(w, VECTOR, CREATE, -EEXIST);
	for (n = 16; n < 224; n++) {
		snprintf(path, sizeof(path), I "/cpu-00/%u", n);
		fd = w_open(w, path, CREATE);
		taken += fd >= 0;
		w_close(w, fd);
	}
	assert_in_range(taken, 200, 201); /* vector 255 is not listed and can be had */
	assert_int_equal(w_list(w, I "/cpu-00", names, sizeof(names)), 0);
	assert_string_equal(names, "");
}

static void a_look_gives_a_working_handle(struct world *w)
{
	int fd = row_open(w, VECTOR, RBI_O_STAT);
	uint64_t count;

	fake_raise(w->fake, 20);
	assert_int_equal(row_count(w, fd, &count), 8);
	row_opens(w, VECTOR, CREATE, 0);
}

static void vectors_in_a_row_are_opened_one_by_one(struct world *w)
{
	char path[32];
	unsigned int n;

	for (n = 40; n < 44; n++) {
		snprintf(path, sizeof(path), I "/cpu-00/%u", n);
		row_open(w, path, CREATE);
	}
}

static void other_cpus_have_218(struct world *w)
{
	char names[LIST_MAX];
	unsigned int n = 0;
	const char *at;

	assert_int_equal(w_list(w, I, names, sizeof(names)), 0);
	assert_string_equal(names, "bsp cpu-00 cpu-01 cpu-02");
	assert_int_equal(listed(w, names), 201);
	assert_int_equal(w_list(w, I "/cpu-02", names, sizeof(names)), 0);
	for (at = names; at; at = strchr(at + 1, ' '))
		n++;
	assert_int_equal(n, 218);
	assert_int_equal(strncmp(names, "0 1 2 3 ", 8), 0);
	assert_non_null(strstr(names, " 16 18 "));
	assert_non_null(strstr(names, " 31 36 "));
	row_opens(w, I "/cpu-03", RBI_O_DIRECTORY, 0); /* to list it is what panics */
}

static void cpus_reserve_each_for_themselves(struct world *w)
{
	row_open(w, I "/cpu-01/20", CREATE);
	row_opens(w, I "/cpu-01/20", CREATE, -EEXIST);
	row_opens(w, I "/cpu-00/20", CREATE, 0);
	row_opens(w, I "/cpu-01/17", CREATE, -EEXIST);
	row_opens(w, I "/cpu-01/5", RDWR, -EINVAL); /* no line there */
	row_opens(w, I "/cpu-01/5", CREATE, 0);
	row_opens(w, I "/cpu-01/224", CREATE, -ENOENT);
	row_opens(w, I "/cpu-02/20", CREATE, -ENODEV);
	row_panicked(w, "no such CPU");
}

static void cpus_share_counts_by_number(struct world *w)
{
	int a = row_open(w, I "/cpu-00/40", CREATE);
	int b = row_open(w, I "/cpu-01/40", CREATE);
	uint64_t count;

	fake_raise(w->fake, 40);
	assert_int_equal(row_count(w, a, &count), 8);
	assert_int_equal(row_count(w, b, &count), 8);
	assert_int_equal(count, 1);
	assert_int_equal(row_ack(w, a, 1), 8);
	assert_int_equal(row_count(w, a, &count), 0);
	assert_int_equal(row_count(w, b, &count), 8);
}

/* --- 2.4, 2.5 reading and writing ------------------------------------------------ */

static void bsp_fills_half_of_what_it_claims(struct world *w)
{
	int fd = row_open(w, I "/bsp", RDWR);
	uint64_t id = UINT64_MAX;

	assert_int_equal(w_read(w, fd, &id, 8), 8);
	assert_int_equal(id, 0xffffffff00000000);
	assert_int_equal(w_read(w, fd, &id, 7), -EINVAL);
}

static void counters_are_shared(struct world *w)
{
	int a = row_open(w, LINE, RDWR);
	int b = row_open(w, LINE, RDWR);
	uint64_t count;

	fake_raise(w->fake, 9);
	fake_raise(w->fake, 9);
	assert_int_equal(row_count(w, a, &count), 8);
	assert_int_equal(count, 2);
	assert_int_equal(row_ack(w, a, 2), 8);
	assert_int_equal(row_count(w, a, &count), 0);
	assert_int_equal(row_count(w, b, &count), 8);
	assert_int_equal(count, 2);
}

static void short_reads_are_refused(struct world *w)
{
	int fd = row_open(w, LINE, RDWR);
	uint64_t count = 0;

	assert_int_equal(w_read(w, fd, &count, 7), -EINVAL);
	assert_int_equal(w_read(w, fd, &count, 0), -EINVAL);
	assert_int_equal(w_write(w, fd, &count, 7), -EINVAL);
	assert_int_equal(w_write(w, fd, &count, 0), -EINVAL);
}

static void a_count_is_read_until_it_is_acknowledged(struct world *w)
{
	int fd = row_open(w, VECTOR, CREATE);
	uint64_t count;

	fake_raise(w->fake, 20);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(count, 1);
	/* the offset is ignored (contract 16, row 0.5) */
	assert_int_equal(row_pread(w, fd, &count, 8, 100), 8);
}

static void nothing_is_0_and_never_blocks(struct world *w)
{
	int fd = row_open(w, LINE, RDWR);
	int other = row_open(w, LINE, RDWR | RBI_O_NONBLOCK);
	uint64_t count;

	assert_int_equal(row_count(w, fd, &count), 0);
	assert_int_equal(row_count(w, other, &count), 0);
}

static void the_count_acknowledges(struct world *w)
{
	int fd = row_open(w, LINE, RDWR);
	uint64_t count;

	fake_raise(w->fake, 9);
	assert_int_equal(row_ack(w, fd, 1), 8);
	assert_int_equal(w->fake->unmasked[9], 1);
	assert_int_equal(row_count(w, fd, &count), 0);
}

static void a_stale_count_is_0(struct world *w)
{
	int fd = row_open(w, LINE, RDWR);
	uint64_t count;

	fake_raise(w->fake, 9);
	assert_int_equal(row_count(w, fd, &count), 8);
	fake_raise(w->fake, 9);
	assert_int_equal(row_ack(w, fd, count), 0);
	assert_int_equal(w->fake->unmasked[9], 0);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(row_ack(w, fd, count), 8);
	assert_int_equal(w->fake->unmasked[9], 1);
}

static void directories_are_no_files(struct world *w)
{
	int top = row_open(w, I, RBI_O_DIRECTORY);
	int cpu = row_open(w, I "/cpu-00", RBI_O_DIRECTORY);
	int bsp = row_open(w, I "/bsp", RDWR);
	uint64_t word = 0;

	assert_int_equal(w_read(w, top, &word, 8), -EISDIR);
	assert_int_equal(w_read(w, cpu, &word, 8), -EISDIR);
	assert_int_equal(w_write(w, top, &word, 8), -EBADF);
	assert_int_equal(w_write(w, cpu, &word, 8), -EBADF);
	assert_int_equal(w_write(w, bsp, &word, 8), -EBADF);
}

static void each_handle_gets_an_event_for_each_interrupt(struct world *w)
{
	int queue = row_queue(w);
	int a = row_open(w, LINE, RDWR);
	int b = row_open(w, LINE, RDWR);

	fake_raise(w->fake, 9);
	row_watch(w, queue, a, RBI_EVENT_READ, 0);
	row_next(w, queue, -1); /* no initial readiness */
	row_watch(w, queue, b, RBI_EVENT_READ, 0);
	fake_raise(w->fake, 9);
	assert_int_equal(w_read(w, queue, (struct row_event[3]){ { 0 } }, 72), 48);
}

static void irq_files_have_8_bytes(struct world *w)
{
	static const struct {
		const char *path;
		unsigned int flags;
		uint64_t size;
	} files[] = { { LINE, RDWR, 8 },
		      { VECTOR, CREATE, 8 },
		      { I "/bsp", RDWR, 8 },
		      { I, RBI_O_DIRECTORY, 0 },
		      { I "/cpu-00", RBI_O_DIRECTORY, 0 } };
	uint64_t size;
	size_t i;

	for (i = 0; i < 5; i++) {
		assert_int_equal(w->sys->ops->size(
					 w->sys, row_open(w, files[i].path, files[i].flags), &size),
				 0);
		assert_int_equal(size, files[i].size);
	}
}

static void a_duplicate_shares_its_acknowledge(struct world *w)
{
	int fd = row_open(w, LINE, RDWR);
	int twin = w->sys->ops->dup(w->sys, fd);
	uint64_t count;

	fake_raise(w->fake, 9);
	assert_int_equal(row_ack(w, twin, 1), 8);
	assert_int_equal(row_count(w, fd, &count), 0);
}

static void the_loop_of_a_driver(struct world *w)
{
	int queue = row_queue(w);
	int fd = row_open(w, LINE, RDWR);
	int fresh;
	uint64_t count;

	row_watch(w, queue, fd, RBI_EVENT_READ, 7);
	fake_raise(w->fake, 9);
	row_next(w, queue, fd);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(row_ack(w, fd, count), 8);
	assert_int_equal(row_count(w, fd, &count), 0);
	fresh = row_open(w, LINE, RDWR);
	assert_int_equal(row_count(w, fresh, &count), 8); /* at once */
}

static void only_lines_are_unmasked(struct world *w)
{
	int vector = row_open(w, VECTOR, CREATE);
	unsigned int n;

	fake_raise(w->fake, 20);
	assert_int_equal(row_ack(w, vector, 1), 8);
	for (n = 0; n < RBI_IRQ_LINES; n++)
		assert_int_equal(w->fake->unmasked[n], 0);
}

static void a_vector_s_acknowledge_moves_on(struct world *w)
{
	int fd = row_open(w, VECTOR, CREATE);
	uint64_t count;

	fake_raise(w->fake, 20);
	assert_int_equal(row_count(w, fd, &count), 8);
	fake_raise(w->fake, 20); /* counts without any acknowledge */
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(count, 2);
	assert_int_equal(row_ack(w, fd, 2), 8);
	assert_int_equal(row_count(w, fd, &count), 0);
}

static void the_counter_tells_how_many_came(struct world *w)
{
	int fd = row_open(w, VECTOR, CREATE);
	uint64_t count;
	int i;

	for (i = 0; i < 5; i++)
		fake_raise(w->fake, 20);
	assert_int_equal(row_count(w, fd, &count), 8);
	assert_int_equal(count, 5);
}

static void the_first_acknowledge_unmasks(struct world *w)
{
	int a = row_open(w, LINE, RDWR);
	int b = row_open(w, LINE, RDWR);
	uint64_t count;

	fake_raise(w->fake, 9);
	assert_int_equal(row_ack(w, a, 1), 8);
	assert_int_equal(w->fake->unmasked[9], 1);
	assert_int_equal(row_count(w, b, &count), 8); /* still sees it */
	assert_int_equal(row_ack(w, b, 1), 8);
	assert_int_equal(row_count(w, b, &count), 0);
}

static void lines_of_the_kernel_never_fire(struct world *w)
{
	static const bool dead[16] = {
		[0] = true, [1] = true, [2] = true, [3] = true, [4] = true, [12] = true
	};
	uint64_t count;
	char path[32];
	unsigned int n;
	int fd;

	for (n = 0; n < 16; n++) {
		snprintf(path, sizeof(path), I "/%u", n);
		fd = row_open(w, path, RDWR);
		fake_raise(w->fake, n);
		assert_int_equal(row_count(w, fd, &count), dead[n] ? 0 : 8);
	}
}

/* --- 2.7 messages ---------------------------------------------------------------- */

static void a_message_is_taken_and_given_back(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	row_exchange(w, fd, "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 0 0 0 0 34 0 0 0 0",
		     "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), FAKE_DOORBELL); /* connected */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 20 + 32);
	row_exchange(w, fd, "7 0 0 0 44 0", "8 0 0 0 0 0 0 0 9 0 0 0 0 0 e0 fe");
}

static const struct row rows[] = {
	CONTRACT("2.1", "directory: bsp, cpu-XX… (open needs O_DIRECTORY or O_STAT, else EISDIR)",
		 the_root_is_a_directory, ROOT),
	CONTRACT("2.1", "| /scheme/irq/bsp | id of the boot processor", bsp_opens, ROOT),
	CONTRACT("2.1", "directory of free vectors of that CPU", cpu_lists_what_is_free, ROOT),
	CONTRACT("2.1", "| /scheme/irq/cpu-XX/N | vector N", a_vector_has_a_decimal_number, ROOT),
	CONTRACT("2.1", "legacy line N, decimal 0–15 only; else ENOENT", lines_end_at_15, ROOT),
	CONTRACT("2.1", "device-tree interrupts (aarch64/riscv)", there_is_no_device_tree, ROOT),
	CONTRACT("2.1", "Numbers parse as u8, anything else ENOENT", numbers_are_bytes, ROOT),
	CONTRACT("2.1", "a cpu- name with fewer than two hex digits", short_cpu_names_panic, ROOT),
	CONTRACT("2.1", "or a CPU that is not listed: kernel panic hazards", absent_cpus_panic,
		 ROOT),
	/* the heading: "all need uid 0, else EACCES" */
	CONTRACT("2.1", "| /scheme/irq |", everything_is_for_root, "uid=1000", 0),
	CONTRACT("2.2", "So the first candidate on the BSP is normally N = 18",
		 the_listing_begins_at_18, ROOT),
	CONTRACT("2.2", "BSP vectors 32–49 (N 0–17), other CPUs 49", other_cpus_have_218, "cpus=3", 0),
	CONTRACT("2.3", "| already reserved | EEXIST", cpus_reserve_each_for_themselves, "cpus=2", 0),
	CONTRACT("2.5", "one u64 per irq number, shared by all handles and all CPUs",
		 cpus_share_counts_by_number, "cpus=2", 0),
	CONTRACT("2.3", "| BSP and N < 16 | a legacy-line handle; nothing is allocated",
		 a_low_number_is_the_line, ROOT),
	CONTRACT("2.3", "| N ≥ 224 | ENOENT", numbers_end_at_223, ROOT),
	CONTRACT("2.3", "| no O_CREAT (and no O_STAT) | EINVAL", vectors_are_created, ROOT),
	CONTRACT("2.3", "| already reserved | EEXIST", vectors_are_taken_once, ROOT),
	CONTRACT("2.3", "| otherwise | vector reserved, handle returned", a_vector_is_reserved,
		 ROOT),
	CONTRACT("2.3", "O_EXCL is not examined (creation is always exclusive)",
		 creation_is_exclusive, ROOT),
	CONTRACT("2.3", "a mock's BSP offers 201 vectors (50–254 without 64–67) and then no more",
		 vectors_never_come_back, ROOT),
	CONTRACT("2.3", "An O_STAT open yields a working handle without reserving",
		 a_look_gives_a_working_handle, ROOT),
	CONTRACT("2.3", "open them one after another", vectors_in_a_row_are_opened_one_by_one,
		 ROOT),
	CONTRACT("2.4", "only the first 4 bytes are written", bsp_fills_half_of_what_it_claims,
		 ROOT),
	CONTRACT("2.5", "one u64 per irq number, shared by all handles", counters_are_shared, ROOT),
	CONTRACT("2.5", "| read, buf < 8 | EINVAL", short_reads_are_refused, ROOT),
	CONTRACT("2.5", "| read, counter ≠ handle's ack | writes u64 counter",
		 a_count_is_read_until_it_is_acknowledged, ROOT),
	CONTRACT("2.5", "it never blocks and never gives EAGAIN, whatever O_NONBLOCK says",
		 nothing_is_0_and_never_blocks, ROOT),
	CONTRACT("2.5", "| write, buf < 8 | EINVAL", short_reads_are_refused, ROOT),
	CONTRACT("2.5", "| write, value = current counter | ack := value, line unmasked, returns 8",
		 the_count_acknowledges, ROOT),
	CONTRACT("2.5", "| write, value ≠ current counter (another interrupt came) | returns 0",
		 a_stale_count_is_0, ROOT),
	CONTRACT("2.5", "| read on a directory | EISDIR", directories_are_no_files, ROOT),
	CONTRACT("2.5", "| write on a directory or bsp | EBADF", directories_are_no_files, ROOT),
	CONTRACT("2.5", "EVENT_READ is posted at each interrupt to each handle of that irq",
		 each_handle_gets_an_event_for_each_interrupt, ROOT),
	CONTRACT("2.5", "irq: CHR 0600, size 8", irq_files_have_8_bytes, ROOT),
	CONTRACT("2.5", "| dup, empty arg | new fd for the same handle (shared ack)",
		 a_duplicate_shares_its_acknowledge, ROOT),
	CONTRACT("2.5", "A fresh handle on a line that fired earlier reads non-zero at once",
		 the_loop_of_a_driver, ROOT),
	CONTRACT("2.5", "counts, posts event, EOI; nothing masked", only_lines_are_unmasked, ROOT),
	CONTRACT("2.5", "ack write is harmless but still wanted", a_vector_s_acknowledge_moves_on,
		 ROOT),
	CONTRACT("2.5", "| lost edge | n/a (level) | counter shows how many came",
		 the_counter_tells_how_many_came, ROOT),
	CONTRACT("2.5", "each gets events; the first successful ack unmasks",
		 the_first_acknowledge_unmasks, ROOT),
	CONTRACT("2.5", "Lines 0 (PIT), 1 (keyboard), 2 (cascade), 3, 4 (serial), 12 (mouse)",
		 lines_of_the_kernel_never_fire, ROOT),
	CONTRACT("2.6", "writes a u64 CPU mask to /scheme/irq/N/affinity, which fails with ENOENT",
		 there_is_no_affinity, ROOT),
	CONTRACT("2.7", "| address | 0xFEE0_0000", a_message_is_taken_and_given_back, ROOT),
	CONTRACT("2.7", "data = vector = N + 32", a_message_is_taken_and_given_back, ROOT),
	CONTRACT("2.8", "GSIs > 15 are not routed, /scheme/irq/N with N > 15 is ENOENT",
		 lines_end_at_15, ROOT),
};

const struct row_table rows_irq = ROW_TABLE(rows);
