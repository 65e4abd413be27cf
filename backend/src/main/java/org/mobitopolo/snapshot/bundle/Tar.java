// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncoding;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/**
 * The frame of a bundle: a plain tar file (POSIX ustar). A member's header says its name, its size and when the bundle was made, and nothing
 * else, so it can be checked by making it again.
 */
final class Tar {
  static final int BLOCK = 512;

  /** Two empty blocks end a tar file. */
  static final int END_BYTES = 2 * BLOCK;

  private static final ZipEncoding UTF_8 = ZipEncodingHelper.getZipEncoding(StandardCharsets.UTF_8.name());

  private Tar() {}

  /** The header of a member: one block. */
  static byte[] header(String name, long size, Instant created) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(0100644);
    entry.setIds(0, 0);
    entry.setNames("", "");
    entry.setSize(size);
    entry.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(created.getEpochSecond())));
    byte[] block = new byte[BLOCK];
    try {
      entry.writeEntryHeader(block, UTF_8, true);
    } catch (IOException e) {
      throw new UncheckedIOException("names of members are ASCII", e);
    }
    return block;
  }

  /** How many zero bytes follow contents of that size. */
  static int padding(long size) {
    return (int) (-size & BLOCK - 1);
  }
}
