// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Optional;
import org.mobitopolo.image.Image;
import tools.jackson.databind.JsonNode;

/**
 * What a VM's disk holds changes to. An instance keeps the one that it was made with: an image of the same name that comes with a later version of this program is another.
 *
 * @param sha256 of the image's raw bytes
 * @param sizeMiB of the disk
 * @param pieces names the list by which the image is fetched while the VM runs; empty if it was to be there first
 * @param coming what is still to come of it; empty if all is there, or the VM does not run
 */
record BaseImage(String sha256, int sizeMiB, Optional<String> pieces, Optional<Coming> coming) {

  /**
   * An image on its way to a VM's host.
   *
   * @param bytes of it
   * @param missing of these
   * @param wanted whether a VM waits for some of them
   * @param fetched whether somebody brings them
   */
  record Coming(long bytes, long missing, boolean wanted, boolean fetched) {
    private static final long MIB = 1 << 20;

    /** How much is there, 0 to 1. */
    double part() {
      return (double) (bytes - missing) / bytes;
    }

    /** Such as "12 of 80 MiB". */
    String amount() {
      return (bytes - missing) / MIB + " of " + bytes / MIB + " MiB";
    }
  }

  static BaseImage of(Image image) {
    return new BaseImage(image.sha256(), image.sizeMiB(), Optional.empty(), Optional.empty());
  }

  /** The same, fetched by that list. */
  BaseImage by(String list) {
    return new BaseImage(sha256, sizeMiB, Optional.of(list), Optional.empty());
  }

  /** From a status: its {@code disks} and {@code base}. */
  static Optional<BaseImage> parse(JsonNode status) {
    JsonNode disk = status.path("disks").path(0);
    String sha256 = disk.path("image").asString("");
    int sizeMiB = disk.path("sizeMiB").asInt(0);
    Optional<String> pieces = Optional.of(disk.path("pieces").asString("")).filter(BaseImage::isHash);
    JsonNode base = status.path("base");
    Optional<Coming> coming =
        base.path("missing").asLong(0) > 0
            ? Optional.of(new Coming(Math.max(base.path("bytes").asLong(0), base.path("missing").asLong(0)), base.path("missing").asLong(0), base.path("wanted").asBoolean(false), base.path("fetched").asBoolean(false)))
            : Optional.empty();
    return isHash(sha256) && sizeMiB > 0 ? Optional.of(new BaseImage(sha256, sizeMiB, pieces, coming)) : Optional.empty();
  }

  private static boolean isHash(String text) {
    return text.matches("[0-9a-f]{64}");
  }
}
