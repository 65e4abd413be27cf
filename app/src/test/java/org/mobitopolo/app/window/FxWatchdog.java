// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javafx.application.Platform;

/**
 * Finds what keeps the FX thread from moving the window: code of ours that waits there, and code of
 * ours that computes there for long. Both are told apart from a machine that is busy with other
 * things: waiting by the thread's state, computing by its CPU time.
 *
 * <p>Looks at the thread at short intervals, and sends it a task again and again to know where one
 * piece of work ends.
 */
final class FxWatchdog {
  private static final Duration INTERVAL = Duration.ofMillis(2);
  private static final int LOOKS_THAT_MAKE_A_WAIT = 8;

  /** What was wrong, and where the FX thread was seen. */
  record Finding(String what, Duration length, String where) {}

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Duration limit;
  private final Thread fxThread;
  private final List<Finding> findings = Collections.synchronizedList(new ArrayList<>());
  private final Thread watcher;
  private volatile boolean ended;

  /**
   * Begins to watch. Not on the FX thread.
   *
   * @param limit how much CPU time one piece of work may take
   */
  FxWatchdog(Duration limit) throws InterruptedException {
    this.limit = limit;
    AtomicReference<Thread> found = new AtomicReference<>();
    Platform.runLater(() -> found.set(Thread.currentThread()));
    while (found.get() == null) {
      Thread.sleep(INTERVAL);
    }
    fxThread = found.get();
    watcher = Thread.ofPlatform().daemon().name("fx-watchdog").start(this::watch);
  }

  private void watch() {
    try {
      while (!ended) {
        watchOnePiece();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watchOnePiece() throws InterruptedException {
    AtomicBoolean answered = new AtomicBoolean();
    long cpuBefore = threads.getThreadCpuTime(fxThread.threadId());
    Platform.runLater(() -> answered.set(true));
    String longest = "";
    int waits = 0;
    while (!answered.get() && !ended) {
      Thread.sleep(INTERVAL);
      StackTraceElement[] stack = fxThread.getStackTrace();
      Thread.State state = fxThread.getState();
      if (answered.get() || !isOurs(stack)) {
        continue;
      }
      boolean waiting = state != Thread.State.RUNNABLE;
      waits = waiting ? waits + 1 : 0;
      if (waits == LOOKS_THAT_MAKE_A_WAIT) {
        findings.add(new Finding("waits", INTERVAL.multipliedBy(waits), position(stack)));
      }
      if (threads.getThreadCpuTime(fxThread.threadId()) - cpuBefore > limit.toNanos()
          && longest.isEmpty()) {
        longest = position(stack);
      }
    }
    Duration cpu = Duration.ofNanos(threads.getThreadCpuTime(fxThread.threadId()) - cpuBefore);
    if (!longest.isEmpty()) {
      findings.add(new Finding("computes", cpu, longest));
    }
  }

  /**
   * Nested event loops, as of dialogs, wait in code of ours but leave the window moving; a snapshot of a node
   * waits for JavaFX's own renderer, about a frame.
   */
  private static boolean isOurs(StackTraceElement[] stack) {
    boolean ours = false;
    for (StackTraceElement frame : stack) {
      if (Set.of("enterNestedEventLoop", "renderToImage").contains(frame.getMethodName())) {
        return false;
      }
      ours |=
          frame.getClassName().startsWith("org.mobitopolo.app.window")
              && !frame.getClassName().contains("Test");
    }
    return ours;
  }

  private static String position(StackTraceElement[] stack) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < stack.length; i++) {
      if (i < 6 || stack[i].getClassName().startsWith("org.mobitopolo")) {
        text.append("\n    ").append(stack[i]);
      }
    }
    return text.toString();
  }

  /** What was found so far, the longest first. */
  List<Finding> findings() {
    return findings.stream()
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
