// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.animation.AnimationTimer;
import javafx.geometry.BoundingBox;
import javafx.scene.Cursor;
import javafx.scene.Node;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.Tooltip;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.input.ZoomEvent;
import javafx.scene.layout.Region;
import org.mobitopolo.canvas.element.LinkView;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.NoteView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Point;

/**
 * Turns mouse events into gestures: a press decides what a drag would be, the first movement of
 * some pixels begins it, and the release ends it. A press without a drag selects.
 */
public final class MouseControl {
  private static final double DRAG_PIXELS = 4;
  private static final double LINK_REACH = 7;
  private static final double HOVER_MARGIN = 12;
  private static final double TIP_WIDTH = 420;
  private static final double EDGE = 28;
  private static final double EDGE_SPEED = 12;
  private static final double WHEEL_FACTOR = 1.0018;

  private final Region canvas;
  private final Surface surface;
  private final Handles handles;
  private Consumer<CanvasTarget> onOpen = _ -> {};
  private BiConsumer<String, javafx.geometry.Bounds> onProgress = (_, _) -> {};
  private Pointer pressed;
  private Function<Pointer, Gesture> pending;
  private Gesture gesture;
  private Runnable click;
  private boolean panKey;
  private LinkView hovered;
  private Pointer last;
  private final Tooltip tip = new Tooltip("");
  private final AnimationTimer edgeScroll =
      new AnimationTimer() {
        @Override
        public void handle(long now) {
          scrollAtEdge();
        }
      };

  public MouseControl(Region canvas, Surface surface) {
    this.canvas = canvas;
    this.surface = surface;
    handles = new Handles(surface.viewport(), surface.texts());
    surface.overlay().getChildren().add(handles);
    tip.setWrapText(true);
    tip.setMaxWidth(TIP_WIDTH);
    canvas.addEventHandler(MouseEvent.MOUSE_PRESSED, this::press);
    canvas.addEventHandler(MouseEvent.MOUSE_DRAGGED, this::drag);
    canvas.addEventHandler(MouseEvent.MOUSE_RELEASED, this::release);
    canvas.addEventHandler(MouseEvent.MOUSE_MOVED, this::hover);
    canvas.addEventHandler(MouseEvent.MOUSE_EXITED, _ -> unhover());
    canvas.addEventHandler(ScrollEvent.SCROLL, this::scroll);
    canvas.addEventHandler(ZoomEvent.ZOOM, this::pinch);
    surface.selection().idsProperty().addListener((_, _, ids) -> showSizes(ids));
  }

  /** Sets what a double click does. */
  public void setOnOpen(Consumer<CanvasTarget> action) {
    onOpen = action;
  }

  /**
   * Sets what a click on that part of a node does that tells of its migration. It is told the node,
   * and where on the screen that part lies.
   */
  public void setOnProgress(BiConsumer<String, javafx.geometry.Bounds> action) {
    onProgress = action;
  }

  /** Says whether the key is held with which any drag moves the view. */
  public void setPanKey(boolean held) {
    if (panKey != held) {
      panKey = held;
      canvas.setCursor(held ? Cursor.OPEN_HAND : null);
    }
  }

  /** Gives up the gesture under way; false if there is none. */
  public boolean cancel() {
    boolean dragging = gesture != null;
    if (dragging) {
      gesture.cancel();
    }
    forget();
    return dragging;
  }

  /** To be called when the view or what it shows has changed. */
  public void update() {
    showSizes(surface.selection().ids());
    handles.update();
  }

  /** What lies at a place of the canvas. */
  public CanvasTarget targetAt(double x, double y, Object picked) {
    Point world = surface.viewport().toWorld(x, y);
    Optional<Node> element = surface.world().elementAt(world, picked);
    if (element.isPresent() && element.get() instanceof NodeView view) {
      return new CanvasTarget(CanvasTarget.Kind.NODE, Optional.of(view.node().id()), world);
    }
    Optional<LinkView> link = linkAt(world);
    if (link.isPresent()) {
      return new CanvasTarget(CanvasTarget.Kind.LINK, link.map(view -> view.link().id()), world);
    }
    return switch (element.orElse(null)) {
      case NoteView view ->
          new CanvasTarget(CanvasTarget.Kind.NOTE, Optional.of(view.note().id()), world);
      case RegionView view ->
          new CanvasTarget(CanvasTarget.Kind.REGION, Optional.of(view.region().id()), world);
      case null, default -> new CanvasTarget(CanvasTarget.Kind.CANVAS, Optional.empty(), world);
    };
  }

  private Optional<LinkView> linkAt(Point world) {
    return surface.world().linkNear(world, LINK_REACH / surface.viewport().scale());
  }

