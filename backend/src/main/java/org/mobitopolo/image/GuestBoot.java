// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.image.disk.BadArchiveException;
import org.mobitopolo.image.disk.Contents;
import org.mobitopolo.image.disk.FileTree;
import org.mobitopolo.image.disk.Inode;

/**
 * Makes a root file system one that boots as a guest: puts init, guestd and BusyBox below {@code /usr/lib/mobitopolo}, init also in place of
 * {@code /sbin/init}. What the set-up script needs and the root file system lacks is BusyBox.
 */
final class GuestBoot {

  /** In the guest. */
  private static final String OWN = "usr/lib/mobitopolo/";

  /** What the set-up script and its users call, and halting. */
  private static final List<String> TOOLS =
      List.of(
          "sh", "ip", "hostname", "mkdir", "mv", "cat", "awk", "grep", "sed", "printf", "echo", "ls", "ps", "kill", "ping", "ping6", "route", "ifconfig", "netstat", "wget",
          "nc", "traceroute", "tar", "gzip", "udhcpc", "sysctl", "mount", "umount", "vi", "less", "dmesg", "top", "free", "df", "sleep", "sync", "poweroff", "reboot", "halt");

  private static final List<String> HALTING = List.of("poweroff", "reboot", "halt");
  private static final List<String> INITS = List.of("sbin/init", "usr/sbin/init", "lib/systemd/systemd", "usr/lib/systemd/systemd", "etc/init", "bin/init");
  private static final List<String> TERMINALS = List.of("getty@.service", "serial-getty@.service", "console-getty.service", "autovt@.service");

  private final FileTree tree;
  private final Contents contents;
  private final Path programs;

  /**
   * For one tree.
   *
   * @param programs the folder with {@code busybox}, {@code guestd} and {@code init}
   */
  GuestBoot(FileTree tree, Contents contents, Path programs) {
    this.tree = tree;
    this.contents = contents;
    this.programs = programs;
  }

  /** The root file system's own init, as a path in it, if it has one that can run. */
  Optional<String> ownInit() {
    return INITS.stream().filter(path -> tree.lookup(path).filter(Inode::isFile).isPresent()).findFirst().flatMap(tree::resolve).map(path -> "/" + path);
  }

  /**
   * Puts all in place.
   *
   * @param name of the image
   * @param init what becomes the first process after ours, a path in the tree
   */
  void install(String name, Optional<String> init, GuestCommand command) throws IOException {
    for (String program : List.of("init", "guestd", "busybox")) {
      tree.put(OWN + program, Inode.file(0755, contents.add(Files.readAllBytes(programs.resolve(program)))));
    }
    for (String tool : TOOLS) {
      tree.put(OWN + "bin/" + tool, Inode.symlink("../busybox"));
    }
    for (String folder : List.of("proc", "sys", "dev", "run", "tmp", "etc", "sbin")) {
      if (tree.lookup(folder).filter(Inode::isDirectory).isEmpty()) {
        tree.remove(folder);
        tree.put(folder, Inode.directory(folder.equals("tmp") ? 01777 : 0755));
      }
    }
    if (tree.lookup("bin/sh").isEmpty()) {
      tree.put("bin/sh", Inode.symlink("/" + OWN + "busybox"));
    }
    tree.put(OWN + "image.conf", file(0644, command.conf(name, keep(init))));
    for (String halting : HALTING) {
      if (init.isEmpty() || !tree.has("sbin/" + halting)) {
        // they talk to the first process, so they are to be those of ours
        tree.put("sbin/" + halting, Inode.symlink("/" + OWN + "busybox"));
      }
    }
    tree.remove("sbin/init");
    tree.put("sbin/init", Inode.symlink("/" + OWN + "init"));
    quietenTerminals();
    tree.put("etc/fstab", file(0644, "# The disk is mounted already; its partitions are not those of the machine that this image was made of.\n"));
  }

  /** An init of the image's own that is no link has to go out of the way. */
  private Optional<String> keep(Optional<String> init) throws BadArchiveException {
    if (init.isEmpty() || !init.equals(tree.resolve("sbin/init").map(path -> "/" + path)) || isLink("sbin/init")) {
      return init;
    }
    String kept = OWN + "own-init";
    tree.link(kept, "sbin/init");
    return Optional.of("/" + kept);
  }

  private boolean isLink(String path) {
    return !tree.resolve(path).equals(tree.resolve(path.substring(0, path.lastIndexOf('/'))).map(folder -> folder + path.substring(path.lastIndexOf('/'))));
  }

  /** Nobody looks at the terminals that an init of a PC serves; the console has a shell. */
  private void quietenTerminals() throws IOException {
    if (tree.lookup("etc/systemd/system").isPresent()) {
      for (String unit : TERMINALS) {
        tree.remove("etc/systemd/system/" + unit);
        tree.put("etc/systemd/system/" + unit, Inode.symlink("/dev/null"));
      }
    }
    Optional<Inode> table = tree.lookup("etc/inittab").filter(Inode::isFile).filter(file -> file.content().size() < 1 << 16);
    if (table.isPresent()) {
      String text = new String(contents.open(table.get().content()).readAllBytes(), StandardCharsets.ISO_8859_1);
      String quiet = text.replaceAll("(?m)^(?=[^#\n]*getty)", "#");
      tree.put("etc/inittab", Inode.file(0644, contents.add(quiet.getBytes(StandardCharsets.ISO_8859_1))));
    }
  }

  private Inode file(int permissions, String text) throws IOException {
    return Inode.file(permissions, contents.add(text.getBytes(StandardCharsets.UTF_8)));
  }
}
