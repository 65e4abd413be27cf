// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes inodes with what belongs to them: contents, folders, the journal. */
final class Ext4Inodes {
  static final int JOURNAL_BLOCKS = 1024;

  private static final int BLOCK = Ext4Layout.BLOCK;
  private static final int AT_ONCE = 256;
  private static final int EXTENTS_FLAG = 0x80000;
  private static final int EXTENTS_MAGIC = 0xf30a;
  private static final int EXTENTS_IN_INODE = 4;
  private static final int EXTENTS_IN_BLOCK = 340;
  private static final int SHORT_LINK = 60;
  private static final int EXTRA_SIZE = 32;
  private static final int MAX_NAMES = 65000;
  private static final int LOST_AND_FOUND_BLOCKS = 4;

  private final FileTree tree;
  private final Contents contents;
  private final Ext4Numbers numbers;
  private final Ext4Layout layout;
  private final Ext4Output output;
  private final ByteBuffer table;
  private final int[] foldersOfGroup;
  private long newest;
  private byte[] journalMap = new byte[0];

  Ext4Inodes(FileTree tree, Contents contents, Ext4Numbers numbers, Ext4Layout layout, Ext4Output output) throws BadArchiveException {
    if ((long) numbers.count() * Ext4Layout.INODE > Integer.MAX_VALUE / 2) {
      throw new BadArchiveException("it has too many files");
    }
    this.tree = tree;
    this.contents = contents;
    this.numbers = numbers;
    this.layout = layout;
    this.output = output;
    this.table = ByteBuffer.allocate(numbers.count() * Ext4Layout.INODE).order(ByteOrder.LITTLE_ENDIAN);
    this.foldersOfGroup = new int[layout.groups];
  }

  /** Numbers from 1 to this are taken. */
  int taken() {
    return numbers.count();
  }

  int folders(int group) {
    return foldersOfGroup[group];
  }

  /** The latest time of a file, seconds since 1970. */
  long newest() {
    return newest;
  }

  /** The map of the journal's inode, of which the superblock keeps a copy. */
  byte[] journalMap() {
    return journalMap.clone();
  }

  void write() throws IOException {
    newest = tree.root().seconds;
    numbers.ordered().forEach(inode -> newest = Math.max(newest, inode.seconds));
    writeJournal();
    writeFolder(tree.root(), Ext4Numbers.ROOT, Ext4Numbers.ROOT);
    writeLostAndFound();
    tree.forEach(
        (parent, name, inode) -> {
          if (inode.isDirectory()) {
            parents.put(inode, numbers.of(parent));
          }
        });
    for (Inode inode : numbers.ordered()) {
      writeInode(inode);
    }
    writeTables();
  }

  private final Map<Inode, Integer> parents = new java.util.IdentityHashMap<>();

  private void writeInode(Inode inode) throws IOException {
    int number = numbers.of(inode);
    switch (inode.kind) {
      case DIRECTORY -> writeFolder(inode, number, parents.get(inode));
      case FILE -> {
        List<Ext4Layout.Run> runs = layout.take((inode.content.size() + BLOCK - 1) / BLOCK);
        copy(inode.content, runs);
        ByteBuffer to = begin(number, inode, inode.content.size(), numbers.names(inode));
        putMap(to, runs);
      }
      case SYMLINK -> writeLink(inode, number);
      default -> {
        ByteBuffer to = begin(number, inode, 0, numbers.names(inode));
        putDevice(to, inode);
      }
    }
  }

  private static void putDevice(ByteBuffer inode, Inode device) {
    if (device.kind == Inode.Kind.FIFO) {
      return;
    }
    if (device.major < 256 && device.minor < 256) {
      inode.putInt(0x28, device.major << 8 | device.minor);
    } else {
      inode.putInt(0x2c, device.minor & 0xff | (device.major & 0xfff) << 8 | (device.minor & 0xfff00) << 12);
    }
  }

  private void writeLink(Inode inode, int number) throws IOException {
    byte[] target = inode.target.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer to = begin(number, inode, target.length, numbers.names(inode));
    if (target.length < SHORT_LINK) {
      to.put(0x28, target);
      return;
    }
    List<Ext4Layout.Run> runs = layout.take(1);
    output.write(runs.getFirst().start(), Ext4Output.blocks(1).put(0, target));
    putMap(to, runs);
  }

