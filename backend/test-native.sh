#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test-native.sh all|quick|none: the tests of what runs on hosts: guest image, guest kernel, host agent.
# all includes the fuzzers, ten seconds each. quick leaves out the long ones: fuzzers, rebuilding the image, freeze and restore cycles of the kernel, real VMs under sanitizers, migrations through faults.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

case $1 in
all)
  "$here/image/test/run.sh"
  "$here/kernel/test/run.sh"
  "$here/host/test/run.sh"
  "$here/host/test/run.sh" --fuzz 10
  ;;
quick)
  "$here/image/test/run.sh" --guestd --image
  "$here/host/test/run.sh" --quick
  ;;
none) ;;
*)
  echo "test-native.sh: all, quick or none is wanted, not \"$1\"" >&2
  exit 2
  ;;
esac
