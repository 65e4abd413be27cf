// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.control.MenuButton;
import javafx.scene.image.Image;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.stage.Screen;
import javafx.stage.Stage;
import javafx.stage.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.app.window.dialog.SshQuestions;
import org.mobitopolo.app.window.document.DocumentStates;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.task.TaskState;
import org.mobitopolo.testing.Pictures;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/**
 * Takes pictures of the window in every situation into {@code target/gallery}, light and dark, for
 * people to look at. States that a lab would report are made up here; what the window does with a
 * real lab is tested elsewhere. Asserts only that the window holds together.
 */
@ExtendWith(ApplicationExtension.class)
class GalleryTest {
  private static final double README_WIDTH = 1240;
  private static final double README_HEIGHT = 720;

  @TempDir private Path folder;

  private Stage stage;
  private TestWindow shown;
  private WindowContext context;
  private MainWindow window;
  private ExecutorService io;

  @Start
  void start(Stage newStage) {
    stage = newStage;
  }

  @BeforeEach
  void open() {
    open(Language.ENGLISH);
  }

  private void open(Language language) {
    shown = new TestWindow(stage, folder, language);
    context = shown.context();
    window = shown.window();
    io = shown.io();
  }

  @AfterEach
  void close() {
    shown.close();
  }

  @Test
  void welcome(FxRobot robot) throws Exception {
    Files.createDirectories(folder.resolve("labs"));
    context.settings().addRecentFile(folder.resolve("labs/campus.json"));
    context.settings().addRecentFile(folder.resolve("labs/decoupled-file-server.json"));
    robot.interact(
        () ->
            window.showWelcomePage(
                new Labs.Search(
                    List.of(
                        new Labs.Found(
                            Examples.fileServer(), List.of(HostUrl.LOCAL, Examples.FAR), 3)),
                    Map.of()),
                List.of()));
    save(robot, "welcome");
  }

  @Test
  void emptyLab(FxRobot robot) throws Exception {
    show(robot, Topology.empty("empty", "New lab"), LabState.EMPTY);
    save(robot, "empty");
  }

  @Test
  void sampleRunning(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    show(robot, topology, Examples.running(topology));
    save(robot, "running");
    robot.interact(() -> select("protocol"));
    save(robot, "running-vm");
    robot.interact(() -> select("l1"));
    save(robot, "running-link");
    robot.interact(() -> select("l2"));
    save(robot, "running-link-relayed");
    robot.interact(() -> select("tokyo"));
    save(robot, "running-region");
    robot.interact(
        () ->
            window
                .view()
                .orElseThrow()
                .canvas()
                .selection()
                .set(Set.of("client", "protocol", "l1")));
    save(robot, "running-many");
  }

  @Test
  void migration(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    LabState running = Examples.running(topology);
    show(robot, topology, running);
    robot.interact(
        () ->
            DocumentStates.show(
                document(),
                Examples.with(
                    running,
                    Examples.vmState(
                        "protocol",
                        VmStatus.MIGRATING,
                        Optional.of(Examples.migrating(0.62)),
                        Optional.empty()))));
    save(robot, "migrating");
    robot.interact(
        () ->
            DocumentStates.show(
                document(),
                Examples.with(
                    running,
                    Examples.vmState(
                        "protocol",
                        VmStatus.RUNNING,
                        Optional.of(Examples.moved()),
                        Optional.empty()))));
    save(robot, "migrated");
  }

  @Test
  void readme(FxRobot robot) throws Exception {
    robot.interact(
        () -> {
          stage.setWidth(README_WIDTH);
          stage.setHeight(README_HEIGHT);
        });
    Topology sample = TopologyJson.read(Path.of("src/main/samples/decoupled-file-server.json"));
    LabState running = Examples.running(sample);
    show(robot, sample, running);
    robot.interact(() -> select("protocol"));
    robot.interact(
        () ->
            DocumentStates.show(
                document(),
                Examples.with(
                    running,
                    Examples.vmState(
                        "protocol",
                        VmStatus.MIGRATING,
                        Optional.of(Examples.migrating(0.62)),
                        Optional.empty()))));
    save(robot, "readme");
  }

