// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A file, folder, link or device node. Names of files are bytes, kept as texts in ISO 8859-1. Owner, mode and time can be changed; what it is
 * can't.
 */
public final class Inode {

  /** What it is, with the number that ext4 has for it in folders and modes. */
  public enum Kind {
    FILE(1, 0100000),
    DIRECTORY(2, 0040000),
    CHARACTER_DEVICE(3, 0020000),
    BLOCK_DEVICE(4, 0060000),
    FIFO(5, 0010000),
    SYMLINK(7, 0120000);

    final int entryType;
    final int modeBits;

    Kind(int entryType, int modeBits) {
      this.entryType = entryType;
      this.modeBits = modeBits;
    }
  }

  /** Largest number of an owner or group that ext4 and tar share. */
  static final long MAX_ID = 0xffff_ffffL;

  final Kind kind;
  /** Where a link leads to. */
  final String target;
  final Contents.Range content;
  final int major;
  final int minor;
  final SortedMap<String, Inode> children = new TreeMap<>();
  final SortedMap<String, byte[]> attributes = new TreeMap<>();
  int permissions;
  long uid;
  long gid;
  long seconds;

  private Inode(Kind kind, int permissions, String target, Contents.Range content, int major, int minor) {
    this.kind = kind;
    this.permissions = permissions & 07777;
    this.target = target;
    this.content = content;
    this.major = major;
    this.minor = minor;
  }

  /** An empty folder. */
  public static Inode directory(int permissions) {
    return new Inode(Kind.DIRECTORY, permissions, "", Contents.Range.EMPTY, 0, 0);
  }

  /** A file. */
  public static Inode file(int permissions, Contents.Range content) {
    return new Inode(Kind.FILE, permissions, "", content, 0, 0);
  }

  /** A symbolic link. */
  public static Inode symlink(String target) {
    return new Inode(Kind.SYMLINK, 0777, target, Contents.Range.EMPTY, 0, 0);
  }

  /** A device node or a FIFO. */
  static Inode special(Kind kind, int permissions, int major, int minor) {
    return new Inode(kind, permissions, "", Contents.Range.EMPTY, major, minor);
  }

  /** Whether it is a folder. */
  public boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  /** Whether it is an ordinary file. */
  public boolean isFile() {
    return kind == Kind.FILE;
  }

  /** The bytes of a file. */
  public Contents.Range content() {
    return content;
  }

  int mode() {
    return kind.modeBits | permissions;
  }
}
