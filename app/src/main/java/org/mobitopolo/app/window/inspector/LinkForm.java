// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Units;
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

  private final VBox both = new VBox();
  private final VBox each = new VBox();
  private boolean bothWays;

  LinkForm(LabDocument document) {
    super(document);
    title("Link", () -> name(link(topology()).a()) + " – " + name(link(topology()).b()));
    figures(this::liveFigures);
    check("The same in both directions", () -> bothWays, this::setBothWays);
    impairment(BOTH, () -> "Both directions", both);
    impairment(
        AB, () -> "From " + name(link(topology()).a()) + " to " + name(link(topology()).b()), each);
    impairment(
        BA, () -> "From " + name(link(topology()).b()) + " to " + name(link(topology()).a()), each);
    getChildren().addAll(both, each);
    onShow(
        other -> {
          bothWays =
              other ? isSymmetric(link(topology())) : bothWays && isSymmetric(link(topology()));
          setShown(both, bothWays);
          setShown(each, !bothWays);
        });
  }

  private void setBothWays(boolean same) {
    bothWays = same;
    if (same) {
      document().edit(new ChangeLink(BOTH.with().apply(link(topology()), link(topology()).ab())));
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
        "Delay, one way",
        i -> Quantities.format(i.delay()),
        (i, text) -> i.withDelay(Quantities.parseDuration(text)));
    field(
        way,
        "Jitter",
        i -> Quantities.format(i.jitter()),
        (i, text) -> i.withJitter(Quantities.parseDuration(text), i.distribution()));
    besideEachOther();
    choice(
        "Distribution of the jitter",
        () -> List.of(Distribution.values()),
        LinkForm::distributionName,
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
        "Rate",
        i -> i.rate().toString(),
        (i, text) -> i.withRate(Rate.parse(text), i.queue()));
    field(
            way,
            "Queue",
            i -> i.queue().bytes() == 0 ? "" : i.queue().toString(),
            (i, text) -> i.withRate(i.rate(), text.isBlank() ? Size.ZERO : Size.parse(text)))
        .prompt("250 ms at the rate");
    besideEachOther();
    field(
        way,
        "Loss",
        i -> Quantities.formatProbability(i.loss()),
        (i, text) -> i.withLoss(Quantities.parseProbability(text), i.lossBurst()));
    field(
            way,
            "Frames lost in a row",
            i -> number(i.lossBurst()),
            (i, text) -> i.withLoss(i.loss(), text.isBlank() ? 0 : parseNumber(text)))
        .prompt("1");
    besideEachOther();
    field(
        way,
        "Duplicated",
        i -> Quantities.formatProbability(i.duplicate()),
        (i, text) -> withOthers(i, Quantities.parseProbability(text), i.reorder(), i.corrupt()));
    field(
        way,
        "Reordered",
        i -> Quantities.formatProbability(i.reorder()),
        (i, text) -> withOthers(i, i.duplicate(), Quantities.parseProbability(text), i.corrupt()));
    besideEachOther();
    field(
        way,
        "Corrupted",
        i -> Quantities.formatProbability(i.corrupt()),
        (i, text) -> withOthers(i, i.duplicate(), i.reorder(), Quantities.parseProbability(text)));
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

  private static Impairment withOthers(
      Impairment i, double duplicate, double reorder, double corrupt) {
    return new Impairment(
        i.delay(),
        i.jitter(),
        i.distribution(),
        i.loss(),
        i.lossBurst(),
        duplicate,
        reorder,
        corrupt,
        i.rate(),
        i.queue());
  }

  private static String distributionName(Distribution distribution) {
    return switch (distribution) {
      case UNIFORM -> "Uniform";
      case NORMAL -> "Normal";
      case PARETO -> "Pareto";
    };
  }

  private static String number(double value) {
    if (value == 0) {
      return "";
    }
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }

  private static double parseNumber(String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a number. Write for example 3.", e);
    }
  }

  private List<Figure> liveFigures() {
    LinkState state = document().state().get().links().get(id());
    List<Figure> figures = new ArrayList<>();
    Link link = link(topology());
    if (state == null || !state.up()) {
      figures.add(new Figure("State", "Down"));
      return figures;
    }
    figures.add(new Figure("State", "Up"));
    figures.add(new Figure("To " + name(link.b()), Units.bitRate(state.bytesPerSecondAb())));
    figures.add(new Figure("To " + name(link.a()), Units.bitRate(state.bytesPerSecondBa())));
    state
        .roundTrip()
        .ifPresent(
            time ->
                figures.add(
                    new Figure("Tunnel round trip", Units.milliseconds(time.toNanos() / 1e6))));
    drops("Lost from " + name(link.a()), state.a().drops(), figures);
    drops("Lost from " + name(link.b()), state.b().drops(), figures);
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
