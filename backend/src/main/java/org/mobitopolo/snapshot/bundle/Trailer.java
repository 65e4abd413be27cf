// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The last member: 512 bytes at a known distance from the end of the file, which lead to the index. Layout in docs/bundle.md.
 *
 * @param indexOffset where the index's contents begin in the file
 * @param indexSize their length as they are in the file
 * @param fileSize of the whole bundle
 * @param indexSha256 of the index's contents as they are in the file
 */
record Trailer(long indexOffset, long indexSize, long fileSize, byte[] indexSha256) {
  static final int VERSION = 1;
  static final int BYTES = 512;

  /** How far before the end of the file its contents begin: itself and the two empty blocks that end every tar file. */
  static final int FROM_END = BYTES + Tar.END_BYTES;

  private static final byte[] MAGIC = "MOBITOPO".getBytes(StandardCharsets.US_ASCII);
  private static final int HASHED = BYTES - Digests.SHA256_BYTES;

  byte[] toBytes() {
    ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).putInt(VERSION).putInt(0).putLong(indexOffset).putLong(indexSize).putLong(fileSize).put(indexSha256);
    MessageDigest digest = Digests.sha256();
    digest.update(out.array(), 0, HASHED);
    out.position(HASHED).put(digest.digest());
    return out.array();
  }

  /** Whether the bytes begin as a trailer does, of whatever version. */
  static boolean marked(byte[] bytes) {
    return Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** Of a trailer that is marked. */
  static int version(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(MAGIC.length);
  }

  /**
   * Reads one of this version.
   *
   * @throws IllegalArgumentException if any of its bytes is wrong
   */
  static Trailer parse(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(MAGIC.length + 8);
    long indexOffset = in.getLong();
    long indexSize = in.getLong();
    long fileSize = in.getLong();
    byte[] sha256 = new byte[Digests.SHA256_BYTES];
    in.get(sha256);
    Trailer trailer = new Trailer(indexOffset, indexSize, fileSize, sha256);
    if (!Arrays.equals(trailer.toBytes(), bytes)) {
      throw new IllegalArgumentException("its last bytes are not in order");
    }
    return trailer;
  }
}
