// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.css.PseudoClass;
import javafx.geometry.Bounds;
import javafx.geometry.VPos;
import javafx.scene.AccessibleRole;
import javafx.scene.Group;
import javafx.scene.Node;
import javafx.scene.shape.Polygon;
import javafx.scene.shape.Polyline;
import javafx.scene.shape.StrokeLineCap;
import javafx.scene.shape.StrokeLineJoin;
import javafx.scene.text.Text;
import javafx.scene.transform.Rotate;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.LabelSpace;
import org.mobitopolo.canvas.geometry.LinkCurve;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.topology.Link;

/**
 * A link: its line, whose width and colour show how busy it is, an arrowhead for each direction
 * that carries traffic, the addresses beside its ends and what passes near its middle. Labels lie on
 * a layer of their own, above all lines; those that find no free place show while the link is
 * selected or under the pointer. It is in the scene graph only while it is near; see {@link
 * Overview}.
 */
public final class LinkView extends Group {
  private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
  private static final PseudoClass HOVER = PseudoClass.getPseudoClass("link-hover");
  private static final PseudoClass DOWN = PseudoClass.getPseudoClass("down");
  private static final PseudoClass DROPS = PseudoClass.getPseudoClass("drops");
  private static final PseudoClass BUSY = PseudoClass.getPseudoClass("busy");
  private static final PseudoClass FULL = PseudoClass.getPseudoClass("full");
  private static final double FULL_LOAD = 0.9;
  /** Of the line of a link that carries nothing. */
  static final double WIDTH = 1.75;

  private static final double WIDEST = 5;
  private static final double PILL_STEP = 24;
  private static final double ARROW = 5;
  private static final double ROOM_FOR_ARROWS = 90;

  private final Texts texts;
  private final Polyline line = new Polyline();
  private final Group labels = new Group();
  private final Text[] ends = new Text[2];
  private final Polygon[] arrows = new Polygon[2];
  private final Rotate[] turns = new Rotate[2];
  private Pill pill;
  private Link link;
  private LinkCurve curve;
  private final String[] endTexts = {"", ""};
  private LinkDecoration decoration = LinkDecoration.NONE;
  private boolean selected;
  private boolean hovered;
  private final Consumer<LinkView> onLabelsChanged;
  private Optional<LabelSpace.Middle> middle = Optional.empty();

  /**
   * A link that is drawn nowhere yet.
   *
   * @param onLabelsChanged told when the labels need places anew
   */
  LinkView(Link link, Texts texts, Consumer<LinkView> onLabelsChanged) {
    this.texts = texts;
    this.onLabelsChanged = onLabelsChanged;
    getStyleClass().add("link");
    labels.getStyleClass().add("link-labels");
    setAccessibleRole(AccessibleRole.NODE);
    setMouseTransparent(true);
    labels.setMouseTransparent(true);
    line.getStyleClass().add("link-line");
    line.setStrokeLineCap(StrokeLineCap.BUTT);
    line.setStrokeLineJoin(StrokeLineJoin.ROUND);
    line.setStrokeWidth(WIDTH);
    line.setFill(null);
    getChildren().add(line);
    setLink(link);
  }

  public Link link() {
    return link;
  }

  public LinkCurve curve() {
    return curve;
  }

  /** The labels, which belong above all lines. */
  Group labels() {
    return labels;
  }

  void setLink(Link newLink) {
    link = newLink;
    setId("link-" + link.id());
  }

  /** Lays the link along a curve. */
  void setCurve(LinkCurve newCurve) {
    curve = newCurve;
    if (isShown()) {
      drawLine();
      onLabelsChanged.accept(this);
    }
  }

  private void drawLine() {
    List<Double> points = new ArrayList<>(curve.points().size() * 2);
    curve
        .points()
        .forEach(
            point -> {
              points.add(point.x());
              points.add(point.y());
            });
    line.getPoints().setAll(points);
  }

