// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.mobitopolo.host.Agent;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.link.Keying;
import org.mobitopolo.link.LinkJson;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.migration.Migration;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.migration.StreamRelay;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.Wan;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Does what the {@link Reconciler} says, each action on a virtual thread of its own. */
final class LabActions {
  static final long DEFAULT_GRACE_MS = 5_000;

  private static final Duration STOP_EXTRA = Duration.ofSeconds(15);
  private static final Duration SLOW = Duration.ofMinutes(2);
  private static final long TOPOLOGY_PAUSE_MS = 200;
  private static final long BUSY_PAUSE_MS = 50;
  private static final int KEY_TRIES = 20;
  private static final long KEY_PAUSE_MS = 100;
  private static final long RESOLVE_PAUSE_MS = 500;
  private static final Duration RECONNECT = Duration.ofSeconds(60);

  /** With these a source does not tell whether the VM has left. */
  private static final Set<String> UNDECIDED = Set.of("unconfirmed", "ended", "supervisor-lost");
  private static final String NO_SUCH_INSTANCE = "no-such-instance";
  private static final List<Phase> LAST = List.of(Phase.INCOMING, Phase.HANDED_OVER);

  private final LabModel model;
  private final RelayKeeper relays;
  /** Asked each time: images are built and imported while labs run. */
  private final Supplier<ImageCatalogue> images;
  private final ImageFetches fetches;
  private final Tasks tasks;
  private final Judge judge;

  LabActions(LabModel model, RelayKeeper relays, Supplier<ImageCatalogue> images, ImageFetches fetches, Tasks tasks) {
    this.model = model;
    this.relays = relays;
    this.images = images;
    this.fetches = fetches;
    this.tasks = tasks;
    this.judge = new Judge(model);
  }

  /** Starts the action and returns at once; the model hears of its end. */
  void start(Action action) {
    if (action instanceof Action.Move move) {
      String title = "Move " + move.vm().name() + " to " + regionName(move.toRegion());
      model.task(action, tasks.run(title, progress -> finish(action, () -> move(move, progress))));
    } else {
      Thread.ofVirtual().name("lab " + action.subject()).start(() -> startQuietly(action));
    }
  }