  private void copy(Contents.Range range, List<Ext4Layout.Run> runs) throws IOException {
    long at = 0;
    for (Ext4Layout.Run run : runs) {
      for (int done = 0; done < run.count(); done += AT_ONCE) {
        ByteBuffer bytes = Ext4Output.blocks(Math.min(AT_ONCE, run.count() - done));
        contents.read(range, at, bytes);
        output.write(run.start() + done, bytes);
        at += bytes.capacity();
      }
    }
  }

  private void writeFolder(Inode folder, int number, int parent) throws IOException {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    Ext4Folder blocks = new Ext4Folder(entries);
    blocks.add(number, Inode.Kind.DIRECTORY, ".");
    blocks.add(parent, Inode.Kind.DIRECTORY, "..");
    int names = 2;
    if (number == Ext4Numbers.ROOT) {
      blocks.add(Ext4Numbers.LOST_AND_FOUND, Inode.Kind.DIRECTORY, "lost+found");
      names++;
    }
    for (Map.Entry<String, Inode> child : folder.children.entrySet()) {
      blocks.add(numbers.of(child.getValue()), child.getValue().kind, child.getKey());
      names += child.getValue().isDirectory() ? 1 : 0;
    }
    blocks.end();
    writeFolder(folder, number, entries.toByteArray(), names);
  }

  private void writeFolder(Inode folder, int number, byte[] entries, int names) throws IOException {
    List<Ext4Layout.Run> runs = layout.take(entries.length / BLOCK);
    int at = 0;
    for (Ext4Layout.Run run : runs) {
      output.write(run.start(), Ext4Output.blocks(run.count()).put(0, entries, at, run.count() * BLOCK));
      at += run.count() * BLOCK;
    }
    // a folder with more subfolders than can be counted has one name
    ByteBuffer to = begin(number, folder, entries.length, names > MAX_NAMES ? 1 : names);
    putMap(to, runs);
    foldersOfGroup[(number - 1) / layout.inodesPerGroup]++;
  }

  private void writeLostAndFound() throws IOException {
    Inode folder = Inode.directory(0700);
    folder.seconds = newest;
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    Ext4Folder blocks = new Ext4Folder(entries);
    blocks.add(Ext4Numbers.LOST_AND_FOUND, Inode.Kind.DIRECTORY, ".");
    blocks.add(Ext4Numbers.ROOT, Inode.Kind.DIRECTORY, "..");
    blocks.end();
    for (int i = 1; i < LOST_AND_FOUND_BLOCKS; i++) {
      blocks.addEmpty();
    }
    writeFolder(folder, Ext4Numbers.LOST_AND_FOUND, entries.toByteArray(), 2);
  }

  private void writeJournal() throws IOException {
    Inode journal = Inode.file(0600, Contents.Range.EMPTY);
    journal.seconds = newest;
    List<Ext4Layout.Run> runs = layout.take(JOURNAL_BLOCKS);
    ByteBuffer to = begin(Ext4Numbers.JOURNAL, journal, (long) JOURNAL_BLOCKS * BLOCK, 1);
    putMap(to, runs);
    journalMap = new byte[60];
    to.get(0x28, journalMap);
    ByteBuffer head = Ext4Output.blocks(1).order(ByteOrder.BIG_ENDIAN);
    // magic, superblock of version 2; block size, length, first block of the log, first sequence number; the journal is clean
    head.putInt(0, 0xc03b3998).putInt(4, 4).putInt(12, BLOCK).putInt(16, JOURNAL_BLOCKS).putInt(20, 1).putInt(24, 1).putInt(64, 1);
    output.write(runs.getFirst().start(), head);
  }

