// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A connected host agent: requests, events and streams of protocols.md section 5. Lives as long as its connection; after that all requests
 * fail, and {@link Host} gives a new one. Thread-safe.
 */
public final class Agent {
  static final int VERSION = 1;
  private static final int BLOCK = 1 << 16;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final HostUrl url;
  private final String hash;
  private final Optional<String> address;
  private final AgentFolder folder;
  private final Map<Long, AgentStream> streams = new HashMap<>();
  private volatile Rpc rpc;
  private volatile String hostname = "";
  private volatile HostFacts facts;

  Agent(HostUrl url, String hash, Optional<String> address, AgentFolder folder) {
    this.url = url;
    this.hash = hash;
    this.address = address;
    this.folder = folder;
  }

  void use(Rpc connection) {
    rpc = connection;
  }

  void introduced(String name) {
    hostname = name;
  }

  public HostUrl url() {
    return url;
  }

  /** Names the build of agent and guest kernel, as {@code config.kernel} wants it. */
  public String hash() {
    return hash;
  }

  /** The IP address by which this computer reaches the host; empty for this computer itself and for hosts behind a jump host. */
  public Optional<String> address() {
    return address;
  }

  /** As measured lately. */
  public HostFacts facts() {
    return facts;
  }

  /** SHA-256 of the guest kernel that belongs to {@link #hash}. */
  public String kernelSha256() {
    return folder.kernelSha256();
  }

  /** Whether the agent of that name, and so its guest kernel, is on the host. Waits for the host. */
  public boolean holdsAgent(String agentHash) throws InterruptedException {
    return agentHash.equals(hash) || folder.holdsAgent(agentHash);
  }

  /**
   * Starts {@code mobihost get} or {@code put} with more words on a channel of its own.
   *
   * @throws LabException.HostUnreachable if the host takes no command any more
   */
  public BulkChannel openBulk(String... words) throws InterruptedException {
    return folder.openBulk(words);
  }

  /** An empty object to fill. */
  public ObjectNode params() {
    return Rpc.JSON.createObjectNode();
  }

  /**
   * Sends a request and does not wait.
   *
   * @return completes on the connection's reading thread, so dependent actions must be short; fails with a {@link LabException}
   */
  public CompletableFuture<JsonNode> request(String method, ObjectNode params) {
    return rpc.request(method, params, null);
  }

  /**
   * Sends a request and waits at most half a minute for the answer.
   *
   * @throws LabException if the agent refuses, breaks the protocol or does not answer
   */
  public JsonNode call(String method, ObjectNode params) throws InterruptedException {
    return await(method, request(method, params), TIMEOUT);
  }

  /** The same with another limit of time. */
  public JsonNode call(String method, ObjectNode params, Duration timeout) throws InterruptedException {
    return await(method, request(method, params), timeout);
  }

  /**
   * Waits at most half a minute for what comes of a request.
   *
   * @throws LabException as {@link #call}
   */
  public <T> T await(String method, CompletableFuture<T> answer) throws InterruptedException {
    return await(method, answer, TIMEOUT);
  }

