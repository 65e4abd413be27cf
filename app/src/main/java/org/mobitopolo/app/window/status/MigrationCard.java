// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.migration.MigrationProgress;

/** A migration in a few words: who goes where, how far it is, and a button that ends it. */
final class MigrationCard extends VBox {
  private final Texts texts;
  private final Label title = new Label();
  private final Label phase = new Label();
  private final ProgressBar bar = new ProgressBar(0);
  private final Button button = new Button();
  private MigrationsModel.Card card;

  /**
   * @param cancel takes the node whose migration the user wants to end
   * @param close takes the ended migration that the user has seen
   */
  MigrationCard(Texts texts, Consumer<String> cancel, Consumer<MigrationsModel.Card> close) {
    this.texts = texts;
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
            close.accept(card);
          } else {
            cancel.accept(card.node());
          }
        });
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    HBox head = new HBox(8, Icons.view(Icon.MIGRATING, 16), title, space, button);
    head.setAlignment(Pos.CENTER_LEFT);
    getChildren().addAll(head, phase, bar);
  }

  void show(MigrationsModel.Card newCard) {
    card = newCard;
    MigrationProgress progress = card.progress();
    title.setText(card.name() + ": " + card.from() + " → " + card.to());
    phase.setText(MigrationTexts.phase(progress, texts));
    bar.setProgress(progress.fraction());
    bar.setVisible(!card.ended());
    bar.setManaged(!card.ended());
    button.setText(texts.get(card.ended() ? "word.close" : "word.cancel"));
    button.setVisible(card.ended() || MigrationTexts.canBeCancelled(progress));
    getStyleClass().removeAll("done", "failed");
    switch (progress.status()) {
      case DONE -> getStyleClass().add("done");
      case FAILED, CANCELLED -> getStyleClass().add("failed");
      default -> {}
    }
  }
}
