// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.scene.control.Label;
import javafx.scene.control.TableColumn;
import javafx.scene.control.TableView;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.migration.MigrationProgress;

/** All migrations that were seen, the latest first, with the course of the one that is selected. */
public final class MigrationTable extends VBox {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  private final Texts texts;
  private final TableView<MigrationsModel.Entry> table = new TableView<>();
  private final MigrationChart chart = new MigrationChart();
  private final Label words = new Label();

  public MigrationTable(MigrationsModel model, Texts texts) {
    this.texts = texts;
    getStyleClass().add("migration-table");
    setSpacing(10);
    Label none = new Label(texts.get("migrations.none"));
    none.setWrapText(true);
    none.getStyleClass().add("text-muted");
    table.setPlaceholder(none);
    table.setColumnResizePolicy(TableView.CONSTRAINED_RESIZE_POLICY_FLEX_LAST_COLUMN);
    table.getStyleClass().addAll("dense", "striped");
    column("migrations.vm", entry -> entry.card().name());
    column("migrations.way", entry -> entry.card().from() + " → " + entry.card().to());
    column("migrations.began", entry -> TIME.format(entry.trace().begun()));
    column("migrations.result", entry -> result(entry.card().progress()));
    column("migration.downtime", entry -> milliseconds(entry.card().progress().downtimeMs()));
    column("migration.total", entry -> milliseconds(entry.card().progress().totalMs()));
    column("migration.transferred", entry -> Units.bytes(entry.card().progress().transferred()));
    column("migrations.passes", entry -> String.valueOf(entry.card().progress().pass()));
    table.setItems(model.history());
    words.setWrapText(true);
    VBox.setVgrow(table, Priority.ALWAYS);
    getChildren().addAll(table, words, chart);
    table.getSelectionModel().selectedItemProperty().subscribe(this::show);
    table.getSelectionModel().selectFirst();
  }

  private void show(MigrationsModel.Entry entry) {
    words.setText(entry == null ? "" : MigrationTexts.phase(entry.card().progress(), texts));
    chart.show(entry == null ? List.of() : entry.trace().samples());
  }

  private void column(String key, Function<MigrationsModel.Entry, String> value) {
    TableColumn<MigrationsModel.Entry, String> column = new TableColumn<>(texts.get(key));
    column.setCellValueFactory(row -> new ReadOnlyStringWrapper(value.apply(row.getValue())));
    column.setReorderable(false);
    table.getColumns().add(column);
  }

  private String result(MigrationProgress progress) {
    return switch (progress.status()) {
      case PREPARE, PASSES, FROZEN, HANDED_OVER -> texts.get("migrations.under-way");
      case DONE -> texts.get("migrations.done");
      case FAILED -> texts.get("migrations.failed");
      case CANCELLED -> texts.get("migrations.cancelled");
    };
  }

  private static String milliseconds(OptionalDouble ms) {
    return ms.isPresent() ? Units.milliseconds(ms.getAsDouble()) : "";
  }
}
