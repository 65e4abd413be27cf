// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import org.controlsfx.control.PopOver;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.PopOvers;
import org.mobitopolo.host.HostState;

/**
 * What is known of a host, above its name in the status bar; an unreachable one can be tried again
 * from there.
 */
final class HostCard {
  private static final double WIDTH = 340;

  private HostCard() {}

  static void show(Node owner, HostState host, Texts texts, Runnable retry) {
    Label text = new Label(HostStates.describe(host, texts));
    text.setWrapText(true);
    VBox content = new VBox(10, text);
    content.getStyleClass().add("task-list");
    content.setPrefWidth(WIDTH);
    PopOver card = PopOvers.of(content, PopOver.ArrowLocation.BOTTOM_LEFT);
    if (host.status() == HostState.Status.UNREACHABLE) {
      Button again = new Button(texts.get("word.try-again"));
      again.getStyleClass().addAll("small", "accent");
      again.setOnAction(
          _ -> {
            card.hide();
            retry.run();
          });
      content.getChildren().add(again);
    }
    card.show(owner);
  }
}
