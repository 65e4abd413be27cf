#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# launcher.sh IMAGE: gives the application image IMAGE a launcher of its own, and a cache of the program's classes, loaded and linked.
#
# jpackage's launcher asks rpm and dpkg at each start which package it belongs to, and that takes longer than everything else before the program's first line.
#
# For the cache Java writes down what opening a window takes, on a display that nobody sees. The cache is for these jars with these times and for the image's own
# Java, wherever the image lies; should it not fit, Java goes on without it. Where no display can be made (Xvfb and xdotool do), it holds what commands need.
set -euo pipefail
export LC_ALL=C.UTF-8

fail() {
	echo "launcher.sh: $*" >&2
	exit 1
}

[ $# = 1 ] || fail "use: launcher.sh IMAGE"
readonly image=$(realpath "$1")
readonly settings=$image/lib/app/mobitopolo.cfg
[ -s "$settings" ] || fail "$image is not an application image as jpackage makes it"
work=$(mktemp -d) display=
trap '[ -z "$display" ] || kill "$display"; rm -rf "$work"' EXIT

# setting NAME: the values that jpackage wrote down for its launcher, one a line, where $app is the program's folder.
setting() {
	sed -n -e 's/\$APPDIR/$app/g' -e "s/^$1=//p" "$settings"
}

# write_launcher OPTIONS: the launcher, which starts Java with these options more.
write_launcher() {
	cat >"$work/launcher" <<-END
		#!/bin/sh
		# SPDX-License-Identifier: Apache-2.0
		# Starts Mobitopolo with the Java that lies beside it.
		self=\$(readlink -f "\$0")
		app=\${self%/bin/mobitopolo}/lib/app
		unset JDK_JAVA_OPTIONS
		exec "\$app/../runtime/bin/java" $1 \\
		$(setting java-options | sed 's/.*/  "&" \\/')
		  -cp "$(setting app.classpath | paste -sd:)" $(setting app.mainclass) "\$@"
	END
	install -m 755 "$work/launcher" "$image/bin/mobitopolo"
}

# To be called in a shell of its own, whose place the program takes; it leaves nothing behind.
become_program() {
	exec env HOME="$work" XDG_{CONFIG,STATE,DATA,CACHE}_HOME="$work/home" "$image/bin/mobitopolo" "$@" >>"$work/log" 2>&1
}

start_display() {
	command -v Xvfb >/dev/null && command -v xdotool >/dev/null || return 1
	exec 7>"$work/number"
	Xvfb -displayfd 7 -screen 0 1400x900x24 -nolisten tcp -noreset >"$work/log" 2>&1 &
	display=$!
	exec 7>&-
	for _ in $(seq 100); do
		[ ! -s "$work/number" ] || break
		sleep 0.1
	done
	[ -s "$work/number" ] || return 1
	DISPLAY=:$(cat "$work/number")
	export DISPLAY
}

# Opens the window with the sample, and closes it when what follows its first picture is there, too.
show_window() {
	local program
	become_program sample &
	program=$!
	for _ in $(seq 600); do
		[ -z "$(xdotool search --onlyvisible --name . 2>/dev/null)" ] || break
		sleep 0.1
	done
	sleep 5
	kill "$program"
	wait "$program" || true
}

find "$image" -exec touch -h -d 2026-01-01T00:00:00Z {} +
write_launcher "-XX:AOTMode=record -XX:AOTConfiguration=$work/record"
if start_display; then
	show_window
else
	echo "launcher.sh: there is no display to make, so the window will start more slowly (Xvfb and xdotool are needed)" >&2
	(become_program version)
fi
write_launcher "-XX:AOTMode=create -XX:AOTConfiguration=$work/record -XX:AOTCache=\"\$app/mobitopolo.aot\""
(become_program) || { tail "$work/log" >&2; fail "no cache can be made"; }
write_launcher "-XX:AOTCache=\"\$app/mobitopolo.aot\" -Xlog:aot*=off -Xlog:cds*=off"
rm "$settings" "$image/lib/app/.jpackage.xml" "$image/lib/libapplauncher.so"
