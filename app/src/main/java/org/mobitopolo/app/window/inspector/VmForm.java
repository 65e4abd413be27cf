// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.status.MigrationTexts;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.ChangeNode;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.RenameNode;

/** Properties of a virtual machine. */
final class VmForm extends Form {
  private static final int SCRIPT_ROWS = 6;
  private static final int ROUTE_ROWS = 2;

  private final VBox nics = new VBox(10);
  private final Label noNics = new Label();
  private final List<Field> nicFields = new ArrayList<>();

  VmForm(LabDocument document, Texts texts, Library library, Consumer<String> editScript) {
    super(document, texts);
    title(text("form.vm"), () -> vm(topology()).name());
    figures(this::liveFigures);
    line(
        text("word.name"),
        topology -> vm(topology).name(),
        (text, _) -> new RenameNode(id(), text.strip()));
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
        () -> vm(topology()).region(),
        region -> document().edit(Placement.of(topology(), vm(topology()), region)));
    choice(
        text("form.vm.drawn-as"),
        () -> List.of(Symbol.values()),
        texts()::name,
        () -> vm(topology()).symbol(),
        symbol -> document().edit(new ChangeNode(vm(topology()).withSymbol(symbol))));
    besideEachOther();

    section(text("form.vm.machine"));
    images(
        library,
        () -> vm(topology()).image(),
        image -> document().edit(new ChangeNode(vm(topology()).withImage(image))));
    line(
        text("word.memory"),
        topology -> vm(topology).memory().toString(),
        change((vm, text) -> vm.withMemory(Size.parse(text))));
    besideEachOther();
    Label later = new Label(text("form.vm.later"));
    later.setWrapText(true);
    later.getStyleClass().addAll("text-muted", "text-small");
    getChildren().add(later);

    section(text("form.vm.network"));
    noNics.setText(text("form.vm.no-nics"));
    noNics.setWrapText(true);
    noNics.getStyleClass().add("text-muted");
    nics.getChildren().add(noNics);
    getChildren().add(nics);
    onShow(this::refreshNics);
    lines(
            text("form.vm.routes"),
            ROUTE_ROWS,
            topology -> routes(vm(topology)),
            change(this::withRoutes))
        .prompt("default via 10.0.1.1");
    check(
        text("form.vm.forward"),
        () -> vm(topology()).forward(),
        forward -> document().edit(new ChangeNode(vm(topology()).withForward(forward))));

    section(text("form.vm.startup"));
    add(
        Field.script(
            text("form.vm.script"),
            SCRIPT_ROWS,
            document,
            topology -> vm(topology).startup(),
            change(VirtualMachine::withStartup)));
    Button larger = new Button(text("form.vm.script.larger"));
    larger.getStyleClass().add("small");
    larger.setOnAction(_ -> editScript.accept(id()));
    getChildren().add(larger);
    lines(text("form.vm.env"), ROUTE_ROWS, topology -> env(vm(topology)), change(this::withEnv));
  }

  private VirtualMachine vm(Topology topology) {
    return (VirtualMachine) topology.node(id()).orElseThrow();
  }

  private BiFunction<String, Topology, Edit> change(
      BiFunction<VirtualMachine, String, VirtualMachine> with) {
    return (text, topology) -> new ChangeNode(with.apply(vm(topology), text));
  }

  private List<Figure> liveFigures() {
    VmState state = document().vm(id());
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(text("word.state"), texts().name(state.status())));
    if (!state.phase().isEmpty()) {
      figures.add(new Figure(text("form.vm.doing"), state.phase()));
    }
    state
        .region()
        .flatMap(topology()::region)
        .ifPresent(
            region ->
                figures.add(
                    new Figure(
                        text("form.vm.where"),
                        text(
                            "form.vm.where.value",
                            region.name(),
                            HostStates.name(region.host(), texts())))));
    if (state.memoryBytes() > 0) {
      figures.add(new Figure(text("form.vm.memory-used"), Units.bytes(state.memoryBytes())));
    }
    if (state.diskBytes() > 0) {
      figures.add(new Figure(text("form.vm.disk-changes"), Units.bytes(state.diskBytes())));
    }
    state
        .migration()
        .ifPresent(
            migration ->
                figures.add(
                    new Figure(
                        text("form.vm.last-migration"), MigrationTexts.phase(migration, texts()))));
    state.error().ifPresent(error -> figures.add(new Figure(text("word.problem"), error)));
    return figures;
  }

  private void refreshNics(boolean other) {
    List<Nic> now = vm(topology()).nics();
    while (nicFields.size() < now.size()) {
      addNicField(nicFields.size());
    }
    for (int i = 0; i < nicFields.size(); i++) {
      boolean used = i < now.size();
      setShown(nicFields.get(i), used);
      if (used) {
        nicFields.get(i).setName(text("form.vm.addresses", now.get(i).name()));
        nicFields.get(i).refresh(other);
      }
    }
    setShown(noNics, now.isEmpty());
  }

  private void addNicField(int index) {
    Field field =
        Field.line(
            "",
            document(),
            topology ->
                index < vm(topology).nics().size() ? addresses(vm(topology).nics().get(index)) : "",
            change((vm, text) -> withAddresses(vm, index, text)));
    field.prompt("10.0.1.2/24");
    nicFields.add(field);
    nics.getChildren().add(field);
  }

  private static String addresses(Nic nic) {
    return nic.addresses().stream().map(Cidr::toString).collect(Collectors.joining(", "));
  }

  private static VirtualMachine withAddresses(VirtualMachine vm, int index, String text) {
    List<Cidr> addresses =
        Arrays.stream(text.split("[,\\s]+"))
            .filter(part -> !part.isBlank())
            .map(Cidr::parse)
            .toList();
    List<Nic> changed = new ArrayList<>(vm.nics());
    changed.set(index, changed.get(index).withAddresses(addresses));
    return vm.withNics(changed);
  }

  private static String routes(VirtualMachine vm) {
    return vm.routes().stream()
        .map(route -> route.destination() + " via " + route.via().getHostAddress())
        .collect(Collectors.joining("\n"));
  }

  private VirtualMachine withRoutes(VirtualMachine vm, String text) {
    List<Route> routes = new ArrayList<>();
    for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length != 3 || !words[1].equals("via")) {
        throw new IllegalArgumentException(text("form.vm.bad-route", line.strip()));
      }
      routes.add(Route.parse(words[0], Cidr.parseAddress(words[2])));
    }
    return vm.withRoutes(routes);
  }

  private static String env(VirtualMachine vm) {
    return vm.env().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining("\n"));
  }

  private VirtualMachine withEnv(VirtualMachine vm, String text) {
    Map<String, String> env = new LinkedHashMap<>();
    for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
      int equals = line.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(text("form.vm.bad-env", line));
      }
      env.put(line.substring(0, equals).strip(), line.substring(equals + 1));
    }
    return vm.withEnv(env);
  }
}
