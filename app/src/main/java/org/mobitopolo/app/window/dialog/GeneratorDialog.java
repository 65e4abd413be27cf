// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.dialog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import javafx.geometry.Pos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.control.ButtonType;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Control;
import javafx.scene.control.Dialog;
import javafx.scene.control.Label;
import javafx.scene.control.Labeled;
import javafx.scene.control.Spinner;
import javafx.scene.control.SpinnerValueFactory.IntegerSpinnerValueFactory;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.VBox;
import javafx.scene.paint.Color;
import javafx.util.StringConverter;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.generate.Generator;
import org.mobitopolo.topology.generate.Shape;

/** Asks what network to generate, and shows what it will look like. FX thread. */
public final class GeneratorDialog {
  private static final double PREVIEW_WIDTH = 420;
  private static final double PREVIEW_HEIGHT = 150;
  private static final double INSET = 14;
  private static final double DOT = 6;
  private static final int USUAL_COUNT = 6;

  private final Dialogs dialogs;
  private final Texts texts;
  private final Topology into;
  private final Point place;
  private final long seed = ThreadLocalRandom.current().nextLong();
  private final ComboBox<Shape> shape = new ComboBox<>();
  private final ComboBox<Symbol> symbol = new ComboBox<>();
  private final ComboBox<Optional<Region>> region = new ComboBox<>();
  private final Spinner<Integer> count = new Spinner<>();
  private final Spinner<Integer> second = new Spinner<>();
  private final Label countLabel = new Label();
  private final Label secondLabel = new Label();
  private final CheckBox addresses = new CheckBox();
  private final Label summary = new Label();
  private final Canvas preview = new Canvas(PREVIEW_WIDTH, PREVIEW_HEIGHT);

  /**
   * A dialog about one lab.
   *
   * @param wished the region that is offered first; without one it is the lab's first
   * @param place where the network stands when it goes to no region
   */
  public GeneratorDialog(
      Dialogs dialogs, Texts texts, Topology into, Optional<String> wished, Point place) {
    this.dialogs = dialogs;
    this.texts = texts;
    this.into = into;
    this.place = place;
    shape.getItems().setAll(Shape.values());
    shape.setConverter(names(texts::name));
    symbol.getItems().setAll(Symbol.values());
    symbol.setConverter(names(texts::name));
    symbol.setValue(Symbol.ROUTER);
    into.regions().forEach(item -> region.getItems().add(Optional.of(item)));
    region.getItems().add(Optional.empty());
    region.setConverter(
        names(item -> item.map(Region::name).orElse(texts.get("generate.no-region"))));
    region.setValue(
        wished
            .flatMap(into::region)
            .or(() -> into.regions().stream().findFirst()));
    addresses.setText(texts.get("generate.addresses"));
    addresses.setSelected(true);
    for (Spinner<Integer> spinner : List.of(count, second)) {
      spinner.setEditable(true);
      spinner.setPrefWidth(100);
      spinner.valueProperty().addListener(_ -> show());
    }
    shape.valueProperty().addListener(_ -> showShape());
    symbol.valueProperty().addListener(_ -> show());
    shape.setValue(Shape.RING);
  }

  private static <T> StringConverter<T> names(Function<T, String> name) {
    return new StringConverter<>() {
      @Override
      public String toString(T value) {
        return value == null ? "" : name.apply(value);
      }

      @Override
      public T fromString(String text) {
        throw new UnsupportedOperationException("nothing is typed here");
      }
    };
  }

  private String countName(Shape shape) {
    return switch (shape) {
      case GRID -> texts.get("generate.columns");
      case LEAF_SPINE -> texts.get("generate.leaves");
      default -> texts.get("generate.number");
    };
  }

  private String secondName(Shape shape) {
    return switch (shape) {
      case GRID -> texts.get("generate.rows");
      case LEAF_SPINE -> texts.get("generate.spines");
      case TREE -> texts.get("generate.children");
      case RANDOM -> texts.get("generate.links");
      default -> "";
    };
  }

