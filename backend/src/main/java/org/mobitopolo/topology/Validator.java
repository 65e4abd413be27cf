// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.mobitopolo.topology.Problem.Severity.ERROR;
import static org.mobitopolo.topology.Problem.Severity.WARNING;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Finds what is wrong with a topology as a whole. */
public final class Validator {

  /** What the host agent takes. */
  public static final Size SMALLEST_MEMORY = Size.ofMiB(16);

  /** What the host agent takes. */
  public static final Size LARGEST_MEMORY = Size.ofMiB(65536);

  /** What the host agent takes of a VM. */
  public static final int MOST_NICS = 16;

  public static final int MOST_PORTS = 64;

  private static final int LONGEST_SCRIPT = 128 << 10;
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(60);
  private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  private final Topology topology;
  private final List<Problem> problems = new ArrayList<>();

  private Validator(Topology topology) {
    this.topology = topology;
  }

  /** All problems, in the order of the topology's elements; empty when it can run as it is. */
  public static List<Problem> validate(Topology topology) {
    Validator validator = new Validator(topology);
    validator.checkAll();
    return List.copyOf(validator.problems);
  }

  /** The problems that keep a topology from being applied. */
  public static List<Problem> errors(Topology topology) {
    return validate(topology).stream().filter(Problem::isError).toList();
  }

  private void checkAll() {
    if (!Ids.isId(topology.id())) {
      error(
          topology.id(),
          "id",
          "The lab's id \""
              + topology.id()
              + "\" is not one; use letters, digits, hyphens and underscores.");
    }
    if (topology.name().isBlank()) {
      error(topology.id(), "name", "The lab has no name; give it one.");
    }
    checkIds();
    checkRegions();
    checkWans();
    checkNodes();
    checkAddresses();
    checkLinks();
  }

  private void error(String element, String field, String message) {
    problems.add(new Problem(ERROR, element, field, message));
  }

  private void warn(String element, String field, String message) {
    problems.add(new Problem(WARNING, element, field, message));
  }

  private void checkIds() {
    Set<String> seen = new HashSet<>();
    List<String> ids = new ArrayList<>();
    topology.regions().forEach(region -> ids.add(region.id()));
    topology.nodes().forEach(node -> ids.add(node.id()));
    topology.links().forEach(link -> ids.add(link.id()));
    topology.notes().forEach(note -> ids.add(note.id()));
    for (String id : ids) {
      if (!Ids.isId(id)) {
        error(
            id,
            "id",
            "\"" + id + "\" can't be an id; use 1 to 64 letters, digits, hyphens and underscores.");
      }
      if (!seen.add(id)) {
        error(id, "id", "Two elements have the id \"" + id + "\"; give one of them another.");
      }
    }
  }

  private <T> void checkNames(
      List<T> elements, String kind, Function<T, String> id, Function<T, String> name) {
    Set<String> seen = new HashSet<>();
    for (T element : elements) {
      if (!seen.add(name.apply(element))) {
        error(
            id.apply(element),
            "name",
            "Two " + kind + "s are called \"" + name.apply(element) + "\"; rename one of them.");
      }
    }
  }

  private void checkRegions() {
    checkNames(topology.regions(), "region", Region::id, Region::name);
    for (Region region : topology.regions()) {
      if (region.name().isBlank()) {
        error(region.id(), "name", "The region \"" + region.id() + "\" has no name; give it one.");
      }
      if (region.bounds().width() < 1 || region.bounds().height() < 1) {
        error(
            region.id(),
            "width",
            "The region \"" + region.name() + "\" has no area; make it larger.");
      }
    }
  }

  private void checkWans() {
    Set<List<String>> seen = new HashSet<>();
    for (Wan wan : topology.wans()) {
      String between = "The distance between \"" + wan.a() + "\" and \"" + wan.b() + "\"";
      if (wan.a().equals(wan.b())) {
        error(topology.id(), "wans", between + " needs two different regions.");
      }
      for (String end : List.of(wan.a(), wan.b())) {
        if (topology.region(end).isEmpty()) {
          error(
              topology.id(),
              "wans",
              between + " names a region that does not exist: \"" + end + "\".");
        }
      }
      if (!seen.add(List.of(wan.a(), wan.b()))) {
        error(topology.id(), "wans", between + " is given twice; keep one.");
      }
      checkDelay(topology.id(), "wans", between, wan.delay());
    }
  }

