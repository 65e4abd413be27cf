// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import org.mobitopolo.app.window.FxThread;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.LabListener;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.History;
import org.mobitopolo.topology.edit.PlaceNodes;

/**
 * A lab that is open in the window: the topology with undo and redo, the file it belongs to, and
 * the running lab as soon as there is one. It can be edited before its hosts have answered. Belongs
 * to one thread, the executor's; nothing in it waits.
 */
public final class LabDocument {
  private final Executor executor;
  private final Consumer<String> refused;
  private final History history;
  private final ReadOnlyObjectWrapper<Topology> topology = new ReadOnlyObjectWrapper<>();
  private final ReadOnlyObjectWrapper<LabState> state = new ReadOnlyObjectWrapper<>(LabState.EMPTY);
  private final ReadOnlyObjectWrapper<Optional<Path>> file = new ReadOnlyObjectWrapper<>();
  private final ReadOnlyObjectWrapper<Optional<String>> undoTitle =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final ReadOnlyObjectWrapper<Optional<String>> redoTitle =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final ReadOnlyObjectWrapper<Optional<Lab>> lab =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final ReadOnlyBooleanWrapper modified = new ReadOnlyBooleanWrapper();
  private final Map<String, Point> positionsBeforePlacing = new HashMap<>();
  private final LabListener listener;
  private boolean unsaved;

  /**
   * @param unsaved whether the topology as it is now stands in no file, as with a sample or a
   *     recovered one
   * @param refused takes the sentence why an edit was not possible
   */
  public LabDocument(
      Topology initial,
      Optional<Path> file,
      boolean unsaved,
      Executor executor,
      Consumer<String> refused) {
    this.executor = executor;
    this.refused = refused;
    this.unsaved = unsaved;
    this.file.set(file);
    listener = new Listener();
    history = new History(initial);
    refresh();
  }

  public ReadOnlyObjectProperty<Topology> topology() {
    return topology.getReadOnlyProperty();
  }

  public ReadOnlyObjectProperty<LabState> state() {
    return state.getReadOnlyProperty();
  }

  public ReadOnlyObjectProperty<Optional<Path>> file() {
    return file.getReadOnlyProperty();
  }

  /** Whether closing would lose changes. */
  public ReadOnlyBooleanProperty modified() {
    return modified.getReadOnlyProperty();
  }

  /** What undo would take back; empty when there is nothing. */
  public ReadOnlyObjectProperty<Optional<String>> undoTitle() {
    return undoTitle.getReadOnlyProperty();
  }

  /** What redo would do again; empty when there is nothing. */
  public ReadOnlyObjectProperty<Optional<String>> redoTitle() {
    return redoTitle.getReadOnlyProperty();
  }

  /** The running lab; empty until {@link #attach}. */
  public ReadOnlyObjectProperty<Optional<Lab>> lab() {
    return lab.getReadOnlyProperty();
  }

  /** Lets edits act on the lab from now on, and shows its state. */
  public void attach(Lab newLab) {
    lab.set(Optional.of(newLab));
    newLab.addListener(listener);
    state.set(newLab.state());
    if (!newLab.topology().equals(history.current())) {
      newLab.setTopology(history.current());
    }
  }

  /** Takes over what the hosts report. */
  void show(LabState newState) {
    state.set(newState);
  }

  /** Stops watching the lab, which goes on running. */
  public void detach() {
    lab.get()
        .ifPresent(
            running -> {
              running.removeListener(listener);
              running.close();
            });
    lab.set(Optional.empty());
  }

  /**
   * Changes the topology; the lab follows in the background. An edit that does not fit changes
   * nothing and is told why.
   */
  public void edit(Edit edit) {
    Topology before = history.current();
    try {
      history.apply(edit);
    } catch (IllegalArgumentException e) {
      refused.accept(e.getMessage());
      return;
    }
    rememberPositions(before);
    pass(edit);
    refresh();
  }

  /**
   * Takes the last edit back.
   *
   * @param sure asked, with their names, before machines that run would be deleted by it
   */
  public void undo(Predicate<List<String>> sure) {
    Topology before = history.current();
    history.undo().ifPresent(edit -> follow(edit, before, sure, history::redo));
  }

  /** Does the edit again that was taken back last; asks as {@link #undo} does. */
  public void redo(Predicate<List<String>> sure) {
    Topology before = history.current();
    history.redo().ifPresent(edit -> follow(edit, before, sure, history::undo));
  }

