// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.List;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.Topology;

/**
 * Lets a lab go on from a snapshot that its hosts keep, in its own place: the VMs there are now give way when those of the snapshot lie ready. Close
 * the {@link org.mobitopolo.lab.Lab} before, open it with {@link #topology} afterwards. Succeeded: the lab runs as it was cut. Failed or
 * cancelled: the lab runs as before, unless the message says that its VMs had given way already.
 */
public final class RollBack implements Task.Work {
  private final StoredSnapshots snapshots;
  private final String snapshot;
  private final Hosts hosts;
  private final boolean keepClock;
  private volatile Topology topology;

  /**
   * To be run by {@link org.mobitopolo.task.Tasks#run}, once.
   *
   * @param now the lab as it is, for a snapshot that does not know its topology
   * @param keepClock whether the guests' wall clocks go on where they were cut
   */
  public RollBack(StoredSnapshots snapshots, String snapshot, Topology now, Hosts hosts, boolean keepClock) {
    this.snapshots = snapshots;
    this.snapshot = snapshot;
    this.topology = now;
    this.hosts = hosts;
    this.keepClock = keepClock;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    progress.phase("Asking the hosts what they keep.");
    StoredSnapshots.Parts parts = snapshots.parts(snapshot);
    Topology then = snapshots.note(snapshot).topology().orElse(topology);
    ImageCatalogue images = ImageCatalogue.read(hosts.parts().images());
    KeptLab kept = new BundleExport(snapshot, parts.cutAt(), then, parts.parts(), images).kept();
    new RestoreLab(kept, List.of(then), hosts, new RestoreOptions(keepClock, true)).run(progress);
    topology = then;
  }

  /** The lab's topology: after success that of the snapshot. */
  public Topology topology() {
    return topology;
  }
}
