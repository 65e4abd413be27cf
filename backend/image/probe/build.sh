#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh --output FOLDER: builds the programs that measure inside guests (load, probe, stream), and machine and fetch-qemu for comparisons, and puts them into FOLDER.
# Static and linked with musl, so that they run in any image and on the least CPU. Takes a second, so nothing is cached.
set -eu
[ $# = 2 ] && [ "$1" = --output ] || { echo "Usage: build.sh --output FOLDER" >&2; exit 2; }
command -v musl-gcc >/dev/null || { echo "build.sh: musl-gcc is missing; nothing was built; install the package musl-tools" >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
for program in load probe stream machine; do
	musl-gcc -static -O2 -s -std=c11 -Wall -Wextra -Werror -o "$2/$program" "$here/$program.c"
done
cp "$here/fetch-qemu.sh" "$2/fetch-qemu"
