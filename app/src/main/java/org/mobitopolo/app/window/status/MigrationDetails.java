// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.function.Consumer;
import javafx.beans.InvalidationListener;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.controlsfx.control.PopOver;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.PopOvers;
import org.mobitopolo.migration.MigrationProgress;

/**
 * The latest migration of a node in full, in a card that points at the node: its course as a chart,
 * its figures, a way to cancel it, and in the end the downtime that was measured. It follows the
 * migration while it is open.
 */
public final class MigrationDetails {
  private static final double WIDTH = 320;

  private final MigrationsModel model;
  private final Texts texts;
  private final MigrationCard card;
  private final MigrationChart chart = new MigrationChart();
  private final GridPane figures = new GridPane(8, 2);
  private final PopOver popOver;
  private final InvalidationListener updater = _ -> refresh();
  private String node = "";

  /**
   * @param cancel takes the node whose migration the user wants to end
   */
  public MigrationDetails(MigrationsModel model, Texts texts, Consumer<String> cancel) {
    this.model = model;
    this.texts = texts;
    card = new MigrationCard(texts, cancel, _ -> hide());
    card.getStyleClass().setAll("migration-details");
    VBox content = new VBox(6, card, chart, figures);
    content.getStyleClass().add("migration-popover");
    content.setPrefWidth(WIDTH);
    popOver = PopOvers.of(content, PopOver.ArrowLocation.TOP_CENTER);
    popOver.setOnHidden(_ -> model.history().removeListener(updater));
  }

  /**
   * Shows the latest migration of a node; nothing happens when none was seen.
   *
   * @param owner the canvas
   * @param place what it points at, on the screen
   */
  public void show(Node owner, String newNode, Bounds place) {
    node = newNode;
    if (popOver.isShowing()) {
      popOver.hide(javafx.util.Duration.ZERO);
    }
    if (refresh()) {
      model.history().addListener(updater);
      popOver.show(owner, place.getCenterX(), place.getMaxY());
    }
  }

  public void hide() {
    popOver.hide();
  }

  private boolean refresh() {
    for (MigrationsModel.Entry entry : model.history()) {
      if (entry.card().node().equals(node)) {
        show(entry);
        return true;
      }
    }
    return false;
  }

  private void show(MigrationsModel.Entry entry) {
    MigrationProgress progress = entry.card().progress();
    card.show(entry.card());
    chart.show(entry.trace().samples());
    boolean enough = entry.trace().samples().size() > 1;
    chart.setVisible(enough);
    chart.setManaged(enough);
    figures.getChildren().clear();
    int row = 0;
    for (MigrationTexts.Figure figure : MigrationTexts.figures(progress, texts)) {
      Label name = new Label(figure.name());
      name.getStyleClass().add("figure-name");
      Label value = new Label(figure.value());
      value.getStyleClass().add("figure-value");
      Region mark = new Region();
      mark.getStyleClass().add("figure-mark");
      if (!figure.series().isEmpty()) {
        mark.getStyleClass().add("mark-" + figure.series());
      }
      figures.addRow(row++, mark, name, value);
    }
  }
}
