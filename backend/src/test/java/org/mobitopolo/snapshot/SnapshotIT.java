// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.GuestPrograms;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Topology;

/** Snapshots of a busy lab over two real SSH hosts. */
@Timeout(300)
@Tag("long")
class SnapshotIT {
  private static SshHosts ssh;
  private static GuestProgram stream;

  @TempDir Path folder;

  private final Tasks tasks = new Tasks();
  private Hosts hosts;
  private Topology topology;
  private RunningLab running;
  private Path file;

  @BeforeAll
  static void startHosts() throws Exception {
    ssh = SshHosts.start(2);
    stream = GuestPrograms.compile("stream");
  }

  @AfterAll
  static void stopHosts() {
    ssh.close();
  }

  @BeforeEach
  void start() throws Exception {
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    topology = RunningLab.topology(ssh.url(0), ssh.url(1));
    file = folder.resolve("lab.mobitopolo");
    running = RunningLab.start(topology, hosts, stream);
  }

  @AfterEach
  void end() throws Exception {
    running.destroy();
    hosts.close();
    for (int host = 0; host < 2; host++) {
      try (Stream<Path> left = Files.list(ssh.hostFolder(host).resolve("vms"))) {
        assertThat(left).isEmpty();
      }
    }
  }

  private SnapshotReport save() throws InterruptedException {
    SaveLab save = new SaveLab(running.lab(), hosts, file, BundleOptions.PLAIN);
    tasks.run("Save", save).awaitSuccess();
    return save.report();
  }

  private void restore(Topology target, RestoreOptions options) throws InterruptedException {
    try (Bundle bundle = Bundle.open(file)) {
      tasks.run("Restore", new RestoreLab(bundle, List.of(target), hosts, options)).awaitSuccess();
    }
  }

  private Topology swapped(UnaryOperator<Topology> change) {
    try (Bundle bundle = Bundle.open(file)) {
      return change.apply(Placement.onto(bundle.manifest(), region -> region.id().equals("tokyo") ? ssh.url(1) : ssh.url(0)));
    }
  }

  private void assertHostsKeepNothing() throws Exception {
    for (int host = 0; host < 2; host++) {
      Path snapshots = ssh.hostFolder(host).resolve("snapshots");
      if (Files.exists(snapshots)) {
        try (Stream<Path> left = Files.list(snapshots)) {
          assertThat(left).isEmpty();
        }
      }
    }
  }

  @Test
  void aSavedLabGoesOnElsewhereAndItsConnectionsToo() throws Exception {
    Map<String, String> boots = Map.of("left", running.boot("left"), "right", running.boot("right"));
    Map<String, Integer> counters = Map.of("left", running.counter("left"), "right", running.counter("right"));
    SnapshotReport report = save();
    assertThat(report.machines()).extracting(SnapshotReport.Machine::name).containsExactly("left", "right");
    assertThat(report.machines()).allMatch(machine -> machine.complete() && machine.downtimeMs() > 0);
    assertThat(Files.size(file)).isEqualTo(report.file());
    System.out.println("stood still, ms: " + report.machines() + "; bundle: " + report.file() + " bytes");
    assertHostsKeepNothing();
    running.assertGoesOn();
    running.destroy();

    Topology elsewhere = swapped(saved -> saved);
    assertThat(elsewhere.id()).isEqualTo(topology.id());
    restore(elsewhere, RestoreOptions.PLAIN);
    running = RunningLab.open(elsewhere, hosts);
    assertThat(running.lab().state().vm("left").host()).contains(ssh.url(1));
    for (String node : List.of("left", "right")) {
      assertThat(running.lab().state().vm(node).status()).isEqualTo(VmStatus.RUNNING);
      assertThat(running.boot(node)).isEqualTo(boots.get(node));
      assertThat(running.counter(node)).isGreaterThanOrEqualTo(counters.get(node));
    }
    running.assertGoesOn();
    assertThat(running.endStream()).isGreaterThan(200_000);
    running.lab().settle().awaitSuccess();
    running.lab().migrate("left", "florida").awaitSuccess();
    running.run("left", "ping -c 2 -i 0.2 -W 5 10.0.0.2");
  }

