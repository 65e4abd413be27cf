// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.snapshot.Placement;
import org.mobitopolo.snapshot.RestoreLab;
import org.mobitopolo.snapshot.RestoreOptions;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Topology;

/**
 * Makes copies of a bundle's lab that know nothing of each other. Succeeded: all run, {@link #copies} names them. Failed or cancelled: none is left.
 */
public final class ReplicateLab implements Task.Work {
  private final Bundle bundle;
  private final int count;
  private final ParameterGrid parameters;
  private final List<HostUrl> allowed;
  private final Hosts hosts;
  private volatile List<Copy> copies = List.of();

  /**
   * To be run by {@link org.mobitopolo.task.Tasks#run}, once.
   *
   * @param count how many copies
   * @param allowed the hosts to use; each copy goes where most memory is free
   */
  public ReplicateLab(Bundle bundle, int count, ParameterGrid parameters, List<HostUrl> allowed, Hosts hosts) {
    this.bundle = bundle;
    this.count = count;
    this.parameters = parameters;
    this.allowed = List.copyOf(allowed);
    this.hosts = hosts;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    progress.phase("Asking the hosts how much memory they have.");
    Placement placement = new Placement(bundle.manifest(), hosts, allowed);
    List<Copy> planned = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Topology topology = placement.next().withId(Ids.newLabId()).withName(bundle.manifest().name() + " #" + (i + 1));
      planned.add(new Copy(i + 1, topology, parameters.of(i)));
    }
    new RestoreLab(bundle, planned.stream().map(Copy::topology).toList(), hosts, RestoreOptions.PLAIN).run(progress);
    copies = List.copyOf(planned);
  }

  /** The copies. Only after success. */
  public List<Copy> copies() {
    return copies;
  }
}
