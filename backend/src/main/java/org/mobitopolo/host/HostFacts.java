// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a host's agent measured.
 *
 * @param hostname the name it gives itself
 * @param memoryTotal bytes
 * @param memoryAvailable bytes
 * @param ramAvailable bytes of tmpfs free for guest RAM
 * @param diskAvailable bytes free where the host folder lies
 * @param load1 processes that run or wait, mean of a minute
 * @param seccomp whether guests can use the fast mode
 * @param landlock version of Landlock, by which guests are confined; 0 if the host has none
 * @param addresses IP addresses of its interfaces
 * @param xfeatures mask of the CPU state that programs may use
 * @param xsaveSize bytes of that state
 * @param vms how many VMs live in this host folder
 * @param roundTrip from the question for these facts to their arrival
 */
public record HostFacts(
    String hostname,
    String cpuModel,
    int cpus,
    Set<String> cpuFeatures,
    long xfeatures,
    long xsaveSize,
    long memoryTotal,
    long memoryAvailable,
    long ramAvailable,
    long diskAvailable,
    double load1,
    String kernel,
    boolean seccomp,
    int landlock,
    List<String> addresses,
    int vms,
    Duration roundTrip) {

  public HostFacts {
    cpuFeatures = Set.copyOf(cpuFeatures);
    addresses = List.copyOf(addresses);
  }

  /** Load in proportion to the CPUs, 0 to 1. */
  public double load() {
    return cpus <= 0 ? 0 : Math.clamp(load1 / cpus, 0, 1);
  }
}
