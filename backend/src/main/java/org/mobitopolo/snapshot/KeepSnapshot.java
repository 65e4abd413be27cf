// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.Task;

/**
 * Takes a snapshot of a running lab and leaves its parts on the hosts. Succeeded: {@link StoredSnapshots} finds it. Failed or cancelled: the lab
 * goes on as if nothing had been, and hosts keep nothing.
 */
public final class KeepSnapshot implements Task.Work {
  private final Lab lab;
  private final Hosts hosts;
  private final SnapshotNote note;
  private volatile SnapshotReport report;

  /**
   * To be run by {@link org.mobitopolo.task.Tasks#run}, once.
   *
   * @param note what is kept with it; the topology is added
   */
  public KeepSnapshot(Lab lab, Hosts hosts, SnapshotNote note) {
    this.lab = lab;
    this.hosts = hosts;
    this.note = note;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    Cut cut = new Cut(lab, hosts, true);
    SnapshotReport taken = cut.take(progress);
    boolean noted = false;
    try {
      SnapshotNote whole = note.of(cut.topology());
      for (Agent agent : cut.agents()) {
        whole.keep(agent, taken.snapshot());
      }
      noted = true;
    } finally {
      if (!noted) {
        cut.delete();
      }
    }
    report = taken;
  }

  /** What came of it. Only after success. */
  public SnapshotReport report() {
    return report;
  }
}
