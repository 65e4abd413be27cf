// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Writes blocks of the file; blocks of zeros are left out. */
final class Ext4Output {
  private final FileChannel channel;
  private final Ext4Layout layout;

  Ext4Output(FileChannel channel, Ext4Layout layout) {
    this.channel = channel;
    this.layout = layout;
  }

  /** An empty block, or some. */
  static ByteBuffer blocks(int count) {
    return ByteBuffer.allocate(count * Ext4Layout.BLOCK).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes whole blocks. */
  void write(long block, ByteBuffer bytes) throws IOException {
    byte[] array = bytes.array();
    int size = bytes.capacity();
    for (int at = 0; at < size; ) {
      if (isZero(array, at)) {
        at += Ext4Layout.BLOCK;
        continue;
      }
      int end = at + Ext4Layout.BLOCK;
      while (end < size && !isZero(array, end)) {
        end += Ext4Layout.BLOCK;
      }
      writeAt(block * Ext4Layout.BLOCK + at, ByteBuffer.wrap(array, at, end - at));
      at = end;
    }
  }

  private static boolean isZero(byte[] bytes, int at) {
    for (int i = at; i < at + Ext4Layout.BLOCK; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void writeAt(long position, ByteBuffer bytes) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** Makes the file as long as the file system. */
  void setLength() throws IOException {
    long length = layout.blocks * Ext4Layout.BLOCK;
    if (channel.size() < length) {
      writeAt(length - 1, ByteBuffer.allocate(1));
    }
  }
}