  private void checkDelay(String element, String field, String what, Duration delay) {
    if (delay.compareTo(LONGEST_DELAY) > 0) {
      error(
          element,
          field,
          what
              + " delays by "
              + Quantities.format(delay)
              + "; the longest delay is "
              + Quantities.format(LONGEST_DELAY)
              + ".");
    }
  }

  private void checkNodes() {
    checkNames(topology.nodes(), "node", Node::id, Node::name);
    Map<String, String> macs = new HashMap<>();
    for (Node node : topology.nodes()) {
      if (!Ids.isNodeName(node.name())) {
        error(
            node.id(),
            "name",
            "\""
                + node.name()
                + "\" can't name a node, because it becomes a host name; use 1 to 63 letters,"
                + " digits and hyphens.");
      }
      node.region()
          .filter(id -> topology.region(id).isEmpty())
          .ifPresent(
              id ->
                  error(
                      node.id(),
                      "region",
                      "\""
                          + node.name()
                          + "\" lies in the region \""
                          + id
                          + "\", which does not exist; move it into one that does."));
      if (node.region().isEmpty()) {
        warn(
            node.id(),
            "region",
            "\"" + node.name() + "\" lies in no region, so it can't run; move it into one.");
      }
      checkNics(node, macs);
      if (node instanceof VirtualMachine vm) {
        checkMachine(vm);
      }
    }
  }

  private void checkNics(Node node, Map<String, String> macs) {
    int most = node instanceof VirtualMachine ? MOST_NICS : MOST_PORTS;
    if (node.nics().size() > most) {
      error(
          node.id(),
          "nics",
          "\""
              + node.name()
              + "\" has "
              + node.nics().size()
              + " network interfaces; it can have "
              + most
              + ".");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < node.nics().size(); i++) {
      Nic nic = node.nics().get(i);
      String field = "nics[" + i + "]";
      String expected = node.nicPrefix() + i;
      if (node instanceof VirtualMachine && !nic.name().equals(expected)) {
        error(
            node.id(),
            field + ".name",
            "Interface "
                + i
                + " of \""
                + node.name()
                + "\" is called \""
                + nic.name()
                + "\"; it must be "
                + expected
                + ".");
      } else if (!names.add(nic.name())) {
        error(
            node.id(),
            field + ".name",
            "\"" + node.name() + "\" has two interfaces called " + nic.name() + "; rename one.");
      }
      checkVlan(node, nic, field);
      String other = macs.putIfAbsent(nic.mac(), node.name() + " " + nic.name());
      if (other != null) {
        error(
            node.id(),
            field + ".mac",
            "\""
                + node.name()
                + "\" "
                + nic.name()
                + " has the MAC address "
                + nic.mac()
                + ", as has "
                + other
                + "; change one.");
      }
    }
  }

  private void checkVlan(Node node, Nic nic, String field) {
    if (nic.vlan().isEmpty()) {
      return;
    }
    int vlan = nic.vlan().getAsInt();
    String what = "\"" + node.name() + "\" " + nic.name() + " is in VLAN " + vlan;
    if (!(node instanceof Switch)) {
      error(
          node.id(),
          field + ".vlan",
          what + ", but only ports of switches are in VLANs; use tagged interfaces in the guest.");
    } else if (vlan < 1 || vlan > Nic.LAST_VLAN) {
      error(
          node.id(), field + ".vlan", what + "; VLANs are numbered 1 to " + Nic.LAST_VLAN + ".");
    }
  }

