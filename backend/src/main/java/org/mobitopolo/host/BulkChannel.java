// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mobitopolo.task.LabException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A channel of its own for many bytes: {@code mobihost get} or {@code mobihost put} on a host (protocols.md section 5). Comes from
 * {@link Agent#openBulk}. Reading and writing wait; closing it from another thread ends that.
 */
public final class BulkChannel implements AutoCloseable {
  private static final int MAX_ANSWER = 1 << 16;
  private static final int BUFFER = 1 << 16;

  private final String peer;
  private final RemoteProcess process;
  private final AtomicBoolean closed = new AtomicBoolean();
  private IOException cut;

  BulkChannel(String peer, RemoteProcess process) {
    this.peer = peer;
    this.process = process;
  }

  /** What the host writes. */
  public InputStream output() {
    return process.stdout();
  }

  /** What the host reads. */
  OutputStream input() {
    return process.stdin();
  }

  /** Reads a line that the host writes before anything else. */
  public JsonNode firstLine() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int c = output().read(); c != '\n'; c = output().read()) {
        if (c < 0 || line.size() > MAX_ANSWER) {
          throw failure(null);
        }
        line.write(c);
      }
      return Rpc.JSON.readTree(line.toByteArray());
    } catch (IOException | JacksonException e) {
      throw failure(e);
    }
  }

  /** What writes bytes. */
  @FunctionalInterface
  public interface Sending {
    void to(OutputStream out) throws IOException;
  }

  /**
   * Sends all bytes and says that nothing more comes. A host that does not want them all breaks this off without an exception: what it
   * answers says why.
   */
  public void send(Sending sending) {
    try (OutputStream out = new BufferedOutputStream(process.stdin(), BUFFER)) {
      sending.to(out);
    } catch (IOException e) {
      // the host's own words, if there are any, say more than "broken pipe"
      cut = e;
    }
  }

  /**
   * Waits for the end, after everything was sent or read.
   *
   * @throws LabException.AgentRefused with the host's reason if it failed
   */
  public void finish() throws InterruptedException {
    try {
      process.stdout().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw failure(e);
    }
    if (process.waitFor() != 0 || cut != null) {
      throw failure(cut);
    }
  }

  /**
   * Reads the one line of JSON that a host answers to what it was sent, and waits for the end.
   *
   * @throws LabException.AgentRefused if the host refused
   */
  public JsonNode answer() throws InterruptedException {
    try {
      byte[] line = process.stdout().readNBytes(MAX_ANSWER);
      int status = process.waitFor();
      JsonNode answer = Rpc.JSON.readTree(line);
      if (answer.path("error").isObject()) {
        throw Rpc.refusal(peer, answer.path("error"));
      }
      if (status != 0 || cut != null || !answer.path("result").isObject()) {
        throw failure(cut);
      }
      return answer.path("result");
    } catch (IOException | JacksonException e) {
      throw failure(cut == null ? e : cut);
    }
  }

  /** What to throw when reading or writing failed: the host's own words, if it said any. */
  public LabException failure(Exception cause) {
    if (closed.get() || interrupted(cause)) {
      return new LabException.Cancelled("The transfer with " + peer + " was given up.", "");
    }
    String said = process.errorTail();
    return said.isEmpty()
        ? new LabException.HostUnreachable(
            "The connection to " + peer + " broke" + (cause == null ? "." : ": " + Printable.sentence(Printable.line(String.valueOf(cause.getMessage()), 200))),
            "What runs there goes on.",
            "Try again when it is there.",
            cause)
        : new LabException.AgentRefused("io", peer + ": " + Printable.sentence(Printable.line(said, 2000)), "", "", cause);
  }

  /** Whether reading or writing failed because its thread was interrupted: files, pipes and channels of SSH tell it each in their own way. */
  static boolean interrupted(Exception cause) {
    return Thread.currentThread().isInterrupted()
        || cause instanceof ClosedByInterruptException
        || (cause instanceof InterruptedIOException && !(cause instanceof SocketTimeoutException));
  }

  @Override
  public void close() {
    closed.set(true);
    process.close();
  }
}
