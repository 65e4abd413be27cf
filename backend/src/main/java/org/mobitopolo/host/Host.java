// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mobitopolo.host.HostState.Status;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;

/**
 * One host: keeps one connection to its agent once somebody asked for it, and opens it again when it breaks. Comes from {@link Hosts#host}.
 * Thread-safe.
 */
public final class Host {
  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration FACTS_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration FACTS_INTERVAL = Duration.ofSeconds(5);
  private static final int WATCH_INTERVAL_MS = 500;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final HostUrl url;
  private final Supplier<AgentParts> parts;
  private final SshConnector ssh;
  private final Consumer<HostState> stateListener;
  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private HostState state;
  private Thread keeper;
  private boolean closed;
  private boolean retryAsked;
  private CompletableFuture<Agent> ready = new CompletableFuture<>();

  Host(HostUrl url, Supplier<AgentParts> parts, SshConnector ssh, Consumer<HostState> stateListener) {
    this.url = url;
    this.parts = parts;
    this.ssh = ssh;
    this.stateListener = stateListener;
    this.state = new HostState(url, Status.IDLE, "", Optional.empty(), Optional.empty());
  }

  public HostUrl url() {
    return url;
  }

  public HostState state() {
    synchronized (lock) {
      return state;
    }
  }

  /** Asks for a connection and returns at once; {@link #state} tells what came of it. */
  public void connect() {
    synchronized (lock) {
      if (keeper == null && !closed) {
        keeper = Thread.ofVirtual().name("host " + url.displayName()).start(this::keepConnected);
      }
    }
  }

  /** Tries an unreachable host again now. Returns at once; from then on it counts as connecting, so whoever asks for its agent waits. */
  public void retry() {
    connect();
    synchronized (lock) {
      if (state.status() == Status.UNREACHABLE && !closed) {
        state = new HostState(url, Status.CONNECTING, connecting(), state.facts(), Optional.empty());
      }
      retryAsked = true;
      lock.notifyAll();
    }
    stateListener.accept(state());
  }

  private String connecting() {
    return "Connecting to " + url.displayName() + ".";
  }

  /**
   * The connected agent; waits for it while a connection is being made.
   *
   * @throws LabException if the host can't be reached
   */
  public Agent agent() throws InterruptedException {
    connect();
    CompletableFuture<Agent> wanted;
    synchronized (lock) {
      if (state.status() == Status.UNREACHABLE) {
        throw state.failure().orElseThrow();
      }
      wanted = ready;
    }
    try {
      return wanted.get();
    } catch (ExecutionException e) {
      throw (LabException) e.getCause();
    }
  }

  /** The connected agent; empty while there is none. Does not wait. */
  public Optional<Agent> agentNow() {
    synchronized (lock) {
      return state.status() == Status.CONNECTED ? Optional.of(ready.join()) : Optional.empty();
    }
  }

  public void addListener(HostListener listener) {
    listeners.add(listener);
    agentNow().ifPresent(listener::connected);
  }

  public void removeListener(HostListener listener) {
    listeners.remove(listener);
  }

  void close() {
    Thread running;
    synchronized (lock) {
      closed = true;
      running = keeper;
    }
    if (running != null) {
      running.interrupt();
    }
  }

