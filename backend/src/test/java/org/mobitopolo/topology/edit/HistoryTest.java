// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Samples;
import org.mobitopolo.topology.Topology;

class HistoryTest {

  private Instant now = Instant.EPOCH;
  private History history;

  @BeforeEach
  void begin() {
    history = new History(Samples.full(), () -> now);
  }

  private void move(String node, double x) {
    history.apply(new MoveNodes(Map.of(node, new Point(x, 0))));
  }

  @Test
  void movesInQuickSuccessionAreOneStep() {
    Topology before = history.current();
    for (int i = 1; i <= 5; i++) {
      now = now.plus(Duration.ofMillis(100));
      move("client", i);
    }
    Topology after = history.current();
    Edit back = history.undo().orElseThrow();
    assertThat(back.apply(after)).isEqualTo(before).isEqualTo(history.current());
    assertThat(history.canUndo()).isFalse();
    assertThat(history.redo().orElseThrow().apply(before)).isEqualTo(after);
  }

  @Test
  void movesOfOtherNodesOrAfterAPauseAreStepsOfTheirOwn() {
    move("client", 1);
    move("server", 1);
    now = now.plus(History.MERGE_WITHIN).plusMillis(1);
    move("server", 2);
    history.undo();
    history.undo();
    assertThat(history.canUndo()).isTrue();
    history.undo();
    assertThat(history.canUndo()).isFalse();
    assertThat(history.current()).isEqualTo(Samples.full());
  }

  @Test
  void aMoveAfterAnUndoIsAStepOfItsOwn() {
    move("client", 1);
    history.apply(new RenameTopology("x"));
    history.undo();
    move("client", 2);
    history.undo();
    assertThat(history.current().node("client").orElseThrow().position())
        .isEqualTo(new Point(1, 0));
  }

  @Test
  void aNewEditEndsWhatCouldBeRedone() {
    move("client", 1);
    history.undo();
    assertThat(history.redoTitle()).contains("Move client");
    history.apply(new RenameTopology("x"));
    assertThat(history.canRedo()).isFalse();
    assertThat(history.redoTitle()).isEmpty();
    assertThat(history.undoTitle()).contains("Rename the lab to x");
  }

  @Test
  void anEditThatChangesNothingLeavesNoStep() {
    history.apply(new RenameTopology(history.current().name()));
    assertThat(history.canUndo()).isFalse();
  }

  @Test
  void anEditThatDoesNotFitChangesNothing() {
    Topology before = history.current();
    assertThatIllegalArgumentException().isThrownBy(() -> history.apply(new RemoveNode("ghost")));
    assertThat(history.current()).isSameAs(before);
    assertThat(history.canUndo()).isFalse();
  }

  @Test
  void itKnowsWhetherTheFileIsUpToDate() {
    assertThat(history.isModified()).isFalse();
    move("client", 1);
    assertThat(history.isModified()).isTrue();
    history.markSaved();
    assertThat(history.isModified()).isFalse();
    history.undo();
    assertThat(history.isModified()).isTrue();
    history.redo();
    assertThat(history.isModified()).isFalse();
  }

  @Test
  void nothingToUndoIsNoError() {
    assertThat(history.undo()).isEmpty();
    assertThat(history.redo()).isEmpty();
  }
}
