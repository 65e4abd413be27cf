// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Samples;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.Wan;

class EditTest {

  private static final Topology FULL = Samples.full();

  static Stream<Edit> everyKind() {
    Node client = FULL.nodes().getFirst();
    Region tokyo = FULL.regions().getFirst();
    Link link = FULL.links().getFirst();
    Note note = FULL.notes().getFirst();
    return Stream.of(
        new AddNode(VirtualMachine.create("new", "new", new Point(1, 2))),
        new AddNode(VirtualMachine.create("new", "new", new Point(1, 2)), 1),
        new RemoveNode("client"),
        new RemoveNode("server"),
        new RenameNode("client", "customer"),
        new ChangeNode(client.withNics(client.nics().subList(0, 1))),
        new ChangeNode(client.withNics(List.of())),
        new MoveNodes(Map.of("client", new Point(5, 6), "hub", new Point(7, 8))),
        PlaceNodes.of(client, "florida"),
        new PlaceNodes(
            List.of(
                new PlaceNodes.Placement("client", Optional.empty(), new Point(9, 9)),
                new PlaceNodes.Placement("hub", Optional.of("tokyo"), new Point(3, 3)))),
        new AddLink(Link.create("l3", new End("new", "eth0"), new End("hub", "port0"))),
        new RemoveLink("l1"),
        new ChangeLink(link.withWaypoints(List.of())),
        new AddRegion(new Region("mars", "Mars", HostUrl.LOCAL, new Bounds(0, 0, 9, 9), "red"), 0),
        new RemoveRegion("tokyo"),
        new RemoveRegion("florida"),
        new ChangeRegion(tokyo.withName("Edo").withColor("green")),
        new ChangeRegion(tokyo.withHost(HostUrl.parse("ssh://example.org"))),
        new ChangeWan("tokyo", "florida", Optional.empty()),
        ChangeWan.to(new Wan("florida", "tokyo", Duration.ofMillis(1), Rate.UNLIMITED)),
        new AddNote(new Note("note-2", "x", new Bounds(0, 0, 1, 1), "red"), 0),
        new RemoveNote("note-1"),
        new ChangeNote(note.withText("changed")),
        new RenameTopology("Other"),
        Edits.connect(FULL, "server", "hub"),
        Edits.remove(FULL, Set.of("client", "l1", "note-1", "tokyo")),
        Fragment.copy(FULL, Set.of("client", "server", "note-1")).paste(FULL, 30, 30));
  }

  @Test
  void theListAboveHasEveryKindOfEdit() {
    Set<Class<?>> kinds = everyKind().map(Object::getClass).collect(Collectors.toSet());
    assertThat(kinds).containsExactlyInAnyOrder(Edit.class.getPermittedSubclasses());
  }