  /** What stands beside the ends; empty for nothing. */
  void setEnds(String a, String b) {
    if (!a.equals(endTexts[0]) || !b.equals(endTexts[1])) {
      endTexts[0] = a;
      endTexts[1] = b;
      if (isShown()) {
        showEnds();
      }
    }
  }

  /** Makes or changes the labels of the ends. */
  private void showEnds() {
    for (int end = 0; end < 2; end++) {
      if (endTexts[end].isEmpty()) {
        labels.getChildren().remove(ends[end]);
        ends[end] = null;
      } else if (ends[end] == null) {
        Text label = new Text();
        label.getStyleClass().add("link-end");
        label.setTextOrigin(VPos.TOP);
        label.boundsInLocalProperty().addListener(_ -> onLabelsChanged.accept(this));
        ends[end] = label;
        labels.getChildren().add(label);
      }
      if (ends[end] != null) {
        ends[end].setText(endTexts[end]);
      }
    }
    onLabelsChanged.accept(this);
  }

  LinkDecoration decoration() {
    return decoration;
  }

  boolean isSelected() {
    return selected;
  }

  boolean isHovered() {
    return hovered;
  }

  void setSelected(boolean newSelected) {
    if (newSelected == selected) {
      return;
    }
    selected = newSelected;
    pseudoClassStateChanged(SELECTED, selected);
    labels.pseudoClassStateChanged(SELECTED, selected);
    emphasize();
  }

  void setHovered(boolean newHovered) {
    hovered = newHovered;
    pseudoClassStateChanged(HOVER, hovered);
    labels.pseudoClassStateChanged(HOVER, hovered);
    emphasize();
  }

  void decorate(LinkDecoration newDecoration) {
    if (newDecoration.equals(decoration)) {
      return;
    }
    decoration = newDecoration;
    if (isShown()) {
      showState();
    }
  }

  private void showState() {
    pseudoClassStateChanged(DOWN, !decoration.up());
    pseudoClassStateChanged(BUSY, decoration.load() > 0);
    pseudoClassStateChanged(FULL, decoration.load() >= FULL_LOAD);
    applyWidth();
    showTraffic();
  }

  private void emphasize() {
    applyWidth();
    onLabelsChanged.accept(this);
  }

  private void applyWidth() {
    double width = WIDTH + (WIDEST - WIDTH) * decoration.load();
    line.setStrokeWidth(selected || hovered ? width + 1 : width);
  }

  /** Shows what passes. */
  private void showTraffic() {
    showPill();
    showArrow(0, decoration.loadAb());
    showArrow(1, decoration.loadBa());
    placeArrows();
  }

  private void showPill() {
    String text = decoration.up() ? decoration.label() : texts.get("link.down");
    if (text.isEmpty() && decoration.drops().isEmpty()) {
      if (pill != null) {
        labels.getChildren().remove(pill);
        pill = null;
        onLabelsChanged.accept(this);
      }
      return;
    }
    if (pill == null) {
      pill = new Pill("link-pill");
      pill.widthProperty()
          .addListener(
              (_, before, now) -> {
                if (stepped(before.doubleValue()) != stepped(now.doubleValue())) {
                  onLabelsChanged.accept(this);
                }
                placeArrows();
              });
      labels.getChildren().add(pill);
    }
    pill.pseudoClassStateChanged(DOWN, !decoration.up());
    pill.pseudoClassStateChanged(DROPS, !decoration.drops().isEmpty());
    pill.setText(text, decoration.drops());
  }

  private void showArrow(int direction, double load) {
    if (load == 0) {
      getChildren().remove(arrows[direction]);
      arrows[direction] = null;
    } else if (arrows[direction] == null) {
      Polygon arrow = new Polygon(-ARROW, -ARROW, ARROW, 0, -ARROW, ARROW, -ARROW * 0.5, 0);
      arrow.getStyleClass().add("link-arrow");
      turns[direction] = new Rotate();
      arrow.getTransforms().add(turns[direction]);
      arrows[direction] = arrow;
      getChildren().add(arrow);
    }
  }

