// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.List;
import javafx.css.PseudoClass;
import javafx.scene.AccessibleRole;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;

/**
 * A region: a tinted area whose header has its name, its host and how that is. While nodes are
 * dragged over it, it tells whether they fit; while its host does not answer, what to do.
 */
public final class RegionView extends javafx.scene.layout.Region {
  /** Height of the header at zoom 1; dragging it moves the region. */
  public static final double HEADER = RegionHeader.HEIGHT;

  private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
  private static final PseudoClass TARGET = PseudoClass.getPseudoClass("drop-target");
  private static final PseudoClass REFUSED = PseudoClass.getPseudoClass("drop-refused");
  private static final PseudoClass UNREACHABLE = PseudoClass.getPseudoClass("unreachable");

  private final Texts texts;
  private final RegionFrame frame = new RegionFrame();
  private final RegionHeader header = new RegionHeader();
  private Region region;
  private RegionDecoration decoration = RegionDecoration.NONE;

  RegionView(Region region, Texts texts) {
    this.texts = texts;
    getStyleClass().add("region");
    setAccessibleRole(AccessibleRole.PARENT);
    setManaged(false);
    getChildren().add(frame);
    setRegion(region);
  }

  public Region region() {
    return region;
  }

  /** The area now, which differs from the topology's while it is dragged or glides. */
  public Box box() {
    return new Box(
        getLayoutX(), getLayoutY(), getLayoutX() + getWidth(), getLayoutY() + getHeight());
  }

  /** Whether a point of the world lies on the header. */
  public boolean isHeader(Point point) {
    return box().contains(point)
        && point.y() - getLayoutY() <= (header.isOutside() ? HEADER : HEADER * header.scale());
  }

  /** The texts, which belong above links. */
  javafx.scene.Node header() {
    return header;
  }

  /** The places in the world that its texts take. */
  List<Box> texts() {
    return header.texts();
  }

  void setBounds(Bounds bounds) {
    resizeRelocate(bounds.x(), bounds.y(), bounds.width(), bounds.height());
    header.resizeRelocate(bounds.x(), bounds.y(), bounds.width(), bounds.height());
  }

  /** Shows another version of the region; does not move it. */
  void setRegion(Region newRegion) {
    if (newRegion.equals(region)) {
      return;
    }
    region = newRegion;
    setId("region-" + region.id());
    Tints.apply(this, region.color());
    describe();
  }

  void setSelected(boolean selected) {
    pseudoClassStateChanged(SELECTED, selected);
  }

  void decorate(RegionDecoration newDecoration) {
    if (!newDecoration.equals(decoration)) {
      decoration = newDecoration;
      header.decorate(decoration);
      pseudoClassStateChanged(UNREACHABLE, !decoration.reachable());
      tell();
    }
  }

  /** Says everything in the language used now. */
  void describe() {
    header.setRegion(region, hostName(region.host()));
    tell();
  }

  private void tell() {
    setAccessibleText(
        texts.get("region.told", region.name(), hostName(region.host()))
            + (decoration.facts().isEmpty() ? "" : ", " + String.join(", ", decoration.facts()))
            + (decoration.trouble().isEmpty() ? "" : ". " + decoration.trouble()));
  }

  private String hostName(HostUrl host) {
    return switch (host) {
      case HostUrl.Local local ->
          local
              .folder()
              .map(folder -> texts.get("host.this-computer-folder", folder))
              .orElseGet(() -> texts.get("host.this-computer"));
      case HostUrl.Ssh remote -> remote.displayName();
    };
  }

  /** Highlights the region as the place where dragged nodes will go. */
  public void showVerdict(boolean fits, String text) {
    pseudoClassStateChanged(TARGET, fits);
    pseudoClassStateChanged(REFUSED, !fits);
    header.showVerdict(fits, text);
  }

  /** Takes the highlight away. */
  public void hideVerdict() {
    pseudoClassStateChanged(TARGET, false);
    pseudoClassStateChanged(REFUSED, false);
    header.hideVerdict();
  }

  /** The verdict on the nodes dragged over it; empty when there is none. */
  public String verdictText() {
    return header.verdictText();
  }

  /**
   * Sets how the header is drawn.
   *
   * @param scale how much larger than at zoom 1
   * @param outside whether it lies above the region, where it covers no nodes
   */
  void setHeader(double scale, boolean outside) {
    if (scale != header.scale() || outside != header.isOutside()) {
      header.setScale(scale, outside);
      requestLayout();
    }
  }

  @Override
  protected void layoutChildren() {
    frame.draw(getWidth(), getHeight(), !header.isOutside());
  }
}
