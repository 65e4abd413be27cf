// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Set;
import javafx.geometry.Point2D;
import javafx.scene.control.Label;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.arrange.AutoLayout;
import org.mobitopolo.canvas.arrange.LayoutKind;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.DropAdvice;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.testing.Pictures;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edits;
import org.mobitopolo.topology.generate.Generator;
import org.mobitopolo.topology.generate.Shape;
import org.testfx.util.WaitForAsyncUtils;

/**
 * Draws the pictures of {@code target/gallery}, which people look at; asserts only that something
 * is drawn.
 */
class GalleryTest extends CanvasTest {
  @Test
  void empty() throws Exception {
    robot.interact(() -> canvas.setTopology(Topology.empty("empty", "Empty")));
    robot.interact(
        () -> canvas.setPlaceholder(new Label("Nothing here yet. Right-click to add a machine.")));
    save("empty");
  }

  @Test
  void sample() throws Exception {
    show(Examples.sample(), Examples.running());
    save("sample");
    robot.interact(() -> canvas.selection().set(Set.of("protocol", "link-2")));
    save("selected");
  }

  @Test
  void migration() throws Exception {
    show(Examples.sample(), Examples.running());
    robot.interact(
        () -> {
          canvas.setTopology(Examples.moved());
          canvas.setDecorations(Examples.migrating(0.62));
        });
    Thread.sleep(400);
    save("migration");
    robot.interact(() -> canvas.setDecorations(Examples.arrived()));
    save("arrived");
  }

  @Test
  void dragging() throws Exception {
    show(Examples.sample(), Examples.running());
    robot.interact(
        () ->
            canvas.setDropAdvisor(
                (_, region) ->
                    region.isPresent()
                        ? new DropAdvice(true, "Migrate protocol to Florida \u2014 about 4 s")
                        : new DropAdvice(false, "A running machine needs a region")));
    Point2D from = at("protocol");
    Point2D to = at(848, 228);
    dragWithoutRelease(from, to);
    save("dragging");
    moveOn(to, at(560, 300));
    save("dragging-refused");
  }

  @Test
  void linking() throws Exception {
    show(Examples.sample(), Examples.running());
    robot.moveTo(at("lan"));
    robot.moveTo(at(848, 320 + 24));
    save("hover");
    dragWithoutRelease(at(848, 320 + 24), at("content"));
    save("linking");
  }

  @Test
  void regionSelected() throws Exception {
    show(Examples.sample(), Examples.running());
    robot.clickOn(at(700, 50));
    save("region-selected");
  }

  @Test
  void states() throws Exception {
    show(Examples.states(), Examples.stateDecorations());
    save("states");
  }

  @Test
  void large() throws Exception {
    Topology large = Examples.large(200);
    show(large, Examples.largeRunning(large, 0));
    save("large");
    robot.interact(() -> canvas.zoomTo(0.7));
    Thread.sleep(400);
    save("large-near");
  }

  @Test
  void generatedAndArranged() throws Exception {
    Topology lab = Examples.withRegion(Topology.empty("centre", "Data centre"), "dc", "Data centre");
    lab = generate(lab, Shape.LEAF_SPINE, 4, 2, Symbol.ROUTER, "dc");
    lab = generate(Examples.withRegion(lab, "office", "Office"), Shape.STAR, 6, 0, Symbol.CLIENT, "office");
    lab = generate(Examples.withRegion(lab, "wan", "Provider"), Shape.RING, 5, 0, Symbol.ROUTER, "wan");
    lab = generate(Examples.withRegion(lab, "farm", "Farm"), Shape.TREE, 7, 2, Symbol.SERVER, "farm");
    for (String[] pair :
        new String[][] {{"spine1", "router1"}, {"client1", "router2"}, {"server1", "router3"}}) {
      lab =
          Edits.connect(
                  lab,
                  lab.nodeNamed(pair[0]).orElseThrow().id(),
                  lab.nodeNamed(pair[1]).orElseThrow().id())
              .apply(lab);
    }
    for (LayoutKind kind : LayoutKind.values()) {
      Topology arranged =
          AutoLayout.of(lab, Set.of(), kind, () -> false).orElseThrow().apply(lab);
      robot.interact(() -> canvas.setTopology(Topology.empty("none", "")));
      show(arranged, Examples.largeRunning(arranged, 3));
      save("arranged-" + kind.name().toLowerCase(Locale.ROOT));
    }
    robot.interact(() -> canvas.setLinkLabels(LinkLabels.NAMES_AND_ADDRESSES));
    robot.interact(() -> canvas.zoomTo(1));
    Thread.sleep(500);
    save("arranged-near");
  }

  private static Topology generate(
      Topology lab, Shape shape, int count, int second, Symbol symbol, String region) {
    return Generator.in(
            lab, new Generator.Recipe(shape, count, second, symbol, true, 5), region)
        .apply(lab);
  }

  private void show(Topology topology, Decorations decorations) throws Exception {
    robot.interact(
        () -> {
          canvas.setTopology(topology);
          canvas.fitAtOnce();
          canvas.setDecorations(decorations);
        });
    Thread.sleep(200);
  }

  private void save(String name) throws Exception {
    for (boolean dark : new boolean[] {false, true}) {
      robot.interact(() -> canvas.setDark(dark));
      WaitForAsyncUtils.waitForFxEvents();
      robot.interact(
          () ->
              assertThat(
                      Pictures.save(
                          name + (dark ? "-dark" : "-light"), canvas.getScene().snapshot(null)))
                  .isNotEmptyFile());
    }
  }
}
