// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.SshSettings;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Topology;

/**
 * What a command works with: connections to hosts, tasks and their display. Closing it leaves all
 * VMs running.
 */
public final class Session implements AutoCloseable {

  private final Surroundings surroundings;
  private final Hosts hosts;
  private final Tasks tasks = new Tasks();
  private final Optional<TaskDisplay> display;
  private final List<Lab> labs = new ArrayList<>();

  Session(Surroundings surroundings, HostOptions hostOptions, OutputOptions output) {
    this.surroundings = surroundings;
    Terminal terminal = surroundings.terminal();
    this.hosts =
        new Hosts(
            surroundings.installation().nativeParts(surroundings.folders()),
            SshSettings.ofAccount(surroundings.folders().home(), surroundings.environment()),
            hostOptions.keyPolicy(terminal),
            hostOptions.credentials(terminal));
    this.display =
        output.showsProgress()
            ? Optional.of(new TaskDisplay(surroundings.err(), terminal))
            : Optional.empty();
    display.ifPresent(tasks::addListener);
  }

  public Surroundings surroundings() {
    return surroundings;
  }

  public Hosts hosts() {
    return hosts;
  }

  /** Where tasks are run so that they are shown. */
  public Tasks tasks() {
    return tasks;
  }

  /** Where progress is shown; empty when it is not. */
  public Optional<TaskDisplay> display() {
    return display;
  }

  /**
   * Opens a lab that this command is about, waits until its hosts have answered or failed, and
   * remembers it.
   *
   * @param file where the topology was read from, if from a file
   */
  public Lab open(Topology topology, Optional<Path> file) throws InterruptedException {
    Lab lab = Lab.open(topology, hosts, tasks);
    labs.add(lab);
    lab.awaitKnown();
    try {
      surroundings.knownLabs().remember(topology, file);
    } catch (UncheckedIOException e) {
      surroundings
          .err()
          .println(
              "mobitopolo: " + e.getMessage() + " Commands will find this lab by its file only.");
    }
    return lab;
  }

  /**
   * Waits for success of a task. ^C cancels it and waits until it has ended in an orderly way.
   *
   * @throws org.mobitopolo.task.LabException when it failed or was cancelled
   */
  public void follow(Task task) {
    boolean interrupted = false;
    while (true) {
      try {
        task.awaitSuccess();
        return;
      } catch (InterruptedException e) {
        if (interrupted) {
          throw new IllegalStateException("interrupted twice", e);
        }
        interrupted = true;
        task.cancel();
      }
    }
  }

  /**
   * Shows and waits for images that this program brings to hosts while VMs run there already: when it
   * ends, they wait for what is still missing.
   *
   * @throws org.mobitopolo.task.LabException if one can't be brought
   */
  public void followImages(Lab lab) throws InterruptedException {
    lab.imageFetches().forEach(this::follow);
  }

  @Override
  public void close() {
    labs.forEach(Lab::close);
    hosts.close();
    display.ifPresent(TaskDisplay::close);
  }
}
