// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javafx.geometry.VPos;
import javafx.scene.Node;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.image.Image;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/**
 * The properties of one thing: a title, then fields and live figures that follow topology and
 * state. A form is built once and then shows one thing after the other, as styling new controls
 * takes long.
 */
class Form extends VBox {
  /** A live figure. */
  record Figure(String name, String value) {}

  private static final double TIP_WIDTH = 320;

  private final LabDocument document;
  private final Texts texts;
  private final List<Consumer<Boolean>> refreshers = new ArrayList<>();
  private String id = "";

  Form(LabDocument document, Texts texts) {
    this.document = document;
    this.texts = texts;
    getStyleClass().add("form");
    setSpacing(10);
  }

  final LabDocument document() {
    return document;
  }

  final Texts texts() {
    return texts;
  }

  /** A text of the window. */
  final String text(String key, Object... arguments) {
    return texts.get(key, arguments);
  }

  final Topology topology() {
    return document.topology().get();
  }

  /** Id of the thing that is shown. */
  final String id() {
    return id;
  }

  /** Shows another thing of the same kind. */
  final void show(String newId) {
    boolean other = !newId.equals(id);
    id = newId;
    refreshers.forEach(refresher -> refresher.accept(other));
  }

  /** Brings all fields and figures up to date. */
  final void refresh() {
    refreshers.forEach(refresher -> refresher.accept(false));
  }

  final void onRefresh(Runnable action) {
    refreshers.add(_ -> action.run());
  }

  /** Like {@link #onRefresh}; the action is told whether the form now shows another thing. */
  final void onShow(Consumer<Boolean> action) {
    refreshers.add(action);
  }

  static void setShown(Node node, boolean shown) {
    node.setVisible(shown);
    node.setManaged(shown);
  }

  /** The name of the thing and what it is; the name follows the topology. */
  final void title(String kind, Supplier<String> name) {
    Label heading = new Label();
    heading.getStyleClass().add("form-title");
    heading.setWrapText(true);
    onRefresh(() -> heading.setText(name.get()));
    Label what = new Label(kind);
    what.getStyleClass().add("form-kind");
    getChildren().add(new VBox(0, what, heading));
  }

  final Label section(String name) {
    Label label = new Label(name);
    label.getStyleClass().add("form-section");
    label.setWrapText(true);
    getChildren().add(label);
    return label;
  }

  final Field line(
      String name, Function<Topology, String> current, BiFunction<String, Topology, Edit> toEdit) {
    return add(Field.line(name, document, current, toEdit));
  }

  final Field lines(
      String name,
      int rows,
      Function<Topology, String> current,
      BiFunction<String, Topology, Edit> toEdit) {
    return add(Field.lines(name, rows, document, current, toEdit));
  }

  /** Adds a field made elsewhere. */
  final Field add(Field field) {
    follow(field);
    getChildren().add(field);
    return field;
  }

  /** Lets a field that stands elsewhere in the form follow the topology. */
  final void follow(Field field) {
    refreshers.add(field::refresh);
  }

  /** Gives the field that was added last a slider. */
  final void slider(Scale scale) {
    int last = getChildren().size() - 1;
    getChildren().add(new Dial((Field) getChildren().remove(last), scale));
  }

  /** Puts the two things added last beside each other. */
  final void besideEachOther() {
    int last = getChildren().size() - 1;
    Node right = getChildren().remove(last);
    Node left = getChildren().remove(last - 1);
    HBox row = new HBox(10, left, right);
    for (Node child : row.getChildren()) {
      HBox.setHgrow(child, Priority.ALWAYS);
      ((VBox) child).setMinWidth(0);
      ((VBox) child).setPrefWidth(0);
    }
    getChildren().add(row);
  }

  /** A choice among values; {@code label} says how each reads. */
  final <T> ComboBox<T> choice(
      String name,
      Supplier<List<T>> values,
      Function<T, String> label,
      Supplier<T> current,
      Consumer<T> chosen) {
    ComboBox<T> box = new ComboBox<>();
    box.setMinWidth(0);
    box.setMaxWidth(Double.MAX_VALUE);
    box.setAccessibleText(name);
    box.setPromptText(text("form.many.several"));
    box.setConverter(
        new StringConverter<>() {
          @Override
          public String toString(T value) {
            return value == null ? "" : label.apply(value);
          }

          @Override
          public T fromString(String text) {
            throw new UnsupportedOperationException("the choice is not editable");
          }
        });
    boolean[] refreshing = {false};
    onRefresh(
        () -> {
          refreshing[0] = true;
          List<T> now = values.get();
          if (!now.equals(box.getItems())) {
            box.getItems().setAll(now);
          }
          box.setValue(current.get());
          refreshing[0] = false;
        });
    box.valueProperty()
        .addListener(
            (_, _, value) -> {
              if (!refreshing[0] && value != null && !value.equals(current.get())) {
                chosen.accept(value);
              }
            });
    getChildren().add(named(name, box));
    return box;
  }

  /**
   * A choice among the images that there are, and the one that is chosen now.
   *
   * @param current may give null while several are chosen
   */
  final void images(Library library, Supplier<String> current, Consumer<String> chosen) {
    ComboBox<String> box =
        choice(
            text("form.vm.image"),
            () ->
                Stream.concat(
                        library.images().stream().map(Image::name),
                        Stream.ofNullable(current.get()))
                    .distinct()
                    .sorted()
                    .toList(),
            name -> name,
            current,
            chosen);
    Tooltip tip = new Tooltip();
    tip.setWrapText(true);
    tip.setMaxWidth(TIP_WIDTH);
    onRefresh(
        () -> {
          Optional<String> about =
              library.images().stream()
                  .filter(image -> image.name().equals(box.getValue()))
                  .map(Image::description)
                  .findFirst();
          about.ifPresent(tip::setText);
          box.setTooltip(about.isPresent() ? tip : null);
        });
  }

  final CheckBox check(String name, Supplier<Boolean> current, Consumer<Boolean> chosen) {
    CheckBox box = new CheckBox(name);
    box.setWrapText(true);
    onRefresh(() -> box.setSelected(current.get()));
    box.setOnAction(_ -> chosen.accept(box.isSelected()));
    getChildren().add(box);
    return box;
  }

  /** Live figures, in two columns. */
  final void figures(Supplier<List<Figure>> source) {
    GridPane grid = new GridPane(12, 3);
    ColumnConstraints values = new ColumnConstraints();
    values.setHgrow(Priority.ALWAYS);
    grid.getColumnConstraints().addAll(new ColumnConstraints(), values);
    List<Figure> shown = new ArrayList<>();
    onRefresh(
        () -> {
          List<Figure> now = source.get();
          if (now.equals(shown)) {
            return;
          }
          shown.clear();
          shown.addAll(now);
          grid.getChildren().clear();
          for (int row = 0; row < now.size(); row++) {
            Label name = new Label(now.get(row).name());
            name.getStyleClass().add("figure-name");
            name.setMinWidth(USE_PREF_SIZE);
            GridPane.setValignment(name, VPos.TOP);
            Label value = new Label(now.get(row).value());
            value.getStyleClass().add("figure-value");
            value.setWrapText(true);
            grid.addRow(row, name, value);
          }
          grid.setVisible(!now.isEmpty());
          grid.setManaged(!now.isEmpty());
        });
    getChildren().add(grid);
  }

  static VBox named(String name, Node control) {
    Label label = new Label(name);
    label.getStyleClass().add("field-name");
    label.setLabelFor(control);
    return new VBox(3, label, control);
  }
}
