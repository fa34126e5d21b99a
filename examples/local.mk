# SPDX-License-Identifier: MIT
# Example drivers. Built and installed as any driver: they link -lrbdrv and nothing else.
# Each is examples/NAME in the build directory and rbdrv-example-NAME when installed.

bin_PROGRAMS += examples/rbdrv-example-edu
noinst_PROGRAMS += examples/edu
examples_rbdrv_example_edu_SOURCES = examples/edu.c
examples_rbdrv_example_edu_LDADD = lib/librbdrv.la
examples_edu_SOURCES = examples/edu.c
examples_edu_LDADD = lib/librbdrv.la