  @Test
  void aCopyBesideTheOriginalIsALabOfItsOwn() throws Exception {
    save();
    Topology copy = swapped(saved -> saved.withId(Ids.newLabId()).withName("Copy"));
    restore(copy, RestoreOptions.PLAIN);
    RunningLab second = RunningLab.open(copy, hosts);
    try {
      running.run("left", "echo original > /tmp/which");
      assertThat(second.run("left", "cat /tmp/which 2> /dev/null || echo none")).isEqualTo("none");
      second.run("right", "ip addr flush dev eth0");
      running.run("left", "ping -c 2 -i 0.2 -W 5 10.0.0.2");
      assertThat(second.run("left", "ping -c 1 -W 1 10.0.0.2 > /dev/null && echo answers || echo silent")).isEqualTo("silent");
      assertThat(running.endStream()).isPositive();
    } finally {
      second.destroy();
    }
  }

  @Test
  void aLabWithASwitchGoesOnAsWell() throws Exception {
    running.destroy();
    topology = RunningLab.topologyWithSwitch(ssh.url(0), ssh.url(1));
    running = RunningLab.start(topology, hosts, stream);
    assertThat(save().machines()).extracting(SnapshotReport.Machine::name).containsExactlyInAnyOrder("left", "right", "hub");
    running.destroy();
    Topology elsewhere = swapped(saved -> saved);
    restore(elsewhere, RestoreOptions.PLAIN);
    running = RunningLab.open(elsewhere, hosts);
    running.lab().settle().awaitSuccess();
    assertThat(running.lab().state().vm("hub").host()).contains(ssh.url(1));
    running.assertGoesOn();
    assertThat(running.endStream()).isGreaterThan(200_000);
  }

  @Test
  void aLabIsRolledBackInPlace() throws Exception {
    running.run("right", "echo before > /root/file; sync");
    save();
    running.run("right", "echo after > /root/file; sync");
    int late = running.counter("right");
    running.run("right", "until [ $(cat /tmp/counter) -gt " + (late + 200) + " ]; do sleep 0.2; done");
    int latest = running.counter("right");
    assertThatThrownBy(() -> restore(topology, RestoreOptions.PLAIN))
        .isInstanceOf(LabException.NotPossible.class)
        .hasMessageContaining("holds VMs of the lab \"Pair\" already")
        .hasMessageContaining("Nothing was created.");
    running.assertGoesOn();
    running.lab().close();
    restore(topology, new RestoreOptions(false, true));
    running = RunningLab.open(topology, hosts);
    assertThat(running.counter("right")).isLessThan(latest);
    assertThat(running.run("right", "cat /root/file")).isEqualTo("before");
    running.assertGoesOn();
    assertThat(running.endStream()).isPositive();
  }

  @Test
  void aSnapshotThatHostsKeepIsListedExportedAndDeleted() throws Exception {
    KeepSnapshot keep = new KeepSnapshot(running.lab(), hosts, SnapshotNote.labelled("before the change"));
    tasks.run("Snapshot", keep).awaitSuccess();
    StoredSnapshots stored = new StoredSnapshots(hosts, List.of(ssh.url(0), ssh.url(1)), topology.id());
    StoredSnapshots.Stored only = stored.list().getFirst();
    assertThat(stored.list()).hasSize(1);
    assertThat(only.id()).isEqualTo(keep.report().snapshot());
    assertThat(only.complete()).isTrue();
    assertThat(only.label()).isEqualTo("before the change");
    assertThat(only.automatic()).isFalse();
    assertThat(stored.note(only.id()).topology()).contains(topology);
    stored.rename(only.id(), "after it");
    assertThat(stored.list().getFirst().label()).isEqualTo("after it");
    assertThat(stored.note(only.id()).topology()).contains(topology);
    assertThat(only.machines()).containsExactly("left", "right");
    assertThat(only.where()).containsExactlyInAnyOrder(ssh.url(0), ssh.url(1));
    assertThat(only.bytes()).isPositive();
    tasks.run("Export", new ExportSnapshot(stored, only.id(), topology, hosts, file, BundleOptions.PLAIN)).awaitSuccess();
    stored.delete(only.id());
    assertThat(stored.list()).isEmpty();
    assertHostsKeepNothing();
    assertThatThrownBy(() -> stored.delete(only.id())).hasMessageContaining("keep no snapshot");
    running.destroy();
    restore(topology, RestoreOptions.PLAIN);
    running = RunningLab.open(topology, hosts);
    running.assertGoesOn();
    assertThat(running.endStream()).isPositive();
  }

