// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of all files of a tree, one after the other in a temporary file that goes when this is closed. Not thread-safe. */
public final class Contents implements AutoCloseable {

  /** Where the bytes of one file lie. */
  public record Range(long offset, long size) {
    static final Range EMPTY = new Range(0, 0);
  }

  private static final int BLOCK = 1 << 16;

  private final FileChannel file;
  private final long limit;
  private long end;

  /**
   * Makes the temporary file.
   *
   * @param folder where
   * @param limit bytes that it may have at most
   */
  public Contents(Path folder, long limit) throws IOException {
    Path path = Files.createTempFile(folder, ".contents-", "");
    this.file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    this.limit = limit;
  }

  /**
   * Takes that many bytes.
   *
   * @throws BadArchiveException if there are fewer, or there is no room for them
   */
  Range add(InputStream in, long size) throws IOException {
    if (size > limit - end) {
      throw new BadArchiveException("it holds more than " + (limit >> 20) + " MiB");
    }
    long offset = end;
    byte[] block = new byte[(int) Math.min(BLOCK, Math.max(1, size))];
    for (long left = size; left > 0; ) {
      int count = in.read(block, 0, (int) Math.min(block.length, left));
      if (count < 0) {
        throw new BadArchiveException("it is cut off");
      }
      ByteBuffer bytes = ByteBuffer.wrap(block, 0, count);
      while (bytes.hasRemaining()) {
        end += file.write(bytes, end);
      }
      left -= count;
    }
    return new Range(offset, size);
  }

  /** Takes some bytes. */
  public Range add(byte[] bytes) throws IOException {
    return add(new java.io.ByteArrayInputStream(bytes), bytes.length);
  }

  /** Fills the buffer from its position on with bytes of the range, from {@code at} on, as many as there are. */
  void read(Range range, long at, ByteBuffer into) throws IOException {
    long left = Math.min(into.remaining(), range.size() - at);
    ByteBuffer part = into.slice(into.position(), (int) left);
    while (part.hasRemaining()) {
      int count = file.read(part, range.offset() + at + part.position());
      if (count < 0) {
        throw new EOFException("a temporary file became shorter");
      }
    }
    into.position(into.position() + (int) left);
  }

  /** The bytes of a range. */
  public InputStream open(Range range) {
    return new InputStream() {
      private long at;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (at == range.size()) {
          return -1;
        }
        ByteBuffer bytes = ByteBuffer.wrap(into, offset, length);
        Contents.this.read(range, at, bytes);
        int count = bytes.position() - offset;
        at += count;
        return count;
      }
    };
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
