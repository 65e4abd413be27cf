// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A migration at one moment, as the source reports it.
 *
 * @param migration names this migration
 * @param fromRegion id of the region that the VM leaves
 * @param toRegion id of the region that the VM moves to
 * @param pass number of the running pass, from 1
 * @param transferred bytes that crossed so far
 * @param remaining bytes that this pass still has to send
 * @param total bytes of RAM and disk in all
 * @param dirtyRate bytes a second that the VM changes
 * @param throughput bytes a second that cross
 * @param expectedDowntimeMs how long the VM would stand still if it were frozen now; empty while unknown
 * @param throttle percent of CPU time taken from the VM so that passes shrink
 * @param downtimeMs how long the VM stood still; present once it runs at the target
 * @param totalMs how long everything took; present once it runs at the target
 * @param error why it failed; present when it did
 * @param relayedBy who passes the stream on between hosts that don't reach each other: a host's URL or {@link org.mobitopolo.link.LinkRelay#DESKTOP}
 */
public record MigrationProgress(
    String migration,
    String fromRegion,
    String toRegion,
    MigrationStatus status,
    int pass,
    long transferred,
    long remaining,
    long total,
    double dirtyRate,
    double throughput,
    OptionalDouble expectedDowntimeMs,
    double throttle,
    OptionalDouble downtimeMs,
    OptionalDouble totalMs,
    Optional<String> error,
    Optional<String> relayedBy) {

  /** A migration that was just asked for. */
  public static MigrationProgress begun(String migration, String fromRegion, String toRegion) {
    return new MigrationProgress(
        migration, fromRegion, toRegion, MigrationStatus.PREPARE, 0, 0, 0, 0, 0, 0, OptionalDouble.empty(), 0,
        OptionalDouble.empty(), OptionalDouble.empty(), Optional.empty(), Optional.empty());
  }

  /** How much of all bytes crossed, 0 to 1, as a ring shows it; later passes never turn it back. */
  public double fraction() {
    return switch (status) {
      case PREPARE, FAILED, CANCELLED -> 0;
      case PASSES -> total <= 0 ? 0 : Math.clamp(1 - (double) remaining / total, 0, 0.99);
      case FROZEN, HANDED_OVER -> 0.99;
      case DONE -> 1;
    };
  }
}
