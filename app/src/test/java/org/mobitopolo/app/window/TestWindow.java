// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.stage.Screen;
import javafx.stage.Stage;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.KnownLabs;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.DocumentStates;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.status.Notices;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.NativeParts;
import org.mobitopolo.host.SshSettings;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.testing.Pictures;
import org.mobitopolo.topology.Topology;
import org.testfx.api.FxRobot;

/** The main window without any host; what a lab would report is made up by the tests. */
final class TestWindow implements AutoCloseable {
  private static final double WIDTH = 1360;
  private static final double HEIGHT = 860;
  private static final long PATIENCE_MS = 30_000;

  private final FxRobot robot = new FxRobot();
  private final ExecutorService io = Executors.newVirtualThreadPerTaskExecutor();
  private final Stage stage;
  private final WindowContext context;
  private final MainWindow window;

  /**
   * Shows it. Not on the FX thread.
   *
   * @param folder where everything that it keeps goes
   */
  TestWindow(Stage stage, Path folder, Language language) {
    this.stage = stage;
    samples(folder);
    image(folder, "small", "Busybox, iproute2, nftables and tools of networks.", 64);
    FxThread fx = new FxThread();
    Texts texts = Texts.in(language);
    Hosts hosts =
        new Hosts(
            new NativeParts(
                folder.resolve("linux"), folder.resolve("mobihost"), List.of(folder.resolve("images"))),
            SshSettings.ofAccount(folder, Map.of()),
            HostKeyPolicy.KNOWN_ONLY,
            Credentials.NONE);
    context =
        on(
            () ->
                new WindowContext(
                    new Installation(folder),
                    texts,
                    new KnownLabs(folder.resolve("labs.json")),
                    hosts,
                    new Tasks(),
                    new Settings(folder),
                    new Autosave(folder),
                    new Library(List.of(folder.resolve("images")), folder.resolve("templates"), fx, io),
                    new Theme(Theme.Choice.LIGHT),
                    new Notices(fx, InstantSource.system()),
                    new Dialogs(() -> stage, texts),
                    folder.resolve(".ssh"),
                    fx,
                    io));
    window =
        on(
            () -> {
              MainWindow made = new MainWindow(stage, context);
              stage.setWidth(WIDTH);
              stage.setHeight(HEIGHT);
              made.show();
              return made;
            });
  }

  private static void samples(Path folder) {
    try (Stream<Path> files = Files.list(Path.of("src/main/samples"))) {
      Path samples = Files.createDirectories(folder.resolve("samples"));
      for (Path file : files.toList()) {
        Files.copy(
            file, samples.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts an image into the catalogue: as far as the window goes, a description and a file. */
  private static void image(Path folder, String name, String description, int memory) {
    try {
      Path images = Files.createDirectories(folder.resolve("images"));
      Files.writeString(images.resolve(name + ".img.zst"), "");
      Files.writeString(
          images.resolve(name + ".json"),
          """
          {"name": "%s", "sha256": "%s", "sizeBytes": 67108864, "description": "%s",
           "defaults": {"memoryMiB": %d}}
          """
              .formatted(name, "0".repeat(64), description, memory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  WindowContext context() {
    return context;
  }

  MainWindow window() {
    return window;
  }

  ExecutorService io() {
    return io;
  }

  LabDocument document() {
    return window.current().get().orElseThrow();
  }

  Topology topology() {
    return on(() -> document().topology().get());
  }

  DocumentView view() {
    return window.view().orElseThrow();
  }

  void select(String... ids) {
    robot.interact(() -> view().canvas().selection().set(Set.of(ids)));
  }

  /** Opens a lab and shows it in this state. */
  void show(Topology topology, LabState state) {
    robot.interact(
        () ->
            window
                .desk()
                .show(new LabDocument(topology, Optional.empty(), false, context.fx(), _ -> {})));
    show(state);
  }

  void show(LabState state) {
    robot.interact(() -> DocumentStates.show(document(), state));
  }

  /** The middle of an element of the canvas, on the screen. */
  Point2D place(String id) {
    return on(
        () -> {
          Node found = stage.getScene().lookup("#" + id);
          Bounds bounds = found.localToScreen(found.getLayoutBounds());
          return new Point2D(bounds.getCenterX(), bounds.getCenterY());
        });
  }

  /** A place of the canvas' world, on the screen. */
  Point2D screen(double x, double y) {
    return on(
        () -> {
          var local = view().canvas().toView(new org.mobitopolo.topology.Point(x, y));
          return view().canvas().localToScreen(local.x(), local.y());
        });
  }

  static <T> T on(Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Platform.runLater(task);
    try {
      return task.get();
    } catch (Exception e) {
      throw new AssertionError("the FX thread did not answer", e);
    }
  }

  /** Waits until something is so, which is looked at on the FX thread. */
  void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (!on(condition::getAsBoolean)) {
      if (System.nanoTime() > deadline) {
        Pictures.save("failed", robot.capture(Screen.getPrimary().getBounds()).getImage());
        throw new AssertionError(
            "waited too long for " + what + "; target/gallery/failed.png shows the window then");
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + what, e);
      }
    }
  }

  @Override
  public void close() {
    robot.interact(
        () -> {
          window.dispose();
          stage.close();
        });
    context.hosts().close();
    io.shutdown();
  }
}
