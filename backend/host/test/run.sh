#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [--quick]: all tests of the host agent: unit tests and real VMs under AddressSanitizer and UndefinedBehaviorSanitizer, then migrations of real VMs.
# --quick: unit tests only. Each program has a time limit; processes and files of failed tests are cleaned up.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly host=$here/..
quick=
[ "${1:-}" != --quick ] || quick=1

scratch=$(mktemp -d "${TMPDIR:-/tmp}/mobihost-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

failed=()
run() {
	local name=$1 limit=$2
	shift 2
	echo "== $name"
	timeout --kill-after=20 "$limit" "$@" || failed+=("$name")
}

readonly flags=(-std=c11 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
cd "$here/unit"
mkdir "$scratch/objects"
../../slirp/build.sh --output "$scratch/slirp"
read -ra glib <<<"-isystem $scratch/slirp $(pkg-config --cflags glib-2.0)"
printf '%s\n' ../../src/*.c | grep -v /main.c | xargs -P 2 -I{} sh -c 'exec gcc "$@" -c "{}" -o "'"$scratch"'/objects/$(basename "{}" .c).o"' gcc "${flags[@]}" "${glib[@]}"
ar rcs "$scratch/mobihost.a" "$scratch"/objects/*.o
gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -o "$scratch/guestd" ../../../image/guestd/*.c
for test in *_test.c; do
	name=${test%.c}
	gcc "${flags[@]}" -o "$scratch/$name" "$test" "$scratch/mobihost.a" "$scratch/slirp/libslirp.a" -ljansson -lsodium -lzstd -lglib-2.0 -lpthread -lm
	arguments=()
	[ "$name" != guest_test ] || arguments=("$scratch/guestd")
	run "$name" 180 "$scratch/$name" "${arguments[@]}"
done

if [ -z "$quick" ]; then
	"$host/build.sh" --output "$scratch/mobihost"
	"$host/build.sh" --sanitize --output "$scratch/mobihost-sanitized"
	"$host/../kernel/build.sh" --output "$scratch/linux"
	"$host/../image/small/build.sh" --output "$scratch/images"
	image=(--image "$scratch/images/small.img.zst" --sha256 "$(sed -n 's/.*"sha256": "\([0-9a-f]*\)".*/\1/p' "$scratch/images/small.json")")
	run vm_test 600 python3 "$here/vm_test.py" --mobihost "$scratch/mobihost-sanitized" --linux "$scratch/linux" "${image[@]}"
	run device_test 600 python3 "$here/device_test.py" --mobihost "$scratch/mobihost-sanitized" --linux "$scratch/linux" "${image[@]}"
	run capture_test 600 python3 "$here/capture_test.py" --mobihost "$scratch/mobihost-sanitized" --linux "$scratch/linux" "${image[@]}"
	"$host/../image/probe/build.sh" --output "$scratch/programs"
	run migration_test 1200 python3 "$here/migration_test.py" --mobihost "$scratch/mobihost" --linux "$scratch/linux" "${image[@]}" --probe "$scratch/programs/load" \
		--scratch "$scratch/migration"
	run snapshot_test 1200 python3 "$here/snapshot_test.py" --mobihost "$scratch/mobihost-sanitized" --linux "$scratch/linux" "${image[@]}" --probe "$scratch/programs/load" \
		--scratch "$scratch/snapshot"
fi

if [ ${#failed[@]} -gt 0 ]; then
	echo "FAILED: ${failed[*]}" >&2
	exit 1
fi
echo "all passed"
