// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.css.PseudoClass;
import javafx.geometry.VPos;
import javafx.scene.AccessibleRole;
import javafx.scene.Group;
import javafx.scene.shape.Rectangle;
import javafx.scene.text.Text;
import javafx.scene.transform.Scale;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.IconView;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;

/**
 * A region: a tinted area whose header has its name, its host and the host's facts. While nodes are
 * dragged over it, the header tells whether they fit. Zoomed out the header keeps a legible size.
 */
public final class RegionView extends javafx.scene.layout.Region {
  /** Height of the header at zoom 1; dragging it moves the region. */
  public static final double HEADER = 36;

  private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
  private static final PseudoClass TARGET = PseudoClass.getPseudoClass("drop-target");
  private static final PseudoClass REFUSED = PseudoClass.getPseudoClass("drop-refused");
  private static final PseudoClass UNREACHABLE = PseudoClass.getPseudoClass("unreachable");
  private static final PseudoClass FAR = PseudoClass.getPseudoClass("far");
  private static final double INSET = 14;
  private static final double VERDICT_ABOVE = 14;
  private static final double LOAD_WIDTH = 36;
  private static final double LOAD_HEIGHT = 4;

  private final Group header = new Group();
  private final Scale headerScale = new Scale();
  private final IconView icon = new IconView(Icon.REGION, 15);
  private final Text name = new Text();
  private final Ellipsis nameFit = new Ellipsis(name);
  private final Text host = new Text();
  private final Text facts = new Text();
  private final Rectangle loadTrack = new Rectangle(LOAD_WIDTH, LOAD_HEIGHT);
  private final Rectangle loadBar = new Rectangle(0, LOAD_HEIGHT);
  private final Pill verdict = new Pill("verdict");
  private boolean headerOutside;
  private Region region;
  private RegionDecoration decoration = RegionDecoration.NONE;

  RegionView(Region region) {
    getStyleClass().add("region");
    setAccessibleRole(AccessibleRole.PARENT);
    setManaged(false);
    name.getStyleClass().add("region-name");
    host.getStyleClass().add("region-host");
    facts.getStyleClass().add("region-facts");
    loadTrack.getStyleClass().add("load-track");
    loadBar.getStyleClass().add("load-bar");
    for (Text text : new Text[] {name, host, facts}) {
      text.setTextOrigin(VPos.CENTER);
      text.boundsInLocalProperty().addListener(_ -> requestLayout());
    }
    for (Rectangle bar : new Rectangle[] {loadTrack, loadBar}) {
      bar.setArcWidth(LOAD_HEIGHT);
      bar.setArcHeight(LOAD_HEIGHT);
    }
    header.setManaged(false);
    header.setMouseTransparent(true);
    header.getTransforms().add(headerScale);
    header.getChildren().addAll(icon, name, host, facts, loadTrack, loadBar);
    verdict.setVisible(false);
    getChildren().addAll(header, verdict);
    setRegion(region);
    showDecoration();
  }

  public Region region() {
    return region;
  }

  /** The area now, which differs from the topology's while it is dragged. */
  public Box box() {
    return new Box(
        getLayoutX(), getLayoutY(), getLayoutX() + getWidth(), getLayoutY() + getHeight());
  }

  /** Whether a point of the world lies on the header. */
  public boolean isHeader(Point point) {
    return box().contains(point)
        && point.y() - getLayoutY() <= (headerOutside ? HEADER : HEADER * headerScale.getY());
  }

  void setBounds(Bounds bounds) {
    resizeRelocate(bounds.x(), bounds.y(), bounds.width(), bounds.height());
  }

  void setRegion(Region newRegion) {
    if (newRegion.equals(region)) {
      return;
    }
    region = newRegion;
    setId("region-" + region.id());
    Tints.apply(this, region.color());
    host.setText(region.host().displayName());
    setBounds(region.bounds());
    describe();
  }

  void setSelected(boolean selected) {
    pseudoClassStateChanged(SELECTED, selected);
  }

  void decorate(RegionDecoration newDecoration) {
    if (!newDecoration.equals(decoration)) {
      decoration = newDecoration;
      showDecoration();
    }
  }

  private void showDecoration() {
    facts.setText(decoration.facts());
    loadBar.setWidth(LOAD_WIDTH * decoration.load());
    pseudoClassStateChanged(UNREACHABLE, !decoration.reachable());
    describe();
  }

  private void describe() {
    setAccessibleText(
        region.name()
            + ", region on "
            + region.host().displayName()
            + (decoration.facts().isEmpty() ? "" : ", " + decoration.facts()));
    requestLayout();
  }

  /** Highlights the region as the place where dragged nodes will go. */
  public void showVerdict(boolean fits, String text) {
    pseudoClassStateChanged(TARGET, fits);
    pseudoClassStateChanged(REFUSED, !fits);
    verdict.setIcon(fits ? Icon.CHECK : Icon.CRASHED);
    verdict.setText("", text);
    verdict.setVisible(!text.isEmpty());
    requestLayout();
  }

  /** Takes the highlight away. */
  public void hideVerdict() {
    pseudoClassStateChanged(TARGET, false);
    pseudoClassStateChanged(REFUSED, false);
    verdict.setVisible(false);
  }

  /** The verdict on the nodes dragged over it; empty when there is none. */
  public String verdictText() {
    return verdict.isVisible() ? verdict.text() : "";
  }

  /**
   * Sets how the header is drawn.
   *
   * @param scale how much larger than at zoom 1
   * @param outside whether it lies above the region, where it covers no nodes
   */
  void setHeader(double scale, boolean outside) {
    if (scale != headerScale.getX() || outside != headerOutside) {
      headerOutside = outside;
      pseudoClassStateChanged(FAR, outside);
      headerScale.setX(scale);
      headerScale.setY(scale);
      verdict.setScaleX(scale);
      verdict.setScaleY(scale);
      requestLayout();
    }
  }

  @Override
  protected void layoutChildren() {
    header.setLayoutY(headerOutside ? -HEADER * headerScale.getY() : 0);
    double room = getWidth() / headerScale.getX() - 2 * INSET;
    double middle = HEADER / 2 + 2;
    icon.resizeRelocate(INSET, middle - 8, 15, 15);
    double x = INSET + 21;
    nameFit.fit(region.name(), Math.max(0, room - 21));
    name.setLayoutX(x);
    name.setLayoutY(middle);
    x += name.getLayoutBounds().getWidth() + 9;
    double factsWidth = decoration.facts().isEmpty() ? 0 : facts.getLayoutBounds().getWidth();
    double barWidth = decoration.reachable() && factsWidth > 0 ? LOAD_WIDTH + 8 : 0;
    double hostWidth = host.getLayoutBounds().getWidth();
    double right = INSET + room;
    boolean factsFit = x + factsWidth + barWidth <= right;
    facts.setVisible(factsFit);
    loadTrack.setVisible(barWidth > 0 && factsFit);
    loadBar.setVisible(loadTrack.isVisible());
    facts.setLayoutX(right - factsWidth);
    facts.setLayoutY(middle);
    for (Rectangle bar : new Rectangle[] {loadTrack, loadBar}) {
      bar.setX(right - factsWidth - barWidth);
      bar.setY(middle - LOAD_HEIGHT / 2);
    }
    host.setLayoutX(x);
    host.setLayoutY(middle);
    double left = factsFit && factsWidth > 0 ? right - factsWidth - barWidth - 16 : right;
    host.setVisible(x + hostWidth <= left);
    verdict.anchor(getWidth() / 2, getHeight() - VERDICT_ABOVE, 0.5, 1);
  }
}
