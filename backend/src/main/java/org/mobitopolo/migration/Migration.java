// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.link.Peers;
import org.mobitopolo.link.SharedKey;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Wan;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Moves one VM: asks the target to receive it, then the source to send it, and waits. The supervisors do the rest between themselves, so a
 * desktop that dies changes nothing for the VM (protocols.md section 7).
 */
public final class Migration {

  /**
   * What came of it.
   *
   * @param downtimeMs how long the VM stood still
   * @param totalMs how long everything took
   * @param transferred bytes that crossed
   */
  public record Result(double downtimeMs, double totalMs, int passes, long transferred) {}

  /**
   * What is to be moved.
   *
   * @param id names the migration, 16 hexadecimal digits
   * @param mode in which the guest runs at the source, {@code seccomp} or {@code ptrace}; empty if that is not known
   * @param overlayBytes what its disk holds above the image
   * @param config what the VM is made of, for the target
   * @param wan the emulated distance that the migration crosses; it is paced and delayed accordingly
   * @param limits what it may cost
   * @param relays who may pass the stream on; empty: it goes directly. With relays it goes through the first that both reach
   */
  public record Order(
      String id,
      Agent source,
      String instance,
      String mode,
      long overlayBytes,
      Agent target,
      ObjectNode config,
      Optional<Wan> wan,
      MigrationLimits limits,
      List<StreamRelay> relays) {}

  private static final int FORGET_SECONDS = 10;

  private final Order order;

  public Migration(Order order) {
    this.order = order;
  }

