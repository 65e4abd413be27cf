// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.BulkChannel;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.lab.BackgroundFetch;
import org.mobitopolo.migration.Migration;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes running labs of a saved one: one, or several copies. The steps, in this order: {@link #check} refuses what cannot work before anything is
 * created; {@link #put} brings images and states to the hosts; {@link #start} lets all VMs of a lab go on together. Until the last one has
 * succeeded {@link #undo} removes everything again. A large base image that this program has may still be on its way to a host then: whoever opens the lab goes on with it, and
 * {@link #close} ends it here.
 */
final class Restoration implements AutoCloseable {
  private static final int AT_ONCE = 4;
  private static final String NOTHING = "Nothing was created.";

  private final SavedLab saved;
  private final List<Topology> copies;
  private final Hosts hosts;
  private final ImageCatalogue images;
  private final RestoreOptions options;
  private final List<List<RestoredVm>> labs = new ArrayList<>();
  /** Base images that are on their way, by host and hash. */
  private final Map<Agent, Map<String, BackgroundFetch>> coming = new HashMap<>();
  private volatile boolean replaced;

  /**
   * Nothing is done yet.
   *
   * @param copies the labs to make: the saved topology with ids, names and hosts of their own
   * @param images of this program
   */
  Restoration(SavedLab saved, List<Topology> copies, Hosts hosts, ImageCatalogue images, RestoreOptions options) {
    this.saved = saved;
    this.copies = List.copyOf(copies);
    this.hosts = hosts;
    this.images = images;
    this.options = options;
  }

  /**
   * Checks what is to be read, connects to the hosts and asks whether all can be made there.
   *
   * @throws LabException why not
   */
  void check(Task.Progress progress) throws InterruptedException {
    saved.check(progress);
    progress.phase("Asking the hosts whether they can take the VMs.");
    Fitness fitness = new Fitness();
    for (Topology copy : copies) {
      List<RestoredVm> lab = new ArrayList<>();
      for (int number = 0; number < saved.manifest().machines().size(); number++) {
        Manifest.Machine machine = saved.manifest().machines().get(number);
        Region region = copy.region(machine.region()).orElseThrow();
        Agent agent = hosts.host(region.host()).agent();
        String name = copy.node(machine.node()).orElseThrow().name();
        fitness.add(agent, name, machine.head());
        lab.add(new RestoredVm(number, machine, agent, Migration.newId(), kernel(agent, name, machine)));
      }
      labs.add(List.copyOf(lab));
    }
    fitness.requireMemory();
    requireImages();
    if (!options.replace()) {
      requireNew();
    }
  }

  /** The agent whose guest kernel can go on with the VM; nothing for a switch or gateway. */
  private static String kernel(Agent agent, String name, Manifest.Machine machine) throws InterruptedException {
    if (machine.head().isDevice() || agent.holdsAgent(machine.kernel())) {
      return machine.kernel();
    }
    if (machine.kernelSha256().filter(agent.kernelSha256()::equals).isPresent()) {
      return agent.hash();
    }
    throw new LabException.HostUnfit(
        agent.url().displayName() + " does not have the guest kernel that " + name + " runs (it belongs to the agent " + machine.kernel().substring(0, 12) + ").",
        NOTHING,
        "Connect to that host once with the version of Mobitopolo that saved the lab, or restore it with that version.");
  }

  private Set<Agent> agents() {
    Set<Agent> agents = new LinkedHashSet<>();
    labs.forEach(lab -> lab.forEach(vm -> agents.add(vm.agent())));
    return agents;
  }

  private Set<String> imagesOn(Agent agent) {
    Set<String> needed = new LinkedHashSet<>();
    labs.forEach(lab -> lab.stream().filter(vm -> vm.agent().equals(agent)).forEach(vm -> needed.addAll(vm.machine().head().images())));
    needed.remove("");
    return needed;
  }

  private List<String> missing(Agent agent) throws InterruptedException {
    ObjectNode question = agent.params();
    imagesOn(agent).forEach(question.putArray("sha256")::add);
    List<String> missing = new ArrayList<>();
    agent.call("image.missing", question).path("missing").values().forEach(hash -> missing.add(hash.asString("")));
    return missing;
  }

  private void requireImages() throws InterruptedException {
    for (Agent agent : agents()) {
      for (String image : missing(agent)) {
        if (images.find(image).isEmpty() && !saved.manifest().images().containsKey(image)) {
          throw new LabException.HostUnfit(
              agent.url().displayName() + " does not have the base image " + image.substring(0, 12) + " of the VMs, and neither this program nor the bundle brings it along.",
              NOTHING,
              "Save the lab with its images (--images), or put the image there.");
        }
      }
    }
  }

  /** Two incarnations of one lab would take each other's place. */
  private void requireNew() throws InterruptedException {
    for (int copy = 0; copy < copies.size(); copy++) {
      String id = copies.get(copy).id();
      for (Agent agent : labs.get(copy).stream().map(RestoredVm::agent).distinct().toList()) {
        if (!agent.call("vm.list", agent.params().put("lab", id)).path("vms").isEmpty()) {
          throw new LabException.NotPossible(
              agent.url().displayName() + " holds VMs of the lab \"" + copies.get(copy).name() + "\" already.",
              NOTHING,
              "Restore it as a new lab (--as-new), or in place of the one that is there (--replace).");
        }
      }
    }
  }

  /** Brings images and states to the hosts. */
  void put(Task.Progress progress) throws InterruptedException {
    for (Agent agent : agents()) {
      for (String hash : missing(agent)) {
        if (mayComeLater(agent, hash)) {
          progress.phase("Beginning to fetch an image to " + agent.url().displayName() + ".");
          coming.computeIfAbsent(agent, key -> new HashMap<>()).put(hash, BackgroundFetch.begin(agent, images.require(hash)));
        } else {
          putImage(agent, hash, progress);
        }
      }
    }
    progress.phase("Bringing the states of the VMs to their hosts.");
    Together together = new Together(AT_ONCE);
    AtomicInteger done = new AtomicInteger();
    int total = labs.stream().mapToInt(List::size).sum();
    progress.amount(0, total, Unit.STEPS);
    try (SavedLab.States states = saved.states(copies.size() > 1)) {
      List<Together.Step<Void>> steps = new ArrayList<>();
      for (int copy = 0; copy < copies.size(); copy++) {
        Topology topology = copies.get(copy);
        for (RestoredVm vm : labs.get(copy)) {
          steps.add(
              () -> {
                vm.put(topology, options.keepClock(), lists(vm.agent()), states, together);
                progress.amount(done.incrementAndGet(), total, Unit.STEPS);
                return null;
              });
        }
      }
      together.all(steps);
    }
  }

  /** Copies are not opened as labs by all that make them, so nobody would go on with their images. */
  private boolean mayComeLater(Agent agent, String hash) {
    return copies.size() == 1
        && images.find(hash).filter(image -> BackgroundFetch.worthwhile(image, agent)).isPresent()
        && labs.getFirst().stream().filter(vm -> vm.agent().equals(agent) && vm.machine().head().images().contains(hash)).allMatch(RestoredVm::runsKernelOfAgent);
  }

  private Map<String, String> lists(Agent agent) {
    return coming.getOrDefault(agent, Map.of()).entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, image -> image.getValue().list()));
  }

  @Override
  public void close() {
    coming.values().forEach(ofHost -> ofHost.values().forEach(BackgroundFetch::close));
  }

  private void putImage(Agent agent, String hash, Task.Progress progress) throws InterruptedException {
    progress.phase("Uploading an image to " + agent.url().displayName() + ".");
    if (images.find(hash).isPresent()) {
      Image image = images.require(hash);
      long size = image.compressed().toFile().length();
      agent.provideImage(hash, image.compressed(), sent -> progress.amount(sent, size, Unit.BYTES));
      return;
    }
    Together together = new Together(1);
    together.all(
        List.of(
            () -> {
              try (BulkChannel channel = together.closing(agent.openBulk("put", "image", hash))) {
                channel.send(out -> StateSpool.frame(out, zstd -> saved.writeImage(hash, zstd)));
                channel.finish();
                return null;
              }
            }));
  }

  /** Lets all VMs go on, those of one lab together. */
  void start(Task.Progress progress) throws InterruptedException {
    progress.phase("Starting.");
    AtomicInteger done = new AtomicInteger();
    progress.amount(0, copies.size(), Unit.STEPS);
    List<Together.Step<Void>> steps = new ArrayList<>();
    for (int copy = 0; copy < copies.size(); copy++) {
      Topology topology = copies.get(copy);
      List<RestoredVm> lab = labs.get(copy);
      steps.add(
          () -> {
            putTopology(topology, lab);
            if (options.replace()) {
              removeOld(topology, lab);
            }
            new LabStart(topology, lab).start();
            progress.amount(done.incrementAndGet(), copies.size(), Unit.STEPS);
            return null;
          });
    }
    new Together(AT_ONCE).all(steps);
  }

  private static void putTopology(Topology topology, List<RestoredVm> lab) throws InterruptedException {
    for (Agent agent : lab.stream().map(RestoredVm::agent).distinct().toList()) {
      ObjectNode params = agent.params().put("lab", topology.id());
      params.set("topology", JsonMapper.shared().readTree(TopologyJson.writeLine(topology)));
      agent.call("lab.put", params);
    }
  }

  /** From here on there is no way back: the new VMs are on their hosts, the old ones go. */
  private void removeOld(Topology topology, List<RestoredVm> lab) throws InterruptedException {
    replaced = true;
    Set<Agent> everywhere = new LinkedHashSet<>(lab.stream().map(RestoredVm::agent).toList());
    for (Region region : topology.regions()) {
      everywhere.add(hosts.host(region.host()).agent());
    }
    Set<String> fresh = lab.stream().map(RestoredVm::instance).collect(Collectors.toSet());
    for (Agent agent : everywhere) {
      for (JsonNode old : agent.call("vm.list", agent.params().put("lab", topology.id())).path("vms").values()) {
        String instance = old.path("instance").asString("");
        if (!fresh.contains(instance)) {
          RestoredVm.remove(agent, instance);
        }
      }
    }
  }

  /** Whether what was there before is gone, so that nothing can be undone any more. */
  boolean replaced() {
    return replaced;
  }

  /** Removes what was made, as far as hosts answer. */
  void undo() {
    Uninterrupted.run(this::remove);
  }

  private void remove() throws InterruptedException {
    for (int copy = 0; copy < labs.size(); copy++) {
      Set<Agent> used = new LinkedHashSet<>();
      for (RestoredVm vm : labs.get(copy)) {
        vm.remove();
        used.add(vm.agent());
      }
      String id = copies.get(copy).id();
      if (options.replace()) {
        continue; // the lab itself was there before
      }
      used.forEach(agent -> agent.request("lab.delete", agent.params().put("lab", id)));
    }
  }
}
