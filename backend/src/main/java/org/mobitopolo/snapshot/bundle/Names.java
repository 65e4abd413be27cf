// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.util.regex.Pattern;

/** Names of a bundle's members. There are no others, so no name can lead out of anywhere. */
final class Names {
  static final String MANIFEST = "manifest.json";
  static final String THUMBNAIL = "thumbnail.png";
  static final String INDEX = "index.json.zst";
  static final String TRAILER = "trailer";

  /** Members that are kept as they are; all others are zstd frames. */
  private static final Pattern PLAIN = Pattern.compile("manifest\\.json|thumbnail\\.png|trailer");

  private static final Pattern ANY =
      Pattern.compile(
          PLAIN.pattern()
              + "|index\\.json\\.zst"
              + "|pages/[0-9]{8}\\.zst"
              + "|vms/[0-9]{4}/(ram\\.map|disk[0-9]\\.map|devices\\.json|frames|digest)\\.zst"
              + "|images/[0-9a-f]{64}\\.map\\.zst");

  private Names() {}

  static boolean known(String name) {
    return ANY.matcher(name).matches();
  }

  static boolean compressed(String name) {
    return !PLAIN.matcher(name).matches();
  }

  static String chunk(long number) {
    return String.format("pages/%08d.zst", number);
  }

  private static String machine(int index, String what) {
    return String.format("vms/%04d/%s.zst", index, what);
  }

  static String ramMap(int machine) {
    return machine(machine, "ram.map");
  }

  static String diskMap(int machine, int disk) {
    return machine(machine, "disk" + disk + ".map");
  }

  static String devices(int machine) {
    return machine(machine, "devices.json");
  }

  static String frames(int machine) {
    return machine(machine, "frames");
  }

  static String digest(int machine) {
    return machine(machine, "digest");
  }

  static String image(String sha256) {
    return "images/" + sha256 + ".map.zst";
  }
}
