// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.beans.property.ReadOnlyDoubleProperty;
import javafx.css.PseudoClass;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.AccessibleAttribute;
import javafx.scene.AccessibleRole;
import javafx.scene.Group;
import javafx.scene.Node;
import javafx.scene.control.ContextMenu;
import javafx.scene.image.WritableImage;
import javafx.scene.input.ContextMenuEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.shape.Rectangle;
import org.mobitopolo.canvas.arrange.Alignment;
import org.mobitopolo.canvas.arrange.Arranger;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.World;
import org.mobitopolo.canvas.export.Drawing;
import org.mobitopolo.canvas.export.Pictures;
import org.mobitopolo.canvas.export.Recorder;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.canvas.gesture.InlineEditor;
import org.mobitopolo.canvas.gesture.KeyControl;
import org.mobitopolo.canvas.gesture.MouseControl;
import org.mobitopolo.canvas.gesture.Surface;
import org.mobitopolo.canvas.gesture.Walk;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.DropAdvice;
import org.mobitopolo.canvas.model.DropAdvisor;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.canvas.model.Selection;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.canvas.view.Grid;
import org.mobitopolo.canvas.view.Guides;
import org.mobitopolo.canvas.view.MiniMap;
import org.mobitopolo.canvas.view.Viewport;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/**
 * The drawing surface: shows a topology and its live state. It never changes the topology: gestures
 * come out as edits, and the owner sets the topology that results. Nothing here waits for anything.
 * FX thread only.
 *
 * <p>Colours are named {@code -mobi-...} in the user agent style sheet, light by default and dark
 * with the pseudo class {@code dark} ({@link #setDark}); the scene's style sheets may set them for
 * {@code .topology-canvas}.
 */
public final class TopologyCanvas extends Region {
  private static final PseudoClass DARK = PseudoClass.getPseudoClass("dark");
  private static final double MAP_MARGIN = 16;
  private static final double LEGIBLE = 0.8;
  private static final double PASTE_STEP = 2 * Snap.GRID;

  private final Viewport viewport = new Viewport(this::viewChanged);
  private final Selection selection = new Selection();
  private final Texts texts = new Texts();
  private final World world = new World(viewport, texts);
  private final Grid grid = new Grid(viewport);
  private final Guides guides = new Guides(viewport);
  private final Group overlay = new Group();
  private final Rectangle clip = new Rectangle();
  private final MiniMap miniMap = new MiniMap(world, viewport, texts);
  private final MouseControl mouse;
  private final InlineEditor editor;
  private final KeyControl keys;
  private Consumer<Edit> onEdit = _ -> {};
  private DropAdvisor dropAdvisor = (_, _) -> new DropAdvice(true, "");
  private Function<CanvasTarget, ContextMenu> contextMenus = _ -> null;
  private ContextMenu openMenu;
  private Node placeholder;
  private boolean fitWhenSized;

  /** An empty canvas. */
  public TopologyCanvas() {
    getStyleClass().add("topology-canvas");
    // colours come from the user agent style sheet and can be set by the scene's; shapes and what
    // has which colour can't
    getStylesheets().add(TopologyCanvas.class.getResource("canvas.css").toExternalForm());
    setFocusTraversable(true);
    setAccessibleRole(AccessibleRole.PARENT);
    setClip(clip);
    overlay.setManaged(false);
    overlay.setAutoSizeChildren(true);
    getChildren().addAll(grid, world, guides, miniMap, overlay);
    Surface surface =
        new Surface(
            world,
            viewport,
            selection,
            guides,
            overlay,
            edit -> onEdit.accept(edit),
            (nodes, region) -> dropAdvisor.advise(nodes, region),
            texts);
    mouse = new MouseControl(this, surface);
    editor = new InlineEditor(this, surface);
    keys = new KeyControl(this, surface, mouse, this::fit);
    keys.setOnRename(editor::open);
    keys.setOnMenu(this::showMenuOfSelection);
    world.setOnRest(miniMap::update);
    setOnOpen(_ -> {});
    selection.idsProperty().addListener((_, _, ids) -> showSelection(ids));
    addEventHandler(ContextMenuEvent.CONTEXT_MENU_REQUESTED, this::showMenu);
    showSelection(Set.of());
  }

