// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.migration.MigrationProgress;

/**
 * Migrations in figures, a card each, above a corner of the canvas; the ring on the canvas says the
 * same in one look.
 */
public final class MigrationPane extends VBox {
  private static final double WIDTH = 320;

  private final MigrationsModel model;
  private final Texts texts;
  private final Consumer<String> cancel;
  private final Map<String, View> views = new HashMap<>();

  /**
   * @param cancel takes the node whose migration the user wants to end
   */
  public MigrationPane(MigrationsModel model, Texts texts, Consumer<String> cancel) {
    this.model = model;
    this.texts = texts;
    this.cancel = cancel;
    getStyleClass().add("migration-pane");
    setSpacing(8);
    setPickOnBounds(false);
    setMaxSize(WIDTH, Region.USE_PREF_SIZE);
    model.cards().addListener((ListChangeListener<MigrationsModel.Card>) _ -> refresh());
    refresh();
  }

  private void refresh() {
    List<MigrationsModel.Card> cards = List.copyOf(model.cards());
    views
        .keySet()
        .retainAll(
            cards.stream().map(card -> card.progress().migration()).collect(Collectors.toSet()));
    List<View> ordered =
        cards.stream()
            .map(
                card -> {
                  View view = views.computeIfAbsent(card.progress().migration(), _ -> new View());
                  view.show(card);
                  return view;
                })
            .toList();
    if (!getChildren().equals(ordered)) {
      getChildren().setAll(ordered);
    }
    setVisible(!ordered.isEmpty());
  }

  private final class View extends VBox {
    private final Label title = new Label();
    private final Label phase = new Label();
    private final ProgressBar bar = new ProgressBar(0);
    private final MigrationChart chart = new MigrationChart();
    private final GridPane figures = new GridPane(8, 2);
    private final Button button = new Button();
    private MigrationsModel.Card card;

    View() {
      getStyleClass().add("migration-card");
      setSpacing(6);
      title.getStyleClass().add("migration-title");
      title.setWrapText(true);
      button.setMinWidth(USE_PREF_SIZE);
      phase.getStyleClass().add("migration-phase");
      phase.setWrapText(true);
      bar.setMaxWidth(Double.MAX_VALUE);
      bar.getStyleClass().add("small");
      button.getStyleClass().addAll("flat", "small");
      button.setFocusTraversable(false);
      button.setOnAction(
          _ -> {
            if (card.ended()) {
              model.dismiss(card);
            } else {
              cancel.accept(card.node());
            }
          });
      Region space = new Region();
      HBox.setHgrow(space, Priority.ALWAYS);
      HBox head = new HBox(8, Icons.view(Icon.MIGRATING, 16), title, space, button);
      head.setAlignment(Pos.CENTER_LEFT);
      getChildren().addAll(head, phase, bar, chart, figures);
    }

    void show(MigrationsModel.Card newCard) {
      card = newCard;
      MigrationProgress progress = card.progress();
      title.setText(card.name() + ": " + card.from() + " → " + card.to());
      phase.setText(MigrationTexts.phase(progress, texts));
      bar.setProgress(progress.fraction());
      bar.setVisible(!card.ended());
      bar.setManaged(!card.ended());
      List<MigrationTrace.Sample> samples = model.trace(progress).samples();
      chart.show(samples);
      chart.setVisible(samples.size() > 1);
      chart.setManaged(samples.size() > 1);
      button.setText(texts.get(card.ended() ? "word.close" : "word.cancel"));
      button.setVisible(card.ended() || MigrationTexts.canBeCancelled(progress));
      getStyleClass().removeAll("done", "failed");
      switch (progress.status()) {
        case DONE -> getStyleClass().add("done");
        case FAILED, CANCELLED -> getStyleClass().add("failed");
        default -> {}
      }
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
}
