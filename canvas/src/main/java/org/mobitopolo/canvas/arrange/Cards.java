// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** The places that nodes' cards take on the canvas. */
final class Cards {
  private Cards() {}

  static double width(Node node) {
    return node instanceof VirtualMachine ? NodeView.WIDTH : NodeView.SMALL_WIDTH;
  }

  static double height(Node node) {
    return node instanceof VirtualMachine ? NodeView.HEIGHT : NodeView.SMALL_HEIGHT;
  }

  static Box box(Node node) {
    return Box.around(node.position(), width(node), height(node));
  }

  /**
   * The place nearest to the wished one where the card lies in its node's region as a whole; as far
   * as the region has room for that, and the wished place for a node without a region.
   */
  static Point within(Topology topology, Node node, Point wished) {
    return topology
        .regionOf(node.id())
        .map(
            region -> {
              Box area = Box.of(region.bounds());
              return new Point(
                  nearest(wished.x(), area.left(), area.right(), width(node) / 2),
                  nearest(
                      wished.y(), area.top() + RegionView.HEADER, area.bottom(), height(node) / 2));
            })
        .orElse(wished);
  }

  private static double nearest(double wished, double low, double high, double half) {
    return low + half > high - half
        ? (low + high) / 2
        : Math.clamp(wished, low + half, high - half);
  }
}