  /** Shows another version of the topology; what stays the same is not touched. */
  public void setTopology(Topology topology) {
    boolean other = !world.topology().id().equals(topology.id());
    world.setTopology(topology);
    if (other) {
      selection.clear();
      fitAtOnce();
    } else {
      selection.set(selection.ids().stream().filter(topology::hasId).toList());
    }
    if (placeholder != null) {
      placeholder.setVisible(world.extent().isEmpty());
    }
    mouse.update();
    miniMap.update();
  }

  public Topology topology() {
    return world.topology();
  }

  /** Shows another live state. Cheap for what stays the same; may be called many times a second. */
  public void setDecorations(Decorations decorations) {
    world.setDecorations(decorations);
  }

  /**
   * Sets who takes the edits that gestures result in; it should set the new topology before it
   * returns.
   */
  public void setOnEdit(Consumer<Edit> consumer) {
    onEdit = consumer;
  }

  /**
   * Sets what a double click on an element other than a note does, and Enter on the selected node.
   */
  public void setOnOpen(Consumer<CanvasTarget> action) {
    mouse.setOnOpen(
        target -> {
          if (target.kind() == CanvasTarget.Kind.NOTE) {
            target.id().ifPresent(editor::open);
          } else {
            action.accept(target);
          }
        });
    keys.setOnOpen(action);
  }

  /**
   * Sets what a click on the ring, the phase, the bar or the result of a node's migration does. It is told
   * the node, and where on the screen that which was clicked lies.
   */
  public void setOnProgress(BiConsumer<String, Bounds> action) {
    mouse.setOnProgress(action);
  }

  /** Sets who makes the menu for a right click; null from it means no menu. */
  public void setContextMenuProvider(Function<CanvasTarget, ContextMenu> provider) {
    contextMenus = provider;
  }

  /** Sets who judges whether dragged nodes may change their region. */
  public void setDropAdvisor(DropAdvisor advisor) {
    dropAdvisor = advisor;
  }

  /** Sets what the middle of the canvas shows while the topology is empty; null for nothing. */
  public void setPlaceholder(Node node) {
    getChildren().remove(placeholder);
    placeholder = node;
    if (placeholder != null) {
      placeholder.setVisible(world.extent().isEmpty());
      getChildren().add(getChildren().indexOf(world), placeholder);
    }
  }

  /** What is selected. */
  public Selection selection() {
    return selection;
  }

  /** Says everything in this language from now on, or in English where it is not known. */
  public void setLanguage(Locale locale) {
    texts.use(locale);
    world.translate();
    showSelection(selection.ids());
  }

  /** Takes dark colours instead of light ones. */
  public void setDark(boolean dark) {
    pseudoClassStateChanged(DARK, dark);
  }

  /** The zoom: how many pixels of the canvas one scene pixel takes. */
  public ReadOnlyDoubleProperty zoomProperty() {
    return viewport.scaleProperty();
  }

  public void zoomIn() {
    viewport.glideToScale(viewport.scale() * 1.25);
  }

  public void zoomOut() {
    viewport.glideToScale(viewport.scale() / 1.25);
  }

  public void zoomTo(double zoom) {
    viewport.glideToScale(zoom);
  }

  /** Moves what is shown by pixels of the canvas, at once. */
  public void panBy(double dx, double dy) {
    viewport.pan(dx, dy);
  }

  /** Glides until everything is in view, where it is or glides to. */
  public void fit() {
    world.extentAtRest().ifPresent(viewport::glideToFit);
  }

