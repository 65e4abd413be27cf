// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Pieces of an image that another host has; they pass through this computer. Whoever gets them verifies them. */
final class RemotePieces implements PieceSource {
  private static final long MAX_BYTES = 1L << 36;
  private static final int BUFFER = 1 << 16;

  private final BulkChannel channel;
  private final byte[] list;

  /** Reads the list. The channel, to {@code mobihost get pieces}, belongs to this object from now on. */
  RemotePieces(BulkChannel channel) {
    this.channel = channel;
    try {
      this.list = readList(channel.output());
    } catch (IOException e) {
      try (channel) {
        throw channel.failure(e);
      }
    }
  }

  private static byte[] readList(InputStream in) throws IOException {
    byte[] head = in.readNBytes(HEAD);
    long bytes = head.length == HEAD ? ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong(8) : 0;
    if (bytes <= 0 || bytes > MAX_BYTES || !Arrays.equals(head, PieceSource.head(bytes))) {
      throw new IOException("it sent no list of pieces");
    }
    int size = HEAD + PieceSource.count(bytes) * HASH;
    byte[] list = Arrays.copyOf(head, size);
    if (in.readNBytes(list, HEAD, size - HEAD) < size - HEAD) {
      throw new IOException("its list of pieces ended too early");
    }
    return list;
  }

  @Override
  public byte[] list() {
    return list;
  }

  @Override
  public void sendTo(OutputStream target) {
    // a platform thread, as reading a process's pipe would hold a virtual thread's carrier
    Thread.ofPlatform().daemon().name("pieces of an image").start(() -> copy(channel.output(), target));
  }

  private static void copy(InputStream in, OutputStream target) {
    byte[] buffer = new byte[BUFFER];
    // closing it tells the target that nothing more comes
    try (target) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        target.write(buffer, 0, count);
        target.flush();
      }
    } catch (IOException e) {
      // one of the two hosts is gone; the target tells which pieces miss
    }
  }

  @Override
  public void want(int piece) throws IOException {
    channel.input().write(("want " + piece + "\n").getBytes(StandardCharsets.US_ASCII));
    channel.input().flush();
  }

  @Override
  public void close() {
    channel.close();
  }
}
