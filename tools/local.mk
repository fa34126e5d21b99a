# SPDX-License-Identifier: MIT
# Commands for people. Installed.
# A subcommand of rbdrv is tools/rbdrv_NAME.c, a line in tool.h and a row in rbdrv.c.
bin_PROGRAMS += tools/rbdrv
tools_rbdrv_SOURCES = \
	tools/caps.h \
	tools/describe.h \
	tools/doctor.h \
	tools/fields.h \
	tools/rbdrv.c \
	tools/rbdrv_aer.c \
	tools/rbdrv_bars.c \
	tools/rbdrv_bridge.c \
	tools/rbdrv_caps.c \
	tools/rbdrv_classes.c \
	tools/rbdrv_config.c \
	tools/rbdrv_describe.c \
	tools/rbdrv_doctor.c \
	tools/rbdrv_doctor_machine.c \
	tools/rbdrv_doctor_system.c \
	tools/rbdrv_dump.c \
	tools/rbdrv_express.c \
	tools/rbdrv_find.c \
	tools/rbdrv_head.c \
	tools/rbdrv_json.c \
	tools/rbdrv_ls.c \
	tools/rbdrv_names.c \
	tools/rbdrv_rows.c \
	tools/rbdrv_term.c \
	tools/rbdrv_text.c \
	tools/rbdrv_tree.c \
	tools/tool.h
tools_rbdrv_CFLAGS = $(AM_CFLAGS) $(PCIACCESS_CFLAGS) $(JANSSON_CFLAGS)
tools_rbdrv_LDADD = lib/librbdrv.la $(PCIACCESS_LIBS) $(JANSSON_LIBS)
dist_man_MANS = doc/rbdrv.1
