#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests the guest kernel: run.sh [--kernel FILE] [--cycles N] [--only TEXT]
#
# Without --kernel it is built first (see ../build.sh). The guest is an initrd of busybox and the self-checking program. Needs, besides the
# kernel's build packages: python3 busybox-static cpio e2fsprogs. About ten minutes; needs no root and changes nothing outside a temporary folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel=''
arguments=()
while (($#)); do
	case $1 in
	--kernel) kernel=$(realpath "${2:?}") ;;
	--cycles | --only) arguments+=("$1" "${2:?}") ;;
	*) echo "usage: run.sh [--kernel FILE] [--cycles N] [--only TEXT]" >&2; exit 2 ;;
	esac
	shift 2
done

for tool in python3 busybox cpio mke2fs e2fsck gcc gzip; do
	PATH=$PATH:/sbin:/usr/sbin command -v "$tool" >/dev/null ||
		{ echo "run.sh: $tool is needed. Run: apt-get install python3 busybox-static cpio e2fsprogs gcc libc6-dev" >&2; exit 1; }
done
export PATH=$PATH:/sbin:/usr/sbin

folder=$(mktemp -d "${TMPDIR:-/tmp}/um-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT

if [[ -z $kernel ]]; then
	kernel=$folder/linux
	"$here/../build.sh" --output "$kernel"
fi

root=$folder/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,mnt}
gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -pthread -o "$root/bin/workload" \
	"$here/workload.c" "$here/workload_cpu.c" "$here/workload_io.c"
cp "$(command -v busybox)" "$root/bin/busybox"
"$root/bin/busybox" --list | while read -r applet; do
	[[ -e $root/bin/$applet ]] || ln -s busybox "$root/bin/$applet"
done
install -m 755 "$here/init" "$root/init"
# run by the kernel for a POWEROFF request; busybox's asks an init which isn't there
mkdir "$root/sbin"
printf '#!/bin/sh\nexec /bin/poweroff -f\n' >"$root/sbin/poweroff"
chmod 755 "$root/sbin/poweroff"
(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$folder/initrd.gz"

python3 -B "$here/suite.py" --kernel "$kernel" --initrd "$folder/initrd.gz" --folder "$folder" "${arguments[@]}"
