#!/bin/sh
# SPDX-License-Identifier: MIT
# Make configure and Makefile.in from their sources; needed once after a clone.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --force "$@"