  /** A link to a new node needs that node; all other edits fit the sample as it is. */
  private static Topology groundFor(Edit edit) {
    return edit instanceof AddLink
        ? new Composite(
                "ground",
                List.of(
                    new RemoveLink("l2"),
                    new AddNode(
                        VirtualMachine.create("new", "new", new Point(0, 0))
                            .withNics(List.of(new Nic("eth0", "02:00:00:00:00:09", List.of()))))))
            .apply(FULL)
        : FULL;
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void theInverseGivesTheTopologyFromBefore(Edit edit) {
    Topology before = groundFor(edit);
    Topology after = edit.apply(before);
    assertThat(after).isNotEqualTo(before);
    assertThat(edit.inverse(before).apply(after)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void theInverseOfTheInverseDoesItAgain(Edit edit) {
    Topology before = groundFor(edit);
    Topology after = edit.apply(before);
    Edit back = edit.inverse(before);
    assertThat(back.inverse(after).apply(before)).isEqualTo(after);
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void everyEditLeavesALabThatIsAsSoundAsBefore(Edit edit) {
    Topology before = groundFor(edit);
    assertThat(Validator.errors(before)).isEmpty();
    List<String> errors =
        Validator.errors(edit.apply(before)).stream()
            .map(problem -> problem.field())
            .distinct()
            .toList();
    // taking interfaces away leaves routes that went through them
    assertThat(errors).isSubsetOf(edit instanceof ChangeNode ? List.of("routes") : List.of());
  }

  @Test
  void titlesReadLikeAMenu() {
    assertThat(PlaceNodes.of(FULL.nodes().getFirst(), "florida").title(FULL))
        .isEqualTo("Move client to Florida");
    assertThat(new RenameNode("client", "customer").title(FULL))
        .isEqualTo("Rename client to customer");
    assertThat(new RemoveLink("l1").title(FULL)).isEqualTo("Remove the link client – server");
    assertThat(new MoveNodes(Map.of("client", new Point(0, 0), "hub", new Point(0, 0))).title(FULL))
        .isEqualTo("Move 2 nodes");
    assertThat(Edits.connect(FULL, "server", "hub").title(FULL)).isEqualTo("Link server – hub");
    assertThat(Edits.remove(FULL, Set.of("hub")).title(FULL)).isEqualTo("Remove hub");
  }

  @Test
  void whatDoesNotFitIsRefusedWithASentence() {
    List<Edit> misfits =
        List.of(
            new RemoveNode("ghost"),
            new RemoveLink("ghost"),
            new RemoveRegion("ghost"),
            new RemoveNote("ghost"),
            new RenameNode("ghost", "x"),
            new MoveNodes(Map.of("ghost", new Point(0, 0))),
            PlaceNodes.of(FULL.nodes().getFirst(), "ghost"),
            new AddNode(FULL.nodes().getFirst()),
            new AddLink(Link.create("l9", new End("client", "eth0"), new End("hub", "port0"))),
            new AddLink(Link.create("l9", new End("client", "eth9"), new End("hub", "port0"))),
            new ChangeWan("tokyo", "ghost", Optional.empty()));
    for (Edit edit : misfits) {
      assertThatIllegalArgumentException()
          .as(edit.toString())
          .isThrownBy(() -> edit.apply(FULL))
          .withMessageEndingWith(".");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Edits.connect(FULL, "client", "client"));
  }

  @Test
  void linkingTwoNodesTakesAFreeInterfaceOrMakesOne() {
    Topology ground = new RemoveLink("l2").apply(FULL);
    Topology linked = Edits.connect(ground, "client", "server").apply(ground);
    Link link = linked.links().getLast();
    assertThat(link.a()).isEqualTo(new End("client", "eth1"));
    assertThat(link.b()).isEqualTo(new End("server", "eth1"));
    assertThat(linked.node("client").orElseThrow().nics()).hasSize(2);
    assertThat(linked.node("server").orElseThrow().nics()).hasSize(2);
  }

  @Test
  void pastedNodesHaveNewIdsNamesAndMacAddressesAndKeepTheirLinks() {
    Topology pasted =
        Fragment.copy(FULL, Set.of("client", "server")).paste(FULL, 10, 20).apply(FULL);
    assertThat(pasted.nodes())
        .extracting(Node::name)
        .containsExactly("client", "server", "hub", "client-2", "server-2");
    Node copy = pasted.nodeNamed("client-2").orElseThrow();
    assertThat(copy.position()).isEqualTo(new Point(90, 110.5));
    assertThat(copy.region()).contains("tokyo");
    assertThat(pasted.links()).hasSize(3);
    Link link = pasted.links().getLast();
    assertThat(link.a().node()).isEqualTo(copy.id());
    assertThat(link.ab()).isEqualTo(FULL.links().getFirst().ab());
    assertThat(Validator.errors(pasted)).isEmpty();
  }

  @Test
  void aNodePastedBeyondItsRegionGoesToTheRegionThere() {
    Topology pasted = Fragment.copy(FULL, Set.of("client")).paste(FULL, 420, 0).apply(FULL);
    assertThat(pasted.nodeNamed("client-2").orElseThrow().region()).contains("florida");
    Topology outside = Fragment.copy(FULL, Set.of("client")).paste(FULL, 0, 9000).apply(FULL);
    assertThat(outside.nodeNamed("client-2").orElseThrow().region()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void longRandomHistoriesCanBeUndoneAndRedoneExactly(long seed) {
    Random random = new Random(seed);
    History history = new History(FULL);
    List<Topology> versions = new ArrayList<>(List.of(FULL));
    for (int step = 0; step < 60; step++) {
      Topology before = history.current();
      Topology after = history.apply(randomEdit(before, random));
      if (!after.equals(before)) {
        versions.add(after);
      }
    }
    Topology wish = history.current();
    for (int i = versions.size() - 2; i >= 0; i--) {
      wish = history.undo().orElseThrow().apply(wish);
      assertThat(wish).isEqualTo(versions.get(i)).isEqualTo(history.current());
    }
    assertThat(history.canUndo()).isFalse();
    for (int i = 1; i < versions.size(); i++) {
      wish = history.redo().orElseThrow().apply(wish);
      assertThat(wish).isEqualTo(versions.get(i)).isEqualTo(history.current());
    }
    assertThat(history.canRedo()).isFalse();
  }

  private static Edit randomEdit(Topology topology, Random random) {
    List<Node> nodes = topology.nodes();
    Node node = nodes.isEmpty() ? null : nodes.get(random.nextInt(nodes.size()));
    int choice = node == null ? 0 : random.nextInt(10);
    return switch (choice) {
      case 0, 1 ->
          new AddNode(
              VirtualMachine.create(
                  Ids.newId(topology, "node"),
                  Ids.nextNodeName(topology, "vm"),
                  new Point(random.nextInt(800), random.nextInt(300))),
              random.nextInt(nodes.size() + 1));
      case 2 -> new RemoveNode(node.id());
      case 3 -> new RenameNode(node.id(), Ids.nextNodeName(topology, "renamed"));
      case 4 ->
          topology.regions().isEmpty()
              ? new AddRegion(
                  new Region("tokyo", "Tokyo", HostUrl.LOCAL, new Bounds(0, 0, 400, 300), "blue"))
              : PlaceNodes.of(
                  node, topology.regions().get(random.nextInt(topology.regions().size())).id());
      case 5, 6 -> {
        Node other = nodes.get(random.nextInt(nodes.size()));
        yield other.equals(node)
            ? new RenameTopology("Lab " + random.nextInt())
            : Edits.connect(topology, node.id(), other.id());
      }
      case 7 ->
          topology.links().isEmpty()
              ? new RenameTopology("x" + random.nextInt())
              : new RemoveLink(topology.links().getFirst().id());
      case 8 -> Fragment.copy(topology, Set.of(node.id())).paste(topology, 5, 5);
      default ->
          topology.regions().isEmpty()
              ? new RemoveNode(node.id())
              : new RemoveRegion(topology.regions().getLast().id());
    };
  }
}
