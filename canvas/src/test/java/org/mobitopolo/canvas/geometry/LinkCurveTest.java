// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Point;

class LinkCurveTest {
  private static final Box LEFT = Box.around(new Point(0, 0), 192, 56);
  private static final Box RIGHT = Box.around(new Point(400, 0), 192, 56);

  @Test
  void aStraightLinkRunsFromBorderToBorder() {
    LinkCurve curve = LinkCurve.between(LEFT, RIGHT, List.of(), 0);
    assertThat(curve.points()).containsExactly(new Point(96, 0), new Point(304, 0));
    assertThat(curve.length()).isEqualTo(208);
    assertThat(curve.at(104).point()).isEqualTo(new Point(200, 0));
  }

  @Test
  void parallelLinksBowApartByTheSpreadInTheirMiddles() {
    LinkCurve down = LinkCurve.between(LEFT, RIGHT, List.of(), LinkCurve.SPREAD / 2);
    LinkCurve up = LinkCurve.between(LEFT, RIGHT, List.of(), -LinkCurve.SPREAD / 2);
    double distance = down.at(down.length() / 2).point().y() - up.at(up.length() / 2).point().y();
    assertThat(distance).isCloseTo(LinkCurve.SPREAD, within(0.5));
    assertThat(LinkCurve.between(RIGHT, LEFT, List.of(), -LinkCurve.SPREAD / 2).bounds().bottom())
        .as("the same bow seen from the other end")
        .isCloseTo(down.bounds().bottom(), within(0.01));
  }

  @Test
  void waypointsAreRoundedAndNearlyReached() {
    LinkCurve curve = LinkCurve.between(LEFT, RIGHT, List.of(new Point(200, 200)), 0);
    assertThat(curve.distanceTo(new Point(200, 200))).isBetween(1.0, 10.0);
    assertThat(curve.points()).hasSizeGreaterThan(4);
  }

  @Test
  void nodesThatLieOnEachOtherStillHaveALink() {
    LinkCurve curve = LinkCurve.between(LEFT, LEFT, List.of(), 10);
    assertThat(curve.length()).isFinite();
    assertThat(curve.at(5).point()).isEqualTo(new Point(0, 0));
    assertThat(LinkCurve.loop(LEFT, 46).length()).isGreaterThan(60);
  }

  @Test
  void labelsTouchNeitherTheLineNorTheNodesNorEachOther() {
    Random random = new Random(7);
    int placed = 0;
    for (int i = 0; i < 2000; i++) {
      Box a = Box.around(new Point(random.nextInt(800), random.nextInt(800)), 192, 56);
      Box b = Box.around(new Point(random.nextInt(800), random.nextInt(800)), 192, 56);
      if (a.grown(20).intersects(b)) {
        continue;
      }
      LinkCurve curve = LinkCurve.between(a, b, List.of(), 0);
      LabelSpace space = new LabelSpace();
      space.setObstacles("nodes", List.of(a, b));
      space.setLine("link", null, curve);
      List<Box> labels =
          Stream.of(
                  space.placeEnd("link", curve, 70, 12, false, false),
                  space.placeEnd("link", curve, 64, 12, true, false))
              .flatMap(Optional::stream)
              .toList();
      for (Box label : labels) {
        placed++;
        assertThat(label.intersects(a) || label.intersects(b)).as("label on a node").isFalse();
        for (double along = 0; along <= curve.length(); along += 2) {
          assertThat(label.contains(curve.at(along).point())).as("line crosses label").isFalse();
        }
      }
      if (labels.size() == 2) {
        assertThat(labels.getFirst().intersects(labels.getLast())).as("labels overlap").isFalse();
      }
    }
    assertThat(placed).isGreaterThan(2000);
  }

  @Test
  void labelsWithoutRoomAreLeftOut() {
    LinkCurve curve = LinkCurve.between(LEFT, Box.around(new Point(240, 0), 192, 56), List.of(), 0);
    assertThat(curve.length()).isEqualTo(48);
    LabelSpace space = new LabelSpace();
    space.setObstacles("nodes", List.of(LEFT, Box.around(new Point(240, 0), 192, 56)));
    assertThat(space.placeEnd("link", curve, 70, 12, false, false)).isEmpty();
    assertThat(space.placeMiddle("link", curve, 70, 20, false)).isEmpty();
    LabelSpace.Middle middle = space.placeMiddle("link", curve, 70, 20, true).orElseThrow();
    assertThat(middle.onLine()).as("what must be shown lies beside the line").isFalse();
    assertThat(Box.around(middle.centre(), 70, 20).intersects(LEFT)).isFalse();
    space.release("link");
    Box first = space.placeEnd("link", curve, 70, 12, false, true).orElseThrow();
    Box second = space.placeEnd("link", curve, 70, 12, true, true).orElseThrow();
    assertThat(first.intersects(LEFT) || second.intersects(LEFT)).isFalse();
    assertThat(first.intersects(second)).isFalse();
  }
}
