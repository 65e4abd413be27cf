// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import org.mobitopolo.topology.Topology;

/** Hears of a lab's changes. Called on background threads, one at a time for each lab; must return soon. */
public interface LabListener {

  /** What the hosts report has changed. Comes at most every 50 ms; states in between are left out, the last never is. */
  void stateChanged(LabState state);

  /** The wish has changed. */
  default void topologyChanged(Topology topology) {}
}
