// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

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
  private volatile SnapshotReport report;

  /** To be run by {@link org.mobitopolo.task.Tasks#run}, once. */
  public KeepSnapshot(Lab lab, Hosts hosts) {
    this.lab = lab;
    this.hosts = hosts;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    report = new Cut(lab, hosts).take(progress);
  }

  /** What came of it. Only after success. */
  public SnapshotReport report() {
    return report;
  }
}
