# SPDX-License-Identifier: MIT
# Figures: make bench builds BENCH_BINS and BENCH_DEPS, then runs BENCH, in its order.
# Add a program with: BENCH_BINS += bench/NAME, BENCH += bench/NAME, bench_NAME_SOURCES, bench_NAME_LDADD = $(API_LDADD)
# Add a script with:  BENCH += bench/NAME.sh, EXTRA_DIST += bench/NAME.sh (programs that only a script runs: EXTRA_PROGRAMS and BENCH_DEPS)
BENCH += bench/mmio_accessor.sh bench/size.sh
EXTRA_DIST += bench/mmio_accessor.sh bench/mmio_loop.c bench/mmio_sites.c bench/size.sh
