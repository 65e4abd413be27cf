// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the records of a topology as JSON, keys always in the same order, defaults left out, so
 * that differences read well.
 */
final class TopologyWriter {

  private final JsonGenerator out;

  TopologyWriter(JsonGenerator out) {
    this.out = out;
  }

  void write(Topology topology) {
    out.writeStartObject();
    out.writeStringProperty("format", TopologyJson.FORMAT);
    out.writeNumberProperty("version", TopologyJson.VERSION);
    out.writeStringProperty("id", topology.id());
    out.writeStringProperty("name", topology.name());
    list("notes", topology.notes(), this::note);
    list("regions", topology.regions(), this::region);
    list("wans", topology.wans(), this::wan);
    list("nodes", topology.nodes(), this::node);
    list("links", topology.links(), this::link);
    out.writeEndObject();
  }

  private <T> void list(String field, Iterable<T> elements, Consumer<T> writer) {
    out.writeArrayPropertyStart(field);
    elements.forEach(writer);
    out.writeEndArray();
  }

  private void note(Note note) {
    out.writeStartObject();
    out.writeStringProperty("id", note.id());
    out.writeStringProperty("text", note.text());
    bounds(note.bounds());
    out.writeStringProperty("color", note.color());
    if (note.kind() != Note.Kind.NOTE) {
      out.writeStringProperty("kind", lower(note.kind()));
    }
    out.writeEndObject();
  }

  private void region(Region region) {
    out.writeStartObject();
    out.writeStringProperty("id", region.id());
    out.writeStringProperty("name", region.name());
    out.writeStringProperty("host", region.host().toString());
    bounds(region.bounds());
    out.writeStringProperty("color", region.color());
    out.writeEndObject();
  }

  private void wan(Wan wan) {
    out.writeStartObject();
    out.writeStringProperty("a", wan.a());
    out.writeStringProperty("b", wan.b());
    out.writeStringProperty("delay", Quantities.format(wan.delay()));
    out.writeStringProperty("rate", wan.rate().toString());
    out.writeEndObject();
  }

  private void node(Node node) {
    out.writeStartObject();
    out.writeStringProperty("id", node.id());
    out.writeStringProperty("name", node.name());
    out.writeStringProperty("kind", node.kind());
    if (node instanceof VirtualMachine vm && vm.symbol() != Symbol.VM) {
      out.writeStringProperty("symbol", lower(vm.symbol()));
    }
    Optional<String> region = node.region();
    region.ifPresent(id -> out.writeStringProperty("region", id));
    coordinates(node.position());
    if (node instanceof VirtualMachine vm) {
      machine(vm);
    }
    list("nics", node.nics(), this::nic);
    if (node instanceof VirtualMachine vm && !vm.routes().isEmpty()) {
      list("routes", vm.routes(), this::route);
    }
    out.writeEndObject();
  }

  private void machine(VirtualMachine vm) {
    out.writeStringProperty("image", vm.image());
    out.writeStringProperty("memory", vm.memory().toString());
    if (!vm.startup().isEmpty()) {
      startup(vm.startup());
    }
    if (!vm.env().isEmpty()) {
      out.writeObjectPropertyStart("env");
      vm.env().forEach(out::writeStringProperty);
      out.writeEndObject();
    }
    if (vm.forward()) {
      out.writeBooleanProperty("forward", true);
    }
  }

  /** A script of whole lines is written as a list of them. */
  private void startup(String script) {
    if (!script.endsWith("\n")) {
      out.writeStringProperty("startup", script);
      return;
    }
    out.writeArrayPropertyStart("startup");
    for (String line : script.substring(0, script.length() - 1).split("\n", -1)) {
      out.writeString(line);
    }
    out.writeEndArray();
  }

  private void nic(Nic nic) {
    out.writeStartObject();
    out.writeStringProperty("name", nic.name());
    out.writeStringProperty("mac", nic.mac());
    if (!nic.addresses().isEmpty()) {
      list("addresses", nic.addresses(), address -> out.writeString(address.toString()));
    }
    nic.vlan().ifPresent(vlan -> out.writeNumberProperty("vlan", vlan));
    out.writeEndObject();
  }

  private void route(Route route) {
    out.writeStartObject();
    out.writeStringProperty("to", route.destination());
    out.writeStringProperty("via", route.via().getHostAddress());
    out.writeEndObject();
  }

  private void link(Link link) {
    out.writeStartObject();
    out.writeStringProperty("id", link.id());
    end("a", link.a());
    end("b", link.b());
    if (!link.ab().isNone() || !link.ba().isNone()) {
      out.writeObjectPropertyStart("impairments");
      impairment("ab", link.ab());
      impairment("ba", link.ba());
      out.writeEndObject();
    }
    if (!link.waypoints().isEmpty()) {
      list("waypoints", link.waypoints(), this::point);
    }
    out.writeEndObject();
  }

  private void end(String field, End end) {
    out.writeObjectPropertyStart(field);
    out.writeStringProperty("node", end.node());
    out.writeStringProperty("nic", end.nic());
    out.writeEndObject();
  }

  private void impairment(String field, Impairment impairment) {
    out.writeObjectPropertyStart(field);
    if (!impairment.delay().isZero()) {
      out.writeStringProperty("delay", Quantities.format(impairment.delay()));
    }
    if (!impairment.jitter().isZero()) {
      out.writeStringProperty("jitter", Quantities.format(impairment.jitter()));
    }
    if (impairment.distribution() != Distribution.NORMAL) {
      out.writeStringProperty("distribution", lower(impairment.distribution()));
    }
    probability("loss", impairment.loss());
    if (impairment.lossBurst() != 0) {
      number("lossBurst", impairment.lossBurst());
    }
    probability("duplicate", impairment.duplicate());
    probability("reorder", impairment.reorder());
    probability("corrupt", impairment.corrupt());
    if (!impairment.rate().isUnlimited()) {
      out.writeStringProperty("rate", impairment.rate().toString());
    }
    if (!impairment.queue().equals(Size.ZERO)) {
      out.writeStringProperty("queue", impairment.queue().toString());
    }
    out.writeEndObject();
  }

  private void probability(String field, double probability) {
    if (probability != 0) {
      out.writeStringProperty(field, Quantities.formatProbability(probability));
    }
  }

  private void point(Point point) {
    out.writeStartObject();
    coordinates(point);
    out.writeEndObject();
  }

  private void coordinates(Point point) {
    number("x", point.x());
    number("y", point.y());
  }

  private void bounds(Bounds bounds) {
    number("x", bounds.x());
    number("y", bounds.y());
    number("width", bounds.width());
    number("height", bounds.height());
  }

  /** Whole numbers are written without a fraction. */
  private void number(String field, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      out.writeNumberProperty(field, (long) value);
    } else {
      out.writeNumberProperty(field, value);
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
