// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Size;

/**
 * Reads network scenarios of Kathará (and Netkit before it): {@code lab.conf}, the {@code .startup}
 * scripts of its machines, {@code shared.startup}, and the folders whose files machines have in their
 * file systems.
 *
 * <p>A collision domain with two machines becomes a link, one with more a switch.
 */
final class KatharaImport {

  static final String FILE = "lab.conf";

  private static final Pattern SETTING =
      Pattern.compile("([A-Za-z0-9_.-]{1,64})\\[([A-Za-z0-9_]{1,32})\\]\\s*=\\s*(.*)");
  private static final Pattern META = Pattern.compile("LAB_([A-Z]+)\\s*=\\s*(.*)");
  private static final Pattern MEMORY = Pattern.compile("(\\d{1,9})\\s*([kKmMgG]?)[bB]?");

  private record Member(DraftNode node, String nic) {}

  private final Draft draft;
  private final LabFolder folder;
  private final Map<String, Map<String, List<String>>> machines = new LinkedHashMap<>();

  private KatharaImport(Draft draft, LabFolder folder) {
    this.draft = draft;
    this.folder = folder;
  }

  static void read(Path file, Draft draft) throws ImportException {
    Path conf = Files.isDirectory(file) ? file.resolve(FILE) : file;
    if (!Files.isRegularFile(conf)) {
      throw new ImportException(
          "There is no " + FILE + " in " + file + ", so it is no network scenario of Kathará.");
    }
    Path parent = conf.toAbsolutePath().normalize().getParent();
    if (parent != null && parent.getFileName() != null) {
      draft.name(parent.getFileName().toString());
    }
    KatharaImport reader = new KatharaImport(draft, LabFolder.of(conf));
    reader.settings(LabFolder.text(conf));
    reader.nodes();
    for (Map.Entry<String, Map<String, List<String>>> machine : reader.machines.entrySet()) {
      reader.configure(
          machine.getKey(), draft.node(machine.getKey()).orElseThrow(), machine.getValue());
    }
  }

