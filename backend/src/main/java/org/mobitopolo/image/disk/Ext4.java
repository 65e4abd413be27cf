// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a tree as an ext4 file system: the same bytes for the same tree, in any system and without any privilege.
 *
 * <p>Blocks of 4096 bytes, inodes of 256, extents, a journal, folders as plain lists, no checksums; all bitmaps and inode tables lie at the
 * beginning. The file is sparse where the system has such files.
 */
public final class Ext4 {

  private Ext4() {}

  /**
   * Writes the file, which is made or replaced.
   *
   * @param label name of the file system, of which 16 bytes are kept
   * @param sizeMiB of the file system
   * @throws BadArchiveException if the tree does not fit
   */
  public static void write(FileTree tree, Contents contents, Path file, String label, int sizeMiB) throws IOException {
    Ext4Numbers numbers = new Ext4Numbers(tree);
    Ext4Layout layout = new Ext4Layout((long) sizeMiB << 20, numbers.count());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.SPARSE)) {
      Ext4Output output = new Ext4Output(channel, layout);
      Ext4Inodes inodes = new Ext4Inodes(tree, contents, numbers, layout, output);
      inodes.write();
      UUID uuid = UUID.nameUUIDFromBytes(label.getBytes(StandardCharsets.UTF_8));
      new Ext4Metadata(layout, output, inodes, uuid, label).write();
      output.setLength();
    }
  }

  /** How many MiB a tree takes at least, so that some room is left for the guest. */
  public static int smallestMiB(FileTree tree) {
    long[] bytes = new long[1];
    tree.forEach((parent, name, inode) -> bytes[0] += inode.content.size() + Ext4Layout.BLOCK);
    return Math.toIntExact((bytes[0] * 17 / 16 >> 20) + 64);
  }
}
