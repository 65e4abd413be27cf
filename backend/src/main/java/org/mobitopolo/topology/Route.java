// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A route of a VM.
 *
 * @param to the destination network; prefix length 0 makes it the default route of the gateway's
 *     family
 * @param via the gateway, of the same family
 */
public record Route(Cidr to, InetAddress via) {

  public Route {
    if (to.address().getAddress().length != via.getAddress().length) {
      throw new IllegalArgumentException(
          "The route to "
              + to
              + " can't go via "
              + via.getHostAddress()
              + ": one is IPv4, the other IPv6.");
    }
  }

  /**
   * Reads a route.
   *
   * @param to {@code default} or a network such as {@code 10.0.2.0/24}
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Route parse(String to, InetAddress via) {
    String everything = via instanceof Inet4Address ? "0.0.0.0/0" : "::/0";
    return new Route(Cidr.parse(to.strip().equals("default") ? everything : to), via);
  }

  public boolean isDefault() {
    return to.prefixLength() == 0;
  }

  /** The destination as it is written: {@code default} or the network. */
  public String destination() {
    return isDefault() ? "default" : to.toString();
  }
}
