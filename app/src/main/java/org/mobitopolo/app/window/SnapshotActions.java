// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.WritableImage;
import javafx.stage.FileChooser;
import javafx.stage.Window;
import javax.imageio.ImageIO;
import org.mobitopolo.app.window.dialog.CopiesDialog;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.Placement;
import org.mobitopolo.snapshot.RestoreLab;
import org.mobitopolo.snapshot.RestoreOptions;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.bundle.Bundle;
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
  private static final String SUFFIX = ".mobitopolo";
  private static final double PICTURE_SCALE = 0.5;

  /**
   * Copies beyond that many are not opened in tabs; the welcome page lists them as running labs.
   */
  private static final int MOST_TABS = 8;

  private final WindowContext context;
  private final Window window;
  private final LabDesk desk;

  SnapshotActions(WindowContext context, Window window, LabDesk desk) {
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
            lab ->
                choose(lab.document().topology().get().name()).ifPresent(file -> save(lab, file)));
  }

  private Optional<Path> choose(String name) {
    FileChooser chooser = chooser(texts().get("command.snapshot"));
    chooser.setInitialFileName(name.strip().replaceAll("[^\\p{L}\\p{N}._-]+", "-") + SUFFIX);
    return Optional.ofNullable(chooser.showSaveDialog(window)).map(File::toPath);
  }

  private FileChooser chooser(String title) {
    FileChooser chooser = new FileChooser();
    chooser.setTitle(title);
    chooser
        .getExtensionFilters()
        .add(new FileChooser.ExtensionFilter(texts().get("snapshot.filter"), "*" + SUFFIX));
    return chooser;
  }

  /** Saves a lab to a file; nothing happens before its hosts have answered. */
  Optional<Task> save(OpenLab lab, Path file) {
    Optional<WritableImage> picture = lab.view().canvas().picture(PICTURE_SCALE);
    return lab.document()
        .lab()
        .get()
        .map(
            running ->
                context
                    .tasks()
                    .run(
                        texts().get("snapshot.task", running.topology().name()),
                        progress -> save(running, file, picture, progress)));
  }

  private void save(Lab lab, Path file, Optional<WritableImage> picture, Task.Progress progress)
      throws InterruptedException {
    SaveLab work =
        new SaveLab(
            lab,
            context.hosts(),
            file,
            new BundleOptions(false, picture.map(SnapshotActions::png)));
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
      ask(texts().get("snapshot.restore-question", file.getName()), "snapshot.restore", 1)
          .ifPresent(answer -> restore(file.toPath(), answer));
    }
  }

  /** Makes running copies of the lab that is seen. */
  void replicate() {
    desk.tabs()
        .current()
        .get()
        .flatMap(lab -> lab.document().lab().get())
        .ifPresent(
            lab ->
                ask(
                        texts().get("snapshot.replicate-question", lab.topology().name()),
                        "snapshot.replicate",
                        2)
                    .ifPresent(answer -> replicate(lab, answer)));
  }

  private Optional<CopiesDialog.Answer> ask(String question, String button, int count) {
    return new CopiesDialog(context.dialogs(), texts())
        .ask(
            question,
            texts().get(button),
            count,
            List.copyOf(hosts()),
            url -> HostStates.name(url, texts()));
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

  /** Makes running labs of a file. */
  Task restore(Path file, CopiesDialog.Answer answer) {
    Set<HostUrl> hosts = hosts();
    return context
        .tasks()
        .run(
            texts().get("snapshot.restore-task", file.getFileName()),
            progress -> make(file, answer, hosts, progress));
  }

  /** Makes running copies of a lab, through a file that goes afterwards. */
  Task replicate(Lab lab, CopiesDialog.Answer answer) {
    Set<HostUrl> hosts = hosts();
    return context
        .tasks()
        .run(
            texts().get("snapshot.replicate-task", lab.topology().name()),
            progress -> {
              Path file = temporary();
              try {
                new SaveLab(lab, context.hosts(), file, BundleOptions.PLAIN).run(progress);
                make(file, answer, hosts, progress);
              } finally {
                delete(file);
              }
            });
  }

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("mobitopolo-copies-");
      return folder.resolve("lab" + SUFFIX);
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

  private void make(
      Path file, CopiesDialog.Answer answer, Set<HostUrl> hosts, Task.Progress progress)
      throws InterruptedException {
    List<Topology> labs = new ArrayList<>();
    try (Bundle bundle = Bundle.open(file)) {
      Placement placement =
          new Placement(
              bundle.manifest(),
              context.hosts(),
              answer.host().map(List::of).orElseGet(() -> List.copyOf(hosts)));
      for (int i = 1; i <= answer.count(); i++) {
        Topology place = placement.next();
        String name =
            answer.count() == 1 ? place.name() : texts().get("snapshot.copy-name", place.name(), i);
        labs.add(place.withId(Ids.newLabId()).withName(name));
      }
      new RestoreLab(bundle, labs, context.hosts(), new RestoreOptions(answer.keepClock(), false))
          .run(progress);
    }
    labs.forEach(lab -> context.knownLabs().remember(lab, Optional.empty()));
    context.fx().execute(() -> labs.stream().limit(MOST_TABS).forEach(desk::openMade));
    context.notices().show(Notice.success(texts().get("snapshot.made", labs.size()), ""));
  }
}
