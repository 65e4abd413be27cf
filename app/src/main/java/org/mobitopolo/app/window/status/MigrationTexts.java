// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.RelayName;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;

/** Migrations in words and figures. */
public final class MigrationTexts {
  /**
   * A figure with its name.
   *
   * @param series the style of the chart's line that shows it, or empty
   */
  public record Figure(String name, String value, String series) {
    Figure(String name, String value) {
      this(name, value, "");
    }
  }

  private MigrationTexts() {}

  /** What happens now or what came of it, a sentence. */
  public static String phase(MigrationProgress progress, Texts texts) {
    return switch (progress.status()) {
      case PREPARE -> texts.get("migration.prepare");
      case PASSES -> texts.get("migration.passes", progress.pass());
      case FROZEN -> texts.get("migration.frozen");
      case HANDED_OVER -> texts.get("migration.handed-over");
      case DONE ->
          progress.downtimeMs().isPresent()
              ? texts.get(
                  "migration.done-downtime",
                  Units.milliseconds(progress.downtimeMs().getAsDouble()))
              : texts.get("migration.done");
      case FAILED -> progress.error().orElse(texts.get("migration.failed"));
      case CANCELLED -> texts.get("migration.cancelled");
    };
  }

  /** Who passes on between hosts that do not reach each other. */
  public static String relay(String by, Texts texts) {
    return RelayName.of(by, texts.get("relay.desktop"));
  }

  /** Whether the VM can still stay where it is without having stood still. */
  public static boolean canBeCancelled(MigrationProgress progress) {
    return progress.status() == MigrationStatus.PREPARE
        || progress.status() == MigrationStatus.PASSES;
  }

  /** A few words for the ring on the canvas. */
  public static String ring(MigrationProgress progress, Texts texts) {
    return switch (progress.status()) {
      case PREPARE -> texts.get("migration.ring.prepare");
      case PASSES ->
          texts.get("migration.ring.passes", progress.pass(), Units.bytes(progress.remaining()));
      case FROZEN -> texts.get("migration.ring.frozen");
      case HANDED_OVER -> texts.get("migration.ring.handed-over");
      case DONE, FAILED, CANCELLED -> "";
    };
  }

  /** The figures to show in this status. */
  public static List<Figure> figures(MigrationProgress progress, Texts texts) {
    List<Figure> figures = new ArrayList<>();
    progress
        .relayedBy()
        .ifPresent(by -> figures.add(new Figure(texts.get("relay.by"), relay(by, texts))));
    switch (progress.status()) {
      case PASSES, FROZEN, HANDED_OVER -> {
        figures.add(
            new Figure(
                texts.get("migration.remaining"),
                texts.get(
                    "migration.amount",
                    Units.bytes(progress.remaining()),
                    Units.bytes(progress.total())),
                "remaining"));
        figures.add(
            new Figure(texts.get("migration.transferred"), Units.bytes(progress.transferred())));
        figures.add(
            new Figure(
                texts.get("migration.dirty-rate"),
                Units.bytesPerSecond(progress.dirtyRate()),
                "dirty"));
        figures.add(
            new Figure(
                texts.get("migration.throughput"),
                Units.bytesPerSecond(progress.throughput()),
                "throughput"));
        progress
            .expectedDowntimeMs()
            .ifPresent(
                ms ->
                    figures.add(
                        new Figure(texts.get("migration.expected"), Units.milliseconds(ms))));
        if (progress.throttle() > 0) {
          figures.add(
              new Figure(texts.get("migration.throttle"), Math.round(progress.throttle()) + " %"));
        }
      }
      case DONE -> {
        progress
            .downtimeMs()
            .ifPresent(
                ms ->
                    figures.add(
                        new Figure(texts.get("migration.downtime"), Units.milliseconds(ms))));
        progress
            .totalMs()
            .ifPresent(
                ms ->
                    figures.add(new Figure(texts.get("migration.total"), Units.milliseconds(ms))));
        figures.add(
            new Figure(
                texts.get("migration.transferred"),
                texts.get(
                    "migration.transferred-passes",
                    Units.bytes(progress.transferred()),
                    progress.pass())));
      }
      case PREPARE, FAILED, CANCELLED -> {}
    }
    return figures;
  }
}
