// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.time.Duration;
import java.util.Optional;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
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

  WanFields(LabDocument document, String heading, String one, String other) {
    setSpacing(10);
    Label label = new Label(heading);
    label.getStyleClass().add("form-section");
    delay =
        Field.line(
            "Delay, one way",
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
            "Rate",
            document,
            topology -> wan(topology, one, other).rate().toString(),
            (text, topology) ->
                change(
                    one,
                    other,
                    new Wan(one, other, wan(topology, one, other).delay(), Rate.parse(text))));
    delay.setPrefWidth(0);
    rate.setPrefWidth(0);
    HBox.setHgrow(delay, Priority.ALWAYS);
    HBox.setHgrow(rate, Priority.ALWAYS);
    getChildren().addAll(label, new HBox(10, delay, rate));
    refresh(true);
  }

  void refresh(boolean other) {
    delay.refresh(other);
    rate.refresh(other);
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
