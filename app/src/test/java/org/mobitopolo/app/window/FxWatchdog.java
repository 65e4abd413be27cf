// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javafx.application.Platform;

/**
 * Watches how long the FX thread is busy with one thing: sends it a task again and again, and when that is late looks at what it does
 * instead. So it names the code that keeps the window from moving.
 */
final class FxWatchdog {
  private static final Duration INTERVAL = Duration.ofMillis(5);
  private static final int FRAMES = 8;

  /** A time of being busy, and where the FX thread was seen during it. */
  record Delay(Duration length, String where) {}

  private final Duration limit;
  private final Thread fxThread;
  private final List<Delay> delays = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong answeredAt = new AtomicLong(System.nanoTime());
  private final Thread watcher;
  private volatile boolean ended;

  /** Begins to watch. Not on the FX thread. */
  FxWatchdog(Duration limit) throws InterruptedException {
    this.limit = limit;
    ConcurrentHashMap<String, Thread> found = new ConcurrentHashMap<>();
    Platform.runLater(() -> found.put("fx", Thread.currentThread()));
    while (found.isEmpty()) {
      Thread.sleep(INTERVAL);
    }
    fxThread = found.get("fx");
    watcher = Thread.ofPlatform().daemon().name("fx-watchdog").priority(Thread.MAX_PRIORITY).start(this::watch);
  }

  private void watch() {
    try {
      while (!ended) {
        long asked = System.nanoTime();
        Platform.runLater(() -> answeredAt.set(System.nanoTime()));
        String where = "";
        while (answeredAt.get() < asked && !ended) {
          Thread.sleep(INTERVAL);
          boolean late = System.nanoTime() - asked > limit.toNanos();
          if (late && where.isEmpty() && answeredAt.get() < asked) {
            where = position();
          }
        }
        Duration length = Duration.ofNanos(answeredAt.get() - asked);
        if (length.compareTo(limit) > 0 && !where.isEmpty()) {
          delays.add(new Delay(length, where));
        }
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String position() {
    StringBuilder text = new StringBuilder();
    StackTraceElement[] stack = fxThread.getStackTrace();
    for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
      text.append("\n    ").append(stack[i]);
    }
    for (int i = FRAMES; i < stack.length; i++) {
      if (stack[i].getClassName().startsWith("org.mobitopolo")) {
        text.append("\n    ... ").append(stack[i]);
      }
    }
    return text.toString();
  }

  /** The times that were longer than the limit and had to do with code of ours, the longest first. */
  List<Delay> delaysOfOurs() {
    return delays.stream()
        .filter(delay -> delay.where().contains("org.mobitopolo"))
        .sorted((one, other) -> other.length().compareTo(one.length()))
        .toList();
  }

  /** Stops watching. */
  void end() throws InterruptedException {
    ended = true;
    watcher.interrupt();
    watcher.join();
  }
}
