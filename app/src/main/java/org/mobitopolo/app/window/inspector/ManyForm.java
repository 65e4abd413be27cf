// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.ChangeLink;
import org.mobitopolo.topology.edit.ChangeNode;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;

/**
 * Properties of several elements at once: a field shows the value that all have in common, and
 * changes it for all of them in one step of undo.
 */
final class ManyForm extends Form {
  private final VBox machines = new VBox(10);
  private final VBox links = new VBox(10);
  private Set<String> selected = Set.of();

  ManyForm(LabDocument document, Texts texts, Library library) {
    super(document, texts);
    title(text("form.many.kind"), () -> text("form.many", selected.size()));
    figures(
        () ->
            List.of(
                new Figure(text("form.lab.nodes"), String.valueOf(nodes(topology()).count())),
                new Figure(text("form.lab.links"), String.valueOf(links(topology()).count()))));
    machineFields(library);
    linkFields();
    onRefresh(
        () -> {
          setShown(machines, machines(topology()).findAny().isPresent());
          setShown(links, links(topology()).findAny().isPresent());
        });
  }

  /** Shows these elements. */
  void show(Set<String> ids) {
    selected = Set.copyOf(ids);
    show(String.join(" ", ids.stream().sorted().toList()));
  }

  private void machineFields(Library library) {
    int before = getChildren().size();
    section(text("form.many.machines"));
    List<Optional<String>> none = List.of(Optional.empty());
    choice(
        text("word.region"),
        () -> {
          List<Optional<String>> all = new ArrayList<>(none);
          topology().regions().forEach(region -> all.add(Optional.of(region.id())));
          return all;
        },
        region ->
            region.flatMap(topology()::region).map(Region::name).orElse(text("form.vm.not-placed")),
        () -> common(nodes(topology()).map(Node::region)).orElse(null),
        this::move);
    choice(
        text("form.vm.drawn-as"),
        () -> Arrays.asList(Symbol.values()),
        texts()::name,
        () -> common(machines(topology()).map(VirtualMachine::symbol)).orElse(null),
        symbol -> document().edit(change(topology(), vm -> vm.withSymbol(symbol))));
    besideEachOther();
    images(
        library,
        () -> common(machines(topology()).map(VirtualMachine::image)).orElse(null),
        image -> document().edit(change(topology(), vm -> vm.withImage(image))));
    field(
        text("word.memory"),
        vm -> vm.memory().toString(),
        (vm, text) -> vm.withMemory(Size.parse(text)));
    besideEachOther();
    moveInto(machines, before);
  }

  private void linkFields() {
    int before = getChildren().size();
    section(text("form.lab.links"));
    PresetMenu<Presets> menu =
        new PresetMenu<>(
            texts(),
            List.of(Presets.values()),
            () -> common(links(topology()).map(Presets::of)).flatMap(Function.identity()),
            preset ->
                document()
                    .edit(
                        new Composite(
                            text("form.many.change-links"),
                            links(topology())
                                .<Edit>map(link -> new ChangeLink(preset.applyTo(link)))
                                .toList())));
    onRefresh(menu::refresh);
    getChildren().add(named(text("preset.choose"), menu));
    moveInto(links, before);
  }

  private void moveInto(VBox box, int from) {
    List<javafx.scene.Node> added = List.copyOf(getChildren().subList(from, getChildren().size()));
    getChildren().removeAll(added);
    box.getChildren().addAll(added);
    getChildren().add(box);
  }

  private void field(
      String name,
      Function<VirtualMachine, String> value,
      BiFunction<VirtualMachine, String, VirtualMachine> with) {
    line(
            name,
            topology -> common(machines(topology).map(value)).orElse(""),
            (text, topology) -> change(topology, vm -> with.apply(vm, text)))
        .prompt(text("form.many.several"));
  }

  private Edit change(Topology topology, Function<VirtualMachine, VirtualMachine> change) {
    List<Edit> edits =
        machines(topology)
            .filter(vm -> !change.apply(vm).equals(vm))
            .<Edit>map(vm -> new ChangeNode(change.apply(vm)))
            .toList();
    return new Composite(text("form.many.change-machines", edits.size()), edits);
  }

  private void move(Optional<String> region) {
    List<Edit> edits = new ArrayList<>();
    Topology grown = topology();
    for (Node node : nodes(topology()).toList()) {
      Edit edit = Placement.of(grown, node, region);
      edits.add(edit);
      grown = edit.apply(grown);
    }
    document().edit(new Composite(text("form.many.move", edits.size()), edits));
  }

  /** What all values are; empty when they differ or when there is none. */
  static <T> Optional<T> common(Stream<T> values) {
    List<T> different = values.filter(Objects::nonNull).distinct().limit(2).toList();
    return different.size() == 1 ? Optional.of(different.getFirst()) : Optional.empty();
  }

  private Stream<Node> nodes(Topology topology) {
    return topology.nodes().stream().filter(node -> selected.contains(node.id()));
  }

  private Stream<VirtualMachine> machines(Topology topology) {
    return topology.virtualMachines().filter(vm -> selected.contains(vm.id()));
  }

  private Stream<Link> links(Topology topology) {
    return topology.links().stream().filter(link -> selected.contains(link.id()));
  }
}
