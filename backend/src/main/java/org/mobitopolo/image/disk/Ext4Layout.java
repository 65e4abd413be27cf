// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Where things lie in an ext4 file system, and which blocks are taken. */
final class Ext4Layout {
  static final int BLOCK = 4096;
  static final int INODE = 256;
  static final int BLOCKS_PER_GROUP = 8 * BLOCK;
  static final int DESCRIPTOR = 32;
  static final int INODES_PER_BLOCK = BLOCK / INODE;

  /** mke2fs has an inode for so many bytes. */
  private static final int BYTES_PER_INODE = 16384;

  /** Blocks one after the other. */
  record Run(long start, int count) {}

  private static final int LONGEST_RUN = 32768;

  final long blocks;
  final int groups;
  final int inodesPerGroup;
  final int descriptorBlocks;
  final long[] blockBitmaps;
  final long[] inodeBitmaps;
  final long[] inodeTables;
  final BitSet used = new BitSet();
  private long next;

  Ext4Layout(long bytes, int highestInode) throws BadArchiveException {
    blocks = bytes / BLOCK;
    groups = Math.toIntExact((blocks + BLOCKS_PER_GROUP - 1) / BLOCKS_PER_GROUP);
    descriptorBlocks = (groups * DESCRIPTOR + BLOCK - 1) / BLOCK;
    long inodes = Math.max(highestInode + highestInode / 4L, bytes / BYTES_PER_INODE);
    long perGroup = ((inodes + groups - 1) / groups + INODES_PER_BLOCK - 1) / INODES_PER_BLOCK * INODES_PER_BLOCK;
    if (perGroup > 8 * BLOCK) {
      throw full();
    }
    inodesPerGroup = (int) perGroup;
    for (int group = 0; group < groups; group++) {
      if (hasBackup(group)) {
        int first = group * BLOCKS_PER_GROUP;
        used.set(first, first + 1 + descriptorBlocks);
      }
    }
    blockBitmaps = oneForEachGroup(1);
    inodeBitmaps = oneForEachGroup(1);
    inodeTables = oneForEachGroup(inodesPerGroup / INODES_PER_BLOCK);
  }

  /** Whether a copy of the superblock and of the group descriptors lies there. */
  static boolean hasBackup(int group) {
    return group <= 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
  }

  private static boolean isPower(int number, int base) {
    int left = number;
    while (left % base == 0) {
      left /= base;
    }
    return left == 1;
  }

  private long[] oneForEachGroup(int size) throws BadArchiveException {
    long[] starts = new long[groups];
    for (int group = 0; group < groups; group++) {
      starts[group] = together(size);
    }
    return starts;
  }

  /** Takes so many blocks one after the other. */
  private long together(int size) throws BadArchiveException {
    int start = used.nextClearBit((int) next);
    int taken = used.nextSetBit(start);
    while (taken >= 0 && taken < start + size) {
      start = used.nextClearBit(taken);
      taken = used.nextSetBit(start);
    }
    if (start + (long) size > blocks) {
      throw full();
    }
    used.set(start, start + size);
    return start;
  }

  /** Takes so many blocks, in as few runs as there can be. */
  List<Run> take(long count) throws BadArchiveException {
    List<Run> runs = new ArrayList<>();
    long left = count;
    while (left > 0) {
      int start = used.nextClearBit((int) next);
      int taken = used.nextSetBit(start);
      long end = taken < 0 ? blocks : Math.min(taken, blocks);
      int length = (int) Math.min(Math.min(left, LONGEST_RUN), end - start);
      if (length <= 0) {
        throw full();
      }
      used.set(start, start + length);
      runs.add(new Run(start, length));
      next = start + (long) length;
      left -= length;
    }
    return runs;
  }

  int inodes() {
    return inodesPerGroup * groups;
  }

  /** Blocks of a group; the last may be smaller. */
  int blocksIn(int group) {
    return (int) Math.min(BLOCKS_PER_GROUP, blocks - (long) group * BLOCKS_PER_GROUP);
  }

  private BadArchiveException full() {
    return new BadArchiveException("it does not fit into " + (blocks * BLOCK >> 20) + " MiB");
  }
}
