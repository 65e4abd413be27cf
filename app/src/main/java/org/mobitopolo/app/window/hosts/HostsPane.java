// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.hosts;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.TextField;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.hosts.ConnectionSteps.Outcome;
import org.mobitopolo.app.window.hosts.ConnectionSteps.Step;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.status.StateDot;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;

/**
 * Hosts at the left; at the right the one that is selected: what is known of it, a test of the
 * connection step by step, and a way to give it to a region.
 */
public final class HostsPane extends BorderPane {
  private static final double LIST = 280;

  private final Texts texts;
  private final HostDirectory directory;
  private final Consumer<HostUrl> test;
  private final BiConsumer<Region, HostUrl> give;
  private final ListView<HostDirectory.Entry> list = new ListView<>();
  private final TextField url = new TextField();
  private final Label problem = new Label();
  private final Label name = new Label();
  private final Label detail = new Label();
  private final VBox steps = new VBox(6);
  private final Label failure = new Label();
  private final Button testButton = new Button();
  private final MenuButton giveMenu = new MenuButton();

  /**
   * @param test tries to connect to a host
   * @param give makes a host the one of a region
   */
  public HostsPane(
      Texts texts,
      HostDirectory directory,
      Consumer<HostUrl> test,
      BiConsumer<Region, HostUrl> give) {
    this.texts = texts;
    this.directory = directory;
    this.test = test;
    this.give = give;
    getStyleClass().add("hosts-pane");
    setTop(adding());
    list.setItems(directory.entries());
    list.setCellFactory(_ -> new Cell());
    list.setPrefWidth(LIST);
    list.getSelectionModel().selectedItemProperty().addListener(_ -> refresh());
    setLeft(list);
    setCenter(details());
    directory
        .entries()
        .addListener(
            (ListChangeListener<HostDirectory.Entry>)
                _ -> {
                  if (selected().isEmpty()) {
                    list.getSelectionModel().selectFirst();
                  }
                });
    list.getSelectionModel().selectFirst();
    refresh();
  }

  private VBox adding() {
    url.setPromptText(texts.get("hosts.url-prompt"));
    url.setAccessibleText(texts.get("hosts.url-prompt"));
    url.setId("host-url");
    HBox.setHgrow(url, Priority.ALWAYS);
    Button add = new Button(texts.get("hosts.add"));
    add.getStyleClass().add("accent");
    add.setId("host-add");
    add.setOnAction(_ -> add());
    url.setOnAction(_ -> add());
    problem.getStyleClass().add("field-problem");
    problem.setWrapText(true);
    showProblem("");
    url.textProperty().addListener(_ -> showProblem(""));
    VBox box = new VBox(4, new HBox(8, url, add), problem);
    box.getStyleClass().add("hosts-adding");
    return box;
  }

  private void add() {
    try {
      String text = url.getText().strip();
      HostUrl host =
          HostUrl.parse(
              text.contains(":") && !text.matches("[^/]*:\\d+.*") || text.isEmpty()
                  ? text
                  : "ssh://" + text);
      directory.add(host);
      url.clear();
      list.getItems().stream()
          .filter(entry -> entry.url().equals(host))
          .findFirst()
          .ifPresent(list.getSelectionModel()::select);
      test.accept(host);
    } catch (IllegalArgumentException e) {
      showProblem(e.getMessage());
    }
  }

  private void showProblem(String text) {
    problem.setText(text);
    problem.setVisible(!text.isEmpty());
    problem.setManaged(!text.isEmpty());
  }

  private VBox details() {
    name.getStyleClass().add("form-title");
    detail.setWrapText(true);
    failure.setWrapText(true);
    failure.getStyleClass().add("field-problem");
    testButton.setText(texts.get("hosts.test"));
    testButton.setId("host-test");
    testButton.setOnAction(_ -> selected().ifPresent(entry -> test.accept(entry.url())));
    giveMenu.setText(texts.get("hosts.give"));
    HBox buttons = new HBox(8, testButton, giveMenu);
    Label how = new Label(texts.get("hosts.how"));
    how.setWrapText(true);
    how.getStyleClass().addAll("text-muted", "text-small");
    VBox box = new VBox(12, name, detail, buttons, steps, failure, how);
    box.getStyleClass().add("hosts-details");
    return box;
  }

  private Optional<HostDirectory.Entry> selected() {
    return Optional.ofNullable(list.getSelectionModel().getSelectedItem());
  }

  /** Shows which regions a host can be given to. */
  public void showRegions(List<Region> regions) {
    giveMenu.getItems().clear();
    for (Region region : regions) {
      MenuItem item = new MenuItem(region.name());
      item.setMnemonicParsing(false);
      item.setOnAction(_ -> selected().ifPresent(entry -> give.accept(region, entry.url())));
      giveMenu.getItems().add(item);
    }
    giveMenu.setDisable(regions.isEmpty());
  }

  /** Shows the selected host as it is now. */
  public void refresh() {
    list.refresh();
    boolean none = selected().isEmpty();
    testButton.setDisable(none);
    steps.getChildren().clear();
    failure.setText("");
    if (none) {
      name.setText("");
      detail.setText("");
      return;
    }
    HostDirectory.Entry entry = selected().get();
    HostState state = directory.state(entry.url());
    name.setText(HostStates.name(entry.url(), texts));
    detail.setText(HostStates.known(state, texts));
    for (Map.Entry<Step, Outcome> step : ConnectionSteps.of(state).entrySet()) {
      steps.getChildren().add(row(step.getKey(), step.getValue()));
    }
    state.failure().ifPresent(why -> failure.setText(why.getMessage()));
  }

  private HBox row(Step step, Outcome outcome) {
    Label label = new Label(texts.name(step));
    Label how = new Label(texts.name(outcome));
    how.getStyleClass().addAll("text-muted", "text-small");
    HBox row =
        new HBox(
            8,
            Icons.view(
                switch (outcome) {
                  case OK -> Icon.CHECK;
                  case FAILED -> Icon.CRASHED;
                  case RUNNING -> Icon.BOOTING;
                  case WAITING -> Icon.STOPPED;
                },
                16),
            label,
            how);
    row.setAlignment(Pos.CENTER_LEFT);
    row.getStyleClass().addAll("host-step", outcome.name().toLowerCase(Locale.ROOT));
    return row;
  }

  private final class Cell extends ListCell<HostDirectory.Entry> {
    private final StateDot dot = new StateDot(texts);
    private final Label title = new Label();
    private final Label more = new Label();
    private final HBox row = new HBox(8, dot, new VBox(0, title, more));

    Cell() {
      row.setAlignment(Pos.CENTER_LEFT);
      more.getStyleClass().addAll("text-muted", "text-small");
    }

    @Override
    protected void updateItem(HostDirectory.Entry entry, boolean empty) {
      super.updateItem(entry, empty);
      setGraphic(empty || entry == null ? null : row);
      if (!empty && entry != null) {
        HostState state = directory.state(entry.url());
        dot.show(state);
        title.setText(HostStates.name(entry.url(), texts));
        more.setText(
            state.status() == HostState.Status.IDLE && !entry.detail().isEmpty()
                ? entry.detail()
                : HostStates.summary(state, texts));
      }
    }
  }
}
