# SPDX-License-Identifier: MIT
# How tests are built and run. Programs are cmocka tests and count case by case; scripts count
# as one each. tests/driver.sh runs them, tests/tally.sh says how it went.

if HAVE_CMOCKA
RB_TEST_BINS = $(UNIT_TESTS) $(WIRE_TESTS) $(CONTRACT_TESTS) $(QEMU_TESTS) $(HOST_TESTS)
RB_VALGRIND_BINS = $(UNIT_TESTS) $(WIRE_TESTS) $(HOST_TESTS)
check_PROGRAMS += $(RB_TEST_BINS) $(LONG_TESTS)
else
RB_TEST_BINS =
RB_VALGRIND_BINS =
endif

SCRIPT_TESTS += tests/check-driver.sh

TESTS = $(RB_TEST_BINS) $(SCRIPT_TESTS)
EXTRA_DIST += $(SCRIPT_TESTS) tests/driver.sh tests/tally.sh tests/valgrind.sh

TEST_EXTENSIONS = .sh
LOG_DRIVER = $(SHELL) $(top_srcdir)/tests/driver.sh
AM_LOG_DRIVER_FLAGS = --cases
SH_LOG_DRIVER = $(SHELL) $(top_srcdir)/tests/driver.sh
SH_LOG_COMPILER = $(SHELL)

# A test names its own machine; nothing of the caller's world may choose one for it.
AM_TESTS_ENVIRONMENT = \
	unset RBDRV_MACHINE PCID_CLIENT_CHANNEL; \
	top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; \
	CC='$(CC)'; CXX='$(CXX_FOR_HEADERS)'; NM='$(NM)'; OBJDUMP='$(OBJDUMP)'; READELF='$(READELF)'; \
	PKG_CONFIG='$(PKG_CONFIG)'; LSPCI='$(LSPCI)'; PERL='$(PERL)'; LIBS='$(LIBS)'; MAKE='$(MAKE)'; LIBTOOL='$(SHELL) $(abs_top_builddir)/libtool'; \
	RB_SANITIZE_FLAGS='$(RB_SANITIZE_FLAGS)'; RBDRV_SOVERSION='$(RBDRV_SOVERSION)'; \
	RBDRV_VERSION='$(PACKAGE_VERSION)'; \
	export top_srcdir top_builddir CC CXX NM OBJDUMP READELF PKG_CONFIG LSPCI PERL LIBS MAKE LIBTOOL \
		RB_SANITIZE_FLAGS RBDRV_SOVERSION RBDRV_VERSION;

# Automake's own check-TESTS ends in its summary; this one closes with the line that people and
# CI read. Results of an earlier run go first, so a test that leaves none counts as failed.
check-TESTS:
	@rm -f $(TEST_LOGS) $(TEST_LOGS:.log=.trs) $(TEST_SUITE_LOG)
	@rc=0; $(MAKE) $(AM_MAKEFLAGS) $(TEST_SUITE_LOG) TEST_LOGS='$(TEST_LOGS)' || rc=$$?; \
	$(SHELL) $(top_srcdir)/tests/tally.sh $(TEST_LOGS:.log=.trs) || test $$rc -ne 0 || rc=1; \
	exit $$rc

# Tests too slow for every run. Automake has rules for what is in TESTS only, so the driver is
# called from here. Ten minutes are enough for each.
check-long: all
	@test -z '$(LONG_TESTS)' || $(MAKE) $(AM_MAKEFLAGS) $(check_LTLIBRARIES) $(LONG_TESTS)
	@$(AM_TESTS_ENVIRONMENT) RBDRV_TEST_LIMIT=$${RBDRV_TEST_LIMIT:-600}; export RBDRV_TEST_LIMIT; \
	trs=; \
	for t in $(LONG_TESTS); do \
		trs="$$trs $$t.trs"; \
		rm -f $$t.trs; \
		$(LOG_DRIVER) --test-name $$t --log-file $$t.log --trs-file $$t.trs --color-tests no \
			$(AM_LOG_DRIVER_FLAGS) -- ./$$t; \
	done; \
	$(SHELL) $(top_srcdir)/tests/tally.sh $$trs

# Unit tests once more, under valgrind; a program that is not clean counts as failed. Sanitizers
# look for the same and do not run under it. A fault campaign plays in thousands of children,
# which valgrind starts slowly and is told to say nothing of.
if SANITIZERS
valgrind:
	@echo 'valgrind: 0 programs, 0 not clean'
else
valgrind: all
	@test -n '$(VALGRIND)' || { echo 'make valgrind: configure found no valgrind' >&2; exit 1; }
	@$(MAKE) $(AM_MAKEFLAGS) $(check_LTLIBRARIES) $(RB_VALGRIND_BINS)
	@$(AM_TESTS_ENVIRONMENT) VALGRIND='$(VALGRIND)' \
	$(SHELL) $(top_srcdir)/tests/valgrind.sh $(filter-out %/test_mock_campaign,$(RB_VALGRIND_BINS))
endif

bench: all
	@test -z '$(BENCH_BINS)$(BENCH_DEPS)' || $(MAKE) $(AM_MAKEFLAGS) $(BENCH_BINS) $(BENCH_DEPS)
	@rc=0; $(AM_TESTS_ENVIRONMENT) \
	for b in $(BENCH); do \
		case $$b in \
		*.sh) $(SHELL) $(top_srcdir)/$$b || { echo "$$b failed"; rc=1; } ;; \
		*) ./$$b || { echo "$$b failed"; rc=1; } ;; \
		esac; \
	done; exit $$rc

EXTRA_PROGRAMS += $(BENCH_BINS)

mostlyclean-local:
	-rm -f tests/*/*.valgrind.log tests/*/*.valgrind.log.unclean

.PHONY: check-long valgrind bench
