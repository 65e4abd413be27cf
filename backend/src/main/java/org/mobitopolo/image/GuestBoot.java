// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
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
          "nc", "traceroute", "tar", "gzip", "udhcpc", "sysctl", "mount", "umount", "vi", "less", "dmesg", "top", "free", "df", "sleep", "sync", "poweroff", "reboot");

  private static final List<String> HALTING = List.of("poweroff", "reboot", "halt");

  /** BusyBox's own would send the signal by which others mean that init shall read anew what controls it. */
  private static final String HALT =
      """
      #!/bin/sh
      exec /%sbusybox poweroff "$@"
      """
          .formatted(OWN);

  /** Where our own is; of a guest that became an archive it is the first one, too. */
  private static final String INIT = OWN + "init";

  /** Where an image's own init is kept that was at the place of ours. */
  private static final String KEPT = OWN + "own-init";

  private static final List<String> INITS =
      List.of(KEPT, "sbin/init", "usr/sbin/init", "lib/systemd/systemd", "usr/lib/systemd/systemd", "etc/init", "bin/init");

  private static final List<String> TERMINALS =
      List.of("getty@.service", "serial-getty@.service", "console-getty.service", "autovt@.service", "getty-static.service");

  private static final String UNITS = "etc/systemd/system/";
  private static final String TABLE = "etc/inittab";
  private static final Pattern RUNLEVELS = Pattern.compile("(?m)^[^#\n:]*:[^\n:]*:initdefault:");

  /** What an init calls when it has started all services. */
  private static final String BOOTED = "/" + OWN + "booted";

  private static final String BOOTED_SCRIPT =
      """
      #!/bin/sh
      # Tells the keeper (/sbin/init) that this system has booted.
      if [ -p /run/mobitopolo.booting ]; then echo > /run/mobitopolo.booting; fi
      """;

  private static final String BOOTED_UNIT =
      """
      [Unit]
      Description=Tell that this system has booted
      After=multi-user.target

      [Service]
      Type=oneshot
      ExecStart=%s
      TimeoutStartSec=10

      [Install]
      WantedBy=multi-user.target
      """
          .formatted(BOOTED);

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
    return INITS.stream()
        .filter(path -> tree.lookup(path).filter(Inode::isFile).isPresent())
        .flatMap(path -> tree.resolve(path).stream())
        .filter(path -> !path.equals(INIT))
        .findFirst()
        .map(path -> "/" + path);
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
    tree.put(OWN + "bin/halt", file(0755, HALT));
    for (String folder : List.of("proc", "sys", "dev", "run", "tmp", "etc", "sbin")) {
      if (tree.lookup(folder).filter(Inode::isDirectory).isEmpty()) {
        tree.remove(folder);
        tree.put(folder, Inode.directory(folder.equals("tmp") ? 01777 : 0755));
      }
    }
    if (tree.lookup("bin/sh").isEmpty()) {
      tree.put("bin/sh", Inode.symlink("/" + OWN + "busybox"));
    }
    boolean tells = init.isPresent() && letTellBooted(init.get());
    tree.put(OWN + "image.conf", file(0644, command.conf(name, keep(init), tells)));
    for (String halting : HALTING) {
      if (init.isEmpty() || !tree.has("sbin/" + halting)) {
        // they talk to the first process, so they are to be those of ours
        tree.put("sbin/" + halting, Inode.symlink("/" + OWN + (halting.equals("halt") ? "bin/halt" : "busybox")));
      }
    }
    tree.remove("sbin/init");
    tree.put("sbin/init", Inode.symlink("/" + INIT));
    quietenTerminals();
    tree.put("etc/fstab", file(0644, "# The disk is mounted already; its partitions are not those of the machine that this image was made of.\n"));
  }

  /** An init of the image's own that is no link has to go out of the way. */
  private Optional<String> keep(Optional<String> init) throws BadArchiveException {
    if (init.isEmpty() || !init.equals(tree.resolve("sbin/init").map(path -> "/" + path)) || isLink("sbin/init")) {
      return init;
    }
    tree.link(KEPT, "sbin/init");
    return Optional.of("/" + KEPT);
  }

  private boolean isLink(String path) {
    return !tree.resolve(path).equals(tree.resolve(path.substring(0, path.lastIndexOf('/'))).map(folder -> folder + path.substring(path.lastIndexOf('/'))));
  }

  /** Lets an init of the image's own, if it is of a known kind, tell when it has started all services. */
  private boolean letTellBooted(String init) throws IOException {
    Optional<String> table = table();
    if (init.endsWith("/systemd")) {
      String unit = "mobitopolo-booted.service";
      tree.put(UNITS + unit, file(0644, BOOTED_UNIT));
      tree.put(UNITS + "multi-user.target.wants/" + unit, Inode.symlink("../" + unit));
    } else if (table.isPresent()) {
      // only sysvinit has runlevels; of BusyBox's init the first field would be a terminal
      boolean runlevels = RUNLEVELS.matcher(table.get()).find();
      String line = (runlevels ? "mt:12345" : ":") + ":once:" + BOOTED + "\n";
      putTable(table.get().replace(line, "").stripTrailing() + "\n" + line);
    } else {
      return false;
    }
    tree.put(BOOTED.substring(1), file(0755, BOOTED_SCRIPT));
    return true;
  }

  private Optional<String> table() throws IOException {
    Optional<Inode> file = tree.lookup(TABLE).filter(Inode::isFile).filter(inode -> inode.content().size() < 1 << 16);
    return file.isEmpty() ? Optional.empty() : Optional.of(new String(contents.open(file.get().content()).readAllBytes(), StandardCharsets.ISO_8859_1));
  }

  private void putTable(String text) throws IOException {
    tree.put(TABLE, Inode.file(0644, contents.add(text.getBytes(StandardCharsets.ISO_8859_1))));
  }

  /** Nobody looks at the terminals that an init of a PC serves; the console has a shell. */
  private void quietenTerminals() throws IOException {
    if (tree.lookup(UNITS).isPresent()) {
      for (String unit : TERMINALS) {
        tree.remove(UNITS + unit);
        tree.put(UNITS + unit, Inode.symlink("/dev/null"));
      }
    }
    Optional<String> table = table();
    if (table.isPresent()) {
      putTable(table.get().replaceAll("(?m)^(?=[^#\n]*getty)", "#"));
    }
  }

  private Inode file(int permissions, String text) throws IOException {
    return Inode.file(permissions, contents.add(text.getBytes(StandardCharsets.UTF_8)));
  }
}