  @Test
  void migrationDetails(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    LabState running = Examples.running(topology);
    show(robot, topology, running);
    for (double share = 0.1; share < 0.9; share += 0.1) {
      shown.show(
          Examples.with(
              running,
              Examples.vmState(
                  "protocol",
                  VmStatus.MIGRATING,
                  Optional.of(Examples.migrating(share)),
                  Optional.empty())));
      Thread.sleep(120);
    }
    robot.clickOn(".phase-pill");
    savePopup(robot, "migration-details");
    robot.interact(() -> context.theme().choice().set(Theme.Choice.DARK));
    robot.clickOn(".phase-pill");
    savePopup(robot, "migration-details-dark");
  }

  @Test
  void palette(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    show(robot, topology, Examples.running(topology));
    robot.clickOn("Switch, 3 clients");
    robot.moveTo(shown.screen(860, 280));
    settle();
    save(robot, "placing");
    robot.type(KeyCode.ESCAPE);
    robot.interact(() -> select("protocol", "content"));
    context.fx().execute(() -> Platform.runLater(window::keepTemplate));
    savePopup(robot, "dialog-template");
  }

  @Test
  void script(FxRobot robot) throws Exception {
    show(
        robot,
        TopologyJson.read(Path.of("src/main/samples/decoupled-file-server.json")),
        LabState.EMPTY);
    robot.interact(() -> select("protocol"));
    settle();
    robot.interact(() -> robot.lookup("Edit in a window…").queryButton().fire());
    savePopup(robot, "script");
  }

  @Test
  void questions(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    show(robot, topology, Examples.running(topology));
    robot.interact(() -> select("client"));
    context.fx().execute(() -> Platform.runLater(() -> shown.view().canvas().removeSelected()));
    savePopup(robot, "dialog-delete");
    context.fx().execute(() -> Platform.runLater(window::generate));
    savePopup(robot, "dialog-generate");
    Path lab = folder.resolve("campus.clab.yml");
    Files.writeString(
        lab,
        """
        name: campus
        topology:
          nodes:
            core: {kind: vr-sros, image: sros:22}
            edge: {kind: linux, image: alpine}
          links:
            - endpoints: ["core:eth1", "edge:eth1"]
        """);
    robot.interact(() -> window.importLab(lab));
    savePopup(robot, "dialog-import");
  }

  @Test
  void findBarTourAndTasks(FxRobot robot) throws Exception {
    robot.interact(window::startTour);
    shown.await("the sample", () -> window.current().get().isPresent());
    robot.push(KeyCode.CONTROL, KeyCode.F);
    robot.write("10.0.1");
    CountDownLatch end = new CountDownLatch(1);
    context
        .tasks()
        .run(
            "Start client, protocol, content",
            progress -> {
              progress.phase("Uploading image small.");
              progress.amount(3_100_000, 5_000_000, TaskState.Unit.BYTES);
              end.await();
            });
    context
        .tasks()
        .run(
            "Snapshot of file-server",
            progress -> {
              progress.phase("Copying memory.");
              end.await();
            });
    save(robot, "tour");
    robot.push(KeyCode.CONTROL, KeyCode.T);
    savePopup(robot, "tasks");
    end.countDown();
  }

  @Test
  void copies(FxRobot robot) throws Exception {
    Topology lab = Examples.fileServer();
    show(robot, lab, Examples.running(lab));
    List<Topology> labs =
        IntStream.rangeClosed(1, 6)
            .mapToObj(i -> lab.withId("copy" + i).withName(lab.name() + " – " + i))
            .toList();
    robot.interact(
        () ->
            CopiesWindow.open(
                context,
                stage,
                window.desk(),
                labs,
                shown.view().canvas().picture(0.3).map(Image.class::cast)));
    robot.clickOn("#copies-side");
    savePopup(robot, "copies");
  }

