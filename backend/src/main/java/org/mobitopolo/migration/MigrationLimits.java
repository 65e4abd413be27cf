// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

import java.time.Duration;
import org.mobitopolo.topology.Rate;

/**
 * What a user lets migrations cost.
 *
 * @param downtime how long the VM should stand still at most: it is copied again, and slowed down if need be, until that can be kept, or until passes don't help any more
 * @param bandwidth what a migration may use of the network, besides what an emulated WAN lets through
 * @param throttle percent of the time, 0 to 99, that may be taken from the VM's programs when it changes faster than it is copied; 0: it is never slowed down
 */
public record MigrationLimits(Duration downtime, Rate bandwidth, int throttle) {
  private static final int MOST_THROTTLE = 99;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  public static final MigrationLimits DEFAULT = new MigrationLimits(Duration.ofMillis(300), Rate.UNLIMITED, MOST_THROTTLE);

  public MigrationLimits {
    if (downtime.compareTo(Duration.ofMillis(1)) < 0 || downtime.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("A VM may stand still for 1 ms to 10 minutes, not for " + downtime.toMillis() + " ms.");
    }
    if (throttle < 0 || throttle > MOST_THROTTLE) {
      throw new IllegalArgumentException("A VM can be slowed down by 0 to 99 percent, not by " + throttle + ".");
    }
  }
}
