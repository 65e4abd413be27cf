// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Where a host gets an image from, piece by piece (protocols.md section 5): a list of hashes by which it verifies them, and the pieces that it wants. Used by one thread, but for
 * {@link #close}, which any may call.
 */
public interface PieceSource extends AutoCloseable {
  /** Bytes of a piece; the last one may have fewer. */
  int PIECE = 1 << 16;

  /** Bytes of a hash, SHA-256. */
  int HASH = 32;

  /** What a list begins with. */
  String MAGIC = "MOBIPCS1";

  /** Bytes of the list before the hashes. */
  int HEAD = 24;

  /** The whole list. */
  byte[] list();

  /** Bytes of the image. */
  default long bytes() {
    return ByteBuffer.wrap(list()).order(ByteOrder.LITTLE_ENDIAN).getLong(MAGIC.length());
  }

  /** Pieces go there from now on. Called once, before the first one is wanted. */
  void sendTo(OutputStream target);

  /**
   * Sends a piece, at once or when it is here.
   *
   * @throws IOException if the source, or the host, does not go on
   */
  void want(int piece) throws IOException;

  @Override
  void close();

  /** What a list begins with, for an image of so many bytes; the hashes follow. */
  static byte[] head(long bytes) {
    ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
    return head.put(MAGIC.getBytes(StandardCharsets.US_ASCII)).putLong(bytes).putInt(PIECE).putInt(0).array();
  }

  /** How many pieces an image has. */
  static int count(long bytes) {
    return Math.toIntExact((bytes + PIECE - 1) / PIECE);
  }

  /** The name by which a VM's configuration says which list it trusts: the list's SHA-256. */
  default String name() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(list()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
