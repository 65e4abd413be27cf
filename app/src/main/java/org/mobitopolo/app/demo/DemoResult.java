// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import org.mobitopolo.migration.MigrationProgress;

/**
 * What the demonstration measured. Times are seconds from the beginning of the copy, by the
 * client's clock.
 *
 * @param bandwidth everything that was sampled
 * @param migrationStart when the migration was asked for
 * @param migrationEnd when the protocol VM ran in Florida
 * @param tokyoKbps mean rate before the migration
 * @param floridaKbps mean rate after it
 * @param migration figures of the migration
 * @param copyStatus exit status of the one copy that ran all the time
 * @param checksumOk whether the client's file has the SHA-256 of the original
 */
public record DemoResult(
    Bandwidth bandwidth,
    double migrationStart,
    double migrationEnd,
    double tokyoKbps,
    double floridaKbps,
    MigrationProgress migration,
    int copyStatus,
    boolean checksumOk) {

  /** How many times as fast the copy became. */
  public double ratio() {
    return floridaKbps / tokyoKbps;
  }

  /** Whether the copy broke off. */
  public boolean interrupted() {
    return copyStatus != 0;
  }

  public boolean succeeded() {
    return !interrupted() && checksumOk;
  }
}