  private void showShape() {
    Shape chosen = shape.getValue();
    int usual = Math.clamp(USUAL_COUNT, chosen.smallest(), chosen.largest());
    count.setValueFactory(
        new IntegerSpinnerValueFactory(chosen.smallest(), chosen.largest(), usual));
    second.setValueFactory(
        new IntegerSpinnerValueFactory(
            1, Math.max(1, chosen.largestSecond()), Math.max(1, chosen.usualSecond())));
    countLabel.setText(countName(chosen));
    secondLabel.setText(secondName(chosen));
    second.setVisible(chosen.hasSecond());
    secondLabel.setVisible(chosen.hasSecond());
    show();
  }

  private Generator.Recipe recipe() {
    return new Generator.Recipe(
        shape.getValue(),
        count.getValue(),
        second.getValue(),
        symbol.getValue(),
        addresses.isSelected(),
        seed);
  }

  private void show() {
    if (count.getValue() == null || second.getValue() == null) {
      return;
    }
    Topology empty = Topology.empty("preview", "");
    Topology made =
        Generator.at(
                empty,
                new Generator.Recipe(
                    shape.getValue(), count.getValue(), second.getValue(), Symbol.VM, false, seed),
                new Point(0, 0))
            .apply(empty);
    summary.setText(texts.get("generate.summary", made.nodes().size(), made.links().size()));
    draw(made);
  }

  private void draw(Topology made) {
    double left = made.nodes().stream().mapToDouble(n -> n.position().x()).min().orElse(0);
    double right = made.nodes().stream().mapToDouble(n -> n.position().x()).max().orElse(0);
    double top = made.nodes().stream().mapToDouble(n -> n.position().y()).min().orElse(0);
    double bottom = made.nodes().stream().mapToDouble(n -> n.position().y()).max().orElse(0);
    double scale =
        Math.min(
            (PREVIEW_WIDTH - 2 * INSET) / Math.max(1, right - left),
            (PREVIEW_HEIGHT - 2 * INSET) / Math.max(1, bottom - top));
    Map<String, Point> places =
        made.nodes().stream()
            .collect(
                Collectors.toMap(
                    Node::id,
                    node ->
                        new Point(
                            PREVIEW_WIDTH / 2 + (node.position().x() - (left + right) / 2) * scale,
                            PREVIEW_HEIGHT / 2
                                + (node.position().y() - (top + bottom) / 2) * scale)));
    GraphicsContext graphics = preview.getGraphicsContext2D();
    graphics.clearRect(0, 0, PREVIEW_WIDTH, PREVIEW_HEIGHT);
    graphics.setStroke(Color.web("#8793a1"));
    for (Link link : made.links()) {
      Point a = places.get(link.a().node());
      Point b = places.get(link.b().node());
      graphics.strokeLine(a.x(), a.y(), b.x(), b.y());
    }
    graphics.setFill(Color.web("#2f7de1"));
    places.values().forEach(p -> graphics.fillOval(p.x() - DOT / 2, p.y() - DOT / 2, DOT, DOT));
  }

  /** Shows the dialog; empty when the user cancelled. */
  public Optional<Composite> ask() {
    GridPane fields = new GridPane();
    fields.setHgap(14);
    fields.setVgap(10);
    fields.addRow(
        0,
        new Label(texts.get("generate.shape")),
        shape,
        new Label(texts.get("generate.made-of")),
        symbol);
    fields.addRow(1, countLabel, count, secondLabel, second);
    fields.addRow(2, new Label(texts.get("word.region")), region);
    fields.add(addresses, 1, 3, 3, 1);
    fields.getChildren().stream()
        .filter(Labeled.class::isInstance)
        .map(Labeled.class::cast)
        .forEach(label -> label.setMinWidth(Control.USE_PREF_SIZE));
    VBox body = new VBox(14, fields, preview, summary);
    body.setAlignment(Pos.CENTER);
    summary.getStyleClass().add("text-muted");
    ButtonType make = Dialogs.button(texts.get("generate.button"), Dialogs.Role.MAIN);
    Dialog<ButtonType> dialog = dialogs.create(texts.get("command.generate"), body, make);
    if (dialog.showAndWait().filter(make::equals).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        region
            .getValue()
            .map(home -> Generator.in(into, recipe(), home.id()))
            .orElseGet(() -> Generator.at(into, recipe(), place)));
  }
}
