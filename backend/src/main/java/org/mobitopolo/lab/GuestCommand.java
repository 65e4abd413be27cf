// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.AgentStream;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A command in a guest as a pair of pipes. When the VM moves, the command goes on there and so do the pipes. */
final class GuestCommand implements ExecStream {
  private static final long MOVE_MS = 30_000;
  private static final long READY_MS = 10_000;
  private static final long READY_PAUSE_MS = 100;

  private final LabModel model;
  private final ByteQueue stdout = new ByteQueue();
  private final ByteQueue stderr = new ByteQueue();
  private final OutputStream stdin = new Input();
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  /** Of where the command runs now; replaced while the VM moves. */
  private CompletableFuture<AgentStream> stream = new CompletableFuture<>();

  private GuestCommand(LabModel model) {
    this.model = model;
  }

  /**
   * Starts the command; waits for the guest to take it, also some seconds for a guest that has just begun to run or to go on here.
   *
   * @throws LabException if it does not
   */
  static GuestCommand start(LabModel model, InstanceFact instance, ExecRequest request) throws InterruptedException {
    GuestCommand command = new GuestCommand(model);
    Agent agent = model.agent(instance.host());
    ObjectNode params = agent.params().put("instance", instance.instance());
    ArrayNode argv = params.putArray("argv");
    request.argv().forEach(argv::add);
    ObjectNode env = params.putObject("env");
    request.env().forEach(env::put);
    params.put("cwd", request.cwd()).put("tty", request.tty()).put("rows", request.rows()).put("cols", request.columns());
    long until = System.nanoTime() + READY_MS * 1_000_000;
    while (true) {
      try {
        command.stream.complete(agent.openStream("exec.start", params, command.new Output()));
        return command;
      } catch (LabException.AgentRefused e) {
        if (!e.code().equals("not-ready") || System.nanoTime() > until) {
          throw e;
        }
        Thread.sleep(READY_PAUSE_MS);
      }
    }
  }

  private synchronized CompletableFuture<AgentStream> stream() {
    return stream;
  }

  /** From now on all wait for the stream at the new place. */
  private synchronized CompletableFuture<AgentStream> replace() {
    stream = new CompletableFuture<>();
    return stream;
  }

  private void follow(AgentStream.Moved moved, CompletableFuture<AgentStream> next) {
    try {
      boolean there = model.await(() -> model.instance(moved.instance()).filter(now -> now.live() && model.connected(now.host())).isPresent(), MOVE_MS);
      if (!there) {
        lost(next, "its VM has moved and was not found again");
        return;
      }
      Agent agent = model.agent(model.instance(moved.instance()).orElseThrow().host());
      next.complete(agent.openStream("exec.attach", agent.params().put("instance", moved.instance()).put("session", moved.session()), new Output()));
    } catch (LabException e) {
      lost(next, e.getMessage());
    } catch (InterruptedException e) {
      lost(next, "the lab was closed");
      Thread.currentThread().interrupt();
    }
  }

  private void lost(CompletableFuture<AgentStream> next, String reason) {
    end(new Exit.Failed("The connection to the command is lost: " + reason));
    next.completeExceptionally(new IOException("the connection to the command is lost: " + reason));
  }

  private void end(Exit how) {
    stdout.end();
    stderr.end();
    exit.complete(how);
  }

  @Override
  public InputStream stdout() {
    return stdout;
  }

  @Override
  public InputStream stderr() {
    return stderr;
  }

  @Override
  public OutputStream stdin() {
    return stdin;
  }

  @Override
  public CompletableFuture<Exit> exit() {
    return exit.copy();
  }

  @Override
  public void resize(int rows, int columns) {
    stream().thenAccept(open -> open.resize(rows, columns));
  }

  @Override
  public void signal(int number) {
    stream().thenAccept(open -> open.signal(number));
  }

  @Override
  public void close() {
    stdout.abandon();
    stderr.abandon();
    if (!exit.isDone()) {
      stream().thenAccept(AgentStream::close);
    }
  }

  /** What the guest sends. */
  private final class Output implements AgentStream.Listener {
    private Exit ended;

    @Override
    public void data(boolean error, byte[] bytes) {
      (error ? stderr : stdout).put(bytes);
    }

    @Override
    public void exit(JsonNode result) {
      if (result.path("status").isIntegralNumber()) {
        ended = new Exit.Status(result.path("status").asInt(0));
      } else if (result.path("signal").isIntegralNumber()) {
        ended = new Exit.Signal(result.path("signal").asInt(0));
      } else {
        ended = new Exit.Failed(result.path("error").asString("The command did not start."));
      }
      end(ended);
    }

    @Override
    public void closed(String reason, Optional<AgentStream.Moved> moved) {
      if (ended != null) {
        return;
      }
      if (moved.isPresent()) {
        CompletableFuture<AgentStream> next = replace();
        Thread.ofVirtual().name("command follows its VM").start(() -> follow(moved.get(), next));
      } else {
        end(new Exit.Failed("The connection to the command is lost: " + reason));
      }
    }
  }

  /** What is sent to the guest. */
  private final class Input extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
      send(open -> open.write(copy));
    }

    /** A command that has ended needs no end of its input. */
    @Override
    public void close() throws IOException {
      try {
        send(AgentStream::eof);
      } catch (IOException e) {
        if (!(e.getCause() instanceof LabException.AgentRefused)) {
          throw e;
        }
      }
    }

    /** What one place did not take because the VM was leaving is sent to the next. */
    private void send(Function<AgentStream, CompletableFuture<Void>> request) throws IOException {
      while (true) {
        CompletableFuture<AgentStream> to = stream();
        try {
          request.apply(to.get()).get();
          return;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while the guest was sent bytes");
        } catch (ExecutionException e) {
          if (to.isCompletedExceptionally() || exit.isDone() || stream() == to && !leaving(to)) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
          }
        }
      }
    }

    /** The refusal may come before the event that tells of the move. */
    private boolean leaving(CompletableFuture<AgentStream> from) throws IOException {
      try {
        return model.await(() -> stream() != from || exit.isDone(), MOVE_MS / 10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the guest was sent bytes");
      }
    }
  }
}
