// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Route;

/**
 * Takes addresses, routes, forwarding and impairments out of a node's commands, so that they show in
 * the window and can be changed there; all other commands go into the start-up script as they are.
 *
 * <p>Only whole commands of a plain form are taken ({@code ip addr add 10.0.0.1/24 dev eth0}), and of
 * a script only those before its first line that means more than itself: a condition, a loop, a
 * function, a here-document, a text or command that goes on in the next line. What follows may depend
 * on it.
 */
final class CommandReader {

  /** A line that decides about others, or goes on in the next one. */
  private static final Pattern COMPLEX =
      Pattern.compile(
          "(?:^|.*[;&|])\\s*(?:if|for|while|until|case|function|exit|return|exec|set|cd)\\b.*"
              + "|.*(?:<<|[(){}]).*|.*(?:\\\\|&&|\\|)");
  private static final Pattern FORWARD_BY_ECHO =
      Pattern.compile("echo\\s+[\"']?1[\"']?\\s*>\\s*/proc/sys/net/ipv4/ip_forward");
  private static final Pattern FORWARD_BY_SYSCTL =
      Pattern.compile(
          "sysctl\\s+(-[qw]+\\s+)*\"?(net\\.ipv4\\.ip_forward|net\\.ipv6\\.conf\\.all\\.forwarding)=1\"?");

  private final Draft draft;
  private final DraftNode node;

  CommandReader(Draft draft, DraftNode node) {
    this.draft = draft;
    this.node = node;
  }

  /** Reads a script. */
  void script(String text) {
    List<String> rest = new ArrayList<>();
    List<String> lines = text.replace("\r\n", "\n").lines().toList();
    boolean plain = true;
    for (String line : lines) {
      String command = line.strip();
      if (command.startsWith("#") || command.isEmpty()) {
        if (!command.startsWith("#!")) {
          rest.add(line);
        }
        continue;
      }
      plain = plain && isWhole(command) && !COMPLEX.matcher(command).matches();
      if (!plain || !take(command)) {
        rest.add(line);
      }
    }
    keep(String.join("\n", rest), "start-up script");
  }

  /** Whether all quotes that a line opens are closed in it. */
  private static boolean isWhole(String line) {
    return line.chars().filter(c -> c == '\'').count() % 2 == 0
        && line.chars().filter(c -> c == '"').count() % 2 == 0;
  }

  /** Reads a command that runs by itself, without a shell unless it calls one. */
  void command(String command) {
    if (!take(command.strip())) {
      keep(command.strip(), "command");
    }
  }

  private void keep(String lines, String what) {
    if (!node.script(lines)) {
      draft.add(
          Finding.leftOut(node.title, what, "start-up scripts have at most 128 KiB altogether"));
    } else if (!lines.isBlank()) {
      draft.add(
          Finding.changed(
              node.title,
              what + " " + summary(lines),
              "start-up script",
              "it runs with the programs of the image \"small\", which may not have them all"));
    }
  }

  private static String summary(String lines) {
    List<String> commands =
        lines.lines().map(String::strip).filter(line -> !line.isEmpty()).limit(2).toList();
    return "\"" + Draft.limit(commands.getFirst(), 60) + "\"" + (commands.size() > 1 ? " ..." : "");
  }

  private static boolean isForward(String command) {
    return FORWARD_BY_ECHO.matcher(command).matches()
        || FORWARD_BY_SYSCTL.matcher(command).matches();
  }

