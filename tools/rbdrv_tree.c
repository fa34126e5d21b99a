/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_tree.c - rbdrv ls -t: functions below the bridges that lead to them.
 *
 * Bus numbers come from the bridges, which may lie: a bridge leads only to a bus above its own,
 * so there is no circle, and each function is shown once, below the first bridge that claims it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* A function in the tree. */
struct node {
	const struct function *fn;
	uint32_t bus;	/* segment << 8 | bus */
	uint32_t below; /* the same of the bus it leads to, 0: leads nowhere */
	bool shown;
};

struct tree {
	struct node *nodes;
	size_t count;
	int numeric;
	char lines[1280]; /* what stands to the left of a child */
};

static void set_node(struct node *node, const struct function *fn)
{
	node->fn = fn;
	node->bus = fn->addr.sbdf >> 8;
	if (fn->bridge && fn->secondary > rb_pci_addr_bus(fn->addr))
		node->below = (node->bus & ~0xffu) | fn->secondary;
}

static void print_node(const struct tree *t, const struct node *node)
{
	const struct function *fn = node->fn;
	struct tool_names names;

	printf("%s%02x.%x%s", term_bold(), rb_pci_addr_device(fn->addr),
	       rb_pci_addr_function(fn->addr), term_plain());
	if (!fn->known) {
		printf("  \?\?\?\?:\?\?\?\?\n");
		return;
	}
	printf("  %04x:%04x", fn->vendor, fn->device);
	if (t->numeric != 1) {
		names_of_function(fn, &names);
		printf("  %s%s%s%s%s", class_name(fn->class_code), names.vendor[0] ? ": " : "",
		       names.vendor, names.device[0] ? " " : "", names.device);
	}
	if (node->below && fn->subordinate > fn->secondary)
		printf("  %s-> bus %02x-%02x%s", term_dim(), fn->secondary, fn->subordinate,
		       term_plain());
	else if (node->below)
		printf("  %s-> bus %02x%s", term_dim(), fn->secondary, term_plain());
	putchar('\n');
}

static struct node *next_on_bus(struct tree *t, uint32_t bus)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (!t->nodes[i].shown && t->nodes[i].bus == bus)
			return &t->nodes[i];
	}
	return NULL;
}

/* Depth is bounded by bus numbers, which rise: 255 at most, of four characters each. */
static void print_bus(struct tree *t, uint32_t bus)
{
	size_t indent = strlen(t->lines);
	struct node *node, *next;

	node = next_on_bus(t, bus);
	while (node) {
		node->shown = true;
		next = next_on_bus(t, bus);
		printf("%s%s", t->lines, next ? "|-- " : "`-- ");
		print_node(t, node);
		if (node->below && indent + 5 < sizeof(t->lines)) {
			memcpy(t->lines + indent, next ? "|   " : "    ", 5);
			print_bus(t, node->below);
			t->lines[indent] = '\0';
		}
		node = next;
	}
}

/* Whether a bridge of a lower bus leads to this one. */
static bool has_bridge(const struct tree *t, uint32_t bus)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (t->nodes[i].below && t->nodes[i].below == bus)
			return true;
	}
	return false;
}

int tree_print(const struct function_list *list, int numeric)
{
	struct tree t = { .numeric = numeric, .count = list->count };
	size_t i;

	t.nodes = calloc(t.count ? t.count : 1, sizeof(*t.nodes));
	if (!t.nodes)
		return term_fail("out of memory");
	for (i = 0; i < t.count; i++)
		set_node(&t.nodes[i], &list->at[i]);
	for (i = 0; i < t.count; i++) {
		uint32_t bus = t.nodes[i].bus;

		if (t.nodes[i].shown || has_bridge(&t, bus))
			continue;
		printf("%sbus %04x:%02x%s\n", term_bold(), (unsigned int)bus >> 8,
		       (unsigned int)bus & 0xff, term_plain());
		print_bus(&t, bus);
	}
	free(t.nodes);
	return EXIT_OK;
}
