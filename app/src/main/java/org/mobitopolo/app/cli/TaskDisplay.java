// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskListener;
import org.mobitopolo.task.TaskState;
import org.mobitopolo.task.TaskStatus;

/**
 * Shows running tasks on standard error: on a terminal one line a task that is redrawn, elsewhere a
 * line for each phase. Thread-safe.
 */
public final class TaskDisplay implements TaskListener, AutoCloseable {

  private static final long REDRAW_NANOS = 80_000_000;
  private static final long PLAIN_NANOS = 2_000_000_000;
  private static final int BAR_WIDTH = 24;

  private final PrintStream err;
  private final Terminal terminal;
  private final boolean redraws;
  private final Map<Task, TaskState> running = new LinkedHashMap<>();
  private final Map<Task, Long> lastPlain = new LinkedHashMap<>();
  private String statusLine = "";
  private int drawnLines;
  private long drawnAt;

  TaskDisplay(PrintStream err, Terminal terminal) {
    this.err = err;
    this.terminal = terminal;
    this.redraws = terminal.isError();
  }

  @Override
  public synchronized void taskChanged(Task task, TaskState state) {
    TaskState before = running.put(task, state);
    if (state.status().ended()) {
      running.remove(task);
      lastPlain.remove(task);
    }
    if (redraws) {
      drawOnTerminal(state);
    } else {
      printPlain(task, before, state);
    }
  }

  /** Prints a line that stays. */
  public synchronized void say(String sentence) {
    if (redraws) {
      draw(sentence);
    } else {
      err.println(sentence);
    }
  }

  /** Shows a line below the tasks until the next one; only a terminal can. */
  public synchronized void status(String line) {
    statusLine = line;
    if (redraws) {
      draw("");
    }
  }

  /** Whether lines can be drawn again, so that a status is seen. */
  public boolean redraws() {
    return redraws;
  }

  private void drawOnTerminal(TaskState state) {
    long now = System.nanoTime();
    if (state.status().ended()) {
      draw(mark(state.status()) + " " + state.title());
    } else if (now - drawnAt >= REDRAW_NANOS) {
      draw("");
    }
  }

  private void draw(String permanentLine) {
    drawnAt = System.nanoTime();
    StringBuilder text = new StringBuilder();
    erase(text);
    if (!permanentLine.isEmpty()) {
      text.append(permanentLine).append('\n');
    }
    int columns = terminal.size().map(Terminal.Size::columns).orElse(80);
    for (TaskState task : running.values()) {
      drawLine(text, line(task, columns), columns);
    }
    if (!statusLine.isEmpty()) {
      drawLine(text, statusLine, columns);
    }
    err.print(text);
    err.flush();
  }

  private void drawLine(StringBuilder text, String line, int columns) {
    text.append(line, 0, Math.min(line.length(), columns - 1)).append('\n');
    drawnLines++;
  }

  /** Moves to the first line drawn and clears from there on. */
  private void erase(StringBuilder text) {
    if (drawnLines > 0) {
      text.append("\u001b[").append(drawnLines).append("A\r\u001b[J");
    }
    drawnLines = 0;
  }

  private static String mark(TaskStatus status) {
    return switch (status) {
      case SUCCEEDED -> "✓";
      case FAILED -> "✗";
      default -> "–";
    };
  }

  private static String line(TaskState state, int columns) {
    StringBuilder line = new StringBuilder("  ").append(state.title());
    OptionalDouble fraction = state.fraction();
    if (fraction.isPresent() && columns >= 60) {
      int filled = (int) Math.round(fraction.getAsDouble() * BAR_WIDTH);
      line.append("  ").repeat('━', filled).repeat('─', BAR_WIDTH - filled);
      line.append(String.format("  %3d %%", (int) (fraction.getAsDouble() * 100)));
    }
    if (state.rate() > 0 && state.unit() == TaskState.Unit.BYTES) {
      line.append("  ").append(Units.bytesPerSecond(state.rate()));
    }
    if (!state.phase().isEmpty()) {
      line.append("  ").append(state.phase());
    }
    return line.toString();
  }

  private void printPlain(Task task, TaskState before, TaskState state) {
    boolean newPhase = before == null || !before.phase().equals(state.phase());
    long now = System.nanoTime();
    boolean soon = lastPlain.containsKey(task) && now - lastPlain.get(task) < PLAIN_NANOS;
    if (state.status().ended()) {
      err.println(state.title() + ": " + ending(state.status()));
    } else if (newPhase && !state.phase().isEmpty() && !soon) {
      lastPlain.put(task, now);
      err.println(state.title() + ": " + state.phase());
    }
  }

  private static String ending(TaskStatus status) {
    return switch (status) {
      case SUCCEEDED -> "done.";
      case FAILED -> "failed.";
      default -> "cancelled.";
    };
  }

  /** Takes what is still drawn off the terminal. */
  @Override
  public synchronized void close() {
    StringBuilder text = new StringBuilder();
    erase(text);
    running.clear();
    statusLine = "";
    err.print(text);
    err.flush();
  }
}
