// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The terminal that the standard descriptors are connected to, if any: whether it is one, its size,
 * and raw mode, which hands each key on as it is typed. Calls isatty, ioctl, tcgetattr, cfmakeraw
 * and tcsetattr of the C library, as Java has no way of its own.
 */
public final class Terminal {

  /** Size of a terminal. */
  public record Size(int rows, int columns) {}

  /** {@code struct termios} has 60 bytes on Linux; room to spare. */
  private static final long TERMIOS_BYTES = 256;

  private static final int TCSADRAIN = 1;
  private static final long TIOCGWINSZ = 0x5413;
  private static final int STDIN = 0;

  private final MethodHandle isatty;
  private final MethodHandle ioctl;
  private final MethodHandle tcgetattr;
  private final MethodHandle cfmakeraw;
  private final MethodHandle tcsetattr;

  @SuppressWarnings("restricted")
  public Terminal() {
    Linker linker = Linker.nativeLinker();
    var lookup = linker.defaultLookup();
    var intType = ValueLayout.JAVA_INT;
    var pointer = ValueLayout.ADDRESS;
    isatty =
        linker.downcallHandle(
            lookup.findOrThrow("isatty"), FunctionDescriptor.of(intType, intType));
    ioctl =
        linker.downcallHandle(
            lookup.findOrThrow("ioctl"),
            FunctionDescriptor.of(intType, intType, ValueLayout.JAVA_LONG, pointer),
            Linker.Option.firstVariadicArg(2));
    tcgetattr =
        linker.downcallHandle(
            lookup.findOrThrow("tcgetattr"), FunctionDescriptor.of(intType, intType, pointer));
    cfmakeraw =
        linker.downcallHandle(lookup.findOrThrow("cfmakeraw"), FunctionDescriptor.ofVoid(pointer));
    tcsetattr =
        linker.downcallHandle(
            lookup.findOrThrow("tcsetattr"),
            FunctionDescriptor.of(intType, intType, intType, pointer));
  }

  public boolean isInput() {
    return isTerminal(STDIN);
  }

  public boolean isOutput() {
    return isTerminal(1);
  }

  public boolean isError() {
    return isTerminal(2);
  }

  private boolean isTerminal(int descriptor) {
    try {
      return (int) isatty.invokeExact(descriptor) == 1;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The size of the terminal at standard error, output or input; empty when none of them is one.
   */
  public Optional<Size> size() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment window = arena.allocate(8);
      for (int descriptor : new int[] {2, 1, STDIN}) {
        if ((int) ioctl.invokeExact(descriptor, TIOCGWINSZ, window) == 0) {
          int rows = window.get(ValueLayout.JAVA_SHORT, 0) & 0xffff;
          int columns = window.get(ValueLayout.JAVA_SHORT, 2) & 0xffff;
          if (rows > 0 && columns > 0) {
            return Optional.of(new Size(rows, columns));
          }
        }
      }
      return Optional.empty();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Puts the terminal at standard input into raw mode until the result is closed; also the end of
   * the process gives the old mode back.
   *
   * @throws IllegalStateException when standard input is no terminal
   */
  public RawMode raw() {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment old = arena.allocate(TERMIOS_BYTES);
      MemorySegment raw = arena.allocate(TERMIOS_BYTES);
      if ((int) tcgetattr.invokeExact(STDIN, old) != 0) {
        throw new IllegalStateException("Standard input is not a terminal.");
      }
      raw.copyFrom(old);
      cfmakeraw.invokeExact(raw);
      RawMode mode = new RawMode(arena, old);
      Runtime.getRuntime().addShutdownHook(mode.restorer);
      setAttributes(raw);
      return mode;
    } catch (IllegalStateException e) {
      arena.close();
      throw e;
    } catch (Throwable e) {
      arena.close();
      throw new IllegalStateException(e);
    }
  }

  private void setAttributes(MemorySegment attributes) throws Throwable {
    int result = (int) tcsetattr.invokeExact(STDIN, TCSADRAIN, attributes);
    if (result != 0) {
      throw new IllegalStateException("The terminal does not take its settings.");
    }
  }

  /** Raw mode, until closed. */
  public final class RawMode implements AutoCloseable {

    private final Arena arena;
    private final MemorySegment old;
    private final Thread restorer = new Thread(this::restore, "terminal");
    private boolean restored;

    private RawMode(Arena arena, MemorySegment old) {
      this.arena = arena;
      this.old = old;
    }

    private synchronized void restore() {
      if (restored) {
        return;
      }
      restored = true;
      try {
        setAttributes(old);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
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
