// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/**
 * Tiers of nodes by the layered method (Sugiyama, Tagawa, Toda 1981) of the Eclipse Layout Kernel,
 * which also orders nodes so that links between regions cross little. As links have no direction,
 * each is taken to lead from the higher tier to the lower one.
 */
final class LayeredLayout {
  private static final double BESIDE = 36;
  private static final double BETWEEN_TIERS = 110;
  private static final int MOST_TRIED_TWICE = 250;
  private static final int LARGE_THOROUGHNESS = 2;

  private LayeredLayout() {}

  /**
   * Places everything twice, with tiers from left to right and from top to bottom, and takes what
   * fits a screen better; a large graph only from left to right, as cards are wide.
   */
  static Placement place(GroupedGraph graph, BooleanSupplier cancelled) {
    LayoutMetaDataService service = LayoutMetaDataService.getInstance();
    if (service.getAlgorithmData(LayeredOptions.ALGORITHM_ID) == null) {
      service.registerLayoutMetaDataProviders(new CoreOptions(), new LayeredMetaDataProvider());
    }
    Placement across = place(graph, Direction.RIGHT, cancelled);
    if (graph.graph().vertices().size() > MOST_TRIED_TWICE) {
      return across;
    }
    Placement down = place(graph, Direction.DOWN, cancelled);
    return across.misfit() <= down.misfit() ? across : down;
  }

  private static Placement place(
      GroupedGraph graph, Direction direction, BooleanSupplier cancelled) {
    ElkNode root = ElkGraphUtil.createGraph();
    configure(root, direction);
    if (!graph.groups().isEmpty()) {
      root.setProperty(CoreOptions.SPACING_NODE_NODE, GroupedGraph.BETWEEN_GROUPS);
    }
    root.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
    if (graph.graph().vertices().size() > MOST_TRIED_TWICE) {
      root.setProperty(LayeredOptions.THOROUGHNESS, LARGE_THOROUGHNESS);
    }
    Map<String, ElkNode> groups = new LinkedHashMap<>();
    graph
        .groups()
        .forEach(
            (id, group) -> {
              ElkNode node = ElkGraphUtil.createNode(root);
              configure(node, direction);
              node.setProperty(
                  CoreOptions.PADDING,
                  new ElkPadding(
                      GroupedGraph.HEADER + GroupedGraph.INSET,
                      GroupedGraph.INSET,
                      GroupedGraph.INSET,
                      GroupedGraph.INSET));
              node.setProperty(CoreOptions.NODE_SIZE_CONSTRAINTS, SizeConstraint.minimumSize());
              node.setProperty(
                  CoreOptions.NODE_SIZE_MINIMUM,
                  new KVector(group.smallest().width(), group.smallest().height()));
              node.setDimensions(group.smallest().width(), group.smallest().height());
              groups.put(id, node);
            });
    Map<String, ElkNode> nodes = new LinkedHashMap<>();
    graph
        .graph()
        .vertices()
        .forEach(
            (id, size) -> {
              ElkNode node =
                  ElkGraphUtil.createNode(graph.groupOf(id).map(groups::get).orElse(root));
              node.setDimensions(size.width(), size.height());
              nodes.put(id, node);
            });
    Map<String, Integer> tiers = graph.graph().tiers();
    for (LayoutGraph.Edge edge : graph.graph().edges()) {
      boolean downward = tiers.get(edge.a()) >= tiers.get(edge.b());
      ElkGraphUtil.createSimpleEdge(
          nodes.get(downward ? edge.a() : edge.b()), nodes.get(downward ? edge.b() : edge.a()));
    }
    new RecursiveGraphLayoutEngine()
        .layout(
            root,
            new BasicProgressMonitor() {
              @Override
              public boolean isCanceled() {
                return cancelled.getAsBoolean();
              }
            });
    return read(nodes, groups, root);
  }

  private static void configure(ElkNode node, Direction direction) {
    node.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
    node.setProperty(CoreOptions.DIRECTION, direction);
    node.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.POLYLINE);
    node.setProperty(CoreOptions.SPACING_NODE_NODE, BESIDE);
    node.setProperty(CoreOptions.SPACING_COMPONENT_COMPONENT, GroupedGraph.BETWEEN_GROUPS);
    node.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, BETWEEN_TIERS);
  }

  private static Placement read(
      Map<String, ElkNode> nodes, Map<String, ElkNode> groups, ElkNode root) {
    Map<String, Point> centres = new HashMap<>();
    nodes.forEach(
        (id, node) -> {
          ElkNode parent = node.getParent();
          double left = parent == root ? 0 : parent.getX();
          double top = parent == root ? 0 : parent.getY();
          centres.put(
              id,
              new Point(
                  left + node.getX() + node.getWidth() / 2,
                  top + node.getY() + node.getHeight() / 2));
        });
    Map<String, Box> boxes = new HashMap<>();
    groups.forEach(
        (id, node) ->
            boxes.put(
                id,
                new Box(
                    node.getX(),
                    node.getY(),
                    node.getX() + node.getWidth(),
                    node.getY() + node.getHeight())));
    return new Placement(centres, boxes);
  }
}
