// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * The terminal that the standard descriptors are connected to, if any: whether it is one, its size,
 * and raw mode, which hands each key on as it is typed. On Windows they are taken for files.
 */
public final class Terminal {

  /** Size of a terminal. */
  public record Size(int rows, int columns) {}

  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** Made when they are needed: it takes long. */
  private static final class Calls {
    private static final Optional<TerminalCalls> OF_SYSTEM =
        TerminalCalls.of(System.getProperty("os.name"));
  }

  public boolean isInput() {
    return isTerminal(STDIN);
  }

  public boolean isOutput() {
    return isTerminal(STDOUT);
  }

  public boolean isError() {
    return isTerminal(STDERR);
  }

  /** Whether the user can be asked. */
  boolean canAsk() {
    return isInput() && isError() && System.console() != null;
  }

  /** Asks something that "yes" agrees to; waits for the answer. Only when {@link #canAsk}. */
  static boolean agrees(String question) {
    String answer = System.console().readLine("%s [yes/no] ", question);
    return answer != null && answer.strip().equalsIgnoreCase("yes");
  }

  private static boolean isTerminal(int descriptor) {
    return Calls.OF_SYSTEM.isPresent() && Calls.OF_SYSTEM.get().isTerminal(descriptor);
  }

  /**
   * The size of the terminal at standard error, output or input; empty when none of them is one.
   */
  public Optional<Size> size() {
    return Calls.OF_SYSTEM.flatMap(Terminal::size);
  }

  private static Optional<Size> size(TerminalCalls calls) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment window = arena.allocate(TerminalCalls.WINSIZE_BYTES);
      for (int descriptor : new int[] {STDERR, STDOUT, STDIN}) {
        if (calls.windowSize(descriptor, window)) {
          int rows = window.get(ValueLayout.JAVA_SHORT, 0) & 0xffff;
          int columns = window.get(ValueLayout.JAVA_SHORT, 2) & 0xffff;
          if (rows > 0 && columns > 0) {
            return Optional.of(new Size(rows, columns));
          }
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Puts the terminal at standard input into raw mode until the result is closed; also the end of
   * the process gives the old mode back.
   *
   * @throws IllegalStateException when standard input is no terminal
   */
  public RawMode raw() {
    TerminalCalls terminal = Calls.OF_SYSTEM.orElseThrow(Terminal::noTerminal);
    Arena arena = Arena.ofShared();
    try {
      MemorySegment old = arena.allocate(TerminalCalls.TERMIOS_BYTES);
      MemorySegment raw = arena.allocate(TerminalCalls.TERMIOS_BYTES);
      if (!terminal.settings(STDIN, old)) {
        throw noTerminal();
      }
      raw.copyFrom(old);
      terminal.makeRaw(raw);
      RawMode mode = new RawMode(terminal, arena, old);
      Runtime.getRuntime().addShutdownHook(mode.restorer);
      set(terminal, raw);
      return mode;
    } catch (IllegalStateException e) {
      arena.close();
      throw e;
    }
  }

  private static IllegalStateException noTerminal() {
    return new IllegalStateException("Standard input is not a terminal.");
  }

  private static void set(TerminalCalls terminal, MemorySegment settings) {
    if (!terminal.set(STDIN, settings)) {
      throw new IllegalStateException("The terminal does not take its settings.");
    }
  }

  /** Raw mode, until closed. */
  public static final class RawMode implements AutoCloseable {

    private final TerminalCalls terminal;
    private final Arena arena;
    private final MemorySegment old;
    private final Thread restorer = new Thread(this::restore, "terminal");
    private boolean restored;

    private RawMode(TerminalCalls terminal, Arena arena, MemorySegment old) {
      this.terminal = terminal;
      this.arena = arena;
      this.old = old;
    }

    private synchronized void restore() {
      if (restored) {
        return;
      }
      restored = true;
      try {
        set(terminal, old);
      } finally {
        arena.close();
      }
    }

    @Override
    public void close() {
      restore();
    }
  }
}
