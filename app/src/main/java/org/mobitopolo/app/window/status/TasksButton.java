// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.Optional;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.util.Subscription;
import org.controlsfx.control.PopOver;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.PopOvers;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.task.TaskState;
import org.mobitopolo.task.TaskStatus;

/**
 * The task that runs, in the status bar; pressed, it lists all tasks with progress and a way to
 * cancel each.
 */
final class TasksButton extends Button {
  private static final double BAR_WIDTH = 110;
  private static final double LIST_WIDTH = 420;

  private final TasksModel model;
  private final Texts texts;
  private final Label text = new Label();
  private final ProgressBar bar = new ProgressBar();
  private final VBox list = new VBox(10);
  private Optional<PopOver> popOver = Optional.empty();
  private Subscription summary = Subscription.EMPTY;

  TasksButton(TasksModel model, Texts texts) {
    this.texts = texts;
    this.model = model;
    getStyleClass().addAll("flat", "small", "status-button");
    setFocusTraversable(false);
    bar.setPrefWidth(BAR_WIDTH);
    bar.getStyleClass().add("small");
    HBox content = new HBox(8, Icons.view(Icon.TASKS, 14), text, bar);
    content.setAlignment(Pos.CENTER);
    setGraphic(content);
    list.getStyleClass().add("task-list");
    list.setPrefWidth(LIST_WIDTH);
    setOnAction(_ -> toggle());
    model.rows().addListener((ListChangeListener<TaskRow>) change -> rowsChanged());
    rowsChanged();
  }

  /** Opens or closes the list. */
  void toggle() {
    PopOver card =
        popOver.orElseGet(() -> PopOvers.of(list, PopOver.ArrowLocation.BOTTOM_RIGHT));
    popOver = Optional.of(card);
    if (card.isShowing()) {
      card.hide();
    } else {
      card.show(this);
    }
  }

  private void rowsChanged() {
    summary.unsubscribe();
    summary = Subscription.EMPTY;
    list.getChildren().setAll(model.rows().stream().map(this::entry).toList());
    if (model.rows().isEmpty()) {
      Label none = new Label(texts.get("tasks.nothing"));
      none.getStyleClass().add("text-muted");
      list.getChildren().add(none);
    } else {
      summary = model.rows().getFirst().state().subscribe(_ -> summarize());
    }
    summarize();
  }

  private void summarize() {
    boolean idle = model.rows().isEmpty();
    bar.setVisible(!idle);
    bar.setManaged(!idle);
    if (idle) {
      text.setText(texts.get("tasks.none"));
      return;
    }
    TaskState first = model.rows().getFirst().state().get();
    text.setText(
        model.rows().size() > 1
            ? texts.get("tasks.more", first.title(), model.rows().size() - 1)
            : first.title());
    bar.setProgress(first.fraction().orElse(ProgressBar.INDETERMINATE_PROGRESS));
  }

  private Node entry(TaskRow row) {
    Label title = new Label();
    title.getStyleClass().add("task-title");
    Label phase = new Label();
    phase.setWrapText(true);
    phase.setMinHeight(Region.USE_PREF_SIZE);
    phase.getStyleClass().addAll("text-muted", "text-small");
    ProgressBar progress = new ProgressBar();
    progress.setMaxWidth(Double.MAX_VALUE);
    progress.getStyleClass().add("small");
    Button cancel = new Button(texts.get("word.cancel"));
    cancel.getStyleClass().addAll("small", "flat");
    cancel.setOnAction(_ -> row.cancel());
    row.state()
        .subscribe(
            state -> {
              title.setText(state.title());
              phase.setText(TaskRow.describe(state, texts));
              progress.setProgress(state.fraction().orElse(ProgressBar.INDETERMINATE_PROGRESS));
              cancel.setDisable(state.status() == TaskStatus.CANCELLING);
            });
    VBox texts = new VBox(4, title, progress, phase);
    HBox.setHgrow(texts, Priority.ALWAYS);
    HBox entry = new HBox(8, texts, cancel);
    entry.setAlignment(Pos.CENTER);
    return entry;
  }
}
