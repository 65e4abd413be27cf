// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the blocks of a folder: entries, of which the last of each block takes all its room. */
final class Ext4Folder {
  private final ByteArrayOutputStream to;
  private ByteBuffer block = Ext4Output.blocks(1);
  private int last;
  private int end;

  Ext4Folder(ByteArrayOutputStream to) {
    this.to = to;
  }

  void add(int inode, Inode.Kind kind, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    int size = 8 + bytes.length + 3 & ~3;
    if (end + size > Ext4Layout.BLOCK) {
      end();
    }
    block.putInt(end, inode).putShort(end + 4, (short) size).put(end + 6, (byte) bytes.length).put(end + 7, (byte) kind.entryType).put(end + 8, bytes);
    last = end;
    end += size;
  }

  /** Ends the block. */
  void end() {
    block.putShort(last + 4, (short) (Ext4Layout.BLOCK - last));
    to.writeBytes(block.array());
    block = ByteBuffer.allocate(Ext4Layout.BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    last = 0;
    end = 0;
  }

  /** Adds a block without entries. */
  void addEmpty() {
    end();
  }
}
