// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.scene.control.Label;
import javafx.scene.input.KeyCode;
import javafx.stage.Screen;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.UserFolders;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.testing.Pictures;
import org.mobitopolo.topology.HostUrl;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.NodeQueryUtils;

/** Adding and testing hosts in the window, with mouse and keyboard, against real SSH servers. */
@ExtendWith(ApplicationExtension.class)
@Tag("long")
class HostsIT {
  private static final long PATIENCE_MS = 60_000;

  private final FxRobot robot = new FxRobot();
  private SshHosts ssh;
  private Path folder;
  private Stage stage;
  private MobitopoloWindow.Session session;

  @Start
  void start(Stage newStage) {
    stage = newStage;
  }

  @BeforeEach
  void open() throws Exception {
    ssh = SshHosts.start(1);
    folder = Files.createTempDirectory("mobitopolo-hosts-");
    Path home = ssh.settings().sshFolder().getParent();
    Installation installation =
        new Installation(
            Path.of(System.getProperty(Installation.HOME_PROPERTY, "target/mobitopolo"))
                .toAbsolutePath());
    robot.interact(
        () ->
            session =
                new MobitopoloWindow(
                        installation, new UserFolders(home, folder.resolve("state"), folder.resolve("data"), folder.resolve("cache")), Map.of())
                    .start(stage, Optional.empty()));
    robot.push(KeyCode.CONTROL, KeyCode.H);
    await("the hosts' window", () -> robot.lookup("#host-url").tryQuery().isPresent());
  }

  @AfterEach
  void close() throws Exception {
    robot.interact(
        () -> {
          session.window().dispose();
          stage.close();
        });
    session.close();
    ssh.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aHostIsAddedByItsUrlItsKeyIsShownAndAllStepsSucceed() {
    add(ssh.url(0).toString());
    await(
        "the question about the host key",
        () -> robot.lookup(".fingerprint").match(NodeQueryUtils.isVisible()).tryQuery().isPresent());
    assertThat(robot.lookup(".fingerprint").queryTextInputControl().getText())
        .startsWith("SHA256:");
    picture("hosts-question");
    robot.clickOn("Trust and connect");
    await("the connection", () -> status(ssh.url(0)) == HostState.Status.CONNECTED);
    await("all steps shown as done", () -> robot.lookup(".host-step.ok").queryAll().size() == 6);
    picture("hosts-connected");
  }

  @Test
  void aRefusedLoginIsShownAtItsStepWithWhatToDo() {
    HostUrl.Ssh url = ssh.url(0);
    HostUrl.Ssh stranger =
        new HostUrl.Ssh(Optional.of("stranger"), url.host(), url.port(), url.folder());
    add(stranger.toString());
    await(
        "the question about the host key",
        () -> robot.lookup(".fingerprint").match(NodeQueryUtils.isVisible()).tryQuery().isPresent());
    robot.clickOn("Trust and connect");
    // the server of the test takes keys alone
    await("the refusal", () -> status(stranger) == HostState.Status.UNREACHABLE);
    await("the failed step", () -> robot.lookup(".host-step.failed").tryQuery().isPresent());
    assertThat(robot.lookup(".host-step.ok").queryAll()).hasSize(3);
    assertThat(failures()).anyMatch(text -> text.contains("refused the login"));
    picture("hosts-refused");
  }

  @Test
  void whatIsNoUrlIsSaidAtOnce() {
    add("ssh://not a host");
    await("the reason", () -> failures().stream().anyMatch(text -> text.contains("not")));
  }

  private List<String> failures() {
    return robot.lookup(".field-problem").queryAllAs(Label.class).stream()
        .map(Label::getText)
        .toList();
  }

  private void add(String url) {
    robot.clickOn("#host-url").write(url, 0).type(KeyCode.ENTER);
  }

  private HostState.Status status(HostUrl url) {
    return on(() -> session.context().hosts().host(url).state().status());
  }

  private void picture(String name) {
    Pictures.save(name, robot.capture(Screen.getPrimary().getBounds()).getImage());
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

  private void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        picture("hosts-failed");
        throw new AssertionError("waited too long for " + what);
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
