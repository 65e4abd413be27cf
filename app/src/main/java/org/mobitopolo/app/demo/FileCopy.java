// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;

/**
 * The copy in the client. One command runs there from beginning to end: it starts the TFTP client,
 * tells time and size of the file every quarter of a second, and at the end the exit status and the
 * checksum. Thread-safe.
 */
final class FileCopy implements AutoCloseable {

  /**
   * The client's uptime has hundredths of a second, which is fine enough for samples four times a
   * second.
   */
  private static final String SCRIPT =
      """
      rm -f /tmp/copy /tmp/status
      (tftp -g -b 2550 -r file -l /tmp/copy 10.0.1.1 >/dev/null 2>&1; echo $? > /tmp/status) &
      while [ ! -s /tmp/status ]; do
        read up idle < /proc/uptime
        echo "at $up $(stat -c %s /tmp/copy 2>/dev/null || echo 0)"
        usleep 250000
      done
      read up idle < /proc/uptime
      echo "at $up $(stat -c %s /tmp/copy 2>/dev/null || echo 0)"
      echo "status $(cat /tmp/status)"
      echo "sha256 $(sha256sum < /tmp/copy)"
      """;

  private final ExecStream stream;
  private final Consumer<Sample> listener;
  private final List<Sample> samples = new ArrayList<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private double began;
  private long beganNanos;
  private OptionalInt status = OptionalInt.empty();
  private Optional<String> checksum = Optional.empty();

  private FileCopy(ExecStream stream, Consumer<Sample> listener) {
    this.stream = stream;
    this.listener = listener;
  }

  /** Begins to copy. */
  static FileCopy start(Lab lab, String client, Consumer<Sample> listener)
      throws InterruptedException {
    FileCopy copy = new FileCopy(lab.exec(client, ExecRequest.shell(SCRIPT)), listener);
    Thread.ofVirtual().name("file copy").start(copy::read);
    return copy;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.stdout(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line.split(" "));
      }
      ended.complete(null);
    } catch (IOException | RuntimeException e) {
      ended.completeExceptionally(e);
    }
  }

  private void take(String[] words) {
    Sample sample = null;
    synchronized (this) {
      switch (words[0]) {
        case "at" -> {
          double uptime = Double.parseDouble(words[1]);
          if (samples.isEmpty()) {
            began = uptime;
            beganNanos = System.nanoTime();
          }
          sample = new Sample(uptime - began, Long.parseLong(words[2]));
          samples.add(sample);
        }
        case "status" -> status = OptionalInt.of(Integer.parseInt(words[1]));
        case "sha256" -> checksum = Optional.of(words[1]);
        default -> throw new IllegalStateException("unexpected word from the client: " + words[0]);
      }
    }
    if (sample != null) {
      listener.accept(sample);
    }
  }

  /** Now, in seconds since the beginning of the copy. */
  synchronized double now() {
    return (System.nanoTime() - beganNanos) / 1e9;
  }

  synchronized Bandwidth bandwidth() {
    return new Bandwidth(samples);
  }

  /** Exit status of the TFTP client; empty while it runs. */
  synchronized OptionalInt status() {
    return status;
  }

  /** SHA-256 of what arrived; empty until the copy has ended. */
  synchronized Optional<String> checksum() {
    return checksum;
  }

  /**
   * Waits for the end of the copy.
   *
   * @return false when it did not end in that time
   * @throws DemoException when the command in the client broke off
   */
  boolean await(double seconds) throws InterruptedException, DemoException {
    try {
      ended.get(Math.max(0, Math.round(seconds * 1000)), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new DemoException(
          "The measuring command in the client broke off: " + e.getCause().getMessage() + ".",
          e.getCause());
    }
    if (status().isEmpty() || checksum().isEmpty()) {
      throw new DemoException(
          "The measuring command in the client ended early: " + stream.exit().getNow(null) + ".");
    }
    return true;
  }

  @Override
  public void close() {
    stream.close();
  }
}
