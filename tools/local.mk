# SPDX-License-Identifier: MIT
# Commands for people. Installed.
# A subcommand of rbdrv is tools/rbdrv_NAME.c, a line in tool.h and a row in rbdrv.c.
bin_PROGRAMS += tools/rbdrv
tools_rbdrv_SOURCES = \
	tools/rbdrv.c \
	tools/rbdrv_ls.c \
	tools/rbdrv_names.c \
	tools/rbdrv_term.c \
	tools/tool.h
tools_rbdrv_LDADD = lib/librbdrv.la
dist_man_MANS = doc/rbdrv.1
