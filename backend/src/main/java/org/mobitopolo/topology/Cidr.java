// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * An IPv4 or IPv6 address with the length of its network's prefix, written {@code 10.0.1.2/24} or
 * {@code fd00::2/64}. Host names are not taken, so nothing here asks the network.
 *
 * @param address the whole address, host part included
 * @param prefixLength 0 to 32 or 128
 */
public record Cidr(InetAddress address, int prefixLength) {

  public Cidr {
    int longest = address.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > longest) {
      throw new IllegalArgumentException(
          "/"
              + prefixLength
              + " is not a prefix length of "
              + address.getHostAddress()
              + "; it goes from 0 to "
              + longest
              + ".");
    }
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  public static Cidr parse(String text) {
    String trimmed = text.strip();
    int slash = trimmed.indexOf('/');
    if (slash < 0 || !trimmed.substring(slash + 1).matches("\\d{1,3}")) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is not an address with its prefix length. Write for example 10.0.1.2/24 or"
              + " fd00::2/64.");
    }
    return new Cidr(
        parseAddress(trimmed.substring(0, slash)), Integer.parseInt(trimmed.substring(slash + 1)));
  }

  /**
   * Reads an IP address without asking any name service.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  public static InetAddress parseAddress(String text) {
    try {
      InetAddress address = InetAddress.ofLiteral(text.strip());
      // short forms such as 10.1 for 10.0.0.1 surprise more than they help
      if (address instanceof Inet6Address
          ? text.indexOf('%') < 0
          : text.chars().filter(c -> c == '.').count() == 3) {
        return address;
      }
      throw new IllegalArgumentException(
          "neither four numbers with dots nor an IPv6 address without interface");
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not an IP address. Write for example 10.0.1.1 or fd00::1.", e);
    }
  }

  public boolean isIpv4() {
    return address instanceof Inet4Address;
  }

  /** Whether the other address is of the same family and lies in this network. */
  public boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] its = other.getAddress();
    return mine.length == its.length && Arrays.equals(masked(mine), masked(its));
  }

  private byte[] masked(byte[] bytes) {
    byte[] result = bytes.clone();
    for (int bit = prefixLength; bit < result.length * 8; bit++) {
      result[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    return result;
  }

  /** The written form, which {@link #parse} reads. */
  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefixLength;
  }
}
