// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.ArrayList;
import java.util.List;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeRegion;

/** Properties of a region: its name, its host, and how far it is from the others. */
final class RegionForm extends Form {
  private final VBox distances = new VBox(10);
  private List<String> shownDistances = List.of();

  RegionForm(LabDocument document, Texts texts) {
    super(document, texts);
    title(text("word.region"), () -> region(topology()).name());
    line(
        text("word.name"),
        topology -> region(topology).name(),
        (text, topology) -> new ChangeRegion(region(topology).withName(text.strip())));
    line(
            text("form.region.host"),
            topology -> region(topology).host().toString(),
            (text, topology) -> new ChangeRegion(region(topology).withHost(HostUrl.parse(text))))
        .prompt(text("form.region.host.prompt"));
    figures(this::hostFigures);
    choice(
        text("word.colour"),
        () -> Colors.NAMES,
        color -> text("colour." + color),
        () -> region(topology()).color(),
        color -> document().edit(new ChangeRegion(region(topology()).withColor(color))));
    getChildren().add(distances);
    onShow(this::refreshDistances);
  }

  private void refreshDistances(boolean other) {
    List<Region> others =
        topology().regions().stream().filter(region -> !region.id().equals(id())).toList();
    List<String> wanted = new ArrayList<>(List.of(id()));
    others.forEach(region -> wanted.add(region.id() + region.name()));
    if (!wanted.equals(shownDistances)) {
      shownDistances = wanted;
      distances
          .getChildren()
          .setAll(
              others.stream()
                  .map(
                      region ->
                          new WanFields(
                              document(),
                              texts(),
                              text("form.region.distance-to", region.name()),
                              id(),
                              region.id()))
                  .toList());
    }
    distances.getChildren().forEach(fields -> ((WanFields) fields).refresh(other));
  }

  private Region region(Topology topology) {
    return topology.region(id()).orElseThrow();
  }

  private List<Figure> hostFigures() {
    List<Figure> figures = new ArrayList<>();
    HostState host = document().state().get().hosts().get(id());
    if (host == null) {
      return figures;
    }
    figures.add(new Figure(text("form.region.connection"), HostStates.summary(host, texts())));
    host.failure()
        .ifPresent(failure -> figures.add(new Figure(text("word.problem"), failure.getMessage())));
    host.facts()
        .ifPresent(
            facts -> {
              figures.add(
                  new Figure(
                      text("form.region.computer"),
                      text("form.region.computer.value", facts.hostname(), facts.kernel())));
              figures.add(
                  new Figure(
                      text("form.region.cpu"),
                      text("form.region.cpu.value", facts.cpus(), facts.cpuModel())));
              figures.add(
                  new Figure(
                      text("word.memory"),
                      text(
                          "form.region.free-of",
                          Units.bytes(facts.memoryAvailable()),
                          Units.bytes(facts.memoryTotal()))));
              figures.add(
                  new Figure(
                      text("form.region.disk"),
                      text("form.region.free", Units.bytes(facts.diskAvailable()))));
              figures.add(
                  new Figure(text("form.region.load"), Math.round(facts.load() * 100) + " %"));
              if (host.url() instanceof HostUrl.Ssh) {
                figures.add(
                    new Figure(
                        text("form.region.round-trip"),
                        Units.milliseconds(facts.roundTrip().toNanos() / 1e6)));
              }
            });
    return figures;
  }
}
