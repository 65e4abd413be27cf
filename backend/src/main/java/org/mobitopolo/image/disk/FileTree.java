// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A root file system in memory. Symbolic links are followed inside of it, as for a program that has it for its root. Paths are relative to the
 * root, a leading slash makes no difference.
 */
public final class FileTree {
  private static final int MAX_NAME = 255;
  private static final int MAX_PATH = 4096;
  private static final int MAX_DEPTH = 200;
  private static final int MAX_LINKS = 40;
  private static final int MAX_ENTRIES = 2_000_000;

  private final Inode root = Inode.directory(0755);
  private int entries;

  /** Takes all that another tree has, in place of what this one had. */
  public void take(FileTree other) {
    root.children.clear();
    root.children.putAll(other.root.children);
    change(root, other.root);
    entries = other.entries;
  }

  /** The folder of all. */
  public Inode root() {
    return root;
  }

  /**
   * Puts something in place of what is there; missing folders above it are made. A folder in place of a folder only changes it, and in place of a
   * link that leads to a folder changes that one.
   */
  public void put(String path, Inode inode) throws BadArchiveException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      if (!inode.isDirectory()) {
        throw new BadArchiveException("its root is no folder");
      }
      change(root, inode);
      return;
    }
    Inode parent = folder(names.subList(0, names.size() - 1));
    String name = names.getLast();
    Inode there = parent.children.get(name);
    if (inode.isDirectory() && there != null) {
      Inode leadsTo = there.kind == Inode.Kind.SYMLINK ? lookup(path).orElse(there) : there;
      if (leadsTo.isDirectory()) {
        change(leadsTo, inode);
        return;
      }
    }
    if (++entries > MAX_ENTRIES) {
      throw new BadArchiveException("it has more than " + MAX_ENTRIES + " entries");
    }
    parent.children.put(name, inode);
  }

  private static void change(Inode folder, Inode like) {
    folder.permissions = like.permissions;
    folder.uid = like.uid;
    folder.gid = like.gid;
    folder.seconds = like.seconds;
    folder.attributes.clear();
    folder.attributes.putAll(like.attributes);
  }

  /** Gives something a second name. */
  public void link(String path, String existing) throws BadArchiveException {
    List<String> names = names(existing);
    Inode inode = names.isEmpty() ? null : find(names.subList(0, names.size() - 1)).map(folder -> folder.children.get(names.getLast())).orElse(null);
    if (inode == null || inode.isDirectory()) {
      throw new BadArchiveException("its entry " + printable(path) + " is a second name of " + printable(existing) + ", which is not there or is a folder");
    }
    put(path, inode);
  }

  /** Removes something with all below it; the link itself where it is one. Nothing there is no failure. */
  public void remove(String path) throws BadArchiveException {
    List<String> names = names(path);
    if (!names.isEmpty()) {
      find(names.subList(0, names.size() - 1)).ifPresent(folder -> folder.children.remove(names.getLast()));
    }
  }

  /** Removes all that is in a folder. */
  public void clear(String path) throws BadArchiveException {
    find(names(path)).ifPresent(folder -> folder.children.clear());
  }

  /** What is there; links are followed. */
  public Optional<Inode> lookup(String path) {
    try {
      return find(names(path));
    } catch (BadArchiveException e) {
      return Optional.empty();
    }
  }

  /** Whether there is something of that name, be it a link that leads nowhere. */
  public boolean has(String path) {
    try {
      List<String> names = names(path);
      return names.isEmpty() || find(names.subList(0, names.size() - 1)).filter(folder -> folder.children.containsKey(names.getLast())).isPresent();
    } catch (BadArchiveException e) {
      return false;
    }
  }

  /** Where a path leads to when all links are followed, without leading slash; empty when nothing is there. */
  public Optional<String> resolve(String path) {
    try {
      Walk walk = new Walk(names(path));
      return walk.run() == null ? Optional.empty() : Optional.of(String.join("/", walk.path.reversed()));
    } catch (BadArchiveException e) {
      return Optional.empty();
    }
  }

  /** The names in a folder; none where there is no folder. */
  public List<String> list(String path) {
    return lookup(path).map(folder -> List.copyOf(folder.children.keySet())).orElse(List.of());
  }

  private Optional<Inode> find(List<String> names) {
    return Optional.ofNullable(new Walk(names).run());
  }

  /** The folder of that path, made with all above it where it is not there. */
  private Inode folder(List<String> names) throws BadArchiveException {
    List<String> done = new ArrayList<>();
    Inode at = root;
    for (String name : names) {
      done.add(name);
      Inode next = find(done).orElse(null);
      if (next == null) {
        if (at.children.containsKey(name)) {
          throw new BadArchiveException("the link " + printable(String.join("/", done)) + " leads nowhere, but something is to lie below it");
        }
        next = Inode.directory(0755);
        next.seconds = at.seconds;
        at.children.put(name, next);
      }
      if (!next.isDirectory()) {
        throw new BadArchiveException(printable(String.join("/", done)) + " is no folder, but something is to lie below it");
      }
      at = next;
    }
    return at;
  }

  /** Follows names and links from the root. */
  private final class Walk {
    private final Deque<String> ahead;
    /** Folders from the root to here, the innermost first. */
    private final Deque<Inode> folders = new ArrayDeque<>();
    private final Deque<String> path = new ArrayDeque<>();
    private int links;

    private Walk(List<String> names) {
      ahead = new ArrayDeque<>(names);
    }

    /** What is there; null when nothing is, or links go around in a circle. */
    private Inode run() {
      folders.push(root);
      Inode at = root;
      while (!ahead.isEmpty()) {
        if (!at.isDirectory()) {
          return null;
        }
        String name = ahead.pop();
        if (name.equals("..")) {
          if (folders.size() > 1) {
            folders.pop();
            path.pop();
          }
          at = folders.peek();
          continue;
        }
        Inode next = at.children.get(name);
        if (next == null) {
          return null;
        }
        if (next.kind == Inode.Kind.SYMLINK) {
          if (!follow(next.target)) {
            return null;
          }
          at = folders.peek();
          continue;
        }
        path.push(name);
        if (next.isDirectory()) {
          folders.push(next);
        }
        at = next;
      }
      return at;
    }

    private boolean follow(String target) {
      if (++links > MAX_LINKS || target.isEmpty()) {
        return false;
      }
      if (target.startsWith("/")) {
        folders.clear();
        path.clear();
        folders.push(root);
      }
      List<String> names = new ArrayList<>();
      for (String name : target.split("/")) {
        if (!name.isEmpty() && !name.equals(".")) {
          names.add(name);
        }
      }
      names.reversed().forEach(ahead::push);
      return true;
    }
  }

  /** The names of a path. */
  private static List<String> names(String path) throws BadArchiveException {
    if (path.length() > MAX_PATH) {
      throw new BadArchiveException("it has a path of " + path.length() + " bytes");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        throw new BadArchiveException("its entry " + printable(path) + " leads out of it");
      }
      if (name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
        throw new BadArchiveException("its entry " + printable(path) + " has a name that no file can have");
      }
      names.add(name);
    }
    if (names.size() > MAX_DEPTH) {
      throw new BadArchiveException("its folders are more than " + MAX_DEPTH + " deep");
    }
    return names;
  }

  /** A name as it may stand in a message: short, without control characters. */
  static String printable(String name) {
    String shown = name.replaceAll("[^ -~]", "?");
    return '"' + (shown.length() > 100 ? shown.substring(0, 100) + "..." : shown) + '"';
  }

  /** Visits everything below the root in order of names; what has several names is visited by each. */
  void forEach(Visitor visitor) {
    visit(root, visitor);
  }

  private static void visit(Inode folder, Visitor visitor) {
    for (Map.Entry<String, Inode> child : folder.children.entrySet()) {
      visitor.visit(folder, child.getKey(), child.getValue());
      if (child.getValue().isDirectory()) {
        visit(child.getValue(), visitor);
      }
    }
  }

  /** Sees what is in a tree. */
  interface Visitor {
    void visit(Inode parent, String name, Inode inode);
  }
}
