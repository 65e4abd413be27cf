// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.snapshots;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/**
 * Copies of one lab: as a stack of cards, of which one lies on top, or side by side. Each card shows
 * how many of its VMs run, and opens its lab. FX thread.
 */
public final class CopiesPane extends BorderPane {
  private static final double CARD = 212;
  private static final double TOP_CARD = 420;
  private static final int SEEN_BELOW = 4;
  private static final double OFFSET = 12;

  /** What the user wants done. */
  public interface Actions {
    /** Shows a copy's lab. */
    void open(Topology copy);

    /** Ends a copy and deletes it. */
    void destroy(List<Topology> copies);
  }

  private final Texts texts;
  private final Actions actions;
  private final Optional<Image> picture;
  private final List<Topology> copies = new ArrayList<>();
  private Map<String, Integer> running = Map.of();
  private final Label sum = new Label();
  private final ToggleButton stack = new ToggleButton();
  private final ToggleButton side = new ToggleButton();
  private int top;

  /**
   * @param picture of the lab they were made of
   */
  public CopiesPane(Texts texts, List<Topology> copies, Optional<Image> picture, Actions actions) {
    this.texts = texts;
    this.actions = actions;
    this.picture = picture;
    this.copies.addAll(copies);
    getStyleClass().add("copies-pane");
    setTop(bar());
    addEventHandler(
        KeyEvent.KEY_PRESSED,
        event -> {
          if (stack.isSelected() && event.getCode() == KeyCode.RIGHT) {
            turn(1);
          } else if (stack.isSelected() && event.getCode() == KeyCode.LEFT) {
            turn(-1);
          }
        });
    refresh();
  }

  private HBox bar() {
    stack.setText(texts.get("copies.stack"));
    side.setText(texts.get("copies.side-by-side"));
    stack.setId("copies-stack");
    side.setId("copies-side");
    stack.getStyleClass().add("left-pill");
    side.getStyleClass().add("right-pill");
    ToggleGroup group = new ToggleGroup();
    group.getToggles().addAll(stack, side);
    stack.setSelected(true);
    group
        .selectedToggleProperty()
        .addListener(
            (_, before, now) -> {
              if (now == null) {
                before.setSelected(true); // one of them always is
              } else {
                refresh();
              }
            });
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    Button destroy = new Button(texts.get("copies.destroy-all"));
    destroy.setOnAction(_ -> actions.destroy(List.copyOf(copies)));
    HBox bar = new HBox(8, new HBox(stack, side), sum, space, destroy);
    bar.setAlignment(Pos.CENTER_LEFT);
    bar.getStyleClass().add("hosts-adding");
    return bar;
  }

  /** Shows how many VMs run in each copy, by the ids of labs; others than copies may be among them. */
  public void showRunning(Map<String, Integer> newRunning) {
    if (!newRunning.equals(running)) {
      running = Map.copyOf(newRunning);
      refresh();
    }
  }

  /** A copy is no more. */
  public void remove(String lab) {
    copies.removeIf(copy -> copy.id().equals(lab));
    top = Math.min(top, Math.max(0, copies.size() - 1));
    refresh();
  }

  private void turn(int by) {
    top = Math.floorMod(top + by, Math.max(1, copies.size()));
    refresh();
  }

  private void refresh() {
    int vms = copies.stream().mapToInt(copy -> running.getOrDefault(copy.id(), 0)).sum();
    sum.setText(texts.get("copies.sum", copies.size(), vms));
    if (copies.isEmpty()) {
      Label none = new Label(texts.get("copies.none"));
      none.getStyleClass().add("text-muted");
      setCenter(new StackPane(none));
    } else if (stack.isSelected()) {
      setCenter(stacked());
    } else {
      setCenter(sideBySide());
    }
  }

  private Node sideBySide() {
    FlowPane flow = new FlowPane(14, 14);
    flow.getStyleClass().add("snapshot-list");
    for (Topology copy : copies) {
      Region card = card(copy, CARD);
      card.setMinHeight(Region.USE_PREF_SIZE);
      card.setMaxHeight(Region.USE_PREF_SIZE);
      flow.getChildren().add(card);
    }
    ScrollPane scroll = new ScrollPane(flow);
    scroll.setFitToWidth(true);
    scroll.getStyleClass().add("edge-to-edge");
    return scroll;
  }

  private Node stacked() {
    StackPane pile = new StackPane();
    int below = Math.min(SEEN_BELOW, copies.size() - 1);
    for (int depth = below; depth >= 0; depth--) {
      Region card = depth == 0 ? card(copies.get(top), TOP_CARD) : blank();
      StackPane.setMargin(
          card, new Insets(0, 0, 2 * OFFSET * depth, 2 * OFFSET * depth));
      pile.getChildren().add(card);
    }
    Button before = new Button("‹");
    before.setAccessibleText(texts.get("copies.before"));
    before.setOnAction(_ -> turn(-1));
    Button after = new Button("›");
    after.setAccessibleText(texts.get("copies.after"));
    after.setOnAction(_ -> turn(1));
    Label place = new Label(texts.get("copies.place", top + 1, copies.size()));
    HBox turning = new HBox(12, before, place, after);
    turning.setAlignment(Pos.CENTER);
    turning.setVisible(copies.size() > 1);
    VBox all = new VBox(18, pile, turning);
    all.setAlignment(Pos.CENTER);
    return all;
  }

  /** A card of which only the edge is seen. */
  private static Region blank() {
    Region card = new Region();
    card.getStyleClass().add("copy-card");
    card.setMaxSize(TOP_CARD, TOP_CARD * 0.82);
    card.setMinSize(TOP_CARD, TOP_CARD * 0.82);
    return card;
  }

  private Region card(Topology copy, double width) {
    StackPane frame = new StackPane();
    frame.getStyleClass().add("snapshot-picture");
    double height = width * 0.58;
    frame.setMinSize(width - 24, height);
    frame.setMaxSize(width - 24, height);
    if (picture.isPresent()) {
      ImageView view = new ImageView(picture.get());
      view.setPreserveRatio(true);
      view.setFitWidth(width - 34);
      view.setFitHeight(height - 10);
      frame.getChildren().add(view);
    }
    Label name = new Label(copy.name());
    name.getStyleClass().add("entry-title");
    long all = copy.nodes().stream().filter(VirtualMachine.class::isInstance).count();
    Integer now = running.get(copy.id());
    Label state = new Label(now == null ? texts.get("copies.unknown") : texts.get("copies.running", now, all));
    state.getStyleClass().addAll("text-muted", "text-small");
    Button open = new Button(texts.get("copies.open"));
    open.getStyleClass().add("small");
    open.setOnAction(_ -> actions.open(copy));
    Button destroy = new Button(texts.get("copies.destroy"));
    destroy.getStyleClass().add("small");
    destroy.setOnAction(_ -> actions.destroy(List.of(copy)));
    HBox buttons = new HBox(6, open, destroy);
    VBox card = new VBox(8, frame, new VBox(2, name, state), buttons);
    card.getStyleClass().add("copy-card");
    card.setPadding(new Insets(12));
    card.setMinSize(width, width * 0.82);
    card.setMaxSize(width, width * 0.82);
    return card;
  }
}
