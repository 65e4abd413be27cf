// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.AddNode;
import org.mobitopolo.topology.edit.PlaceNodes;
import org.mobitopolo.topology.edit.RemoveNode;
import org.mobitopolo.topology.edit.RenameNode;

class LabDocumentTest {
  private final List<String> refusals = new ArrayList<>();

  private final LabDocument document =
      new LabDocument(topology(), Optional.empty(), false, Runnable::run, refusals::add);

  @Test
  void anEditCanBeUndoneAndDoneAgainByItsTitle() {
    Topology before = document.topology().get();
    document.edit(new RenameNode("a", "alpha"));
    assertThat(document.topology().get().nodeNamed("alpha")).isPresent();
    assertThat(document.undoTitle().get()).contains("Rename a to alpha");
    document.undo(_ -> true);
    assertThat(document.topology().get()).isEqualTo(before);
    assertThat(document.undoTitle().get()).isEmpty();
    assertThat(document.redoTitle().get()).contains("Rename a to alpha");
    document.redo(_ -> true);
    assertThat(document.topology().get().nodeNamed("alpha")).isPresent();
  }

  @Test
  void anEditThatDoesNotFitChangesNothingAndSaysWhy() {
    Topology before = document.topology().get();
    document.edit(new RemoveNode("nobody"));
    assertThat(document.topology().get()).isEqualTo(before);
    assertThat(refusals).singleElement().asString().contains("nobody");
  }

  @Test
  void itIsModifiedFromTheFirstEditUntilItIsSaved() {
    assertThat(document.modified().get()).isFalse();
    document.edit(new RenameNode("a", "alpha"));
    assertThat(document.modified().get()).isTrue();
    document.saved(Path.of("lab.json"));
    assertThat(document.modified().get()).isFalse();
    assertThat(document.file().get()).contains(Path.of("lab.json"));
    document.undo(_ -> true);
    assertThat(document.modified().get()).isTrue();
  }

  @Test
  void aRecoveredTopologyIsUnsavedFromTheStart() {
    LabDocument recovered =
        new LabDocument(
            topology(), Optional.of(Path.of("lab.json")), true, Runnable::run, refusals::add);
    assertThat(recovered.modified().get()).isTrue();
  }

  @Test
  void onlyMachinesThatDoNotRunCanBeStartedAndOnlyThoseThatRunStopped() {
    document.show(state(Map.of("a", VmStatus.RUNNING, "b", VmStatus.CRASHED)));
    assertThat(document.startable(List.of())).containsExactly("b");
    assertThat(document.stoppable(List.of())).containsExactly("a");
    assertThat(document.startable(List.of("a"))).isEmpty();
  }

  @Test
  void namesTheRunningMachinesThatAnEditWouldDelete() {
    document.show(state(Map.of("a", VmStatus.RUNNING, "b", VmStatus.STOPPED)));
    assertThat(document.runningMachinesRemovedBy(new RemoveNode("a"))).containsExactly("a");
    assertThat(document.runningMachinesRemovedBy(new RemoveNode("b"))).isEmpty();
    assertThat(document.runningMachinesRemovedBy(new RenameNode("a", "x"))).isEmpty();
  }

  @Test
  void undoThatWouldDeleteARunningMachineAsksFirst() {
    VirtualMachine fresh =
        VirtualMachine.create("c", "c", new Point(200, 200)).withRegion(Optional.of("r1"));
    document.edit(new AddNode(fresh));
    document.show(state(Map.of("c", VmStatus.RUNNING)));
    List<List<String>> asked = new ArrayList<>();
    document.undo(names -> !asked.add(names));
    assertThat(asked).containsExactly(List.of("c"));
    assertThat(document.topology().get().node("c")).isPresent();
    document.undo(_ -> true);
    assertThat(document.topology().get().node("c")).isEmpty();
  }

  @Test
  void aMachineThatIsToStayGoesBackToItsOldRegionAndPlace() {
    Point old = document.topology().get().node("a").orElseThrow().position();
    document.edit(
        new PlaceNodes(
            List.of(new PlaceNodes.Placement("a", Optional.of("r2"), new Point(700, 90)))));
    VmState moving =
        vm("a", VmStatus.MIGRATING, Optional.of(MigrationProgress.begun("m", "r1", "r2")));
    document.show(new LabState(Map.of("a", moving), Map.of(), Map.of()));
    document.stay("a");
    assertThat(document.topology().get().node("a").orElseThrow().region()).contains("r1");
    assertThat(document.topology().get().node("a").orElseThrow().position()).isEqualTo(old);
  }

  private static Topology topology() {
    return Topology.empty("lab", "Lab")
        .withRegions(
            List.of(
                new Region("r1", "One", HostUrl.LOCAL, new Bounds(0, 0, 400, 300), "blue"),
                new Region("r2", "Two", HostUrl.LOCAL, new Bounds(500, 0, 400, 300), "green")))
        .withNodes(
            List.of(
                VirtualMachine.create("a", "a", new Point(100, 100)).withRegion(Optional.of("r1")),
                VirtualMachine.create("b", "b", new Point(300, 100))
                    .withRegion(Optional.of("r1"))));
  }

  private static LabState state(Map<String, VmStatus> statuses) {
    Map<String, VmState> vms = new HashMap<>();
    statuses.forEach((node, status) -> vms.put(node, vm(node, status, Optional.empty())));
    return new LabState(vms, Map.of(), Map.of());
  }

  private static VmState vm(String node, VmStatus status, Optional<MigrationProgress> migration) {
    return new VmState(
        node,
        status,
        "",
        OptionalDouble.empty(),
        Optional.of("r1"),
        Optional.of(HostUrl.LOCAL),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        0,
        0,
        migration,
        Optional.empty());
  }
}
