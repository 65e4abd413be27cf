#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# package.sh IMAGE ICONS VERSION FOLDER: makes of the application image IMAGE, with the pictures in ICONS, three packages in FOLDER:
#
#   mobitopolo_VERSION_amd64.deb, mobitopolo-VERSION-1.x86_64.rpm, mobitopolo-VERSION-linux-x86_64.tar.xz (the image alone, to be unpacked anywhere)
#
# The .deb and the .rpm hold the same files: the image under /usr/lib/mobitopolo, a link in /usr/bin, and desktop entry, MIME types and icons at the places that
# freedesktop.org gives them. So the systems' own triggers bring menus and caches up to date, the packages need no scripts, and removing them leaves nothing
# behind. (The packages that jpackage makes by itself run xdg-utils from their scripts, fail where a system has no desktop, and know no dependencies of the
# libraries inside the runtime.)
#
# The same inputs give the same .deb and .tar.xz, byte for byte.
set -euo pipefail
export LC_ALL=C
umask 022

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# 2026-01-01 00:00:00 UTC, the time of every file
export SOURCE_DATE_EPOCH=1767225600

fail() {
	echo "package.sh: $*" >&2
	exit 1
}

[ $# = 4 ] || fail "use: package.sh IMAGE ICONS VERSION FOLDER"
image=$(realpath "$1") icons=$(realpath "$2") version=$3
[ -x "$image/bin/mobitopolo" ] || fail "$image is not an application image"
[ "$(uname -m)" = x86_64 ] || fail "packages are made on x86_64 only, as the guest kernel is"
for tool in dpkg-deb dpkg-shlibdeps rpmbuild xz; do
	command -v $tool >/dev/null || fail "$tool is missing; install the packages of .mvn/packages-installer.txt"
done
mkdir -p "$4"
out=$(realpath "$4")
rm -f "$out"/mobitopolo*
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Lays the files out as they are installed.
make_tree() {
	local tree=$work/tree size share
	share=$tree/usr/share
	mkdir -p "$tree/usr/lib" "$tree/usr/bin" "$share/applications" "$share/mime/packages" "$share/doc/mobitopolo"
	cp -a "$image" "$tree/usr/lib/mobitopolo"
	chmod -R u=rwX,go=rX "$tree/usr/lib/mobitopolo"
	ln -s ../lib/mobitopolo/bin/mobitopolo "$tree/usr/bin/mobitopolo"
	install -m 644 "$here/mobitopolo.desktop" "$share/applications/"
	install -m 644 "$here/mobitopolo.xml" "$share/mime/packages/"
	for size in 16 22 24 32 48 64 128 256 512; do
		install -D -m 644 "$icons/$size.png" "$share/icons/hicolor/${size}x$size/apps/mobitopolo.png"
		install -D -m 644 "$icons/$size.png" "$share/icons/hicolor/${size}x$size/mimetypes/application-x-mobitopolo.png"
	done
	install -D -m 644 "$icons/mobitopolo.svg" "$share/icons/hicolor/scalable/apps/mobitopolo.svg"
	write_copyright >"$share/doc/mobitopolo/copyright"
	find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

write_copyright() {
	local legal=/usr/lib/mobitopolo/lib/app/legal
	cat <<-END
		Mobitopolo is under the Apache License 2.0 (/usr/share/common-licenses/Apache-2.0, $legal/LICENSE.txt).

		It comes with a Java runtime and JavaFX (GNU General Public License version 2 with the Classpath exception; their
		notices are in /usr/lib/mobitopolo/lib/runtime/legal), with the libraries and the native parts listed below, and with the notices of
		all of them in $legal.

	END
	cat "$image/lib/app/legal/THIRD-PARTY-JAVA.txt" "$image/lib/app/legal/THIRD-PARTY-NATIVE.txt"
}

# Shared libraries of the image, as NAME without .so.
own_libraries() {
	find "$image" -name '*.so' -printf '%f\n' | sed 's/\.so$//' | sort -u
}

# What the runtime's libraries need of the system; dpkg-shlibdeps wants a source package around it.
shared_library_dependencies() {
	mkdir -p "$work/shlibs/debian"
	echo "Source: mobitopolo" >"$work/shlibs/debian/control"
	(cd "$work/shlibs" && find "$image" -name '*.so' -o -path '*/runtime/bin/java' -o -name jspawnhelper) >"$work/binaries"
	(cd "$work/shlibs" && xargs dpkg-shlibdeps -O --ignore-missing-info -l"$image/lib/runtime/lib" -l"$image/lib/runtime/lib/server" -l"$image/lib" <"$work/binaries") 2>"$work/shlibs.log" |
		sed -n 's/^shlibs:Depends=//p'
}

make_deb() {
	local tree=$work/deb depends
	cp -a "$work/tree" "$tree"
	depends=$(shared_library_dependencies)
	[[ $depends == *libgtk-3-0* ]] || { cat "$work/shlibs.log" >&2; fail "the dependencies of the libraries were not found: $depends"; }
	mkdir "$tree/DEBIAN"
	sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$(du -sk --apparent-size "$work/tree" | cut -f1)/" -e "s/@DEPENDS@/$depends/" "$here/control" >"$tree/DEBIAN/control"
	(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
	dpkg-deb --root-owner-group -Zxz -z6 --build "$tree" "$out/mobitopolo_${version}_amd64.deb" >/dev/null
}

make_rpm() {
	rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "_rpmdir $out" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
		--define "_buildhost mobitopolo" --define "tree $work/tree" --define "package_version $version" --define "own_libraries $(own_libraries | paste -sd'|')" \
		"$here/mobitopolo.spec" >"$work/rpm.log" 2>&1 || { cat "$work/rpm.log" >&2; fail "rpmbuild failed; see above"; }
}

make_tar() {
	tar -C "$(dirname "$image")" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - mobitopolo | xz -6 -T0 >"$out/mobitopolo-$version-linux-x86_64.tar.xz"
}

make_tree
make_deb
make_rpm
make_tar
(cd "$out" && sha256sum mobitopolo* >SHA256SUMS)
ls -l "$out" | awk '$9 ~ /^mobitopolo/ { printf "%6.1f MB  %s\n", $5 / 1e6, $9 }'