  private <T> T await(String method, CompletableFuture<T> answer, Duration timeout) throws InterruptedException {
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LabException known
          ? known
          : new LabException.ProtocolBroken(
              url.displayName() + ": " + method + " failed: " + e.getCause() + ".", "", "", e.getCause());
    } catch (TimeoutException e) {
      throw new LabException.HostUnreachable(
          url.displayName() + " did not answer " + method + " within " + timeout.toSeconds() + " s.",
          "Whether it was done is not known; the next report of the host tells.",
          "Try again when the host is less busy.",
          e);
    }
  }

  /**
   * Sends a request whose result names a stream, and waits for it.
   *
   * @throws LabException if the agent refuses or does not answer
   */
  public AgentStream openStream(String method, ObjectNode params, AgentStream.Listener listener) throws InterruptedException {
    CompletableFuture<AgentStream> opened = new CompletableFuture<>();
    Consumer<JsonNode> register =
        result -> {
          long id = result.path("stream").asLong(0);
          AgentStream stream = new AgentStream(this, id, listener);
          synchronized (streams) {
            streams.put(id, stream);
          }
          opened.complete(stream);
        };
    await(method, rpc.request(method, params, register), TIMEOUT);
    return opened.join();
  }

  /** Passes an event on to its stream; false if it is of another kind. Called by the reading thread. */
  boolean acceptStreamEvent(JsonNode event) {
    if (!event.path("event").asString("").equals("stream")) {
      return false;
    }
    long id = event.path("stream").asLong(0);
    AgentStream stream;
    synchronized (streams) {
      stream = event.has("closed") ? streams.remove(id) : streams.get(id);
    }
    if (stream != null) {
      stream
          .accept(event)
          .ifPresent(
              wrong -> {
                throw new LabException.ProtocolBroken(
                    "The host agent on " + url.displayName() + " " + wrong + ", so the connection was closed.", "What runs there goes on.", "", null);
              });
    }
    return true;
  }

  void forget(long stream) {
    synchronized (streams) {
      streams.remove(stream);
    }
  }

  void lost(LabException reason) {
    List<AgentStream> open;
    synchronized (streams) {
      open = List.copyOf(streams.values());
      streams.clear();
    }
    open.forEach(stream -> stream.lost(reason.problem()));
  }

  /**
   * Puts an image on the host unless it is there. Waits for the transfer.
   *
   * @param compressed the image as a zstd file
   * @param sent hears how many bytes of that file were sent so far; not called when the image is there
   */
  public void provideImage(String sha256, Path compressed, LongConsumer sent) throws InterruptedException {
    if (!holdsImage(sha256)) {
      try (BulkChannel to = openBulk("put", "image", sha256);
          InputStream image = Files.newInputStream(compressed)) {
        to.send(copy(image, sent));
        to.finish();
      } catch (IOException e) {
        throw new LabException.FilesUnusable("The image " + compressed + " can't be read: " + e.getMessage() + ".", "Nothing was started.", "Make the file readable, or build or import the image again.", e);
      }
    }
  }

  /** Whether the host has an image. Waits for the answer. */
  public boolean holdsImage(String sha256) throws InterruptedException {
    ObjectNode question = params();
    question.putArray("sha256").add(sha256);
    return call("image.missing", question).path("missing").isEmpty();
  }

  /**
   * Copies an image from this host to another through this computer; the other verifies it. Waits for the transfer.
   *
   * @param sent hears how many compressed bytes were sent so far
   * @throws LabException if this host has it not, or the other can't take it
   */
  public void copyImage(String sha256, Agent target, LongConsumer sent) throws InterruptedException {
    try (BulkChannel from = openBulk("get", "image", sha256);
        BulkChannel to = target.openBulk("put", "image", sha256)) {
      to.send(copy(from.output(), sent));
      from.finish();
      to.finish();
    }
  }

  private static BulkChannel.Sending copy(InputStream from, LongConsumer sent) {
    return out -> {
      byte[] block = new byte[BLOCK];
      long total = 0;
      for (int count = from.read(block); count >= 0; count = from.read(block)) {
        out.write(block, 0, count);
        total += count;
        sent.accept(total);
      }
    };
  }

  /**
   * Begins to fetch an image piece by piece.
   *
   * @throws LabException.HostUnreachable if the host takes no command any more
   */
  public ImageFetch fetchImage(String sha256) throws InterruptedException {
    return new ImageFetch(openBulk("fetch", "image", sha256));
  }

  /** The pieces of an image that this host has. Waits until it has listed them. */
  public PieceSource pieces(String sha256) throws InterruptedException {
    return new RemotePieces(openBulk("get", "pieces", sha256));
  }

  /** Bytes on its disk of an image that the host has whole; empty if it has not. Waits for the answer. */
  public OptionalLong storedImage(String sha256) throws InterruptedException {
    return call("image.list", params()).path("images").values().stream()
        .filter(image -> image.path("sha256").asString("").equals(sha256))
        .mapToLong(image -> image.path("stored").asLong(0))
        .findFirst();
  }

  /**
   * Begins to capture what passes a NIC, on a channel of its own.
   *
   * @param nic its index
   * @param goOn without the headers of the format, as the next part of a stream that another host began
   * @throws LabException if the host takes no command any more
   */
  public Capture capture(String instance, int nic, boolean goOn) throws InterruptedException {
    return folder.capture(instance, nic, goOn);
  }

  void refreshFacts(Duration timeout) throws InterruptedException {
    long asked = System.nanoTime();
    JsonNode answer = call("facts", params(), timeout);
    facts = facts(answer, Duration.ofNanos(System.nanoTime() - asked));
  }

  private HostFacts facts(JsonNode node, Duration roundTrip) {
    return new HostFacts(
        hostname,
        Printable.line(node.path("cpuModel").asString(""), 200),
        node.path("cpus").asInt(0),
        Set.copyOf(strings(node.path("cpuFeatures"))),
        node.path("xfeatures").asLong(0),
        node.path("xsaveSize").asLong(0),
        node.path("memoryTotal").asLong(0),
        node.path("memoryAvailable").asLong(0),
        node.path("ramAvailable").asLong(0),
        node.path("diskAvailable").asLong(0),
        node.path("load1").asDouble(0),
        Printable.line(node.path("kernel").asString(""), 200),
        node.path("seccomp").asBoolean(false),
        node.path("landlock").asInt(0),
        List.copyOf(strings(node.path("addresses"))),
        node.path("vms").asInt(0),
        roundTrip);
  }

  private static Set<String> strings(JsonNode array) {
    Set<String> found = new LinkedHashSet<>();
    array.values().forEach(element -> found.add(Printable.line(element.asString(""), 100)));
    return found;
  }
}
