// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.mobitopolo.app.KnownLabs;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * Finds out whether a lab that was just opened runs already. Hosts hold the truth: a lab that runs
 * is taken as it runs, since VMs may have moved since the file was written, and since opening it
 * with less would delete what is missing.
 */
final class LabOpener {
  /** As long as that, undo brings a removed VM's disk back. */
  private static final Duration KEEP_REMOVED = Duration.ofMinutes(30);

  private final WindowContext context;

  LabOpener(WindowContext context) {
    this.context = context;
  }

  /**
   * Asks the lab's hosts, in the background; the answer comes on the FX thread: the lab as it runs,
   * or nothing.
   */
  void findRunning(Topology topology, Consumer<Optional<Topology>> answer) {
    context
        .io()
        .execute(
            () -> {
              Optional<Topology> running = Optional.empty();
              try {
                running =
                    Labs.find(context.hosts(), hostsOf(topology)).labs().stream()
                        .filter(
                            found ->
                                found.topology().id().equals(topology.id()) && found.liveVms() > 0)
                        .map(Labs.Found::topology)
                        .findFirst();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Optional<Topology> found = running;
              context.fx().execute(() -> answer.accept(found));
            });
  }

  private Set<HostUrl> hostsOf(Topology topology) {
    Set<HostUrl> hosts = new LinkedHashSet<>();
    topology.regions().stream().map(Region::host).forEach(hosts::add);
    context.knownLabs().entries().stream()
        .filter(entry -> entry.id().equals(topology.id()))
        .map(KnownLabs.Entry::hosts)
        .forEach(hosts::addAll);
    return hosts;
  }

  /** Opens the lab and remembers where to look for it. Does I/O; not for the FX thread. */
  Lab open(Topology topology, Optional<Path> file) {
    try {
      context.knownLabs().remember(topology, file);
    } catch (UncheckedIOException e) {
      context.notices().show(Notice.warning(context.texts().get("lab.not-known"), e.getMessage()));
    }
    Lab lab = Lab.open(topology, context.hosts(), context.tasks());
    lab.keepRemoved(KEEP_REMOVED);
    lab.limitMigrations(() -> MigrationPreferences.limits(context.settings()));
    return lab;
  }
}
