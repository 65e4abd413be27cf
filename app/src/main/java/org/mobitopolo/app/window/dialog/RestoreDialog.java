// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.dialog;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javafx.beans.property.StringProperty;
import javafx.beans.value.ObservableValue;
import javafx.geometry.Pos;
import javafx.scene.control.ButtonType;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Dialog;
import javafx.scene.control.Label;
import javafx.scene.control.Spinner;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;

/** Shows what a bundle holds, and asks on which host each of its regions shall lie. FX thread. */
public final class RestoreDialog {
  private static final int MOST = 200;
  private static final double PICTURE_WIDTH = 220;
  private static final double PICTURE_HEIGHT = 140;

  /**
   * @param count how many labs are made
   * @param hosts of the regions, by their ids; a region without one lies where most memory is free
   * @param keepClock whether the guests' clocks go on where they were
   */
  public record Answer(int count, Map<String, HostUrl> hosts, boolean keepClock) {
    public Answer {
      hosts = Map.copyOf(hosts);
    }
  }

  private final Dialogs dialogs;
  private final Texts texts;

  public RestoreDialog(Dialogs dialogs, Texts texts) {
    this.dialogs = dialogs;
    this.texts = texts;
  }

  /**
   * Shows the dialog; empty when the user cancelled.
   *
   * @param hosts that may be chosen, each with what is told of its memory, which may come later
   * @param name how a host is called
   */
  public Optional<Answer> ask(
      Manifest manifest,
      Optional<byte[]> thumbnail,
      Map<HostUrl, StringProperty> hosts,
      Function<HostUrl, String> name) {
    Map<String, ComboBox<Optional<HostUrl>>> choices = new LinkedHashMap<>();
    GridPane fields = new GridPane(14, 8);
    int row = 0;
    for (Region region : manifest.topology().regions()) {
      ComboBox<Optional<HostUrl>> choice = choice(List.copyOf(hosts.keySet()), name);
      choice.setId("restore-host-" + region.id());
      choices.put(region.id(), choice);
      Label memory = new Label();
      memory.getStyleClass().addAll("text-muted", "text-small");
      choice
          .valueProperty()
          .flatMap(host -> host.map(url -> (ObservableValue<String>) hosts.get(url)).orElse(null))
          .orElse("")
          .subscribe(memory::setText);
      fields.addRow(row++, new Label(region.name()), choice, memory);
    }
    Spinner<Integer> count = new Spinner<>(1, MOST, 1);
    count.setEditable(true);
    count.setPrefWidth(100);
    fields.addRow(row++, new Label(texts.get("copies.number")), count);
    CheckBox clock = new CheckBox(texts.get("copies.keep-clock"));
    fields.add(clock, 1, row);
    GridPane.setColumnSpan(clock, 2);
    VBox body = new VBox(16, head(manifest, thumbnail), fields);
    ButtonType go = Dialogs.button(texts.get("snapshot.restore"), Dialogs.Role.MAIN);
    Dialog<ButtonType> dialog =
        dialogs.create(texts.get("snapshot.restore-question", manifest.name()), body, go);
    return dialog
        .showAndWait()
        .filter(go::equals)
        .map(_ -> new Answer(count.getValue(), chosen(choices), clock.isSelected()));
  }

  private HBox head(Manifest manifest, Optional<byte[]> thumbnail) {
    HBox head = new HBox(14);
    head.setAlignment(Pos.CENTER_LEFT);
    thumbnail
        .map(png -> new Image(new ByteArrayInputStream(png)))
        .filter(image -> !image.isError())
        .ifPresent(
            image -> {
              ImageView view = new ImageView(image);
              view.setPreserveRatio(true);
              view.setFitWidth(PICTURE_WIDTH);
              view.setFitHeight(PICTURE_HEIGHT);
              StackPane frame = new StackPane(view);
              frame.getStyleClass().add("snapshot-picture");
              head.getChildren().add(frame);
            });
    head.getChildren()
        .add(
            Dialogs.body(
                texts.get(
                    "restore.text",
                    manifest.machines().size(),
                    Units.bytes(manifest.contentBytes()))));
    return head;
  }

  private ComboBox<Optional<HostUrl>> choice(List<HostUrl> hosts, Function<HostUrl, String> name) {
    ComboBox<Optional<HostUrl>> choice = new ComboBox<>();
    List<Optional<HostUrl>> items = new ArrayList<>();
    items.add(Optional.empty());
    hosts.forEach(host -> items.add(Optional.of(host)));
    choice.getItems().setAll(items);
    choice.setValue(Optional.empty());
    choice.setConverter(
        new StringConverter<>() {
          @Override
          public String toString(Optional<HostUrl> host) {
            return host == null ? "" : host.map(name).orElse(texts.get("copies.spread"));
          }

          @Override
          public Optional<HostUrl> fromString(String text) {
            throw new UnsupportedOperationException("nothing is typed here");
          }
        });
    return choice;
  }

  private static Map<String, HostUrl> chosen(Map<String, ComboBox<Optional<HostUrl>>> choices) {
    Map<String, HostUrl> chosen = new LinkedHashMap<>();
    choices.forEach(
        (region, choice) -> choice.getValue().ifPresent(host -> chosen.put(region, host)));
    return chosen;
  }
}
