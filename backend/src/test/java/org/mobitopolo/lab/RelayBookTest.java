// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobitopolo.lab.RelayBook.Need;
import org.mobitopolo.lab.RelayBook.Seen;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.link.SharedKey;
import org.mobitopolo.topology.HostUrl;

class RelayBookTest {
  private static final long SECOND = 1_000_000_000L;
  private static final HostUrl A = HostUrl.parse("ssh://a");
  private static final HostUrl B = HostUrl.parse("ssh://b");
  private static final HostUrl C = HostUrl.parse("ssh://c");
  private static final HostUrl T = HostUrl.parse("ssh://t");
  private static final Way THIRD = Way.through(T);

  private final RelayBook book = new RelayBook();
  private long now = 1000 * SECOND;

  private static Seen seen(HostUrl a, HostUrl b, boolean up, Optional<String> relayedBy, boolean direct) {
    return new Seen("l", a, b, false, true, up, relayedBy, direct);
  }

  private static Seen down() {
    return seen(A, B, false, Optional.empty(), false);
  }

  private List<Need> review(Seen seen) {
    return book.review(List.of(seen), hosts -> hosts.has(T) ? List.of(Way.DESKTOP) : List.of(THIRD, Way.DESKTOP), now);
  }

  private void after(long seconds) {
    now += seconds * SECOND;
  }

  private LinkRelay open(Way way, HostUrl a, HostUrl b) {
    LinkRelay relay = new LinkRelay(way.by(), 7, new SharedKey(), List.of("192.0.2.1:1"), List.of("192.0.2.1:1"));
    book.opened("l", HostPair.of(a, b), way, relay, now);
    return relay;
  }

  @Test
  void aLinkThatDoesNotComeUpGetsOneWayAfterTheOther() {
    assertThat(review(down())).isEmpty();
    after(4);
    assertThat(review(down())).isEmpty();
    after(2);
    assertThat(review(down())).containsExactly(new Need("l", THIRD, A, B));
    assertThat(review(down())).as("it is being opened").isEmpty();
    LinkRelay third = open(THIRD, A, B);
    assertThat(book.relays()).isEqualTo(Map.of("l", third));
    after(9);
    assertThat(review(down())).isEmpty();
    after(2);
    assertThat(review(down())).containsExactly(new Need("l", Way.DESKTOP, A, B));
    book.failed("l", now);
    assertThat(review(down())).containsExactly(new Need("l", THIRD, A, B));
  }

  @Test
  void aLinkThatIsUpGetsNone() {
    for (int i = 0; i < 20; i++) {
      assertThat(review(seen(A, B, true, Optional.empty(), true))).isEmpty();
      after(1);
    }
    assertThat(book.relays()).isEmpty();
  }

  @Test
  void onOneMachineThereIsNoRelay() {
    review(down());
    open(THIRD, A, B);
    after(60);
    assertThat(review(new Seen("l", A, A, true, true, false, Optional.empty(), false))).isEmpty();
    assertThat(book.relays()).isEmpty();
  }

  @Test
  void theRelayGoesWhenADirectWayHasHeldForSomeTime() {
    review(down());
    open(THIRD, A, B);
    review(seen(A, B, true, Optional.of(THIRD.by()), false));
    assertThat(book.proven(HostPair.of(B, A))).contains(THIRD);
    review(seen(A, B, true, Optional.empty(), true));
    after(9);
    review(seen(A, B, true, Optional.empty(), true));
    assertThat(book.relays()).isNotEmpty();
    after(2);
    review(seen(A, B, true, Optional.empty(), true));
    assertThat(book.relays()).isEmpty();
    assertThat(book.proven(HostPair.of(A, B))).isEmpty();
  }

  @Test
  void hostsWithADirectLinkBetweenThemReachEachOther() {
    review(down());
    open(THIRD, A, B);
    review(seen(A, B, true, Optional.of(THIRD.by()), false));
    review(seen(A, B, true, Optional.empty(), true));
    assertThat(book.proven(HostPair.of(A, B))).isEmpty();
    review(down());
    assertThat(book.proven(HostPair.of(A, B))).contains(THIRD);
  }

  /** Only the relay tells such ends where they are, so it stays. */
  @Test
  void aWayThatWasFoundWithTheRelaysHelpKeepsIt() {
    review(down());
    open(THIRD, A, B);
    for (int i = 0; i < 30; i++) {
      review(seen(A, B, true, Optional.empty(), false));
      after(1);
    }
    assertThat(book.relays()).isNotEmpty();
  }

  @Test
  void whatWorkedBetweenTwoHostsIsTakenAtOnce() {
    book.prove(HostPair.of(A, B), Way.DESKTOP);
    assertThat(review(down())).containsExactly(new Need("l", Way.DESKTOP, A, B));
  }

  @Test
  void anotherHostGoesOnPassingOnForAnEndThatMovedButTheConnectionsOfThisComputerDoNot() {
    review(down());
    LinkRelay third = open(THIRD, A, B);
    review(seen(C, B, false, Optional.empty(), false));
    assertThat(book.relays()).isEqualTo(Map.of("l", third));
    review(seen(T, B, false, Optional.empty(), false));
    assertThat(book.relays()).isEmpty();
    open(Way.DESKTOP, A, B);
    review(down());
    assertThat(book.relays()).isNotEmpty();
    review(seen(C, B, false, Optional.empty(), false));
    assertThat(book.relays()).isEmpty();
  }

  @Test
  void linksThatAreGoneAreForgotten() {
    review(down());
    open(THIRD, A, B);
    book.keep(Set.of("other"));
    assertThat(book.relays()).isEmpty();
  }
}
