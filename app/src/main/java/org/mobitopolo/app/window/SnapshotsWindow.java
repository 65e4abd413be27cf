// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javafx.stage.FileChooser;
import javafx.stage.Stage;
import javafx.util.Subscription;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.snapshots.SnapshotsPane;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.ExportSnapshot;
import org.mobitopolo.snapshot.RollBack;
import org.mobitopolo.snapshot.StoredSnapshots;
import org.mobitopolo.snapshot.StoredSnapshots.Stored;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** The snapshots that the hosts of a lab keep, in a window of their own. FX thread. */
final class SnapshotsWindow implements SnapshotsPane.Actions {
  private final WindowContext context;
  private final SnapshotActions snapshots;
  private final LabDesk desk;
  private final OpenLab lab;
  private final Set<String> asked = new HashSet<>();
  private final SnapshotsPane pane;
  private final Stage stage;

  private SnapshotsWindow(
      WindowContext context, Stage owner, SnapshotActions snapshots, LabDesk desk, OpenLab lab) {
    this.context = context;
    this.snapshots = snapshots;
    this.desk = desk;
    this.lab = lab;
    pane = new SnapshotsPane(context.texts(), snapshots.repeats(lab), this);
    Subscription following =
        lab.document()
            .state()
            .subscribe(
                state ->
                    pane.setTakeable(
                        state.liveVms() > 0 && lab.document().lab().get().isPresent()));
    stage =
        ToolWindow.show(
            context, owner, context.texts().get("snapshots.title", topology().name()), pane);
    stage.setOnHidden(
        _ -> {
          following.unsubscribe();
          snapshots.watch(lab, () -> {});
        });
    snapshots.watch(lab, this::refresh);
    refresh();
  }

  static SnapshotsWindow open(
      WindowContext context, Stage owner, SnapshotActions snapshots, LabDesk desk, OpenLab lab) {
    return new SnapshotsWindow(context, owner, snapshots, desk, lab);
  }

  Stage stage() {
    return stage;
  }

  private Topology topology() {
    return lab.document().topology().get();
  }

  private StoredSnapshots stored() {
    return new StoredSnapshots(
        context.hosts(),
        topology().regions().stream().map(Region::host).toList(),
        topology().id());
  }

  private void refresh() {
    StoredSnapshots stored = stored();
    context
        .io()
        .execute(
            () -> {
              try {
                List<Stored> all = stored.list();
                context.fx().execute(() -> pane.show(all));
                all.forEach(each -> picture(stored, each.id()));
              } catch (LabException e) {
                context.fx().execute(() -> pane.showFailure(e.getMessage()));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Fetches a picture once. Not for the FX thread. */
  private void picture(StoredSnapshots stored, String snapshot) {
    synchronized (asked) {
      if (!asked.add(snapshot)) {
        return;
      }
    }
    try {
      stored
          .note(snapshot)
          .thumbnail()
          .ifPresent(png -> context.fx().execute(() -> pane.showPicture(snapshot, png)));
    } catch (LabException e) {
      // it may be gone; the list says so next time
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void take(String name) {
    snapshots.keep(lab, name).ifPresent(this::refreshAfter);
  }

  private void refreshAfter(Task task) {
    task.end().thenAccept(_ -> context.fx().execute(this::refresh));
  }

  @Override
  public void repeat(Optional<Duration> every) {
    snapshots.repeat(lab, every);
  }

  @Override
  public void rollBack(Stored snapshot) {
    boolean sure =
        context
            .dialogs()
            .confirm(
                context.texts().get("snapshots.roll-back-question", topology().name()),
                context.texts().get("snapshots.roll-back-text"),
                context.texts().get("snapshots.roll-back"),
                Dialogs.Role.DANGER);
    if (sure) {
      rollBackNow(snapshot);
    }
  }

  Task rollBackNow(Stored snapshot) {
    RollBack work = new RollBack(stored(), snapshot.id(), topology(), context.hosts(), false);
    Task task =
        desk.remake(
            lab,
            context.texts().get("snapshots.roll-back-task", topology().name()),
            work,
            work::topology);
    refreshAfter(task);
    return task;
  }

  @Override
  public void export(Stored snapshot) {
    FileChooser chooser = snapshots.chooser(context.texts().get("snapshots.export"));
    chooser.setInitialFileName(SnapshotActions.fileName(topology().name()));
    Optional.ofNullable(chooser.showSaveDialog(stage))
        .map(File::toPath)
        .ifPresent(file -> export(snapshot, file, snapshots.isWhole(chooser)));
  }

  private void export(Stored snapshot, Path file, boolean images) {
    ExportSnapshot work =
        new ExportSnapshot(
            stored(),
            snapshot.id(),
            topology(),
            context.hosts(),
            file,
            new BundleOptions(images, Optional.empty()));
    context.tasks().run(context.texts().get("snapshots.export-task", file.getFileName()), work);
  }

  @Override
  public void rename(Stored snapshot, String name) {
    change(stored -> stored.rename(snapshot.id(), name));
  }

  @Override
  public void delete(Stored snapshot) {
    change(stored -> stored.delete(snapshot.id()));
  }

  /** What is done on the hosts. */
  private interface Change {
    void make(StoredSnapshots stored) throws InterruptedException;
  }

  private void change(Change change) {
    StoredSnapshots stored = stored();
    refreshAfter(
        context
            .tasks()
            .run(context.texts().get("snapshots.change-task"), _ -> change.make(stored)));
  }
}
