// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.scene.control.Label;
import javafx.scene.control.TableCell;
import javafx.scene.control.TableColumn;
import javafx.scene.control.TableView;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.stage.FileChooser;
import javafx.stage.Stage;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.interchange.Finding;
import org.mobitopolo.interchange.ImportException;
import org.mobitopolo.interchange.Imported;
import org.mobitopolo.interchange.LabImport;
import org.mobitopolo.topology.Topology;

/** Importing a lab of another program: choosing its file, and the report afterwards. FX thread. */
final class ImportAction {
  private static final double CELL_PADDING = 20;
  private static final double WIDTH = 860;
  private static final double HEIGHT = 460;

  private final WindowContext context;
  private final Stage stage;

  ImportAction(WindowContext context, Stage stage) {
    this.context = context;
    this.stage = stage;
  }

  /** Lets the user pick a file. */
  Optional<Path> choose() {
    FileChooser chooser = new FileChooser();
    chooser.setTitle(texts().get("import.choose"));
    chooser
        .getExtensionFilters()
        .add(
            new FileChooser.ExtensionFilter(
                texts().get("import.filter"),
                "*.yml", "*.yaml", "*.gns3", "*.gns3project", "*.gns3p", "*.graphml", "*.gml", "*.xml", "lab.conf"));
    return Optional.ofNullable(chooser.showOpenDialog(stage)).map(File::toPath);
  }

  /** Reads the file in the background; then shows the lab and the report, or why there is none. */
  void read(Path file, Consumer<Topology> imported) {
    context
        .io()
        .execute(
            () -> {
              try {
                Imported lab = LabImport.read(file, Optional.empty());
                context
                    .fx()
                    .execute(
                        () -> {
                          imported.accept(lab.topology());
                          report(file, lab);
                        });
              } catch (ImportException e) {
                context
                    .notices()
                    .show(
                        Notice.error(
                            texts().get("import.failed", file.getFileName()), e.getMessage()));
              }
            });
  }

  private Texts texts() {
    return context.texts();
  }

  private void report(Path file, Imported lab) {
    Label heading = new Label(texts().get("import.done", lab.topology().name()));
    heading.getStyleClass().add("dialog-heading");
    Label summary =
        new Label(
            texts()
                .get(
                    "import.summary",
                    file.getFileName(),
                    lab.format().title(),
                    lab.count(Finding.Outcome.MAPPED),
                    lab.count(Finding.Outcome.CHANGED),
                    lab.count(Finding.Outcome.LEFT_OUT)));
    summary.setWrapText(true);
    summary.setMinHeight(Region.USE_PREF_SIZE);
    TableView<Finding> table = table(lab.findings());
    VBox.setVgrow(table, Priority.ALWAYS);
    VBox content = new VBox(12, heading, summary, table);
    content.setMinWidth(WIDTH);
    content.setPrefHeight(HEIGHT);
    Dialogs.show(stage, texts(), texts().get("import.report"), content).setResizable(true);
  }

  /** What was lost first, what stayed the same last. */
  private TableView<Finding> table(List<Finding> findings) {
    TableView<Finding> table = new TableView<>();
    table.setId("import-report");
    table.getStyleClass().add("dense");
    table.setColumnResizePolicy(TableView.CONSTRAINED_RESIZE_POLICY_FLEX_LAST_COLUMN);
    table.setAccessibleText(texts().get("import.report"));
    table
        .getItems()
        .addAll(
            findings.stream()
                .sorted((one, other) -> other.outcome().compareTo(one.outcome()))
                .toList());
    table.getColumns().add(column("import.outcome", 90, finding -> outcome(finding.outcome())));
    table.getColumns().add(column("import.element", 140, Finding::element));
    table.getColumns().add(column("import.what", 170, Finding::subject));
    table.getColumns().add(column("import.became", 150, Finding::became));
    table.getColumns().add(column("import.because", 300, Finding::reason));
    return table;
  }

  private String outcome(Finding.Outcome outcome) {
    return texts()
        .get(
            switch (outcome) {
              case MAPPED -> "import.same";
              case CHANGED -> "import.changed";
              case LEFT_OUT -> "import.left-out";
            });
  }

  private TableColumn<Finding, String> column(
      String text, double width, Function<Finding, String> value) {
    TableColumn<Finding, String> column = new TableColumn<>(texts().get(text));
    column.setPrefWidth(width);
    column.setCellValueFactory(row -> new ReadOnlyStringWrapper(value.apply(row.getValue())));
    column.setCellFactory(_ -> new WrappedCell());
    return column;
  }

  /** Shows a sentence in full, on as many lines as it takes. */
  private static final class WrappedCell extends TableCell<Finding, String> {
    private final Text text = new Text();

    WrappedCell() {
      text.getStyleClass().add("cell-text");
      text.wrappingWidthProperty().bind(widthProperty().subtract(CELL_PADDING));
      setPrefHeight(Region.USE_COMPUTED_SIZE);
    }

    @Override
    protected void updateItem(String value, boolean empty) {
      super.updateItem(value, empty);
      text.setText(empty ? "" : value);
      setGraphic(empty ? null : text);
    }
  }
}
