// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A network interface of a node.
 *
 * @param name of a VM's NIC: {@code eth0} to {@code eth15}, where the number is its place; of a
 *     switch's port: {@code port0} and so on
 * @param mac lower case, such as {@code 02:00:00:00:00:01}
 * @param addresses what the VM's interface gets at boot; empty for a switch's port; the first one of a
 *     gateway is its own address, such as 10.0.2.2/24
 * @param vlan of a switch's port: the VLAN that it gives access to; empty for a trunk, which carries
 *     all of them with tags
 */
public record Nic(String name, String mac, List<Cidr> addresses, OptionalInt vlan) {

  /** The highest VLAN there is; the lowest is 1. */
  public static final int LAST_VLAN = 4094;


  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(?::[0-9a-f]{2}){5}");

  public Nic {
    mac = mac.strip().toLowerCase(Locale.ROOT);
    if (!MAC.matcher(mac).matches()) {
      throw new IllegalArgumentException(
          "\"" + mac + "\" is not a MAC address. Write six bytes such as 02:00:00:00:00:01.");
    }
    if ((Integer.parseInt(mac.substring(0, 2), 16) & 1) != 0) {
      throw new IllegalArgumentException(
          mac + " is a group address; an interface needs one whose first byte is even.");
    }
    if (name.isBlank()) {
      throw new IllegalArgumentException("A network interface needs a name, such as eth0.");
    }
    addresses = List.copyOf(addresses);
  }

  /** An interface of a VM, or a port that carries all VLANs. */
  public Nic(String name, String mac, List<Cidr> addresses) {
    this(name, mac, addresses, OptionalInt.empty());
  }

  public Nic withAddresses(List<Cidr> newAddresses) {
    return new Nic(name, mac, newAddresses, vlan);
  }

  public Nic withVlan(OptionalInt newVlan) {
    return new Nic(name, mac, addresses, newVlan);
  }
}
