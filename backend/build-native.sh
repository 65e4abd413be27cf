#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build-native.sh FOLDER: builds what runs on hosts (host agent, guest kernel, guest image) and puts it into FOLDER.
# Each part has a build script of its own with a cache outside the work tree, so that nothing is built twice; a second run waits for the first one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)

scratch=$(mktemp -d)
kernel=
trap 'rm -rf "$scratch"; [ -z "$kernel" ] || kill "$kernel" 2>/dev/null || true' EXIT
# Faster compilers, where programs get huge pages only if they ask.
faster=$scratch/huge-pages.so
if grep -qs '\[madvise\]' /sys/kernel/mm/transparent_hugepage/enabled && gcc -O2 -shared -fPIC -o "$faster" "$here/huge-pages.c" 2>/dev/null &&
  [ -z "$(LD_PRELOAD="$faster" env true 2>&1)" ]; then
  export LD_PRELOAD="$faster"
fi

# The kernel takes longest, and one processor for much of its beginning and end.
"$here/kernel/build.sh" --output "$out/linux" &
kernel=$!
"$here/host/build.sh" --output "$out/mobihost" --bench "$out/bench/forward"
"$here/image/small/build.sh" --output "$out/images" --guest "$out/guest"
"$here/image/probe/build.sh" --output "$out/bench"
wait "$kernel"
kernel=
