// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javafx.css.PseudoClass;
import javafx.geometry.VPos;
import javafx.scene.AccessibleRole;
import javafx.scene.Group;
import javafx.scene.shape.Polygon;
import javafx.scene.shape.Polyline;
import javafx.scene.shape.StrokeLineCap;
import javafx.scene.shape.StrokeLineJoin;
import javafx.scene.text.Text;
import javafx.scene.transform.Rotate;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.LabelPlacement;
import org.mobitopolo.canvas.geometry.LinkCurve;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;

/**
 * A link: its line, whose width and colour show how busy it is, an arrowhead for each direction
 * that carries traffic, the addresses beside its ends and what passes in its middle. Labels lie on
 * a layer of their own, above all lines.
 */
public final class LinkView extends Group {
  private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
  private static final PseudoClass HOVER = PseudoClass.getPseudoClass("link-hover");
  private static final PseudoClass DOWN = PseudoClass.getPseudoClass("down");
  private static final PseudoClass DROPS = PseudoClass.getPseudoClass("drops");
  private static final PseudoClass BUSY = PseudoClass.getPseudoClass("busy");
  private static final PseudoClass FULL = PseudoClass.getPseudoClass("full");
  private static final double FULL_LOAD = 0.9;
  private static final double WIDTH = 1.75;
  private static final double WIDEST = 5;
  private static final double PILL_WIDTH = 90;
  private static final double PILL_HEIGHT = 22;
  private static final double ARROW = 5;
  private static final double ROOM_FOR_ARROWS = 90;

  private final Polyline line = new Polyline();
  private final Group labels = new Group();
  private final Text[] ends = new Text[2];
  private final Polygon[] arrows = new Polygon[2];
  private Pill pill;
  private Link link;
  private LinkCurve curve;
  private List<Box> obstacles = List.of();
  private LinkDecoration decoration = LinkDecoration.NONE;
  private boolean far;
  private boolean selected;
  private boolean hovered;

