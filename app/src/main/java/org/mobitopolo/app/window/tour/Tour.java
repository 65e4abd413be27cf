// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.tour;

import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/**
 * Where a user is in the tour. A step ends by itself when its thing was done, or when the user goes
 * on. One thread.
 */
public final class Tour {
  /** What is shown, one after the other. */
  public enum Step {
    LOOK,
    START,
    CONSOLE,
    MIGRATE,
    UNDO,
    END;

    private Step neighbour(int by) {
      return values()[Math.clamp(ordinal() + by, 0, values().length - 1)];
    }
  }

  /**
   * What has been done with the lab so far.
   *
   * @param allRun whether all machines run
   * @param consoleOpen whether a console is open
   * @param migrations how many migrations have succeeded
   */
  public record Done(boolean allRun, boolean consoleOpen, int migrations) {}

  private final ReadOnlyObjectWrapper<Step> step = new ReadOnlyObjectWrapper<>(Step.LOOK);

  /** Migrations that were over when the step began. */
  private int before;

  private int seen;

  public ReadOnlyObjectProperty<Step> step() {
    return step.getReadOnlyProperty();
  }

  public void next() {
    go(1);
  }

  public void back() {
    go(-1);
  }

  private void go(int by) {
    before = seen;
    step.set(step.get().neighbour(by));
  }

  /** Goes on when the step's thing was done. */
  public void update(Done done) {
    seen = done.migrations();
    boolean goesOn =
        switch (step.get()) {
          case LOOK, END -> false;
          case START -> done.allRun();
          case CONSOLE -> done.consoleOpen();
          case MIGRATE, UNDO -> seen > before;
        };
    if (goesOn) {
      next();
    }
  }
}
