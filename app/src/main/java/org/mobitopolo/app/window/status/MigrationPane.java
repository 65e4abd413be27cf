// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javafx.collections.ListChangeListener;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;

/**
 * Migrations in a few words, a card each, above a corner of the canvas. A click on one asks for the
 * details.
 */
public final class MigrationPane extends VBox {
  private static final double WIDTH = 330;

  private final MigrationsModel model;
  private final Texts texts;
  private final Consumer<String> cancel;
  private final Consumer<String> details;
  private final Map<String, MigrationCard> views = new HashMap<>();

  /**
   * @param cancel takes the node whose migration the user wants to end
   * @param details takes the node whose migration the user wants to see in full
   */
  public MigrationPane(
      MigrationsModel model, Texts texts, Consumer<String> cancel, Consumer<String> details) {
    this.model = model;
    this.texts = texts;
    this.cancel = cancel;
    this.details = details;
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
    List<MigrationCard> ordered =
        cards.stream()
            .map(
                card -> {
                  MigrationCard view =
                      views.computeIfAbsent(card.progress().migration(), _ -> newCard(card));
                  view.show(card);
                  return view;
                })
            .toList();
    if (!getChildren().equals(ordered)) {
      getChildren().setAll(ordered);
    }
    setVisible(!ordered.isEmpty());
  }

  private MigrationCard newCard(MigrationsModel.Card card) {
    MigrationCard view = new MigrationCard(texts, cancel, model::dismiss);
    view.setOnMouseClicked(_ -> details.accept(card.node()));
    return view;
  }
}
