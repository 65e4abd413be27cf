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
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.AgentStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A command in a guest as a pair of pipes. */
final class GuestCommand implements ExecStream {
  private final ByteQueue stdout = new ByteQueue();
  private final ByteQueue stderr = new ByteQueue();
  private final OutputStream stdin = new Input();
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  private AgentStream stream;

  private GuestCommand() {}

  /**
   * Starts the command; waits for the guest to take it.
   *
   * @throws org.mobitopolo.task.LabException if it does not
   */
  static GuestCommand start(Agent agent, String instance, ExecRequest request) throws InterruptedException {
    GuestCommand command = new GuestCommand();
    ObjectNode params = agent.params().put("instance", instance);
    ArrayNode argv = params.putArray("argv");
    request.argv().forEach(argv::add);
    ObjectNode env = params.putObject("env");
    request.env().forEach(env::put);
    params.put("cwd", request.cwd()).put("tty", request.tty()).put("rows", request.rows()).put("cols", request.columns());
    AgentStream opened = agent.openStream("exec.start", params, command.new Output());
    synchronized (command) {
      command.stream = opened;
    }
    return command;
  }

  private synchronized AgentStream stream() {
    return stream;
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
    stream().resize(rows, columns);
  }

  @Override
  public void signal(int number) {
    stream().signal(number);
  }

  @Override
  public void close() {
    stdout.abandon();
    stderr.abandon();
    if (!exit.isDone()) {
      stream().close();
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
      end();
    }

    @Override
    public void closed(String reason, Optional<String> movedTo) {
      if (ended == null) {
        ended = new Exit.Failed("The connection to the command is lost: " + reason);
      }
      end();
    }

    private void end() {
      stdout.end();
      stderr.end();
      exit.complete(ended);
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
      await(stream().write(Arrays.copyOfRange(bytes, offset, offset + length)));
    }

    @Override
    public void close() throws IOException {
      if (!exit.isDone()) {
        await(stream().eof());
      }
    }

    private static void await(CompletableFuture<Void> done) throws IOException {
      try {
        done.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the guest was sent bytes");
      } catch (ExecutionException e) {
        throw new IOException(e.getCause().getMessage(), e.getCause());
      }
    }
  }
}