  /** 16 random hexadecimal digits, as instances and migrations are named. */
  public static String newId() {
    byte[] bytes = new byte[8];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Asks the target whether it takes the VM; it then waits for the source. After an interrupt it is told to wait no longer, and nothing of the VM is there when this returns, unless
   * the target does not answer.
   *
   * @return how to go on: call {@link Prepared#send}
   * @throws LabException why it does not; nothing has moved then
   */
  public Prepared prepare() throws InterruptedException {
    SharedKey key = new SharedKey();
    ObjectNode params = order.target().params();
    params.put("migration", order.id()).put("key", key.base64()).put("cipher", cipher());
    params.set("config", order.config());
    ArrayNode relays = params.putArray("relays");
    order.relays().forEach(relay -> relay.write(relays, relay.target()));
    HostFacts facts = order.source().facts();
    ObjectNode requires = params.putObject("requires");
    ArrayNode features = requires.putArray("cpuFeatures");
    facts.cpuFeatures().forEach(features::add);
    requires.put("xfeatures", facts.xfeatures()).put("overlayBytes", order.overlayBytes());
    if (!order.mode().isEmpty()) {
      requires.put("mode", order.mode());
    }
    CompletableFuture<Prepared> prepared =
        order
            .target()
            .request("migration.receive", params)
            .thenApply(answer -> new Prepared(key, answer.path("instance").asString(""), strings(answer.path("endpoints"))));
    try {
      return order.target().await("migration.receive", prepared);
    } catch (InterruptedException e) {
      prepared.thenCompose(Prepared::forget).exceptionally(refused -> null).completeOnTimeout(null, FORGET_SECONDS, TimeUnit.SECONDS).join();
      throw e;
    }
  }

  private String cipher() {
    return LinkPlan.cipher(order.source().facts().cpuFeatures(), order.target().facts().cpuFeatures());
  }

  /** A target that waits. */
  public final class Prepared {
    private final SharedKey key;
    private final String instance;
    private final List<String> endpoints;

    private Prepared(SharedKey key, String instance, List<String> endpoints) {
      this.key = key;
      this.instance = instance;
      this.endpoints = endpoints;
    }

    /** The VM's incarnation at the target. */
    public String instance() {
      return instance;
    }

    /**
     * Sends the VM and waits for the end. An interrupt cancels, unless the VM has crossed already.
     *
     * @throws LabException why the VM stayed; {@link LabException.HostUnreachable} if only the connection to the source broke, which says
     *     nothing about the VM
     */
    public Result send() throws InterruptedException {
      HostFacts there = order.target().facts();
      HostFacts here = order.source().facts();
      boolean sameMachine = Peers.sameMachine(there.hostname(), there.addresses(), here.hostname(), here.addresses());
      ObjectNode params = order.source().params();
      params.put("migration", order.id()).put("instance", order.instance());
      params.put("targetInstance", instance).put("targetRegion", order.config().path("region").asString("")).put("key", key.base64()).put("cipher", cipher());
      ArrayNode list = params.putArray("endpoints");
      if (order.relays().isEmpty()) {
        Peers.reachable(endpoints, sameMachine, order.target().address()).forEach(list::add);
      }
      ArrayNode relays = params.putArray("relays");
      order.relays().forEach(relay -> relay.write(relays, relay.source()));
      ObjectNode options = params.putObject("options");
      MigrationLimits limits = order.limits();
      options.put("downtimeLimitMs", limits.downtime().toMillis()).put("bandwidthLimit", limits.bandwidth().bitsPerSecond());
      options.put("maxThrottle", limits.throttle());
      order.wan().ifPresent(wan -> options.put("rateBps", wan.rate().bitsPerSecond()).put("delayUs", wan.delay().toNanos() / 1000));
      CompletableFuture<JsonNode> answer = order.source().request("migration.send", params);
      try {
        return result(answer.get());
      } catch (InterruptedException e) {
        return cancel(answer);
      } catch (ExecutionException e) {
        throw failure(e);
      }
    }

    /**
     * Tells a target that nothing will come; it would find out by itself, only later.
     *
     * @return its answer
     */
    public CompletableFuture<JsonNode> forget() {
      return order.target().request("migration.cancel", order.target().params().put("migration", order.id()).put("instance", instance));
    }

    /** The source decides whether it is too late. */
    private Result cancel(CompletableFuture<JsonNode> answer) throws InterruptedException {
      order.source().request("migration.cancel", order.source().params().put("migration", order.id()).put("instance", order.instance()));
      try {
        return result(answer.get());
      } catch (ExecutionException e) {
        LabException reason = failure(e);
        throw reason instanceof LabException.AgentRefused refused && refused.code().equals("cancelled")
            ? new LabException.Cancelled("The migration was cancelled.", "")
            : reason;
      }
    }
  }

  private static Result result(JsonNode answer) {
    return new Result(
        answer.path("downtimeMs").asDouble(0), answer.path("totalMs").asDouble(0), answer.path("passes").asInt(0), answer.path("transferred").asLong(0));
  }

  private static LabException failure(ExecutionException e) {
    return e.getCause() instanceof LabException known
        ? known
        : new LabException.ProtocolBroken("The migration failed because of an error in this program: " + e.getCause() + ".", "", "", e.getCause());
  }

  /**
   * Reads event {@code migration}.
   *
   * @param before what was known of this migration
   */
  public static MigrationProgress progress(MigrationProgress before, JsonNode event) {
    return new MigrationProgress(
        before.migration(),
        before.fromRegion(),
        before.toRegion(),
        status(event.path("status").asString(""), before.status()),
        event.path("pass").asInt(before.pass()),
        event.path("transferred").asLong(before.transferred()),
        event.path("remaining").asLong(before.remaining()),
        event.path("total").asLong(before.total()),
        event.path("dirtyRate").asDouble(before.dirtyRate()),
        event.path("throughput").asDouble(before.throughput()),
        number(event.path("expectedDowntimeMs"), before.expectedDowntimeMs()),
        event.path("throttle").asDouble(before.throttle()),
        number(event.path("downtimeMs"), before.downtimeMs()),
        number(event.path("totalMs"), before.totalMs()),
        event.path("error").stringValueOpt().or(before::error),
        event.path("relayedBy").stringValueOpt().or(before::relayedBy));
  }

  private static MigrationStatus status(String word, MigrationStatus otherwise) {
    for (MigrationStatus status : MigrationStatus.values()) {
      if (status.name().equalsIgnoreCase(word.replace('-', '_'))) {
        return status;
      }
    }
    return otherwise;
  }

  private static OptionalDouble number(JsonNode node, OptionalDouble otherwise) {
    return node.isNumber() ? OptionalDouble.of(node.asDouble(0)) : otherwise;
  }

  private static List<String> strings(JsonNode array) {
    List<String> found = new ArrayList<>();
    array.values().forEach(element -> found.add(element.asString("")));
    return found;
  }
}
