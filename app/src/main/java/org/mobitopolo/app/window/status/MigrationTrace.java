// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.migration.MigrationProgress;

/**
 * How a migration went so far, for its chart. Long migrations keep a bounded number of samples:
 * when there are too many, every second one goes, and so the whole course stays visible.
 */
public final class MigrationTrace {
  private static final int MOST = 400;

  /**
   * The migration at one moment.
   *
   * @param seconds since it was first seen
   * @param remaining bytes
   * @param dirtyRate bytes a second
   * @param throughput bytes a second
   */
  public record Sample(
      double seconds, int pass, long remaining, double dirtyRate, double throughput) {}

  private final Instant begun;
  private final List<Sample> samples = new ArrayList<>();

  MigrationTrace(Instant begun) {
    this.begun = begun;
  }

  /** When it was first seen. */
  public Instant begun() {
    return begun;
  }

  /** In the order of time. */
  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  void add(Instant now, MigrationProgress progress) {
    if (progress.pass() == 0) {
      return; // nothing is copied yet
    }
    double seconds = Duration.between(begun, now).toMillis() / 1000.0;
    Sample sample =
        new Sample(
            seconds,
            progress.pass(),
            progress.remaining(),
            progress.dirtyRate(),
            progress.throughput());
    if (!samples.isEmpty() && samples.getLast().equals(sample)) {
      return;
    }
    samples.add(sample);
    if (samples.size() > MOST) {
      for (int i = samples.size() - 2; i > 0; i -= 2) {
        samples.remove(i);
      }
    }
  }
}
