// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.collections.transformation.FilteredList;
import javafx.geometry.Pos;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.control.TableColumn;
import javafx.scene.control.TableView;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;

/**
 * What happened since the program was started, the latest first, filtered by words or to problems.
 */
public final class EventTable extends VBox {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final double TIME_WIDTH = 90;
  private static final double TITLE_WIDTH = 260;

  private final Texts texts;
  private final TextField words = new TextField();
  private final CheckBox problems = new CheckBox();
  private final FilteredList<Notices.Event> shown;
  private final TableView<Notices.Event> table = new TableView<>();
  private final TextArea whole = new TextArea();

  public EventTable(Notices notices, Texts texts) {
    this.texts = texts;
    shown = new FilteredList<>(notices.events());
    getStyleClass().add("event-table");
    setSpacing(10);
    words.setPromptText(texts.get("events.filter"));
    words.setAccessibleText(texts.get("events.filter"));
    words.textProperty().addListener(_ -> filter());
    HBox.setHgrow(words, Priority.ALWAYS);
    problems.setText(texts.get("events.problems"));
    problems.setOnAction(_ -> filter());
    HBox bar = new HBox(12, words, problems);
    bar.setAlignment(Pos.CENTER_LEFT);
    table.setItems(shown);
    table.setPlaceholder(new Label(texts.get("events.none")));
    table.setColumnResizePolicy(TableView.CONSTRAINED_RESIZE_POLICY_LAST_COLUMN);
    table.getStyleClass().addAll("dense", "striped");
    column("events.time", TIME_WIDTH, event -> TIME.format(event.time()));
    column("events.what", TITLE_WIDTH, event -> event.notice().title());
    column("events.more", TITLE_WIDTH, event -> event.notice().text().replace('\n', ' '));
    whole.setEditable(false);
    whole.setWrapText(true);
    whole.setPrefRowCount(4);
    table
        .getSelectionModel()
        .selectedItemProperty()
        .addListener((_, _, event) -> whole.setText(event == null ? "" : text(event.notice())));
    VBox.setVgrow(table, Priority.ALWAYS);
    getChildren().addAll(bar, table, whole);
  }

  private static String text(Notice notice) {
    return notice.text().isEmpty() ? notice.title() : notice.title() + "\n" + notice.text();
  }

  private void filter() {
    String wanted = words.getText().strip();
    boolean onlyProblems = problems.isSelected();
    shown.setPredicate(event -> matches(event.notice(), wanted, onlyProblems));
  }

  /** Whether a notice has all the words, and is a problem if only those are wanted. */
  static boolean matches(Notice notice, String wanted, boolean onlyProblems) {
    String text = text(notice).toLowerCase(Locale.ROOT);
    boolean problem = notice.kind() == Notice.Kind.ERROR || notice.kind() == Notice.Kind.WARNING;
    return (problem || !onlyProblems)
        && Arrays.stream(wanted.toLowerCase(Locale.ROOT).split("\\s+")).allMatch(text::contains);
  }

  private void column(String key, double width, Function<Notices.Event, String> value) {
    TableColumn<Notices.Event, String> column = new TableColumn<>(texts.get(key));
    column.setPrefWidth(width);
    column.setCellValueFactory(row -> new ReadOnlyStringWrapper(value.apply(row.getValue())));
    table.getColumns().add(column);
  }
}
