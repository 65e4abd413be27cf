#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh --output FILE [--bench FILE] [--sanitize]: builds the host agent, one static binary.
#
# --bench: also the benchmark of the packet path (bench/forward.c), which needs no VM.
# --sanitize: for tests: with AddressSanitizer and UndefinedBehaviorSanitizer, not static, not stripped.
#
# The result is kept in ${XDG_CACHE_HOME:-~/.cache}/mobitopolo/host/<hash of the inputs>; a second build only copies it.
set -euo pipefail
export LC_ALL=C

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
	echo "build.sh: $*" >&2
	exit 1
}

output= bench= sanitize=
while [ $# -gt 0 ]; do
	case $1 in
	--output) [ $# -ge 2 ] || fail "--output needs a file"; output=$2; shift ;;
	--bench) [ $# -ge 2 ] || fail "--bench needs a file"; bench=$2; shift ;;
	--sanitize) sanitize=1 ;;
	*) fail "unknown argument $1; use: build.sh --output FILE [--bench FILE] [--sanitize]" ;;
	esac
	shift
done
[ -n "$output" ] || fail "use: build.sh --output FILE [--bench FILE] [--sanitize]"

command -v gcc >/dev/null && for library in jansson sodium zstd; do
	[ -e "$(gcc -print-file-name=lib$library.a)" ] || missing=1
done || missing=1
[ -e /usr/include/xxhash.h ] || missing=1
command -v pkg-config >/dev/null && pkg-config --exists glib-2.0 && [ -e "$(gcc -print-file-name=libglib-2.0.a)" ] || missing=1
[ -z "${missing:-}" ] ||
	fail "tools or libraries are missing; install them with: apt-get install -y --no-install-recommends $(tr '\n' ' ' <"$here/build-packages.txt")"

flags=(-std=c11 -O2 -g -Wall -Wextra -Werror -fstack-protector-strong -D_FORTIFY_SOURCE=2)
link=(-static)
libraries=(-ljansson -lsodium -lzstd -lglib-2.0 -lpcre2-8 -lpthread -lm)
if [ -n "$sanitize" ]; then
	flags=(-std=c11 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
	link=(-fsanitize=address,undefined)
fi

cd "$here"
inputs=(build.sh slirp/build.sh bench/forward.c src/*.c src/*.h ../kernel/um_control.h ../kernel/um_disk.h ../kernel/um_xstate.h ../image/guestd/guest_protocol.h)
hash=$({ sha256sum "${inputs[@]}"; echo "$sanitize"; gcc -dumpfullversion; } | sha256sum | cut -c1-64)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mobitopolo/host
mkdir -p "$cache"
if [ ! -x "$cache/$hash/mobihost" ]; then
	# Two builds of the same sources at once: the second one waits and finds the result.
	exec 9>"$cache/lock"
	flock 9
fi
if [ ! -x "$cache/$hash/mobihost" ]; then
	work=$(mktemp -d "$cache/build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	slirp/build.sh --output "$work/slirp"
	read -ra glib <<<"-isystem $work/slirp $(pkg-config --cflags glib-2.0)"
	# Names in the binary do not depend on where the sources lie.
	printf '%s\n' src/*.c | xargs -P 2 -I{} sh -c 'exec gcc "$@" -ffile-prefix-map="$PWD"=. -c "{}" -o "'"$work"'/$(basename "{}" .c).o"' gcc "${flags[@]}" "${glib[@]}" ||
		fail "the host agent does not compile; see above"
	# glib can look up users, which in a static program needs the host's libraries; nothing here asks it to.
	gcc "${flags[@]}" "${link[@]}" -Wl,--no-warnings -o "$work/mobihost" "$work"/*.o "$work/slirp/libslirp.a" "${libraries[@]}" || fail "the host agent does not link; see above"
	gcc "${flags[@]}" -c bench/forward.c -o "$work/bench.forward" && rm "$work/main.o" && mv "$work/bench.forward" "$work/main.o" &&
		gcc "${flags[@]}" "${link[@]}" -Wl,--no-warnings -o "$work/forward" "$work"/*.o "$work/slirp/libslirp.a" "${libraries[@]}" ||
		fail "the benchmark does not build; see above"
	[ -n "$sanitize" ] || strip "$work/mobihost" "$work/forward"
	rm -rf "$work"/*.o "$work/slirp"
	rm -rf "${cache:?}/$hash"
	mv "$work" "$cache/$hash"
	trap - EXIT
	chmod 755 "$cache/$hash"
fi
# A program that runs from the old file keeps it.
deliver() {
	mkdir -p "$(dirname "$2")"
	cp "$cache/$hash/$1" "$2.new.$$"
	mv "$2.new.$$" "$2"
}
deliver mobihost "$output"
[ -z "$bench" ] || deliver forward "$bench"