  /** Fills in what all inodes have; returns the inode's place. */
  private ByteBuffer begin(int number, Inode inode, long size, int names) throws IOException {
    ByteBuffer to = table.slice((number - 1) * Ext4Layout.INODE, Ext4Layout.INODE).order(ByteOrder.LITTLE_ENDIAN);
    int seconds = (int) Math.max(0, Math.min(inode.seconds, Integer.MAX_VALUE));
    to.putShort(0x00, (short) inode.mode());
    to.putShort(0x02, (short) inode.uid).putShort(0x78, (short) (inode.uid >> 16));
    to.putShort(0x18, (short) inode.gid).putShort(0x7a, (short) (inode.gid >> 16));
    to.putInt(0x04, (int) size).putInt(0x6c, (int) (size >> 32));
    to.putInt(0x08, seconds).putInt(0x0c, seconds).putInt(0x10, seconds).putInt(0x90, seconds);
    to.putShort(0x1a, (short) names);
    to.putShort(0x80, (short) EXTRA_SIZE);
    if (!inode.attributes.isEmpty()) {
      byte[] inside = Ext4Attributes.inInode(inode.attributes);
      if (inside.length <= Ext4Layout.INODE - 128 - EXTRA_SIZE) {
        to.put(128 + EXTRA_SIZE, inside);
      } else {
        long block = layout.take(1).getFirst().start();
        output.write(block, Ext4Attributes.inBlock(inode.attributes));
        to.putInt(0x68, (int) block);
        addBlocks(to, 1);
      }
    }
    return to;
  }

  private static void addBlocks(ByteBuffer inode, long blocks) {
    inode.putInt(0x1c, (int) (inode.getInt(0x1c) + blocks * (BLOCK / 512)));
  }

  /** Tells the inode where its blocks are. */
  private void putMap(ByteBuffer inode, List<Ext4Layout.Run> runs) throws IOException {
    inode.putInt(0x20, EXTENTS_FLAG);
    addBlocks(inode, runs.stream().mapToLong(Ext4Layout.Run::count).sum());
    ByteBuffer map = inode.slice(0x28, 60).order(ByteOrder.LITTLE_ENDIAN);
    if (runs.size() <= EXTENTS_IN_INODE) {
      putExtents(map, runs, 0, EXTENTS_IN_INODE);
      return;
    }
    List<int[]> leaves = new ArrayList<>();
    int first = 0;
    for (int at = 0; at < runs.size(); at += EXTENTS_IN_BLOCK) {
      List<Ext4Layout.Run> part = runs.subList(at, Math.min(runs.size(), at + EXTENTS_IN_BLOCK));
      int block = (int) layout.take(1).getFirst().start();
      ByteBuffer leaf = Ext4Output.blocks(1);
      putExtents(leaf, part, first, EXTENTS_IN_BLOCK);
      output.write(block, leaf);
      leaves.add(new int[] {first, block});
      first += part.stream().mapToInt(Ext4Layout.Run::count).sum();
    }
    if (leaves.size() > EXTENTS_IN_INODE) {
      throw new BadArchiveException("it has a file that is too large");
    }
    addBlocks(inode, leaves.size());
    map.putShort((short) EXTENTS_MAGIC).putShort((short) leaves.size()).putShort((short) EXTENTS_IN_INODE).putShort((short) 1).putInt(0);
    leaves.forEach(leaf -> map.putInt(leaf[0]).putInt(leaf[1]).putInt(0));
  }

  private static void putExtents(ByteBuffer to, List<Ext4Layout.Run> runs, int firstBlock, int room) {
    to.putShort((short) EXTENTS_MAGIC).putShort((short) runs.size()).putShort((short) room).putShort((short) 0).putInt(0);
    int at = firstBlock;
    for (Ext4Layout.Run run : runs) {
      to.putInt(at).putShort((short) run.count()).putShort((short) 0).putInt((int) run.start());
      at += run.count();
    }
  }

  private void writeTables() throws IOException {
    byte[] all = table.array();
    int perGroup = layout.inodesPerGroup * Ext4Layout.INODE;
    for (int group = 0; group * (long) perGroup < all.length; group++) {
      byte[] part = Arrays.copyOfRange(all, group * perGroup, Math.min(all.length, (group + 1) * perGroup));
      int blocks = (part.length + BLOCK - 1) / BLOCK;
      output.write(layout.inodeTables[group], Ext4Output.blocks(blocks).put(0, part));
    }
  }
}
