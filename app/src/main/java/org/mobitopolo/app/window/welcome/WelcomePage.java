// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.welcome;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.image.ImageView;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.lab.Labs;

/**
 * What the window shows while no lab is open: ways to begin, files of late, labs that still run.
 */
public final class WelcomePage extends ScrollPane {
  private static final double WIDTH = 860;
  private static final double LEFT = 330;
  private static final int LOGO = 72;

  private final Texts texts;
  private final VBox running = new VBox(2);
  private final VBox recovered = new VBox(2);
  private final VBox recent = new VBox(2);
  private final VBox runningSection;
  private final VBox recoveredSection;

  /**
   * @param commands the ways to begin, as large buttons
   * @param samples open the program's own labs
   */
  public WelcomePage(Texts texts, List<Command> commands, List<Command> samples) {
    this.texts = texts;
    getStyleClass().addAll("welcome", "edge-to-edge");
    setFitToWidth(true);
    setFitToHeight(true);
    Label name = new Label("Mobitopolo");
    name.getStyleClass().add("welcome-name");
    Label claim = new Label(texts.get("welcome.claim"));
    claim.getStyleClass().add("welcome-claim");
    claim.setWrapText(true);
    VBox words = new VBox(2, name, claim);
    words.setAlignment(Pos.CENTER_LEFT);
    HBox head = new HBox(20, new ImageView(Icons.application(LOGO)), words);
    head.setAlignment(Pos.CENTER_LEFT);

    VBox begin = new VBox(8);
    commands.forEach(command -> begin.getChildren().add(beginButton(command)));
    recoveredSection = section(texts.get("welcome.recovered"), recovered);
    runningSection = section(texts.get("welcome.running"), running);
    VBox right =
        new VBox(
            22, recoveredSection, runningSection, section(texts.get("welcome.recent"), recent));
    HBox.setHgrow(right, Priority.ALWAYS);
    VBox ownLabs = new VBox(2);
    samples.forEach(
        sample -> ownLabs.getChildren().add(entry(Icon.SERVER, sample.text(), "", sample::run)));
    VBox left =
        new VBox(
            22,
            new VBox(8, heading(texts.get("welcome.begin")), begin),
            section(texts.get("welcome.samples"), ownLabs));
    left.setMinWidth(LEFT);
    HBox columns = new HBox(48, left, right);
    VBox page = new VBox(36, head, columns);
    page.setMaxSize(WIDTH, Region.USE_PREF_SIZE);
    StackPane center = new StackPane(page);
    center.getStyleClass().add("welcome-center");
    setContent(center);
    setSection(recoveredSection, false);
    running.getChildren().setAll(muted(texts.get("welcome.looking")));
  }

  private static Node beginButton(Command command) {
    Button button = command.toolButton();
    button.getStyleClass().setAll("button", "flat", "begin-button");
    button.setTooltip(null);
    button.setText(command.text());
    button.setMaxWidth(Double.MAX_VALUE);
    button.setGraphicTextGap(12);
    button.setFocusTraversable(true);
    return button;
  }

  private static VBox section(String name, VBox content) {
    return new VBox(6, heading(name), content);
  }

  private static Label heading(String text) {
    Label label = new Label(text);
    label.getStyleClass().add("form-section");
    return label;
  }

  private static Label muted(String text) {
    Label label = new Label(text);
    label.setWrapText(true);
    label.getStyleClass().add("text-muted");
    return label;
  }

  private static void setSection(VBox section, boolean shown) {
    section.setVisible(shown);
    section.setManaged(shown);
  }

  public void showRecent(List<Path> files, Consumer<Path> open) {
    recent
        .getChildren()
        .setAll(
            files.stream()
                .map(
                    file ->
                        entry(
                            Icon.OPEN,
                            file.getFileName().toString(),
                            String.valueOf(file.getParent()),
                            () -> open.accept(file)))
                .toList());
    if (files.isEmpty()) {
      recent.getChildren().setAll(muted(texts.get("welcome.nothing-yet")));
    }
  }

  /** Shows what a search found; hosts that could not be asked are named. */
  public void showRunning(Labs.Search search, Consumer<Labs.Found> open) {
    running.getChildren().clear();
    for (Labs.Found found : search.labs()) {
      if (found.liveVms() > 0) {
        String where =
            String.join(", ", found.hosts().stream().map(url -> HostStates.name(url, texts)).toList());
        running
            .getChildren()
            .add(
                entry(
                    Icon.RUNNING,
                    found.topology().name(),
                    texts.get("welcome.runs-on", found.liveVms(), where),
                    () -> open.accept(found)));
      }
    }
    if (running.getChildren().isEmpty()) {
      running.getChildren().add(muted(texts.get("welcome.none")));
    }
    search
        .failures()
        .forEach(
            (url, failure) ->
                running
                    .getChildren()
                    .add(
                        muted(
                            texts.get("welcome.not-asked", HostStates.name(url, texts), failure.problem()))));
  }

  /** Shows what a crash left unsaved. */
  public void showRecovered(List<Autosave.Left> left, Consumer<Autosave.Left> open) {
    recovered
        .getChildren()
        .setAll(
            left.stream()
                .map(
                    copy ->
                        entry(
                            Icon.SAVE,
                            copy.topology().name(),
                            copy.file()
                                .map(Path::toString)
                                .orElse(texts.get("welcome.never-saved")),
                            () -> open.accept(copy)))
                .toList());
    setSection(recoveredSection, !left.isEmpty());
  }

  private static Node entry(Icon icon, String title, String detail, Runnable action) {
    Label name = new Label(title);
    name.getStyleClass().add("entry-title");
    VBox words = new VBox(name);
    if (!detail.isEmpty()) {
      Label more = new Label(detail);
      more.getStyleClass().addAll("text-muted", "text-small");
      words.getChildren().add(more);
    }
    Button button = new Button();
    HBox content = new HBox(12, Icons.view(icon, 18), words);
    content.setAlignment(Pos.CENTER_LEFT);
    button.setGraphic(content);
    button.getStyleClass().addAll("flat", "entry-button");
    button.setMaxWidth(Double.MAX_VALUE);
    button.setAccessibleText(detail.isEmpty() ? title : title + ", " + detail);
    button.setOnAction(_ -> action.run());
    return button;
  }
}
