// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.OutputStream;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Host;
import org.mobitopolo.host.HostState;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.migration.MigrationLimits;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.node.ObjectNode;

/**
 * One lab: its wish (the topology) and its fact (what the hosts report). Changes of the wish return at once; the reconciler acts in the
 * background until wish and fact agree. Power is not part of the topology: {@link #start} and {@link #stop} are commands, and a VM exists on
 * a host only once it was started. Thread-safe; nothing here waits for I/O unless it says so.
 */
public final class Lab implements AutoCloseable {
  private static final long PUBLISH_PAUSE_MS = 50;
  private static final long CHECK_MS = 1_000;

  private final Hosts hosts;
  private final Tasks tasks;
  private final LabModel model;
  private final LabActions actions;
  private final RelayKeeper relays;
  private final ImageFetches fetches;
  private final List<LabListener> listeners = new CopyOnWriteArrayList<>();
  private final List<HostWatch> watches = new CopyOnWriteArrayList<>();
  private final List<ConsoleConnection> consoles = new CopyOnWriteArrayList<>();
  private final Consumer<HostState> hostListener = ignored -> measured();
  /** Taken before the model's lock, never after. */
  private final Object claiming = new Object();
  /** Taken after the model's lock, never before. */
  private final Object signal = new Object();
  private boolean due;
  private boolean unpublished;
  private volatile LabState state = LabState.EMPTY;
  private Thread reconciling;
  private Thread publishing;

  private Lab(Topology topology, Hosts hosts, Tasks tasks) {
    this.hosts = hosts;
    this.tasks = tasks;
    this.model = new LabModel(topology, hosts, this::changed, this::measured);
    this.relays = new RelayKeeper(model, topology.name());
    Supplier<ImageCatalogue> images = () -> ImageCatalogue.read(hosts.parts().images());
    this.fetches = new ImageFetches(model, images, tasks);
    this.actions = new LabActions(model, relays, images, fetches, tasks);
  }

  /**
   * Opens a lab. Connects to the hosts of its regions in the background and takes over what runs there for this lab id. Nodes that run on
   * those hosts but are not in the topology are removed there, so open a lab that was found running with the topology found with it.
   */
  public static Lab open(Topology topology, Hosts hosts, Tasks tasks) {
    Lab lab = new Lab(topology, hosts, tasks);
    hosts.addListener(lab.hostListener);
    lab.watchHosts();
    lab.state = lab.model.snapshot();
    lab.reconciling = Thread.ofVirtual().name("reconcile " + topology.name()).start(lab::reconcile);
    lab.publishing = Thread.ofVirtual().name("publish " + topology.name()).start(lab::publish);
    lab.changed();
    return lab;
  }

  /** The wish. */
  public Topology topology() {
    return model.topology();
  }

  /**
   * Changes the wish: the argument is usually {@code edit::apply}. A running node whose region changes is migrated; a removed node is stopped
   * and deleted; changed links and scripts take effect at once; memory, image and the number of NICs at the VM's next start.
   *
   * @return the new wish
   */
  public Topology update(UnaryOperator<Topology> change) {
    Topology next = model.update(change);
    watchHosts();
    return next;
  }

  /** Replaces the wish. */
  public void setTopology(Topology topology) {
    update(before -> topology);
  }

  /**
   * For how long VMs of removed nodes stay on their hosts, switched off: a node that comes back within that time, as after an undo, has its
   * disk again. Zero unless set: then they are deleted at once.
   */
  public void keepRemoved(Duration time) {
    model.keepRemoved(time);
  }

  /** What migrations that begin from now on may cost; asked at each one's beginning, it must return at once. {@link MigrationLimits#DEFAULT} unless set. */
  public void limitMigrations(Supplier<MigrationLimits> limits) {
    model.limitMigrations(limits);
  }

  /** The fact, as last heard. */
  public LabState state() {
    return model.snapshot();
  }

  public void addListener(LabListener listener) {
    listeners.add(listener);
  }

