// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.nio.file.Path;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.Topology;

/**
 * Writes a snapshot that hosts keep into a bundle. Succeeded: the file is complete and on the disk. Failed or cancelled: there is no new file. The
 * hosts keep the snapshot in any case.
 */
public final class ExportSnapshot implements Task.Work {
  private final StoredSnapshots snapshots;
  private final String snapshot;
  private final Topology topology;
  private final Hosts hosts;
  private final Path file;
  private final BundleOptions options;
  private volatile long size;

  /**
   * To be run by {@link org.mobitopolo.task.Tasks#run}, once.
   *
   * @param topology of the lab as it is now, for a snapshot that does not know its own
   */
  public ExportSnapshot(StoredSnapshots snapshots, String snapshot, Topology topology, Hosts hosts, Path file, BundleOptions options) {
    this.snapshots = snapshots;
    this.snapshot = snapshot;
    this.topology = topology;
    this.hosts = hosts;
    this.file = file;
    this.options = options;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    progress.phase("Asking the hosts what they keep.");
    StoredSnapshots.Parts parts = snapshots.parts(snapshot);
    SnapshotNote note = snapshots.note(snapshot);
    ImageCatalogue images = ImageCatalogue.read(hosts.parts().images());
    BundleOptions all = new BundleOptions(options.images(), options.thumbnail().or(note::thumbnail));
    size = new BundleExport(snapshot, parts.cutAt(), note.topology().orElse(topology), parts.parts(), images).write(file, all, progress);
  }

  /** Size of the file in bytes. Only after success. */
  public long size() {
    return size;
  }
}