  @Test
  void aLabIsRolledBackToASnapshotThatItsHostsKeepAlsoWhereItHasMoved() throws Exception {
    running.run("right", "echo before > /root/file; sync");
    KeepSnapshot keep = new KeepSnapshot(running.lab(), hosts, SnapshotNote.labelled(""));
    tasks.run("Snapshot", keep).awaitSuccess();
    int cut = running.counter("right");
    running.run("right", "echo after > /root/file; sync");
    running.lab().migrate("left", "florida").awaitSuccess();
    running.lab().settle().awaitSuccess();
    Topology moved = running.lab().topology();
    assertThat(moved).isNotEqualTo(topology);
    running.run("right", "until [ $(cat /tmp/counter) -gt " + (cut + 200) + " ]; do sleep 0.2; done");
    int latest = running.counter("right");
    running.lab().close();
    StoredSnapshots stored = new StoredSnapshots(hosts, List.of(ssh.url(0), ssh.url(1)), topology.id());
    RollBack back = new RollBack(stored, keep.report().snapshot(), moved, hosts, false);
    tasks.run("Roll back", back).awaitSuccess();
    assertThat(back.topology()).isEqualTo(topology);
    running = RunningLab.open(back.topology(), hosts);
    assertThat(running.lab().state().vm("left").host()).contains(ssh.url(0));
    assertThat(running.counter("right")).isLessThan(latest);
    assertThat(running.run("right", "cat /root/file")).isEqualTo("before");
    running.assertGoesOn();
    assertThat(running.endStream()).isPositive();
    assertThat(stored.list()).hasSize(1);
    stored.delete(keep.report().snapshot());
    assertHostsKeepNothing();
  }

  @Test
  void automaticSnapshotsComeByThemselvesAndOldOnesGo() throws Exception {
    KeepSnapshot asked = new KeepSnapshot(running.lab(), hosts, SnapshotNote.labelled("mine"));
    tasks.run("Snapshot", asked).awaitSuccess();
    BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    AutomaticSnapshots.Listener listener =
        new AutomaticSnapshots.Listener() {
          @Override
          public void taken(SnapshotReport report) {
            heard.add(report.snapshot());
          }

          @Override
          public void failed(LabException why) {
            heard.add(why);
          }
        };
    StoredSnapshots stored = new StoredSnapshots(hosts, List.of(ssh.url(0), ssh.url(1)), topology.id());
    List<Object> taken = new ArrayList<>();
    AutomaticSnapshots.Plan plan = new AutomaticSnapshots.Plan(Duration.ofSeconds(1), 2);
    try (AutomaticSnapshots _ = AutomaticSnapshots.start(running.lab(), hosts, tasks, plan, Optional::empty, listener)) {
      for (int i = 0; i < 4; i++) {
        taken.add(heard.poll(60, TimeUnit.SECONDS));
      }
    }
    assertThat(taken).doesNotContainNull().allMatch(each -> each instanceof String);
    while (!tasks.active().isEmpty()) { // one that is being cancelled
      Thread.sleep(20);
    }
    List<StoredSnapshots.Stored> all = stored.list();
    assertThat(all.getFirst().id()).isEqualTo(asked.report().snapshot());
    // between the fourth and its tidying up there may be three
    assertThat(all.size() - 1).isBetween(2, 3);
    assertThat(all.subList(1, all.size())).allMatch(StoredSnapshots.Stored::automatic);
    assertThat(all).extracting(StoredSnapshots.Stored::id).doesNotContain((String) taken.getFirst()).contains((String) taken.getLast());
    for (StoredSnapshots.Stored each : all) {
      stored.delete(each.id());
    }
    assertHostsKeepNothing();
    running.assertGoesOn();
    assertThat(running.endStream()).isPositive();
  }

