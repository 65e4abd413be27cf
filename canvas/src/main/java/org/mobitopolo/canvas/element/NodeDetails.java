// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.geometry.VPos;
import javafx.scene.layout.Region;
import javafx.scene.text.Text;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.IconView;

/**
 * What is on a node's card: icon with a dot for the state, name, a line of facts, a badge. Made when
 * a card is first near enough to be read, as styling a thousand of them takes long.
 */
final class NodeDetails extends Region {
  private static final double TILE = 36;
  private static final double SMALL_TILE = 30;
  private static final double ICON = 20;
  private static final double SMALL_ICON = 18;
  private static final double DOT = 13;
  private static final double INSET = 10;

  private final Region tile = new Region();
  private final IconView icon = new IconView(Icon.VM, ICON);
  private final Region dot = new Region();
  private final Text name = new Text();
  private final Text subtitle = new Text();
  private final Text badge = new Text();
  private final Ellipsis nameFit = new Ellipsis(name);
  private final Ellipsis subtitleFit = new Ellipsis(subtitle);
  private String fullName = "";
  private String fullSubtitle = "";
  private boolean large = true;

  NodeDetails() {
    setManaged(false);
    setMouseTransparent(true);
    tile.getStyleClass().add("node-tile");
    dot.getStyleClass().add("state-dot");
    name.getStyleClass().add("node-name");
    subtitle.getStyleClass().add("node-subtitle");
    badge.getStyleClass().add("node-badge");
    for (Text text : new Text[] {name, subtitle, badge}) {
      text.setTextOrigin(VPos.CENTER);
      text.setManaged(false);
    }
    for (Region part : new Region[] {tile, icon, dot}) {
      part.setManaged(false);
    }
    getChildren().addAll(tile, icon, dot, name, subtitle, badge);
  }

  /**
   * Shows these.
   *
   * @param machine whether it is the large card of a machine
   * @param withDot whether there is a state to show
   */
  void show(
      Icon kind,
      boolean machine,
      boolean withDot,
      String newName,
      String newSubtitle,
      String newBadge) {
    icon.setIcon(kind);
    large = machine;
    dot.setVisible(withDot);
    fullName = newName;
    fullSubtitle = newSubtitle;
    badge.setText(newBadge);
    requestLayout();
  }

  /** Whether name or facts had to be cut. */
  boolean isCut() {
    return !name.getText().equals(fullName) || !subtitle.getText().equals(fullSubtitle);
  }

  @Override
  protected void layoutChildren() {
    double tileSize = large ? TILE : SMALL_TILE;
    double inset = (getHeight() - tileSize) / 2;
    double middle = getHeight() / 2;
    tile.resizeRelocate(inset, inset, tileSize, tileSize);
    double iconSize = large ? ICON : SMALL_ICON;
    icon.resizeRelocate(
        inset + (tileSize - iconSize) / 2, inset + (tileSize - iconSize) / 2, iconSize, iconSize);
    dot.resizeRelocate(inset + tileSize - DOT + 4, inset + tileSize - DOT + 4, DOT, DOT);
    double left = inset + tileSize + INSET;
    double room = getWidth() - left - INSET;
    nameFit.fit(fullName, room);
    name.setLayoutX(left);
    name.setLayoutY(middle - 8.5);
    double badgeWidth =
        badge.getText().isEmpty() ? 0 : Math.ceil(badge.getLayoutBounds().getWidth());
    subtitleFit.fit(fullSubtitle, badgeWidth == 0 ? room : room - badgeWidth - 6);
    subtitle.setLayoutX(left);
    subtitle.setLayoutY(middle + 10);
    badge.setLayoutX(getWidth() - INSET - badgeWidth);
    badge.setLayoutY(middle + 10);
  }
}
