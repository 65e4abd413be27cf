// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.time.Instant;
import java.util.List;

/**
 * What came of a snapshot.
 *
 * @param snapshot names it on the hosts, 16 hexadecimal digits
 * @param cutAt when it was cut, by this computer's clock
 * @param machines the VMs that are part of it
 * @param file size of the bundle in bytes; 0 if none was written
 */
public record SnapshotReport(String snapshot, Instant cutAt, List<Machine> machines, long file) {

  public SnapshotReport {
    machines = List.copyOf(machines);
  }

  /**
   * One VM.
   *
   * @param name of its node
   * @param downtimeMs how long it stood still
   * @param bytes of its part on the host
   * @param frames that were in its queues at the cut or on their way to it
   * @param complete whether all frames that were on their way are accounted for; if not, some were lost on the way
   */
  public record Machine(String name, double downtimeMs, long bytes, long frames, boolean complete) {}

  /** How long the VM stood still that did so longest: milliseconds. */
  public double longestDowntimeMs() {
    return machines.stream().mapToDouble(Machine::downtimeMs).max().orElse(0);
  }

  SnapshotReport withFile(long bytes) {
    return new SnapshotReport(snapshot, cutAt, machines, bytes);
  }
}
