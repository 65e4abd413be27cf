// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.model.DropAdvice;
import org.mobitopolo.canvas.model.DropAdvisor;
import org.mobitopolo.host.HostState;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.Wan;

/**
 * Says, while nodes are dragged, what dropping them would do: a running VM migrates. What the
 * target surely can't take is refused there and then; the target itself checks everything once more
 * before anything moves.
 */
final class DropJudge implements DropAdvisor {
  private final LabDocument document;
  private final Texts texts;

  DropJudge(LabDocument document, Texts texts) {
    this.document = document;
    this.texts = texts;
  }

  @Override
  public DropAdvice advise(Set<String> nodes, Optional<String> region) {
    Topology topology = document.topology().get();
    List<VirtualMachine> running =
        topology
            .virtualMachines()
            .filter(vm -> nodes.contains(vm.id()) && document.vm(vm.id()).status().live())
            .toList();
    Optional<Region> target = region.flatMap(topology::region);
    if (target.isEmpty()) {
      return running.isEmpty()
          ? new DropAdvice(true, "")
          : new DropAdvice(false, texts.get("drop.must-stay", names(running), running.size()));
    }
    if (running.isEmpty()) {
      return new DropAdvice(true, texts.get("drop.place", target.get().name()));
    }
    return refusal(running, target.get())
        .map(reason -> new DropAdvice(false, reason))
        .orElseGet(
            () ->
                new DropAdvice(
                    true,
                    duration(running, target.get())
                        .map(
                            time ->
                                texts.get(
                                    "drop.migrate-about",
                                    names(running),
                                    target.get().name(),
                                    words(time)))
                        .orElseGet(
                            () ->
                                texts.get(
                                    "drop.migrate", names(running), target.get().name()))));
  }

  /**
   * How long migrating will take: what each VM's last migration sent, else all its memory, at the
   * rate of the distance between the regions or, where that has none, of the lab's last migration.
   * Empty while nothing says how fast that will be.
   */
  private Optional<Duration> duration(List<VirtualMachine> running, Region target) {
    double seconds = 0;
    for (VirtualMachine vm : running) {
      Rate wan =
          vm.region()
              .flatMap(from -> document.topology().get().wan(from, target.id()))
              .map(Wan::rate)
              .orElse(Rate.UNLIMITED);
      double bytesPerSecond = wan.isUnlimited() ? lastThroughput() : wan.bitsPerSecond() / 8.0;
      if (bytesPerSecond <= 0) {
        return Optional.empty();
      }
      double bytes =
          document
              .vm(vm.id())
              .migration()
              .filter(last -> last.status() == MigrationStatus.DONE && last.transferred() > 0)
              .map(last -> (double) last.transferred())
              .orElse((double) vm.memory().bytes());
      seconds += bytes / bytesPerSecond;
    }
    return Optional.of(Duration.ofMillis(Math.round(seconds * 1000)));
  }

  private double lastThroughput() {
    return document.state().get().vms().values().stream()
        .flatMap(vm -> vm.migration().stream())
        .filter(last -> last.status() == MigrationStatus.DONE && last.totalMs().isPresent())
        .mapToDouble(last -> last.transferred() / (last.totalMs().getAsDouble() / 1000))
        .max()
        .orElse(0);
  }

  private String words(Duration time) {
    long seconds = Math.max(1, Math.round(time.toMillis() / 1000.0));
    return seconds < 100
        ? texts.get("drop.seconds", seconds)
        : texts.get("drop.minutes", Math.round(seconds / 60.0));
  }

  private Optional<String> refusal(List<VirtualMachine> running, Region target) {
    HostState host = document.state().get().hosts().get(target.id());
    if (host == null) {
      return Optional.empty();
    }
    if (host.status() == HostState.Status.UNREACHABLE) {
      return Optional.of(texts.get("drop.unreachable", target.name()));
    }
    long needed = running.stream().mapToLong(vm -> vm.memory().bytes()).sum();
    return host.facts()
        .filter(facts -> facts.ramAvailable() < needed)
        .map(
            facts ->
                texts.get(
                    "drop.no-room",
                    target.name(),
                    Units.bytes(facts.ramAvailable()),
                    Units.bytes(needed)));
  }

  private String names(List<VirtualMachine> machines) {
    return machines.size() == 1
        ? machines.getFirst().name()
        : texts.get("drop.machines", machines.size());
  }
}
