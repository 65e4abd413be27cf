// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Addresses of the form {@code ip:port} or {@code [ip]:port} at which a supervisor may be reached from another host. */
public final class Peers {
  private static final int MOST = 16;

  private Peers() {}

  /**
   * Orders a supervisor's addresses by how likely they lead there: loopback first on one machine and never between two; then the address
   * by which this computer reaches the host; then the rest.
   *
   * @param own what the supervisor listens at
   * @param sameMachine whether the other side is on the same machine
   * @param address the IP address by which this computer reaches the host, if that is known
   */
  public static List<String> reachable(List<String> own, boolean sameMachine, Optional<String> address) {
    Set<String> found = new LinkedHashSet<>();
    if (sameMachine) {
      own.stream().filter(Peers::isLoopback).forEach(found::add);
    }
    Optional<String> port = own.stream().map(Peers::port).findFirst();
    address.filter(ip -> !isLoopback(join(ip, "0")) || sameMachine).ifPresent(ip -> port.ifPresent(p -> found.add(join(ip, p))));
    own.stream().filter(endpoint -> !isLoopback(endpoint) && endpoint.indexOf('%') < 0).forEach(found::add);
    List<String> ordered = new ArrayList<>(found);
    return List.copyOf(ordered.subList(0, Math.min(MOST, ordered.size())));
  }

  /** Whether two hosts, by their own names and addresses, are one machine. */
  public static boolean sameMachine(String hostname, List<String> addresses, String otherHostname, List<String> otherAddresses) {
    return hostname.equals(otherHostname) && Set.copyOf(addresses).equals(Set.copyOf(otherAddresses));
  }

  private static boolean isLoopback(String endpoint) {
    return endpoint.startsWith("127.") || endpoint.startsWith("[::1]");
  }

  private static String port(String endpoint) {
    return endpoint.substring(endpoint.lastIndexOf(':') + 1);
  }

  private static String join(String ip, String port) {
    return ip.indexOf(':') >= 0 ? "[" + ip + "]:" + port : ip + ":" + port;
  }
}
