// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One end of a link at one moment, counted by its VM's host.
 *
 * @param up whether the other end was heard of lately
 * @param roundTrip time to the other end's host and back, without emulated delay; empty while unknown
 * @param txBytesPerSecond what the VM sends into the link
 * @param rxBytesPerSecond what the VM receives from the link
 * @param drops frames that did not get through since the VM was created, by cause: {@code queue}, {@code loss}, {@code peer},
 *     {@code auth}, {@code replay}, {@code malformed}, {@code guest}
 * @param peer where the other end is heard, {@code ip:port}; empty while it is not
 * @param relayedBy who passes on what this end sends: a host's URL or {@link org.mobitopolo.link.LinkRelay#DESKTOP}; empty on a direct way
 */
public record LinkSide(
    boolean up,
    Optional<Duration> roundTrip,
    double txBytesPerSecond,
    double txFramesPerSecond,
    double rxBytesPerSecond,
    double rxFramesPerSecond,
    long txBytes,
    long rxBytes,
    Map<String, Long> drops,
    String peer,
    Optional<String> relayedBy) {

  /** The end of a link whose VM does not run. */
  public static final LinkSide DOWN = new LinkSide(false, Optional.empty(), 0, 0, 0, 0, 0, 0, Map.of(), "", Optional.empty());

  public LinkSide {
    drops = Map.copyOf(drops);
  }

  /** Frames that did not get through, all causes. */
  public long dropped() {
    return drops.values().stream().mapToLong(Long::longValue).sum();
  }
}
