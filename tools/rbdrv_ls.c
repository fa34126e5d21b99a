/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_ls.c - rbdrv ls: the functions of a machine, and rbdrv show: one of them. Nothing is
 * claimed and enabled, but for show --claim.
 */
#include <stdio.h>

#include "fields.h"
#include "tool.h"

static void print_list(const struct function_list *list, int numeric)
{
	struct head_widths widths;
	size_t i;

	head_measure(list, numeric, &widths);
	head_print_titles(&widths, numeric);
	for (i = 0; i < list->count; i++)
		head_print(&list->at[i], &widths, numeric);
}

static void print_function(struct rb_ctx *ctx, const struct function *fn,
			   struct rb_pci_dev *dev, const struct tool_args *args)
{
	struct text_fields text;
	struct fields *f = text_fields(&text, args->verbose == 1);

	head_print(fn, NULL, args->numeric);
	field_open(f, NULL);
	describe(f, ctx, fn, dev);
	field_close(f);
	putchar('\n');
}

static int put_json(struct rb_ctx *ctx, const struct function *functions, size_t count,
		    struct rb_pci_dev *dev)
{
	struct json_fields *j = json_open();
	struct fields *f;
	size_t i;

	if (!j)
		return term_fail("out of memory");
	f = json_fields(j);
	for (i = 0; i < count; i++) {
		field_item(f, NULL);
		describe(f, ctx, &functions[i], dev);
		field_close(f);
	}
	return json_finish(j, EXIT_OK);
}

static int print_all(struct rb_ctx *ctx, struct function_list *list,
		     const struct tool_args *args)
{
	size_t i;

	if (args->given & OPT_JSON)
		return put_json(ctx, list->at, list->count, NULL);
	if (args->given & OPT_TREE) {
		functions_look_behind(ctx, list);
		return tree_print(list, args->numeric);
	}
	if (!args->verbose) {
		print_list(list, args->numeric);
		return EXIT_OK;
	}
	for (i = 0; i < list->count; i++)
		print_function(ctx, &list->at[i], NULL, args);
	return EXIT_OK;
}

int rbdrv_ls(const struct tool_args *args)
{
	struct function_list list;
	struct rb_ctx *ctx;
	int status;

	if ((args->given & OPT_JSON) && !json_here())
		return EXIT_FAILED;
	status = find_functions(args, &ctx, &list);
	if (status != EXIT_OK)
		return status;
	status = print_all(ctx, &list, args);
	functions_free(&list);
	rb_ctx_unref(ctx);
	return term_finish(status);
}

int rbdrv_show(const struct tool_args *args)
{
	struct rb_pci_dev *dev = NULL;
	struct function fn;
	struct rb_ctx *ctx;
	int rc = 0, status;

	if ((args->given & OPT_JSON) && !json_here())
		return EXIT_FAILED;
	status = find_function(args, &ctx, &fn);
	if (status != EXIT_OK)
		return status;

	if (args->given & OPT_CLAIM)
		rc = rb_pci_open(ctx, fn.addr, &dev);
	if (rc < 0)
		status = term_complain(rc);
	else if (args->given & OPT_JSON)
		status = put_json(ctx, &fn, 1, dev);
	else
		print_function(ctx, &fn, dev, args);
	rb_pci_unref(dev);
	rb_ctx_unref(ctx);
	return term_finish(status);
}
