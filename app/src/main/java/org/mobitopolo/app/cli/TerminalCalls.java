// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Calls of the C library that have to do with terminals, as Java has no way of its own: isatty, ioctl, tcgetattr, cfmakeraw and tcsetattr. */
final class TerminalCalls {

  /** {@code struct termios} has 60 bytes on Linux, 72 on macOS; room to spare. */
  static final long TERMIOS_BYTES = 256;

  /** {@code struct winsize}: four shorts, rows and columns first. */
  static final long WINSIZE_BYTES = 8;

  private static final int TCSADRAIN = 1;
  private static final long TIOCGWINSZ_LINUX = 0x5413;
  private static final long TIOCGWINSZ_MACOS = 0x40087468;

  private final long windowSizeRequest;
  private final MethodHandle isatty;
  private final MethodHandle ioctl;
  private final MethodHandle tcgetattr;
  private final MethodHandle cfmakeraw;
  private final MethodHandle tcsetattr;

  @SuppressWarnings("restricted")
  private TerminalCalls(long windowSizeRequest) {
    this.windowSizeRequest = windowSizeRequest;
    Linker linker = Linker.nativeLinker();
    SymbolLookup lookup = linker.defaultLookup();
    var intType = ValueLayout.JAVA_INT;
    var pointer = ValueLayout.ADDRESS;
    isatty = linker.downcallHandle(lookup.findOrThrow("isatty"), FunctionDescriptor.of(intType, intType));
    ioctl =
        linker.downcallHandle(
            lookup.findOrThrow("ioctl"), FunctionDescriptor.of(intType, intType, ValueLayout.JAVA_LONG, pointer), Linker.Option.firstVariadicArg(2));
    tcgetattr = linker.downcallHandle(lookup.findOrThrow("tcgetattr"), FunctionDescriptor.of(intType, intType, pointer));
    cfmakeraw = linker.downcallHandle(lookup.findOrThrow("cfmakeraw"), FunctionDescriptor.ofVoid(pointer));
    tcsetattr = linker.downcallHandle(lookup.findOrThrow("tcsetattr"), FunctionDescriptor.of(intType, intType, intType, pointer));
  }

  /**
   * The calls of this computer's system; empty where its C library has none of them.
   *
   * @param system name of the operating system, as Java has it
   */
  static Optional<TerminalCalls> of(String system) {
    if (system.startsWith("Windows")) {
      return Optional.empty();
    }
    return Optional.of(new TerminalCalls(system.startsWith("Mac") ? TIOCGWINSZ_MACOS : TIOCGWINSZ_LINUX));
  }

  boolean isTerminal(int descriptor) {
    try {
      return (int) isatty.invokeExact(descriptor) == 1;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks for the window's size; false when the descriptor is no terminal. */
  boolean windowSize(int descriptor, MemorySegment size) {
    try {
      return (int) ioctl.invokeExact(descriptor, windowSizeRequest, size) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks for the settings; false when the descriptor is no terminal. */
  boolean settings(int descriptor, MemorySegment settings) {
    try {
      return (int) tcgetattr.invokeExact(descriptor, settings) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Changes settings into those of raw mode. */
  void makeRaw(MemorySegment settings) {
    try {
      cfmakeraw.invokeExact(settings);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Puts settings into effect, once what was written is out; false when the terminal refuses. */
  boolean set(int descriptor, MemorySegment settings) {
    try {
      return (int) tcsetattr.invokeExact(descriptor, TCSADRAIN, settings) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
