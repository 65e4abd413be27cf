// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.AgentStream;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A console that follows its VM: one thread waits for the VM to be live, opens the stream, waits for its end, and begins again. Another one
 * sends what is typed.
 */
final class ConsoleConnection implements ConsoleStream {
  private static final long MOVE_MS = 10_000;
  private static final int SCROLLBACK = 65536;
  private static final int MAX_TYPED = 65536;
  private static final long RETRY_MS = 300;

  private final LabModel model;
  private final String node;
  private final ConsoleListener listener;
  private final Consumer<ConsoleConnection> whenClosed;
  private final Deque<byte[]> typed = new ArrayDeque<>();
  private int typedBytes;
  private int rows;
  private int columns;
  private boolean closed;
  private AgentStream stream;
  private final Thread follower;
  private final Thread sender;

  ConsoleConnection(
      LabModel model, String node, int rows, int columns, ConsoleListener listener, Consumer<ConsoleConnection> whenClosed) {
    this.model = model;
    this.node = node;
    this.rows = rows;
    this.columns = columns;
    this.listener = listener;
    this.whenClosed = whenClosed;
    this.follower = Thread.ofVirtual().name("console " + node).unstarted(this::follow);
    this.sender = Thread.ofVirtual().name("typing " + node).unstarted(this::send);
  }

  ConsoleConnection start() {
    follower.start();
    sender.start();
    return this;
  }

  @Override
  public synchronized void write(byte[] bytes) {
    if (!closed && typedBytes + bytes.length <= MAX_TYPED) {
      typed.add(bytes.clone());
      typedBytes += bytes.length;
      notifyAll();
    }
  }

  @Override
  public synchronized void resize(int newRows, int newColumns) {
    rows = newRows;
    columns = newColumns;
    if (stream != null) {
      stream.resize(rows, columns);
    }
  }

  @Override
  public synchronized boolean connected() {
    return stream != null;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (stream != null) {
      stream.close();
    }
    follower.interrupt();
    sender.interrupt();
    whenClosed.accept(this);
  }

  private void follow() {
    boolean told = false;
    Optional<AgentStream.Moved> moved = Optional.empty();
    try {
      while (!isClosed()) {
        Optional<InstanceFact> live = model.current(node).filter(InstanceFact::live).filter(instance -> model.connected(instance.host()));
        if (live.isEmpty()) {
          if (!told) {
            listener.disconnected("The VM does not run.");
            told = true;
          }
          dropTyped();
          model.await(() -> model.current(node).filter(InstanceFact::live).filter(instance -> model.connected(instance.host())).isPresent());
          continue;
        }
        Over over = connect(live.get(), moved);
        told = true;
        moved = over.moved();
        listener.disconnected(over.reason());
        if (moved.isPresent()) {
          awaitMoved(live.get());
        } else {
          Thread.sleep(RETRY_MS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The source tells of the move before the target's report is here. */
  private void awaitMoved(InstanceFact old) throws InterruptedException {
    model.await(() -> model.current(node).filter(now -> now.instance().equals(old.instance()) && now.live()).isEmpty(), MOVE_MS);
  }

  /** Why a stream is over, and where it goes on. */
  private record Over(String reason, Optional<AgentStream.Moved> moved) {}

  /** Shows one instance's console until that ends. After a move it goes on where it stopped, else it begins with some scrollback. */
  private Over connect(InstanceFact instance, Optional<AgentStream.Moved> moved) throws InterruptedException {
    CompletableFuture<Over> over = new CompletableFuture<>();
    AgentStream.Listener output =
        new AgentStream.Listener() {
          @Override
          public void data(boolean error, byte[] bytes) {
            listener.output(bytes);
          }

          @Override
          public void exit(JsonNode exit) {
            over.complete(new Over("The console has ended.", Optional.empty()));
          }

          @Override
          public void closed(String reason, Optional<AgentStream.Moved> next) {
            over.complete(new Over(reason, next));
          }
        };
    AgentStream opened;
    try {
      Agent agent = model.agent(instance.host());
      ObjectNode params = agent.params().put("instance", instance.instance());
      moved
          .filter(where -> where.instance().equals(instance.instance()))
          .ifPresentOrElse(where -> params.put("position", where.position()), () -> params.put("tail", SCROLLBACK));
      opened = agent.openStream("console.open", params, output);
    } catch (LabException e) {
      return new Over(e.problem(), Optional.empty());
    }
    synchronized (this) {
      if (closed) {
        opened.close();
        return new Over("The console is closed.", Optional.empty());
      }
      stream = opened;
      opened.resize(rows, columns);
      notifyAll();
    }
    listener.connected();
    try {
      return over.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("never completed exceptionally", e);
    } finally {
      synchronized (this) {
        stream = null;
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void dropTyped() {
    typed.clear();
    typedBytes = 0;
  }

  /** One write at a time, so that keys arrive in their order; what a broken stream did not take is sent to the next one. */
  private void send() {
    try {
      while (true) {
        AgentStream to;
        byte[] bytes;
        synchronized (this) {
          while (stream == null || typed.isEmpty()) {
            wait();
          }
          to = stream;
          bytes = typed.peek();
        }
        boolean sent = to.write(bytes).handle((done, failure) -> failure == null).get();
        synchronized (this) {
          if (sent && typed.peek() == bytes) {
            typed.remove();
            typedBytes -= bytes.length;
          } else if (!sent && stream == to) {
            wait(RETRY_MS);
          }
        }
      }
    } catch (InterruptedException | ExecutionException e) {
      Thread.currentThread().interrupt();
    }
  }
}