  /** Brings everything into view at once, or as soon as the canvas has a size. */
  public void fitAtOnce() {
    fitWhenSized = getWidth() == 0;
    if (!fitWhenSized) {
      world.extent().ifPresent(viewport::fit);
    }
  }

  /**
   * Selects an element and brings it into view: a region as a whole, all else large enough to be
   * read.
   */
  public void reveal(String id) {
    selection.set(Set.of(id));
    if (world.region(id).isPresent()) {
      viewport.glideToFit(world.region(id).get().box());
      return;
    }
    Optional<Box> box =
        world
            .node(id)
            .map(NodeView::box)
            .or(() -> world.note(id).map(view -> view.box()))
            .or(() -> world.link(id).map(view -> view.curve().bounds()));
    box.ifPresent(b -> viewport.glideNear(new Point(b.centreX(), b.centreY()), LEGIBLE));
  }

  /** Lets the user edit a node's or region's name or a note's text where it stands. */
  public void editText(String id) {
    editor.open(id);
  }

  /** Says whether an overview is shown in a corner while not everything is in view. */
  public void setMiniMap(boolean wanted) {
    miniMap.setWanted(wanted);
  }

  /** Selects all nodes, notes and links. */
  public void selectAll() {
    keys.selectAll();
  }

  /** Removes what is selected, as the Delete key does. */
  public void removeSelected() {
    keys.remove();
  }

  /** Brings the selected nodes and notes into line. */
  public void align(Alignment alignment) {
    Arranger.align(world.topology(), selection.ids(), alignment).ifPresent(onEdit);
  }

  /** Makes the gaps between the selected nodes and notes equal, across or down. */
  public void distribute(boolean across) {
    Arranger.distribute(world.topology(), selection.ids(), across).ifPresent(onEdit);
  }

  /** Links the selected nodes: two with each other, more in a chain from left to right. */
  public void linkSelected() {
    keys.linkSelected();
  }

  /** Chooses what stands beside the ends of links. */
  public void setLinkLabels(LinkLabels labels) {
    world.setLinkLabels(labels);
  }

  /**
   * The place in the world that a place of the canvas shows, in pixels from its upper left corner.
   */
  public Point toWorld(double x, double y) {
    return viewport.toWorld(x, y);
  }

  /** Where a place of the world is shown, in pixels from the canvas' upper left corner. */
  public Point toView(Point world) {
    return viewport.toView(world);
  }

  /** Shows the world at zoom 1 with its origin in the canvas' upper left corner, at once. */
  public void showAtOrigin() {
    fitWhenSized = false;
    viewport.show(1, new Point(getWidth() / 2, getHeight() / 2));
  }

  /** A place for a new node near the middle of the view that no other node covers, on the grid. */
  public Point freePlace() {
    return freePlace(viewport.toWorld(getWidth() / 2, getHeight() / 2));
  }

  /** A place for a new node at or near a point, that no other node covers, on the grid. */
  public Point freePlace(Point near) {
    double x = Math.round(near.x() / Snap.GRID) * Snap.GRID;
    double y = Math.round(near.y() / Snap.GRID) * Snap.GRID;
    while (covered(new Point(x, y))) {
      x += PASTE_STEP;
      y += PASTE_STEP;
    }
    return new Point(x, y);
  }

  private boolean covered(Point place) {
    return world.nodes().stream()
        .anyMatch(
            view ->
                Math.abs(view.centre().x() - place.x()) < PASTE_STEP
                    && Math.abs(view.centre().y() - place.y()) < PASTE_STEP);
  }

  /**
   * A picture of the whole topology at zoom 1 times a factor, in light colours; empty when there is
   * nothing.
   */
  public Optional<WritableImage> picture(double factor) {
    return inFull(box -> Pictures.pixels(world, box, background(), factor));
  }

  /**
   * The whole topology at zoom 1 as lines and letters, in light colours; empty when there is
   * nothing.
   */
  public Optional<Drawing> drawing() {
    return inFull(box -> Recorder.record(world, box, background()));
  }

