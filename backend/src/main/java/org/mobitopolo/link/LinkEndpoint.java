// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where one end of a link is.
 *
 * @param instance the VM's incarnation
 * @param nic index of its NIC
 * @param region id of the region that it is in
 * @param udp where its supervisor listens: {@code ip:port}
 * @param address the address by which this computer reaches its host, if that is known
 * @param hostname the name the host gives itself
 * @param hostAddresses all addresses of the host
 * @param cpuFeatures of the host
 */
public record LinkEndpoint(
    String instance,
    int nic,
    String region,
    List<String> udp,
    Optional<String> address,
    String hostname,
    List<String> hostAddresses,
    Set<String> cpuFeatures) {

  /**
   * Whether both are on one machine: then loopback addresses lead there. Host folders differ when it plays several hosts, names and addresses
   * do not.
   */
  boolean sameMachine(LinkEndpoint other) {
    return Peers.sameMachine(hostname, hostAddresses, other.hostname, other.hostAddresses);
  }
}
