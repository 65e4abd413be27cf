// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.dialog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javafx.scene.control.ButtonType;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Dialog;
import javafx.scene.control.Label;
import javafx.scene.control.Spinner;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.HostUrl;

/** Asks how many copies of a lab shall run, and where. FX thread. */
public final class CopiesDialog {
  private static final int MOST = 200;

  /**
   * @param count how many labs are made
   * @param host where all their VMs run; empty spreads them by free memory
   * @param keepClock whether the guests' clocks go on where they were
   */
  public record Answer(int count, Optional<HostUrl> host, boolean keepClock) {}

  private final Dialogs dialogs;
  private final Texts texts;

  public CopiesDialog(Dialogs dialogs, Texts texts) {
    this.dialogs = dialogs;
    this.texts = texts;
  }

  /**
   * Shows the dialog; empty when the user cancelled.
   *
   * @param question the heading
   * @param button what the button that goes on says
   * @param hosts that may be chosen
   * @param name how a host is called
   */
  public Optional<Answer> ask(
      String question,
      String button,
      int count,
      List<HostUrl> hosts,
      Function<HostUrl, String> name) {
    Spinner<Integer> number = new Spinner<>(1, MOST, count);
    number.setEditable(true);
    number.setPrefWidth(100);
    ComboBox<Optional<HostUrl>> where = new ComboBox<>();
    List<Optional<HostUrl>> choices = new ArrayList<>();
    choices.add(Optional.empty());
    hosts.forEach(host -> choices.add(Optional.of(host)));
    where.getItems().setAll(choices);
    where.setValue(Optional.empty());
    where.setConverter(
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
    CheckBox clock = new CheckBox(texts.get("copies.keep-clock"));
    GridPane fields = new GridPane(14, 10);
    fields.addRow(0, new Label(texts.get("copies.number")), number);
    fields.addRow(1, new Label(texts.get("copies.where")), where);
    fields.add(clock, 1, 2);
    VBox body = new VBox(14, Dialogs.body(texts.get("copies.text")), fields);
    ButtonType go = Dialogs.button(button, Dialogs.Role.MAIN);
    Dialog<ButtonType> dialog = dialogs.create(question, body, go);
    return dialog
        .showAndWait()
        .filter(go::equals)
        .map(_ -> new Answer(number.getValue(), where.getValue(), clock.isSelected()));
  }
}
