#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""natives.py NATIVE: writes what is linked into the native parts into the folder NATIVE/legal:

    THIRD-PARTY-NATIVE.txt   components, licences, and where their sources are
    sbom-native.cdx.json     the same as a CycloneDX bill of materials
    sources.tsv              name and version of the source packages that a licence asks to hand on
    native/                  each component's copyright notices

natives.json names the components; their versions are those of the packages that are installed here or that the build scripts pin. So it runs where the native parts are
built, which is always Debian or Ubuntu; the other systems' packages take the folder as it is."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
COPYING = ("GPL-2", "LGPL-2.1")
EPOCH = "2026-01-01T00:00:00Z"

HEAD = """What is linked into the programs that run on hosts and in guests, and into the image "small".

Their own sources are those of Mobitopolo (Apache-2.0). All texts of licences lie beside this file, each component's own notices in the folder native/.

Sources. Linux and BusyBox are under the GNU General Public License version 2, glibc and GLib under the GNU Lesser General Public License version 2.1. Their complete
corresponding sources are the packages of Debian that are named below, of exactly these versions, together with the patches, configurations and build scripts in the
folder backend/ of Mobitopolo's source. Each release has all of them in one file beside its packages: mobitopolo-VERSION-sources.tar. Who has a package of Mobitopolo may also ask
its maintainers for these sources, at no more than the cost of handing them over, for three years after receiving it. backend/build-native.sh builds all of it
again, also with other versions of the libraries.

"""


def fail(sentence):
    sys.exit(f"natives.py: {sentence}")


def package(name, field):
    result = subprocess.run(["dpkg-query", "-W", "-f", "${%s}" % field, name], capture_output=True, text=True)
    if result.returncode != 0:
        fail(f"the package {name} is not installed, so the version of what was linked is not known; run .mvn/prerequisites.sh")
    return result.stdout.strip()


def pinned(script):
    with open(os.path.join(ROOT, script), encoding="utf-8") as file:
        found = re.search(r"\bpackage_version='?([^'\s]+)", file.read())
    return found.group(1) if found else fail(f"{script} pins no package_version")


def resolve(component, image):
    """Adds version (of the component) and source, sourceVersion (of its source package)."""
    origin = component["version"]
    if "package" in origin:
        component["source"] = package(origin["package"], "source:Package")
        version = package(origin["package"], "source:Version")
    elif "script" in origin:
        version = pinned(origin["script"])
    else:
        version = next(p["version"] for p in image["packages"] if p["name"] == origin["image"])
    component["sourceVersion"] = version
    component["upstream"] = re.sub(r"(\+dfsg\S*|\+ds\S*)$", "", re.sub(r"-[^-]*$", "", version.split(":")[-1]))


def slirp_notices(target, cache):
    folder = os.path.join(cache, "slirp")
    archives = sorted(name for name in os.listdir(folder) if name.endswith(".orig.tar.bz2"))
    with tarfile.open(os.path.join(folder, archives[-1])) as archive:
        member = next(m for m in archive.getmembers() if m.name.endswith("/COPYRIGHT"))
        with open(target, "wb") as file:
            shutil.copyfileobj(archive.extractfile(member), file)


def notices(component, folder, cache):
    target = os.path.join(folder, component["name"] + ".txt")
    if component.get("copyright") == "tarball":
        slirp_notices(target, cache)
        return
    name = component.get("copyright") or component["version"]["package"]
    shutil.copyfile(f"/usr/share/doc/{name}/copyright", target)


def bill_of_materials(components, native):
    def entry(component):
        source, version = component["source"], component["sourceVersion"]
        return {
            "type": "operating-system" if component["name"] == "linux" else "library",
            "bom-ref": component["name"],
            "name": component["name"],
            "version": component["upstream"],
            "licenses": [{"expression": component["licence"]}],
            "purl": f"pkg:deb/debian/{source}@{version.replace(':', '%3A').replace('+', '%2B')}?arch=source",
            "externalReferences": [{"type": "website", "url": component["homepage"]}],
        }

    def part(name):
        with open(os.path.join(native, name), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        return {"type": "file", "bom-ref": name, "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}

    files = {"host/linux": "linux", "host/mobihost": "mobihost", "images/small.img.zst": "images/small.img.zst"}
    parts = [dict(part(path), **{"bom-ref": name, "name": name}) for name, path in files.items()]
    parts += [{"type": "application", "bom-ref": folder, "name": folder} for folder in ("guest", "bench")]
    dependencies = [{"ref": p["bom-ref"], "dependsOn": sorted(c["name"] for c in components if p["bom-ref"] in c["in"])} for p in parts]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": EPOCH, "component": {"type": "application", "bom-ref": "native", "name": "mobitopolo native parts"}},
        "components": parts + [entry(component) for component in components],
        "dependencies": [{"ref": "native", "dependsOn": [p["bom-ref"] for p in parts]}] + dependencies,
    }
    text = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"
    return document


def main():
    if len(sys.argv) != 2:
        fail("use: natives.py NATIVE")
    native = sys.argv[1]
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mobitopolo")
    with open(os.path.join(HERE, "natives.json"), encoding="utf-8") as file:
        components = json.load(file)["components"]
    with open(os.path.join(native, "images", "small.json"), encoding="utf-8") as file:
        image = json.load(file)

    out = os.path.join(native, "legal")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(os.path.join(out, "native"))
    lines = [HEAD]
    sources = []
    for component in components:
        resolve(component, image)
        notices(component, os.path.join(out, "native"), cache)
        if "GPL" in component["licence"]:
            sources.append(f"{component['source']}\t{component['sourceVersion']}\n")
        lines.append(f"{component['name']} {component['upstream']}\n    {component['homepage']}\n    Licence: {component['licence']}\n    In: {', '.join(component['in'])}\n"
                     f"    Source: Debian's package {component['source']} {component['sourceVersion']}{', ' + component['note'] if 'note' in component else ''}\n\n")
    for name in COPYING:
        shutil.copyfile(f"/usr/share/common-licenses/{name}", os.path.join(out, name + ".txt"))
    with open(os.path.join(out, "THIRD-PARTY-NATIVE.txt"), "w", encoding="utf-8") as file:
        file.write("".join(lines))
    with open(os.path.join(out, "sources.tsv"), "w", encoding="utf-8") as file:
        file.writelines(sorted(set(sources)))
    with open(os.path.join(out, "sbom-native.cdx.json"), "w", encoding="utf-8") as file:
        json.dump(bill_of_materials(components, native), file, indent=2)
        file.write("\n")


main()
