// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Point;

class SnapTest {
  private static final Box OTHER = Box.around(new Point(101, 203), 192, 56);

  @Test
  void withoutNeighboursTheCentreComesToRestOnTheGrid() {
    Snap snap = Snap.align(Box.around(new Point(37, 90), 192, 56), List.of(), 7);
    assertThat(snap).isEqualTo(new Snap(-5, 6, List.of()));
    assertThat(Snap.toGrid(Box.around(new Point(37, 90), 0, 0))).isEqualTo(snap);
  }

  @Test
  void aNeighbourWithinReachWinsOverTheGridOnItsAxisOnly() {
    Snap snap = Snap.align(Box.around(new Point(105, 400), 192, 56), List.of(OTHER), 7);
    assertThat(snap.dx()).isEqualTo(-4);
    assertThat(400 + snap.dy()).isEqualTo(400);
    assertThat(snap.guides()).containsExactly(new Snap.Guide(true, 101, 175, 428));
  }

  @Test
  void edgesOfBoxesOfOtherSizesAlignToo() {
    Box small = Box.around(new Point(88, 400), 160, 48);
    Snap snap = Snap.align(small, List.of(OTHER), 4);
    assertThat(small.left() + snap.dx()).isEqualTo(OTHER.left());
    assertThat(snap.guides()).hasSize(1);
    assertThat(snap.guides().getFirst().position()).isEqualTo(OTHER.left());
  }

  @Test
  void theNearestOfSeveralNeighboursWins() {
    Box far = Box.around(new Point(106, 600), 192, 56);
    Snap snap = Snap.align(Box.around(new Point(105, 400), 192, 56), List.of(OTHER, far), 7);
    assertThat(snap.dx()).isEqualTo(1);
  }
}