  LinkView(Link link) {
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

  /** Lays the link along a curve, its labels off some obstacles. */
  void setCurve(LinkCurve newCurve, List<Box> newObstacles) {
    curve = newCurve;
    obstacles = List.copyOf(newObstacles);
    List<Double> points = new ArrayList<>(curve.points().size() * 2);
    curve
        .points()
        .forEach(
            point -> {
              points.add(point.x());
              points.add(point.y());
            });
    line.getPoints().setAll(points);
    layoutLabels();
  }

  /** What stands beside the ends: the addresses of their interfaces, if there are any. */
  void setEnds(Optional<Nic> a, Optional<Nic> b) {
    setEnd(0, a);
    setEnd(1, b);
  }

  private void setEnd(int end, Optional<Nic> nic) {
    String text =
        nic.map(n -> n.addresses().stream().map(Cidr::toString).collect(Collectors.joining("\n")))
            .orElse("");
    if (text.isEmpty()) {
      labels.getChildren().remove(ends[end]);
      ends[end] = null;
      return;
    }
    if (ends[end] == null) {
      Text label = new Text();
      label.getStyleClass().add("link-end");
      label.setTextOrigin(VPos.TOP);
      label.boundsInLocalProperty().addListener(_ -> layoutLabels());
      ends[end] = label;
      labels.getChildren().add(label);
    }
    ends[end].setText(text);
  }

  void setSelected(boolean newSelected) {
    selected = newSelected;
    pseudoClassStateChanged(SELECTED, selected);
    labels.pseudoClassStateChanged(SELECTED, selected);
    applyWidth();
  }

  void setHovered(boolean newHovered) {
    hovered = newHovered;
    pseudoClassStateChanged(HOVER, hovered);
    labels.pseudoClassStateChanged(HOVER, hovered);
    applyWidth();
  }

  void decorate(LinkDecoration newDecoration) {
    if (newDecoration.equals(decoration)) {
      return;
    }
    decoration = newDecoration;
    pseudoClassStateChanged(DOWN, !decoration.up());
    pseudoClassStateChanged(BUSY, decoration.load() > 0);
    pseudoClassStateChanged(FULL, decoration.load() >= FULL_LOAD);
    applyWidth();
    showTraffic();
  }

  private void applyWidth() {
    double width = WIDTH + (WIDEST - WIDTH) * decoration.load();
    line.setStrokeWidth(selected || hovered ? width + 1 : width);
  }

  /** Shows what passes; far away that can't be seen, and is left for later. */
  private void showTraffic() {
    if (!far) {
      showPill();
      showArrow(0, decoration.loadAb());
      showArrow(1, decoration.loadBa());
      layoutLabels();
    }
  }

  private void showPill() {
    String text = decoration.up() ? decoration.label() : "down";
    if (text.isEmpty() && decoration.drops().isEmpty()) {
      labels.getChildren().remove(pill);
      pill = null;
      return;
    }
    if (pill == null) {
      pill = new Pill("link-pill");
      pill.widthProperty().addListener(_ -> layoutLabels());
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
      arrows[direction] = arrow;
      getChildren().add(arrow);
    }
  }

  /** Hides labels and arrows far away. */
  void setFar(boolean newFar) {
    if (far != newFar) {
      far = newFar;
      labels.setVisible(isVisible() && !far);
      for (Polygon arrow : arrows) {
        if (arrow != null) {
          arrow.setVisible(!far);
        }
      }
      showTraffic();
    }
  }

  /** Shows the link only if both its nodes exist. */
  void setComplete(boolean complete) {
    setVisible(complete);
    labels.setVisible(complete && !far);
  }

  private void layoutLabels() {
    if (curve == null || far) {
      return;
    }
    double middle = curve.length() / 2;
    if (pill != null) {
      LinkCurve.Place place = curve.at(middle);
      pill.anchor(place.point().x(), place.point().y(), 0.5, 0.5);
    }
    double pillReach = pill == null ? 0 : alongPill(curve.at(middle));
    for (int direction = 0; direction < 2; direction++) {
      if (arrows[direction] != null) {
        placeArrow(arrows[direction], direction, middle, pillReach);
      }
    }
    double height = Math.max(height(ends[0]), height(ends[1]));
    LabelPlacement placement =
        LabelPlacement.of(curve, width(ends[0]), width(ends[1]), height, inTheWay(middle));
    placeEnd(ends[0], placement.first());
    placeEnd(ends[1], placement.second());
  }

  /**
   * What the labels must not touch. The pill counts with a fixed size, so that they stay when its
   * text changes.
   */
  private List<Box> inTheWay(double middle) {
    List<Box> boxes = new ArrayList<>(obstacles);
    if (pill != null) {
      boxes.add(Box.around(curve.at(middle).point(), PILL_WIDTH, PILL_HEIGHT));
    }
    return boxes;
  }

  private double alongPill(LinkCurve.Place place) {
    return Math.min(
        pill.getWidth() / 2 / Math.max(0.01, Math.abs(place.dx())),
        pill.getHeight() / 2 / Math.max(0.01, Math.abs(place.dy())));
  }

  private void placeArrow(Polygon arrow, int direction, double middle, double pillReach) {
    double beside = pillReach + 2.5 * ARROW;
    arrow.setVisible(curve.length() >= ROOM_FOR_ARROWS && middle - beside > ARROW);
    LinkCurve.Place place = curve.at(direction == 0 ? middle + beside : middle - beside);
    arrow.setLayoutX(place.point().x());
    arrow.setLayoutY(place.point().y());
    arrow
        .getTransforms()
        .setAll(
            new Rotate(
                Math.toDegrees(Math.atan2(place.dy(), place.dx())) + (direction == 0 ? 0 : 180)));
  }

  private static double width(Text text) {
    return text == null ? 0 : text.getLayoutBounds().getWidth();
  }

  private static double height(Text text) {
    return text == null ? 0 : text.getLayoutBounds().getHeight();
  }

  private static void placeEnd(Text text, Optional<Box> box) {
    if (text == null) {
      return;
    }
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
        "Link from "
            + a
            + " to "
            + b
            + (decoration.up() ? "" : ", down")
            + (decoration.label().isEmpty() ? "" : ", " + decoration.label()));
  }
}
