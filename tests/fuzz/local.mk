# SPDX-License-Identifier: MIT
# Fuzz targets. `make check` runs each over its seeds, `make fuzz` with libFuzzer for as long as one
# likes. A target is fuzz_NAME.c with a folder seeds/NAME.
UNIT_TESTS += tests/fuzz/fuzz_caps tests/fuzz/fuzz_dhcp tests/fuzz/fuzz_dma tests/fuzz/fuzz_dump tests/fuzz/fuzz_pcid tests/fuzz/fuzz_spec
FUZZ_MAIN = tests/fuzz/fuzz_main.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_caps_SOURCES = tests/fuzz/fuzz_caps.c $(FUZZ_MAIN)
tests_fuzz_fuzz_caps_LDADD = $(UNIT_LDADD)
tests_fuzz_fuzz_dhcp_SOURCES = tests/fuzz/fuzz_dhcp.c $(FUZZ_MAIN) \
	examples/e1000e/dhcp_client.c examples/e1000e/dhcp_client.h
tests_fuzz_fuzz_dhcp_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/examples/e1000e
tests_fuzz_fuzz_dhcp_LDADD = $(UNIT_LDADD)
tests_fuzz_fuzz_dma_SOURCES = tests/fuzz/fuzz_dma.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dma_LDADD = $(UNIT_LDADD)
tests_fuzz_fuzz_dump_SOURCES = tests/fuzz/fuzz_dump.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dump_LDADD = $(UNIT_LDADD)
tests_fuzz_fuzz_pcid_SOURCES = tests/fuzz/fuzz_pcid.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pcid_LDADD = $(UNIT_LDADD)
tests_fuzz_fuzz_spec_SOURCES = tests/fuzz/fuzz_spec.c $(FUZZ_MAIN)
tests_fuzz_fuzz_spec_LDADD = $(UNIT_LDADD)
EXTRA_DIST += tests/fuzz/run-fuzz.sh tests/fuzz/seeds

# The compiler of FUZZ_CC makes objects of its own, for the engine must see every branch.
fuzz: all
	@top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
	FUZZ_CC='$(FUZZ_CC)' FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_TARGETS='$(FUZZ_TARGETS)' \
	FUZZ_LIBS='$(RB_HOST_LIBS) -lpthread $(LIBS)' \
	FUZZ_CPPFLAGS="-I$(abs_top_builddir) -I$(abs_top_builddir)/include -I$(abs_top_srcdir)/include \
		-I$(abs_top_srcdir)/lib -I$(abs_top_srcdir)/examples/e1000e -D_GNU_SOURCE -DRBDRV_TEST_STATIC_HOST $(RB_HOST_CPPFLAGS)" \
	$(SHELL) $(srcdir)/tests/fuzz/run-fuzz.sh \
		$(RBDRV_WIRE_SOURCES) $(RBDRV_SOURCES) $(RBDRV_HOST_SOURCES) \
		examples/e1000e/dhcp_client.c

distclean-local:
	-rm -rf fuzz

.PHONY: fuzz
