// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.stage.Stage;
import javafx.stage.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.UserFolders;
import org.mobitopolo.app.window.dialog.CopiesDialog;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.terminal.TerminalView;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.snapshot.StoredSnapshots;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.testing.Pictures;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.edit.PlaceNodes;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;

/**
 * The window as its user has it: the sample lab with real VMs on this computer, through mouse and
 * keyboard. Everything lies in a folder of its own, so that no lab of the account is met.
 */
@ExtendWith(ApplicationExtension.class)
@Tag("long")
class WindowIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration VMS_START = Duration.ofSeconds(180);
  private static final Duration VMS_MOVE = Duration.ofSeconds(180);

  /**
   * CPU time of one piece of work; the first showing of a form, with all its styles, is the longest
   * that is accepted.
   */
  private static final Duration LONGEST_PIECE = Duration.ofMillis(400);

  private final FxRobot robot = new FxRobot();
  private Path folder;
  private Path labFile;
  private Installation installation;
  private Stage stage;
  private MobitopoloWindow.Session session;

  @Start
  void start(Stage newStage) {
    stage = newStage;
  }

  @BeforeEach
  void open() throws Exception {
    installation =
        new Installation(
            Path.of(System.getProperty(Installation.HOME_PROPERTY, "target/mobitopolo"))
                .toAbsolutePath());
    // unix sockets have short names, and so must the folder
    folder = Files.createTempDirectory(Path.of("/tmp"), "mw");
    Topology sample = TopologyJson.read(installation.sampleLab());
    HostUrl host = HostUrl.parse("local:" + folder.resolve("host"));
    Topology own =
        sample
            .withId("window-it-" + ProcessHandle.current().pid())
            .withRegions(sample.regions().stream().map(region -> region.withHost(host)).toList());
    labFile = folder.resolve("lab.json");
    TopologyJson.write(own, labFile);
    openWindow();
  }

  private void openWindow() {
    robot.interact(
        () ->
            session =
                new MobitopoloWindow(
                        installation, new UserFolders(folder, folder.resolve("state"), folder.resolve("data"), folder.resolve("cache")), Map.of())
                    .start(stage, Optional.of(labFile)));
    await(
        "the lab open",
        SOON,
        () ->
            on(
                () ->
                    session
                        .window()
                        .current()
                        .get()
                        .flatMap(document -> document.lab().get())
                        .isPresent()));
  }

  @AfterEach
  void close() throws Exception {
    try {
      lab().destroy().await();
    } finally {
      robot.interact(
          () -> {
            session.window().dispose();
            stage.close();
          });
      session.close();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          file.toFile().setWritable(true);
          Files.deleteIfExists(file);
        }
      }
    }
  }

  @Test
  void startsTheSampleTypesInAConsoleAndMovesAVmThereAndBackWithTheMouse() throws Exception {
    FxWatchdog watchdog = new FxWatchdog(LONGEST_PIECE);
    robot.press(KeyCode.CONTROL).type(KeyCode.R).release(KeyCode.CONTROL);
    await(
        "all VMs running",
        VMS_START,
        () -> List.of("client", "protocol", "content").stream().allMatch(this::runs));
    picture("real-running");

    openConsole("client");
    typeUntilAnswered("client", "echo $((6*7)) on $(hostname)", "42 on client");
    robot.write("top");
    robot.type(KeyCode.ENTER);
    await("top in the console", SOON, () -> screen("client").contains("PID"));
    picture("real-console");
    robot.write("q");
    typeUntilAnswered("client", "clear; ping 10.0.1.1", "seq=1");

    dragTo("protocol", "florida");
    await("protocol is to move", SOON, () -> regionWished("protocol").equals("florida"));
    await("protocol moving", SOON, () -> vm("protocol").migration().isPresent());
    Thread.sleep(700);
    picture("real-migrating");
    await(
        "protocol in Florida",
        VMS_MOVE,
        () -> regionOf("protocol").equals("florida") && runs("protocol"));
    await(
        "downtime measured",
        SOON,
        () -> migration("protocol").filter(m -> m.status() == MigrationStatus.DONE).isPresent());
    picture("real-migrated");
    MigrationProgress there = migration("protocol").orElseThrow();
    assertThat(there.downtimeMs()).as("measured downtime").isPresent();
    System.out.println(
        "downtime "
            + there.downtimeMs().getAsDouble()
            + " ms of "
            + there.totalMs().getAsDouble()
            + " ms");
    String before = screen("client");
    await("the ping to go on after the move", SOON, () -> !screen("client").equals(before));

    robot.clickOn(background());
    robot.press(KeyCode.CONTROL).type(KeyCode.Z).release(KeyCode.CONTROL);
    await(
        "protocol back in Tokyo",
        VMS_MOVE,
        () ->
            regionOf("protocol").equals("tokyo")
                && runs("protocol")
                && regionWished("protocol").equals("tokyo"));
    String afterReturn = screen("client");
    await("the ping to go on after the return", SOON, () -> !screen("client").equals(afterReturn));
    picture("real-returned");
    watchdog.end();
    assertThat(watchdog.findings()).as("what kept the window from moving").isEmpty();
  }

  @Test
  void aConsoleFollowsItsVmWhenThatMoves() throws Exception {
    lab().start(List.of("client")).await();
    openConsole("client");
    typeUntilAnswered("client", "word=kept; echo set $word", "set kept");
    robot.interact(
        () ->
            document()
                .edit(
                    PlaceNodes.of(
                        document().topology().get().node("client").orElseThrow(), "tokyo")));
    await("client in Tokyo", VMS_MOVE, () -> regionOf("client").equals("tokyo") && runs("client"));
    robot.clickOn(terminal("client").orElseThrow().node());
    typeUntilAnswered("client", "echo still $word", "still kept");
  }

  @Test
  void consolesAreTypedIntoTogetherShownBesideEachOtherAndInWindowsOfTheirOwn() throws Exception {
    lab().start(List.of("client", "content")).await();
    openConsole("content");
    typeUntilAnswered("content", "echo ready-$((1+1))", "ready-2");
    openConsole("client");
    typeUntilAnswered("client", "echo ready-$((1+1))", "ready-2");

    control(KeyCode.B);
    robot.write("echo both-$((40+2))");
    robot.type(KeyCode.ENTER);
    await("the answer of the client", SOON, () -> screen("client").contains("both-42"));
    await("the answer of the content", SOON, () -> screen("content").contains("both-42"));
    control(KeyCode.B);

    control(KeyCode.E);
    await("two sides", SOON, () -> on(() -> showing("client") && showing("content")));
    robot.write("vi /etc/passwd");
    robot.type(KeyCode.ENTER);
    await("vi", SOON, () -> screen("client").contains("root:"));
    picture("real-consoles-beside");
    robot.write(":q!");
    robot.type(KeyCode.ENTER);

    control(KeyCode.D);
    await("a window", SOON, () -> on(() -> window("client") != stage));
    typeUntilAnswered("client", "echo own-$((2+3))", "own-5");
    robot.interact(() -> window("client").hide());
    await("the tab back", SOON, () -> on(() -> window("client") == stage));

    control(KeyCode.F);
    robot.write("both-42");
    await("the place found", SOON, () -> screen("client").contains("both-42"));
    picture("real-console-find");
  }

  private void control(KeyCode key) {
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, key);
  }

  private boolean showing(String node) {
    return window(node) == stage;
  }

  /** The window in which a console is, or null while it is in none. */
  private Window window(String node) {
    return session
        .window()
        .view()
        .flatMap(view -> view.consoles().terminal(node))
        .map(terminal -> terminal.node().getScene())
        .map(Scene::getWindow)
        .orElse(null);
  }

  @Test
  void aSnapshotIsSavedWhileTheLabRunsAndACopyOfItGoesOnBesideIt() throws Exception {
    lab().start(List.of("client", "content")).await();
    openConsole("client");
    typeUntilAnswered("client", "word=kept; echo set $word", "set kept");
    OpenLab original = on(() -> session.window().desk().tabs().current().get().orElseThrow());
    Path file = folder.resolve("lab.mobitopolo");
    Task saving = on(() -> session.window().snapshots().save(original, file, false).orElseThrow());
    saving.awaitSuccess();
    assertThat(file).isNotEmptyFile();

    robot.interact(() -> session.window().open(file));
    await("the dialog", SOON, () -> robot.lookup(".dialog-pane .snapshot-picture").tryQuery().isPresent());
    for (Region region : document().topology().get().regions()) {
      robot.interact(
          () ->
              robot
                  .lookup("#restore-host-" + region.id())
                  .<ComboBox<Optional<HostUrl>>>query()
                  .setValue(Optional.of(region.host())));
    }
    picture("real-restore-dialog");
    robot.clickOn("Restore");
    await("the copy in a tab", VMS_START, () -> on(() -> document() != original.document()));
    await("the copy running", SOON, () -> runs("client") && runs("content"));
    openConsole("client");
    typeUntilAnswered("client", "echo still $word", "still kept");
    picture("real-restored");
    lab().destroy().await();
    robot.interact(() -> session.window().desk().tabs().select(original));
    typeUntilAnswered("client", "echo also $word", "also kept");
  }

  @Test
  void aLabIsRolledBackToASnapshotOfTheListAndCopiesAreSeenAsAStackAndSideBySide()
      throws Exception {
    lab().start(List.of("client", "content")).await();
    openConsole("client");
    typeUntilAnswered("client", "word=before; echo set $word", "set before");
    OpenLab open = on(() -> session.window().desk().tabs().current().get().orElseThrow());
    SnapshotsWindow list = on(() -> session.window().snapshots().list(open));
    await(
        "an empty list", SOON, () -> on(() -> labels(list.stage()).contains("keep no snapshots")));
    robot.clickOn(list.stage().getScene().lookup("#snapshot-name")).write("First");
    robot.clickOn(list.stage().getScene().lookup("#snapshot-take"));
    await("the snapshot in the list", SOON, () -> on(() -> labels(list.stage()).contains("First")));
    await(
        "its picture",
        SOON,
        () -> on(() -> list.stage().getScene().getRoot().lookup(".snapshot-picture ImageView") != null));
    picture("real-snapshots", list.stage());

    String lab = document().topology().get().id();
    StoredSnapshots stored =
        new StoredSnapshots(
            session.context().hosts(),
            document().topology().get().regions().stream().map(Region::host).toList(),
            lab);
    StoredSnapshots.Stored first = stored.list().getFirst();
    robot.type(KeyCode.ESCAPE);
    await("the list closed", SOON, () -> on(() -> !list.stage().isShowing()));
    typeUntilAnswered("client", "word=after; echo set $word", "set after");
    SnapshotsWindow again = on(() -> session.window().snapshots().list(open));
    await("its button", SOON, () -> robot.lookup("Roll back").tryQuery().isPresent());
    robot.clickOn("Roll back");
    await("the question", SOON, () -> robot.lookup(".dialog-pane .danger").tryQuery().isPresent());
    robot.clickOn(".dialog-pane .danger");
    await("the roll-back begun", SOON, () -> !session.context().tasks().active().isEmpty());
    await("the roll-back", VMS_START, () -> session.context().tasks().active().isEmpty());
    await("the lab again", SOON, () -> runs("client") && runs("content"));
    robot.interact(() -> again.stage().close());
    openConsole("client");
    typeUntilAnswered("client", "echo now $word", "now before");
    stored.delete(first.id());

    OpenLab rolledBack = on(() -> session.window().desk().tabs().current().get().orElseThrow());
    HostUrl oneHost = rolledBack.document().topology().get().regions().getFirst().host();
    CopiesDialog.Answer three = new CopiesDialog.Answer(3, Optional.of(oneHost), false);
    Lab running = lab();
    on(() -> session.window().snapshots().replicate(rolledBack, running, three)).awaitSuccess();
    await("the copies", SOON, () -> on(() -> session.window().snapshots().copies().isPresent()));
    Stage copies = on(() -> session.window().snapshots().copies().orElseThrow().stage());
    await("all VMs run", SOON, () -> on(() -> labels(copies).contains("6 VMs run")));
    picture("real-copies-stack", copies);
    robot.clickOn(copies.getScene().lookup("#copies-side"));
    await("all cards", SOON, () -> on(() -> labels(copies).contains("– 3")));
    picture("real-copies-side-by-side", copies);
    destroyCopies(lab);
  }

  private void destroyCopies(String original) throws Exception {
    for (Labs.Found found :
        Labs.find(session.context().hosts(), List.of(document().topology().get().regions().getFirst().host()))
            .labs()) {
      if (!found.topology().id().equals(original)) {
        try (Lab copy = Lab.open(found.topology(), session.context().hosts(), new Tasks())) {
          copy.awaitKnown();
          copy.destroy().awaitSuccess();
        }
      }
    }
  }

  private static String labels(Stage stage) {
    return stage.getScene().getRoot().lookupAll(".label").stream()
        .filter(Label.class::isInstance)
        .map(label -> ((Label) label).getText())
        .collect(Collectors.joining("\n"));
  }

  @Test
  void aLabGoesOnWhenTheWindowClosesAndIsFoundAgain() throws Exception {
    lab().start(List.of("content")).await();
    robot.interact(() -> session.window().dispose());
    session.close();
    openWindow();
    await("content found running", SOON, () -> runs("content"));
  }

  @Test
  void aDeletedVmIsAskedAboutAndUndoBringsItsDiskBack() throws Exception {
    lab().start(List.of("client")).await();
    openConsole("client");
    typeUntilAnswered("client", "echo kept > /root/mark; sync; echo written-$((1+1))", "written-2");
    robot.interact(
        () -> {
          session.window().view().orElseThrow().canvas().selection().set(Set.of("client"));
          session.window().view().orElseThrow().canvas().requestFocus();
        });
    robot.type(KeyCode.DELETE);
    await("the question", SOON, () -> robot.lookup("Delete client").tryQuery().isPresent());
    picture("real-delete-question");
    robot.clickOn("Delete client");
    await("client gone", SOON, () -> on(() -> document().topology().get().node("client").isEmpty()));
    await("client off", SOON, () -> !vm("client").status().live());
    robot.clickOn(background());
    robot.press(KeyCode.CONTROL).type(KeyCode.Z).release(KeyCode.CONTROL);
    await("client back", SOON, () -> on(() -> document().topology().get().node("client").isPresent()));
    await("client running again", VMS_START, () -> runs("client"));
    openConsole("client");
    typeUntilAnswered("client", "cat /root/mark | sed s/kept/disk-kept/", "\ndisk-kept");
  }

  @Test
  void whatPassesALinkIsSeenInAnAnalyserAndWrittenToAFile() throws Exception {
    lab().start(List.of("client", "protocol")).await();
    Path seen = folder.resolve("seen.pcapng");
    Path analyser = folder.resolve("analyser");
    Files.writeString(analyser, "#!/bin/sh\nexec cat > " + seen + "\n");
    Files.setPosixFilePermissions(analyser, PosixFilePermissions.fromString("rwx------"));
    session.context().settings().put(CaptureActions.ANALYSER, analyser.toString());
    openConsole("client");
    typeUntilAnswered("client", "clear; ping 10.0.1.1", "seq=1");

    String link = document().topology().get().links().stream()
        .filter(each -> each.touches("client"))
        .findFirst()
        .orElseThrow()
        .id();
    robot.interact(
        () -> session.window().view().orElseThrow().canvas().selection().set(Set.of(link)));
    await("the button", SOON, () -> robot.lookup("Wireshark").tryQuery().isPresent());
    await("the link up", SOON, () -> on(() -> !robot.lookup("Wireshark").query().isDisabled()));
    robot.clickOn("Wireshark");
    await("frames in the analyser", SOON, () -> echoRequests(seen) > 2);

    Path file = folder.resolve("capture.pcapng");
    CaptureActions captures = session.window().view().orElseThrow().captures();
    Lab lab = lab();
    robot.interact(() -> captures.save(lab, captures.places(link).getFirst(), file));
    await("the notice", SOON, () -> robot.lookup("End the capture").tryQuery().isPresent());
    dragTo("protocol", "florida");
    await(
        "protocol in Florida",
        VMS_MOVE,
        () -> regionOf("protocol").equals("florida") && runs("protocol"));
    int before = echoRequests(seen);
    await("frames after the move", SOON, () -> echoRequests(seen) > before + 2);
    picture("real-capture");
    robot.clickOn("End the capture");
    await(
        "one capture left",
        SOON,
        () ->
            session.context().tasks().active().stream()
                    .filter(task -> task.title().startsWith("Capture"))
                    .count()
                == 1);
    assertThat(echoRequests(file)).as("frames in the file").isPositive();
  }

  /** How many ICMP echo requests a capture holds so far; it is none before its first block. */
  private static int echoRequests(Path capture) {
    byte[] bytes;
    try {
      bytes = Files.exists(capture) ? Files.readAllBytes(capture) : new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ByteBuffer blocks = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int found = 0;
    for (int at = 0; at + 8 <= bytes.length; ) {
      int type = blocks.getInt(at);
      int length = blocks.getInt(at + 4);
      if (at + length > bytes.length) {
        break;
      }
      assertThat(at == 0 ? type : 0x0a0d0d0a).as("a section begins").isEqualTo(0x0a0d0d0a);
      // an enhanced packet block; Ethernet, IPv4 without options, ICMP, echo request
      int frame = at + 28;
      if (type == 6 && blocks.getShort(frame + 12) == 8 && bytes[frame + 23] == 1) {
        found += bytes[frame + 34] == 8 ? 1 : 0;
      }
      at += length;
    }
    return found;
  }

  // the robot's eyes and hands

  /**
   * The shell may still be starting; what is typed before it reads is lost, so the line is typed
   * until it was answered.
   */
  private void typeUntilAnswered(String node, String line, String answer)
      throws InterruptedException {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!screen(node).contains(answer)) {
      if (System.nanoTime() > deadline) {
        picture("failed");
        throw new AssertionError(
            "no answer \"%s\" from %s; the focus is on %s of a window that has it: %s; the screen shows:%n%s"
                .formatted(
                    answer,
                    node,
                    on(() -> stage.getScene().getFocusOwner()),
                    on(stage::isFocused),
                    screen(node)));
      }
      robot.type(KeyCode.ENTER);
      robot.write(line);
      robot.type(KeyCode.ENTER);
      for (int i = 0; i < 40 && !screen(node).contains(answer); i++) {
        Thread.sleep(100);
      }
    }
  }

  /**
   * Two clicks are a double click only when they come soon after each other, so it may take some. The last of them may
   * then come when the console is there already, and give the focus back to the canvas.
   */
  private void openConsole(String node) {
    await(
        "the console of " + node,
        SOON,
        () -> {
          robot.doubleClickOn(place(node), MouseButton.PRIMARY);
          return terminal(node).isPresent();
        });
    Node console = terminal(node).orElseThrow().node();
    if (!on(() -> console.isFocusWithin())) {
      robot.clickOn(console);
    }
  }

  private void dragTo(String node, String region) throws InterruptedException {
    Point2D from = place(node);
    Point2D to = placeInRegion(region, 0.3, 0.75);
    robot.moveTo(from).press(MouseButton.PRIMARY);
    for (int step = 1; step <= 12; step++) {
      robot.moveTo(from.interpolate(to, step / 12.0));
    }
    Thread.sleep(200);
    picture("real-dragging");
    robot.release(MouseButton.PRIMARY);
  }

  private Point2D place(String node) {
    return on(
        () -> {
          TopologyCanvas canvas = session.window().view().orElseThrow().canvas();
          Point view = canvas.toView(canvas.topology().node(node).orElseThrow().position());
          return canvas.localToScreen(view.x(), view.y());
        });
  }

  private Point2D placeInRegion(String id, double x, double y) {
    return on(
        () -> {
          Node found = stage.getScene().lookup("#region-" + id);
          Bounds bounds = found.localToScreen(found.getLayoutBounds());
          return new Point2D(
              bounds.getMinX() + bounds.getWidth() * x, bounds.getMinY() + bounds.getHeight() * y);
        });
  }

  /** A place of the canvas with nothing on it. */
  private Point2D background() {
    return on(() -> session.window().view().orElseThrow().canvas().localToScreen(8, 8));
  }

  private Optional<TerminalView> terminal(String node) {
    return on(() -> session.window().view().flatMap(view -> view.consoles().terminal(node)));
  }

  private String screen(String node) {
    return terminal(node).map(TerminalView::screenText).orElse("");
  }

  private LabDocument document() {
    return session.window().current().get().orElseThrow();
  }

  private Lab lab() {
    return on(() -> document().lab().get().orElseThrow());
  }

  private VmState vm(String node) {
    return on(() -> document().vm(node));
  }

  private boolean runs(String node) {
    return vm(node).status() == VmStatus.RUNNING;
  }

  private Optional<MigrationProgress> migration(String node) {
    return vm(node).migration();
  }

  private String regionOf(String node) {
    return vm(node).region().orElse("");
  }

  private String regionWished(String node) {
    return on(
        () -> document().topology().get().node(node).flatMap(found -> found.region()).orElse(""));
  }

  private void picture(String name) {
    picture(name, stage);
  }

  private void picture(String name, Stage shown) {
    Pictures.save(name, robot.capture(shown.getScene().getRoot()).getImage());
  }

  private static <T> T on(Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Platform.runLater(task);
    try {
      return task.get();
    } catch (Exception e) {
      throw new AssertionError("the FX thread did not answer", e);
    }
  }

  private void await(String what, Duration patience, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        picture("failed");
        throw new AssertionError(
            "waited too long for " + what + "; target/gallery/failed.png shows the window then");
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + what, e);
      }
    }
  }
}
