// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.Edits;

/**
 * The keys of the canvas: arrows nudge the selection (with Alt by one pixel, with Shift far) or
 * move the view, L links the selected nodes, Delete removes, Ctrl+A selects all, Escape gives up,
 * Tab goes from element to element, Enter opens, F2 edits a name or note, Shift+F10 shows the menu,
 * F fits, 0 is zoom 1, plus and minus zoom, Space makes drags move the view.
 */
public final class KeyControl {
  private static final double VIEW_STEP = 60;
  private static final double ZOOM_STEP = 1.25;
  private static final double FINE_STEP = 1;
  private static final double LARGE_STEP = 5 * Snap.GRID;

  private final Surface surface;
  private final MouseControl mouse;
  private final Runnable fit;
  private final Region canvas;
  private Consumer<CanvasTarget> onOpen = _ -> {};
  private Consumer<String> onRename = _ -> {};
  private Runnable onMenu = () -> {};

  public KeyControl(Region canvas, Surface surface, MouseControl mouse, Runnable fit) {
    this.canvas = canvas;
    this.surface = surface;
    this.mouse = mouse;
    this.fit = fit;
    canvas.addEventHandler(KeyEvent.KEY_PRESSED, this::press);
    canvas.addEventHandler(KeyEvent.KEY_RELEASED, this::release);
    canvas
        .focusedProperty()
        .addListener(
            (_, _, focused) -> {
              if (!focused) {
                mouse.setPanKey(false);
              }
            });
  }

  /** Sets what Enter does with the only selected element. */
  public void setOnOpen(Consumer<CanvasTarget> action) {
    onOpen = action;
  }

  /** Sets what F2 does with the only selected element. */
  public void setOnRename(Consumer<String> action) {
    onRename = action;
  }

  /** Sets what Shift+F10 does, as the menu key does by itself. */
  public void setOnMenu(Runnable action) {
    onMenu = action;
  }

  private void press(KeyEvent event) {
    if (event.getTarget() != canvas) {
      return; // typed into an editor on the canvas
    }
    boolean used = event.isShortcutDown() ? pressWithShortcut(event) : pressPlain(event);
    if (used) {
      event.consume();
    }
  }

  private boolean pressWithShortcut(KeyEvent event) {
    switch (event.getCode()) {
      case A -> selectAll();
      case PLUS, EQUALS, ADD -> zoom(ZOOM_STEP);
      case MINUS, SUBTRACT -> zoom(1 / ZOOM_STEP);
      case DIGIT0, NUMPAD0 -> surface.viewport().glideToScale(1);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean pressPlain(KeyEvent event) {
    double step =
        event.isAltDown() ? FINE_STEP : event.isShiftDown() ? LARGE_STEP : Snap.GRID;
    switch (event.getCode()) {
      case ESCAPE -> {
        if (!mouse.cancel()) {
          surface.selection().clear();
        }
      }
      case SPACE -> mouse.setPanKey(true);
      case DELETE, BACK_SPACE -> remove();
      case LEFT -> arrow(-1, 0, step);
      case RIGHT -> arrow(1, 0, step);
      case UP -> arrow(0, -1, step);
      case DOWN -> arrow(0, 1, step);
      case F -> fit.run();
      case L -> linkSelected();
      case DIGIT0, NUMPAD0 -> surface.viewport().glideToScale(1);
      case PLUS, EQUALS, ADD -> zoom(ZOOM_STEP);
      case MINUS, SUBTRACT -> zoom(1 / ZOOM_STEP);
      case ENTER -> open();
      case F2 -> rename();
      case F10 -> {
        if (!event.isShiftDown()) {
          return false;
        }
        onMenu.run();
      }
      case TAB -> {
        return next(event.isShiftDown() ? -1 : 1);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void release(KeyEvent event) {
    if (event.getCode() == KeyCode.SPACE) {
      mouse.setPanKey(false);
      event.consume();
    }
  }

  /** Selects all nodes, notes and links. */
  public void selectAll() {
    surface
        .selection()
        .set(
            Stream.of(
                    surface.world().topology().nodes().stream().map(Node::id),
                    surface.world().topology().notes().stream().map(Note::id),
                    surface.world().topology().links().stream().map(Link::id))
                .flatMap(ids -> ids)
                .toList());
  }

  private void zoom(double factor) {
    surface.viewport().glideToScale(surface.viewport().scale() * factor);
  }

  /** Removes the selection. */
  public void remove() {
    Composite edit = Edits.remove(surface.world().topology(), surface.selection().ids());
    if (!edit.edits().isEmpty()) {
      surface.selection().clear();
      surface.edits().accept(edit);
    }
  }

  /** Links the selected nodes: two with each other, more in a chain from left to right. */
  public void linkSelected() {
    List<Node> nodes =
        surface.world().topology().nodes().stream()
            .filter(node -> surface.selection().contains(node.id()))
            .sorted(
                Comparator.<Node>comparingDouble(node -> node.position().x())
                    .thenComparingDouble(node -> node.position().y()))
            .toList();
    List<Edit> edits = new ArrayList<>();
    Topology grown = surface.world().topology();
    for (int i = 1; i < nodes.size(); i++) {
      edits.add(Edits.connect(grown, nodes.get(i - 1).id(), nodes.get(i).id()));
      grown = edits.getLast().apply(grown);
    }
    if (edits.size() == 1) {
      surface.edits().accept(edits.getFirst());
    } else if (!edits.isEmpty()) {
      surface.edits().accept(new Composite("Link " + nodes.size() + " nodes", edits));
    }
  }

  private void arrow(int across, int down, double step) {
    Moves moves = new Moves(surface.world().topology(), new HashSet<>(surface.selection().ids()));
    if (moves.isEmpty()) {
      surface.viewport().pan(-across * VIEW_STEP, -down * VIEW_STEP);
      return;
    }
    double dx = across * step;
    double dy = down * step;
    boolean fits =
        moves.arrivals(dx, dy).entrySet().stream()
            .allMatch(
                arrival -> surface.advisor().advise(arrival.getValue(), arrival.getKey()).fits());
    if (fits) {
      moves.edit(dx, dy).ifPresent(surface.edits());
    }
  }

  private void rename() {
    if (surface.selection().ids().size() == 1) {
      onRename.accept(surface.selection().ids().iterator().next());
    }
  }

  private void open() {
    if (surface.selection().ids().size() == 1) {
      Walk.stop(surface.world(), surface.selection().ids().iterator().next())
          .ifPresent(stop -> onOpen.accept(stop.target()));
    }
  }

  /** Selects the next element; false at the end, where the focus leaves the canvas. */
  private boolean next(int direction) {
    List<Walk.Stop> stops = Walk.stops(surface.world());
    int current = -1;
    for (int i = 0; i < stops.size(); i++) {
      if (surface.selection().contains(stops.get(i).id())) {
        current = i;
      }
    }
    int next = current < 0 && direction < 0 ? stops.size() - 1 : current + direction;
    if (next < 0 || next >= stops.size()) {
      return false;
    }
    Walk.Stop stop = stops.get(next);
    surface.selection().set(Set.of(stop.id()));
    Box visible = surface.viewport().visible();
    if (!visible.union(stop.box()).equals(visible)) {
      surface.viewport().glideToCentre(new Point(stop.box().centreX(), stop.box().centreY()));
    }
    return true;
  }
}
