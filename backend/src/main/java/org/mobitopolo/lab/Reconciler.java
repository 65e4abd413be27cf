// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.link.LinkEndpoint;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.VirtualMachine;

/**
 * Compares wish and fact and says what can be done now. A pure function: it is asked again after each change of either, so an action that
 * must wait for another is simply not named yet (a VM boots once its instance is there, a link is set once both VMs are live, a VM moves
 * once it runs). At most one action a subject.
 */
final class Reconciler {
  /** On how many hosts a lab's topology is kept. */
  static final int MOST_COPIES = 8;

  private final Situation situation;
  private final Set<String> devicesInUse;
  private final List<Action> actions = new ArrayList<>();
  private final Set<String> taken;

  private Reconciler(Situation situation) {
    this.situation = situation;
    this.devicesInUse = Devices.inUse(situation.topology(), situation.wantedOn());
    this.taken = new HashSet<>(situation.held());
  }

  /** The actions that are due, none of which depends on another. */
  static List<Action> plan(Situation situation) {
    Reconciler reconciler = new Reconciler(situation);
    reconciler.planVerdicts();
    for (Node node : situation.topology().nodes()) {
      switch (node) {
        case VirtualMachine vm -> reconciler.planVm(vm);
        case Switch _, Gateway _ -> reconciler.planDevice(node);
      }
    }
    reconciler.planRemovals();
    situation.topology().links().forEach(reconciler::planLink);
    reconciler.planUnplugging();
    reconciler.planTopologies();
    return List.copyOf(reconciler.actions);
  }

  private void add(Action action) {
    if (taken.add(action.subject())) {
      actions.add(action);
    }
  }

  /** Migrations that broke off. What waits for a host keeps the node as it is. */
  private void planVerdicts() {
    for (String node : situation.byNode().keySet()) {
      switch (Verdicts.of(situation, node).orElse(null)) {
        case null -> {}
        case Verdicts.Verdict.Wait _ -> taken.add(node);
        case Verdicts.Verdict verdict -> add(new Action.Resolve(verdict));
      }
    }
  }

  private void planVm(VirtualMachine vm) {
    boolean on = situation.wantedOn().contains(vm.id());
    Optional<InstanceFact> current = situation.current(vm.id());
    Optional<Region> wished = vm.region().flatMap(situation.wish()::region);
    if (current.isEmpty()) {
      // what is between two hosts comes to one of them
      wished.filter(region -> situation.of(vm.id()).isEmpty()).filter(region -> on && isKnown(region.host())).ifPresent(region -> add(new Action.Create(vm, region.host(), region.id())));
      return;
    }
    InstanceFact instance = current.get();
    if (!isKnown(instance.host())) {
      return;
    }
    if (instance.phase().off()) {
      planOff(vm, instance, wished, on);
    } else if (!on && (instance.phase() == Phase.RUNNING || instance.phase() == Phase.BOOTING)) {
      add(new Action.Stop(vm.id(), instance));
    } else if (instance.phase() == Phase.RUNNING) {
      planRunning(vm, instance, wished);
    }
  }

  private void planDevice(Node device) {
    List<InstanceFact> own = situation.of(device.id());
    boolean on =
        situation.wantedOn().contains(device.id())
            || devicesInUse.contains(device.id()) && own.stream().allMatch(instance -> instance.phase() == Phase.CREATED);
    Optional<Region> wished = device.region().flatMap(situation.wish()::region).filter(region -> isKnown(region.host()));
    if (!on) {
      own.forEach(instance -> stopRunning(device, instance));
    } else if (wished.isPresent()) {
      Optional<InstanceFact> fitting = Devices.fitting(own, device, wished.get(), situation.applied());
      if (fitting.isEmpty()) {
        add(new Action.Create(device, wished.get().host(), wished.get().id()));
      } else if (fitting.get().phase().off()) {
        add(new Action.Boot(device, fitting.get()));
      } else {
        own.stream().filter(instance -> !instance.equals(fitting.get()) && !isTold(instance)).forEach(instance -> stopRunning(device, instance));
      }
    }
  }

  private void stopRunning(Node node, InstanceFact instance) {
    if (instance.phase() == Phase.RUNNING && isKnown(instance.host())) {
      add(new Action.Stop(node.id(), instance));
    }
  }

  /** Whether a link still leads there. */
  private boolean isTold(InstanceFact instance) {
    return situation.told().values().stream().anyMatch(plan -> plan.a().instance().equals(instance.instance()) || plan.b().instance().equals(instance.instance()));
  }

  private void planOff(VirtualMachine vm, InstanceFact instance, Optional<Region> wished, boolean on) {
    if (!on) {
      return;
    }
    boolean elsewhere = wished.isPresent() && !wished.get().host().equals(instance.host());
    VirtualMachine applied = applied(instance, vm);
    boolean otherImage = !applied.image().equals(vm.image());
    if (!instance.phase().holdsMemory() && (otherImage || elsewhere && instance.phase() == Phase.CREATED)) {
      add(new Action.Delete(vm.id(), instance));
      return;
    }
    // a disk that is elsewhere comes along when the VM migrates, right after its start
    String region = elsewhere ? instance.region() : wished.map(Region::id).orElse(instance.region());
    if (!instance.phase().holdsMemory() && (!sameHardware(applied, vm) || !sameScripts(applied, vm) || !region.equals(instance.region()))) {
      add(new Action.Reconfigure(vm, instance, region));
      return;
    }
    add(new Action.Boot(vm, instance));
  }

