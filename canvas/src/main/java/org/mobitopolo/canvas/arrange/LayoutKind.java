// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

/** The automatic layouts. */
public enum LayoutKind {
  /** Tiers of nodes, links lead from tier to tier: networks with a core and an edge. */
  LAYERED,
  /** Distances on the canvas follow distances in the network: anything without an order. */
  FORCE,
  /** A root above its branches. */
  TREE,
  /** All on a circle, a hub in its middle: rings, stars and meshes. */
  CIRCLE
}
