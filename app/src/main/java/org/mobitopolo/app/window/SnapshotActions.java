// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.Image;
import javafx.scene.image.WritableImage;
import javafx.stage.FileChooser;
import javafx.stage.Stage;
import javax.imageio.ImageIO;
import org.mobitopolo.app.window.dialog.CopiesDialog;
import org.mobitopolo.app.window.dialog.RestoreDialog;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.snapshot.AutomaticSnapshots;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.KeepSnapshot;
import org.mobitopolo.snapshot.Placement;
import org.mobitopolo.snapshot.RestoreLab;
import org.mobitopolo.snapshot.RestoreOptions;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.SnapshotNote;
import org.mobitopolo.snapshot.SnapshotReport;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * Saves the running lab as one file, makes running labs of such files, and copies of the lab that
 * is open. Each is a task that can be cancelled. FX thread.
 */
final class SnapshotActions {
  private static final double PICTURE_SCALE = 0.5;

  private static final double THUMBNAIL_SCALE = 0.3;
  private static final long PICTURE_SECONDS = 5;

  /** So many snapshots that were taken by themselves are kept. */
  private static final int KEPT = 6;

  private final WindowContext context;
  private final Stage window;
  private final LabDesk desk;
  private final Map<String, Duration> wished = new HashMap<>();
  private final Set<OpenLab> followed = new HashSet<>();
  private final Map<String, AutomaticSnapshots> automatic = new HashMap<>();
  private final Map<String, Runnable> watchers = new HashMap<>();
  private Optional<CopiesWindow> copies = Optional.empty();

  SnapshotActions(WindowContext context, Stage window, LabDesk desk) {
    this.context = context;
    this.window = window;
    this.desk = desk;
  }

  private Texts texts() {
    return context.texts();
  }

  /** Saves the lab that is seen, while it runs, to a file that the user chooses. */
  void save() {
    desk.tabs()
        .current()
        .get()
        .ifPresent(
            lab -> {
              FileChooser chooser = chooser(texts().get("command.snapshot"));
              chooser.setInitialFileName(fileName(lab.document().topology().get().name()));
              Optional.ofNullable(chooser.showSaveDialog(window))
                  .ifPresent(file -> save(lab, file.toPath(), isWhole(chooser)));
            });
  }

  /** Shows the snapshots that hosts keep of the lab that is seen. */
  void list() {
    desk.tabs().current().get().ifPresent(this::list);
  }

  SnapshotsWindow list(OpenLab lab) {
    return SnapshotsWindow.open(context, window, this, desk, lab);
  }

  /** Takes a snapshot that the hosts keep; empty before they have answered. */
  Optional<Task> keep(OpenLab lab, String name) {
    return take(
        lab,
        THUMBNAIL_SCALE,
        (running, picture, progress) ->
            new KeepSnapshot(
                    running,
                    context.hosts(),
                    new SnapshotNote(
                        name, false, Optional.empty(), picture.map(SnapshotActions::png)))
                .run(progress));
  }

  /** What is done in the background with a lab that runs, and its picture. */
  @FunctionalInterface
  private interface Taking {
    void run(Lab running, Optional<WritableImage> picture, Task.Progress progress)
        throws InterruptedException;
  }

  /** Empty before the lab's hosts have answered. */
  private Optional<Task> take(OpenLab lab, double scale, Taking taking) {
    Optional<WritableImage> picture = lab.view().canvas().picture(scale);
    return lab.document()
        .lab()
        .get()
        .map(
            running ->
                context
                    .tasks()
                    .run(
                        texts().get("snapshot.task", running.topology().name()),
                        progress -> taking.run(running, picture, progress)));
  }

  /** How often snapshots of a lab are taken by themselves. */
  Optional<Duration> repeats(OpenLab lab) {
    return Optional.ofNullable(wished.get(id(lab)));
  }

  /** Takes snapshots every so often, as long as the lab is open here, or no more. */
  void repeat(OpenLab lab, Optional<Duration> every) {
    every.ifPresentOrElse(time -> wished.put(id(lab), time), () -> wished.remove(id(lab)));
    if (followed.add(lab)) {
      lab.document().lab().subscribe(_ -> follow(lab));
    } else {
      follow(lab);
    }
  }

  private void follow(OpenLab lab) {
    Optional.ofNullable(automatic.remove(id(lab))).ifPresent(AutomaticSnapshots::close);
    Optional<Lab> running = lab.document().lab().get();
    Optional<Duration> every = repeats(lab);
    if (every.isPresent() && running.isPresent()) {
      automatic.put(
          id(lab),
          AutomaticSnapshots.start(
              running.get(),
              context.hosts(),
              context.tasks(),
              new AutomaticSnapshots.Plan(every.get(), KEPT),
              () -> picture(lab),
              new Heard(lab)));
    }
  }