  private VirtualMachine applied(InstanceFact instance, VirtualMachine otherwise) {
    return situation.applied().get(instance.instance()) instanceof VirtualMachine made ? made : otherwise;
  }

  private void planRunning(VirtualMachine vm, InstanceFact instance, Optional<Region> wished) {
    if (wished.isPresent() && !wished.get().id().equals(instance.region())) {
      if (isKnown(wished.get().host())) {
        add(new Action.Move(vm, instance, wished.get().id(), wished.get().host()));
      }
      return;
    }
    VirtualMachine applied = applied(instance, vm);
    if (!sameScripts(applied, vm)) {
      add(new Action.Rescript(vm, instance));
    }
  }

  /** Nodes that are no longer wished for, and what older incarnations left behind. */
  private void planRemovals() {
    for (InstanceFact instance : situation.instances().toList()) {
      if (!isKnown(instance.host())) {
        continue;
      }
      Optional<InstanceFact> current = situation.current(instance.node());
      boolean wished = situation.wish().nodes().containsKey(instance.node());
      boolean leftOver = wished && current.isPresent() && !current.get().equals(instance) && current.get().live();
      if (wished && !leftOver) {
        continue;
      }
      if (instance.phase().off()) {
        // a device has nothing to keep, and made anew it runs by itself, as after an undo
        boolean device = situation.applied().get(instance.instance()) instanceof Node made && !(made instanceof VirtualMachine);
        if (wished || device || !situation.kept().contains(instance.instance())) {
          add(new Action.Delete(instance.node(), instance));
        }
      } else if (!wished && (instance.phase() == Phase.RUNNING || instance.phase() == Phase.BOOTING)) {
        add(new Action.Stop(instance.node(), instance));
      }
    }
  }

  private void planLink(Link link) {
    linkPlan(situation, link).filter(plan -> !plan.equals(situation.told().get(link.id()))).ifPresent(plan -> add(new Action.SetLink(plan)));
  }

  /** What the ends of a link are to be told; empty while not both are live. */
  static Optional<LinkPlan> linkPlan(Situation situation, Link link) {
    Optional<LinkEndpoint> a = endpoint(situation, link.a());
    Optional<LinkEndpoint> b = endpoint(situation, link.b());
    if (a.isEmpty() || b.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(LinkPlan.of(situation.topology(), link, a.get(), b.get()).withRelay(Optional.ofNullable(situation.relays().get(link.id()))));
  }

  private static Optional<LinkEndpoint> endpoint(Situation situation, End end) {
    int nic = situation.wish().node(end.node()).map(node -> SetupScript.nicIndex(node, end.nic())).orElse(-1);
    return situation
        .current(end.node())
        .filter(instance -> nic >= 0 && (instance.phase() == Phase.RUNNING || instance.phase() == Phase.BOOTING || instance.phase() == Phase.SENDING))
        .filter(instance -> situation.hosts().containsKey(instance.host()) && !instance.udp().isEmpty())
        .map(
            instance -> {
              Situation.KnownHost host = situation.hosts().get(instance.host());
              return new LinkEndpoint(
                  instance.instance(),
                  nic,
                  instance.region(),
                  instance.udp(),
                  host.address(),
                  host.facts().hostname(),
                  host.facts().addresses(),
                  host.facts().cpuFeatures());
            });
  }

  /** A NIC that has another link by now is left to that link. */
  private void planUnplugging() {
    Set<End> used = new HashSet<>();
    situation.topology().links().forEach(link -> used.addAll(List.of(link.a(), link.b())));
    for (InstanceFact instance : situation.instances().toList()) {
      if (!instance.live() || !isKnown(instance.host())) {
        continue;
      }
      Node node = situation.wish().nodes().get(instance.node());
      if (node != null) {
        instance
            .links()
            .forEach(
                (nic, link) -> {
                  if (nic < 0 || nic >= node.nics().size() || !used.contains(new End(node.id(), node.nics().get(nic).name()))) {
                    add(new Action.ClearLink(instance, nic, link));
                  }
                });
      }
    }
  }

  /** The lab is found again by the copies on its hosts. In a large lab some hosts keep one for all, so that a change does not send all of it everywhere. */
  private void planTopologies() {
    Set<HostUrl> used = new TreeSet<>(Comparator.comparing(HostUrl::toString));
    situation.instances().map(InstanceFact::host).filter(this::isKnown).forEach(used::add);
    List<HostUrl> keepers = new ArrayList<>(used.stream().filter(url -> situation.hosts().get(url).topology().isPresent()).toList());
    used.stream().filter(url -> !keepers.contains(url)).limit(Math.max(0, MOST_COPIES - keepers.size())).toList().forEach(keepers::add);
    for (HostUrl url : keepers) {
      if (!situation.hosts().get(url).topology().filter(situation.topology()::equals).isPresent()) {
        add(new Action.PutTopology(url));
      }
    }
  }

  private boolean isKnown(HostUrl host) {
    return situation.hosts().containsKey(host);
  }

  static boolean sameScripts(VirtualMachine applied, VirtualMachine wished) {
    return SetupScript.of(applied).equals(SetupScript.of(wished)) && applied.startup().equals(wished.startup());
  }

  private static boolean sameHardware(VirtualMachine applied, VirtualMachine wished) {
    return applied.memory().equals(wished.memory())
        && applied.env().equals(wished.env())
        && applied.nics().stream().map(nic -> nic.mac()).toList().equals(wished.nics().stream().map(nic -> nic.mac()).toList());
  }
}
