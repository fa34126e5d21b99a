/* SPDX-License-Identifier: MIT */
/*
 * rows_doc.c - the pages that rows quote: cut into lines of tables, items of lists and
 * paragraphs. Of the contract sections 1 to 5 count, and of the probe.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define PIECES 600
#define PIECE  4096

struct piece {
	const char *page;
	char section[8];
	char *text;
	bool quoted;
};

static struct piece pieces[PIECES];
static size_t npieces;

/* --- text ------------------------------------------------------------------------ */

/* Without backticks and asterisks, and any space as one blank. */
static void plain(const char *in, char *out, size_t size)
{
	size_t n = 0;

	for (; *in != '\0' && n + 1 < size; in++) {
		if (*in == '`' || *in == '*')
			continue;
		if (!isspace((unsigned char)*in))
			out[n++] = *in;
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static FILE *open_page(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/doc/%s", top ? top : ".", name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s cannot be read", path);
	return file;
}

/* --- pages ----------------------------------------------------------------------- */

/* "### 1.3 Operations": the number, in a page of which sections @first to @last count. */
static void take_heading(const char *line, char last, char *section, size_t size)
{
	size_t n = strspn(line, "#");

	section[0] = '\0';
	line += n + (line[n] == ' ');
	if (line[0] < '1' || line[0] > last || (line[1] != '.' && line[1] != ' '))
		return;
	n = strspn(line, "0123456789.");
	if (line[n - 1] == '.')
		n--;
	snprintf(section, size, "%.*s", (int)n, line);
}

static void add(const char *page, const char *section, const char *text)
{
	struct piece *piece = &pieces[npieces];
	char clean[PIECE];

	plain(text, clean, sizeof(clean));
	/* where it was read is not what it says, nor is the line that leads to a table */
	if (section[0] == '\0' || clean[0] == '\0' || strncmp(clean, "Source", 6) == 0 ||
	    (strlen(clean) < 120 && clean[strlen(clean) - 1] == ':'))
		return;
	assert_true(npieces < PIECES);
	piece->page = page;
	snprintf(piece->section, sizeof(piece->section), "%s", section);
	piece->text = strdup(clean);
	assert_non_null(piece->text);
	npieces++;
}

static void cut(const char *page, const char *name, char last)
{
	char section[8] = "", line[PIECE], held[PIECE] = "", row[PIECE] = "";
	FILE *file = open_page(name);
	size_t used;

	while (fgets(line, sizeof(line), file)) {
		if (row[0] != '\0' && strncmp(line, "|---", 4) != 0)
			add(page, section, row); /* else it was the head of a table */
		row[0] = '\0';
		if (strchr("#|*\n", line[0])) {
			add(page, section, held);
			held[0] = '\0';
		}
		if (line[0] == '#')
			take_heading(line, last, section, sizeof(section));
		else if (line[0] == '|' && strncmp(line, "|---", 4) != 0)
			snprintf(row, sizeof(row), "%s", line);
		else if (line[0] != '|') {
			used = strlen(held);
			snprintf(held + used, sizeof(held) - used, "%s", line);
		}
	}
	add(page, section, row);
	add(page, section, held);
	fclose(file);
}

static void cut_all(void)
{
	if (npieces > 0)
		return;
	cut("contract", "redox-contract.md", '5');
	cut("probe", "redox-probe.md", '5');
}

bool doc_has(const char *page, const char *section, const char *quote)
{
	char clean[PIECE];
	bool found = false;
	size_t i;

	cut_all();
	plain(quote, clean, sizeof(clean));
	for (i = 0; i < npieces; i++) {
		if (strcmp(pieces[i].page, page) != 0 || strcmp(pieces[i].section, section) != 0 ||
		    !strstr(pieces[i].text, clean))
			continue;
		pieces[i].quoted = true;
		found = true;
	}
	return found;
}

/* --- doc/hosted-limits.md -------------------------------------------------------- */

/* The text between two bars, without the blanks beside them. */
static char *take_cell(char **at)
{
	char *cell = *at + strspn(*at, " ");
	char *bar = strchr(cell, '|');
	char *end;

	if (!bar)
		return NULL;
	*at = bar + 1;
	for (end = bar; end > cell && end[-1] == ' '; end--)
		;
	*end = '\0';
	return cell;
}

/* "| contract 1.5 | QUOTE | why |" */
static bool take_limit(char *line)
{
	char *at = line + 1;
	char *where = take_cell(&at);
	char *quote = take_cell(&at);
	char *why = take_cell(&at);
	char *number = where ? strchr(where, ' ') : NULL;

	if (!number || !quote || !why || why[0] == '\0')
		return false;
	*number++ = '\0';
	if (doc_has(where, number, quote))
		return true;
	print_error("hosted-limits.md: %s %s does not say \"%s\"\n", where, number, quote);
	return false;
}

unsigned int doc_take_limits(void)
{
	FILE *file = open_page("hosted-limits.md");
	unsigned int taken = 0, bad = 0;
	char line[PIECE];

	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "| contract ", 11) != 0 && strncmp(line, "| probe ", 8) != 0)
			continue;
		taken++;
		bad += !take_limit(line);
	}
	fclose(file);
	assert_true(taken > 0);
	return bad;
}

unsigned int doc_print_missing(void)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < npieces; i++) {
		if (pieces[i].quoted)
			continue;
		print_error("no row and no limit: %s %s: %.100s\n", pieces[i].page,
			    pieces[i].section, pieces[i].text);
		n++;
	}
	return n;
}

void doc_free(void)
{
	while (npieces > 0)
		free(pieces[--npieces].text);
}
