// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A guest image.
 *
 * @param name as topologies write it
 * @param sha256 of the raw bytes, 64 hexadecimal digits: its name on hosts
 * @param sizeBytes of the raw image, the size of a VM's disk
 * @param description one sentence
 * @param memoryMiB RAM that VMs of this image need as a rule
 * @param compressed the image as a zstd file
 * @param origin what it was made of, one sentence; empty when it came with the program
 * @param created when it was made; {@link Instant#EPOCH} when it came with the program
 * @param packages what is installed in it, {@code name version}, as far as known
 */
public record Image(
    String name,
    String sha256,
    long sizeBytes,
    String description,
    int memoryMiB,
    Path compressed,
    String origin,
    Instant created,
    List<String> packages) {

  public Image {
    packages = List.copyOf(packages);
  }

  /** Size of a disk made from it, rounded up. */
  public int sizeMiB() {
    return Math.toIntExact((sizeBytes + (1L << 20) - 1) >> 20);
  }

  /** Whether it came with the program, so that it can't be deleted. */
  public boolean bundled() {
    return origin.isEmpty();
  }
}
