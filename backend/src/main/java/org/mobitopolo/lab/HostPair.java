// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import org.mobitopolo.topology.HostUrl;

/** Two hosts, whichever is named first. */
record HostPair(HostUrl one, HostUrl other) {
  static HostPair of(HostUrl a, HostUrl b) {
    return a.toString().compareTo(b.toString()) <= 0 ? new HostPair(a, b) : new HostPair(b, a);
  }

  boolean has(HostUrl host) {
    return one.equals(host) || other.equals(host);
  }
}
