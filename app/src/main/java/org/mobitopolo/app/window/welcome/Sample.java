// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.welcome;

import java.util.Locale;

/** The labs that come with the program, in the order in which they are offered. */
public enum Sample {
  DECOUPLED_FILE_SERVER,
  THREE_TIER_WEB,
  WAN_TRIANGLE,
  OSPF_RING,
  BGP_TRIANGLE,
  DNS_HIERARCHY,
  IPV6_RING;

  /** The name of its file, without the end. */
  public String file() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