  @Test
  void menus(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    show(robot, topology, Examples.running(topology));
    robot.clickOn(shown.place("node-protocol"), MouseButton.SECONDARY);
    savePopup(robot, "menu-node");
    robot.clickOn(
        robot
            .lookup(node -> node instanceof MenuButton menu && menu.getText().equals("Lab"))
            .<Node>query());
    savePopup(robot, "menu-lab");
  }

  @Test
  void japanese(FxRobot robot) throws Exception {
    shown.close();
    open(Language.JAPANESE);
    robot.interact(
        () -> window.showWelcomePage(new Labs.Search(List.of(), Map.of()), List.of()));
    save(robot, "japanese-welcome");
    Topology topology = Examples.fileServer();
    show(robot, topology, Examples.running(topology));
    robot.interact(() -> select("protocol"));
    save(robot, "japanese");
    robot.interact(() -> select("l1"));
    save(robot, "japanese-link");
    robot.interact(window.tools()::hosts);
    savePopup(robot, "japanese-hosts");
    robot.interact(window.tools()::preferences);
    savePopup(robot, "japanese-preferences");
    robot.interact(() -> select("client"));
    context.fx().execute(() -> Platform.runLater(() -> shown.view().canvas().removeSelected()));
    savePopup(robot, "japanese-delete");
    robot.interact(window::showShortcuts);
    savePopup(robot, "japanese-shortcuts");
  }

  @Test
  void migrations(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    LabState running = Examples.running(topology);
    show(robot, topology, running);
    for (double share = 0.1; share < 0.9; share += 0.1) {
      LabState state =
          Examples.with(
              running,
              Examples.vmState(
                  "protocol",
                  VmStatus.MIGRATING,
                  Optional.of(Examples.migrating(share)),
                  Optional.empty()));
      robot.interact(() -> DocumentStates.show(document(), state));
      Thread.sleep(120);
    }
    save(robot, "migrating-chart");
    robot.interact(window.tools()::migrations);
    savePopup(robot, "migrations");
  }

  @Test
  void hosts(FxRobot robot) throws Exception {
    Files.createDirectories(folder.resolve(".ssh"));
    Files.writeString(
        folder.resolve(".ssh/config"),
        """
        Host tokyo
          HostName tokyo.example.org
          User ann
        Host florida
          HostName 10.1.2.3
          ProxyJump gate.example.org
        """);
    show(robot, Examples.fileServer(), LabState.EMPTY);
    robot.interact(window.tools()::hosts);
    savePopup(robot, "hosts");
  }

  @Test
  void severalLabs(FxRobot robot) throws Exception {
    show(robot, Examples.large(40), LabState.EMPTY);
    Topology sample = Examples.fileServer();
    show(robot, sample, Examples.running(sample));
    save(robot, "tabs");
    assertThat(document().topology().get()).isEqualTo(sample);
    robot.interact(
        () -> window.desk().openRunning(new Labs.Found(Examples.large(40), List.of(), 1)));
    assertThat(window.desk().tabs().all()).as("a lab is open once").hasSize(2);
    assertThat(document().topology().get().id()).isEqualTo("large");
    robot.push(KeyCode.CONTROL, KeyCode.W);
    assertThat(document().topology().get()).isEqualTo(sample);
    robot.push(KeyCode.CONTROL, KeyCode.W);
    assertThat(window.current().get()).isEmpty();
  }

  @Test
  void events(FxRobot robot) throws Exception {
    show(robot, Examples.fileServer(), LabState.EMPTY);
    context.notices().log(Notice.success("Done: Start client, protocol, content", ""));
    context.notices().show(Notice.info("This lab runs", "It is shown as it runs."));
    context
        .notices()
        .show(
            Notice.error(
                "No connection to ann@lab.example.org",
                "ann@lab.example.org can't be reached on port 22: Connection refused."));
    robot.interact(window.tools()::events);
    savePopup(robot, "events");
  }

