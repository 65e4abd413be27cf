// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import org.mobitopolo.topology.Size;

/**
 * One field of the matrix of {@code bench migrate}.
 *
 * @param memory of the VM
 * @param workingSet what its program writes to
 * @param dirty pages that it writes to each second, in MiB; 0: no such program runs
 */
record MigrationCase(Size memory, Size workingSet, int dirty, NetworkPath network) {

  /** One migration of it. Milliseconds, bytes. */
  record Sample(double gap, double downtime, double total, double bytes, int passes) {}
}