  private void press(MouseEvent event) {
    if (event.getTarget() instanceof Node node && isEditor(node)) {
      return;
    }
    canvas.requestFocus();
    if (gesture != null) {
      return; // a second button during a gesture
    }
    forget();
    Pointer pointer = Pointer.of(event, surface.viewport());
    pressed = pointer;
    if (event.getButton() == MouseButton.MIDDLE
        || event.getButton() == MouseButton.PRIMARY && panKey) {
      canvas.setCursor(Cursor.CLOSED_HAND);
      pending = start -> new PanGesture(surface.viewport(), start);
    } else if (event.getButton() == MouseButton.PRIMARY) {
      pressPrimary(event, pointer);
    }
    event.consume();
  }

  private static boolean isEditor(Node node) {
    return node instanceof TextInputControl
        || node.getParent() != null && isEditor(node.getParent());
  }

  private void pressPrimary(MouseEvent event, Pointer pointer) {
    Optional<NodeView> port = handles.portOf(event.getTarget());
    Optional<Handles.Edge> edge = handles.edgeOf(event.getTarget());
    if (port.isPresent()) {
      pending = _ -> new LinkGesture(surface, port.get());
      return;
    }
    if (edge.isPresent()) {
      pending = start -> resize(edge.get(), start);
      return;
    }
    Optional<NodeView> bar = surface.world().progressAt(pointer.world());
    if (bar.isPresent()) {
      String id = bar.get().node().id();
      click = () -> onProgress.accept(id, onScreen(bar.get().box()));
      pressElement(id, bar.get(), pointer);
      return;
    }
    CanvasTarget target = targetAt(pointer.x(), pointer.y(), event.getTarget());
    if (event.getClickCount() == 2 && !pointer.adds()) {
      click = () -> onOpen.accept(target);
    }
    Node view = surface.world().elementAt(pointer.world(), event.getTarget()).orElse(null);
    switch (target.kind()) {
      case NODE -> {
        ((NodeView) view)
            .progressPart(event.getTarget())
            .ifPresent(
                part ->
                    click =
                        () ->
                            onProgress.accept(
                                target.id().orElseThrow(),
                                part.localToScreen(part.getBoundsInLocal())));
        pressElement(target.id().orElseThrow(), view, pointer);
      }
      case NOTE -> {
        if (((NoteView) view).isHandle(pointer.world())) {
          pressElement(target.id().orElseThrow(), view, pointer);
        } else {
          pressOpen(pointer, target.id());
        }
      }
      case LINK -> {
        pressSelect(target.id().orElseThrow(), pointer);
        pending =
            start ->
                new BendGesture(
                    surface, surface.world().link(target.id().orElseThrow()).orElseThrow(), start);
      }
      case REGION -> {
        if (((RegionView) view).isHeader(pointer.world())) {
          pressElement(target.id().orElseThrow(), view, pointer);
        } else {
          pressOpen(pointer, target.id());
        }
      }
      case CANVAS -> pressOpen(pointer, Optional.empty());
    }
  }

  private javafx.geometry.Bounds onScreen(Box box) {
    Point first = surface.viewport().toView(new Point(box.left(), box.top()));
    Point last = surface.viewport().toView(new Point(box.right(), box.bottom()));
    return canvas.localToScreen(
        new BoundingBox(first.x(), first.y(), last.x() - first.x(), last.y() - first.y()));
  }

  /** A press on something that can be moved. */
  private void pressElement(String id, Node view, Pointer pointer) {
    pressSelect(id, pointer);
    pending =
        start -> {
          if (!surface.selection().contains(id)) {
            surface.selection().add(Set.of(id));
          }
          handles.showPorts(null);
          return new MoveGesture(surface, new HashSet<>(surface.selection().ids()), view, start);
        };
  }

  /**
   * Selects at once what is not selected, so that it can be dragged; what is, only when no drag
   * follows.
   */
  private void pressSelect(String id, Pointer pointer) {
    if (pointer.adds()) {
      surface.selection().toggle(id);
    } else if (!surface.selection().contains(id)) {
      surface.selection().set(Set.of(id));
    } else if (click == null) {
      click = () -> surface.selection().set(Set.of(id));
    }
  }

  /** A press on free space, which may be that of a region or area. */
  private void pressOpen(Pointer pointer, Optional<String> behind) {
    if (click == null) {
      click =
          () -> {
            if (pointer.adds()) {
              behind.ifPresent(id -> surface.selection().toggle(id));
            } else {
              surface.selection().set(behind.map(Set::of).orElse(Set.of()));
            }
          };
    }
    pending = start -> new RubberBandGesture(surface, start);
  }

