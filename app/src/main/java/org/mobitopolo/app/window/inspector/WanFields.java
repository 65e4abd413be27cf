// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.time.Duration;
import java.util.Optional;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;
import org.mobitopolo.topology.edit.ChangeWan;
import org.mobitopolo.topology.edit.Edit;

/** The emulated distance between two regions as two fields: delay and rate. No delay and no limit is no distance. */
final class WanFields {
  private WanFields() {}

  static void add(Form form, String one, String other) {
    form.line(
        "Delay, one way",
        topology -> Quantities.format(wan(topology, one, other).delay()),
        (text, topology) ->
            change(one, other, new Wan(one, other, Quantities.parseDuration(text), wan(topology, one, other).rate())));
    form.line(
        "Rate",
        topology -> wan(topology, one, other).rate().toString(),
        (text, topology) -> change(one, other, new Wan(one, other, wan(topology, one, other).delay(), Rate.parse(text))));
    form.besideEachOther();
  }

  private static Wan wan(Topology topology, String one, String other) {
    return topology.wan(one, other).orElseGet(() -> new Wan(one, other, Duration.ZERO, Rate.UNLIMITED));
  }

  private static Edit change(String one, String other, Wan wan) {
    boolean nothing = wan.delay().isZero() && wan.rate().isUnlimited();
    return new ChangeWan(one, other, nothing ? Optional.empty() : Optional.of(wan));
  }
}
