#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test-native.sh all|quick|none: the tests of what runs on hosts: guest image, guest kernel, host agent.
# all includes the fuzzers, ten seconds each, where clang is there. quick leaves out the long ones: rebuilding the image, freeze and restore cycles of the kernel, real VMs under sanitizers, migrations through faults.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

case $1 in
all)
  "$here/image/test/run.sh"
  "$here/kernel/test/run.sh"
  "$here/host/test/run.sh"
  if echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null; then
    "$here/host/test/run.sh" --fuzz 10
  else
    echo "The fuzzers of the host agent were left out: they need clang with libFuzzer (apt-get install clang libclang-rt-14-dev)."
  fi
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
