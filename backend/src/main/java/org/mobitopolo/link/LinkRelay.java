// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import java.util.List;

/**
 * Who passes the datagrams of a link on while its ends do not reach each other (protocols.md section 10).
 *
 * @param by names the relay: a host's URL, or {@link #DESKTOP}
 * @param pair number of the two ends at the relay
 * @param key admits the ends to the relay
 * @param a where end {@code a} finds the relay: {@code ip:port}
 * @param b where end {@code b} finds it
 */
public record LinkRelay(String by, long pair, SharedKey key, List<String> a, List<String> b) {
  /** The name of this computer as a relay: through its SSH connections to both hosts. */
  public static final String DESKTOP = "desktop";

  public LinkRelay {
    a = List.copyOf(a);
    b = List.copyOf(b);
  }
}
