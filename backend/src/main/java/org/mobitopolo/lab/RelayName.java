// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.topology.HostUrl;

/** What a user calls who passes on between hosts that do not reach each other. */
public final class RelayName {
  /** The name of this computer as a relay, in {@link LinkState#relayedBy} and in a migration's progress. */
  public static final String DESKTOP = LinkRelay.DESKTOP;

  private RelayName() {}

  /**
   * A name to show.
   *
   * @param by as hosts report it: a host's URL, or {@link #DESKTOP}
   * @param desktop the words for this computer
   */
  public static String of(String by, String desktop) {
    try {
      return by.equals(DESKTOP) ? desktop : HostUrl.parse(by).displayName();
    } catch (IllegalArgumentException e) {
      return by.replaceAll("\\p{Cntrl}", " ");
    }
  }
}
