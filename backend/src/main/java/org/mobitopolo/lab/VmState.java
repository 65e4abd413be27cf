// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.topology.HostUrl;

/**
 * A virtual machine at one moment.
 *
 * @param node id of its node
 * @param phase what is being done with it, one sentence such as "Uploading image small."; empty when nothing is
 * @param progress of that phase, 0 to 1; empty while unknown
 * @param region id of the region it really is in; empty while it is nowhere
 * @param host where it really is
 * @param instance its incarnation on that host; changes with each migration
 * @param since when it got its status, by the host's clock
 * @param cpu the host's CPU that it is pinned to
 * @param memoryBytes host memory that it uses
 * @param diskBytes of its own changes above the image
 * @param migration the migration that runs, or the last one that ended
 * @param error what went wrong last with this VM, a sentence; cleared by the next success
 */
public record VmState(
    String node,
    VmStatus status,
    String phase,
    OptionalDouble progress,
    Optional<String> region,
    Optional<HostUrl> host,
    Optional<String> instance,
    Optional<Instant> since,
    OptionalInt cpu,
    long memoryBytes,
    long diskBytes,
    Optional<MigrationProgress> migration,
    Optional<String> error) {

  /** A VM that exists nowhere yet. */
  public static VmState nowhere(String node) {
    return new VmState(
        node, VmStatus.STOPPED, "", OptionalDouble.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
        OptionalInt.empty(), 0, 0, Optional.empty(), Optional.empty());
  }
}
