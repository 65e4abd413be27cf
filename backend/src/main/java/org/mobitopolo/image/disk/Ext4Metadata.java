// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Writes superblocks, group descriptors and bitmaps, when all else is in its place. */
final class Ext4Metadata {
  private static final int BLOCK = Ext4Layout.BLOCK;
  /** Journal, extended attributes, indexed folders once the guest makes some. */
  private static final int COMPATIBLE = 0x04 | 0x08 | 0x20;
  /** Types in folders, extents, bitmaps and tables anywhere. */
  private static final int INCOMPATIBLE = 0x02 | 0x40 | 0x200;
  /** Few backups, large files, many subfolders, larger inodes. */
  private static final int READ_ONLY_COMPATIBLE = 0x01 | 0x02 | 0x20 | 0x40;

  private static final int USER_ATTRIBUTES_AND_ACL = 0x000c;

  private final Ext4Layout layout;
  private final Ext4Output output;
  private final Ext4Inodes inodes;
  private final UUID uuid;
  private final String label;

  Ext4Metadata(Ext4Layout layout, Ext4Output output, Ext4Inodes inodes, UUID uuid, String label) {
    this.layout = layout;
    this.output = output;
    this.inodes = inodes;
    this.uuid = uuid;
    this.label = label;
  }

  void write() throws IOException {
    ByteBuffer descriptors = Ext4Output.blocks(layout.descriptorBlocks);
    int freeBlocks = 0;
    for (int group = 0; group < layout.groups; group++) {
      int free = writeBlockBitmap(group);
      freeBlocks += free;
      int at = group * Ext4Layout.DESCRIPTOR;
      descriptors.putInt(at, (int) layout.blockBitmaps[group]).putInt(at + 4, (int) layout.inodeBitmaps[group]);
      descriptors.putInt(at + 8, (int) layout.inodeTables[group]).putShort(at + 12, (short) free);
      descriptors.putShort(at + 14, (short) writeInodeBitmap(group)).putShort(at + 16, (short) inodes.folders(group));
    }
    for (int group = 0; group < layout.groups; group++) {
      if (Ext4Layout.hasBackup(group)) {
        long first = (long) group * Ext4Layout.BLOCKS_PER_GROUP;
        ByteBuffer block = Ext4Output.blocks(1);
        block.put(group == 0 ? 1024 : 0, superblock(group, freeBlocks).array());
        output.write(first, block);
        output.write(first + 1, descriptors);
      }
    }
  }

  /** Returns how many blocks are free. */
  private int writeBlockBitmap(int group) throws IOException {
    int first = group * Ext4Layout.BLOCKS_PER_GROUP;
    int count = layout.blocksIn(group);
    byte[] bits = Arrays.copyOf(layout.used.get(first, first + count).toByteArray(), BLOCK);
    setFrom(bits, count);
    output.write(layout.blockBitmaps[group], Ext4Output.blocks(1).put(0, bits));
    return count - layout.used.get(first, first + count).cardinality();
  }

  /** Returns how many inodes are free. */
  private int writeInodeBitmap(int group) throws IOException {
    int taken = Math.clamp(inodes.taken() - group * (long) layout.inodesPerGroup, 0, layout.inodesPerGroup);
    byte[] bits = new byte[BLOCK];
    for (int i = 0; i < taken; i++) {
      bits[i / 8] |= (byte) (1 << i % 8);
    }
    setFrom(bits, layout.inodesPerGroup);
    output.write(layout.inodeBitmaps[group], Ext4Output.blocks(1).put(0, bits));
    return layout.inodesPerGroup - taken;
  }

  /** What lies beyond the group counts as taken. */
  private static void setFrom(byte[] bits, int first) {
    for (int i = first; i < 8 * BLOCK; i++) {
      bits[i / 8] |= (byte) (1 << i % 8);
    }
  }

  private ByteBuffer superblock(int group, int freeBlocks) {
    int time = (int) Math.max(0, Math.min(inodes.newest(), Integer.MAX_VALUE));
    ByteBuffer block = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    block.putInt(0x00, layout.inodes()).putInt(0x04, (int) layout.blocks).putInt(0x0c, freeBlocks).putInt(0x10, layout.inodes() - inodes.taken());
    block.putInt(0x18, 2).putInt(0x1c, 2).putInt(0x20, Ext4Layout.BLOCKS_PER_GROUP).putInt(0x24, Ext4Layout.BLOCKS_PER_GROUP);
    block.putInt(0x28, layout.inodesPerGroup).putInt(0x30, time).putShort(0x36, (short) -1).putShort(0x38, (short) 0xef53);
    block.putShort(0x3a, (short) 1).putShort(0x3c, (short) 1).putInt(0x40, time).putInt(0x4c, 1);
    block.putInt(0x54, Ext4Numbers.LOST_AND_FOUND).putShort(0x58, (short) Ext4Layout.INODE).putShort(0x5a, (short) group);
    block.putInt(0x5c, COMPATIBLE).putInt(0x60, INCOMPATIBLE).putInt(0x64, READ_ONLY_COMPATIBLE);
    putUuid(block, 0x68, uuid);
    block.put(0x78, Arrays.copyOf(label.getBytes(StandardCharsets.ISO_8859_1), 16));
    block.putInt(0xe0, Ext4Numbers.JOURNAL);
    putUuid(block, 0xec, UUID.nameUUIDFromBytes(uuid.toString().getBytes(StandardCharsets.US_ASCII)));
    // hashes of indexed folders: half MD4, signed characters
    block.put(0xfc, (byte) 1).putInt(0x160, 1);
    block.putInt(0x100, USER_ATTRIBUTES_AND_ACL).putInt(0x108, time);
    block.put(0xfd, (byte) 1).put(0x10c, inodes.journalMap()).putInt(0x10c + 64, Ext4Inodes.JOURNAL_BLOCKS * BLOCK);
    block.putShort(0x15c, (short) 32).putShort(0x15e, (short) 32).put(0x174, (byte) 4);
    return block;
  }

  private static void putUuid(ByteBuffer block, int at, UUID value) {
    ByteBuffer bytes = ByteBuffer.allocate(16).putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    block.put(at, bytes.array());
  }
}
