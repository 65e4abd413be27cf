// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.List;
import javafx.css.PseudoClass;
import javafx.geometry.VPos;
import javafx.scene.Group;
import javafx.scene.layout.Region;
import javafx.scene.text.Font;
import javafx.scene.text.Text;
import javafx.scene.transform.Scale;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.IconView;

/**
 * The texts of a region, on a layer above the links: its name and host at the left, how busy the
 * host is and its facts at the right, and at the bottom what is wrong, or what would become of nodes
 * dragged over it. What has no room is left out: first the facts, from the last one on, then the
 * host, then the meters.
 * Zoomed out the header keeps a legible size.
 */
final class RegionHeader extends Region {
  /** Height at zoom 1. */
  static final double HEIGHT = 36;

  private static final PseudoClass TARGET = PseudoClass.getPseudoClass("drop-target");
  private static final PseudoClass REFUSED = PseudoClass.getPseudoClass("drop-refused");
  private static final PseudoClass UNREACHABLE = PseudoClass.getPseudoClass("unreachable");
  private static final double INSET = 14;
  private static final double ICON = 15;
  private static final double GAP = 10;
  private static final double PLATE = 5;
  private static final double PLATE_HEIGHT = 24;
  private static final double VERDICT_ABOVE = 14;
  private static final double TROUBLE_INSET = 10;
  private static final String BETWEEN_FACTS = " \u00b7 ";

  private final Group band = new Group();
  private final Scale bandScale = new Scale();
  private final Region leftPlate = plate("header-plate");
  private final Region rightPlate = plate("header-plate");
  private final IconView icon = new IconView(Icon.REGION, ICON);
  private final Text name = text("region-name");
  private final Ellipsis nameFit = new Ellipsis(name);
  private final Text host = text("region-host");
  private final Text facts = text("region-facts");
  private final Meter cpu = new Meter("CPU");
  private final Meter memory = new Meter("RAM");
  private final Pill verdict = new Pill("verdict");
  private final Text trouble = text("region-trouble");
  private final Region troublePlate = plate("trouble-plate");
  private String fullName = "";
  private List<String> allFacts = List.of();
  private final List<Double> factsWidths = new ArrayList<>();
  private Font factsFont;
  private boolean outside;

  RegionHeader() {
    getStyleClass().add("region-header");
    setManaged(false);
    setMouseTransparent(true);
    icon.setManaged(false);
    trouble.setTextOrigin(VPos.TOP);
    verdict.setVisible(false);
    band.setManaged(false);
    band.getTransforms().add(bandScale);
    band.getChildren().addAll(leftPlate, rightPlate, icon, name, host, facts, cpu, memory);
    getChildren().addAll(band, troublePlate, trouble, verdict);
  }

  private static Region plate(String styleClass) {
    Region plate = new Region();
    plate.getStyleClass().add(styleClass);
    plate.setManaged(false);
    return plate;
  }

  private Text text(String styleClass) {
    Text text = new Text();
    text.getStyleClass().add(styleClass);
    text.setTextOrigin(VPos.CENTER);
    text.setManaged(false);
    text.boundsInLocalProperty().addListener(_ -> requestLayout());
    return text;
  }

  /**
   * Shows another version of the region.
   *
   * @param hostName what its host is called
   */
  void setRegion(org.mobitopolo.topology.Region region, String hostName) {
    Tints.apply(this, region.color());
    fullName = region.name();
    host.setText(hostName);
    requestLayout();
  }

  void decorate(RegionDecoration decoration) {
    if (!decoration.facts().equals(allFacts)) {
      allFacts = decoration.facts();
      factsWidths.clear();
    }
    trouble.setText(decoration.trouble());
    cpu.show(decoration.cpu());
    memory.show(decoration.memory());
    pseudoClassStateChanged(UNREACHABLE, !decoration.reachable());
    requestLayout();
  }

  void showVerdict(boolean fits, String text) {
    pseudoClassStateChanged(TARGET, fits);
    pseudoClassStateChanged(REFUSED, !fits);
    verdict.setIcon(fits ? Icon.CHECK : Icon.CRASHED);
    verdict.setText("", text);
    verdict.setVisible(!text.isEmpty());
    requestLayout();
  }

  void hideVerdict() {
    pseudoClassStateChanged(TARGET, false);
    pseudoClassStateChanged(REFUSED, false);
    verdict.setVisible(false);
    requestLayout();
  }

  String verdictText() {
    return verdict.isVisible() ? verdict.text() : "";
  }

  /**
   * Sets how it is drawn.
   *
   * @param scale how much larger than at zoom 1
   * @param above whether it lies above the region, where it covers no nodes
   */
  void setScale(double scale, boolean above) {
    outside = above;
    bandScale.setX(scale);
    bandScale.setY(scale);
    verdict.setScaleX(scale);
    verdict.setScaleY(scale);
    requestLayout();
  }

