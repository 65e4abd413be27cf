// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.terminal.TerminalSearch.Place;

class TerminalSearchTest {
  /** Two lines of history, three on the screen. */
  private static final List<String> LINES =
      List.of("eth0 up", "Eth1 up, eth2 up", "ping 10.0.0.1", "", "# eth0");

  @Test
  void upwardsTheLastPlaceComesFirstAndThenTheOnesBeforeIt() {
    Optional<Place> place = up("eth", Optional.empty());
    assertThat(place).contains(new Place(2, 2, 5));
    place = up("eth", place);
    assertThat(place).contains(new Place(-1, 9, 12));
    place = up("eth", place);
    assertThat(place).as("case does not matter").contains(new Place(-1, 0, 3));
    place = up("eth", place);
    assertThat(place).contains(new Place(-2, 0, 3));
    assertThat(up("eth", place)).as("on at the other end").contains(new Place(2, 2, 5));
  }

  @Test
  void downwardsGoesTheOtherWay() {
    assertThat(down("eth", Optional.of(new Place(-1, 0, 3)))).contains(new Place(-1, 9, 12));
    assertThat(down("eth", Optional.of(new Place(2, 2, 5)))).contains(new Place(-2, 0, 3));
  }

  @Test
  void theOnlyPlaceIsFoundAgain() {
    assertThat(up("ping", Optional.of(new Place(0, 0, 4)))).contains(new Place(0, 0, 4));
  }

  @Test
  void nothingIsFoundOfNothing() {
    assertThat(up("", Optional.empty())).isEmpty();
    assertThat(up("absent", Optional.empty())).isEmpty();
    assertThat(TerminalSearch.next(_ -> "", 0, -1, "eth", Optional.empty(), true)).isEmpty();
  }

  private static Optional<Place> up(String text, Optional<Place> before) {
    return TerminalSearch.next(line -> LINES.get(line + 2), -2, 2, text, before, true);
  }

  private static Optional<Place> down(String text, Optional<Place> before) {
    return TerminalSearch.next(line -> LINES.get(line + 2), -2, 2, text, before, false);
  }
}
