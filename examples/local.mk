# SPDX-License-Identifier: MIT
# Example drivers. Built and installed as any driver: they link -lrbdrv and nothing else.
# Each is examples/NAME in the build directory and rbdrv-example-NAME when installed.

bin_PROGRAMS += examples/rbdrv-example-edu
noinst_PROGRAMS += examples/edu
examples_rbdrv_example_edu_SOURCES = examples/edu.c
examples_rbdrv_example_edu_LDADD = lib/librbdrv.la
examples_edu_SOURCES = examples/edu.c
examples_edu_LDADD = lib/librbdrv.la

# The network driver: its hardware half is a library of its own, for programs and tests.
noinst_LTLIBRARIES += examples/e1000e/libe1000e.la
examples_e1000e_libe1000e_la_SOURCES = \
	examples/e1000e/e1000e.c examples/e1000e/e1000e.h examples/e1000e/e1000e_hw.c \
	examples/e1000e/e1000e_irq.c examples/e1000e/e1000e_private.h \
	examples/e1000e/e1000e_regs.h examples/e1000e/e1000e_rx.c examples/e1000e/e1000e_tx.c
E1000E_LDADD = examples/e1000e/libe1000e.la lib/librbdrv.la

bin_PROGRAMS += examples/rbdrv-example-e1000e
examples_rbdrv_example_e1000e_SOURCES = examples/e1000e/e1000e_main.c
examples_rbdrv_example_e1000e_LDADD = $(E1000E_LDADD)

# lwIP on top of it: an address, and a file.
if WITH_LWIP
bin_PROGRAMS += examples/rbdrv-example-fetch
examples_rbdrv_example_fetch_SOURCES = \
	examples/e1000e/fetch.c examples/e1000e/stack.c examples/e1000e/stack.h \
	examples/e1000e/dhcp_client.c examples/e1000e/dhcp_client.h
examples_rbdrv_example_fetch_CFLAGS = $(AM_CFLAGS) $(LWIP_CFLAGS)
examples_rbdrv_example_fetch_LDADD = $(E1000E_LDADD) $(LWIP_LIBS) $(HTTP_PARSER_LIBS)
endif
