// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javafx.application.Platform;

/**
 * The one place that hops onto the FX thread. View models take it as an {@link Executor}, so that
 * their tests need no window.
 */
public final class FxThread implements Executor {

  /** Runs the action on the FX thread: at once if this is it, else soon. */
  @Override
  public void execute(Runnable action) {
    if (Platform.isFxApplicationThread()) {
      action.run();
    } else {
      Platform.runLater(action);
    }
  }

  /**
   * A consumer for values that come faster than frames: hands the latest one over, on the executor,
   * and forgets those it replaced.
   */
  public static <T> Consumer<T> latest(Executor executor, Consumer<T> target) {
    AtomicReference<T> waiting = new AtomicReference<>();
    return value -> {
      if (waiting.getAndSet(value) == null) {
        executor.execute(() -> target.accept(waiting.getAndSet(null)));
      }
    };
  }
}
