#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# pictures.sh [GALLERY]: makes the pictures of README and guide. The window is shown in its situations by GalleryTest, on a display of its own; of its pictures these are taken.
# GALLERY: a folder with its pictures instead of showing the window anew.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly images=$here/images

command -v ffmpeg >/dev/null || { echo "pictures.sh: ffmpeg is missing; install it with: apt-get install -y ffmpeg" >&2; exit 1; }
gallery=${1:-}
if [ -z "$gallery" ]; then
	(cd "$here/.." && mvn -q -pl app -am test -Dnative.skip=true -Dtest=GalleryTest -Dsurefire.failIfNoSpecifiedTests=false)
	gallery=$here/../app/target/gallery
fi

# Pictures of a whole window need no more than its width on a page.
take() {
	ffmpeg -loglevel error -y -i "$gallery/$1.png" -vf 'scale=min(iw\,1240):-1:flags=lanczos,split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none' "$images/$2.png"
}

cp "$gallery/readme-light.png" "$images/window.png"
take palette-light palette
take migrating-light migrating
take hosts hosts
take running-link-light link

# A migration: it runs, it moves, it has moved; each is shown for two seconds.
list=$(mktemp)
trap 'rm -f "$list"' EXIT
for frame in running migrating migrated; do
	printf "file '%s'\nduration 2\n" "$(realpath "$gallery/$frame-light.png")"
done >"$list"
printf "file '%s'\n" "$(realpath "$gallery/migrated-light.png")" >>"$list"
ffmpeg -loglevel error -y -f concat -safe 0 -i "$list" -vf 'fps=2,scale=1000:-1:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none' "$images/migration.gif"
