// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.topology.Size;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What keeps a host folder in order: how much VMs may take there, and what lies there and is of no use any more. */
public final class Upkeep {
  private static final Set<String> OFF = Set.of("created", "stopped", "crashed");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Limits of a host folder.
   *
   * @param memory bytes that VMs may be given; empty without a limit
   * @param memoryTaken bytes that VMs which run, are parked or saved were given
   * @param disk bytes that VMs, images and snapshots may take; empty without a limit
   * @param diskTaken bytes to which the disks of VMs may grow, and which images and snapshots take
   */
  public record Limits(Optional<Long> memory, long memoryTaken, Optional<Long> disk, long diskTaken) {}

  /**
   * A VM that is off.
   *
   * @param age how long it has been off
   * @param bytes what its disks take
   */
  public record IdleVm(String instance, String lab, String labName, String name, String state, Duration age, long bytes) {}

  /**
   * Agents and images that no VM and no snapshot needs.
   *
   * @param bytes what they take
   */
  public record Unused(List<String> agents, List<String> images, long bytes) {}

  private final Agent agent;

  /** Of the folder that this agent keeps. */
  public Upkeep(Agent agent) {
    this.agent = agent;
  }

  /** What VMs may take, and take. Waits for the host. */
  public Limits limits() throws InterruptedException {
    return limits(agent.call("limits", agent.params()));
  }

  /** Sets the folder's limits; what is empty is not limited. The administrator's limits hold as well. Waits for the host. */
  public Limits limit(Optional<Size> memory, Optional<Size> disk) throws InterruptedException {
    ObjectNode params = agent.params();
    memory.ifPresent(size -> params.put("memoryMiB", size.toMiB()));
    disk.ifPresent(size -> params.put("diskMiB", size.toMiB()));
    return limits(agent.call("limits.set", params));
  }

  private static Limits limits(JsonNode answer) {
    return new Limits(
        number(answer, "memory"), answer.path("memoryTaken").asLong(0), number(answer, "disk"), answer.path("diskTaken").asLong(0));
  }

  private static Optional<Long> number(JsonNode answer, String name) {
    return answer.has(name) ? Optional.of(answer.path(name).asLong(0)) : Optional.empty();
  }

  /** VMs that have been off for so long, of all labs. Waits for the host. */
  public List<IdleVm> idle(Duration age) throws InterruptedException {
    long now = agent.call("facts", agent.params()).path("time").asLong(0);
    List<IdleVm> idle = new ArrayList<>();
    for (JsonNode vm : agent.call("vm.list", agent.params()).path("vms").values()) {
      Duration off = Duration.ofMillis(Math.max(0, now - vm.path("since").asLong(now)) / 1000);
      if (OFF.contains(vm.path("state").asString("")) && off.compareTo(age) >= 0) {
        idle.add(
            new IdleVm(
                vm.path("instance").asString(""),
                text(vm, "lab"),
                text(vm, "labName"),
                text(vm, "name"),
                text(vm, "state"),
                off,
                vm.path("overlayBytes").asLong(0)));
      }
    }
    return idle;
  }

  private static String text(JsonNode vm, String name) {
    return Printable.line(vm.path(name).asString(""), 100);
  }

  /** Deletes a VM with its disks, and the copy of its lab's topology when the host holds no other VM of that lab. Waits for the host. */
  public void delete(IdleVm vm) throws InterruptedException {
    agent.call("vm.delete", agent.params().put("instance", vm.instance()), PATIENCE);
    JsonNode others = agent.call("vm.list", agent.params().put("lab", vm.lab()));
    if (others.path("vms").isEmpty()) {
      agent.call("lab.delete", agent.params().put("lab", vm.lab()));
    }
  }

  /** Agents and images that nothing needs; they stay. Waits for the host. */
  public Unused unused() throws InterruptedException {
    return tidy(true);
  }

  /** Removes agents and images that nothing needs. Waits for the host. */
  public Unused removeUnused() throws InterruptedException {
    return tidy(false);
  }

  private Unused tidy(boolean onlyTry) throws InterruptedException {
    JsonNode answer = agent.call("tidy", agent.params().put("try", onlyTry), PATIENCE);
    return new Unused(names(answer, "agents"), names(answer, "images"), answer.path("bytes").asLong(0));
  }

  private static List<String> names(JsonNode answer, String of) {
    return answer.path(of).values().stream().map(name -> Printable.line(name.asString(""), 64)).toList();
  }
}
