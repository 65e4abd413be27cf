// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.VirtualMachine;

/** A node in the making; see {@link Draft}. Its interfaces have the names of the file. */
final class DraftNode {

  /** What a node becomes. */
  enum Kind {
    MACHINE,
    SWITCH,
    GATEWAY
  }

  /** The id of the region that imported nodes lie in. */
  static final String REGION = "here";

  private static final Pattern NUMBERED = Pattern.compile("eth(\\d{1,2})");
  private static final double FARTHEST = 1e6;
  private static final int LONGEST_SCRIPT = 128 << 10;

  /** An interface in the making. */
  static final class DraftNic {
    final Set<Cidr> addresses = new LinkedHashSet<>();
    Optional<String> mac = Optional.empty();
    OptionalInt vlan = OptionalInt.empty();
    private int number = -1;
  }

  final String title;
  final Kind kind;
  Symbol symbol = Symbol.VM;
  Optional<Point> position = Optional.empty();
  Size memory = VirtualMachine.DEFAULT_MEMORY;
  boolean forward;
  final Map<String, String> env = new LinkedHashMap<>();
  final Set<Route> routes = new LinkedHashSet<>();
  private final Map<String, DraftNic> nics = new LinkedHashMap<>();
  private final StringBuilder startup = new StringBuilder();

  DraftNode(String title, Kind kind) {
    this.title = title;
    this.kind = kind;
  }

  /** Sets the place from written numbers; what is no number, or far out, leaves it to the layout. */
  void place(String x, String y) {
    try {
      place(Double.parseDouble(x), Double.parseDouble(y));
    } catch (NumberFormatException e) {
      position = Optional.empty();
    }
  }

  void place(double x, double y) {
    position =
        Math.abs(x) <= FARTHEST && Math.abs(y) <= FARTHEST
            ? Optional.of(new Point(x, y))
            : Optional.empty();
  }

  /** The interface of that name, made if it is new. */
  DraftNic nic(String nicName) {
    return nics.computeIfAbsent(nicName, _ -> new DraftNic());
  }

  Optional<DraftNic> existingNic(String nicName) {
    return Optional.ofNullable(nics.get(nicName));
  }

  /** Appends lines to the start-up script; false when it would become too long. */
  boolean script(String lines) {
    if (lines.isBlank()) {
      return true;
    }
    if (startup.length() + lines.length() + 1 > LONGEST_SCRIPT) {
      return false;
    }
    startup.append(lines).append(lines.endsWith("\n") ? "" : "\n");
    return true;
  }

  /** Whether an address of the node lies in one network with this one. */
  boolean reaches(InetAddress address) {
    return nics.values().stream()
        .flatMap(nic -> nic.addresses.stream())
        .anyMatch(own -> own.contains(address));
  }

  int mostNics() {
    return kind == Kind.MACHINE ? Validator.MOST_NICS : Validator.MOST_PORTS;
  }

  String nicName(String fileName) {
    return (kind == Kind.MACHINE ? "eth" : "port") + nics.get(fileName).number;
  }

  /**
   * Gives each interface its number. A machine's ethN keeps N, because commands in its scripts name
   * it; others get the lowest numbers that are free, in the order of the file.
   *
   * @return names of the interfaces that found no place; they are gone
   */
  List<String> numberNics() {
    Map<Integer, String> taken = new TreeMap<>();
    if (kind == Kind.MACHINE) {
      for (String nicName : nics.keySet()) {
        Matcher matcher = NUMBERED.matcher(nicName);
        if (matcher.matches() && Integer.parseInt(matcher.group(1)) < mostNics()) {
          taken.putIfAbsent(Integer.parseInt(matcher.group(1)), nicName);
        }
      }
    }
    taken.forEach((number, nicName) -> nics.get(nicName).number = number);
    List<String> lost = new ArrayList<>();
    int free = 0;
    for (Map.Entry<String, DraftNic> entry : nics.entrySet()) {
      if (entry.getValue().number >= 0) {
        continue;
      }
      while (taken.containsKey(free)) {
        free++;
      }
      if (free >= mostNics()) {
        lost.add(entry.getKey());
      } else {
        taken.put(free, entry.getKey());
        entry.getValue().number = free;
      }
    }
    lost.forEach(nics::remove);
    return lost;
  }

  /** The finished node; what could not stay as it was goes to {@code findings}. */
  Node build(
      String id, String name, String labId, Set<String> macs, Consumer<Finding> findings) {
    List<Nic> built = nics(id, labId, macs);
    Point place = position.orElseThrow();
    Optional<String> region = Optional.of(REGION);
    tellRenamed(findings);
    return switch (kind) {
      case SWITCH -> new Switch(id, name, region, place, built);
      case GATEWAY -> new Gateway(id, name, region, place, built);
      case MACHINE ->
          new VirtualMachine(
              id,
              name,
              symbol,
              region,
              place,
              VirtualMachine.DEFAULT_IMAGE,
              memory,
              startup.toString(),
              env,
              built,
              reachable(findings),
              forward);
    };
  }

  private List<Nic> nics(String id, String labId, Set<String> macs) {
    Map<Integer, DraftNic> numbered = new TreeMap<>();
    nics.values().forEach(nic -> numbered.put(nic.number, nic));
    int last = numbered.keySet().stream().mapToInt(n -> n).max().orElse(-1);
    List<Nic> built = new ArrayList<>();
    for (int number = 0; number <= last; number++) {
      DraftNic nic = numbered.getOrDefault(number, new DraftNic());
      String mac = nic.mac.filter(macs::add).orElse("");
      for (int attempt = 0; mac.isEmpty(); attempt++) {
        String made = mac(labId + "/" + id + "/" + built.size() + "/" + attempt);
        mac = macs.add(made) ? made : "";
      }
      String nicName = (kind == Kind.MACHINE ? "eth" : "port") + number;
      built.add(new Nic(nicName, mac, List.copyOf(nic.addresses), nic.vlan));
    }
    return built;
  }

  /** A MAC address that is the same each time, locally administered. */
  private static String mac(String seed) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8));
      return String.format(
          Locale.ROOT,
          "02:%02x:%02x:%02x:%02x:%02x",
          digest[0],
          digest[1],
          digest[2],
          digest[3],
          digest[4]);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256.", e);
    }
  }

  private void tellRenamed(Consumer<Finding> findings) {
    String renamed =
        nics.keySet().stream()
            .filter(nic -> !nicName(nic).equals(nic))
            .map(nic -> nic + " is " + nicName(nic))
            .collect(Collectors.joining(", "));
    if (!renamed.isEmpty()) {
      String why =
          kind == Kind.MACHINE
              ? "interfaces of VMs are eth0, eth1 ..."
              : "ports are port0, port1 ...";
      findings.accept(Finding.changed(title, "interface names", Draft.limit(renamed, 500), why));
    }
  }

  private List<Route> reachable(Consumer<Finding> findings) {
    List<Route> kept = new ArrayList<>();
    for (Route route : routes) {
      if (reaches(route.via())) {
        kept.add(route);
      } else {
        findings.accept(
            Finding.leftOut(
                title,
                "route to " + route.destination(),
                "its gateway "
                    + route.via().getHostAddress()
                    + " is in no network of the node's interfaces"));
      }
    }
    return kept;
  }
}
