// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Numbers of inodes, and how many names each has. */
final class Ext4Numbers {
  static final int ROOT = 2;
  static final int JOURNAL = 8;
  static final int LOST_AND_FOUND = 11;

  private final Map<Inode, Integer> numbers = new IdentityHashMap<>();
  private final Map<Inode, Integer> names = new IdentityHashMap<>();
  private final List<Inode> ordered = new ArrayList<>();

  Ext4Numbers(FileTree tree) throws BadArchiveException {
    tree.remove("lost+found");
    numbers.put(tree.root(), ROOT);
    tree.forEach(
        (parent, name, inode) -> {
          if (numbers.putIfAbsent(inode, LOST_AND_FOUND + 1 + ordered.size()) == null) {
            ordered.add(inode);
          }
          names.merge(inode, 1, Integer::sum);
        });
  }

  /** All inodes but the root, each once, in order of their numbers. */
  List<Inode> ordered() {
    return ordered;
  }

  int of(Inode inode) {
    return numbers.get(inode);
  }

  int names(Inode inode) {
    return names.getOrDefault(inode, 1);
  }

  /** The highest number. */
  int count() {
    return LOST_AND_FOUND + ordered.size();
  }
}
