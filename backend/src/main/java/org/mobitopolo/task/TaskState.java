// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A task at one moment.
 *
 * @param title what it does, as a user would say it: "Start client"
 * @param phase what it does right now, one sentence; may be empty
 * @param done how much is done, in {@code unit}
 * @param total how much there is to do, in {@code unit}; 0 while unknown
 * @param rate units a second lately; 0 while unknown
 * @param failure present exactly when {@code status} is FAILED
 */
public record TaskState(
    String title,
    String phase,
    TaskStatus status,
    double done,
    double total,
    Unit unit,
    double rate,
    Optional<LabException> failure) {

  /** What {@code done} and {@code total} count. */
  public enum Unit {
    BYTES,
    STEPS
  }

  public TaskState {
    Objects.requireNonNull(title);
    Objects.requireNonNull(phase);
    Objects.requireNonNull(status);
    Objects.requireNonNull(unit);
    if (failure.isPresent() != (status == TaskStatus.FAILED)) {
      throw new IllegalArgumentException("a task has a failure exactly when it failed: " + status);
    }
  }

  /** The part that is done, 0 to 1; empty while the total is unknown. */
  public OptionalDouble fraction() {
    return total > 0 ? OptionalDouble.of(Math.clamp(done / total, 0.0, 1.0)) : OptionalDouble.empty();
  }
}