  private Color background() {
    return getBackground() == null
        ? Color.WHITE
        : (Color) getBackground().getFills().getFirst().getFill();
  }

  /** Does something while the world is shown light, in full detail and without a selection. */
  private <T> Optional<T> inFull(Function<Box, T> action) {
    return world
        .extent()
        .map(
            box -> {
              boolean dark = getPseudoClassStates().contains(DARK);
              setDark(false);
              try {
                return world.inFull(() -> action.apply(box.grown(2 * Snap.GRID)));
              } finally {
                setDark(dark);
              }
            });
  }

  private void viewChanged() {
    grid.update();
    world.updateView();
    guides.show(List.of());
    mouse.update();
    editor.close(true);
    miniMap.updateView();
  }

  private void showSelection(Set<String> ids) {
    world.setSelected(ids);
    String text =
        switch (ids.size()) {
          case 0 -> texts.get("canvas.nothing-selected");
          case 1 -> description(ids.iterator().next());
          default -> texts.get("canvas.selected", ids.size());
        };
    setAccessibleText(text);
    notifyAccessibleAttributeChanged(AccessibleAttribute.TEXT);
  }

  private String description(String id) {
    return world
        .node(id)
        .map(Node.class::cast)
        .or(() -> world.region(id))
        .or(() -> world.note(id))
        .or(() -> world.link(id))
        .map(Node::getAccessibleText)
        .orElse(texts.get("canvas.selected", 1));
  }

  private void showMenu(ContextMenuEvent event) {
    if (event.isKeyboardTrigger()) {
      showMenuOfSelection();
    } else {
      CanvasTarget target = mouse.targetAt(event.getX(), event.getY(), event.getTarget());
      showMenu(target, new Point2D(event.getScreenX(), event.getScreenY()));
    }
    event.consume();
  }

  /** Shows the menu of the selected element where that is, as far as it is in view. */
  private void showMenuOfSelection() {
    CanvasTarget target = selectedTarget();
    Point view = viewport.toView(target.position());
    showMenu(
        target,
        localToScreen(Math.clamp(view.x(), 0, getWidth()), Math.clamp(view.y(), 0, getHeight())));
  }

  private void showMenu(CanvasTarget target, Point2D screen) {
    mouse.cancel();
    if (openMenu != null) {
      openMenu.hide();
    }
    target.id().filter(id -> !selection.contains(id)).ifPresent(id -> selection.set(Set.of(id)));
    openMenu = contextMenus.apply(target);
    if (openMenu != null) {
      openMenu.show(this, screen.getX(), screen.getY());
    }
  }

  /** What the menu key asks about: the selected element, else a free place. */
  private CanvasTarget selectedTarget() {
    return selection.ids().stream()
        .findFirst()
        .flatMap(id -> Walk.stop(world, id))
        .map(Walk.Stop::target)
        .orElseGet(() -> new CanvasTarget(CanvasTarget.Kind.CANVAS, Optional.empty(), freePlace()));
  }

  @Override
  protected void layoutChildren() {
    clip.setWidth(getWidth());
    clip.setHeight(getHeight());
    viewport.resize(getWidth(), getHeight());
    miniMap.relocate(
        getWidth() - MiniMap.WIDTH - MAP_MARGIN, getHeight() - MiniMap.HEIGHT - MAP_MARGIN);
    if (placeholder != null) {
      placeholder.autosize();
      placeholder.relocate(
          Math.round((getWidth() - placeholder.getLayoutBounds().getWidth()) / 2),
          Math.round((getHeight() - placeholder.getLayoutBounds().getHeight()) / 2));
    }
    if (fitWhenSized && getWidth() > 0) {
      fitAtOnce();
    }
  }

  @Override
  public String getUserAgentStylesheet() {
    return TopologyCanvas.class.getResource("canvas-colors.css").toExternalForm();
  }
}