  private static String id(OpenLab lab) {
    return lab.document().topology().get().id();
  }

  /** Has someone told when a snapshot of a lab was taken by itself. */
  void watch(OpenLab lab, Runnable newWatcher) {
    watchers.put(id(lab), newWatcher);
  }

  /** Tells on the FX thread. */
  private final class Heard implements AutomaticSnapshots.Listener {
    private final OpenLab lab;

    Heard(OpenLab lab) {
      this.lab = lab;
    }

    @Override
    public void taken(SnapshotReport report) {
      context.fx().execute(() -> watchers.getOrDefault(id(lab), () -> {}).run());
    }

    @Override
    public void failed(LabException why) {
      // the task that failed is shown with its reason
    }
  }

  /** The lab as it looks now; not for the FX thread. */
  private Optional<byte[]> picture(OpenLab lab) {
    CompletableFuture<Optional<WritableImage>> taken = new CompletableFuture<>();
    context
        .fx()
        .execute(() -> taken.complete(lab.view().canvas().picture(THUMBNAIL_SCALE)));
    try {
      return taken.get(PICTURE_SECONDS, TimeUnit.SECONDS).map(SnapshotActions::png);
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** A name for the bundle of a lab. */
  static String fileName(String lab) {
    return lab.strip().replaceAll("[^\\p{L}\\p{N}._-]+", "-") + Bundle.SUFFIX;
  }

  /** Chooses bundles; when saving, one kind of them has the base images in it. */
  FileChooser chooser(String title) {
    FileChooser chooser = new FileChooser();
    chooser.setTitle(title);
    chooser
        .getExtensionFilters()
        .addAll(
            new FileChooser.ExtensionFilter(texts().get("snapshot.filter"), "*" + Bundle.SUFFIX),
            new FileChooser.ExtensionFilter(texts().get("snapshot.filter-whole"), "*" + Bundle.SUFFIX));
    return chooser;
  }

  /** Whether the kind with base images was chosen. */
  boolean isWhole(FileChooser chooser) {
    return Optional.ofNullable(chooser.getSelectedExtensionFilter())
        .map(FileChooser.ExtensionFilter::getDescription)
        .filter(texts().get("snapshot.filter-whole")::equals)
        .isPresent();
  }

  /** Saves a lab to a file; nothing happens before its hosts have answered. */
  Optional<Task> save(OpenLab lab, Path file, boolean images) {
    return take(
        lab,
        PICTURE_SCALE,
        (running, picture, progress) ->
            save(
                running,
                file,
                new BundleOptions(images, picture.map(SnapshotActions::png)),
                progress));
  }

  private void save(Lab lab, Path file, BundleOptions options, Task.Progress progress)
      throws InterruptedException {
    SaveLab work = new SaveLab(lab, context.hosts(), file, options);
    work.run(progress);
    context
        .notices()
        .show(
            Notice.success(
                texts().get("snapshot.saved", file.getFileName()),
                texts()
                    .get(
                        "snapshot.saved.text",
                        Units.bytes(work.report().file()),
                        Units.milliseconds(work.report().longestDowntimeMs()))));
  }

  private static byte[] png(WritableImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(SwingFXUtils.fromFXImage(image, null), "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Lets the user choose a file, and where the labs made of it shall run. */
  void restore() {
    File file = chooser(texts().get("command.restore")).showOpenDialog(window);
    if (file != null) {
      restore(file.toPath());
    }
  }

  /** Asks where the labs made of a file shall run, and makes them. */
  void restore(Path file) {
    context.io().execute(() -> lookInto(file));
  }

  /** Whether a file holds a running lab, by its name. */
  static boolean isBundle(Path file) {
    return file.toString().endsWith(Bundle.SUFFIX);
  }

  /** Reads what the file holds. Not for the FX thread. */
  private void lookInto(Path file) {
    try (Bundle bundle = Bundle.open(file)) {
      Manifest manifest = bundle.manifest();
      Optional<byte[]> thumbnail = bundle.thumbnail();
      Set<HostUrl> known = context.knownLabs().hosts();
      context.settings().addRecentFile(file);
      context.fx().execute(() -> ask(file, manifest, thumbnail, known));
    } catch (LabException e) {
      context.settings().removeRecentFile(file);
      context
          .notices()
          .show(Notice.error(texts().get("restore.not-readable", file.getFileName()), e.getMessage()));
    }
  }

  private void ask(
      Path file, Manifest manifest, Optional<byte[]> thumbnail, Set<HostUrl> known) {
    Map<HostUrl, StringProperty> choices = new LinkedHashMap<>();
    hosts().forEach(host -> choices.put(host, new SimpleStringProperty("")));
    known.forEach(host -> choices.putIfAbsent(host, new SimpleStringProperty("")));
    choices.forEach((host, memory) -> context.io().execute(() -> tellMemory(host, memory)));
    new RestoreDialog(context.dialogs(), texts())
        .ask(manifest, thumbnail, choices, url -> HostStates.name(url, texts()))
        .ifPresent(answer -> restore(file, answer));
  }

  /** Waits for the host. Not for the FX thread. */
  private void tellMemory(HostUrl host, StringProperty memory) {
    String text;
    try {
      HostFacts facts = context.hosts().host(host).agent().facts();
      text = texts().get("restore.free", Units.bytes(Placement.free(facts)));
    } catch (LabException e) {
      text = texts().get("restore.unreachable");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    String known = text;
    context.fx().execute(() -> memory.set(known));
  }

  /** Makes running copies of the lab that is seen. */
  void replicate() {
    desk.tabs()
        .current()
        .get()
        .ifPresent(
            open ->
                open.document()
                    .lab()
                    .get()
                    .ifPresent(
                        lab ->
                            new CopiesDialog(context.dialogs(), texts())
                                .ask(
                                    texts()
                                        .get("snapshot.replicate-question", lab.topology().name()),
                                    texts().get("snapshot.replicate"),
                                    2,
                                    List.copyOf(hosts()),
                                    url -> HostStates.name(url, texts()))
                                .ifPresent(answer -> replicate(open, lab, answer))));
  }

  /** This computer, and the hosts of the open labs. */
  private Set<HostUrl> hosts() {
    Set<HostUrl> hosts = new LinkedHashSet<>();
    hosts.add(HostUrl.LOCAL);
    for (OpenLab lab : desk.tabs().all()) {
      lab.document().topology().get().regions().stream().map(Region::host).forEach(hosts::add);
    }
    return hosts;
  }

  /** How labs are made of a bundle. */
  private record Making(
      Path file, int count, Map<String, HostUrl> chosen, List<HostUrl> allowed, boolean keepClock) {}

  /** Makes running labs of a file. */
  Task restore(Path file, RestoreDialog.Answer answer) {
    Making making =
        new Making(
            file, answer.count(), answer.hosts(), List.copyOf(hosts()), answer.keepClock());
    return context
        .tasks()
        .run(
            texts().get("snapshot.restore-task", file.getFileName()),
            progress -> make(making, progress));
  }

  /** Makes running copies of a lab, through a file that goes afterwards. */
  Task replicate(OpenLab open, Lab lab, CopiesDialog.Answer answer) {
    List<HostUrl> allowed = answer.host().map(List::of).orElseGet(() -> List.copyOf(hosts()));
    Optional<WritableImage> picture = open.view().canvas().picture(THUMBNAIL_SCALE);
    return context
        .tasks()
        .run(
            texts().get("snapshot.replicate-task", lab.topology().name()),
            progress -> {
              Path file = temporary();
              try {
                BundleOptions options =
                    new BundleOptions(false, picture.map(SnapshotActions::png));
                new SaveLab(lab, context.hosts(), file, options).run(progress);
                make(
                    new Making(file, answer.count(), Map.of(), allowed, answer.keepClock()),
                    progress);
              } finally {
                delete(file);
              }
            });
  }

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("mobitopolo-copies-");
      return folder.resolve("lab" + Bundle.SUFFIX);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void make(Making making, Task.Progress progress) throws InterruptedException {
    List<Topology> labs = new ArrayList<>();
    Optional<byte[]> thumbnail;
    try (Bundle bundle = Bundle.open(making.file())) {
      thumbnail = bundle.thumbnail();
      List<HostUrl> allowed =
          making.chosen().size() == bundle.manifest().topology().regions().size()
              ? List.of()
              : making.allowed();
      Placement placement = new Placement(bundle.manifest(), context.hosts(), allowed);
      for (int i = 1; i <= making.count(); i++) {
        Topology place = placement.next(making.chosen());
        String name =
            making.count() == 1 ? place.name() : texts().get("snapshot.copy-name", place.name(), i);
        labs.add(place.withId(Ids.newLabId()).withName(name));
      }
      new RestoreLab(bundle, labs, context.hosts(), new RestoreOptions(making.keepClock(), false))
          .run(progress);
    }
    labs.forEach(lab -> context.knownLabs().remember(lab, Optional.empty()));
    context.fx().execute(() -> show(labs, thumbnail));
    context.notices().show(Notice.success(texts().get("snapshot.made", labs.size()), ""));
  }

  /** One lab in a tab, several as copies in a window of their own. */
  private void show(List<Topology> labs, Optional<byte[]> thumbnail) {
    if (labs.size() == 1) {
      desk.openMade(labs.getFirst());
    } else {
      Optional<Image> picture = thumbnail.map(png -> new Image(new ByteArrayInputStream(png)));
      copies = Optional.of(CopiesWindow.open(context, window, desk, labs, picture));
    }
  }

  /** The window of the copies made last. */
  Optional<CopiesWindow> copies() {
    return copies;
  }
}