  private void follow(Edit edit, Topology before, Predicate<List<String>> sure, Runnable takeBack) {
    List<String> lost = runningMachinesMissing(before, history.current());
    if (!lost.isEmpty() && !sure.test(lost)) {
      takeBack.run();
      return;
    }
    rememberPositions(before);
    pass(edit);
    refresh();
  }

  private void pass(Edit edit) {
    lab.get()
        .ifPresent(
            running -> {
              try {
                running.update(edit::apply);
              } catch (IllegalArgumentException e) {
                running.setTopology(history.current());
              }
            });
  }

  /**
   * Where nodes stood before they went to another region: there they stand again should their
   * migration fail.
   */
  private void rememberPositions(Topology before) {
    for (Node node : history.current().nodes()) {
      before
          .node(node.id())
          .filter(old -> !old.region().equals(node.region()))
          .ifPresent(old -> positionsBeforePlacing.put(node.id(), old.position()));
    }
  }

  /**
   * Puts a node that migrates back into the region that it is about to leave: the lab cancels the
   * migration.
   */
  public void stay(String node) {
    vm(node)
        .migration()
        .map(migration -> Optional.of(migration.fromRegion()))
        .ifPresent(
            region -> {
              Point now = history.current().node(node).map(Node::position).orElse(new Point(0, 0));
              Point position = positionsBeforePlacing.getOrDefault(node, now);
              edit(new PlaceNodes(List.of(new PlaceNodes.Placement(node, region, position))));
            });
  }

  /** The topology now stands in the file. */
  public void saved(Path newFile) {
    history.markSaved();
    unsaved = false;
    file.set(Optional.of(newFile));
    refresh();
  }

  private void refresh() {
    topology.set(history.current());
    undoTitle.set(history.undoTitle());
    redoTitle.set(history.redoTitle());
    modified.set(unsaved || history.isModified());
  }

  /**
   * The lab has put nodes back into the region where they really are, as after a failed migration.
   * This becomes an edit like any other, so that undo tries the move again.
   */
  private void adoptPlacements() {
    if (lab.get().isEmpty()) {
      return;
    }
    Topology wish = lab.get().get().topology();
    List<PlaceNodes.Placement> placements = new ArrayList<>();
    for (Node node : wish.nodes()) {
      history
          .current()
          .node(node.id())
          .filter(mine -> !mine.region().equals(node.region()))
          .ifPresent(
              mine -> {
                Point position = positionsBeforePlacing.getOrDefault(node.id(), node.position());
                placements.add(new PlaceNodes.Placement(node.id(), node.region(), position));
              });
    }
    if (!placements.isEmpty()) {
      edit(new PlaceNodes(placements));
    }
  }

  // queries that the window's commands depend on

  public VmState vm(String node) {
    return state.get().vm(node);
  }

  /**
   * Ids of the nodes, of these or of all when there are none, that could be
   * started.
   */
  public List<String> startable(Collection<String> nodes) {
    return named(nodes).stream()
        .filter(
            node ->
                Set.of(VmStatus.STOPPED, VmStatus.CRASHED, VmStatus.PARKED)
                    .contains(vm(node).status()))
        .toList();
  }

  /**
   * Ids of the nodes, of these or of all when there are none, that could be
   * stopped.
   */
  public List<String> stoppable(Collection<String> nodes) {
    return named(nodes).stream()
        .filter(node -> vm(node).status().live() || vm(node).status() == VmStatus.PREPARING)
        .toList();
  }

  private List<String> named(Collection<String> nodes) {
    return history.current().nodes().stream()
        .map(Node::id)
        .filter(node -> nodes.isEmpty() || nodes.contains(node))
        .toList();
  }

  /** Names of the machines that an edit would delete while they run. */
  public List<String> runningMachinesRemovedBy(Edit edit) {
    Topology before = history.current();
    Topology after;
    try {
      after = edit.apply(before);
    } catch (IllegalArgumentException e) {
      return List.of();
    }
    return runningMachinesMissing(before, after);
  }

  private List<String> runningMachinesMissing(Topology before, Topology after) {
    Set<String> kept = after.nodes().stream().map(Node::id).collect(Collectors.toSet());
    return before.nodes().stream()
        .filter(node -> !kept.contains(node.id()) && vm(node.id()).status().live())
        .map(Node::name)
        .toList();
  }

  private final class Listener implements LabListener {
    private final Consumer<LabState> latest = FxThread.latest(executor, LabDocument.this::show);

    @Override
    public void stateChanged(LabState newState) {
      latest.accept(newState);
    }

    @Override
    public void topologyChanged(Topology newTopology) {
      executor.execute(LabDocument.this::adoptPlacements);
    }
  }
}
