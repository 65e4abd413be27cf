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
 */
record BaseImage(String sha256, int sizeMiB) {
  static BaseImage of(Image image) {
    return new BaseImage(image.sha256(), image.sizeMiB());
  }

  /** From {@code disks} of a status. */
  static Optional<BaseImage> parse(JsonNode disks) {
    String sha256 = disks.path(0).path("image").asString("");
    int sizeMiB = disks.path(0).path("sizeMiB").asInt(0);
    return sha256.matches("[0-9a-f]{64}") && sizeMiB > 0 ? Optional.of(new BaseImage(sha256, sizeMiB)) : Optional.empty();
  }
}
