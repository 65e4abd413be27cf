// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;

/** Migrations in words and figures. */
public final class MigrationTexts {
  /** A figure with its name. */
  public record Figure(String name, String value) {}

  private MigrationTexts() {}

  /** What happens now or what came of it, a sentence. */
  public static String phase(MigrationProgress progress) {
    return switch (progress.status()) {
      case PREPARE -> "The target checks whether it can take the VM.";
      case PASSES -> "Pass " + progress.pass() + ": copying while the VM runs.";
      case FROZEN -> "The VM stands still; the last changes cross.";
      case HANDED_OVER -> "The target starts the VM.";
      case DONE ->
          "Moved"
              + progress.downtimeMs().stream()
                  .mapToObj(ms -> ", " + Units.milliseconds(ms) + " downtime")
                  .findFirst()
                  .orElse("")
              + ".";
      case FAILED ->
          progress.error().orElse("The migration failed; the VM goes on running where it was.");
      case CANCELLED -> "Cancelled; the VM goes on running where it was.";
    };
  }

  /** Whether the VM can still stay where it is without having stood still. */
  public static boolean canBeCancelled(MigrationProgress progress) {
    return progress.status() == MigrationStatus.PREPARE
        || progress.status() == MigrationStatus.PASSES;
  }

  /** A few words for the ring on the canvas. */
  public static String ring(MigrationProgress progress) {
    return switch (progress.status()) {
      case PREPARE -> "checking";
      case PASSES -> "pass " + progress.pass() + ", " + Units.bytes(progress.remaining()) + " left";
      case FROZEN -> "frozen";
      case HANDED_OVER -> "resuming";
      case DONE, FAILED, CANCELLED -> "";
    };
  }

  /** The figures to show in this status. */
  public static List<Figure> figures(MigrationProgress progress) {
    List<Figure> figures = new ArrayList<>();
    switch (progress.status()) {
      case PASSES, FROZEN, HANDED_OVER -> {
        figures.add(
            new Figure(
                "Remaining",
                Units.bytes(progress.remaining()) + " of " + Units.bytes(progress.total())));
        figures.add(new Figure("Transferred", Units.bytes(progress.transferred())));
        figures.add(new Figure("Dirty rate", Units.bytesPerSecond(progress.dirtyRate())));
        figures.add(new Figure("Throughput", Units.bytesPerSecond(progress.throughput())));
        progress
            .expectedDowntimeMs()
            .ifPresent(ms -> figures.add(new Figure("Expected downtime", Units.milliseconds(ms))));
        if (progress.throttle() > 0) {
          figures.add(new Figure("VM slowed by", Math.round(progress.throttle()) + " %"));
        }
      }
      case DONE -> {
        progress
            .downtimeMs()
            .ifPresent(ms -> figures.add(new Figure("Downtime", Units.milliseconds(ms))));
        progress
            .totalMs()
            .ifPresent(ms -> figures.add(new Figure("In all", Units.milliseconds(ms))));
        figures.add(
            new Figure(
                "Transferred",
                Units.bytes(progress.transferred()) + " in " + passes(progress.pass())));
      }
      case PREPARE, FAILED, CANCELLED -> {}
    }
    return figures;
  }

  private static String passes(int count) {
    return count == 1 ? "1 pass" : count + " passes";
  }
}
