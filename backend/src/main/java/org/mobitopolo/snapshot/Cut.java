// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Host;
import org.mobitopolo.host.HostListener;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.Migration;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A consistent cut over all VMs of a running lab (protocols.md section 9), coordinated from here. Each VM's memory and disks are copied on its
 * host while it runs; when all copies are nearly complete, all VMs are told to cut at once. Nobody needs a common clock: a frame says whether its
 * sender had cut already, and a receiver that had not holds it back.
 *
 * <p>The lab goes on in any case. Until {@link #take} has returned every failure, and a cancel, removes what was made.
 */
final class Cut {
  private static final Duration NO_LIMIT = Duration.ofDays(365);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration TIDY_LIMIT = Duration.ofSeconds(10);
  private static final int MOST_EPOCHS = 65535;
  private static final long BUSY_PAUSE_MS = 20;
  private static final String GOES_ON = "The lab goes on running; no snapshot was made.";

  private final Lab lab;
  private final Hosts hosts;
  private final boolean incremental;
  private final String id = Migration.newId();
  private final int epoch = 1 + new SecureRandom().nextInt(MOST_EPOCHS);
  private final Map<String, long[]> copied = new LinkedHashMap<>();
  private List<Part> parts = List.of();
  private Topology topology;

  /**
   * A cut that is not made yet.
   *
   * @param incremental whether hosts keep only what differs from the latest part that they have of the same VM
   */
  Cut(Lab lab, Hosts hosts, boolean incremental) {
    this.lab = lab;
    this.hosts = hosts;
    this.incremental = incremental;
  }

  /** The VMs, switches and gateways that are part of it; empty before {@link #take}. */
  List<Part> parts() {
    return parts;
  }

  /** The lab's topology when it was cut. */
  Topology topology() {
    return topology;
  }

  /**
   * Cuts. Nothing of the lab is started, stopped or moved meanwhile; what is under way is waited for.
   *
   * @throws LabException why there is no snapshot
   */
  SnapshotReport take(Task.Progress progress) throws InterruptedException {
    progress.phase("Waiting for what is under way.");
    lab.awaitKnown();
    try (Lab.Hold _ = lab.hold()) {
      lab.await(Cut::calm);
      topology = lab.topology();
      parts = runningParts();
      HostListener listener = new Listener(progress);
      List<Host> all = agents().stream().map(agent -> hosts.host(agent.url())).toList();
      all.forEach(host -> host.addListener(listener));
      boolean taken = false;
      try {
        SnapshotReport report = cut(progress);
        taken = true;
        return report;
      } catch (LabException e) {
        throw e.standing(GOES_ON);
      } finally {
        all.forEach(host -> host.removeListener(listener));
        if (!taken) {
          giveUp();
        }
      }
    }
  }

  private static boolean calm(LabState state) {
    return state.vms().values().stream().map(VmState::status).noneMatch(Set.of(VmStatus.BOOTING, VmStatus.PREPARING, VmStatus.MIGRATING, VmStatus.STOPPING)::contains);
  }

  private List<Part> runningParts() throws InterruptedException {
    LabState state = lab.state();
    List<Part> running = new ArrayList<>();
    for (Node node : topology.nodes()) {
      VmState now = state.vm(node.id());
      if (now.status() == VmStatus.UNKNOWN) {
        throw new LabException.HostUnreachable(
            "The host of " + node.name() + " does not answer, so the lab can't be cut as a whole.", GOES_ON, "Wait until it is connected again.", null);
      }
      if (now.status() == VmStatus.RUNNING) {
        Agent agent = hosts.host(now.host().orElseThrow()).agent();
        running.add(new Part(node.id(), node.name(), agent, now.instance().orElseThrow()));
      }
    }
    if (running.stream().noneMatch(part -> topology.node(part.node()).orElseThrow() instanceof VirtualMachine)) {
      throw new LabException.NotPossible("No VM of \"" + topology.name() + "\" runs, so there is nothing to take a snapshot of.", "", "Start the lab first.");
    }
    return List.copyOf(running);
  }

  /** The hosts that have parts. */
  Set<Agent> agents() {
    return parts.stream().map(Part::agent).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private SnapshotReport cut(Task.Progress progress) throws InterruptedException {
    progress.phase("Copying memory and disks while the VMs run.");
    Answers.all(ask("snapshot.prepare", this::preparing), NO_LIMIT, "");
    progress.phase("Cutting all VMs.");
    Instant cutAt = Instant.now();
    List<JsonNode> cuts = Answers.all(ask("snapshot.cut", params -> params), LIMIT, "while the lab was cut");
    progress.phase("Waiting for frames that were on their way.");
    List<JsonNode> ends = Answers.all(ask("snapshot.finish", params -> params), LIMIT, "while the lab was cut");
    List<SnapshotReport.Machine> machines = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      machines.add(machine(parts.get(i), cuts.get(i), ends.get(i)));
    }
    return new SnapshotReport(id, cutAt, machines, 0);
  }

  private ObjectNode preparing(ObjectNode params) {
    params.put("epoch", epoch).putObject("options").put("incremental", incremental);
    return params;
  }

  private static SnapshotReport.Machine machine(Part part, JsonNode cut, JsonNode end) {
    boolean complete = end.path("links").valueStream().allMatch(link -> link.path("complete").asBoolean(false));
    long frames = end.path("frames").asLong(0) + end.path("channelFrames").asLong(0);
    return new SnapshotReport.Machine(part.name(), cut.path("downtimeMs").asDouble(0), end.path("bytes").asLong(0), frames, complete);
  }

  @FunctionalInterface
  private interface Filling {
    ObjectNode fill(ObjectNode params);
  }

  private List<CompletableFuture<JsonNode>> ask(String method, Filling filling) {
    return parts.stream()
        .map(part -> part.agent().request(method, filling.fill(part.agent().params().put("snapshot", id).put("instance", part.instance()))))
        .toList();
  }

  /** Asks all to forget it; who does not answer forgets it when the connection ends. */
  private void giveUp() {
    Uninterrupted.run(
        () -> {
          try {
            Answers.all(ask("snapshot.cancel", params -> params), TIDY_LIMIT, "");
          } catch (LabException e) {
            // a host that does not answer forgets it by itself
          }
        });
    delete();
  }

  /** Removes the parts from their hosts, also when interrupted. Does not fail: what a host that is gone keeps can be removed later. */
  void delete() {
    Uninterrupted.run(
        () -> {
          for (Agent agent : agents()) {
            delete(agent);
          }
        });
  }

  private void delete(Agent agent) throws InterruptedException {
    long until = System.nanoTime() + TIDY_LIMIT.toNanos();
    while (System.nanoTime() < until) {
      try {
        agent.call("snapshot.delete", agent.params().put("snapshot", id), TIDY_LIMIT);
        return;
      } catch (LabException.AgentRefused e) {
        // a part that is being given up is busy for a moment
        if (!e.code().equals("busy")) {
          return;
        }
        Thread.sleep(BUSY_PAUSE_MS);
      } catch (LabException e) {
        return;
      }
    }
  }

  /** Adds up what the hosts report. */
  private final class Listener implements HostListener {
    private final Task.Progress progress;

    Listener(Task.Progress progress) {
      this.progress = progress;
    }

    @Override
    public void connected(Agent agent) {}

    @Override
    public void event(Agent agent, JsonNode event) {
      if (!event.path("event").asString("").equals("snapshot") || !event.path("snapshot").asString("").equals(id)) {
        return;
      }
      long done;
      long total;
      synchronized (copied) {
        long transferred = event.path("transferred").asLong(0);
        copied.put(event.path("instance").asString(""), new long[] {transferred, transferred + event.path("remaining").asLong(0)});
        done = copied.values().stream().mapToLong(each -> each[0]).sum();
        total = copied.values().stream().mapToLong(each -> each[1]).sum();
      }
      progress.amount(done, total, Unit.BYTES);
    }

    @Override
    public void disconnected(LabException reason) {}
  }
}
