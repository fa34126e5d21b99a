/* SPDX-License-Identifier: MIT */
/*
 * test_rows.c - every row in every profile; and has every line of the pages a row?
 *
 * A test's name is the section and what it quotes of it. Without the pages (a copy of
 * the program elsewhere) nothing can be said of quotes, and that fails.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

static const struct row_table *const tables[] = { &rows_memory,	       &rows_irq,
						  &rows_event_time,    &rows_pcid,
						  &rows_pcid_requests, &rows_pcid_bytes,
						  &rows_port,	       &rows_probe };

#define NTABLES (sizeof(tables) / sizeof(tables[0]))

static const char *const profiles[] = { "redox-2025", "base-2026", "redbear-2026" };

#define NPROFILES (sizeof(profiles) / sizeof(profiles[0]))

struct run {
	const struct row *row;
	const char *profile;
	struct world *world;
	char title[200];
};

static int begin(void **state)
{
	struct run *run = *state;
	char options[96];

	snprintf(options, sizeof(options), "profile=%s%s%s", run->profile,
		 run->row->options ? ";" : "", run->row->options ? run->row->options : "");
	run->world = world_new(options);
	return 0;
}

static int end(void **state)
{
	world_free(((struct run *)*state)->world);
	return 0;
}

static void play(void **state)
{
	const struct run *run = *state;

	assert_true(doc_has(run->row->page, run->row->section, run->row->quote));

	run->row->check(run->world);
}

static void every_line_of_the_pages_has_a_row_or_a_reason(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < NTABLES; i++)
		for (j = 0; j < tables[i]->count; j++)
			assert_true(doc_has(tables[i]->rows[j].page, tables[i]->rows[j].section,
					    tables[i]->rows[j].quote));

	assert_int_equal(doc_take_limits(), 0);

	assert_int_equal(doc_print_missing(), 0);
}

/* One test per row and profile that it holds for; how many. */
static size_t plan(struct run *runs, struct CMUnitTest *tests)
{
	const struct row *row;
	size_t i, j, k, n = 0;

	for (i = 0; i < NTABLES; i++)
		for (j = 0; j < tables[i]->count; j++)
			for (k = 0; k < NPROFILES; k++) {
				row = &tables[i]->rows[j];
				if (row->profiles != 0 && !(row->profiles >> k & 1))
					continue;
				runs[n].row = row;
				runs[n].profile = profiles[k];
				snprintf(runs[n].title, sizeof(runs[n].title), "%s %s: %s [%s]",
					 row->page, row->section, row->quote, profiles[k]);
				tests[n] = (struct CMUnitTest){ runs[n].title, play, begin, end,
								&runs[n] };
				n++;
			}
	return n;
}

int main(void)
{
	struct CMUnitTest *tests;
	struct run *runs;
	size_t i, n = 1;
	int rc;

	for (i = 0; i < NTABLES; i++)
		n += tables[i]->count * NPROFILES;
	tests = calloc(n, sizeof(*tests));
	runs = calloc(n, sizeof(*runs));
	if (!tests || !runs)
		return 1;

	n = plan(runs, tests);
	tests[n++] =
		(struct CMUnitTest)cmocka_unit_test(every_line_of_the_pages_has_a_row_or_a_reason);
	rc = _cmocka_run_group_tests("rows", tests, n, NULL, NULL);

	doc_free();
	free(runs);
	free(tests);
	return rc;
}
