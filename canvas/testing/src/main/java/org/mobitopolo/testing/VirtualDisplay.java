// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Gives a test JVM a display of its own, so that tests with real windows and a real mouse run
 * anywhere: on a machine without a screen as on a developer's desktop, whose windows and pointer
 * they leave alone.
 *
 * <p>JUnit calls this before the first test. It starts Xvfb, which itself picks a free display
 * number, and puts that into the environment of this very process, where GTK looks when JavaFX
 * starts. Xvfb ends with the JVM, however that ends: {@code -terminate} lets the server go when its
 * last client has gone, and a connection held open all the time keeps it from going earlier, as GTK
 * first connects only to look. (Ending the server from a shutdown hook would make GTK end the JVM
 * with an error.) With {@code MOBITOPOLO_TEST_DISPLAY} set in the environment the tests run on that
 * display instead, to be watched.
 */
public final class VirtualDisplay implements LauncherSessionListener {
  private static final String WATCHED = "MOBITOPOLO_TEST_DISPLAY";
  private static final String MARK = "MOBITOPOLO_VIRTUAL_DISPLAY";
  private static final String SCREEN = "1600x1000x24";
  private static final long START_SECONDS = 30;

  /** X11's connection set-up: little endian, protocol 11.0, no authorization. */
  private static final byte[] HELLO = {'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0};

  /** Keeps the connection from being collected, and so closed, while the JVM lives. */
  private static SocketChannel connection;

  private final Environment environment = new Environment();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    if (environment.get(MARK) != null) {
      return; // an earlier session of this JVM made the display; JavaFX cannot change displays
    }
    String watched = environment.get(WATCHED);
    String display = watched != null ? watched : start();
    environment.set("DISPLAY", display);
    environment.set(MARK, display);
    environment.set("GDK_BACKEND", "x11");
  }

  private static String start() {
    Process server;
    try {
      // -r: no auto-repeat, or on a busy machine a robot's short press would count as several
      server =
          new ProcessBuilder(
                  "Xvfb",
                  "-displayfd",
                  "1",
                  "-screen",
                  "0",
                  SCREEN,
                  "-nolisten",
                  "tcp",
                  "-terminate",
                  "-r")
              .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "Tests with windows need Xvfb, which could not be started. Install it: apt-get install"
              + " xvfb",
          e);
    }
    BufferedReader output = server.inputReader();
    CompletableFuture<String> number =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return output.readLine();
              } catch (IOException e) {
                throw new IllegalStateException("Xvfb did not tell its display number", e);
              }
            });
    try {
      String line = number.get(START_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new IllegalStateException("Xvfb ended at once with status " + server.waitFor());
      }
      hold(line.strip());
      return ":" + line.strip();
    } catch (IOException e) {
      throw new IllegalStateException("Xvfb came up but takes no connection", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "Xvfb did not come up within " + START_SECONDS + " seconds", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while Xvfb came up", e);
    }
  }

  /** Makes a connection to the server that lasts as long as this JVM. */
  private static void hold(String number) throws IOException {
    SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of("/tmp/.X11-unix/X" + number));
    channel.write(ByteBuffer.wrap(HELLO));
    ByteBuffer answer = ByteBuffer.allocate(8);
    while (answer.hasRemaining() && channel.read(answer) >= 0) {}
    if (answer.get(0) != 1) {
      channel.close();
      throw new IOException("the X server refused the connection");
    }
    connection = channel;
  }

  /** The C library's environment of this process, which Java's own view of it does not follow. */
  @SuppressWarnings("restricted")
  private static final class Environment {
    private final MethodHandle getenv =
        function("getenv", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    private final MethodHandle setenv =
        function(
            "setenv",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    String get(String name) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment value = (MemorySegment) getenv.invokeExact(arena.allocateFrom(name));
        return value.address() == 0 ? null : value.reinterpret(Long.MAX_VALUE).getString(0);
      } catch (Throwable e) {
        throw new IllegalStateException("getenv failed", e);
      }
    }

    void set(String name, String value) {
      int status;
      try (Arena arena = Arena.ofConfined()) {
        status = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      } catch (Throwable e) {
        throw new IllegalStateException("setenv failed", e);
      }
      if (status != 0) {
        throw new IllegalStateException("setenv " + name + " failed with status " + status);
      }
    }
  }
}
