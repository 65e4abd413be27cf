// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.ChangeNode;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.RenameNode;

class FieldCheckTest {
  private final Topology topology =
      Topology.empty("lab", "Lab")
          .withNodes(
              List.of(
                  VirtualMachine.create("a", "web", new Point(0, 0)),
                  VirtualMachine.create("b", "mail", new Point(9, 9))));

  private final BiFunction<String, Topology, Edit> rename = (text, _) -> new RenameNode("a", text);
  private final BiFunction<String, Topology, Edit> memory =
      (text, where) ->
          new ChangeNode(
              ((VirtualMachine) where.node("a").orElseThrow()).withMemory(Size.parse(text)));

  @Test
  void aTextThatFitsBecomesAnEdit() {
    assertThat(FieldCheck.of("www", topology, rename).edit()).contains(new RenameNode("a", "www"));
    assertThat(FieldCheck.of("www", topology, rename).problem()).isEmpty();
  }

  @Test
  void aTextThatChangesNothingIsNeitherEditNorProblem() {
    assertThat(FieldCheck.of("web", topology, rename))
        .isEqualTo(new FieldCheck(java.util.Optional.empty(), java.util.Optional.empty()));
  }

  @Test
  void aTextThatIsNotWellFormedSaysHowToWriteIt() {
    FieldCheck check = FieldCheck.of("lots", topology, memory);
    assertThat(check.edit()).isEmpty();
    assertThat(check.problem()).hasValueSatisfying(text -> assertThat(text).contains("64MiB"));
  }

  @Test
  void whatTheWholeTopologyForbidsIsFoundToo() {
    FieldCheck check = FieldCheck.of("mail", topology, rename);
    assertThat(check.edit()).isEmpty();
    assertThat(check.problem()).hasValueSatisfying(text -> assertThat(text).contains("mail"));
  }

  @Test
  void anOldProblemElsewhereDoesNotStandInTheWay() {
    Topology broken = new RenameNode("b", "not a name!").apply(topology);
    assertThat(FieldCheck.of("www", broken, rename).edit()).isPresent();
  }
}
