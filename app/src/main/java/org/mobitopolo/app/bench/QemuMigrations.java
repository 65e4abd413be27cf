// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.commons.io.file.PathUtils;
import tools.jackson.databind.JsonNode;

/**
 * Migrations of a QEMU machine from process to process on this computer, over a socket, shaped where the case asks for it. The gap is the longest time without the byte that its
 * program writes each millisecond to a port: what a watcher outside sees, without the network's part in it, so QEMU is rather flattered.
 */
final class QemuMigrations {
  private static final long BOOT_MS = 120_000;
  private static final long CALM_MS = 500;
  private static final long PATIENCE_MS = 180_000;

  private final Qemu qemu;
  private final String accelerator;
  private final List<String> capabilities;
  private final MigrationCase work;

  private QemuMigrations(Qemu qemu, String accelerator, List<String> capabilities, MigrationCase work) {
    this.qemu = qemu;
    this.accelerator = accelerator;
    this.capabilities = capabilities;
    this.work = work;
  }

  /** In the ways that are worth comparing: as it comes; over a shaped network also with its own means against writing that is too fast. */
  static List<QemuMigrations> contenders(Qemu qemu, MigrationCase work) {
    List<QemuMigrations> contenders = new ArrayList<>();
    for (String accelerator : Qemu.accelerators()) {
      contenders.add(new QemuMigrations(qemu, accelerator, List.of(), work));
      if (work.network().isShaped() && work.dirty() > 0) {
        contenders.add(new QemuMigrations(qemu, accelerator, List.of("auto-converge"), work));
        contenders.add(new QemuMigrations(qemu, accelerator, List.of("xbzrle"), work));
      }
    }
    return contenders;
  }

  @Override
  public String toString() {
    return "QEMU " + qemu.version().replaceAll("\\(.*", "").strip() + " " + accelerator + (capabilities.isEmpty() ? "" : ", " + String.join(", ", capabilities));
  }

  /**
   * Measures so many migrations; each is given to {@code each} as soon as it has ended.
   *
   * @return why it ended early, a few words; empty if it did not
   */
  Optional<String> measure(int count, Consumer<MigrationCase.Sample> each) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("mobitopolo-qemu-");
    GapWatch watch = new GapWatch();
    try {
      QemuGuest guest = start(folder, 0, watch);
      try {
        if (!watch.await(BOOT_MS)) {
          return Optional.of("the guest does not run");
        }
        for (int i = 1; i <= count; i++) {
          Thread.sleep(CALM_MS);
          QemuGuest next = start(folder, i, watch);
          Optional<String> failure = migrate(guest, next, watch, each);
          (failure.isPresent() ? next : guest).close();
          if (failure.isPresent()) {
            return failure;
          }
          guest = next;
        }
        return Optional.empty();
      } finally {
        guest.close();
      }
    } finally {
      PathUtils.deleteDirectory(folder);
    }
  }

  private QemuGuest start(Path folder, int number, GapWatch watch) throws IOException, InterruptedException {
    return new QemuGuest(qemu, accelerator, work, Files.createDirectory(folder.resolve("machine-" + number)), number > 0, watch);
  }

  private Optional<String> migrate(QemuGuest from, QemuGuest to, GapWatch watch, Consumer<MigrationCase.Sample> each) throws IOException, InterruptedException {
    for (QemuGuest guest : List.of(from, to)) {
      guest.execute(
          "migrate-set-capabilities",
          Map.of("capabilities", capabilities.stream().map(name -> Map.<String, Object>of("capability", name, "state", true)).toList()));
      // its cache must hold the working set, or differences are never found
      if (capabilities.contains("xbzrle")) {
        guest.execute("migrate-set-parameters", Map.of("xbzrle-cache-size", Long.highestOneBit(work.memory().bytes())));
      }
    }
    from.execute("migrate-set-parameters", Map.of("max-bandwidth", 0));
    Path pipe = to.door().resolveSibling("pipe");
    watch.longest();
    try (ShapedPipe shaped = work.network().isShaped() ? new ShapedPipe(work.network(), pipe, to.door()) : null) {
      from.execute("migrate", Map.of("uri", "unix:" + (shaped == null ? to.door() : pipe)));
      Optional<JsonNode> end = awaitEnd(from);
      if (end.isEmpty()) {
        from.execute("migrate_cancel", Map.of());
        return Optional.of("no end in " + PATIENCE_MS / 1000 + " s");
      }
      JsonNode state = end.get();
      if (!state.path("status").asString("").equals("completed") || !watch.await(BOOT_MS)) {
        return Optional.of(state.path("error-desc").asString("the guest is dead"));
      }
      Thread.sleep(CALM_MS);
      each.accept(
          new MigrationCase.Sample(
              watch.longest(),
              state.path("downtime").asDouble(0),
              state.path("total-time").asDouble(0),
              state.path("ram").path("transferred").asDouble(0),
              state.path("ram").path("dirty-sync-count").asInt(0)));
      return Optional.empty();
    }
  }

  /** Its last state, or empty if it goes on too long. */
  private static Optional<JsonNode> awaitEnd(QemuGuest from) throws IOException, InterruptedException {
    long until = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (System.nanoTime() < until) {
      JsonNode state = from.execute("query-migrate", Map.of());
      String status = state.path("status").asString("");
      if (status.equals("completed") || status.equals("failed")) {
        return Optional.of(state);
      }
      Thread.sleep(20);
    }
    return Optional.empty();
  }
}