  public void removeListener(LabListener listener) {
    listeners.remove(listener);
  }

  /** Waits until all hosts of the lab have answered or failed, so that {@link #state} tells what really runs. */
  public void awaitKnown() throws InterruptedException {
    model.await(model::allAnswered);
  }

  /** Waits until the condition holds; it is asked again after each change and must return soon. */
  public void await(Predicate<LabState> condition) throws InterruptedException {
    model.await(() -> condition.test(model.snapshot()));
  }

  /** Keeps a lab as it is, see {@link Lab#hold}. */
  public interface Hold extends AutoCloseable {
    /** The lab changes again as it is wished. */
    @Override
    void close();
  }

  /**
   * Waits until what is under way has ended: starts, migrations, links. Until the result is closed nothing of that kind is begun; wishes may
   * change, they are fulfilled later.
   */
  public Hold hold() throws InterruptedException {
    model.hold();
    AtomicBoolean released = new AtomicBoolean();
    return () -> {
      if (released.compareAndSet(false, true)) {
        model.release();
      }
    };
  }

  /**
   * A task that ends when wish and fact agree, so when no action is left to do or under way. It fails with the failure of an action; cancelling
   * it cancels the waiting only.
   */
  public Task settle() {
    return tasks.run(
        "Bring " + model.topology().name() + " into line",
        progress -> {
          progress.phase("Waiting for the hosts.");
          awaitKnown();
          long failures = model.failures();
          progress.phase("Comparing what is wished with what runs.");
          while (!model.await(() -> model.failures() != failures || model.settled(), CHECK_MS)) {
            requireHosts();
          }
          requireHosts();
          if (model.failures() != failures) {
            throw model.lastFailure();
          }
        });
  }

  private void requireHosts() {
    for (Region region : model.topology().regions()) {
      hosts.host(region.host()).state().failure().ifPresent(Lab::raise);
    }
  }

  private static void raise(LabException failure) {
    throw failure;
  }

  /**
   * Starts nodes; the task ends when all run (start-up scripts begin then) or one failed. Nodes that already run are left alone. Switches and gateways
   * that the started VMs reach start with them.
   */
  public Task start(Collection<String> nodes) {
    List<Node> wanted = nodes(nodes);
    return tasks.run(
        "Start " + names(wanted),
        progress -> {
          for (Node vm : wanted) {
            if (vm.region().flatMap(model.topology()::region).isEmpty()) {
              throw new LabException.NotPossible(vm.name() + " lies in no region, so it can't be started.", "Nothing was started.", "Move it into a region.");
            }
          }
          List<String> ids = wanted.stream().map(Node::id).toList();
          progress.onCancel(() -> model.wantOff(ids.stream().filter(id -> !running(id)).toList(), 0));
          model.wantOn(ids);
          awaitStarted(wanted, progress);
        });
  }

  private void awaitStarted(List<Node> wanted, Task.Progress progress) throws InterruptedException {
    long[] shown = {-1};
    while (true) {
      long running = wanted.stream().filter(vm -> running(vm.id())).count();
      for (Node vm : wanted) {
        requireStartable(vm);
      }
      if (running != shown[0]) {
        shown[0] = running;
        progress.amount(running, wanted.size(), Unit.STEPS);
        progress.phase(running + " of " + wanted.size() + " run.");
      }
      if (running == wanted.size()) {
        return;
      }
      model.await(() -> wanted.stream().filter(vm -> running(vm.id())).count() != running || wanted.stream().anyMatch(vm -> !model.isWantedOn(vm.id())), CHECK_MS);
    }
  }

