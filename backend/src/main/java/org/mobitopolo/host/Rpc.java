// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.mobitopolo.task.LabException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON lines to and from one agent (protocols.md section 5): requests with numbers, answers in any order, events in between. One thread
 * reads, one writes; callers never wait for the peer unless they wait for a future. Whatever breaks the protocol ends the connection: after
 * it no line can be trusted.
 */
final class Rpc implements AutoCloseable {
  static final int MAX_LINE = 1 << 20;
  private static final int MAX_DEPTH = 64;
  private static final int BUFFER = 1 << 16;
  private static final byte[] END = new byte[0];

  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxStringLength(MAX_LINE).build())
                  .build())
          .build();

  /** Hears what is not an answer. Called on the reading thread; must return soon. */
  interface Listener {
    void event(JsonNode event);

    /** The connection is over; called once. All open requests have failed with this reason. */
    void closed(LabException reason);
  }

  private record Pending(String method, CompletableFuture<JsonNode> answer, Consumer<JsonNode> first) {}

  private final String peer;
  private final InputStream input;
  private final OutputStream output;
  private final Listener listener;
  private final BlockingQueue<byte[]> outgoing = new LinkedBlockingQueue<>();
  private final Map<Long, Pending> pending = new HashMap<>();
  private long nextId = 1;
  private LabException over;

  /**
   * Call {@link #start} next.
   *
   * @param peer the host's name for messages
   */
  Rpc(String peer, InputStream input, OutputStream output, Listener listener) {
    this.peer = peer;
    this.input = input;
    this.output = output;
    this.listener = listener;
  }

  /** Platform threads, as reading a process's pipe would hold a virtual thread's carrier. */
  void start() {
    Thread.ofPlatform().daemon().name("rpc read " + peer).start(this::read);
    Thread.ofPlatform().daemon().name("rpc write " + peer).start(this::write);
  }

  /**
   * Sends a request.
   *
   * @param first called with the result on the reading thread, before any later line is looked at
   * @return fails with a {@link LabException}
   */
  CompletableFuture<JsonNode> request(String method, ObjectNode params, Consumer<JsonNode> first) {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    byte[] line;
    synchronized (pending) {
      if (over != null) {
        answer.completeExceptionally(over);
        return answer;
      }
      long id = nextId++;
      ObjectNode request = JSON.createObjectNode();
      request.put("id", id).put("method", method).set("params", params);
      line = withEnd(JSON.writeValueAsBytes(request));
      if (line.length > MAX_LINE) {
        answer.completeExceptionally(
            new LabException.NotPossible(
                "The request " + method + " to " + peer + " is larger than the megabyte that an agent takes.",
                "Nothing was changed.",
                "Make scripts and topology smaller."));
        return answer;
      }
      pending.put(id, new Pending(method, answer, first));
    }
    outgoing.add(line);
    return answer;
  }

  private static byte[] withEnd(byte[] json) {
    byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }

  private void write() {
    try (output) {
      for (byte[] line = outgoing.take(); line != END; line = outgoing.take()) {
        output.write(line);
        if (outgoing.isEmpty()) {
          output.flush();
        }
      }
    } catch (IOException e) {
      end(lost(e));
    } catch (InterruptedException e) {
      end(lost(e));
    }
  }

  private void read() {
    LabException reason;
    try {
      byte[] buffer = new byte[BUFFER];
      int filled = 0;
      int searched = 0;
      while (true) {
        int n = input.read(buffer, filled, buffer.length - filled);
        if (n < 0) {
          reason = lost(null);
          break;
        }
        filled += n;
        int begin = 0;
        for (int i = searched; i < filled; i++) {
          if (buffer[i] == '\n') {
            accept(buffer, begin, i - begin);
            begin = i + 1;
          }
        }
        System.arraycopy(buffer, begin, buffer, 0, filled - begin);
        filled -= begin;
        searched = filled;
        if (filled == buffer.length) {
          if (filled >= MAX_LINE) {
            reason = broken("sent a line of more than a megabyte", null);
            break;
          }
          buffer = java.util.Arrays.copyOf(buffer, Math.min(MAX_LINE, buffer.length * 2));
        }
      }
    } catch (IOException e) {
      reason = lost(e);
    } catch (LabException e) {
      reason = e;
    } catch (RuntimeException e) {
      reason = broken("sent a line that this program can't handle (" + e + ")", e);
    }
    end(reason);
  }

  private void accept(byte[] buffer, int begin, int length) {
    JsonNode line;
    try {
      line = JSON.readTree(buffer, begin, length);
    } catch (JacksonException e) {
      throw broken("sent a line that is not JSON", e);
    }
    if (!line.isObject()) {
      throw broken("sent a line that is not a JSON object", null);
    }
    if (line.has("event")) {
      listener.event(line);
    } else {
      answer(line);
    }
  }

  private void answer(JsonNode line) {
    JsonNode id = line.path("id");
    Pending request;
    synchronized (pending) {
      request = id.isIntegralNumber() ? pending.remove(id.asLong(0)) : null;
    }
    if (request == null) {
      throw broken("sent an answer to a request that was not made", null);
    }
    JsonNode error = line.path("error");
    if (error.isObject()) {
      request.answer.completeExceptionally(refusal(peer, error));
      return;
    }
    JsonNode result = line.path("result");
    if (request.first != null) {
      request.first.accept(result);
    }
    request.answer.complete(result);
  }

  /** What an agent's error becomes. */
  static LabException refusal(String peer, JsonNode error) {
    String code = Printable.line(error.path("code").asString("unknown"), 60);
    String message = Printable.sentence(Printable.line(error.path("message").asString("it gave no reason"), 2000));
    return new LabException.AgentRefused(code, peer + ": " + message, "", "", null);
  }

  private LabException lost(Exception cause) {
    return new LabException.HostUnreachable(
        "The connection to " + peer + " broke" + (cause == null || cause.getMessage() == null ? "." : ": " + Printable.sentence(Printable.line(cause.getMessage(), 200))),
        "What runs there goes on.",
        "It is opened again by itself.",
        cause);
  }

  private LabException broken(String what, Exception cause) {
    return new LabException.ProtocolBroken(
        "The host agent on " + peer + " " + what + ", so the connection was closed.",
        "What runs there goes on.",
        "If this comes again, remove the folder agent in the host's folder, so that it is uploaded anew.",
        cause);
  }

  private void end(LabException reason) {
    List<Pending> failed;
    synchronized (pending) {
      if (over != null) {
        return;
      }
      over = reason;
      failed = new ArrayList<>(pending.values());
      pending.clear();
    }
    outgoing.add(END);
    failed.forEach(request -> request.answer.completeExceptionally(reason));
    listener.closed(reason);
  }

  /** Ends the connection; open requests fail with the reason. */
  void close(LabException reason) {
    end(reason);
  }

  @Override
  public void close() {
    end(new LabException.Cancelled("The connection to " + peer + " was closed.", "What runs there goes on."));
  }
}
