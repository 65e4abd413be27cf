// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.snapshot.bundle.Head;
import org.mobitopolo.task.LabException;

/** Whether hosts can take what is to be restored there: asked before anything is created. */
final class Fitness {
  /** Beside its memory: supervisor, kernel process and its tables. */
  private static final long OVERHEAD = 12L << 20;

  private static final String NOTHING = "Nothing was created.";

  /** One computer, however many host folders it has. */
  private record Computer(String hostname, Set<String> addresses) {}

  private final Map<Computer, Long> needs = new LinkedHashMap<>();
  private final Map<Computer, Agent> agents = new LinkedHashMap<>();

  /** Counts a VM, switch or gateway in. */
  void add(Agent agent, String name, Head head) {
    if (!head.isDevice()) {
      requireCpu(agent, name, head);
    }
    HostFacts facts = agent.facts();
    Computer computer = new Computer(facts.hostname(), Set.copyOf(facts.addresses()));
    agents.putIfAbsent(computer, agent);
    needs.merge(computer, need(head), Long::sum);
  }

  private static void requireCpu(Agent agent, String name, Head head) {
    HostFacts facts = agent.facts();
    String host = agent.url().displayName();
    List<String> missing = CpuFeatures.missing(head.cpuFeatures(), facts.cpuFeatures());
    if (!missing.isEmpty()) {
      throw new LabException.HostUnfit(
          "The CPU of " + host + " lacks what the programs of " + name + " may use: " + String.join(", ", missing) + ".",
          NOTHING,
          "Choose a host with the same or a newer CPU.");
    }
    if ((head.xfeatures() & ~facts.xfeatures() & CpuFeatures.REGISTER_SETS) != 0) {
      throw new LabException.HostUnfit(
          "The CPU of " + host + " lacks registers that the programs of " + name + " may use.", NOTHING, "Choose a host with the same or a newer CPU.");
    }
    if (head.seccomp() && !facts.seccomp()) {
      throw new LabException.HostUnfit(
          name + " runs in seccomp mode, which the kernel of " + host + " (" + facts.kernel() + ") does not offer.",
          NOTHING,
          "Choose a host with Linux 5.9 or newer.");
    }
  }

  /** Refuses when a computer has too little memory for all that was counted in. */
  void requireMemory() {
    needs.forEach(
        (computer, need) -> {
          Agent agent = agents.get(computer);
          long free = free(agent.facts());
          if (need > free) {
            throw new LabException.HostUnfit(
                agent.url().displayName() + " has " + mebibytes(free) + " of memory free for VMs; " + mebibytes(need) + " are needed.",
                NOTHING,
                "Stop other VMs there, or choose more or other hosts.");
          }
        });
  }

  /** Bytes that guests could take. */
  static long free(HostFacts facts) {
    return Math.min(facts.memoryAvailable(), facts.ramAvailable());
  }

  /** Bytes that a restored VM takes. */
  static long need(Head head) {
    return head.contentBytes() + OVERHEAD;
  }

  private static String mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1 >> 20) + " MiB";
  }
}
