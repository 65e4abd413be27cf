#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh --output FOLDER: puts libslirp.a and libslirp.h into FOLDER: user-mode address translation for gateways (BSD licence).
#
# The distribution has libslirp as a shared library only, and the host agent is static, so it is built here from the distribution's source package
# of a pinned version, verified by its SHA-256. It is fetched with apt through a private configuration: no root, and the machine's own package lists stay as they are.
#
# The result is kept in ${XDG_CACHE_HOME:-~/.cache}/mobitopolo/slirp/<hash of the inputs>; a second build only copies it.
set -euo pipefail
export LC_ALL=C

readonly version=4.7.0 package_version=4.7.0-1 suite=bookworm
readonly tarball=libslirp_$version.orig.tar.bz2
readonly tarball_sha256=358ce8b6ea59ec9deac937cc754f0115b992839e7b0cddf30ffb8f77dc21da82

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mobitopolo/slirp
work=

fail() {
	echo "slirp/build.sh: $*" >&2
	exit 1
}

[ $# = 2 ] && [ "$1" = --output ] || fail "use: build.sh --output FOLDER"
output=$2
command -v pkg-config >/dev/null && pkg-config --exists glib-2.0 && [ -e "$(gcc -print-file-name=libglib-2.0.a)" ] ||
	fail "tools or libraries are missing; install them with: apt-get install -y --no-install-recommends $(tr '\n' ' ' <"$here/../build-packages.txt")"

apt_private() {
	apt-get -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$work/apt/lists" \
		-o Dir::Cache="$work/apt/cache" -o Dir::Log="$work/apt/log" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -q "$@"
}

# Leaves the tarball in the cache.
fetch() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror log=$work/log
	[ ! -e "$cache/$tarball" ] || ! sha256sum --status -c - <<<"$tarball_sha256  $cache/$tarball" || return 0
	command -v apt-get >/dev/null || fail "there is no apt here to fetch the source of libslirp with"
	[ -e "$keyring" ] || fail "$keyring is not there to verify the source of libslirp with; install debian-archive-keyring"
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>>"$log" | awk '$2 !~ /security/ { print $1; exit }')
	[ -n "$mirror" ] || fail "apt on this machine has no mirror to take the source of libslirp from"
	mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,log}
	echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$work/apt/sources.list"
	apt_private update >>"$log" 2>&1 || { cat "$log" >&2; fail "the package lists of $suite can't be fetched from this machine's mirror"; }
	(cd "$work" && apt_private --download-only source "libslirp=$package_version") >>"$log" 2>&1 ||
		{ cat "$log" >&2; fail "the source of libslirp $package_version can't be fetched"; }
	sha256sum --status -c - <<<"$tarball_sha256  $work/$tarball" || fail "the source of libslirp $version does not have the checksum it must have; nothing was built"
	mv "$work/$tarball" "$cache/$tarball"
}

hash=$({ sha256sum "$here/build.sh" | cut -d' ' -f1; gcc -dumpfullversion; pkg-config --modversion glib-2.0; } | sha256sum | cut -c1-64)
mkdir -p "$cache" "$output"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$cache/$hash/libslirp.a" ]; then
	work=$(mktemp -d "$cache/build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	fetch
	tar -C "$work" -xjf "$cache/$tarball" --strip-components=1
	IFS=. read -r major minor micro <<<"$version"
	sed -e "s/@SLIRP_MAJOR_VERSION@/$major/" -e "s/@SLIRP_MINOR_VERSION@/$minor/" -e "s/@SLIRP_MICRO_VERSION@/$micro/" \
		-e "s/@SLIRP_VERSION_STRING@/\"$version\"/" "$work/src/libslirp-version.h.in" >"$work/src/libslirp-version.h"
	read -ra glib <<<"$(pkg-config --cflags glib-2.0)"
	(cd "$work/src" && printf '%s\n' *.c |
		xargs -P 2 -I{} gcc -std=gnu99 -O2 -g -w -fstack-protector-strong -ffile-prefix-map="$work"=. -DG_LOG_DOMAIN='"Slirp"' -DBUILDING_LIBSLIRP "${glib[@]}" -c {}) ||
		fail "libslirp does not compile; see above"
	mkdir "$work/result"
	(cd "$work/src" && ar rcsD "$work/result/libslirp.a" ./*.o && cp libslirp.h libslirp-version.h "$work/result/")
	rm -rf "${cache:?}/$hash"
	mv "$work/result" "$cache/$hash"
fi
cp "$cache/$hash"/* "$output/"