  private Gesture resize(Handles.Edge edge, Pointer start) {
    Bounds before;
    String id;
    switch (handles.sized()) {
      case RegionView view -> {
        before = view.region().bounds();
        id = view.region().id();
      }
      case NoteView view -> {
        before = view.note().bounds();
        id = view.note().id();
      }
      default -> throw new IllegalStateException("nothing to resize");
    }
    return new ResizeGesture(surface, id, before, edge.across(), edge.down(), start);
  }

  private void drag(MouseEvent event) {
    if (pressed == null) {
      return;
    }
    last = Pointer.of(event, surface.viewport());
    if (gesture == null && pending != null && last.distanceTo(pressed) >= DRAG_PIXELS) {
      gesture = pending.apply(pressed);
      click = null;
    }
    if (gesture != null) {
      gesture.drag(last);
      handles.update();
      if (!(gesture instanceof PanGesture)) {
        edgeScroll.start();
      }
    }
    event.consume();
  }

  /** Moves the view while something is held at its edge. */
  private void scrollAtEdge() {
    double dx = edgePull(last.x(), surface.viewport().width());
    double dy = edgePull(last.y(), surface.viewport().height());
    if (dx == 0 && dy == 0) {
      edgeScroll.stop();
    } else {
      surface.viewport().pan(dx, dy);
      last = last.at(surface.viewport());
      gesture.drag(last);
      handles.update();
    }
  }

  private static double edgePull(double place, double size) {
    double inside = Math.min(place, size - place);
    double pull = Math.clamp((EDGE - inside) / EDGE, 0, 1) * EDGE_SPEED;
    return place < size / 2 ? pull : -pull;
  }

  private void release(MouseEvent event) {
    Gesture finished = gesture;
    Runnable action = click;
    forget();
    if (finished != null) {
      finished.finish(Pointer.of(event, surface.viewport()));
      handles.update();
    } else if (action != null) {
      action.run();
    }
    event.consume();
  }

  private void forget() {
    edgeScroll.stop();
    pressed = null;
    pending = null;
    gesture = null;
    click = null;
    canvas.setCursor(panKey ? Cursor.OPEN_HAND : null);
  }

  private void hover(MouseEvent event) {
    Point world = surface.viewport().toWorld(event.getX(), event.getY());
    double margin = HOVER_MARGIN / surface.viewport().scale();
    Optional<NodeView> node = surface.world().nodeAt(world);
    handles.showPorts(
        node.orElseGet(
            () ->
                surface.world().nodes().stream()
                    .filter(view -> view.box().grown(margin).contains(world))
                    .findFirst()
                    .orElse(null)));
    hoverTip(node.orElse(null));
    hoverLink(
        node.isPresent() || handles.portOf(event.getTarget()).isPresent()
            ? null
            : linkAt(world).orElse(null));
  }

  /** Tells in full what a card has no room for. */
  private void hoverTip(NodeView view) {
    String text = view == null ? "" : view.tip();
    if (!text.equals(tip.getText())) {
      tip.hide();
      tip.setText(text);
      if (text.isEmpty()) {
        Tooltip.uninstall(canvas, tip);
      } else {
        Tooltip.install(canvas, tip);
      }
    }
  }

  private void hoverLink(LinkView link) {
    if (link != hovered) {
      surface.world().setHovered(hovered, false);
      hovered = link;
      surface.world().setHovered(hovered, true);
    }
  }

  private void unhover() {
    if (gesture == null) {
      handles.showPorts(null);
      hoverTip(null);
      hoverLink(null);
    }
  }

  private void showSizes(Set<String> ids) {
    Node view = null;
    if (ids.size() == 1) {
      String id = ids.iterator().next();
      view =
          surface
              .world()
              .region(id)
              .map(Node.class::cast)
              .or(() -> surface.world().note(id))
              .orElse(null);
    }
    handles.showSizes(view);
  }

  /** A wheel zooms at the pointer; fingers on a pad, or the wheel with Shift, move the view. */
  private void scroll(ScrollEvent event) {
    boolean fingers = event.isDirect() || event.isInertia() || event.getTouchCount() > 0;
    boolean sideways = event.getDeltaX() != 0;
    if (!event.isShortcutDown() && (fingers || sideways)) {
      surface.viewport().pan(event.getDeltaX(), event.getDeltaY());
    } else if (event.getDeltaY() != 0) {
      surface
          .viewport()
          .zoom(Math.pow(WHEEL_FACTOR, event.getDeltaY() * 2), event.getX(), event.getY());
    }
    event.consume();
  }

  private void pinch(ZoomEvent event) {
    surface.viewport().zoom(event.getZoomFactor(), event.getX(), event.getY());
    event.consume();
  }
}
