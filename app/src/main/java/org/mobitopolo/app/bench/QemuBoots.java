// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.file.PathUtils;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.topology.Size;

/** How long a QEMU machine takes from the start of its process until its first program runs: without disk, network and set-up, so QEMU is rather flattered. */
final class QemuBoots {
  private static final long PATIENCE_MS = 120_000;

  private QemuBoots() {}

  /** Boots so many machines with this accelerator, one after the other; milliseconds. */
  static Figures measure(Qemu qemu, String accelerator, int count) throws IOException, InterruptedException, CliException {
    Size memory = Size.parse("128MiB");
    MigrationCase idle = new MigrationCase(memory, Size.parse("1MiB"), 0, NetworkPath.UNSHAPED);
    Figures took = new Figures();
    Path folder = Files.createTempDirectory("mobitopolo-qemu-");
    try {
      for (int boot = 0; boot < count; boot++) {
        GapWatch watch = new GapWatch();
        long began = System.nanoTime();
        try (QemuGuest _ = new QemuGuest(qemu, accelerator, idle, Files.createDirectory(folder.resolve("machine-" + boot)), false, watch)) {
          if (!watch.await(PATIENCE_MS)) {
            throw new CliException("A machine of QEMU did not boot within " + PATIENCE_MS / 1000 + " s, so there is nothing to compare with.");
          }
          took.add((System.nanoTime() - began) / 1e6);
        }
      }
      return took;
    } finally {
      PathUtils.deleteDirectory(folder);
    }
  }
}
