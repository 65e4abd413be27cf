// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A console or a command in a guest, as an agent passes it on. What the guest sends waits here until the listener has taken it; only then
 * the agent may send more. Thread-safe.
 */
public final class AgentStream implements AutoCloseable {
  static final int CREDIT = 65536;
  private static final int MAX_WRITE = 16384;

  /** Hears of a stream on a thread of its own, one call at a time. A call that does not return slows the guest down. */
  public interface Listener {
    /**
     * Bytes from the guest.
     *
     * @param error whether they come from standard error
     */
    void data(boolean error, byte[] bytes);

    /** The command ended: {@code status}, {@code signal} or {@code error} of protocols.md section 3. */
    void exit(JsonNode exit);

    /**
     * The last call.
     *
     * @param reason why the stream is over
     * @param moved where to go on, if it is over because the VM has moved
     */
    void closed(String reason, Optional<Moved> moved);
  }

  /**
   * Where a stream goes on after a migration.
   *
   * @param instance the VM's new incarnation
   * @param session of a command there; 0 for a console
   * @param position of a console there; 0 for a command
   */
  public record Moved(String instance, long session, long position) {}

  private sealed interface Item {
    record Data(boolean error, byte[] bytes) implements Item {}

    record Exit(JsonNode exit) implements Item {}

    record Closed(String reason, Optional<Moved> moved) implements Item {}
  }

  private final Agent agent;
  private final long id;
  private final Listener listener;
  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private final Object creditLock = new Object();
  private int waiting;
  private int taken;

  AgentStream(Agent agent, long id, Listener listener) {
    this.agent = agent;
    this.id = id;
    this.listener = listener;
    Thread.ofVirtual().name("stream " + id).start(this::deliver);
  }

  private static String sentence(String reason) {
    return reason.equals("ended") ? "It has ended." : Printable.line(reason, 500);
  }

  /**
   * Takes an event of this stream. Called by the reading thread.
   *
   * @return what the agent did wrong, if it did
   */
  Optional<String> accept(JsonNode event) {
    if (event.has("closed")) {
      String reason = event.path("closed").asString("");
      Optional<Moved> moved =
          event
              .path("instance")
              .stringValueOpt()
              .filter(instance -> reason.equals("moved") && instance.matches("[0-9a-f]{16}"))
              .map(instance -> new Moved(instance, event.path("session").asLong(0), event.path("position").asLong(0)));
      items.add(new Item.Closed(moved.isPresent() ? "The VM has moved." : sentence(reason), moved));
      return Optional.empty();
    }
    if (event.has("exit")) {
      items.add(new Item.Exit(event.path("exit")));
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(event.path("data").asString(""));
    } catch (IllegalArgumentException e) {
      return Optional.of("sent bytes of a stream that are not base64");
    }
    synchronized (creditLock) {
      waiting += bytes.length;
      if (waiting > CREDIT) {
        return Optional.of("sent more of a stream than it was allowed to");
      }
    }
    items.add(new Item.Data(event.path("channel").asString("").equals("err"), bytes));
    return Optional.empty();
  }

  /** The connection is lost. */
  void lost(String reason) {
    items.add(new Item.Closed(reason, Optional.empty()));
  }

  private void deliver() {
    try {
      while (true) {
        switch (items.take()) {
          case Item.Data data -> {
            listener.data(data.error(), data.bytes());
            giveBack(data.bytes().length);
          }
          case Item.Exit exit -> listener.exit(exit.exit());
          case Item.Closed closed -> {
            listener.closed(closed.reason(), closed.moved());
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void giveBack(int bytes) {
    int credit = 0;
    synchronized (creditLock) {
      taken += bytes;
      if (taken >= CREDIT / 4) {
        credit = taken;
        taken = 0;
        waiting -= credit;
      }
    }
    if (credit > 0) {
      agent.request("stream.credit", params().put("bytes", credit));
    }
  }

  /** Sends bytes to the guest; completes when all were taken. Calls must not overlap if the order matters. */
  public CompletableFuture<Void> write(byte[] bytes) {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (int from = 0; from < bytes.length; from += MAX_WRITE) {
      byte[] part = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + MAX_WRITE));
      done = done.thenCompose(before -> agent.request("stream.write", params().put("data", Base64.getEncoder().encodeToString(part)))).thenApply(answer -> null);
    }
    return done;
  }

  /** The end of the command's standard input. */
  public CompletableFuture<Void> eof() {
    return agent.request("stream.eof", params()).thenApply(answer -> null);
  }

  public void resize(int rows, int columns) {
    agent.request("stream.resize", params().put("rows", rows).put("cols", columns));
  }

  public void signal(int number) {
    agent.request("stream.signal", params().put("signal", number));
  }

  /** Ends the stream; the listener still hears that it is closed. */
  @Override
  public void close() {
    agent.forget(id);
    agent.request("stream.close", params());
    items.add(new Item.Closed("closed by this program", Optional.empty()));
  }

  private ObjectNode params() {
    return agent.params().put("stream", id);
  }
}
