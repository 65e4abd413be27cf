// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Point;

class LinkRouterTest {
  private static final Point FROM = new Point(0, 0);
  private static final Point TO = new Point(1000, 0);

  private final BoxIndex<String> boxes = new BoxIndex<>();

  private List<Point> way() {
    List<Point> way = new ArrayList<>(List.of(FROM));
    way.addAll(LinkRouter.route(FROM, TO, boxes, key -> key.equals("end")));
    way.add(TO);
    return way;
  }

  private static boolean hits(List<Point> way, Box box) {
    for (int i = 1; i < way.size(); i++) {
      if (new Segment(way.get(i - 1), way.get(i)).crosses(box)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void aFreeWayIsStraight() {
    boxes.put("beside", Box.around(new Point(500, 100), 192, 56));
    assertThat(way()).containsExactly(FROM, TO);
  }

  @Test
  void theEndsThemselvesAreNoObstacle() {
    boxes.put("end", Box.around(FROM, 192, 56));
    assertThat(way()).containsExactly(FROM, TO);
  }

  @Test
  void aNodeInTheWayIsPassedOnTheShorterSide() {
    Box box = Box.around(new Point(500, 20), 192, 56);
    boxes.put("node", box);
    List<Point> way = way();
    assertThat(hits(way, box)).isFalse();
    assertThat(way.subList(1, way.size() - 1)).allMatch(point -> point.y() < box.top());
  }

  @Test
  void aWayThatLeadsIntoOthersIsFoundAnew() {
    List<Box> all = new ArrayList<>();
    for (int i = -2; i <= 1; i++) {
      Box box = Box.around(new Point(500, i * 70), 192, 56);
      all.add(box);
      boxes.put("node" + i, box);
    }
    List<Point> way = way();
    assertThat(all).noneMatch(box -> hits(way, box));
    assertThat(way).hasSizeGreaterThan(2);
  }

  @Test
  void whatNothingLeadsAroundStaysStraight() {
    for (int i = -40; i <= 40; i++) {
      boxes.put("wall" + i, Box.around(new Point(500, i * 60), 192, 56));
    }
    assertThat(way()).containsExactly(FROM, TO);
  }

  /** Every way that bends must be free of all nodes. */
  @Test
  void waysThroughRandomCrowdsHitNothing() {
    Random random = new Random(7);
    int bent = 0;
    for (int crowd = 0; crowd < 200; crowd++) {
      BoxIndex<String> index = new BoxIndex<>();
      List<Box> all = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        Box box =
            Box.around(
                new Point(random.nextInt(150, 850), random.nextInt(-400, 400)),
                random.nextInt(40, 200),
                random.nextInt(40, 80));
        all.add(box);
        index.put("node" + i, box);
      }
      List<Point> bends = LinkRouter.route(FROM, TO, index, _ -> false);
      if (!bends.isEmpty()) {
        bent++;
        List<Point> way = new ArrayList<>(List.of(FROM));
        way.addAll(bends);
        way.add(TO);
        assertThat(all).noneMatch(box -> hits(way, box));
      }
    }
    assertThat(bent).isGreaterThan(100);
  }

  @Test
  void anIndexFindsExactlyWhatALineTouches() {
    Random random = new Random(11);
    List<Box> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Box box =
          Box.around(
              new Point(random.nextInt(-3000, 3000), random.nextInt(-3000, 3000)),
              random.nextInt(1, 400),
              random.nextInt(1, 400));
      all.add(box);
      boxes.add("box" + i % 50, box);
    }
    for (int i = 0; i < 100; i++) {
      Segment segment =
          new Segment(
              new Point(random.nextInt(-3500, 3500), random.nextInt(-3500, 3500)),
              new Point(random.nextInt(-3500, 3500), random.nextInt(-3500, 3500)));
      assertThat(boxes.along(segment, 5).stream().map(BoxIndex.Entry::box))
          .containsExactlyInAnyOrderElementsOf(
              all.stream().filter(box -> segment.crosses(box.grown(5))).toList());
    }
    boxes.keys().forEach(boxes::remove);
    assertThat(boxes.along(new Segment(FROM, TO), 5000)).isEmpty();
  }
}
