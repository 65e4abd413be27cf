// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

/** Where a migration stands; protocols.md section 7. */
public enum MigrationStatus {
  /** The target checks whether it can take the VM. */
  PREPARE,
  /** RAM and disk are copied while the VM runs. */
  PASSES,
  /** The VM stands still; the last changes cross. */
  FROZEN,
  /** The source has let go; the target starts the VM. */
  HANDED_OVER,
  /** The VM runs at the target. */
  DONE,
  /** The VM goes on running at the source. */
  FAILED,
  /** The user cancelled; the VM goes on running at the source. */
  CANCELLED
}
