// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

/**
 * How a lab is restored.
 *
 * @param keepClock whether the guests' wall clocks go on where they were cut, instead of showing the hosts' time
 * @param replace whether VMs that hosts hold for the same lab give way: a roll back in place. The old ones go only when the new ones are there
 */
public record RestoreOptions(boolean keepClock, boolean replace) {
  /** Clocks that show the hosts' time, in no lab's place. */
  public static final RestoreOptions PLAIN = new RestoreOptions(false, false);
}
