// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.cli.CliException;

/**
 * A QEMU to compare with.
 *
 * @param program that starts it
 * @param kernel of its guests, Debian's for virtual machines
 * @param initramfs with {@code machine} and {@code load} (backend/image/probe)
 */
record Qemu(Path program, String version, Path kernel, byte[] initramfs) {
  /** Older ones report success of migrations under TCG and leave dead guests. */
  private static final int LEAST_VERSION = 10;

  private static final Path KVM = Path.of("/dev/kvm");
  private static final Pattern VERSION = Pattern.compile("QEMU emulator version ((\\d+)\\.\\S*)");

  /**
   * Fetches what is missing.
   *
   * @param named the user's program; empty: one that is fetched as well
   */
  static Qemu find(Installation installation, String named) throws IOException, InterruptedException, CliException {
    Path folder = Path.of(lastLine(List.of(installation.benchProgram("fetch-qemu").toString())));
    Path program = named.isEmpty() ? folder.resolve("run") : Path.of(named);
    Matcher version = VERSION.matcher(lastLine(List.of(program.toString(), "--version")));
    if (!version.find() || Integer.parseInt(version.group(2)) < LEAST_VERSION) {
      throw new CliException(program + " is not QEMU " + LEAST_VERSION + " or later, so it is not compared. Leave it out after --qemu to fetch one.");
    }
    Initramfs files = new Initramfs();
    files.add("init", Files.readAllBytes(installation.benchProgram("machine")));
    files.add("load", Files.readAllBytes(installation.benchProgram("load")));
    return new Qemu(program, version.group(1), folder.resolve("vmlinuz"), files.archive());
  }

  /** What machines can run on here: emulation, and KVM where it may be opened; whether guests really run on that shows only when they do. */
  static List<String> accelerators() {
    return Files.isWritable(KVM) ? List.of("tcg", "kvm") : List.of("tcg");
  }

  /** Runs a program; its first line about a version, else the last one. Messages go where ours do. */
  private static String lastLine(List<String> command) throws IOException, InterruptedException, CliException {
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String last = "";
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = VERSION.matcher(last).find() ? last : line;
      }
    }
    if (process.waitFor() != 0) {
      throw new CliException("QEMU can't be compared: " + command.getFirst() + " failed.");
    }
    return last;
  }
}