  private void settings(String text) {
    int number = 0;
    for (String line : text.lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Matcher meta = META.matcher(line);
      Matcher setting = SETTING.matcher(line);
      if (meta.matches()) {
        if (meta.group(1).equals("NAME")) {
          draft.name(unquoted(meta.group(2)));
        }
      } else if (setting.matches()) {
        machines
            .computeIfAbsent(setting.group(1), _ -> new LinkedHashMap<>())
            .computeIfAbsent(setting.group(2).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
            .add(unquoted(setting.group(3)));
      } else {
        draft.add(
            Finding.leftOut(
                draft.file(),
                "line " + number + ": " + Draft.limit(line, 80),
                "it is no setting such as pc1[0]=\"A\""));
      }
    }
  }

  /** A value without its quotes and without the comment behind it. */
  private static String unquoted(String value) {
    String text = value.strip();
    if (!text.isEmpty() && (text.charAt(0) == '"' || text.charAt(0) == '\'')) {
      int end = text.indexOf(text.charAt(0), 1);
      return end < 0 ? text.substring(1) : text.substring(1, end);
    }
    return text.replaceFirst("\\s+#.*", "");
  }

  private void nodes() throws ImportException {
    Map<String, List<Member>> domains = new LinkedHashMap<>();
    for (Map.Entry<String, Map<String, List<String>>> machine : machines.entrySet()) {
      String image = String.join("", machine.getValue().getOrDefault("image", List.of()));
      DraftNode node =
          ForeignKinds.add(draft, machine.getKey(), machine.getKey(), "machine", image);
      // guests of Kathará pass packets on unless told otherwise, as its routers rely on
      List<String> numbers =
          machine.getValue().keySet().stream().filter(key -> key.matches("\\d{1,3}")).toList();
      node.forward |= numbers.size() > 1;
      for (String number : numbers) {
        String[] parts = machine.getValue().get(number).getLast().split("/", 2);
        String nic = "eth" + Integer.parseInt(number);
        node.nic(nic).mac = parts.length > 1 ? Macs.usable(parts[1]) : Optional.empty();
        domains.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(new Member(node, nic));
      }
    }
    for (Map.Entry<String, List<Member>> domain : domains.entrySet()) {
      connect(domain.getKey(), domain.getValue());
    }
  }

  private void connect(String domain, List<Member> members) throws ImportException {
    String subject = "collision domain " + domain;
    switch (members.size()) {
      case 1 -> {
        Member only = members.getFirst();
        draft.add(
            Finding.changed(
                subject,
                "one member",
                "interface " + only.nic + " of " + only.node.title + " without a link",
                "nobody else is in it"));
      }
      case 2 -> {
        Member a = members.get(0);
        Member b = members.get(1);
        draft
            .connect(a.node, a.nic, b.node, b.nic)
            .ifPresent(link -> draft.add(Finding.mapped(subject, "two members", "link " + link.title())));
      }
      default -> {
        DraftNode hub = draft.add("\0domain " + domain, "lan-" + domain, DraftNode.Kind.SWITCH);
        for (int i = 0; i < members.size(); i++) {
          draft.connect(members.get(i).node, members.get(i).nic, hub, "port" + i);
        }
        draft.add(
            Finding.mapped(subject, members.size() + " members", "switch " + hub.title));
      }
    }
  }

  private void configure(String name, DraftNode node, Map<String, List<String>> settings)
      throws ImportException {
    settings.forEach((key, values) -> setting(node, key, values));
    for (String file : folder.below(name)) {
      BoundFile.write(draft, node, folder, file, file.substring(name.length()));
    }
    CommandReader commands = new CommandReader(draft, node);
    for (String script : List.of("shared.startup", name + ".startup")) {
      if (folder.has(script)) {
        try {
          commands.script(folder.part(script));
        } catch (ImportException e) {
          draft.add(Finding.leftOut(node.title, script, e.getMessage()));
        }
      }
    }
    settings.getOrDefault("exec", List.of()).forEach(commands::command);
  }

  private void setting(DraftNode node, String key, List<String> values) {
    String value = values.getLast();
    switch (key) {
      case "image", "exec" -> {}
      case "mem" -> memory(node, value);
      case "env" -> values.forEach(pair -> environment(node, pair));
      case "sysctl" -> values.forEach(pair -> sysctl(node, pair));
      case "bridged" ->
          draft.add(
              Finding.leftOut(
                  node.title, "bridged=" + value, "add a gateway and link it to let the node out"));
      default -> {
        if (!key.matches("\\d{1,3}")) {
          draft.add(
              Finding.leftOut(
                  node.title,
                  key + "=" + Draft.limit(value, 60),
                  "there is nothing like it for a VM here"));
        }
      }
    }
  }

  private void memory(DraftNode node, String value) {
    Matcher matcher = MEMORY.matcher(value);
    if (!matcher.matches()) {
      draft.add(Finding.leftOut(node.title, "mem=" + value, "that is no size such as 64m"));
      return;
    }
    int power = " kmg".indexOf((matcher.group(2) + " ").toLowerCase(Locale.ROOT).charAt(0));
    long bytes = Long.parseLong(matcher.group(1)) << (10 * power);
    node.memory = Size.ofMiB(Math.clamp(bytes >> 20, 32, 65536));
    draft.add(Finding.mapped(node.title, "mem=" + value, node.memory.toString()));
  }

  private void environment(DraftNode node, String pair) {
    int equals = pair.indexOf('=');
    if (equals > 0 && pair.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
      node.env.put(pair.substring(0, equals), pair.substring(equals + 1));
      draft.add(Finding.mapped(node.title, "env " + pair.substring(0, equals), "variable"));
    } else {
      draft.add(Finding.leftOut(node.title, "env " + pair, "it is no NAME=value"));
    }
  }

  private void sysctl(DraftNode node, String pair) {
    if (pair.matches("net\\.[a-z0-9_.-]+=-?\\d{1,10}")) {
      new CommandReader(draft, node).command("sysctl -w " + pair);
    } else {
      draft.add(Finding.leftOut(node.title, "sysctl " + pair, "only numbers of net. are taken"));
    }
  }
}
