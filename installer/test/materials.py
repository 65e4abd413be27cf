#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""materials.py LEGAL INSTALLED: checks the bills of materials in LEGAL against what is INSTALLED: every library that is there is listed and in the notices, every
native part has the checksum that is written down, and whatever is listed has a version and a licence."""

import hashlib
import json
import os
import subprocess
import sys


def installed_libraries(installed):
    """Names, with versions, of the jars, and of JavaFX's modules in the runtime."""
    for name in os.listdir(os.path.join(installed, "lib", "app")):
        if name.endswith(".jar") and not name.startswith("mobitopolo-"):
            yield name.removesuffix(".jar")
    java = os.path.join(installed, "lib", "runtime", "bin", "java")
    for line in subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, _, version = line.split()[0].partition("@")
        if name.startswith("javafx."):
            yield f"{name.replace('.', '-')}-{version}"


def main():
    legal, installed = sys.argv[1:]
    problems = []
    with open(os.path.join(legal, "sbom-java.cdx.json"), encoding="utf-8") as file:
        java = json.load(file)["components"]
    with open(os.path.join(legal, "sbom-native.cdx.json"), encoding="utf-8") as file:
        native = json.load(file)["components"]
    with open(os.path.join(legal, "THIRD-PARTY-JAVA.txt"), encoding="utf-8") as file:
        notices = file.read()

    libraries = [component for component in java if component.get("group") != "org.mobitopolo"]
    listed = {f"{library['name']}-{library['version']}" for library in libraries}
    for library in installed_libraries(installed):
        if library not in listed:
            problems.append(f"{library} is installed, but not in the bill of materials")
    for library in libraries:
        if f"{library['group']}:{library['name']}" not in notices:
            problems.append(f"{library['name']} is not in THIRD-PARTY-JAVA.txt")
    for component in [*libraries, *native]:
        if component["type"] not in ("file", "application") and not (component.get("version") and component.get("licenses")):
            problems.append(f"{component['name']} is listed without version or licence")
    for component in native:
        for entry in component.get("hashes", []):
            places = [os.path.join(installed, "lib", "app", folder, component["name"]) for folder in ("", "host")]
            path = next((place for place in places if os.path.exists(place)), None)
            if path is None:
                problems.append(f"{component['name']} is listed, but not installed")
                continue
            with open(path, "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != entry["content"]:
                    problems.append(f"{component['name']} is not the file that is listed")
    for problem in problems:
        print(f"materials.py: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