  /** Fails when the VM can't come up any more. */
  private void requireStartable(Node vm) throws InterruptedException {
    if (running(vm.id())) {
      return;
    }
    Optional<String> undecided = model.undecided(vm.id());
    if (undecided.isPresent()) {
      throw new LabException.NotPossible(vm.name() + " can't be started now. " + undecided.get(), "", "");
    }
    if (!model.isWantedOn(vm.id())) {
      String reason = model.error(vm.id()).orElse(vm.name() + " was stopped while it was being started.");
      throw new LabException.NotPossible("Starting " + vm.name() + " failed. " + reason, "", "");
    }
    Optional<HostUrl> host = model.current(vm.id()).map(InstanceFact::host).or(() -> vm.region().flatMap(model.topology()::region).map(Region::host));
    host.flatMap(url -> hosts.host(url).state().failure())
        .ifPresent(
            failure -> {
              model.error(vm.id(), failure);
              throw failure.standing(vm.name() + " was not started.");
            });
  }

  private boolean running(String node) {
    return model.current(node).filter(instance -> instance.phase() == InstanceFact.Phase.RUNNING).isPresent();
  }

  /** Shuts nodes down, and with them the switches and gateways that no other VM uses: the guests get {@code graceMs} milliseconds to end by themselves, then they are killed. Their disks are kept. */
  public Task stop(Collection<String> nodes, long graceMs) {
    List<Node> wanted = nodes(nodes);
    return tasks.run(
        "Stop " + names(wanted),
        progress -> {
          List<String> ids = wanted.stream().map(Node::id).toList();
          long failures = model.failures();
          model.wantOff(ids, graceMs);
          for (int done = 0; done < ids.size(); done++) {
            progress.amount(done, ids.size(), Unit.STEPS);
            progress.phase("Stopping " + wanted.get(done).name() + ".");
            String id = ids.get(done);
            model.await(() -> model.failures() != failures || off(id));
            if (!off(id)) {
              throw model.lastFailure();
            }
          }
        });
  }

  private boolean off(String node) {
    return !model.busy(node) && model.current(node).filter(instance -> !instance.phase().off()).isEmpty();
  }

  /**
   * Puts a node into another region. A VM that runs migrates live, and the task follows it and ends when it runs there, or failed, in which
   * case the node is put back into the region where it is. Cancelling the task leaves the VM where it was.
   */
  public Task migrate(String node, String region) {
    Node moved = require(node);
    Region target =
        model
            .topology()
            .region(region)
            .orElseThrow(() -> new LabException.NotPossible("There is no region \"" + region + "\".", "Nothing was moved.", "Name one of the topology's regions."));
    model.place(node, region);
    watchHosts();
    claim();
    return model
        .moveTask(node)
        .orElseGet(() -> tasks.run("Move " + moved.name() + " to " + target.name(), progress -> followMove(moved, target, progress)));
  }

  /** The migration can't begin yet, or there is none to do. */
  private void followMove(Node node, Region target, Task.Progress progress) throws InterruptedException {
    progress.phase("Waiting for the hosts.");
    while (true) {
      Optional<Task> move = model.moveTask(node.id());
      if (move.isPresent()) {
        progress.onCancel(move.get()::cancel);
        move.get().addListener((task, now) -> progress.phase(now.phase()));
        awaitMove(move.get());
        return;
      }
      Optional<InstanceFact> current = model.current(node.id()).filter(InstanceFact::live);
      if (current.isEmpty() && model.allAnswered() || current.filter(instance -> instance.region().equals(target.id())).isPresent()) {
        return;
      }
      model.error(node.id()).ifPresent(error -> raise(new LabException.MigrationFailed(error, "", "", null)));
      Optional<LabException> unreachable = hosts.host(target.host()).state().failure();
      if (unreachable.isPresent()) {
        current.ifPresent(instance -> model.place(node.id(), instance.region()));
        throw new LabException.MigrationFailed(
            node.name() + " could not be moved to " + target.name() + ". " + unreachable.get().problem(),
            current.map(instance -> node.name() + " goes on running in " + regionName(instance.region()) + ".").orElse(""),
            unreachable.get().advice(),
            unreachable.get());
      }
      try {
        model.await(() -> model.moveTask(node.id()).isPresent(), CHECK_MS);
      } catch (InterruptedException e) {
        current.map(InstanceFact::region).or(node::region).ifPresent(stays -> model.place(node.id(), stays));
        throw e;
      }
    }
  }

