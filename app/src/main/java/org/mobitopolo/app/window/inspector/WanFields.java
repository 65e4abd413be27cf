// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;
import org.mobitopolo.topology.edit.ChangeWan;
import org.mobitopolo.topology.edit.Edit;

/**
 * The emulated distance between two regions as two fields: delay and rate. No delay and no limit is
 * no distance.
 */
final class WanFields extends VBox {
  private final Field delay;
  private final Field rate;
  private final PresetMenu<Distances> preset;

  WanFields(LabDocument document, Texts texts, String heading, String one, String other) {
    setSpacing(10);
    Label label = new Label(heading);
    label.getStyleClass().add("form-section");
    delay =
        Field.line(
            texts.get("form.link.delay"),
            document,
            topology -> Quantities.format(wan(topology, one, other).delay()),
            (text, topology) ->
                change(
                    one,
                    other,
                    new Wan(
                        one,
                        other,
                        Quantities.parseDuration(text),
                        wan(topology, one, other).rate())));
    rate =
        Field.line(
            texts.get("form.link.rate"),
            document,
            topology -> wan(topology, one, other).rate().toString(),
            (text, topology) ->
                change(
                    one,
                    other,
                    new Wan(one, other, wan(topology, one, other).delay(), Rate.parse(text))));
    preset =
        new PresetMenu<>(
            texts,
            List.of(Distances.values()),
            () -> Distances.of(wan(document.topology().get(), one, other)),
            distance -> document.edit(change(one, other, distance.between(one, other))));
    preset.setAccessibleText(texts.get("preset.distance"));
    HBox row = new HBox(10, new Dial(delay, Scale.DELAY), new Dial(rate, Scale.RATE));
    for (Node child : row.getChildren()) {
      HBox.setHgrow(child, Priority.ALWAYS);
      ((VBox) child).setPrefWidth(0);
    }
    getChildren().addAll(label, preset, row);
    refresh(true);
  }

  void refresh(boolean other) {
    delay.refresh(other);
    rate.refresh(other);
    preset.refresh();
  }

  private static Wan wan(Topology topology, String one, String other) {
    return topology
        .wan(one, other)
        .orElseGet(() -> new Wan(one, other, Duration.ZERO, Rate.UNLIMITED));
  }

  private static Edit change(String one, String other, Wan wan) {
    boolean nothing = wan.delay().isZero() && wan.rate().isUnlimited();
    return new ChangeWan(one, other, nothing ? Optional.empty() : Optional.of(wan));
  }
}
