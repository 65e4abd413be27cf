// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.edit.Edit;

/**
 * What a text in a field would do: an edit, or the reason why it can't be. The reason comes from
 * reading the text, or from the validator when the edit would bring a problem into the topology
 * that was not there before.
 */
record FieldCheck(Optional<Edit> edit, Optional<String> problem) {

  /**
   * @param toEdit reads the text; throws {@link IllegalArgumentException} with a sentence when it
   *     is not well formed
   */
  static FieldCheck of(String text, Topology topology, BiFunction<String, Topology, Edit> toEdit) {
    try {
      Edit edit = toEdit.apply(text, topology);
      Topology after = edit.apply(topology);
      if (after.equals(topology)) {
        return new FieldCheck(Optional.empty(), Optional.empty());
      }
      List<Problem> before = Validator.errors(topology);
      Optional<Problem> fresh =
          Validator.errors(after).stream().filter(problem -> !before.contains(problem)).findFirst();
      return fresh.isPresent()
          ? new FieldCheck(Optional.empty(), fresh.map(Problem::message))
          : new FieldCheck(Optional.of(edit), Optional.empty());
    } catch (IllegalArgumentException e) {
      return new FieldCheck(Optional.empty(), Optional.of(e.getMessage()));
    }
  }
}
