// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What a node's part of a snapshot begins with: the message HEAD of the state stream (protocols.md section 9), with what this program looks at.
 *
 * @param json the whole message, which goes back to an agent as it is
 * @param buildId of the guest kernel; empty for a switch or gateway
 * @param ramPages size of its RAM file; 0 for a switch or gateway
 * @param contentPages pages of RAM that are not zero
 * @param seccomp whether the guest runs in the fast mode
 * @param cpuFeatures of the host where it ran; it may use any of them
 * @param diskBlocks size of each disk
 * @param images the base image of each disk: SHA-256, or empty
 * @param cutUs when it was cut, by its host's clock, in microseconds since 1970
 */
public record Head(
    JsonNode json,
    String buildId,
    long ramPages,
    long contentPages,
    boolean seccomp,
    Set<String> cpuFeatures,
    long xfeatures,
    long xsaveSize,
    List<Long> diskBlocks,
    List<String> images,
    long cutUs) {

  /** Bytes of a page of RAM and of a block of a disk. */
  public static final int PAGE = 4096;

  private static final int VERSION = 1;
  private static final int MOST_DISKS = 2;
  private static final long MOST_PAGES = 1L << 32;
  private static final int MOST_FEATURES = 2000;

  public Head {
    cpuFeatures = Set.copyOf(cpuFeatures);
    diskBlocks = List.copyOf(diskBlocks);
    images = List.copyOf(images);
  }

  /** Whether it is a switch or gateway, which has neither memory nor disks nor a kernel. */
  public boolean isDevice() {
    return ramPages == 0;
  }

  /** RAM that a host must have for it: bytes of the pages that are not zero. */
  public long contentBytes() {
    return contentPages * PAGE;
  }

  /** Size of the RAM file: bytes. */
  public long ramBytes() {
    return ramPages * PAGE;
  }

  /**
   * Reads the message.
   *
   * @throws IllegalArgumentException what is wrong with it
   */
  public static Head parse(JsonNode json) {
    if (!json.isObject() || json.path("version").asInt(0) != VERSION) {
      throw new IllegalArgumentException("the state of a VM has version " + json.path("version") + ", this program reads " + VERSION);
    }
    if (json.path("pageSize").asInt(0) != PAGE) {
      throw new IllegalArgumentException("a VM has pages of " + json.path("pageSize") + " bytes instead of " + PAGE);
    }
    long ramSize = json.path("ramSize").asLong(0);
    long ramPages = ramSize / PAGE;
    if (ramSize % PAGE != 0 || ramPages < 0 || ramPages > MOST_PAGES) {
      throw new IllegalArgumentException("a VM's RAM has an impossible size of " + ramSize + " bytes");
    }
    long contentPages = json.path("ramPages").asLong(-1);
    if (contentPages < 0 || contentPages > ramPages) {
      throw new IllegalArgumentException("a VM's RAM has " + contentPages + " pages of " + ramPages);
    }
    List<Long> blocks = new ArrayList<>();
    List<String> images = new ArrayList<>();
    for (JsonNode disk : json.path("disks").values()) {
      long count = disk.path("blocks").asLong(0);
      String image = disk.path("image").asString("");
      if (count < 1 || count > MOST_PAGES || !image.matches("|[0-9a-f]{64}")) {
        throw new IllegalArgumentException("a VM's disk has an impossible size or image");
      }
      blocks.add(count);
      images.add(image);
    }
    if (blocks.size() > MOST_DISKS) {
      throw new IllegalArgumentException("a VM has " + blocks.size() + " disks");
    }
    Set<String> features = new HashSet<>();
    for (JsonNode feature : json.path("cpuFeatures").values()) {
      features.add(feature.asString(""));
    }
    if (features.size() > MOST_FEATURES) {
      throw new IllegalArgumentException("a VM's CPU has " + features.size() + " features");
    }
    return new Head(
        json,
        json.path("buildId").asString(""),
        ramPages,
        contentPages,
        json.path("seccomp").asBoolean(false),
        features,
        json.path("xfeatures").asLong(0),
        json.path("xsaveSize").asLong(0),
        blocks,
        images,
        json.path("cutUs").asLong(0));
  }
}