  @Test
  void paletteAndPreferences(FxRobot robot) throws Exception {
    show(robot, Examples.fileServer(), LabState.EMPTY);
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.P);
    robot.write("zoom");
    save(robot, "palette");
    robot.type(KeyCode.ESCAPE);
    robot.interact(window.tools()::preferences);
    savePopup(robot, "preferences");
  }

  @Test
  void unreachableHost(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    LabState state =
        Examples.with(Examples.running(topology), "florida", Examples.unreachable(Examples.FAR));
    show(
        robot,
        topology,
        Examples.with(
            state,
            Examples.vmState("client", VmStatus.UNKNOWN, Optional.empty(), Optional.empty())));
    save(robot, "unreachable");
  }

  @Test
  void wrongInput(FxRobot robot) throws Exception {
    Topology topology = Examples.fileServer();
    show(robot, topology, Examples.running(topology));
    robot.interact(() -> select("client"));
    robot.interact(window.view().orElseThrow().inspector()::editName);
    robot.write("protocol");
    save(robot, "wrong-input");
    assertThat(document().topology().get()).isEqualTo(topology);
  }

  @Test
  void twoHundred(FxRobot robot) throws Exception {
    Topology topology = Examples.large(200);
    show(robot, topology, Examples.running(topology));
    save(robot, "two-hundred");
  }

  @Test
  void dialogs(FxRobot robot) throws Exception {
    show(robot, Examples.fileServer(), LabState.EMPTY);
    SshQuestions questions = new SshQuestions(context.dialogs(), context.texts(), context.fx());
    io.execute(
        () ->
            questions.accepts(
                new HostKeyPolicy.UnknownKey(
                    "lab.example.org",
                    "ssh-ed25519",
                    "SHA256:mVPwvezndPv/ARoIadVY98vAC0g+P/5633yTC4d/wXE")));
    savePopup(robot, "dialog-host-key");
    io.execute(() -> questions.password("ann@lab.example.org"));
    savePopup(robot, "dialog-password");
    robot.interact(window::showShortcuts);
    savePopup(robot, "dialog-shortcuts");
    context.fx().execute(() -> robot.interact(window.tools()::about));
    savePopup(robot, "dialog-about");
  }

  private LabDocument document() {
    return window.current().get().orElseThrow();
  }

  private void select(String... ids) {
    window.view().orElseThrow().canvas().selection().set(Set.of(ids));
  }

  private void show(FxRobot robot, Topology topology, LabState state) {
    robot.interact(
        () ->
            window
                .desk()
                .show(new LabDocument(topology, Optional.empty(), false, context.fx(), _ -> {})));
    robot.interact(() -> DocumentStates.show(document(), state));
  }

  private void save(FxRobot robot, String name) throws InterruptedException {
    for (Theme.Choice choice : List.of(Theme.Choice.DARK, Theme.Choice.LIGHT)) {
      robot.interact(() -> context.theme().choice().set(choice));
      settle();
      Image image = robot.capture(stage.getScene().getRoot()).getImage();
      assertThat(image.getWidth()).isGreaterThan(1000);
      Pictures.save(name + (choice == Theme.Choice.DARK ? "-dark" : "-light"), image);
    }
  }

  /** Pictures the whole screen, as a dialog is a window of its own, then closes the dialog. */
  private void savePopup(FxRobot robot, String name) throws InterruptedException {
    for (int i = 0; i < 50 && Window.getWindows().size() < 2; i++) {
      Thread.sleep(50);
    }
    settle();
    assertThat(Window.getWindows()).hasSizeGreaterThan(1);
    Pictures.save(name, robot.capture(Screen.getPrimary().getBounds()).getImage());
    robot.interact(
        () ->
            List.copyOf(Window.getWindows()).stream()
                .filter(other -> other != stage)
                .forEach(Window::hide));
    settle();
  }

  private static void settle() throws InterruptedException {
    WaitForAsyncUtils.waitForFxEvents();
    Thread.sleep(450);
    WaitForAsyncUtils.waitForFxEvents();
  }
}
