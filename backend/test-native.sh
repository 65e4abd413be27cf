#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test-native.sh: the tests of what runs on hosts: guest kernel, guest image, host agent.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

for part in image kernel host; do
  echo "== tests of the $part"
  "$here/$part/test/run.sh"
done
