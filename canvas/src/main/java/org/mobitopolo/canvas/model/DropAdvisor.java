// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Optional;
import java.util.Set;

/**
 * Judges a drop before it happens. Called on the FX thread each time dragged nodes enter another
 * region: must not wait.
 */
@FunctionalInterface
public interface DropAdvisor {

  /**
   * Judges.
   *
   * @param nodes ids of the nodes that would change their region
   * @param region id of the region they would go to; empty for the space between regions
   */
  DropAdvice advise(Set<String> nodes, Optional<String> region);
}
