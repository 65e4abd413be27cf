// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/** How jitter varies the delay of a frame. */
public enum Distribution {
  UNIFORM,
  NORMAL,
  PARETO
}