  @Test
  void aCancelledSnapshotLeavesNothingAndTheNextOneWorks() throws Exception {
    Task task = tasks.run("Save", new SaveLab(running.lab(), hosts, file, BundleOptions.PLAIN));
    while (task.state().done() == 0 && !task.state().status().ended()) {
      Thread.sleep(5);
    }
    task.cancel();
    assertThatThrownBy(task::awaitSuccess).isInstanceOf(LabException.Cancelled.class);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
    assertHostsKeepNothing();
    running.assertGoesOn();
    save();
    assertThat(file).exists();
    assertThat(running.endStream()).isPositive();
  }

  @Test
  void aMigrationThatIsUnderWayIsWaitedFor() throws Exception {
    running.run("left", "head -c 20000000 /dev/urandom > /tmp/noise");
    Task moving = running.lab().migrate("left", "florida");
    running.lab().await(state -> state.vm("left").status() == VmStatus.MIGRATING);
    save();
    assertThat(moving.state().status().ended()).isTrue();
    moving.awaitSuccess();
    try (Bundle bundle = Bundle.open(file)) {
      assertThat(bundle.manifest().machine("left").orElseThrow().region()).isEqualTo("florida");
    }
    running.assertGoesOn();
    assertThat(running.endStream()).isPositive();
  }

  @Test
  void aHostThatIsCutOffEndsTheSnapshotNotTheLab() throws Exception {
    running.run("right", "head -c 20000000 /dev/urandom > /tmp/noise");
    Task task = tasks.run("Save", new SaveLab(running.lab(), hosts, file, BundleOptions.PLAIN));
    while (task.state().done() == 0 && !task.state().status().ended()) {
      Thread.sleep(5);
    }
    ssh.stopServer(1);
    try {
      assertThatThrownBy(task::awaitSuccess).isInstanceOf(LabException.class).hasMessageContaining("goes on running");
    } finally {
      ssh.restartServer(1);
    }
    assertThat(file).doesNotExist();
    running.lab().await(state -> state.vms().values().stream().allMatch(vm -> vm.status() == VmStatus.RUNNING));
    save();
    running.assertGoesOn();
    assertThat(running.endStream()).isPositive();
  }

  @Test
  void aFileThatCannotBeWrittenIsToldAndTheLabGoesOn() throws Exception {
    file = folder.resolve("no/such/folder/lab.mobitopolo");
    assertThatThrownBy(this::save)
        .isInstanceOf(LabException.FilesUnusable.class)
        .hasMessageContaining("can't be written")
        .hasMessageContaining("The lab goes on running");
    assertHostsKeepNothing();
    running.assertGoesOn();
  }

  @Test
  void aCancelledRestoreLeavesNothing() throws Exception {
    save();
    Topology copy = swapped(saved -> saved.withId(Ids.newLabId()));
    try (Bundle bundle = Bundle.open(file)) {
      Task task = tasks.run("Restore", new RestoreLab(bundle, List.of(copy), hosts, RestoreOptions.PLAIN));
      while (!task.state().phase().contains("Bringing") && !task.state().status().ended()) {
        Thread.sleep(1);
      }
      task.cancel();
      assertThatThrownBy(task::awaitSuccess).isInstanceOf(LabException.Cancelled.class);
    }
    for (int host = 0; host < 2; host++) {
      assertThat(hosts.host(ssh.url(host)).agent().call("vm.list", hosts.host(ssh.url(host)).agent().params().put("lab", copy.id())).path("vms")).isEmpty();
    }
    running.assertGoesOn();
  }
}
