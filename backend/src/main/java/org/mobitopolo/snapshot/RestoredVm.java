// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.time.Duration;
import java.util.Map;
import org.mobitopolo.host.Agent;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A VM, switch or gateway that is being restored on a host. */
final class RestoredVm {
  private static final Duration REMOVE_LIMIT = Duration.ofSeconds(15);
  private static final long BUSY_PAUSE_MS = 50;

  private final int number;
  private final Manifest.Machine machine;
  private final Agent agent;
  private final String instance;
  private final String kernel;
  private volatile boolean begun;

  /**
   * Nothing is made yet.
   *
   * @param number of the VM in the manifest
   * @param agent of the host where it is to run
   * @param instance what it is to be called there
   * @param kernel names the agent whose guest kernel runs it; empty for a switch or gateway
   */
  RestoredVm(int number, Manifest.Machine machine, Agent agent, String instance, String kernel) {
    this.number = number;
    this.machine = machine;
    this.agent = agent;
    this.instance = instance;
    this.kernel = kernel;
  }

  Manifest.Machine machine() {
    return machine;
  }

  Agent agent() {
    return agent;
  }

  String instance() {
    return instance;
  }

  /** Whether its guest kernel belongs to the agent, so that it can wait for a base image that is on its way. */
  boolean runsKernelOfAgent() {
    return kernel.equals(agent.hash());
  }

  /**
   * Brings its state to the host.
   *
   * @param lists names, by image, the lists of pieces by which images still come to that host
   */
  void put(Topology topology, boolean keepClock, Map<String, String> lists, SavedLab.States states, Together together) throws InterruptedException {
    begun = true;
    states.put(number, config(topology, keepClock, lists), agent, instance, together);
  }

  /** What it was made of, as part of the new lab. */
  private ObjectNode config(Topology topology, boolean keepClock, Map<String, String> lists) {
    ObjectNode config = (ObjectNode) machine.head().json().path("config").deepCopy();
    config.put("instance", instance).put("lab", topology.id()).put("labName", topology.name());
    if (!kernel.isEmpty()) {
      config.put("kernel", kernel);
    }
    for (JsonNode disk : config.path("disks").values()) {
      ((ObjectNode) disk).remove("pieces");
      String list = lists.get(disk.path("image").asString(""));
      if (list != null) {
        ((ObjectNode) disk).put("pieces", list);
      }
    }
    ObjectNode message = agent.params().put("clock", keepClock ? "keep" : "follow");
    message.set("config", config);
    return message;
  }

  /** Removes it from the host, if it was brought there. */
  void remove() throws InterruptedException {
    if (begun) {
      remove(agent, instance);
    }
  }

  /** Removes a VM from its host, running or not, if it is there and the host answers. */
  static void remove(Agent agent, String instance) throws InterruptedException {
    try {
      agent.call("vm.stop", agent.params().put("instance", instance).put("graceMs", 0), REMOVE_LIMIT);
    } catch (LabException e) {
      // not there, or not running: deleting it says so
    }
    long until = System.nanoTime() + REMOVE_LIMIT.toNanos();
    while (System.nanoTime() < until) {
      try {
        agent.call("vm.delete", agent.params().put("instance", instance), REMOVE_LIMIT);
        return;
      } catch (LabException.AgentRefused e) {
        // its supervisor may not have ended yet
        if (!e.code().equals("busy") && !e.code().equals("wrong-state")) {
          return;
        }
        Thread.sleep(BUSY_PAUSE_MS);
      } catch (LabException e) {
        return;
      }
    }
  }
}
