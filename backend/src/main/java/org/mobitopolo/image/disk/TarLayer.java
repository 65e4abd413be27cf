// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/** Adds what a tar file holds to a tree. */
public final class TarLayer {

  /** What marks files of lower layers as removed, as OCI and Docker have it. */
  private static final String WHITEOUT = ".wh.";

  private static final String OPAQUE = ".wh..wh..opq";
  private static final int MAX_ATTRIBUTES = 3000;

  /** Other attributes mean nothing to a guest: labels of SELinux, access lists in a form of the archive's maker. */
  private static final Set<String> KEPT = Set.of("user.", "security.capability", "trusted.");

  private final FileTree tree;
  private final Contents contents;
  private final boolean whiteouts;

  /**
   * Adds to this tree.
   *
   * @param whiteouts whether names that begin with {@code .wh.} remove what lower layers have
   */
  public TarLayer(FileTree tree, Contents contents, boolean whiteouts) {
    this.tree = tree;
    this.contents = contents;
    this.whiteouts = whiteouts;
  }

  /**
   * Reads a whole tar file.
   *
   * @throws BadArchiveException if it is damaged, hostile or too large
   */
  public void read(InputStream in) throws IOException {
    TarReader tar = new TarReader(in);
    NavigableSet<String> own = new TreeSet<>();
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      String name = entry.path().replaceAll("^(\\.?/+)+|/+$", "");
      String base = name.substring(name.lastIndexOf('/') + 1);
      if (whiteouts && base.startsWith(WHITEOUT)) {
        remove(name, base, own);
      } else {
        add(entry, tar);
        if (whiteouts) {
          // only to know what is of this layer: whiteouts don't concern it
          own.add(name);
        }
      }
    }
  }

  private void remove(String name, String base, NavigableSet<String> own) throws BadArchiveException {
    String folder = name.substring(0, name.length() - base.length());
    if (base.equals(OPAQUE)) {
      for (String child : tree.list(folder)) {
        if (!has(own, folder + child)) {
          tree.remove(folder + child);
        }
      }
    } else if (!has(own, folder + base.substring(WHITEOUT.length()))) {
      tree.remove(folder + base.substring(WHITEOUT.length()));
    }
  }

  /** Whether something of that path, or below it, is among them. */
  private static boolean has(NavigableSet<String> paths, String path) {
    String below = paths.ceiling(path + "/");
    return paths.contains(path) || below != null && below.startsWith(path + "/");
  }

  private void add(TarEntry entry, TarReader tar) throws IOException {
    switch (entry.type()) {
      case '0' -> put(entry, Inode.file(entry.mode(), tar.content(contents)));
      case '1' -> tree.link(entry.path(), entry.link());
      case '2' -> put(entry, Inode.symlink(link(entry)));
      case '3' -> put(entry, Inode.special(Inode.Kind.CHARACTER_DEVICE, entry.mode(), entry.major(), entry.minor()));
      case '4' -> put(entry, Inode.special(Inode.Kind.BLOCK_DEVICE, entry.mode(), entry.major(), entry.minor()));
      case '5' -> put(entry, Inode.directory(entry.mode()));
      case '6' -> put(entry, Inode.special(Inode.Kind.FIFO, entry.mode(), 0, 0));
      default -> {
        // volume labels and the like
      }
    }
  }

  private static String link(TarEntry entry) throws BadArchiveException {
    if (entry.link().isEmpty() || entry.link().length() > 4095) {
      throw new BadArchiveException("its link " + FileTree.printable(entry.path()) + " leads to nothing, or to a path that is too long");
    }
    return entry.link();
  }

  private void put(TarEntry entry, Inode inode) throws BadArchiveException {
    if (entry.uid() < 0 || entry.uid() > Inode.MAX_ID || entry.gid() < 0 || entry.gid() > Inode.MAX_ID) {
      throw new BadArchiveException("its entry " + FileTree.printable(entry.path()) + " has an owner that no file can have");
    }
    inode.uid = entry.uid();
    inode.gid = entry.gid();
    inode.seconds = entry.seconds();
    int bytes = 0;
    for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
      if (KEPT.stream().anyMatch(attribute.getKey()::startsWith)) {
        bytes += attribute.getKey().length() + attribute.getValue().length + 20;
        inode.attributes.put(attribute.getKey(), attribute.getValue());
      }
    }
    if (bytes > MAX_ATTRIBUTES) {
      throw new BadArchiveException("its entry " + FileTree.printable(entry.path()) + " has extended attributes of more than " + MAX_ATTRIBUTES + " bytes");
    }
    tree.put(entry.path(), inode);
  }
}