  /** Waits for the end of a move also when this task is cancelled, as only then it is known where the VM runs. */
  private static void awaitMove(Task move) throws InterruptedException {
    try {
      move.awaitSuccess();
    } catch (InterruptedException e) {
      move.cancel();
      move.awaitSuccess();
    }
  }

  /**
   * For a VM that was handed over to a host which is gone for good, so that nobody can ever ask it whether the VM runs there: the memory that the source keeps goes on. Should the host
   * come back after all with the VM running on it, then it runs twice. What can be decided by asking decides itself; this is refused then.
   */
  public Task recover(String node) {
    Node named = require(node);
    return tasks.run(
        "Recover " + named.name(),
        progress -> {
          progress.phase("Waiting for the hosts.");
          awaitKnown();
          InstanceFact kept =
              model
                  .verdict(node)
                  .filter(verdict -> verdict instanceof Verdicts.Verdict.Wait && verdict.instance().phase() == InstanceFact.Phase.HANDED_OVER)
                  .orElseThrow(
                      () ->
                          new LabException.NotPossible(
                              named.name() + " does not wait for a host that does not answer.", "Nothing was changed.", "Look at its state: mobitopolo status."))
                  .instance();
          progress.phase("Letting " + named.name() + " go on at " + kept.host().displayName() + ".");
          actions.thaw(kept);
          model.await(() -> running(node) || model.current(node).filter(now -> now.phase() == InstanceFact.Phase.CRASHED).isPresent());
        });
  }

  private String regionName(String region) {
    return model.topology().region(region).map(Region::name).orElse(region);
  }

  /** Kills and deletes all VMs of this lab on all its hosts, and the lab there. The topology stays as it is. */
  public Task destroy() {
    return tasks.run(
        "Remove " + model.topology().name() + " from its hosts",
        progress -> {
          progress.phase("Waiting for what is under way.");
          awaitKnown();
          model.beginDestroying();
          try {
            actions.destroy(model.instances(), progress);
            for (HostUrl url : model.hostUrls()) {
              Agent agent = model.agent(url);
              agent.call("lab.delete", agent.params().put("lab", model.topology().id()));
              model.hostTopology(url, Optional.empty());
            }
          } finally {
            model.endDestroying();
          }
        });
  }

  /**
   * Images that this program brings to hosts just now while VMs run there already; they end when the image is whole there. When they, or this program, end before, VMs that
   * need more wait until a program that has the image is connected to the host. Waits until other hosts have said whether they have what misses.
   */
  public List<Task> imageFetches() throws InterruptedException {
    for (Thread asking : fetches.review()) {
      asking.join();
    }
    return fetches.tasks();
  }

  /** Opens a terminal at a VM's console; it connects in the background, also when the VM is started only later. */
  public ConsoleStream openConsole(String node, int rows, int columns, ConsoleListener listener) {
    require(node);
    ConsoleConnection console = new ConsoleConnection(model, node, rows, columns, listener, consoles::remove);
    consoles.add(console);
    return console.start();
  }

  /**
   * Runs a command in a guest. Waits for the guest to take it.
   *
   * @throws LabException if the VM does not run or its host does not answer
   */
  public ExecStream exec(String node, ExecRequest request) throws InterruptedException {
    Node named = require(node);
    InstanceFact instance =
        model
            .current(node)
            .filter(InstanceFact::live)
            .orElseThrow(() -> new LabException.NotPossible(named.name() + " does not run, so no command can run in it.", "", "Start it first."));
    return GuestCommand.start(model, instance, request);
  }