  private void checkMachine(VirtualMachine vm) {
    String name = "\"" + vm.name() + "\"";
    if (!IMAGE.matcher(vm.image()).matches()) {
      error(
          vm.id(),
          "image",
          name
              + " has the image \""
              + vm.image()
              + "\", which can't be a name; use letters, digits, dots and hyphens.");
    }
    if (vm.memory().compareTo(SMALLEST_MEMORY) < 0 || vm.memory().compareTo(LARGEST_MEMORY) > 0) {
      error(
          vm.id(),
          "memory",
          name
              + " has "
              + vm.memory()
              + " of memory; it needs "
              + SMALLEST_MEMORY
              + " to "
              + LARGEST_MEMORY
              + ".");
    } else if (vm.memory().bytes() % (1 << 20) != 0) {
      error(
          vm.id(),
          "memory",
          name
              + " has "
              + vm.memory()
              + " of memory; give it whole mebibytes, such as "
              + Size.ofMiB(vm.memory().toMiB())
              + ".");
    }
    if (vm.startup().length() > LONGEST_SCRIPT) {
      error(
          vm.id(),
          "startup",
          "The start-up script of "
              + name
              + " is longer than "
              + (LONGEST_SCRIPT >> 10)
              + " KiB; shorten it.");
    }
    vm.env().keySet().stream()
        .filter(variable -> !VARIABLE.matcher(variable).matches())
        .forEach(
            variable ->
                error(
                    vm.id(),
                    "env",
                    name
                        + " sets \""
                        + variable
                        + "\", which can't be a variable's name; use letters, digits and"
                        + " underscores."));
    for (Route route : vm.routes()) {
      boolean reachable =
          vm.nics().stream()
              .flatMap(nic -> nic.addresses().stream())
              .anyMatch(address -> address.contains(route.via()));
      if (!reachable) {
        error(
            vm.id(),
            "routes",
            name
                + " routes "
                + route.destination()
                + " through "
                + route.via().getHostAddress()
                + ", which is in no network of its interfaces.");
      }
    }
  }

  private void checkAddresses() {
    Map<InetAddress, String> owners = new HashMap<>();
    for (Node node : topology.nodes()) {
      for (int i = 0; i < node.nics().size(); i++) {
        for (Cidr address : node.nics().get(i).addresses()) {
          String other = owners.putIfAbsent(address.address(), node.name());
          if (other != null) {
            warn(
                node.id(),
                "nics[" + i + "].addresses",
                "\""
                    + node.name()
                    + "\" has the address "
                    + address.address().getHostAddress()
                    + ", as has \""
                    + other
                    + "\"; that works only if their networks are apart.");
          }
        }
      }
    }
  }

  private void checkLinks() {
    Map<End, String> taken = new HashMap<>();
    for (Link link : topology.links()) {
      if (link.a().node().equals(link.b().node())) {
        error(
            link.id(),
            "b",
            "The link \""
                + link.id()
                + "\" begins and ends at the same node; connect it to another one.");
      }
      checkEnd(link, "a", link.a(), taken);
      checkEnd(link, "b", link.b(), taken);
      checkDelay(
          link.id(),
          "impairments.ab.delay",
          "The link \"" + link.id() + "\"",
          link.ab().delay().plus(link.ab().jitter()));
      checkDelay(
          link.id(),
          "impairments.ba.delay",
          "The link \"" + link.id() + "\"",
          link.ba().delay().plus(link.ba().jitter()));
    }
  }

  private void checkEnd(Link link, String field, End end, Map<End, String> taken) {
    Node node = topology.node(end.node()).orElse(null);
    if (node == null) {
      error(
          link.id(),
          field + ".node",
          "The link \""
              + link.id()
              + "\" ends at the node \""
              + end.node()
              + "\", which does not exist.");
    } else if (node.nic(end.nic()).isEmpty()) {
      error(
          link.id(),
          field + ".nic",
          "The link \""
              + link.id()
              + "\" ends at "
              + end.nic()
              + " of \""
              + node.name()
              + "\", which has no such interface.");
    }
    String other = taken.putIfAbsent(end, link.id());
    if (other != null) {
      error(
          link.id(),
          field,
          "The links \""
              + other
              + "\" and \""
              + link.id()
              + "\" both end at "
              + end.nic()
              + " of \""
              + (node == null ? end.node() : node.name())
              + "\"; an interface takes one link, so add another interface or a switch.");
    }
  }
}
