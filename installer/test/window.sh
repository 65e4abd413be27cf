# SPDX-License-Identifier: Apache-2.0
# The part of run.sh that has to do with windows: a display of its own, and programs that show something on it.

# Leaves DISPLAY set and the screen in $work/screen; the display ends with the namespace.
start_display() {
	mkdir -p "$work/screen"
	exec 7>"$work/display"
	Xvfb -displayfd 7 -screen 0 1400x900x24 -nolisten tcp -noreset -fbdir "$work/screen" >"$work/xvfb.log" 2>&1 &
	exec 7>&-
	for _ in $(seq 100); do
		[ ! -s "$work/display" ] || break
		sleep 0.1
	done
	[ -s "$work/display" ] || { cat "$work/xvfb.log" >&2; fail "no display could be started"; }
	DISPLAY=:$(cat "$work/display")
	export DISPLAY
}

visible() {
	xdotool search --onlyvisible --name "$1" >"$work/windows" 2>/dev/null && [ -s "$work/windows" ]
}

painted() {
	python3 "$here/picture.py" "$work/screen/Xvfb_screen0" "$pictures/$1.png" 60
}

# Ends the installed program, wherever it was started from.
end_program() {
	inside sh -c 'for p in /proc/[0-9]*; do
		[ "$(readlink "$p/exe")" != /usr/lib/mobitopolo/lib/runtime/bin/java ] || kill "${p#/proc/}"
	done' || true
}

# window PICTURE TITLE COMMAND...: runs the command as the account, waits until a window whose title has TITLE in it shows something, and ends the program.
window() {
	local picture=$1 title=$2 begun
	shift 2
	begun=$(date +%s%N)
	as_user DISPLAY="$DISPLAY" "$@" >"$work/window.log" 2>&1 &
	for _ in $(seq 1200); do
		! visible "$title" || break
		sleep 0.05
	done
	visible "$title" || { cat "$work/window.log" >&2; xdotool search --name . getwindowname %@ >&2 || true; fail "no window \"$title\" came up by: $*"; }
	step "$picture: the window is up after $((($(date +%s%N) - begun) / 1000000)) ms"
	for _ in $(seq 50); do
		! painted "$picture" || break
		sleep 0.2
	done
	# what follows the first picture: texts, icons, answers of hosts
	sleep 2
	painted "$picture" || { cat "$work/window.log" >&2; fail "the window stays empty; see $pictures/$picture.png"; }
	end_program
	for _ in $(seq 300); do
		visible "$title" || return 0
		sleep 0.1
	done
	fail "the window \"$title\" does not close when the program is asked to end"
}
