// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.mobitopolo.topology.Topology;

/**
 * A topology with its undo and redo stacks. Moves of the same nodes in quick succession, such as
 * nudges with the arrow keys, become one step. Not for several threads at once.
 */
public final class History {

  /** Moves that follow one another within this time become one step. */
  static final Duration MERGE_WITHIN = Duration.ofMillis(700);

  private static final int DEPTH = 1000;

  /** An applied edit and what takes it back. */
  private record Step(
      Edit edit, Edit inverse, String title, Topology before, Topology after, Instant at) {}

  private final InstantSource clock;
  private final Deque<Step> undo = new ArrayDeque<>();
  private final Deque<Step> redo = new ArrayDeque<>();
  private Topology current;
  private Topology saved;
  private boolean mergeable;

  public History(Topology initial) {
    this(initial, InstantSource.system());
  }

  History(Topology initial, InstantSource clock) {
    this.clock = clock;
    this.current = initial;
    this.saved = initial;
  }

  public Topology current() {
    return current;
  }

  /**
   * Applies an edit; what was undone before can't be redone any more. An edit that changes nothing
   * leaves no step.
   *
   * @throws IllegalArgumentException when the edit does not fit; then nothing has changed
   */
  public Topology apply(Edit edit) {
    Topology before = current;
    Topology after = edit.apply(before);
    if (after.equals(before)) {
      return before;
    }
    Step step =
        new Step(edit, edit.inverse(before), edit.title(before), before, after, clock.instant());
    Step last = undo.peek();
    if (mergeable && last != null && follows(last, step)) {
      undo.pop();
      step = new Step(edit, edit.inverse(last.before), last.title, last.before, after, step.at);
    }
    undo.push(step);
    if (undo.size() > DEPTH) {
      undo.removeLast();
    }
    redo.clear();
    mergeable = true;
    current = after;
    return after;
  }

  private static boolean follows(Step last, Step next) {
    return last.edit instanceof MoveNodes earlier
        && next.edit instanceof MoveNodes later
        && earlier.positions().keySet().equals(later.positions().keySet())
        && Duration.between(last.at, next.at).compareTo(MERGE_WITHIN) <= 0;
  }

  public boolean canUndo() {
    return !undo.isEmpty();
  }

  public boolean canRedo() {
    return !redo.isEmpty();
  }

  /** What undo would take back, for a menu. */
  public Optional<String> undoTitle() {
    return Optional.ofNullable(undo.peek()).map(Step::title);
  }

  /** What redo would do again, for a menu. */
  public Optional<String> redoTitle() {
    return Optional.ofNullable(redo.peek()).map(Step::title);
  }

  /**
   * Takes the last step back.
   *
   * @return the edit that was applied to the topology for it; empty when there is nothing to undo
   */
  public Optional<Edit> undo() {
    mergeable = false;
    if (undo.isEmpty()) {
      return Optional.empty();
    }
    Step step = undo.pop();
    redo.push(step);
    current = step.before;
    return Optional.of(step.inverse);
  }

  /**
   * Does the step again that was undone last.
   *
   * @return the edit that was applied to the topology for it; empty when there is nothing to redo
   */
  public Optional<Edit> redo() {
    mergeable = false;
    if (redo.isEmpty()) {
      return Optional.empty();
    }
    Step step = redo.pop();
    undo.push(step);
    current = step.after;
    return Optional.of(step.edit);
  }

  /** Remembers that the topology as it is now has been written to its file. */
  public void markSaved() {
    saved = current;
    mergeable = false;
  }

  /** Whether the topology differs from the one last saved. */
  public boolean isModified() {
    return !current.equals(saved);
  }
}
