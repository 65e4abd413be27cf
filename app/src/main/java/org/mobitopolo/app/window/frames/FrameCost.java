// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.frames;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import javafx.animation.AnimationTimer;
import javafx.application.Platform;

/**
 * The CPU time that a frame takes in JavaFX's two threads, which work at the same time. Unlike
 * frames a second it hardly depends on what else the machine does; 60 frames a second need at most
 * 16.7 ms in each.
 *
 * @param applicationMillis of the application thread: events, styles, layout
 * @param longestMillis most that the application thread took for a frame
 * @param rendererMillis of the thread that paints
 * @param framesPerSecond as they came, at most 60
 */
record FrameCost(
    double applicationMillis,
    double longestMillis,
    double rendererMillis,
    double framesPerSecond) {
  private static final int WARM_UP = 60;
  private static final int FRAMES = 90;
  private static final int LONGEST_SECONDS = 180;

  /**
   * Does something in each of some frames and measures the later ones; the action is told the
   * frame's number.
   */
  static FrameCost measure(IntConsumer action) throws InterruptedException {
    FxThreads threads = FxThreads.find();
    CountDownLatch done = new CountDownLatch(1);
    long[] application = new long[FRAMES + 1];
    long[] renderer = new long[2];
    long[] clock = new long[2];
    Platform.runLater(
        () ->
            new AnimationTimer() {
              private int frame;

              @Override
              public void handle(long now) {
                if (frame >= WARM_UP) {
                  application[frame - WARM_UP] = threads.applicationNanos();
                }
                if (frame == WARM_UP || frame == WARM_UP + FRAMES) {
                  int index = frame == WARM_UP ? 0 : 1;
                  renderer[index] = threads.rendererNanos();
                  clock[index] = System.nanoTime();
                }
                if (frame == WARM_UP + FRAMES) {
                  stop();
                  done.countDown();
                } else {
                  action.accept(frame++);
                }
              }
            }.start());
    if (!done.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          WARM_UP + FRAMES + " frames took more than " + LONGEST_SECONDS + " seconds.");
    }
    long longest = 0;
    for (int frame = 1; frame <= FRAMES; frame++) {
      longest = Math.max(longest, application[frame] - application[frame - 1]);
    }
    return new FrameCost(
        millis(application[0], application[FRAMES]),
        longest / 1e6,
        millis(renderer[0], renderer[1]),
        1000 / millis(clock[0], clock[1]));
  }

  private static double millis(long from, long to) {
    return (to - from) / 1e6 / FRAMES;
  }
}
