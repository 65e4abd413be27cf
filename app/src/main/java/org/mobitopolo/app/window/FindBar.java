// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/**
 * Finds nodes, regions and notes by name, address, image or text while one types; Enter goes to the
 * next, Escape closes.
 */
final class FindBar extends HBox {
  private final MainWindow window;
  private final TextField text = new TextField();
  private final Label count = new Label();
  private Topology topology = Topology.empty("none", "");
  private Consumer<String> reveal = _ -> {};
  private List<String> found = List.of();
  private int index;

  FindBar(MainWindow window) {
    this.window = window;
    getStyleClass().add("find-bar");
    setAlignment(Pos.CENTER_LEFT);
    setSpacing(8);
    setMaxSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
    text.setPromptText(window.texts().get("find.prompt"));
    text.setPrefColumnCount(24);
    getChildren().addAll(Icons.view(Icon.SEARCH, 16), text, count);
    setVisible(false);
    text.textProperty().addListener(_ -> search());
    text.addEventFilter(KeyEvent.KEY_PRESSED, this::keyPressed);
    text.focusedProperty()
        .addListener(
            (_, _, focused) -> {
              if (!focused) {
                setVisible(false);
              }
            });
  }

  /** Shows the bar. @param revealed takes the id of an element that was found */
  void open(Topology where, Consumer<String> revealed) {
    topology = where;
    reveal = revealed;
    setVisible(true);
    text.requestFocus();
    text.selectAll();
    search();
  }

  private void keyPressed(KeyEvent event) {
    if (event.getCode() == KeyCode.ESCAPE) {
      window.focusCanvas();
      event.consume();
    } else if (event.getCode() == KeyCode.ENTER && !found.isEmpty()) {
      index = Math.floorMod(index + (event.isShiftDown() ? -1 : 1), found.size());
      showFound();
      event.consume();
    }
  }

  private void search() {
    String wanted = text.getText().strip().toLowerCase(Locale.ROOT);
    found = wanted.isEmpty() ? List.of() : matches(topology, wanted);
    index = 0;
    showFound();
  }

  private void showFound() {
    count.setText(
        text.getText().isBlank()
            ? ""
            : found.isEmpty()
                ? window.texts().get("find.none")
                : window.texts().get("find.count", index + 1, found.size()));
    if (!found.isEmpty()) {
      reveal.accept(found.get(index));
    }
  }

  static List<String> matches(Topology topology, String wanted) {
    List<String> ids = new ArrayList<>();
    topology.nodes().stream()
        .filter(node -> texts(node).anyMatch(has(wanted)))
        .map(Node::id)
        .forEach(ids::add);
    topology.regions().stream()
        .filter(
            region -> has(wanted).test(region.name()) || has(wanted).test(region.host().toString()))
        .forEach(region -> ids.add(region.id()));
    topology.notes().stream()
        .filter(note -> has(wanted).test(note.text()))
        .forEach(note -> ids.add(note.id()));
    return ids;
  }

  private static Stream<String> texts(Node node) {
    Stream<String> addresses =
        node.nics().stream().map(Nic::addresses).flatMap(List::stream).map(Cidr::toString);
    Stream<String> image =
        node instanceof VirtualMachine vm ? Stream.of(vm.image()) : Stream.empty();
    return Stream.of(Stream.of(node.name()), addresses, image).flatMap(Function.identity());
  }

  private static java.util.function.Predicate<String> has(String wanted) {
    return value -> value.toLowerCase(Locale.ROOT).contains(wanted);
  }
}
