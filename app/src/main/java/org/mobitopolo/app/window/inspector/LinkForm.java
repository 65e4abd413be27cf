// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.MigrationTexts;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.lab.LinkState;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeLink;
import org.mobitopolo.topology.edit.Edit;

/** Properties of a link: what passes now, and what each direction does to frames. */
final class LinkForm extends Form {
  /** One of the two directions of a link. */
  private record Direction(
      Function<Link, Impairment> get, BiFunction<Link, Impairment, Link> with) {}

  private static final Direction AB =
      new Direction(Link::ab, (link, impairment) -> link.withImpairments(impairment, link.ba()));
  private static final Direction BA =
      new Direction(Link::ba, (link, impairment) -> link.withImpairments(link.ab(), impairment));
  private static final Direction BOTH =
      new Direction(Link::ab, (link, impairment) -> link.withImpairments(impairment, impairment));

  private static final int ICON = 14;

  private final VBox both = new VBox();
  private final VBox each = new VBox();
  private boolean bothWays;

  LinkForm(LabDocument document, Texts texts, BiConsumer<String, Boolean> capture) {
    super(document, texts);
    title(text("form.link"), () -> name(link(topology()).a()) + " – " + name(link(topology()).b()));
    figures(this::liveFigures);
    onShow(
        other ->
            bothWays =
                other ? isSymmetric(link(topology())) : bothWays && isSymmetric(link(topology())));
    captureButtons(capture);
    presets();
    check(text("form.link.same"), () -> bothWays, this::setBothWays);
    impairment(BOTH, () -> text("form.link.both"), both);
    impairment(
        AB,
        () -> text("form.link.from-to", name(link(topology()).a()), name(link(topology()).b())),
        each);
    impairment(
        BA,
        () -> text("form.link.from-to", name(link(topology()).b()), name(link(topology()).a())),
        each);
    getChildren().addAll(both, each);
    onRefresh(
        () -> {
          setShown(both, bothWays);
          setShown(each, !bothWays);
        });
  }

  private void captureButtons(BiConsumer<String, Boolean> capture) {
    Button live = new Button(text("capture.live"), Icons.view(Icon.CAPTURE, ICON));
    live.setOnAction(_ -> capture.accept(id(), false));
    Button file = new Button(text("capture.file"));
    file.setOnAction(_ -> capture.accept(id(), true));
    HBox row = new HBox(8, live, file);
    row.getChildren().forEach(button -> button.getStyleClass().add("small"));
    onRefresh(
        () -> {
          LinkState state = document().state().get().links().get(id());
          row.setDisable(state == null || !state.up());
        });
    getChildren().add(row);
  }

  private void presets() {
    PresetMenu<Presets> menu =
        new PresetMenu<>(
            texts(),
            List.of(Presets.values()),
            () -> topology().link(id()).flatMap(Presets::of),
            preset -> change(preset.applyTo(link(topology()))));
    Button swap = new Button(text("preset.swap"));
    swap.setOnAction(_ -> change(Presets.swapped(link(topology()))));
    swap.setMaxWidth(Double.MAX_VALUE);
    onRefresh(
        () -> {
          menu.refresh();
          setShown(swap, !isSymmetric(link(topology())));
        });
    getChildren().addAll(named(text("preset.choose"), menu), swap);
  }

  private void change(Link link) {
    document().edit(new ChangeLink(link));
  }

  private void setBothWays(boolean same) {
    bothWays = same;
    if (same) {
      change(BOTH.with().apply(link(topology()), link(topology()).ab()));
    }
    refresh();
  }

  /** Whether both directions of a link do the same. */
  private static boolean isSymmetric(Link link) {
    return link.ab().equals(link.ba());
  }

  private Link link(Topology topology) {
    return topology.link(id()).orElseThrow();
  }

  private String name(End end) {
    return topology().node(end.node()).map(node -> node.name()).orElse(end.node());
  }