  /**
   * Captures what passes a NIC of a node as a pcapng stream, through migrations, until the node ends, the receiver throws an
   * EOFException, or the task is cancelled, which is how a capture usually ends. If the receiver fails otherwise, so does the task. A receiver that is slow loses frames, which the stream counts; nothing else waits for it.
   *
   * @param nic name of the NIC or port
   * @param receiver is written to and flushed by the task, and not closed
   */
  public Task capture(String node, String nic, OutputStream receiver) {
    Node named = require(node);
    int index = SetupScript.nicIndex(named, nic);
    if (index < 0) {
      throw new LabException.NotPossible(
          named.name() + " has no interface \"" + nic + "\".", "", "It has: " + named.nics().stream().map(each -> each.name()).collect(Collectors.joining(", ")) + ".");
    }
    return tasks.run("Capture " + named.name() + " " + nic, progress -> new CaptureWork(model, named, index, receiver).run(progress));
  }

  /**
   * The kernel's or the start-up script's log of a VM, its last {@code bytes} bytes. Waits for the host.
   *
   * @throws LabException if the VM exists nowhere or its host does not answer
   */
  public String log(String node, LogKind which, int bytes) throws InterruptedException {
    Node named = require(node);
    InstanceFact instance =
        model
            .current(node)
            .orElseThrow(() -> new LabException.NotPossible(named.name() + " was not started yet, so it has no log.", "", "Start it first."));
    Agent agent = model.agent(instance.host());
    ObjectNode params = agent.params().put("instance", instance.instance()).put("which", which.word).put("tail", bytes);
    return agent.call("vm.log", params).path("text").asString("");
  }

  /** Which log of a VM. */
  public enum LogKind {
    KERNEL("kernel"),
    STARTUP("startup");

    private final String word;

    LogKind(String word) {
      this.word = word;
    }
  }

  /** Stops watching. VMs go on running; {@link Labs} finds them again. Hosts stay connected. */
  @Override
  public void close() {
    model.close();
    relays.close();
    fetches.close();
    consoles.forEach(ConsoleConnection::close);
    watches.forEach(watch -> watch.host.removeListener(watch));
    hosts.removeListener(hostListener);
    reconciling.interrupt();
    publishing.interrupt();
  }

  private Node require(String node) {
    return model
        .topology()
        .node(node)
        .orElseThrow(() -> new LabException.NotPossible("There is no node \"" + node + "\" in this lab.", "", "Name one of its nodes."));
  }

  private List<Node> nodes(Collection<String> ids) {
    return ids.stream().map(this::require).toList();
  }

  private static String names(List<Node> nodes) {
    return nodes.size() == 1 ? nodes.getFirst().name() : nodes.size() + " nodes";
  }

  // Background

  private void watchHosts() {
    for (HostUrl url : model.wantedHosts()) {
      Host host = hosts.host(url);
      if (model.addHost(host)) {
        HostWatch watch = new HostWatch(host, model);
        watches.add(watch);
        host.addListener(watch);
        host.connect();
      }
    }
  }

  /** Called by the model after a step that only has to be shown, or when a host has changed. */
  private void measured() {
    synchronized (signal) {
      unpublished = true;
      signal.notifyAll();
    }
  }

  /** Called by the model after each step, with the model locked: only notes that there is something to do. */
  private void changed() {
    synchronized (signal) {
      due = true;
      unpublished = true;
      signal.notifyAll();
    }
  }

  /** Acts on each change, and now and then in any case: then what failed may be tried again. */
  private void reconcile() {
    try {
      while (true) {
        synchronized (signal) {
          if (!due) {
            signal.wait(CHECK_MS);
          }
          due = false;
        }
        claim();
        fetches.review();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void claim() {
    synchronized (claiming) {
      model.claim().forEach(actions::start);
    }
  }

  private void publish() {
    Topology lastTopology = model.topology();
    try {
      while (true) {
        synchronized (signal) {
          while (!unpublished) {
            signal.wait();
          }
          unpublished = false;
        }
        LabState next = model.snapshot();
        Topology topology = model.topology();
        boolean newTopology = !topology.equals(lastTopology);
        lastTopology = topology;
        if (!next.equals(state) || newTopology) {
          state = next;
          for (LabListener listener : listeners) {
            if (newTopology) {
              listener.topologyChanged(topology);
            }
            listener.stateChanged(next);
          }
        }
        Thread.sleep(PUBLISH_PAUSE_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
