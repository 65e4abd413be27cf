#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [--guestd | --image | --rebuild]...: the tests of the guest image; all without an argument.
#   --guestd   the command daemon on this machine, with the address and undefined behaviour sanitizers
#   --image    the image on the real kernel
#   --rebuild  building twice from scratch gives the same bytes
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly image_folder=$(cd "$here/.." && pwd)
readonly work=$(mktemp -d "${TMPDIR:-/tmp}/image-test.XXXXXX")
trap 'rm -rf "$work"' EXIT

test_guestd() {
	gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
		-o "$work/guestd" "$image_folder"/guestd/*.c
	(cd "$here" && GUESTD=$work/guestd PYTHONDONTWRITEBYTECODE=1 timeout 300 python3 -m unittest test_guestd)
}

test_image() {
	"$image_folder/../kernel/build.sh" --output "$work/linux"
	"$image_folder/small/build.sh" --output "$work/image"
	(cd "$here" && KERNEL=$work/linux IMAGE=$work/image PYTHONDONTWRITEBYTECODE=1 timeout 500 python3 -m unittest test_image)
}

test_rebuild() {
	for number in 1 2; do
		XDG_CACHE_HOME=$work/cache$number nice "$image_folder/small/build.sh" --output "$work/build$number" --guest "$work/build$number"
	done
	cmp "$work/build1/small.img" "$work/build2/small.img"
	cmp "$work/build1/small.img.zst" "$work/build2/small.img.zst"
	cmp "$work/build1/small.json" "$work/build2/small.json"
	cmp "$work/build1/init" "$work/build2/init"
	echo "both builds are equal"
}

[ $# -gt 0 ] || set -- --guestd --image --rebuild
for argument; do
	case $argument in
	--guestd) test_guestd ;;
	--image) test_image ;;
	--rebuild) test_rebuild ;;
	*)
		echo "run.sh: unknown argument $argument; usage: run.sh [--guestd | --image | --rebuild]..." >&2
		exit 2
		;;
	esac
done