  /** Adds the fields of a direction to a box of their own. */
  private void impairment(Direction way, Supplier<String> heading, VBox box) {
    int before = getChildren().size();
    Label label = section("");
    onRefresh(() -> label.setText(heading.get()));
    field(
        way,
        text("form.link.delay"),
        i -> Quantities.format(i.delay()),
        (i, text) -> i.withDelay(Quantities.parseDuration(text)));
    slider(Scale.DELAY);
    field(
        way,
        text("form.link.jitter"),
        i -> Quantities.format(i.jitter()),
        (i, text) -> i.withJitter(Quantities.parseDuration(text), i.distribution()));
    slider(Scale.DELAY);
    besideEachOther();
    choice(
        text("form.link.distribution"),
        () -> List.of(Distribution.values()),
        texts()::name,
        () -> way.get().apply(link(topology())).distribution(),
        value -> {
          Impairment now = way.get().apply(link(topology()));
          document()
              .edit(
                  new ChangeLink(
                      way.with().apply(link(topology()), now.withJitter(now.jitter(), value))));
        });
    field(
        way,
        text("form.link.rate"),
        i -> i.rate().toString(),
        (i, text) -> i.withRate(Rate.parse(text), i.queue()));
    slider(Scale.RATE);
    field(
            way,
            text("form.link.queue"),
            i -> i.queue().bytes() == 0 ? "" : i.queue().toString(),
            (i, text) -> i.withRate(i.rate(), text.isBlank() ? Size.ZERO : Size.parse(text)))
        .prompt(text("form.link.queue.prompt"));
    besideEachOther();
    field(
        way,
        text("form.link.loss"),
        i -> Quantities.formatProbability(i.loss()),
        (i, text) -> i.withLoss(Quantities.parseProbability(text), i.lossBurst()));
    slider(Scale.PROBABILITY);
    field(
            way,
            text("form.link.burst"),
            i -> number(i.lossBurst()),
            (i, text) -> i.withLoss(i.loss(), text.isBlank() ? 0 : parseNumber(text)))
        .prompt("1");
    besideEachOther();
    field(
        way,
        text("form.link.duplicated"),
        i -> Quantities.formatProbability(i.duplicate()),
        (i, text) -> i.withDuplicate(Quantities.parseProbability(text)));
    field(
        way,
        text("form.link.reordered"),
        i -> Quantities.formatProbability(i.reorder()),
        (i, text) -> i.withReorder(Quantities.parseProbability(text)));
    besideEachOther();
    field(
        way,
        text("form.link.corrupted"),
        i -> Quantities.formatProbability(i.corrupt()),
        (i, text) -> i.withCorrupt(Quantities.parseProbability(text)));
    List<Node> added = List.copyOf(getChildren().subList(before, getChildren().size()));
    getChildren().removeAll(added);
    box.setSpacing(getSpacing());
    box.getChildren().addAll(added);
  }

  private Field field(
      Direction way,
      String name,
      Function<Impairment, String> current,
      BiFunction<Impairment, String, Impairment> change) {
    BiFunction<String, Topology, Edit> toEdit =
        (text, topology) -> {
          Link link = link(topology);
          return new ChangeLink(way.with().apply(link, change.apply(way.get().apply(link), text)));
        };
    return line(name, topology -> current.apply(way.get().apply(link(topology))), toEdit);
  }

  private static String number(double value) {
    if (value == 0) {
      return "";
    }
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }

  private double parseNumber(String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(texts().get("form.link.not-a-number", text), e);
    }
  }

  private List<Figure> liveFigures() {
    LinkState state = document().state().get().links().get(id());
    List<Figure> figures = new ArrayList<>();
    Link link = link(topology());
    if (state == null || !state.up()) {
      figures.add(new Figure(text("word.state"), text("form.link.down")));
      return figures;
    }
    figures.add(new Figure(text("word.state"), text("form.link.up")));
    state
        .relayedBy()
        .ifPresent(
            by ->
                figures.add(
                    new Figure(text("relay.by"), MigrationTexts.relay(by, texts()))));
    figures.add(
        new Figure(text("form.link.to", name(link.b())), Units.bitRate(state.bytesPerSecondAb())));
    figures.add(
        new Figure(text("form.link.to", name(link.a())), Units.bitRate(state.bytesPerSecondBa())));
    state
        .roundTrip()
        .ifPresent(
            time ->
                figures.add(
                    new Figure(
                        text("form.link.round-trip"), Units.milliseconds(time.toNanos() / 1e6))));
    drops(text("form.link.lost-from", name(link.a())), state.a().drops(), figures);
    drops(text("form.link.lost-from", name(link.b())), state.b().drops(), figures);
    return figures;
  }

  private static void drops(String name, Map<String, Long> drops, List<Figure> figures) {
    String text =
        drops.entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
    if (!text.isEmpty()) {
      figures.add(new Figure(name, text));
    }
  }
}
