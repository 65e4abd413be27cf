#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh --output FOLDER [--guest FOLDER]: builds the guest image `small` and puts small.img (sparse), small.img.zst and small.json into FOLDER,
# and into the other one what makes images of other root file systems: busybox, guestd, init.
#
# The image is BusyBox with the tools of a network laboratory, guestd and a few files of configuration. Both programs are linked with musl, which
# uses no instructions beyond the x86-64 baseline: a running guest can move to a host with a lesser CPU.
#
# BusyBox is built from the distribution's source package, which apt fetches and verifies through a configuration of its own; the distribution's
# binary has no TFTP server. The file system is written by mke2fs and debugfs alone, entry by entry in a fixed order with fixed times and owners, so
# this needs no root and the same inputs give the same bytes.
#
# The result is kept in ${XDG_CACHE_HOME:-~/.cache}/mobitopolo/image/<hash of the inputs>; a second build only copies it. BusyBox, which takes nearly
# all of the time, has a hash of its own.
set -euo pipefail
export LC_ALL=C
umask 022

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly guestd_source=$here/../guestd
readonly init_source=$here/../init
readonly packages_file=$here/../build-packages.txt
readonly busybox_version=1:1.35.0-4+deb12u1
readonly size_mib=256
readonly default_memory_mib=64
readonly label=small
readonly uuid=6d6f6269-746f-4706-8f6c-6f736d616c6c
readonly hash_seed=6d6f6269-746f-4706-8f6c-6f7365656400
# 2026-01-01 00:00:00 UTC, the time of every file
readonly epoch=1767225600

fail() {
	echo "build.sh: $*" >&2
	exit 1
}

readonly started=$(date +%s)
stage() {
	echo "[$(($(date +%s) - started)) s] $*"
}

# Runs a command with its output in the log; shows the log's end when it fails.
logged() {
	if ! "$@" >>"$log" 2>&1; then
		tail -n 20 "$log" >&2
		cp "$log" "$cache_root/failed.log"
		fail "this failed: $*; nothing was installed; the whole log is $cache_root/failed.log"
	fi
}

