// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes that can be read at any place. Thread-safe. */
interface Source extends AutoCloseable {
  long size() throws IOException;

  /** Reads exactly so many bytes. */
  byte[] read(long offset, int length) throws IOException;

  @Override
  void close() throws IOException;

  /** A file. */
  static Source of(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new Source() {
      @Override
      public long size() throws IOException {
        return channel.size();
      }

      @Override
      public byte[] read(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
          if (channel.read(bytes, offset + bytes.position()) < 0) {
            throw new EOFException("the file ended at byte " + (offset + bytes.position()));
          }
        }
        return bytes.array();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
