#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the guest kernel: a static User-Mode Linux binary.
#
#   build.sh --output FILE [--source TARBALL_OR_FOLDER]
#
# The kernel's source is the distribution's linux-source package of a pinned version, verified by its SHA-256. It is fetched with apt, through
# a private configuration (no root, and the machine's own package lists stay as they are) whose mirror is the one this machine uses. When
# that version is gone from the mirror, the newest 7.x there is taken, which apt's own signature vouches for.
#
# The result is kept in ${XDG_CACHE_HOME:-~/.cache}/mobitopolo/kernel/<hash of all inputs>/linux, so a second build is a copy. The
# build is reproducible: the same inputs give the same bytes, wherever and by whomever it is made.
set -euo pipefail
export LC_ALL=C

readonly version=7.3
readonly package_version='7.3.4-1~bpo13+1'
readonly suite=trixie-backports
readonly tarball_sha256=76df1affb19f24926949369be1d74b60071c963c598ce8780bddd4bbf0fc3bc4

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mobitopolo/kernel
output=''
source=''
log=''
work=''

stage() {
	printf 'kernel %4ds  %s\n' "$SECONDS" "$*"
}

fail() {
	printf 'build.sh: %s\n' "$*" >&2
	if [[ -n $log && -s $log ]]; then
		printf 'The end of %s:\n' "$log" >&2
		tail -n 20 "$log" >&2
	fi
	exit 1
}

parse_arguments() {
	while (($#)); do
		case $1 in
		--output) output=${2:?--output needs a file} ;;
		--source) source=${2:?--source needs a tarball or a folder} ;;
		*) fail "unknown argument $1; usage: build.sh --output FILE [--source TARBALL_OR_FOLDER]" ;;
		esac
		shift 2
	done
	[[ -n $output ]] || fail 'say where the kernel is to be put: --output FILE'
	[[ -z $source || -e $source ]] || fail "the source $source does not exist"
	output=$(realpath -m "$output")
	[[ -z $source ]] || source=$(realpath "$source")
}