  private void startQuietly(Action action) {
    try {
      finish(action, () -> runUnlessGone(action));
    } catch (LabException e) {
      // told by finish: whoever waits for the node sees it in the model
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws InterruptedException;
  }

  private void finish(Action action, Step step) throws InterruptedException {
    Optional<LabException> failure = Optional.empty();
    try {
      step.run();
    } catch (LabException e) {
      failure = Optional.of(e);
      throw e;
    } catch (InterruptedException e) {
      failure = Optional.of(new LabException.Cancelled("Cancelled.", ""));
      throw e;
    } catch (RuntimeException e) {
      LabException wrapped =
          new LabException.ProtocolBroken("An error in this program: " + e + ".", "", "Please report this together with the program's log.", e);
      failure = Optional.of(wrapped);
      throw wrapped;
    } finally {
      model.finished(action, failure);
    }
  }

  /** An instance that has moved or was deleted meanwhile is no failure: what is to be done follows from what is there now. */
  private void runUnlessGone(Action action) throws InterruptedException {
    try {
      run(action);
    } catch (LabException.AgentRefused e) {
      Optional<InstanceFact> instance =
          switch (action) {
            case Action.Boot boot -> Optional.of(boot.instance());
            case Action.Stop stop -> Optional.of(stop.instance());
            case Action.Delete delete -> Optional.of(delete.instance());
            case Action.Rescript rescript -> Optional.of(rescript.instance());
            case Action.Reconfigure reconfigure -> Optional.of(reconfigure.instance());
            case Action.ClearLink clear -> Optional.of(clear.instance());
            default -> Optional.empty();
          };
      if (!e.code().equals(NO_SUCH_INSTANCE) || instance.isEmpty()) {
        throw e;
      }
      model.gone(instance.get().instance());
    }
  }

  private void run(Action action) throws InterruptedException {
    switch (action) {
      case Action.PutTopology put -> {
        // edits come in bursts
        Thread.sleep(TOPOLOGY_PAUSE_MS);
        putTopology(put.host());
      }
      case Action.Create create -> create(create);
      case Action.Boot boot -> boot(boot);
      case Action.Stop stop -> stop(stop);
      case Action.Delete delete -> delete(delete.instance());
      case Action.Rescript rescript -> rescript(rescript);
      case Action.Reconfigure reconfigure -> reconfigure(reconfigure);
      case Action.Resolve resolve -> judge.carryOut(resolve.verdict());
      case Action.SetLink set -> setLink(set.plan());
      case Action.ClearLink clear -> clearLink(clear);
      case Action.Move ignored -> throw new IllegalStateException("a migration runs as a task");
    }
  }

  private void putTopology(HostUrl host) throws InterruptedException {
    Agent agent = model.agent(host);
    Topology topology = model.topology();
    ObjectNode params = agent.params().put("lab", topology.id());
    params.set("topology", JsonMapper.shared().readTree(TopologyJson.writeLine(topology)));
    agent.call("lab.put", params);
    model.hostTopology(host, Optional.of(topology));
  }

  private void create(Action.Create create) throws InterruptedException {
    Agent agent = model.agent(create.host());
    if (model.lacksCopy(create.host())) {
      // first of all, so that whatever is on the host can be found again
      putTopology(create.host());
    }
    ObjectNode params = agent.params();
    if (create.node() instanceof VirtualMachine vm) {
      BaseImage base = provideImage(create, agent, images.get().require(vm.image()));
      params.set("config", VmConfig.of(model.topology(), vm, create.region(), base, agent.hash()));
    } else {
      params.set("config", VmConfig.ofDevice(model.topology(), create.node(), create.region()));
    }
    model.phase(create, "Creating " + create.node().name() + ".", OptionalDouble.empty());
    String instance = agent.call("vm.create", params).path("instance").asString("");
    model.applied(instance, create.node());
    refresh(agent, instance);
  }

  private BaseImage provideImage(Action.Create create, Agent agent, Image image) throws InterruptedException {
    model.phase(create, "Checking image " + image.name() + " on " + agent.url().displayName() + ".", OptionalDouble.empty());
    BaseImage base = BaseImage.of(image);
    if (ImageFetches.worthwhile(image, agent) && !agent.holdsImage(image.sha256())) {
      model.phase(create, "Beginning to fetch image " + image.name() + " to " + agent.url().displayName() + ".", OptionalDouble.empty());
      return base.by(fetches.provide(agent, image.sha256(), Optional.empty()));
    }
    long size = Math.max(1, image.compressed().toFile().length());
    agent.provideImage(image.sha256(), image.compressed(), sent -> model.phase(create, uploading(agent, image), OptionalDouble.of((double) sent / size)));
    return base;
  }

  private BaseImage base(InstanceFact instance, VirtualMachine vm) {
    return instance.base().orElseGet(() -> BaseImage.of(images.get().require(vm.image())));
  }

  /**
   * An image that this program has comes from here, any other from the host that the VM leaves. A large one comes while the VM moves and runs.
   *
   * @param kernel that the VM runs: one of another version may not know how to wait for an image
   */
  private BaseImage provideBase(BaseImage base, Agent source, Agent target, String kernel, Task.Progress progress) throws InterruptedException {
    BaseImage whole = new BaseImage(base.sha256(), base.sizeMiB(), Optional.empty(), Optional.empty());
    if (target.holdsImage(base.sha256())) {
      return whole;
    }
    Optional<Image> own = images.get().find(base.sha256());
    boolean large = own.isPresent() ? ImageFetches.worthwhile(own.get(), target) : ImageFetches.worthwhile(source, base.sha256());
    if (large && kernel.equals(target.hash())) {
      progress.phase("Beginning to fetch the VM's base image to " + target.url().displayName() + ".");
      return base.by(fetches.provide(target, base.sha256(), own.isPresent() ? Optional.empty() : Optional.of(source)));
    }
    if (own.isPresent()) {
      progress.phase(uploading(target, own.get()));
      long size = own.get().compressed().toFile().length();
      target.provideImage(base.sha256(), own.get().compressed(), sent -> progress.amount(sent, size, Unit.BYTES));
    } else {
      progress.phase("Copying the VM's base image from " + source.url().displayName() + " to " + target.url().displayName() + ".");
      source.copyImage(base.sha256(), target, sent -> progress.amount(sent, 0, Unit.BYTES));
    }
    return whole;
  }

  private static String uploading(Agent agent, Image image) {
    return "Uploading image " + image.name() + " to " + agent.url().displayName() + ".";
  }

  private void boot(Action.Boot boot) throws InterruptedException {
    Agent agent = model.agent(boot.instance().host());
    Optional<BaseImage> fetched = boot.instance().base().filter(base -> base.pieces().isPresent());
    if (fetched.isPresent() && !agent.holdsImage(fetched.get().sha256())) {
      model.phase(boot, "Going on with fetching the base image of " + boot.node().name() + ".", OptionalDouble.empty());
      fetches.provide(agent, fetched.get().sha256(), fetches.holder(agent, fetched.get().sha256()));
    }
    model.phase(boot, "Starting " + boot.node().name() + ".", OptionalDouble.empty());
    agent.call("vm.start", instance(agent, boot.instance()), SLOW);
    refresh(agent, boot.instance().instance());
  }

  private void stop(Action.Stop stop) throws InterruptedException {
    Agent agent = model.agent(stop.instance().host());
    long graceMs = model.graceMs(stop.node());
    model.phase(stop, "Shutting down.", OptionalDouble.empty());
    agent.call("vm.stop", instance(agent, stop.instance()).put("graceMs", graceMs), STOP_EXTRA.plusMillis(graceMs));
    refresh(agent, stop.instance().instance());
    awaitOff(stop.instance(), graceMs);
  }

  private void awaitOff(InstanceFact instance, long graceMs) throws InterruptedException {
    boolean off = model.await(() -> model.instance(instance.instance()).filter(now -> !now.phase().off()).isEmpty(), graceMs + STOP_EXTRA.toMillis());
    if (!off) {
      throw new LabException.HostUnreachable(
          instance.host().displayName() + " does not report that the VM has ended.",
          "It may still run.",
          "Look at the host's load and try again.",
          null);
    }
  }

  private void delete(InstanceFact instance) throws InterruptedException {
    Agent agent = model.agent(instance.host());
    callWhenFree(agent, "vm.delete", instance(agent, instance));
    model.gone(instance.instance());
  }

  /** The supervisor of a VM that has just ended needs a moment to end as well. */
  private static void callWhenFree(Agent agent, String method, ObjectNode params) throws InterruptedException {
    long until = System.nanoTime() + STOP_EXTRA.toNanos();
    while (true) {
      try {
        agent.call(method, params, SLOW);
        return;
      } catch (LabException.AgentRefused e) {
        if (!e.code().equals("busy") || System.nanoTime() > until) {
          throw e;
        }
        Thread.sleep(BUSY_PAUSE_MS);
      }
    }
  }

  private void rescript(Action.Rescript rescript) throws InterruptedException {
    Agent agent = model.agent(rescript.instance().host());
    VirtualMachine applied = model.applied(rescript.instance().instance()).orElse(rescript.vm());
    boolean run = !SetupScript.of(applied).equals(SetupScript.of(rescript.vm()));
    ObjectNode params = instance(agent, rescript.instance()).put("setup", SetupScript.of(rescript.vm())).put("startup", rescript.vm().startup()).put("run", run);
    agent.call("vm.setup", params);
    model.applied(rescript.instance().instance(), rescript.vm());
  }

  private void reconfigure(Action.Reconfigure reconfigure) throws InterruptedException {
    InstanceFact instance = reconfigure.instance();
    Agent agent = model.agent(instance.host());
    ObjectNode params = instance(agent, instance);
    BaseImage base = base(instance, reconfigure.vm());
    String kernel = instance.kernel().isEmpty() ? agent.hash() : instance.kernel();
    params.set("config", VmConfig.of(model.topology(), reconfigure.vm(), reconfigure.region(), base, kernel));
    callWhenFree(agent, "vm.configure", params);
    model.applied(instance.instance(), reconfigure.vm());
    refresh(agent, instance.instance());
  }

  /** Another desktop may key the link at the same time; then what it gave is looked at, and kept if both ends have it. */
  private void setLink(LinkPlan plan) throws InterruptedException {
    Keying keying = model.keying(plan);
    for (int tries = 1; !setBoth(plan, keying, tries == KEY_TRIES); tries++) {
      Thread.sleep(KEY_PAUSE_MS);
      refreshBoth(plan);
      keying = model.keying(plan);
    }
    if (keying instanceof Keying.Renew) {
      refreshBoth(plan);
    }
  }

  /** False: an end has another key by now. */
  private boolean setBoth(LinkPlan plan, Keying keying, boolean last) throws InterruptedException {
    boolean agreed = true;
    for (CompletableFuture<JsonNode> answer : List.of(setSide(plan, plan.a(), "a", keying), setSide(plan, plan.b(), "b", keying))) {
      try {
        answer.get();
      } catch (ExecutionException e) {
        if (last || !(e.getCause() instanceof LabException.AgentRefused refused && refused.code().equals("stale-key"))) {
          throw e.getCause() instanceof LabException known ? known : new IllegalStateException(e.getCause());
        }
        agreed = false;
      }
    }
    return agreed;
  }

  private void refreshBoth(LinkPlan plan) throws InterruptedException {
    for (LinkPlan.Side side : List.of(plan.a(), plan.b())) {
      refresh(model.agent(require(side).host()), side.instance());
    }
  }

  private InstanceFact require(LinkPlan.Side side) {
    return model
        .instance(side.instance())
        .orElseThrow(() -> new LabException.NotPossible("The node at one end of the link is gone.", "The link is not set.", ""));
  }

  private CompletableFuture<JsonNode> setSide(LinkPlan plan, LinkPlan.Side side, String name, Keying keying) {
    InstanceFact instance = require(side);
    Agent agent = model.agent(instance.host());
    ObjectNode params = instance(agent, instance).put("nic", side.nic());
    params.set("link", LinkJson.of(plan, side, name, keying));
    return agent.request("link.set", params);
  }

  private void clearLink(Action.ClearLink clear) throws InterruptedException {
    Agent agent = model.agent(clear.instance().host());
    agent.call("link.clear", instance(agent, clear.instance()).put("nic", clear.nic()));
    refresh(agent, clear.instance().instance());
  }

  private void move(Action.Move move, Task.Progress progress) throws InterruptedException {
    String node = move.vm().id();
    String stays = move.vm().name() + " goes on running in " + regionName(move.instance().region()) + ".";
    try {
      Agent source = model.agent(move.instance().host());
      Agent target = model.agent(move.toHost());
      VirtualMachine made = model.applied(move.instance().instance()).orElse(move.vm());
      String kernel = move.instance().kernel().isEmpty() ? source.hash() : move.instance().kernel();
      BaseImage base = provideBase(base(move.instance(), made), source, target, kernel, progress);
      Topology topology = model.topology();
      ObjectNode config = VmConfig.of(topology, made, move.toRegion(), base, kernel);
      Optional<Wan> wan =
          move.instance().region().equals(move.toRegion()) ? Optional.empty() : topology.wan(move.instance().region(), move.toRegion());
      Crossing crossing = new Crossing(move, source, target, made, config, wan);
      Migration.Result result = directly(crossing, progress).orElse(null);
      if (result == null) {
        result = relayed(crossing, progress);
      }
      progress.phase(move.vm().name() + " runs in " + regionName(move.toRegion()) + ". It stood still for " + Math.round(result.downtimeMs()) + " ms.");
    } catch (LabException.MigrationFailed e) {
      failedToMove(node, e);
      throw e;
    } catch (LabException e) {
      failedToMove(node, e);
      throw e instanceof LabException.Cancelled ? e.standing(stays) : failed(move, e, stays);
    } catch (InterruptedException e) {
      LabException.Cancelled cancelled = new LabException.Cancelled("The migration was cancelled.", stays);
      failedToMove(node, cancelled);
      throw cancelled;
    }
  }

  /** A VM that moves, and from where to where. */
  private record Crossing(Action.Move move, Agent source, Agent target, VirtualMachine made, ObjectNode config, Optional<Wan> wan) {
    HostPair hosts() {
      return HostPair.of(source.url(), target.url());
    }
  }

  /** Empty if the hosts do not reach each other; the VM is where it was then. */
  private Optional<Migration.Result> directly(Crossing crossing, Task.Progress progress) throws InterruptedException {
    if (model.provenWay(crossing.hosts()).isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(cross(crossing, List.of(), progress));
    } catch (LabException.AgentRefused e) {
      if (!e.code().equals("unreachable")) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private Migration.Result relayed(Crossing crossing, Task.Progress progress) throws InterruptedException {
    String name = crossing.move().vm().name();
    progress.phase(crossing.source().url().displayName() + " does not reach " + crossing.target().url().displayName() + ": looking for a way for " + name + ".");
    try (Relays.Streams streams = relays.streams(crossing.source(), crossing.target())) {
      relays.prepareMove(crossing.move().vm().id(), crossing.source().url(), crossing.target().url());
      Migration.Result result = cross(crossing, streams.relays(), progress);
      model.migration(crossing.move().vm().id()).relayedBy().ifPresent(by -> model.proveWay(crossing.hosts(), by));
      return result;
    }
  }

  private Migration.Result cross(Crossing crossing, List<StreamRelay> streamRelays, Task.Progress progress) throws InterruptedException {
    Action.Move move = crossing.move();
    String id = Migration.newId();
    model.migration(move.vm().id(), MigrationProgress.begun(id, move.instance().region(), move.toRegion()));
    Migration migration =
        new Migration(
            new Migration.Order(
                id, crossing.source(), move.instance().instance(), move.instance().mode(), move.instance().overlayBytes(), crossing.target(), crossing.config(),
                crossing.wan(), model.migrationLimits(), streamRelays));
    progress.phase("Asking " + crossing.target().url().displayName() + " to take " + move.vm().name() + ".");
    Migration.Prepared prepared = migration.prepare();
    model.applied(prepared.instance(), crossing.made());
    Migration.Result result = send(move, prepared, progress);
    arrived(move, prepared.instance(), result);
    return result;
  }

  private LabException failed(Action.Move move, LabException reason, String standing) {
    return new LabException.MigrationFailed(
        move.vm().name() + " could not be moved to " + regionName(move.toRegion()) + ". " + reason.problem(), standing, reason.advice(), reason);
  }

  /** While the agents work, progress comes by events; a broken connection to the source does not end the migration. */
  private Migration.Result send(Action.Move move, Migration.Prepared prepared, Task.Progress progress) throws InterruptedException {
    Thread mirror =
        Thread.ofVirtual()
            .name("progress " + move.vm().name())
            .start(() -> mirror(move.vm().id(), progress));
    try {
      return prepared.send();
    } catch (LabException.HostUnreachable e) {
      return resolve(move, prepared.instance(), e);
    } catch (LabException.AgentRefused e) {
      if (UNDECIDED.contains(e.code())) {
        return resolve(move, prepared.instance(), e);
      }
      prepared.forget();
      throw e;
    } catch (LabException.Cancelled e) {
      prepared.forget();
      throw e;
    } finally {
      mirror.interrupt();
    }
  }

  /** Shows in the task what the model hears of the migration. */
  private void mirror(String node, Task.Progress progress) {
    try {
      MigrationProgress[] shown = new MigrationProgress[1];
      while (true) {
        model.await(() -> !model.migration(node).equals(shown[0]));
        shown[0] = model.migration(node);
        progress.phase(sentence(shown[0]));
        progress.amount(shown[0].transferred(), shown[0].transferred() + shown[0].remaining(), Unit.BYTES);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String sentence(MigrationProgress progress) {
    return switch (progress.status()) {
      case PREPARE -> "Preparing the target.";
      case PASSES -> "Pass " + progress.pass() + ": copying while it runs" + slowed(progress) + progress.relayedBy().map(by -> ", relayed by " + RelayName.of(by, "this computer")).orElse("") + ".";
      case FROZEN -> "The last changes cross.";
      case HANDED_OVER -> "Starting at the target.";
      case DONE -> "It runs at the target.";
      case FAILED, CANCELLED -> "It stays where it was.";
    };
  }

  private static String slowed(MigrationProgress progress) {
    return progress.throttle() > 0 ? ", slowed down by " + Math.round(progress.throttle()) + " % as it changes faster than it is copied" : "";
  }

  /**
   * The source does not say how it ended: the connection to it broke, or it does not know itself. The records of both sides decide, as soon as
   * both can be asked.
   */
  private Migration.Result resolve(Action.Move move, String newInstance, LabException reason) throws InterruptedException {
    String node = move.vm().id();
    long until = System.nanoTime() + RECONNECT.toNanos();
    while (System.nanoTime() < until) {
      boolean bothKnown = model.connected(move.instance().host()) && model.connected(move.toHost());
      Optional<Phase> there = model.instance(newInstance).map(InstanceFact::phase);
      Optional<Phase> here = model.instance(move.instance().instance()).map(InstanceFact::phase);
      if (there.equals(Optional.of(Phase.RUNNING))) {
        MigrationProgress last = model.migration(node);
        return new Migration.Result(last.downtimeMs().orElse(0), last.totalMs().orElse(0), last.pass(), last.transferred());
      }
      if (bothKnown && here.equals(Optional.of(Phase.RUNNING))) {
        throw reason;
      }
      Optional<Verdicts.Verdict> verdict = model.verdict(node).filter(found -> !(found instanceof Verdicts.Verdict.Wait));
      if (verdict.isPresent()) {
        judge.carryOut(verdict.get());
      }
      model.await(() -> false, RESOLVE_PAUSE_MS);
    }
    throw failed(move, reason, model.undecided(node).orElse("Where it runs is not known until both hosts answer again."));
  }

  void thaw(InstanceFact source) throws InterruptedException {
    judge.thaw(source);
  }

  private void arrived(Action.Move move, String newInstance, Migration.Result result) throws InterruptedException {
    MigrationProgress last = model.migration(move.vm().id());
    model.migration(
        move.vm().id(),
        new MigrationProgress(
            last.migration(), last.fromRegion(), last.toRegion(), MigrationStatus.DONE, result.passes(), result.transferred(), 0, last.total(),
            last.dirtyRate(), last.throughput(), OptionalDouble.empty(), 0, OptionalDouble.of(result.downtimeMs()),
            OptionalDouble.of(result.totalMs()), Optional.empty(), last.relayedBy()));
    refresh(model.agent(move.toHost()), newInstance);
    try {
      refresh(model.agent(move.instance().host()), move.instance().instance());
    } catch (LabException e) {
      // the source has nothing more to tell
      model.gone(move.instance().instance());
    }
  }

  private void failedToMove(String node, LabException e) {
    MigrationProgress last = model.migration(node);
    if (last != null && last.status() != MigrationStatus.DONE) {
      model.migration(
          node,
          new MigrationProgress(
              last.migration(), last.fromRegion(), last.toRegion(),
              e instanceof LabException.Cancelled ? MigrationStatus.CANCELLED : MigrationStatus.FAILED, last.pass(), last.transferred(),
              last.remaining(), last.total(), last.dirtyRate(), last.throughput(), last.expectedDowntimeMs(), 0, OptionalDouble.empty(),
              OptionalDouble.empty(), Optional.of(e.problem()), last.relayedBy()));
    }
  }

  private void refresh(Agent agent, String instance) throws InterruptedException {
    refresh(model, agent, instance);
  }

  /** Has the model hear of an instance what its host says now. */
  static void refresh(LabModel model, Agent agent, String instance) throws InterruptedException {
    JsonNode status = agent.call("vm.status", agent.params().put("instance", instance));
    InstanceFact.parse(agent.url(), status.has("status") ? status.path("status") : status).ifPresent(model::status);
  }

  private static ObjectNode instance(Agent agent, InstanceFact instance) {
    return agent.params().put("instance", instance.instance());
  }

  private String regionName(String region) {
    return model.topology().region(region).map(Region::name).orElse(region);
  }

  /**
   * Kills and deletes all that this lab has on its hosts. What a migration has left behind goes last: that it is the source's leftover, and not
   * a VM, is sure only because the VM was found elsewhere; and a target that waits for its source may be given up once that is gone.
   */
  void destroy(List<InstanceFact> instances, Task.Progress progress) throws InterruptedException {
    List<InstanceFact> ordered =
        instances.stream().sorted(Comparator.comparingInt(instance -> LAST.indexOf(instance.phase()))).toList();
    int done = 0;
    for (InstanceFact instance : ordered) {
      progress.phase("Removing " + model.topology().node(instance.node()).map(node -> node.name()).orElse(instance.node()) + ".");
      progress.amount(done++, ordered.size(), Unit.STEPS);
      try {
        if (!LAST.contains(instance.phase())) {
          kill(instance);
          delete(instance);
        } else if (!judge.discard(instance)) {
          delete(instance);
        }
      } catch (LabException.AgentRefused e) {
        // what a migration left goes by itself
        if (!e.code().equals(NO_SUCH_INSTANCE)) {
          throw e;
        }
        model.gone(instance.instance());
      }
    }
    progress.amount(done, ordered.size(), Unit.STEPS);
  }

  private void kill(InstanceFact instance) throws InterruptedException {
    Agent agent = model.agent(instance.host());
    // a saved VM may have been made ready to go on, so that a process is there
    if (!instance.phase().off() || instance.phase() == Phase.SAVED) {
      agent.call("vm.stop", instance(agent, instance).put("graceMs", 0), STOP_EXTRA);
      refresh(agent, instance.instance());
      awaitOff(instance, 0);
    }
  }
}
