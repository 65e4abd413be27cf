// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.Collection;
import org.mobitopolo.topology.Topology;

/** Phrases that titles of edits share. */
final class Titles {

  private Titles() {}

  /** The name of a single node, or how many there are. */
  static String nodes(Topology topology, Collection<String> ids) {
    return ids.size() == 1
        ? Elements.nodeName(topology, ids.iterator().next())
        : ids.size() + " nodes";
  }
}
