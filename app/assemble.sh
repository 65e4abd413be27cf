#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assemble.sh FOLDER JAR NATIVE: completes the distribution in FOLDER, whose lib/ already holds the libraries:
#   bin/mobitopolo, lib/ (jars, options of Java), host/ (agent, guest kernel), images/, guest/ (what makes other
#   root file systems images), samples/, bench/ (programs that measure inside guests)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1 jar=$2 native=$3

mkdir -p "$out/bin" "$out/host" "$out/images" "$out/guest" "$out/samples" "$out/bench"
install -m 755 "$here/src/main/launcher/mobitopolo" "$out/bin/mobitopolo"
cp "$jar" "$here/src/main/launcher/java-options" "$out/lib/"
install -m 755 "$native/linux" "$native/mobihost" "$out/host/"
install -m 644 "$native"/images/*.zst "$native"/images/*.json "$out/images/"
install -m 755 "$native"/guest/* "$out/guest/"
install -m 644 "$here"/src/main/samples/*.json "$out/samples/"
install -m 755 "$native"/bench/* "$out/bench/"

# a cache that was made for jars is good for equal ones, whenever they were built (see bin/mobitopolo); Java tells by their times
touch -d 2026-01-01T00:00:00Z "$out"/lib/*.jar
(cd "$out/lib" && sha256sum ./*.jar java-options | sha256sum | cut -d ' ' -f 1 >build-id)
