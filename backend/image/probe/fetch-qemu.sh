#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# fetch-qemu.sh: prints a folder with QEMU 10 or later for `mobitopolo bench migrate --qemu`, which it fetches first if it is not there.
#
# QEMU, its libraries down to the C library, its firmware and a kernel for the machine come from Debian by apt, through a private configuration: no root, nothing is
# installed, the machine's own package lists stay as they are. All lies in ${XDG_CACHE_HOME:-~/.cache}/mobitopolo/qemu, 250 MB, and may be deleted at any time. Inside:
# run (starts QEMU), vmlinuz.
set -euo pipefail
export LC_ALL=C

readonly suite=trixie
readonly packages=(qemu-system-x86 linux-image-cloud-amd64)
readonly folder=${XDG_CACHE_HOME:-$HOME/.cache}/mobitopolo/qemu
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
	echo "fetch-qemu.sh: $*" >&2
	exit 1
}

mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if [ ! -x "$folder/$suite/run" ]; then
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "there is no apt here to fetch QEMU with; name one of your own by --qemu"
	[ -e "$keyring" ] || fail "$keyring is not there to verify QEMU with; install debian-archive-keyring, or name a QEMU of your own by --qemu"
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk '$2 !~ /security/ { print $1; exit }')
	[ -n "$mirror" ] || fail "apt on this machine has no mirror to take QEMU from; name one of your own by --qemu"
	work=$(mktemp -d "$folder/work.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,log} "$work/root"
	echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/apt/sources.list"
	: >"$work/apt/status"
	private=(-o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$work/apt/lists" -o Dir::State::status="$work/apt/status"
		-o Dir::Cache="$work/apt/cache" -o Dir::Log="$work/apt/log" -o Debug::NoLocking=true -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o APT::Install-Recommends=false -q)
	echo "fetching ${packages[*]} and what they need" >&2
	apt-get "${private[@]}" update >"$work/log" 2>&1 || fail "the package lists of $suite can't be fetched: $(tail -n 3 "$work/log")"
	apt-get "${private[@]}" --download-only --yes install "${packages[@]}" >>"$work/log" 2>&1 || fail "QEMU can't be fetched: $(tail -n 3 "$work/log")"
	for package in "$work"/apt/cache/archives/*.deb; do
		case $(basename "$package") in
		linux-image-*) dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/root" --wildcards './boot/vmlinuz-*' 2>/dev/null || true ;;
		qemu-* | lib* | seabios* | ipxe* | zlib*) dpkg-deb -x "$package" "$work/root" ;;
		esac
	done
	mv "$work"/root/boot/vmlinuz-* "$work/root/vmlinuz" || fail "the kernel package holds no kernel"
	cat >"$work/root/run" <<'RUN'
#!/bin/sh
root=$(dirname "$(realpath "$0")")
exec "$root"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path "$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/qemu-system-x86_64" \
	-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
RUN
	chmod 755 "$work/root/run"
	rm -rf "${folder:?}/$suite"
	mv "$work/root" "$folder/$suite"
fi
echo "$folder/$suite"