# Everything the result depends on. A source folder counts by its path and the time of its last change.
inputs_hash() {
	{
		cat "$here"/patches/*.patch "$here"/guest.config "$here"/um_control.h "$here"/um_disk.h "$here"/um_xstate.h "$here"/build.sh
		${CC:-gcc} --version 2>&1 || true
		ld --version 2>&1 || true
		if [[ -n $source ]]; then
			stat -c '%n %s %Y' "$source"
		fi
	} | sha256sum | cut -d' ' -f1
}

deliver() {
	local temporary
	mkdir -p "$(dirname "$output")"
	temporary=$(mktemp "$output.XXXXXX")
	cp "$1" "$temporary"
	chmod 755 "$temporary"
	mv "$temporary" "$output"
}

require_tools() {
	local missing=() tool
	for tool in gcc ld make flex bison bc patch tar xz flock strip; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	if command -v gcc >/dev/null && [[ $(gcc -print-file-name=libc.a) != /* ]]; then
		missing+=(libc.a)
	fi
	if ((${#missing[@]})); then
		fail "these are needed to build and are not installed: ${missing[*]}. Run: apt-get install $(paste -sd' ' "$here/build-packages.txt")"
	fi
}

apt_private() {
	"$1" -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o Dir::Log="$work/apt/log" \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -q "${@:2}"
}

# Leaves the tarball in $cache/source; sets tarball.
fetch_tarball() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror name=linux-source-$version wanted=$package_version
	local known=$cache/source/$name-$package_version.tar.xz
	tarball=$known
	if [[ -e $known ]] && sha256sum --status -c - <<<"$tarball_sha256  $known"; then
		stage "source of linux $version is here already"
		return
	fi

	command -v apt-get dpkg-deb >/dev/null ||
		fail "there is no apt here to fetch the kernel's source with; give it by --source"
	[[ -e $keyring ]] || fail "$keyring is not there to verify the kernel's source with; install debian-archive-keyring, or give --source"
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>>"$log" | awk '$2 !~ /security/ { print $1; exit }')
	[[ -n $mirror ]] || fail "apt on this machine has no mirror to take the kernel's source from; give it by --source"

	mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,log} "$cache/source"
	echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/apt/sources.list"
	stage "fetching $name $package_version"
	apt_private apt-get update >>"$log" 2>&1 || fail "the package lists of $suite can't be fetched from this machine's mirror"
	if ! (cd "$work" && apt_private apt-get download "$name=$wanted") >>"$log" 2>&1; then
		read -r name wanted < <(apt_private apt-cache madison '^linux-source-7\.[0-9]+$' 2>>"$log" | awk '{ print $1, $3 }' | sort -Vr) ||
			fail "$name $package_version can't be fetched, and the mirror has no other 7.x"
		stage "version $package_version is gone: taking $name $wanted, whose checksum is not known beforehand"
		(cd "$work" && apt_private apt-get download "$name=$wanted") >>"$log" 2>&1 || fail "$name $wanted can't be fetched"
		tarball=$cache/source/$name-$wanted.tar.xz
	fi
	dpkg-deb --fsys-tarfile "$work"/"${name}"_*.deb | tar -xO --wildcards "./usr/src/linux-source-*.tar.xz" >"$tarball.part" 2>>"$log" ||
		fail "the package $name can't be unpacked"
	rm -f "$work"/*.deb
	if [[ $tarball == "$known" ]] && ! sha256sum --status -c - <<<"$tarball_sha256  $tarball.part"; then
		rm -f "$tarball.part"
		fail "the source of linux $package_version does not have the checksum it must have; nothing was built"
	fi
	mv "$tarball.part" "$tarball"
}

# Drivers and documentation which no guest has are left out: unpacking is a tenth of the build.
unpack() {
	stage 'unpacking'
	mkdir -p "$work/linux"
	if [[ -d $1 ]]; then
		cp -a "$1/." "$work/linux"
	else
		tar -xf "$1" -C "$work/linux" --strip-components=1 --wildcards \
			--exclude='*/Documentation/*/*' --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/media/*.[ch]' \
			--exclude='*/drivers/net/ethernet/*.[ch]' --exclude='*/drivers/net/wireless/*.[ch]' --exclude='*/drivers/staging/*.[ch]' \
			--exclude='*/drivers/scsi/*.[ch]' --exclude='*/drivers/infiniband/*.[ch]' --exclude='*/sound/*.[ch]' \
			--exclude='*/tools/testing/*' --exclude='*/tools/perf/*' >>"$log" 2>&1 ||
			fail "the kernel's source $1 can't be unpacked"
	fi
}

apply_patches() {
	local one
	[[ -d $work/linux/arch/um/include/shared ]] || fail "${source:-$tarball} is not the source of a Linux kernel"
	stage 'patching'
	cp "$here/um_control.h" "$here/um_disk.h" "$here/um_xstate.h" "$work/linux/arch/um/include/shared/"
	for one in "$here"/patches/*.patch; do
		patch -d "$work/linux" -p1 -s -N --no-backup-if-mismatch <"$one" >>"$log" 2>&1 ||
			fail "$(basename "$one") does not apply to this kernel's source"
	done
}

configure() {
	local line missing=()
	stage 'configuring'
	make -C "$work/linux" -s ARCH=um O="$work/build" KCONFIG_ALLCONFIG="$here/guest.config" allnoconfig >>"$log" 2>&1 ||
		fail 'the kernel can not be configured'
	while read -r line; do
		[[ $line == CONFIG_* || $line == '# CONFIG_'*' is not set' ]] || continue
		grep -qxF -- "$line" "$work/build/.config" && continue
		# a symbol which this configuration does not even ask for is not set either
		[[ $line == '# '* ]] && ! grep -q "^${line:2:-11}=" "$work/build/.config" && continue
		missing+=("$line")
	done <"$here/guest.config"
	((${#missing[@]} == 0)) || fail "these lines of guest.config are not in effect: ${missing[*]}"
}

compile() {
	stage "compiling on $(nproc) processors"
	KBUILD_BUILD_TIMESTAMP='2026-01-01 00:00:00 UTC' KBUILD_BUILD_USER=mobitopolo KBUILD_BUILD_HOST=mobitopolo KBUILD_BUILD_VERSION=1 \
		make -C "$work/linux" -s ARCH=um O="$work/build" LOCALVERSION= -j"$(nproc)" linux >>"$log" 2>&1 ||
		fail 'the kernel does not compile'
	strip -o "$work/linux.stripped" "$work/build/linux" || fail 'the kernel can not be stripped'
}

main() {
	local hash folder
	parse_arguments "$@"
	hash=$(inputs_hash)
	folder=$cache/$hash

	if [[ ! -e $folder/linux ]]; then
		require_tools
		mkdir -p "$folder"
		exec 9>"$folder/lock"
		flock -n 9 || { stage 'another build of the same kernel is running: waiting for it'; flock 9; }
	fi
	if [[ ! -e $folder/linux ]]; then
		log=$folder/log
		: >"$log"
		work=$(mktemp -d "$cache/work.XXXXXX")
		trap 'rm -rf "$work"' EXIT
		if [[ -n $source ]]; then
			unpack "$source"
		else
			fetch_tarball
			unpack "$tarball"
		fi
		apply_patches
		configure
		compile
		mv "$work/linux.stripped" "$folder/linux"
		stage "built $folder/linux, $(stat -c %s "$folder/linux") bytes"
	fi
	deliver "$folder/linux"
	stage "$output"
}

main "$@"
