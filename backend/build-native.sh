#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build-native.sh FOLDER: builds what runs on hosts (host agent, guest kernel, guest image) and puts it into FOLDER.
# Each part has a build script of its own with a cache outside the work tree, so that nothing is built twice.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)

"$here/kernel/build.sh" --output "$out/linux"
"$here/host/build.sh" --output "$out/mobihost" --bench "$out/bench/forward"
"$here/image/small/build.sh" --output "$out/images" --guest "$out/guest"
"$here/image/probe/build.sh" --output "$out/bench"