  private void keepConnected() {
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        change(Status.CONNECTING, connecting(), null);
        if (connectOnce()) {
          pause = FIRST_PAUSE;
        }
      } catch (LabException e) {
        failed(e);
      } catch (InterruptedException e) {
        failed(new LabException.Cancelled("The connection to " + url.displayName() + " was closed.", "What runs there goes on."));
        return;
      } catch (RuntimeException e) {
        failed(
            new LabException.ProtocolBroken(
                "Connecting to " + url.displayName() + " failed because of an error in this program: " + e + ".", "What runs there goes on.", "", e));
      }
      try {
        waitForRetry(pause);
      } catch (InterruptedException e) {
        return;
      }
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    }
  }

  /** Connects, then stays until the connection breaks. True if it had been usable. */
  private boolean connectOnce() throws InterruptedException {
    CompletableFuture<LabException> over = new CompletableFuture<>();
    try (Transport transport = url instanceof HostUrl.Ssh remote ? ssh.connect(remote) : LocalTransport.on(System.getProperty("os.name"))) {
      AgentFolder folder = new AgentFolder(url, transport, parts.get());
      try (RemoteProcess process = folder.startRpc(phase -> change(Status.CONNECTING, phase, null))) {
        Agent agent = new Agent(url, parts.get().hash(), transport.address(), folder);
        try (Rpc rpc = new Rpc(url.displayName(), process.stdout(), process.stdin(), new Events(agent, process, over))) {
          agent.use(rpc);
          rpc.start();
          greet(agent);
          // before anybody asks for lists, so that no change is missed between list and first event
          agent.call("watch", agent.params().put("intervalMs", WATCH_INTERVAL_MS), FACTS_TIMEOUT);
          connected(agent);
          failed(stay(agent, over));
          return true;
        }
      }
    }
  }

  private void greet(Agent agent) throws InterruptedException {
    JsonNode hello = agent.call("hello", agent.params().put("version", Agent.VERSION), HELLO_TIMEOUT);
    int version = hello.path("version").asInt(0);
    if (version != Agent.VERSION) {
      throw new LabException.ProtocolBroken(
          "The host agent on " + url.displayName() + " speaks version " + version + " of the protocol, this program version " + Agent.VERSION + ".",
          "Nothing was changed there.",
          "Use the same version of Mobitopolo as the one that prepared the host, or name another folder in the host's URL.",
          null);
    }
    agent.introduced(Printable.line(hello.path("hostname").asString(""), 255));
    agent.refreshFacts(FACTS_TIMEOUT);
  }

  /** Measures the facts now and then, which also shows whether the agent still answers. Returns why the connection is over. */
  private LabException stay(Agent agent, CompletableFuture<LabException> over) throws InterruptedException {
    while (true) {
      try {
        return over.get(FACTS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        try {
          agent.refreshFacts(FACTS_TIMEOUT);
          change(Status.CONNECTED, "", agent.facts());
        } catch (LabException silent) {
          return over.getNow(silent);
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("never completed exceptionally", e);
      }
    }
  }

  private void connected(Agent agent) {
    CompletableFuture<Agent> waiting;
    synchronized (lock) {
      waiting = ready;
      waiting.complete(agent);
    }
    change(Status.CONNECTED, "", agent.facts());
    listeners.forEach(listener -> listener.connected(agent));
  }

  private void failed(LabException reason) {
    CompletableFuture<Agent> waiting;
    HostState now;
    synchronized (lock) {
      waiting = ready;
      ready = new CompletableFuture<>();
      state = new HostState(url, Status.UNREACHABLE, "", state.facts(), Optional.of(reason));
      now = state;
    }
    waiting.completeExceptionally(reason);
    stateListener.accept(now);
    listeners.forEach(listener -> listener.disconnected(reason));
  }

  private void change(Status status, String phase, HostFacts facts) {
    HostState now;
    synchronized (lock) {
      state = new HostState(url, status, phase, facts == null ? state.facts() : Optional.of(facts), Optional.empty());
      now = state;
    }
    stateListener.accept(now);
  }

  /** A refused key or login needs a user, so it is not tried again until somebody asks for it. */
  private void waitForRetry(Duration pause) throws InterruptedException {
    long until = System.nanoTime() + pause.toNanos();
    synchronized (lock) {
      LabException reason = state.failure().orElse(null);
      boolean needsUser = reason instanceof LabException.LoginRefused || reason instanceof LabException.HostKeyRefused;
      while (!retryAsked) {
        long left = needsUser ? Long.MAX_VALUE : until - System.nanoTime();
        if (left <= 0) {
          break;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
      retryAsked = false;
    }
  }

  /** What one connection hears. */
  private final class Events implements Rpc.Listener {
    private final Agent agent;
    private final RemoteProcess process;
    private final CompletableFuture<LabException> over;

    Events(Agent agent, RemoteProcess process, CompletableFuture<LabException> over) {
      this.agent = agent;
      this.process = process;
      this.over = over;
    }

    @Override
    public void event(JsonNode event) {
      if (!agent.acceptStreamEvent(event)) {
        listeners.forEach(listener -> listener.event(agent, event));
      }
    }

    @Override
    public void closed(LabException reason) {
      String said = process.errorTail();
      over.complete(
          said.isEmpty() || !(reason instanceof LabException.HostUnreachable)
              ? reason
              : new LabException.HostUnreachable(
                  reason.problem() + " The agent's last words: " + Printable.sentence(said), reason.standing(), reason.advice(), reason));
      agent.lost(reason);
    }
  }
}
