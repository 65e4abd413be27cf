#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# sources.sh NATIVE FILE: puts the complete sources of what is linked into the native parts under the GPL and the LGPL (Linux, BusyBox, glibc, GLib) into FILE, a tar
# file: the source packages that NATIVE/legal/sources.tsv names, in exactly these versions. A release carries it beside its packages.
#
# The kernel's source is the tarball that it was built from; the others are fetched with apt through a private configuration, from the suites of the mirror that this machine
# uses: no root, and the machine's own package lists stay as they are.
set -euo pipefail
export LC_ALL=C

fail() {
	echo "sources.sh: $*; nothing was written" >&2
	exit 1
}

[ $# = 2 ] || fail "use: sources.sh NATIVE FILE"
list=$1/legal/sources.tsv
[ -e "$list" ] || fail "$list is missing; natives.py makes it"
output=$(realpath -m "$2")
readonly suites='bookworm bookworm-updates'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || fail "$keyring is not there to verify the sources with; install debian-archive-keyring"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirrors() {
	apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | sort -u
}
mirror=$(mirrors | awk '$2 !~ /security/ { print $1; exit }')
security=$(mirrors | awk '$2 ~ /security/ { print $1, $2; exit }')
mkdir -p "$work"/apt/{lists/partial,cache/archives/partial} "$work/sources"
{
	for suite in $suites; do
		echo "deb-src [signed-by=$keyring] $mirror $suite main"
	done
	[ -z "$security" ] || echo "deb-src [signed-by=$keyring] $security main"
} >"$work/apt/sources.list"
apt_private() {
	apt-get -q -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$work/apt/lists" \
		-o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@" >>"$work/log" 2>&1
}
apt_private update || { tail -n 5 "$work/log" >&2; fail "the lists of sources can't be fetched"; }
while IFS=$'\t' read -r name version; do
	echo "$name $version"
	if [ "$name" = linux ]; then
		cp "${XDG_CACHE_HOME:-$HOME/.cache}"/mobitopolo/kernel/source/linux-source-*-"$version".tar.xz "$work/sources/" || fail "the tarball that the kernel was built from is not there"
		continue
	fi
	(cd "$work/sources" && apt_private --download-only source "$name=$version") || { tail -n 5 "$work/log" >&2; fail "the source of $name $version can't be fetched"; }
done <"$list"
cp "$list" "$work/sources/"
mkdir -p "$(dirname "$output")"
tar -C "$work/sources" --sort=name --owner=0 --group=0 --numeric-owner -cf "$output.part" .
mv "$output.part" "$output"