  /** Whether it is in the scene graph. */
  boolean isShown() {
    return getParent() != null;
  }

  /** Makes what only can be seen near, and brings it up to date; called before the link is shown. */
  void reveal() {
    drawLine();
    showState();
    showEnds();
  }

  /** Says everything in the language used now. */
  void translate() {
    if (isShown()) {
      showTraffic();
    }
  }

  /** Shows the link only if both its nodes exist. */
  void setComplete(boolean complete) {
    setVisible(complete);
    labels.setVisible(complete);
  }

  /** The room that the pill takes, in steps, so that labels stay when its text changes a little. */
  private static double stepped(double width) {
    return Math.ceil(width / PILL_STEP) * PILL_STEP;
  }

  /** Takes places for all labels. Those that the link had must have been released. */
  void placeLabels(LabelSpace space) {
    if (!isShown() || !isVisible()) {
      return;
    }
    boolean always = selected || hovered;
    middle = Optional.empty();
    if (pill != null) {
      middle =
          space.placeMiddle(
              link.id(), curve, stepped(pill.getWidth()), pill.getHeight(), always);
      pill.setVisible(middle.isPresent());
      middle
          .map(LabelSpace.Middle::centre)
          .ifPresent(centre -> pill.anchor(centre.x(), centre.y(), 0.5, 0.5));
    }
    placeArrows();
    for (int end = 0; end < 2; end++) {
      if (ends[end] != null) {
        Bounds bounds = ends[end].getLayoutBounds();
        placeEnd(
            ends[end],
            space.placeEnd(
                link.id(), curve, bounds.getWidth(), bounds.getHeight(), end == 1, always));
      }
    }
  }

  /** Hides the labels while the link moves too fast for them. */
  void hideLabels() {
    for (Node label : labels.getChildren()) {
      label.setVisible(false);
    }
  }

  private void placeArrows() {
    double along = middle.map(LabelSpace.Middle::along).orElse(curve.length() / 2);
    boolean pillOnLine =
        pill != null && pill.isVisible() && middle.filter(LabelSpace.Middle::onLine).isPresent();
    double pillReach = pillOnLine ? alongPill(curve.at(along)) : 0;
    for (int direction = 0; direction < 2; direction++) {
      if (arrows[direction] != null) {
        placeArrow(arrows[direction], direction, along, pillReach);
      }
    }
  }

  private double alongPill(LinkCurve.Place place) {
    return Math.min(
        pill.getWidth() / 2 / Math.max(0.01, Math.abs(place.dx())),
        pill.getHeight() / 2 / Math.max(0.01, Math.abs(place.dy())));
  }

  private void placeArrow(Polygon arrow, int direction, double along, double pillReach) {
    double place = along + (direction == 0 ? 1 : -1) * (pillReach + 2.5 * ARROW);
    arrow.setVisible(
        curve.length() >= ROOM_FOR_ARROWS
            && place > ARROW
            && place < curve.length() - ARROW);
    LinkCurve.Place at = curve.at(place);
    arrow.setLayoutX(at.point().x());
    arrow.setLayoutY(at.point().y());
    turns[direction].setAngle(
        Math.toDegrees(Math.atan2(at.dy(), at.dx())) + (direction == 0 ? 0 : 180));
  }

  private static void placeEnd(Text text, Optional<Box> box) {
    text.setVisible(box.isPresent());
    box.ifPresent(
        b -> {
          text.setLayoutX(Math.round(b.left()));
          text.setLayoutY(Math.round(b.top()));
        });
  }

  /** One sentence for people who can't see the link. */
  void describe(String a, String b) {
    setAccessibleText(
        texts.get("link.told", a, b)
            + (decoration.up() ? "" : ", " + texts.get("link.down"))
            + (decoration.label().isEmpty() ? "" : ", " + decoration.label()));
  }
}
