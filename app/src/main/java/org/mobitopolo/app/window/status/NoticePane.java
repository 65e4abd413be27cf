// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javafx.animation.PauseTransition;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.util.Duration;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;

/**
 * Shows notices above a corner of the window. They never take the focus by themselves; all but
 * errors go after a while, unless the mouse is on them.
 */
public final class NoticePane extends VBox {
  private static final Duration STAYS = Duration.seconds(7);
  private static final double WIDTH = 380;

  private final Notices notices;
  private final Texts texts;
  private final Runnable left;
  private final Map<Notice, Node> cards = new HashMap<>();

  /**
   * @param left runs when the notice that had the focus has gone
   */
  public NoticePane(Notices notices, Texts texts, Runnable left) {
    this.texts = texts;
    this.left = left;
    this.notices = notices;
    getStyleClass().add("notice-pane");
    setSpacing(8);
    setPickOnBounds(false);
    setMaxSize(WIDTH, Region.USE_PREF_SIZE);
    setAlignment(Pos.BOTTOM_RIGHT);
    notices.shown().addListener((ListChangeListener<Notice>) _ -> refresh());
    refresh();
  }

  private void refresh() {
    List<Notice> shown = List.copyOf(notices.shown());
    boolean focused = isFocusWithin();
    cards.keySet().retainAll(shown);
    getChildren()
        .setAll(shown.stream().map(notice -> cards.computeIfAbsent(notice, this::card)).toList());
    setVisible(!shown.isEmpty());
    if (focused && !isFocusWithin()) {
      left.run();
    }
  }

  public boolean canTakeFocus() {
    return !getChildren().isEmpty();
  }

  /** Puts the focus on the first button of the latest notice. */
  public void focusLatest() {
    Node latest = getChildren().getLast();
    Node action = latest.lookup(".notice-action");
    (action == null ? latest.lookup(".notice-close") : action).requestFocus();
  }

  private Node card(Notice notice) {
    Label title = new Label(notice.title());
    title.getStyleClass().add("notice-title");
    title.setWrapText(true);
    Button close = new Button();
    close.setGraphic(Icons.view(Icon.CLOSE, 14));
    close.getStyleClass().addAll("button-icon", "flat", "small", "notice-close");
    close.setAccessibleText(texts.get("word.close"));
    close.setOnAction(_ -> notices.dismiss(notice));
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    HBox head = new HBox(8, Icons.view(icon(notice.kind()), 16), title, space, close);
    head.setAlignment(Pos.CENTER_LEFT);
    VBox card = new VBox(4, head);
    card.getStyleClass().addAll("notice", notice.kind().name().toLowerCase(java.util.Locale.ROOT));
    if (!notice.text().isEmpty()) {
      Label text = new Label(notice.text());
      text.setWrapText(true);
      text.getStyleClass().add("notice-text");
      card.getChildren().add(text);
    }
    if (!notice.actions().isEmpty()) {
      card.getChildren().add(actions(notice));
    }
    if (notice.kind() != Notice.Kind.ERROR && notice.actions().isEmpty()) {
      leaveLater(notice, card);
    }
    return card;
  }

  private Node actions(Notice notice) {
    HBox buttons = new HBox(8);
    for (Notice.Action action : notice.actions()) {
      Button button = new Button(action.label());
      button.getStyleClass().addAll("small", "notice-action");
      button.setOnAction(
          _ -> {
            notices.dismiss(notice);
            action.run().run();
          });
      buttons.getChildren().add(button);
    }
    return buttons;
  }

  private void leaveLater(Notice notice, Node card) {
    PauseTransition pause = new PauseTransition(STAYS);
    pause.setOnFinished(_ -> notices.dismiss(notice));
    card.hoverProperty()
        .addListener(
            (_, _, hovered) -> {
              if (hovered) {
                pause.stop();
              } else {
                pause.playFromStart();
              }
            });
    pause.play();
  }

  private static Icon icon(Notice.Kind kind) {
    return switch (kind) {
      case INFO -> Icon.INFO;
      case SUCCESS -> Icon.CHECK;
      case WARNING, ERROR -> Icon.CRASHED;
    };
  }
}