  /** Takes a command into the topology; false when it has to run as it is. */
  private boolean take(String command) {
    if (isForward(command)) {
      node.forward = true;
      taken(command, "forwards packets");
      return true;
    }
    List<String> words = Arrays.asList(command.split("\\s+"));
    try {
      return switch (words.getFirst()) {
        case "ip" -> ip(command, words.subList(1, words.size()));
        case "ifconfig" -> ifconfig(command, words.subList(1, words.size()));
        case "route" -> route(command, words.subList(1, words.size()));
        case "tc" -> tc(command, words);
        default -> false;
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return false;
    }
  }

  private void taken(String command, String became) {
    draft.add(Finding.mapped(node.title, Draft.limit(command, 100), became));
  }

  private boolean ip(String command, List<String> given) {
    List<String> words = new ArrayList<>(given);
    boolean six = words.removeIf(word -> word.equals("-6"));
    words.removeIf(word -> word.equals("-4"));
    if (words.size() < 3) {
      return false;
    }
    boolean adds = words.get(1).equals("add") || words.get(1).equals("replace");
    return switch (words.getFirst()) {
      case "a", "addr", "address" ->
          adds
              && words.size() == 5
              && words.get(3).equals("dev")
              && address(command, words.get(4), Cidr.parse(words.get(2)));
      case "l", "link" ->
          words.getLast().equals("up")
              && words.stream()
                  .skip(1)
                  .filter(word -> !List.of("set", "dev", "up").contains(word))
                  .allMatch(word -> node.existingNic(word).isPresent());
      case "r", "ro", "route" ->
          adds
              && (words.size() == 5 || words.size() == 7 && words.get(5).equals("dev"))
              && words.get(3).equals("via")
              && route(command, destination(words.get(2), six), words.get(4));
      default -> false;
    };
  }

  private static String destination(String text, boolean six) {
    return text.equals("default") || text.contains("/") ? text : text + (six ? "/128" : "/32");
  }

  private boolean address(String command, String nic, Cidr address) {
    if (node.existingNic(nic).isEmpty()) {
      return false;
    }
    node.nic(nic).addresses.add(address);
    taken(command, "address of " + nic);
    return true;
  }

  private boolean route(String command, String to, String via) {
    InetAddress gateway = Cidr.parseAddress(via);
    if (!node.reaches(gateway)) {
      return false;
    }
    node.routes.add(Route.parse(to, gateway));
    taken(command, "route");
    return true;
  }

  /** {@code ifconfig eth0 10.0.0.1/24 up} and {@code ifconfig eth0 10.0.0.1 netmask 255.0.0.0 up}. */
  private boolean ifconfig(String command, List<String> given) {
    List<String> words = new ArrayList<>(given);
    words.removeIf(word -> word.equals("up"));
    if (words.size() == 1) {
      return node.existingNic(words.getFirst()).isPresent();
    }
    String address = words.get(1);
    int rest = 2;
    if (words.size() > 3 && words.get(2).equals("netmask")) {
      address += "/" + prefix(words.get(3));
      rest = 4;
    }
    boolean broadcast = words.size() == rest + 2 && words.get(rest).equals("broadcast");
    return (words.size() == rest || broadcast)
        && address(command, words.getFirst(), Cidr.parse(address));
  }

  /** {@code route add default gw A}, {@code route add -net N netmask M gw A}. */
  private boolean route(String command, List<String> words) {
    if (!words.getFirst().equals("add")) {
      return false;
    }
    int gateway = words.indexOf("gw");
    List<String> to =
        words.subList(1, Math.max(gateway, 1)).stream().filter(word -> !word.equals("-net")).toList();
    boolean plain = gateway > 0 && (words.size() == gateway + 2 || words.contains("dev"));
    if (!plain || to.isEmpty() || to.contains("-host")) {
      return false;
    }
    String destination = to.getFirst();
    if (to.size() == 3 && to.get(1).equals("netmask")) {
      destination += "/" + prefix(to.get(2));
    } else if (to.size() != 1) {
      return false;
    }
    return route(command, destination, words.get(gateway + 1));
  }

  /** {@code tc qdisc add dev eth0 root netem ...}: what the interface does to what it sends. */
  private boolean tc(String command, List<String> words) {
    int netem = words.indexOf("netem");
    if (netem < 0
        || !words.get(1).equals("qdisc")
        || !List.of("add", "replace").contains(words.get(2))
        || !words.get(3).equals("dev")
        || !words.get(5).equals("root")) {
      return false;
    }
    Optional<Impairment> impairment = Netem.parse(words.subList(netem + 1, words.size()));
    Optional<Draft.DraftLink> link = draft.linkAt(node, words.get(4));
    if (impairment.isEmpty() || link.isEmpty()) {
      return false;
    }
    link.get().impair(node, impairment.get());
    taken(command, "what the link at " + words.get(4) + " does to frames");
    return true;
  }

  /** The prefix length of a netmask such as 255.255.255.0. */
  static int prefix(String netmask) {
    int bits = 0;
    boolean ended = false;
    for (byte part : Cidr.parseAddress(netmask).getAddress()) {
      for (int bit = 7; bit >= 0; bit--) {
        boolean one = (part >> bit & 1) != 0;
        if (one && ended) {
          throw new IllegalArgumentException("\"" + netmask + "\" is not a netmask.");
        }
        ended |= !one;
        bits += one ? 1 : 0;
      }
    }
    return bits;
  }
}
