// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ParameterGridTest {
  private static ParameterGrid grid() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    values.put("rate", List.of("1", "2", "4"));
    values.put("delay", List.of("10ms", "20ms"));
    return new ParameterGrid(values);
  }

  @Test
  void copiesTakeAllCombinationsInTurnTheLastParameterFastest() {
    ParameterGrid grid = grid();
    assertThat(grid.combinations()).isEqualTo(6);
    assertThat(grid.of(0)).containsExactly(Map.entry("rate", "1"), Map.entry("delay", "10ms"));
    assertThat(grid.of(1)).containsExactly(Map.entry("rate", "1"), Map.entry("delay", "20ms"));
    assertThat(grid.of(5)).containsExactly(Map.entry("rate", "4"), Map.entry("delay", "20ms"));
    assertThat(grid.of(6)).isEqualTo(grid.of(0));
    Set<Map<String, String>> all = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      all.add(grid.of(i));
    }
    assertThat(all).hasSize(6);
  }

  @Test
  void withoutParametersThereIsOneCombination() {
    assertThat(ParameterGrid.NONE.combinations()).isEqualTo(1);
    assertThat(ParameterGrid.NONE.of(7)).isEmpty();
  }

  @Test
  void whatCannotBeAVariableIsRefused() {
    for (String name : List.of("", "1x", "a b", "a;b", "PATH$", "MOBITOPOLO_COPY")) {
      assertThatThrownBy(() -> new ParameterGrid(Map.of(name, List.of("1")))).as(name).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no name for a parameter");
    }
    assertThatThrownBy(() -> new ParameterGrid(Map.of("rate", List.of()))).hasMessageContaining("rate=1,2,4");
    assertThatThrownBy(() -> new ParameterGrid(Map.of("rate", List.of("1", "")))).hasMessageContaining("needs values");
    assertThatThrownBy(() -> new ParameterGrid(Map.of("rate", List.of("x".repeat(501))))).hasMessageContaining("500 characters");
    assertThatThrownBy(() -> new ParameterGrid(Map.of("rate", List.of("a\nb")))).isInstanceOf(IllegalArgumentException.class);
  }
}
