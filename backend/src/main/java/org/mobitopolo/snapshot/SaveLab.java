// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.nio.file.Path;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;

/**
 * Saves a running lab as a bundle while it runs. Succeeded: the file is complete and on the disk, {@link #report} tells the figures. Failed or
 * cancelled: the lab goes on as if nothing had been, hosts keep nothing, and what was at the file's place is still there.
 */
public final class SaveLab implements Task.Work {
  private final Lab lab;
  private final Hosts hosts;
  private final Path file;
  private final BundleOptions options;
  private volatile SnapshotReport report;

  /** To be run by {@link org.mobitopolo.task.Tasks#run}, once. */
  public SaveLab(Lab lab, Hosts hosts, Path file, BundleOptions options) {
    this.lab = lab;
    this.hosts = hosts;
    this.file = file;
    this.options = options;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    ImageCatalogue images = ImageCatalogue.read(hosts.parts().images());
    Cut cut = new Cut(lab, hosts, false);
    SnapshotReport taken = cut.take(progress);
    try {
      long size = new BundleExport(taken.snapshot(), taken.cutAt(), cut.topology(), cut.parts(), images).write(file, options, progress);
      report = taken.withFile(size);
    } catch (LabException e) {
      throw e.standing("The lab goes on running; there is no new bundle.");
    } finally {
      cut.delete();
    }
  }

  /** What came of it. Only after success. */
  public SnapshotReport report() {
    return report;
  }
}
