// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Wan;

class NetworkPathTest {

  @ParameterizedTest
  @ValueSource(strings = {"unshaped", "8Mbit", "100Mbit/170ms"})
  void readsBackAsItIsWritten(String text) {
    assertThat(NetworkPath.parse(text)).hasToString(text);
  }

  @Test
  void halfOfTheRoundTripIsEachWay() {
    assertThat(NetworkPath.parse("8Mbit/170ms").wans("a", "b")).containsExactly(new Wan("a", "b", Duration.ofMillis(85), Rate.parse("8Mbit")));
    assertThat(NetworkPath.UNSHAPED.wans("a", "b")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fast", "8Mbit/", "/170ms"})
  void otherTextsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> NetworkPath.parse(text));
  }
}
