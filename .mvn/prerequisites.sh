#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prerequisites.sh run|test|installer: makes sure that this machine has the packages that building and running (or testing, or packaging and testing
# that, as well) need. As root on Debian or Ubuntu it installs what is missing; otherwise it names the one command that does.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-run}
wanted=$(cat .mvn/packages-run.txt backend/*/build-packages.txt)
[ "$purpose" = run ] || wanted="$wanted $(cat .mvn/packages-test.txt)"
[ "$purpose" != installer ] || wanted="$wanted $(cat .mvn/packages-installer.txt)"

# Java 25: the build's toolchain is looked for in the same places
java_25() {
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    [ -x "$home/bin/javac" ] && grep -qs '^JAVA_VERSION="\(2[5-9]\|[3-9][0-9]\)' "$home/release" && return 0
  done
  return 1
}
if ! java_25; then
  if apt-cache policy openjdk-25-jdk 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    wanted="$wanted openjdk-25-jdk"
  else
    echo "prerequisites: a JDK 25 is missing and this system has no package of it. Install one, for instance Temurin 25 under /usr/lib/jvm, or set JAVA_HOME to it." >&2
    exit 1
  fi
fi

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
