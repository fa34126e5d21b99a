# SPDX-License-Identifier: MIT
# Commands for people. Installed.
# Add with: bin_PROGRAMS += tools/NAME, tools_NAME_SOURCES = tools/NAME.c, tools_NAME_LDADD = lib/librbdrv.la
bin_PROGRAMS += tools/rbdrv
tools_rbdrv_SOURCES = tools/rbdrv.c
tools_rbdrv_LDADD = lib/librbdrv.la
dist_man_MANS = doc/rbdrv.1
