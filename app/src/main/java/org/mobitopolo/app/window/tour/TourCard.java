// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.tour;

import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.tour.Tour.Step;

/** Says what to do next in the tour, above a corner of the canvas. */
public final class TourCard extends VBox {
  private static final double WIDTH = 380;

  /**
   * @param end runs when the user has had enough
   */
  public TourCard(Tour tour, Texts texts, Runnable end) {
    getStyleClass().addAll("notice", "info", "tour-card");
    setSpacing(8);
    setMaxSize(WIDTH, Region.USE_PREF_SIZE);
    Label count = new Label();
    count.getStyleClass().add("form-kind");
    Label title = new Label();
    title.getStyleClass().add("notice-title");
    title.setWrapText(true);
    Label text = new Label();
    text.setWrapText(true);
    Button back = new Button(texts.get("tour.back"));
    Button next = new Button(texts.get("tour.next"));
    Button leave = new Button(texts.get("tour.end"));
    back.setOnAction(_ -> tour.back());
    next.setOnAction(_ -> tour.next());
    leave.setOnAction(_ -> end.run());
    next.getStyleClass().addAll("small", "accent");
    back.getStyleClass().addAll("small", "flat");
    leave.getStyleClass().addAll("small", "flat");
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    HBox buttons = new HBox(8, leave, space, back, next);
    buttons.setAlignment(Pos.CENTER_LEFT);
    getChildren().addAll(count, title, text, buttons);
    tour.step()
        .subscribe(
            step -> {
              count.setText(texts.get("tour.count", step.ordinal() + 1, Step.values().length));
              title.setText(texts.get(titleKey(step)));
              text.setText(texts.get(textKey(step)));
              back.setDisable(step == Step.LOOK);
              next.setDisable(step == Step.END);
            });
  }

  private static String titleKey(Step step) {
    return switch (step) {
      case LOOK -> "tour.look.title";
      case START -> "tour.start.title";
      case CONSOLE -> "tour.console.title";
      case MIGRATE -> "tour.migrate.title";
      case UNDO -> "tour.undo.title";
      case END -> "tour.end.title";
    };
  }

  private static String textKey(Step step) {
    return switch (step) {
      case LOOK -> "tour.look.text";
      case START -> "tour.start.text";
      case CONSOLE -> "tour.console.text";
      case MIGRATE -> "tour.migrate.text";
      case UNDO -> "tour.undo.text";
      case END -> "tour.end.text";
    };
  }
}
