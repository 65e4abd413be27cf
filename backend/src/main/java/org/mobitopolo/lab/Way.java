// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Optional;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.topology.HostUrl;

/**
 * A way between hosts that do not reach each other.
 *
 * @param host that passes on; empty: this computer does, through its SSH connections to both
 */
record Way(Optional<HostUrl> host) {
  static final Way DESKTOP = new Way(Optional.empty());

  static Way through(HostUrl host) {
    return new Way(Optional.of(host));
  }

  /** As links and migrations name it. */
  String by() {
    return host.map(HostUrl::toString).orElse(LinkRelay.DESKTOP);
  }
}
