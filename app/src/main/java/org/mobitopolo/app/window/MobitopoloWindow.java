// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javafx.application.Platform;
import javafx.stage.Stage;
import javafx.stage.Window;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.KnownLabs;
import org.mobitopolo.app.UserFolders;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.dialog.SshQuestions;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.Notices;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.SshSettings;
import org.mobitopolo.task.Tasks;

/** The program as a window: puts its parts together. */
public final class MobitopoloWindow {
  private static final System.Logger LOG = System.getLogger(MobitopoloWindow.class.getName());

  private final Installation installation;
  private final UserFolders folders;
  private final Map<String, String> environment;

  public MobitopoloWindow(
      Installation installation, UserFolders folders, Map<String, String> environment) {
    this.installation = installation;
    this.folders = folders;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Shows the window and returns when it was closed. To be called once in a process, not on the FX
   * thread.
   *
   * @param lab the topology file to open; empty shows the welcome page
   * @return the program's exit status
   */
  public int open(Optional<Path> lab) {
    CompletableFuture<Session> started = new CompletableFuture<>();
    CountDownLatch closed = new CountDownLatch(1);
    Platform.startup(
        () -> {
          try {
            Stage stage = new Stage();
            stage.setOnHidden(_ -> closed.countDown());
            started.complete(start(stage, lab));
          } catch (RuntimeException e) {
            started.completeExceptionally(e);
          }
        });
    try (Session _ = started.join()) {
      closed.await();
    } catch (InterruptedException e) {
      // the process is asked to end, and JavaFX ends with it: waiting for that here would hold it up
      return 0;
    } catch (CompletionException e) {
      Platform.exit();
      throw e;
    }
    Platform.exit();
    return 0;
  }

  /** A window with what it needs; closing it ends the connections to hosts, not the labs. */
  record Session(MainWindow window, WindowContext context, ExecutorService io)
      implements AutoCloseable {
    @Override
    public void close() {
      context.hosts().close();
      io.shutdown();
    }
  }

  /** Builds and shows the window. FX thread. */
  Session start(Stage stage, Optional<Path> lab) {
    FxThread fx = new FxThread();
    ExecutorService io =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("io-", 0).factory());
    Settings settings = new Settings(folders.state());
    Texts texts = Texts.in(Texts.chosen(settings.get("language").orElse(""), Locale.getDefault()));
    Theme theme =
        new Theme(
            settings.get("theme").flatMap(MobitopoloWindow::choice).orElse(Theme.Choice.SYSTEM));
    Dialogs dialogs = new Dialogs(() -> owner(stage), texts);
    SshQuestions questions = new SshQuestions(dialogs, texts, fx);
    SshSettings ssh = SshSettings.ofAccount(folders.home(), environment);
    Hosts hosts = new Hosts(installation.nativeParts(folders), ssh, questions, questions);
    WindowContext context =
        new WindowContext(
            installation,
            texts,
            new KnownLabs(folders.knownLabs()),
            hosts,
            new Tasks(),
            settings,
            new Autosave(folders.state()),
            new Library(
                hosts.parts().images(), folders.state().resolve("templates"), fx, io),
            theme,
            new Notices(fx, InstantSource.system()),
            dialogs,
            ssh.sshFolder(),
            fx,
            io);
    Thread.currentThread().setUncaughtExceptionHandler((_, error) -> tell(context, error));
    MainWindow window = new MainWindow(stage, context);
    window.show();
    fx.execute(() -> Platform.runLater(MobitopoloWindow::logStart));
    if (lab.isEmpty()) {
      window.showWelcome();
    } else if (installation.isSample(lab.get())) {
      window.openSample(lab.get());
    } else if (SnapshotActions.isBundle(lab.get())) {
      window.showWelcome();
      window.open(lab.get());
    } else {
      window.open(lab.get());
      window.desk().offerRecovery();
    }
    return new Session(window, context, io);
  }

  private static void logStart() {
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(
            start ->
                LOG.log(
                    System.Logger.Level.DEBUG,
                    "window shown {0} ms after the process began",
                    Duration.between(start, Instant.now()).toMillis()));
  }

  /** An error of ours must neither be lost nor end the window. */
  private static void tell(WindowContext context, Throwable error) {
    LOG.log(System.Logger.Level.ERROR, "error in the window", error);
    context
        .notices()
        .show(
            Notice.error(
                context.texts().get("error.program"),
                context.texts().get("error.program.text", error)));
  }

  /** The window that the user works in: a question belongs above it. */
  private static Window owner(Stage stage) {
    return Window.getWindows().stream()
        .filter(window -> window instanceof Stage && window.isFocused())
        .findFirst()
        .orElse(stage.isShowing() ? stage : null);
  }

  private static Optional<Theme.Choice> choice(String name) {
    for (Theme.Choice choice : Theme.Choice.values()) {
      if (choice.name().equals(name)) {
        return Optional.of(choice);
      }
    }
    return Optional.empty();
  }
}
