// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.imagebuild;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mobitopolo.image.Template;
import org.mobitopolo.image.disk.Contents;
import org.mobitopolo.image.disk.FileTree;
import org.mobitopolo.image.disk.Inode;
import org.mobitopolo.image.disk.TarLayer;

/**
 * A root file system in which packages can be installed: the essential ones unpacked, none configured, all as files below {@code /packages}, and
 * the script that does the rest in a guest.
 */
final class FirstStage {

  /** In the guest, without leading slash. */
  static final String FOLDER = "packages";

  static final String SCRIPT = "/" + FOLDER + "/install.sh";

  private static final List<String> FIRST = List.of("base-passwd", "base-files", "dpkg");

  private final Template template;
  private final Apt apt;
  private final List<Apt.Step> essential;
  private final List<Apt.Step> all;

  FirstStage(Template template, Apt apt, List<Apt.Step> essential, List<Apt.Step> all) {
    this.template = template;
    this.apt = apt;
    this.essential = essential;
    this.all = all;
  }

  /** Puts all into the tree. */
  void fill(FileTree tree, Contents contents) throws IOException, InterruptedException {
    for (String folder : List.of("bin", "sbin", "lib", "lib64")) {
      tree.put("usr/" + folder, Inode.directory(0755));
      tree.put(folder, Inode.symlink("usr/" + folder));
    }
    TarLayer layer = new TarLayer(tree, contents, false);
    for (Apt.Step step : essential) {
      if (step.unpack()) {
        unpack(apt.file(step), layer);
      }
    }
    for (Apt.Step step : all) {
      if (step.unpack()) {
        tree.put(FOLDER + "/" + step.fileName(), Inode.file(0644, contents.add(Files.readAllBytes(apt.file(step)))));
      }
    }
    if (!tree.has("usr/bin/awk")) {
      tree.put("usr/bin/awk", Inode.symlink("mawk"));
    }
    text(tree, contents, FOLDER + "/install.sh", 0755, script());
    text(tree, contents, "var/lib/dpkg/status", 0644, "");
    text(tree, contents, "var/lib/dpkg/available", 0644, "");
    text(tree, contents, "usr/sbin/policy-rc.d", 0755, "#!/bin/sh\nexit 101\n");
    text(
        tree,
        contents,
        "etc/dpkg/dpkg.cfg.d/mobitopolo",
        0644,
        """
        # Guests are small: no manuals, no translations.
        path-exclude /usr/share/man/*
        path-exclude /usr/share/info/*
        path-exclude /usr/share/locale/*
        path-exclude /usr/share/doc/*
        path-include /usr/share/doc/*/copyright
        """);
    text(tree, contents, "etc/apt/sources.list", 0644, apt.guestSources());
    text(tree, contents, "etc/apt/apt.conf.d/mobitopolo", 0644, "APT::Install-Recommends \"false\";\n");
  }

  private static void unpack(Path deb, TarLayer layer) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("dpkg-deb", "--fsys-tarfile", deb.toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (InputStream in = process.getInputStream()) {
      layer.read(in);
      in.transferTo(java.io.OutputStream.nullOutputStream());
      if (process.waitFor() != 0) {
        throw BuildFailure.of("The package " + deb + " can't be unpacked", "", "Delete it and try again.");
      }
    } finally {
      process.destroy();
    }
  }

  private static void text(FileTree tree, Contents contents, String path, int permissions, String text) throws IOException {
    tree.put(path, Inode.file(permissions, contents.add(text.getBytes(StandardCharsets.UTF_8))));
  }

  /** As debootstrap does it, then in apt's own order. */
  String script() {
    StringBuilder script =
        new StringBuilder(
            """
            set -e
            export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
            cd /%s
            dpkg() {
              command dpkg --force-unsafe-io --force-confnew --force-overwrite "$@" < /dev/null
            }
            ldconfig
            ln -sf /usr/share/zoneinfo/UTC /etc/localtime
            """
                .formatted(FOLDER));
    for (String name : FIRST) {
      script.append("dpkg --force-depends --install ").append(name).append("_*.deb\n");
    }
    Set<String> done = new LinkedHashSet<>();
    essential.stream().filter(Apt.Step::unpack).forEach(step -> done.add(step.fileName()));
    script.append("dpkg --force-depends --unpack ").append(String.join(" ", done)).append('\n');
    script.append("dpkg --force-depends --force-configure-any --configure --pending\n");
    List<String> run = new ArrayList<>();
    boolean unpacking = true;
    for (Apt.Step step : all) {
      if (done.contains(step.fileName())) {
        continue;
      }
      if (step.unpack() != unpacking && !run.isEmpty()) {
        append(script, unpacking, run);
      }
      unpacking = step.unpack();
      run.add(unpacking ? step.fileName() : step.name());
    }
    if (!run.isEmpty()) {
      append(script, unpacking, run);
    }
    script.append("dpkg --configure --pending\n");
    // a colon, as a shell takes no empty list of commands
    script.append("cd /\n(\n:\n").append(template.finish()).append(")\n");
    script.append(
        """
        rm -rf /usr/sbin/policy-rc.d /var/cache/apt/* /var/lib/apt/lists/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*.log /var/log/apt /run/mobitopolo
        find /usr/share/doc -type f ! -name copyright -delete
        find /usr/share/doc -type l -delete
        find /usr/share/doc -mindepth 1 -type d -empty -delete
        rm -rf /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian
        : > /etc/machine-id
        """);
    return script.toString();
  }

  private static void append(StringBuilder script, boolean unpack, List<String> run) {
    script.append("dpkg ").append(unpack ? "--unpack " : "--configure ").append(String.join(" ", run)).append('\n');
    run.clear();
  }
}
