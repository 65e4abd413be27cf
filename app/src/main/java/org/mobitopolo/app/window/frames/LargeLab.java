// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.frames;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import org.mobitopolo.canvas.arrange.AutoLayout;
import org.mobitopolo.canvas.arrange.LayoutKind;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.generate.Generator;
import org.mobitopolo.topology.generate.Shape;

/** A large lab of random networks in regions, and live states for it. Always the same. */
final class LargeLab {
  private static final int NODES_A_REGION = 100;
  private static final int LINKS_A_NODE = 3;
  private static final String[] TINTS = {"blue", "green", "orange", "purple", "teal", "red"};

  private LargeLab() {}

  static Topology topology(int nodes) {
    Topology lab = Topology.empty("bench-canvas", "Large lab");
    for (int made = 0; made < nodes; made += NODES_A_REGION) {
      String id = "region" + lab.regions().size();
      List<Region> regions = new ArrayList<>(lab.regions());
      regions.add(
          new Region(
              id,
              "Region " + (lab.regions().size() + 1),
              HostUrl.LOCAL,
              new Bounds(0, 0, 400, 300),
              TINTS[lab.regions().size() % TINTS.length]));
      lab = lab.withRegions(regions);
      int count = Math.max(Shape.RANDOM.smallest(), Math.min(NODES_A_REGION, nodes - made));
      Generator.Recipe recipe =
          new Generator.Recipe(Shape.RANDOM, count, LINKS_A_NODE, Symbol.VM, true, made);
      lab = Generator.in(lab, recipe, id).apply(lab);
    }
    Topology generated = lab;
    return AutoLayout.of(generated, Set.of(), LayoutKind.FORCE, () -> false)
        .map(edit -> edit.apply(generated))
        .orElse(generated);
  }

  /** A live state in which most machines run and most links carry traffic. */
  static Decorations state(Topology lab, int tick) {
    Random random = new Random(tick);
    Map<String, NodeDecoration> nodes = new HashMap<>();
    for (Node node : lab.nodes()) {
      nodes.put(
          node.id(),
          NodeDecoration.of(NodeState.RUNNING).withBadge(random.nextInt(100) + " %"));
    }
    Map<String, LinkDecoration> links = new HashMap<>();
    for (Link link : lab.links()) {
      int rate = random.nextInt(1000);
      links.put(
          link.id(),
          rate < 300
              ? LinkDecoration.NONE
              : new LinkDecoration(rate + " kbit/s", rate / 1000.0, rate / 2000.0, true, ""));
    }
    Map<String, RegionDecoration> regions = new HashMap<>();
    for (Region region : lab.regions()) {
      regions.put(
          region.id(),
          new RegionDecoration(
              List.of("12 GiB free", "8 CPUs"),
              OptionalDouble.of(random.nextDouble()),
              OptionalDouble.of(random.nextDouble()),
              true,
              ""));
    }
    return new Decorations(nodes, links, regions);
  }
}
