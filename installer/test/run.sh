#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh PACKAGES: tests the Linux packages in the folder PACKAGES as users meet them.
#
# All happens inside a bare Debian system of its own (made by debootstrap; kept in ${XDG_CACHE_HOME:-~/.cache}/mobitopolo/debian, so that it is fetched once), in a mount and a
# process namespace: this machine stays as it is, and nothing goes on when the test ends, however it ends. The bare system has no desktop, not even its folders;
# later the desktop's tools are added. Pictures of the window are left in PACKAGES/../screenshots, to be looked at.
set -euo pipefail
export LC_ALL=C.UTF-8

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly suite=bookworm

fail() {
	echo "installer/test: $*" >&2
	exit 1
}

# Leaves a bare system in $root.
prepare_system() {
	local mirror
	if [ ! -e "$base" ]; then
		mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | awk '$2 !~ /-/ && $1 ~ /debian/ { print $1; exit }')
		[ -n "$mirror" ] || fail "apt on this machine has no mirror of Debian to make a bare system of"
		mkdir -p "$(dirname "$base")"
		debootstrap --variant=minbase "$suite" "$work/base" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -n 5 "$work/debootstrap.log" >&2; fail "no bare system can be made"; }
		rm -f "$work"/base/var/cache/apt/archives/*.deb
		tar -C "$work/base" --one-file-system -cf "$base.part" .
		mv "$base.part" "$base"
		rm -rf "$work/base"
	fi
	mkdir -p "$root"
	tar -C "$root" -xf "$base"
}

if [ "${1:-}" != --inside ]; then
	[ $# = 1 ] || fail "use: run.sh PACKAGES"
	packages=$(realpath "$1")
	[ "$(id -u)" = 0 ] || fail "installing packages needs root, also in a system of their own: run it as root"
	for tool in debootstrap unshare Xvfb xdotool rpm rpm2cpio cpio desktop-file-validate python3; do
		command -v $tool >/dev/null || fail "$tool is missing; install the packages of .mvn/packages-installer.txt"
	done
	work=$(mktemp -d "${TMPDIR:-/tmp}/mobitopolo-packages.XXXXXX")
	trap 'rm -rf --one-file-system "$work"' EXIT
	base=${XDG_CACHE_HOME:-$HOME/.cache}/mobitopolo/debian/$suite.tar
	root=$work/root
	prepare_system
	unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" --inside "$packages" "$work"
	exit
fi

packages=$2 work=$3 root=$3/root
readonly pictures=$packages/../screenshots
readonly deb=$(echo "$packages"/*.deb) rpm=$(echo "$packages"/*.rpm) tarball=$(echo "$packages"/*.tar.xz)

mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mkdir -p -m 1777 /tmp/.X11-unix
mkdir -p "$root/tmp/.X11-unix" "$pictures"
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"

inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# As an account without any privilege, whose home is new.
as_user() {
	chroot --userspec=tester:tester "$root" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/home/tester "$@"
}

step() {
	printf 'installer/test %4ds  %s\n' "$SECONDS" "$*"
}

. "$here/window.sh"

# Names of all files that have to do with the program, but those of the account, and those that name it.
traces() {
	# the folder in which all this happens has the program's name, too
	(cd "$root" && find . -xdev -ipath '*mobitopolo*' -not -path './home/*' -not -path './var/log/*' -not -path './packages*' | sort)
	(cd "$root" && grep -rl mobitopolo usr/share/mime usr/share/applications etc var/lib/dpkg 2>/dev/null | grep -v -- '-old$' | sort) || true
}

test_package_itself() {
	step "fields of the package, desktop entry"
	dpkg-deb --field "$deb" Depends | grep -q 'libgtk-3-0' || fail "the package does not depend on GTK, which the window needs"
	dpkg-deb --ctrl-tarfile "$deb" | tar -t >"$work/control"
	! grep -E 'inst$|rm$' "$work/control" || fail "the package has scripts; it should need none"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/share/applications/mobitopolo.desktop >"$work/mobitopolo.desktop"
	desktop-file-validate "$work/mobitopolo.desktop" >"$work/validate" 2>&1 || { cat "$work/validate" >&2; fail "the desktop entry is not valid"; }
	[ ! -s "$work/validate" ] || { cat "$work/validate" >&2; fail "the desktop entry has weaknesses"; }
	grep -q '^Exec=.* %f$' "$work/mobitopolo.desktop" || fail "the desktop entry does not hand the file over"
}

test_install_on_bare_system() {
	step "installing where there is no desktop"
	[ ! -e "$root/usr/share/desktop-directories" ] || fail "the bare system has desktop folders, so this shows nothing"
	inside useradd --create-home tester
	inside apt-get update -qq
	traces >"$work/before"
	mkdir "$root/packages"
	cp "$deb" "$root/packages/mobitopolo.deb"
	inside apt-get install -y -qq --no-install-recommends /packages/mobitopolo.deb >"$work/install.log" 2>&1 || { tail "$work/install.log" >&2; fail "the package can't be installed"; }
	[ "$(inside dpkg-query -W -f '${db:Status-Status}' mobitopolo)" = installed ] || fail "the package is not fully installed"
	inside dpkg --verify mobitopolo >"$work/verify"
	[ ! -s "$work/verify" ] || { cat "$work/verify" >&2; fail "installed files differ from the package's"; }
}

test_legal_texts() {
	local legal=$root/usr/lib/mobitopolo/lib/app/legal file
	step "licences"
	for file in LICENSE.txt GPL-2.txt LGPL-2.1.txt THIRD-PARTY-JAVA.txt THIRD-PARTY-NATIVE.txt native/linux.txt native/busybox.txt; do
		[ -s "$legal/$file" ] || fail "legal/$file is missing"
	done
	[ -s "$root/usr/lib/mobitopolo/lib/runtime/legal/java.base/LICENSE" ] || fail "the licence of the Java runtime is missing"
	[ -s "$root/usr/share/doc/mobitopolo/copyright" ] || fail "the package has no copyright file"
	python3 "$here/materials.py" "$legal" "$root/usr/lib/mobitopolo" || fail "the bills of materials are not complete"
}

test_command_line() {
	step "command line"
	as_user mobitopolo version >"$work/version" 2>"$work/complaint" || fail "mobitopolo version fails"
	grep -qx "Mobitopolo $(dpkg-deb --field "$deb" Version)" "$work/version" || fail "the program says it is: $(cat "$work/version")"
	[ ! -s "$work/complaint" ] || { cat "$work/complaint" >&2; fail "the program warns"; }
	as_user mobitopolo --help >"$work/help" || fail "mobitopolo --help fails"
	grep -q '^Usage: mobitopolo' "$work/help" || fail "mobitopolo --help does not help"
	if as_user mobitopolo 2>"$work/complaint"; then fail "without a display the window can't have come up"; fi
	grep -q 'no display' "$work/complaint" || fail "without a display it says: $(cat "$work/complaint")"
}

test_demo() {
	step "demo with VMs, as an account without privileges"
	as_user mobitopolo demo --json >"$work/demo.json" 2>"$work/demo.log" || { cat "$work/demo.json" "$work/demo.log" >&2; fail "the demo fails"; }
	step "demo: $(head -c 200 "$work/demo.json")"
	inside sh -c 'for p in /proc/[0-9]*; do readlink "$p/exe"; done' >"$work/processes" || true
	! grep -E 'mobihost|/linux$' "$work/processes" || fail "processes of the demo go on after it"
}

test_window() {
	step "window"
	cp "$root/usr/lib/mobitopolo/lib/app/samples/decoupled-file-server.json" "$root/home/tester/lab.mobitopolo.json"
	chown tester:tester "$root/home/tester/lab.mobitopolo.json" 2>/dev/null || inside chown tester:tester /home/tester/lab.mobitopolo.json
	window welcome Mobitopolo mobitopolo
	window file 'file-server' mobitopolo open /home/tester/lab.mobitopolo.json
	[ ! -e "$root/home/tester/.openjfx" ] || fail "libraries were unpacked into the account's home"
}

type_of() {
	local got
	got=$(as_user gio info -a standard::content-type "/home/tester/$1" | sed -n 's/.*standard::content-type: //p')
	[ "$got" = "$2" ] || fail "$1 is taken for $got instead of $2"
}

test_file_association() {
	local type
	step "file association"
	inside apt-get install -y -qq --no-install-recommends desktop-file-utils xdg-utils libglib2.0-bin shared-mime-info >"$work/desktop.log" 2>&1 ||
		{ tail "$work/desktop.log" >&2; fail "the desktop's tools can't be installed"; }
	# an empty file is plain text to GLib, whatever its name
	as_user sh -c 'echo > /home/tester/lab.mobitopolo'
	type_of lab.mobitopolo application/x-mobitopolo
	type_of lab.mobitopolo.json application/x-mobitopolo-topology
	for type in application/x-mobitopolo application/x-mobitopolo-topology; do
		[ "$(as_user xdg-mime query default $type)" = mobitopolo.desktop ] || fail "$type is opened by: $(as_user xdg-mime query default $type)"
	done
	window association 'file-server' gio open /home/tester/lab.mobitopolo.json
}

test_removal() {
	step "installing once more, removing, purging"
	inside dpkg -i /packages/mobitopolo.deb >"$work/again.log" 2>&1 || { cat "$work/again.log" >&2; fail "the package can't be installed over itself"; }
	inside apt-get purge -y -qq mobitopolo >"$work/purge.log" 2>&1 || { cat "$work/purge.log" >&2; fail "the package can't be removed"; }
	traces >"$work/after"
	diff "$work/before" "$work/after" || fail "the lines above are left of the package"
}

test_rpm() {
	step "rpm"
	rpm -qp --requires "$rpm" >"$work/requires"
	grep -q '^libgtk-3\.so' "$work/requires" || fail "the rpm does not require GTK"
	! grep -E '^lib(jvm|java|glass|prism)' "$work/requires" || fail "the rpm requires its own libraries"
	rpm -qp --scripts "$rpm" >"$work/scripts"
	[ ! -s "$work/scripts" ] || fail "the rpm has scripts; it should need none"
	mkdir "$work/rpm" "$work/deb"
	rpm2cpio "$rpm" | (cd "$work/rpm" && cpio -id --quiet)
	dpkg-deb -x "$deb" "$work/deb"
	diff -r --no-dereference "$work/deb" "$work/rpm" || fail "the rpm and the deb differ"
	# started where the package puts it; the libraries it needs came with the deb and are still there
	cp -a "$work/rpm/usr/." "$root/usr/"
	as_user mobitopolo version | grep '^Mobitopolo' >/dev/null || fail "the program of the rpm does not start"
	as_user mobitopolo hosts >"$work/hosts" 2>&1 || { cat "$work/hosts" >&2; fail "the program of the rpm can't use this computer as a host"; }
	(cd "$work/rpm" && find . -not -type d -print0) | (cd "$root" && xargs -0 rm -f)
}

test_tarball() {
	step "tar.xz"
	tar -C "$root/opt" --no-same-owner -xJf "$tarball"
	as_user /opt/mobitopolo/bin/mobitopolo version | grep '^Mobitopolo' >/dev/null || fail "the program of the tar file does not start"
}

test_package_itself
test_install_on_bare_system
test_legal_texts
test_command_line
test_demo
start_display
test_window
test_file_association
test_removal
test_rpm
test_tarball
step "all passed"