  double scale() {
    return bandScale.getX();
  }

  boolean isOutside() {
    return outside;
  }

  /** The boxes that its texts take in the world, as far as they have been laid out. */
  List<Box> texts() {
    List<Box> boxes = new ArrayList<>();
    for (Region plate : List.of(leftPlate, rightPlate)) {
      if (plate.isVisible() && plate.getWidth() > 0) {
        double left = getLayoutX() + plate.getLayoutX() * scale();
        double top = getLayoutY() + band.getLayoutY() + plate.getLayoutY() * scale();
        boxes.add(
            new Box(
                left,
                top,
                left + plate.getWidth() * scale(),
                top + plate.getHeight() * scale()));
      }
    }
    return boxes;
  }

  @Override
  protected void layoutChildren() {
    band.setLayoutY(outside ? -HEIGHT * scale() : 0);
    double right = getWidth() / scale() - INSET;
    double middle = HEIGHT / 2 + 2;
    double left = layoutLeft(middle, right);
    double hostWidth = host.getLayoutBounds().getWidth();
    double begin = layoutRight(middle, left + hostWidth + GAP, right);
    if (begin == right && right > left) {
      begin = layoutRight(middle, left, right);
    }
    rightPlate.setVisible(begin < right);
    rightPlate.resizeRelocate(
        begin - PLATE, middle - PLATE_HEIGHT / 2, right - begin + 2 * PLATE, PLATE_HEIGHT);
    host.setVisible(left + hostWidth + (begin < right ? GAP : 0) <= begin);
    host.setLayoutX(left);
    host.setLayoutY(middle);
    double end = host.isVisible() ? left + hostWidth : left - GAP;
    leftPlate.resizeRelocate(
        INSET - PLATE, middle - PLATE_HEIGHT / 2, end - INSET + 2 * PLATE, PLATE_HEIGHT);
    layoutTrouble();
    verdict.anchor(getWidth() / 2, getHeight() - VERDICT_ABOVE, 0.5, 1);
  }

  /** Places icon and name; returns where the host would begin. */
  private double layoutLeft(double middle, double right) {
    icon.resizeRelocate(INSET, middle - ICON / 2 - 0.5, ICON, ICON);
    double x = INSET + ICON + 6;
    nameFit.fit(fullName, Math.max(0, right - x));
    name.setLayoutX(x);
    name.setLayoutY(middle);
    return x + name.getLayoutBounds().getWidth() + GAP;
  }

  /** Places facts and meters from right to left as far as they fit; returns where they begin. */
  private double layoutRight(double middle, double left, double right) {
    List<Meter> meters = new ArrayList<>();
    double metersWidth = 0;
    for (Meter meter : List.of(cpu, memory)) {
      meter.setVisible(false);
      if (meter.isKnown()) {
        meters.add(meter);
        metersWidth += meter.width() + GAP;
      }
    }
    boolean metersFit = left + metersWidth <= right;
    int fitting = factsThatFit(right - left - (metersFit ? metersWidth : 0));
    facts.setVisible(fitting > 0);
    double x = right;
    if (fitting > 0) {
      facts.setText(joined(fitting));
      x -= factsWidths.get(fitting - 1);
      facts.setLayoutX(x);
      facts.setLayoutY(middle);
    }
    if (metersFit) {
      for (Meter meter : meters.reversed()) {
        x -= x == right ? meter.width() : meter.width() + GAP;
        meter.place(x, middle);
        meter.setVisible(true);
      }
    }
    return x;
  }

  /** How many facts have room side by side; their widths are measured once, as that is slow. */
  private int factsThatFit(double room) {
    if (factsWidths.size() != allFacts.size() || !facts.getFont().equals(factsFont)) {
      factsFont = facts.getFont();
      factsWidths.clear();
      for (int count = 1; count <= allFacts.size(); count++) {
        facts.setText(joined(count));
        factsWidths.add(facts.getLayoutBounds().getWidth());
      }
    }
    return (int) factsWidths.stream().takeWhile(width -> width <= room).count();
  }

  private String joined(int count) {
    return String.join(BETWEEN_FACTS, allFacts.subList(0, count));
  }

  private void layoutTrouble() {
    boolean shown = !trouble.getText().isEmpty() && !verdict.isVisible() && !outside;
    trouble.setVisible(shown);
    troublePlate.setVisible(shown);
    if (shown) {
      trouble.setWrappingWidth(Math.max(40, getWidth() - 2 * INSET - 2 * TROUBLE_INSET));
      double height = trouble.getLayoutBounds().getHeight() + TROUBLE_INSET * 1.4;
      double top = getHeight() - INSET - height;
      troublePlate.resizeRelocate(INSET, top, Math.max(0, getWidth() - 2 * INSET), height);
      trouble.setLayoutX(INSET + TROUBLE_INSET);
      trouble.setLayoutY(top + TROUBLE_INSET * 0.7);
    }
  }
}
