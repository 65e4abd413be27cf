#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prerequisites.sh run|test: makes sure that this machine has the packages that building and running (or testing as well)
# need. As root on Debian or Ubuntu it installs what is missing; otherwise it names the one command that does.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-run}
wanted=$(cat .mvn/packages-run.txt backend/*/build-packages.txt)
[ "$purpose" = test ] && wanted="$wanted $(cat .mvn/packages-test.txt)"

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "prerequisites: not a Debian or Ubuntu system, so nothing was checked. Needed are the counterparts of these packages:" $wanted
  exit 0
fi

missing=
for package in $(printf '%s\n' $wanted | sort -u); do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "prerequisites: packages are missing. Install them with:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi

echo "prerequisites: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "prerequisites: installing failed; see above. Once it is mended run: apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi
