// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.theme;

import javafx.scene.Node;
import org.controlsfx.control.PopOver;

/** Makes cards that point at something, in the colours of the theme instead of their own. */
public final class PopOvers {
  private PopOvers() {}

  public static PopOver of(Node content, PopOver.ArrowLocation arrow) {
    PopOver card = new PopOver(content);
    card.getRoot()
        .getStylesheets()
        .add(PopOvers.class.getResource("popover.css").toExternalForm());
    card.setArrowLocation(arrow);
    card.setDetachable(false);
    return card;
  }
}
