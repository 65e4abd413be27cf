// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;

/** Finds labs that hosts hold. */
public final class Labs {
  private Labs() {}

  /**
   * A lab that was found.
   *
   * @param topology as last applied
   * @param hosts where it was found
   * @param liveVms how many of its VMs run there
   */
  public record Found(Topology topology, List<HostUrl> hosts, int liveVms) {}

  /**
   * What a search gave.
   *
   * @param labs those found, by name
   * @param failures the hosts that could not be asked, with the reason
   */
  public record Search(List<Found> labs, Map<HostUrl, LabException> failures) {}

  /** Asks these hosts, all at once, for the labs they hold. Waits for the answers. */
  public static Search find(Hosts hosts, Collection<HostUrl> urls) throws InterruptedException {
    throw new UnsupportedOperationException();
  }
}