check_tools() {
	local missing=()
	local tool
	declare -A package=([bzip2]=bzip2 [mke2fs]=e2fsprogs [debugfs]=e2fsprogs [e2fsck]=e2fsprogs [gcc]=gcc [make]=make [musl-gcc]=musl-tools
		[patch]=patch [xz]=xz-utils [zstd]=zstd)
	# mke2fs and its kind are in a folder that is not in everybody's PATH.
	PATH=$PATH:/usr/sbin:/sbin
	for tool in "${!package[@]}"; do
		command -v "$tool" >/dev/null || missing+=("${package[$tool]}")
	done
	[ -e /usr/include/linux/version.h ] || missing+=(linux-libc-dev)
	[ ${#missing[@]} = 0 ] ||
		fail "the image can't be built: tools are missing. Install them: apt-get install $(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')"
	command -v apt-get >/dev/null || fail "the image can't be built: it takes BusyBox from a Debian or Ubuntu archive, and there is no apt-get here"
}

hash_tools() {
	gcc --version | head -n 1
	mke2fs -V 2>&1
	zstd --version
	dpkg-query -W musl-tools linux-libc-dev
}

# Names and contents of all files below a folder.
hash_folder() {
	(cd "$1" && find . -type f -printf '%P %m\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

short_hash() {
	sha256sum | cut -c 1-32
}

# Fetches the source package into ./source; sets $fetched_version.
fetch_busybox() {
	local uri release component keyring
	read -r uri release component < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
		awk '$2 !~ /-/ && $3 == "main" { print; exit }') || true
	[ -n "${uri:-}" ] || fail "apt knows no archive with the component main; check /etc/apt/sources.list.d and run apt-get update"
	mkdir -p apt/lists/partial apt/cache/archives/partial source
	keyring=/usr/share/keyrings/$(. /etc/os-release && echo "$ID")-archive-keyring.gpg
	[ ! -r "$keyring" ] || local signed="[signed-by=$keyring] "
	echo "deb-src ${signed:-}$uri $release $component" >apt/sources.list
	local apt=(apt-get -q -o Dir::Etc::sourcelist="$PWD/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o Dir::State::Lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache" -o APT::Sandbox::User="$(id -un)")
	logged "${apt[@]}" update
	if ! (cd source && "${apt[@]}" source --download-only "busybox=$busybox_version" >>"$log" 2>&1); then
		echo "The archive has no BusyBox $busybox_version any more; taking its newest." >&2
		(cd source && logged "${apt[@]}" source --download-only busybox)
	fi
	fetched_version=$(sed -n 's/^Version: //p' source/*.dsc | head -n 1)
}

build_busybox() {
	local patch_name
	stage "fetching BusyBox's source"
	fetch_busybox
	stage "building BusyBox $fetched_version"
	mkdir busybox headers
	tar -xf source/*.orig.tar.* -C busybox --strip-components=1
	tar -xf source/*.debian.tar.* -C busybox
	while read -r patch_name _; do
		case $patch_name in '' | '#'*) continue ;; esac
		logged patch -d busybox -p1 -i "debian/patches/$patch_name"
	done <busybox/debian/patches/series
	for patch_name in "$here"/busybox/*.patch; do
		logged patch -d busybox -p1 -i "$patch_name"
	done

	# The distribution's choice, changed by ours.
	sed -n 's/^\(# \)\?\(CONFIG_[A-Z0-9_]*\)[ =].*/\2/p' "$here/busybox/features.config" >changed
	grep -v -w -F -f changed busybox/debian/config/pkg/static >busybox/.config
	cat "$here/busybox/features.config" >>busybox/.config
	export KCONFIG_NOTIMESTAMP=1
	(yes '' || true) | logged make -C busybox oldconfig
	while read -r line; do
		grep -qxF -- "$line" busybox/.config || fail "BusyBox $fetched_version does not know this line of busybox/features.config any more: $line"
	done < <(grep -E '^(# )?CONFIG_' "$here/busybox/features.config")

	# musl-gcc sees musl's headers only; the kernel's are found here.
	for folder in linux asm-generic mtd scsi rdma; do
		ln -s "/usr/include/$folder" headers/
	done
	ln -s "/usr/include/$(gcc -print-multiarch)/asm" headers/
	logged make -C busybox -j "$(nproc)" CC=musl-gcc HOSTCC=gcc EXTRA_CFLAGS="-isystem $PWD/headers" busybox
	mkdir busybox-result
	mv busybox/busybox busybox-result/
	echo "$fetched_version" >busybox-result/version
	rm -rf "$busybox_cached"
	mv busybox-result "$busybox_cached"
}

# compile NAME FOLDER: makes the program of all sources in the folder.
compile() {
	logged musl-gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Os -static -s -ffile-prefix-map="$2=$1" -o "$1" "$2"/*.c
}

# Prints debugfs commands that make everything below root/ of the image: folders first, then files, then the links to BusyBox.
list_commands() {
	local path
	local folders=(bin dev etc home mnt proc root run sbin srv sys tmp usr usr/bin usr/sbin usr/local usr/local/bin usr/local/sbin var var/log var/lib
		var/lib/misc)
	{
		printf '%s\n' "${folders[@]}"
		(cd "$here/root" && find . -mindepth 1 -type d -printf '%P\n')
	} | sort -u | sed 's/^/mkdir /'
	echo "write busybox /bin/busybox"
	echo "write guestd /usr/sbin/guestd"
	(cd "$here/root" && find . -type f -printf '%P\n') | sort | while read -r path; do
		echo "write root/$path /$path"
	done
	# The kernel opens the console before there is a /dev.
	echo "cd /dev"
	echo "mknod console c 5 1"
	echo "mknod null c 1 3"
	echo "cd /"
	./busybox --list-full | sort | while read -r path; do
		[ "$path" = bin/busybox ] || echo "symlink /$path /bin/busybox"
	done
	echo "symlink /var/run /run"
	echo "symlink /etc/mtab /proc/self/mounts"
	echo "set_inode_field /tmp mode 041777"
	echo "set_inode_field /root mode 040700"
	echo "set_inode_field /dev/console mode 020600"
	echo "set_inode_field /dev/null mode 020666"
}

# debugfs goes on after an error and ends with status 0, so what it says decides.
run_debugfs() {
	debugfs -w -f "$1" small.img >debugfs.out 2>debugfs.err || fail "debugfs could not write the file system: $(tail -n 3 debugfs.err)"
	if tail -n +2 debugfs.err | grep -v '^$' >debugfs.errors; then
		fail "debugfs could not write the file system: $(head -n 3 debugfs.errors)"
	fi
}

build_file_system() {
	export E2FSPROGS_FAKE_TIME=$epoch MKE2FS_CONFIG=/dev/null
	cp -r "$here/root" root
	chmod -R u=rwX,go=rX root
	chmod 755 busybox guestd
	truncate -s "${size_mib}M" small.img
	logged mke2fs -q -F -t ext4 -b 4096 -I 256 -N 16384 -m 0 -L "$label" -U "$uuid" -J size=4 \
		-O none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,metadata_csum,sparse_super,large_file,huge_file,dir_nlink,extra_isize \
		-E "hash_seed=$hash_seed,lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,nodiscard" small.img
	list_commands >commands
	run_debugfs commands
	logged e2fsck -fn small.img
	cp --sparse=always small.img sparse.img
	mv sparse.img small.img
}

write_description() {
	local sha256
	sha256=$(sha256sum small.img | cut -d ' ' -f 1)
	cat >small.json <<-END
		{
		  "name": "small",
		  "sha256": "$sha256",
		  "sizeBytes": $((size_mib * 1024 * 1024)),
		  "description": "BusyBox with its network tools: servers and clients for HTTP, TFTP, FTP, DHCP, DNS, NTP and Telnet, a shell, an editor.",
		  "packages": [
		    {"name": "busybox", "version": "$(cat "$busybox_cached/version")"},
		    {"name": "musl", "version": "$(dpkg-query -W -f '${Version}' musl-dev)"}
		  ],
		  "architecture": "x86_64",
		  "cpuBaseline": "x86-64",
		  "defaults": {"memoryMiB": $default_memory_mib}
		}
	END
}

build_image() {
	stage "building guestd and init"
	compile guestd "$guestd_source"
	compile init "$init_source"
	stage "writing the file system"
	cp "$busybox_cached/busybox" busybox
	build_file_system
	stage "packing"
	logged zstd -q -19 -T1 -f small.img -o small.img.zst
	write_description
}

output=
guest=
while [ $# -gt 0 ]; do
	case $1 in
	--output)
		[ $# -ge 2 ] || fail "--output needs a folder"
		output=$2
		shift 2
		;;
	--guest)
		[ $# -ge 2 ] || fail "--guest needs a folder"
		guest=$2
		shift 2
		;;
	*) fail "unknown argument $1; usage: build.sh --output FOLDER [--guest FOLDER]" ;;
	esac
done
[ -n "$output" ] || fail "usage: build.sh --output FOLDER [--guest FOLDER]"
mkdir -p "$output" ${guest:+"$guest"} || fail "the folder $output can't be made"
output=$(cd "$output" && pwd)
[ -z "$guest" ] || guest=$(cd "$guest" && pwd)

check_tools
readonly cache_root=${XDG_CACHE_HOME:-$HOME/.cache}/mobitopolo/image
readonly busybox_cached=$cache_root/busybox-$({
	hash_tools
	hash_folder "$here/busybox"
	cat "${BASH_SOURCE[0]}"
} | short_hash)
readonly cached=$cache_root/small-$({
	hash_tools
	hash_folder "$here"
	cat "$guestd_source"/*.c "$guestd_source"/*.h "$init_source"/*.c "$init_source"/*.h
} | short_hash)
mkdir -p "$cache_root"
exec 9>"$cache_root/lock"
flock 9
if [ ! -e "$cached/small.json" ]; then
	work=$(mktemp -d "$cache_root/build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	readonly log=$work/log
	mkdir "$work/busybox" "$work/image" "$work/image/result"
	cd "$work/busybox"
	[ -e "$busybox_cached/version" ] || build_busybox
	cd "$work/image"
	build_image
	mv small.img small.img.zst small.json busybox guestd init result/
	rm -rf "$cached"
	mv result "$cached"
	rm -f "$cache_root/failed.log"
fi
# install_files FOLDER FILE...: from the cache
install_files() {
	local to=$1 file
	shift
	for file; do
		cp --sparse=always "$cached/$file" "$to/.$file.new"
		mv -f "$to/.$file.new" "$to/$file"
	done
}
install_files "$output" small.img small.img.zst small.json
[ -z "$guest" ] || install_files "$guest" busybox guestd init
stage "small: $output"
