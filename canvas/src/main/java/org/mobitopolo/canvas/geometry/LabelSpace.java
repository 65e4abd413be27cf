// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mobitopolo.topology.Point;

/**
 * Finds places for the labels of links where they cover nothing: no node, no other label and, if
 * there is a choice, no line. The labels of an end are tried beside the line, as near to the end as
 * they fit; what stands on the line is tried from its middle on outwards. A box of size w by h
 * clears a line of direction d if its centre lies (w |d.y| + h |d.x|) / 2 beside it: that is half
 * the box's extent across the line. Not for several threads at once.
 */
public final class LabelSpace {
  private static final double GAP_ACROSS = 4;
  private static final double GAP_ALONG = 7;
  private static final double GAP_LABELS = 3;
  private static final double STEP = 6;
  private static final double FARTHEST = 90;
  private static final double FARTHEST_BESIDE = 80;
  private static final double ASIDE_STEP = 8;
  private static final double FARTHEST_SHARE = 0.6;
  private static final double MIDDLE_STEP = 12;
  private static final double MIDDLE_SHARE = 0.36;
  private static final double PIECE = 160;

  private final BoxIndex<String> obstacles = new BoxIndex<>();
  private final BoxIndex<String> labels = new BoxIndex<>();
  private final BoxIndex<Piece> lines = new BoxIndex<>();

  private record Piece(String link, Segment segment) {}

  /** An empty space. */
  public LabelSpace() {}

  /**
   * Says what of a node or region must not be covered.
   *
   * @return whether it is something else than before
   */
  public boolean setObstacles(String id, List<Box> boxes) {
    if (obstacles.boxes(id).equals(boxes)) {
      return false;
    }
    obstacles.remove(id);
    boxes.forEach(box -> obstacles.add(id, box));
    return true;
  }

  /** Says where a link runs; null for nowhere. */
  public void setLine(String link, LinkCurve before, LinkCurve now) {
    if (before != null) {
      forPieces(before, segment -> lines.remove(new Piece(link, segment)));
    }
    if (now != null) {
      forPieces(now, segment -> lines.add(new Piece(link, segment), segment.bounds()));
    }
  }

  private static void forPieces(LinkCurve curve, Consumer<Segment> action) {
    for (int i = 1; i < curve.points().size(); i++) {
      Segment whole = new Segment(curve.points().get(i - 1), curve.points().get(i));
      int count = (int) Math.max(1, Math.ceil(whole.length() / PIECE));
      for (int piece = 0; piece < count; piece++) {
        action.accept(
            new Segment(
                whole.at((double) piece / count), whole.at((double) (piece + 1) / count)));
      }
    }
  }

  /** Frees the places of a link's labels. */
  public void release(String link) {
    labels.remove(link);
  }

  /**
   * Takes a place for the label of an end.
   *
   * @param fromEnd whether it is the end's and not the beginning's
   * @param always whether to take some place even if all are covered
   */
  public Optional<Box> placeEnd(
      String link, LinkCurve curve, double width, double height, boolean fromEnd, boolean always) {
    Box second = null;
    double farthest = Math.min(FARTHEST + width / 2, curve.length() * FARTHEST_SHARE);
    // what must be shown may lie farther beside the line, past the nodes
    double widest = always ? FARTHEST_BESIDE : 0;
    for (double aside = 0; aside <= widest && second == null; aside += ASIDE_STEP) {
      for (double along = GAP_ALONG; along <= farthest; along += STEP) {
        LinkCurve.Place place = curve.at(fromEnd ? curve.length() - along : along);
        for (int side = -1; side <= 1; side += 2) {
          Box box = beside(place, width, height, side, aside);
          if (!covered(box)) {
            if (!crossed(box, null)) {
              return take(link, box);
            }
            second = second == null ? box : second;
          }
        }
      }
    }
    if (second == null && always) {
      second = beside(curve.at(fromEnd ? curve.length() : 0), width, height, -1, 0);
    }
    return second == null ? Optional.empty() : take(link, second);
  }

  /**
   * Where a label of a line lies.
   *
   * @param along how far from the line's beginning
   * @param onLine whether it lies on the line and not beside it
   */
  public record Middle(Point centre, double along, boolean onLine) {}

  /**
   * Takes a place on the line; empty when there is no room.
   *
   * @param always whether to take some place even if all are covered, if possible beside the line
   */
  public Optional<Middle> placeMiddle(
      String link, LinkCurve curve, double width, double height, boolean always) {
    double middle = curve.length() / 2;
    double farthest = curve.length() * MIDDLE_SHARE;
    double second = -1;
    for (double away = 0; away <= farthest; away += MIDDLE_STEP) {
      for (int side = -1; side <= (away == 0 ? -1 : 1); side += 2) {
        double along = middle + side * away;
        Box box = Box.around(curve.at(along).point(), width, height);
        if (!covered(box)) {
          if (!crossed(box, link)) {
            return Optional.of(middle(link, curve, along, box));
          }
          second = second < 0 ? along : second;
        }
      }
    }
    if (second < 0 && always) {
      for (double aside = 0; aside <= FARTHEST_BESIDE; aside += ASIDE_STEP) {
        for (int side = -1; side <= 1; side += 2) {
          Box box = beside(curve.at(middle), width, height, side, aside);
          if (!covered(box)) {
            return Optional.of(middle(link, curve, middle, box));
          }
        }
      }
      second = middle;
    }
    return second < 0
        ? Optional.empty()
        : Optional.of(
            middle(link, curve, second, Box.around(curve.at(second).point(), width, height)));
  }

  private Middle middle(String link, LinkCurve curve, double along, Box box) {
    take(link, box);
    Point centre = new Point(box.centreX(), box.centreY());
    return new Middle(centre, along, box.contains(curve.at(along).point()));
  }

  private Optional<Box> take(String link, Box box) {
    labels.add(link, box.grown(GAP_LABELS));
    return Optional.of(box);
  }

  private boolean covered(Box box) {
    return obstacles.any(box, _ -> true) || labels.any(box, _ -> true);
  }

  /** Whether a line runs through the box, but for that of one link. */
  private boolean crossed(Box box, String link) {
    return lines.any(
        box, entry -> !entry.key().link().equals(link) && entry.key().segment().crosses(box));
  }

  /** A box beside the line: on side -1 above it, or to the left of an upright line. */
  private static Box beside(
      LinkCurve.Place place, double width, double height, int side, double aside) {
    double nx = -place.dy();
    double ny = place.dx();
    if (ny < 0 || ny == 0 && nx > 0) {
      nx = -nx;
      ny = -ny;
    }
    double across =
        side
            * ((width * Math.abs(place.dy()) + height * Math.abs(place.dx())) / 2
                + GAP_ACROSS
                + aside);
    return Box.around(
        new Point(place.point().x() + nx * across, place.point().y() + ny * across), width, height);
  }
}
