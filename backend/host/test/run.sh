#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [--quick | --campaign | --fuzz [SECONDS]]: all tests of the host agent: unit tests and real VMs under AddressSanitizer and UndefinedBehaviorSanitizer, then migrations of real VMs, with faults in every state, and snapshots.
# --quick: unit tests only. --campaign: instead what is best repeated for an hour: relays, a hundred cuts under load. --fuzz: the fuzzers of fuzz/ only, each for so long (10 s), beginning with their corpus; needs clang. What breaks one is kept in the current directory.
# Each program has a time limit; processes and files of failed tests are cleaned up.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly host=$here/..
readonly started=$PWD
quick= campaign= fuzz=
case ${1:-} in
--quick) quick=1 ;;
--campaign) campaign=1 ;;
--fuzz) fuzz=${2:-10} ;;
esac

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

if [ -n "$fuzz" ]; then
	command -v clang >/dev/null || { echo "run.sh: the fuzzers need clang; install it with: apt-get install -y clang libclang-rt-dev" >&2; exit 1; }
	readonly fuzz_flags=(-std=c11 -O1 -g -Wall -Wextra -Wno-gnu-variable-sized-type-not-at-end -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all)
	cd "$here/fuzz"
	mkdir "$scratch/objects"
	../../slirp/build.sh --output "$scratch/slirp"
	read -ra glib <<<"-isystem $scratch/slirp $(pkg-config --cflags glib-2.0)"
	printf '%s\n' ../../src/*.c | grep -v /main.c | xargs -P 2 -I{} sh -c 'exec clang "$@" -c "{}" -o "'"$scratch"'/objects/$(basename "{}" .c).o"' clang "${fuzz_flags[@]}" "${glib[@]}"
	for target in *_fuzz.c; do
		name=${target%.c}
		# Some fuzzers hold the source they look into; its object would be there twice.
		rm -f "$scratch/mobihost.a"
		printf '%s\n' "$scratch"/objects/*.o | grep -vFx "$(sed -n 's|^#include "../../src/\(.*\)\.c"|'"$scratch"'/objects/\1.o|p' "$target")" | xargs ar rcs "$scratch/mobihost.a"
		clang "${fuzz_flags[@]}" -fsanitize=fuzzer -o "$scratch/$name" "$target" "$scratch/mobihost.a" "$scratch/slirp/libslirp.a" -ljansson -lsodium -lzstd -lglib-2.0 -lpthread -lm
		mkdir "$scratch/$name.found"
		run "$name" $((fuzz + 60)) sh -c 'log=$1; shift; "$@" 2>"$log" || { tail -n 60 "$log"; exit 1; }; grep "^stat::number_of_exec" "$log"' sh "$scratch/$name.log" "$scratch/$name" \
			-max_total_time="$fuzz" -timeout=10 -rss_limit_mb=1024 -max_len=70000 -print_final_stats=1 -verbosity=0 -artifact_prefix="$started/$name-" "$scratch/$name.found" \
			"corpus/$name"
	done
	[ ${#failed[@]} = 0 ] || { echo "FAILED: ${failed[*]}" >&2; exit 1; }
	echo "all passed"
	exit
fi

# A state of a migration in which no fault is tried fails the build.
run states 20 python3 "$here/migration_faults.py" --check

readonly flags=(-std=c11 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
if [ -z "$campaign" ]; then
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
fi

if [ -z "$quick" ]; then
	"$host/build.sh" --output "$scratch/mobihost"
	"$host/build.sh" --sanitize --output "$scratch/mobihost-sanitized"
	"$host/../kernel/build.sh" --output "$scratch/linux"
	"$host/../image/small/build.sh" --output "$scratch/images"
	image=(--image "$scratch/images/small.img.zst" --sha256 "$(sed -n 's/.*"sha256": "\([0-9a-f]*\)".*/\1/p' "$scratch/images/small.json")")
	"$host/../image/probe/build.sh" --output "$scratch/programs"
	sanitized=(--mobihost "$scratch/mobihost-sanitized" --linux "$scratch/linux" "${image[@]}")
	shipped=(--mobihost "$scratch/mobihost" --linux "$scratch/linux" "${image[@]}")
	probe=(--probe "$scratch/programs/load" --scratch "$scratch/vms")
	if [ -n "$campaign" ]; then
		run relay_test 600 python3 "$here/relay_test.py" "${shipped[@]}" "${probe[@]}"
		run snapshot_test 7200 python3 "$here/snapshot_test.py" "${shipped[@]}" "${probe[@]}" --cycles 100 a_cut_is_consistent
	else
		run vm_test 600 python3 "$here/vm_test.py" "${sanitized[@]}"
		run device_test 600 python3 "$here/device_test.py" "${sanitized[@]}"
		run fetch_test 600 python3 "$here/fetch_test.py" "${sanitized[@]}"
		run capture_test 600 python3 "$here/capture_test.py" "${sanitized[@]}"
		run flood_test 600 python3 "$here/flood_test.py" "${shipped[@]}"
		run migration_test 1800 python3 "$here/migration_test.py" "${shipped[@]}" "${probe[@]}"
		run migration_faults 1800 python3 "$here/migration_faults.py" "${shipped[@]}" "${probe[@]}"
		run snapshot_test 1800 python3 "$here/snapshot_test.py" "${shipped[@]}" "${probe[@]}"
	fi
fi

if [ ${#failed[@]} -gt 0 ]; then
	echo "FAILED: ${failed[*]}" >&2
	exit 1
fi
echo "all passed"
