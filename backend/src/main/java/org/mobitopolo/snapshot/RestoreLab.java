// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.List;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.Topology;

/**
 * Makes running labs of a bundle, one or many copies, all or none. Succeeded: all their VMs go on from where they were cut; {@link
 * org.mobitopolo.lab.Lab#open} takes each over. Failed or cancelled: the hosts are as they were before, but for a roll back in place that failed
 * after the old VMs had given way; its message says so.
 */
public final class RestoreLab implements Task.Work {
  private final SavedLab saved;
  private final List<Topology> labs;
  private final Hosts hosts;
  private final RestoreOptions options;

  /**
   * To be run by {@link org.mobitopolo.task.Tasks#run}, once.
   *
   * @param labs what is to be made: the bundle's topology with id, name and hosts of choice ({@link Placement}), each with an id of its own
   */
  public RestoreLab(Bundle bundle, List<Topology> labs, Hosts hosts, RestoreOptions options) {
    this(new BundleLab(bundle), labs, hosts, options);
  }

  RestoreLab(SavedLab saved, List<Topology> labs, Hosts hosts, RestoreOptions options) {
    this.saved = saved;
    this.labs = List.copyOf(labs);
    this.hosts = hosts;
    this.options = options;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    try (Restoration restoration = new Restoration(saved, labs, hosts, ImageCatalogue.read(hosts.parts().images()), options)) {
      run(restoration, progress);
    }
  }

  private static void run(Restoration restoration, Task.Progress progress) throws InterruptedException {
    restoration.check(progress);
    boolean running = false;
    try {
      restoration.put(progress);
      restoration.start(progress);
      running = true;
    } catch (LabException e) {
      throw e.standing(
          restoration.replaced()
              ? "The VMs that were there are gone; those of the snapshot are saved on their hosts, and a start lets them go on."
              : "All that was made was removed again.");
    } finally {
      if (!running && !restoration.replaced()) {
        progress.phase("Removing what was made.");
        restoration.undo();
      }
    }
  }
}
