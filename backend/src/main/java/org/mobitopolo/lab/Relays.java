// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.BulkChannel;
import org.mobitopolo.host.Joint;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.link.Peers;
import org.mobitopolo.link.SharedKey;
import org.mobitopolo.migration.StreamRelay;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Opens relays on hosts, and on this computer between its connections to them. Thread-safe; waits for hosts. */
final class Relays implements AutoCloseable {
  private static final int MOST_ENDPOINTS = 4;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Two hosts' datagrams through this computer. */
  private record Tunnel(Joint joint, Map<HostUrl, Integer> ports, List<Agent> agents) {
    boolean serves(Agent a, Agent b) {
      return joint.isOpen() && agents.containsAll(List.of(a, b));
    }
  }

  private final Map<HostPair, Tunnel> tunnels = new HashMap<>();
  private boolean closed;

  private static long newPair() {
    return RANDOM.nextLong(1, 1L << 32);
  }

  private static ObjectNode pair(Agent agent, long pair, SharedKey key) {
    return agent.params().put("pair", pair).put("key", key.base64());
  }

  private static boolean sameMachine(Agent a, Agent b) {
    return Peers.sameMachine(a.facts().hostname(), a.facts().addresses(), b.facts().hostname(), b.facts().addresses());
  }

  private static List<String> endpoints(JsonNode answer, String protocol, Agent relay, Agent from) {
    List<String> own = answer.path(protocol).valueStream().map(endpoint -> endpoint.asString("")).toList();
    return Peers.reachable(own, sameMachine(relay, from), relay.address());
  }

  private static List<String> few(List<String> endpoints) {
    return endpoints.subList(0, Math.min(MOST_ENDPOINTS, endpoints.size()));
  }

  /** A third host passes on for a link between two others. */
  LinkRelay through(Agent relay, Agent a, Agent b) throws InterruptedException {
    long pair = newPair();
    SharedKey key = new SharedKey();
    JsonNode answer = relay.call("relay.open", pair(relay, pair, key).put("serve", true));
    return new LinkRelay(relay.url().toString(), pair, key, few(endpoints(answer, "udp", relay, a)), few(endpoints(answer, "udp", relay, b)));
  }

  /** This computer passes on for a link between hosts that it is connected with. */
  LinkRelay throughDesktop(Agent a, Agent b) throws InterruptedException {
    long pair = newPair();
    SharedKey key = new SharedKey();
    a.call("relay.open", pair(a, pair, key));
    b.call("relay.open", pair(b, pair, key));
    Map<HostUrl, Integer> ports = tunnel(a, b).ports();
    return new LinkRelay(LinkRelay.DESKTOP, pair, key, List.of(local(ports.get(a.url()))), List.of(local(ports.get(b.url()))));
  }

  private static String local(int port) {
    return "127.0.0.1:" + port;
  }

  private synchronized Tunnel tunnel(Agent a, Agent b) throws InterruptedException {
    HostPair hosts = HostPair.of(a.url(), b.url());
    Tunnel tunnel = tunnels.get(hosts);
    if (tunnel != null && tunnel.serves(a, b)) {
      return tunnel;
    }
    if (tunnel != null) {
      tunnel.joint().close();
    }
    if (closed) {
      throw new InterruptedException("the lab is closed");
    }
    Tunnel made = openTunnel(a, b);
    tunnels.put(hosts, made);
    return made;
  }

  private static Tunnel openTunnel(Agent a, Agent b) throws InterruptedException {
    BulkChannel one = a.openBulk("relay", "pipe");
    BulkChannel other = null;
    boolean joined = false;
    try {
      other = b.openBulk("relay", "pipe");
      Map<HostUrl, Integer> ports = Map.of(a.url(), one.firstLine().path("udp").asInt(0), b.url(), other.firstLine().path("udp").asInt(0));
      joined = true;
      return new Tunnel(new Joint("relay " + a.url().displayName() + " " + b.url().displayName(), one, other), ports, List.of(a, b));
    } finally {
      if (!joined) {
        one.close();
        if (other != null) {
          other.close();
        }
      }
    }
  }

  /** A pair that was made known on a host. */
  private record Opened(Agent agent, long pair) {
    void close() {
      agent.request("relay.close", agent.params().put("pair", pair));
    }
  }

  /** The relays that a migration may use; close it when that has ended. */
  static final class Streams implements AutoCloseable {
    private final List<StreamRelay> relays = new ArrayList<>();
    private final List<Opened> opened = new ArrayList<>();
    private Optional<Joint> joint = Optional.empty();

    List<StreamRelay> relays() {
      return List.copyOf(relays);
    }

    @Override
    public void close() {
      joint.ifPresent(Joint::close);
      opened.forEach(Opened::close);
    }
  }

  /**
   * Opens all ways that the stream of a migration may take between hosts that do not reach each other: the source itself, which a target behind an address translator
   * may reach; other hosts; the target; this computer. What can't be opened is left out.
   */
  Streams streams(Agent source, List<Agent> others, Agent target) throws InterruptedException {
    List<Agent> serving = new ArrayList<>(List.of(source));
    serving.addAll(others);
    serving.add(target);
    Streams streams = new Streams();
    List<CompletableFuture<Optional<StreamRelay>>> answers = new ArrayList<>();
    for (Agent relay : serving.subList(0, Math.min(serving.size(), MOST_ENDPOINTS + 1))) {
      long pair = newPair();
      SharedKey key = new SharedKey();
      streams.opened.add(new Opened(relay, pair));
      answers.add(
          relay
              .request("relay.open", pair(relay, pair, key).put("serve", true))
              .thenApply(
                  answer ->
                      Optional.of(
                          new StreamRelay(relay.url().toString(), pair, key, endpoints(answer, "tcp", relay, source), endpoints(answer, "tcp", relay, target))))
              .exceptionally(failure -> Optional.empty()));
    }
    for (CompletableFuture<Optional<StreamRelay>> answer : answers) {
      source.await("relay.open", answer).ifPresent(streams.relays::add);
    }
    try {
      joinStreams(source, target, streams);
    } catch (LabException e) {
      if (streams.relays.isEmpty()) {
        throw e;
      }
    }
    return streams;
  }

  private static void joinStreams(Agent source, Agent target, Streams streams) throws InterruptedException {
    long pair = newPair();
    SharedKey key = new SharedKey();
    streams.opened.addAll(List.of(new Opened(source, pair), new Opened(target, pair)));
    source.call("relay.open", pair(source, pair, key));
    target.call("relay.open", pair(target, pair, key));
    String name = HexFormat.of().toHexDigits((int) pair);
    BulkChannel one = source.openBulk("relay", "stream", name, "a");
    BulkChannel other = null;
    boolean joined = false;
    try {
      other = target.openBulk("relay", "stream", name, "b");
      streams.relays.add(
          new StreamRelay(
              LinkRelay.DESKTOP, pair, key, List.of(local(one.firstLine().path("tcp").asInt(0))), List.of(local(other.firstLine().path("tcp").asInt(0)))));
      streams.joint = Optional.of(new Joint("migration relay " + source.url().displayName(), one, other));
      joined = true;
    } finally {
      if (!joined) {
        one.close();
        if (other != null) {
          other.close();
        }
      }
    }
  }

  /** Ends what goes through this computer. Other hosts go on passing on for links that need it. */
  @Override
  public synchronized void close() {
    closed = true;
    tunnels.values().forEach(tunnel -> tunnel.joint().close());
    tunnels.clear();
  }
}
