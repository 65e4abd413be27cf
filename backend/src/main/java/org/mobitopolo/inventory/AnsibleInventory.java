// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.topology.HostUrl;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The hosts of an Ansible inventory in its INI or YAML form, with what it says of reaching them: {@code ansible_host}, {@code ansible_user}, {@code ansible_port},
 * {@code ansible_connection=local}, for a host or for groups. Everything else in it, secrets among it, is left alone. Source of the forms: Ansible's guide "How to
 * build your inventory".
 */
final class AnsibleInventory {
  private static final String ALL = "all";
  private static final Pattern SECTION = Pattern.compile("\\[([^\\]:]+)(?::(\\w+))?]");
  private static final Pattern VARIABLE = Pattern.compile("(\\w+)\\s*=\\s*(\"[^\"]*\"|'[^']*'|\\S*)");
  private static final Pattern LETTERS_OR_DIGITS = Pattern.compile("\\[(\\w+):(\\w+)(?::(\\d+))?]");
  private static final int MOST_ALIASES = 50;

  private final Map<String, Set<String>> members = new LinkedHashMap<>();
  private final Map<String, Set<String>> children = new HashMap<>();
  private final Map<String, Map<String, String>> groupVariables = new HashMap<>();
  private final Map<String, Map<String, String>> hostVariables = new LinkedHashMap<>();

  private AnsibleInventory() {}

  /**
   * Reads an inventory; YAML is told by its first line, as an INI file has no colon at the end of a line outside brackets.
   *
   * @throws InventoryException if it is neither
   */
  static AnsibleInventory read(String text) throws InventoryException {
    AnsibleInventory inventory = new AnsibleInventory();
    Optional<String> first = text.lines().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#") && !line.equals("---")).findFirst();
    if (first.filter(line -> line.startsWith("{") || !line.startsWith("[") && line.endsWith(":")).isPresent()) {
      inventory.readYaml(text);
    } else {
      inventory.readIni(text);
    }
    return inventory;
  }

  /**
   * The hosts of a group and of the groups in it.
   *
   * @throws InventoryException if there is no such group, or a host can't be named by a URL
   */
  List<HostUrl> hosts(String group) throws InventoryException {
    if (!group.equals(ALL) && !members.containsKey(group)) {
      throw new InventoryException("There is no group \"" + group + "\" in the inventory. It has: " + String.join(", ", members.keySet()) + ".");
    }
    List<HostUrl> urls = new ArrayList<>();
    for (String host : group.equals(ALL) ? hostVariables.keySet() : membersOf(group)) {
      urls.add(url(host));
    }
    return urls;
  }

  private Set<String> membersOf(String group) {
    Set<String> found = new LinkedHashSet<>();
    walk(group, children).forEach(each -> found.addAll(members.getOrDefault(each, Set.of())));
    return found;
  }

  /** The group and all that are reached from it; a ring ends. */
  private static Set<String> walk(String from, Map<String, Set<String>> edges) {
    Set<String> seen = new LinkedHashSet<>(Set.of(from));
    Deque<String> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      edges.getOrDefault(next.remove(), Set.of()).stream().filter(seen::add).forEach(next::add);
    }
    return seen;
  }

  private HostUrl url(String host) throws InventoryException {
    Map<String, String> variables = variables(host);
    if ("local".equals(variables.get("ansible_connection"))) {
      return HostUrl.LOCAL;
    }
    String address = variables.getOrDefault("ansible_host", host);
    String user = Optional.ofNullable(variables.getOrDefault("ansible_user", variables.get("ansible_ssh_user"))).map(name -> name + "@").orElse("");
    String port = Optional.ofNullable(variables.getOrDefault("ansible_port", variables.get("ansible_ssh_port"))).map(number -> ":" + number).orElse("");
    try {
      return HostUrl.parse("ssh://" + user + (address.contains(":") ? "[" + address + "]" : address) + port);
    } catch (IllegalArgumentException e) {
      throw new InventoryException("Host \"" + host + "\" of the inventory: " + e.getMessage(), e);
    }
  }

  /** What holds for a host: its own, else that of the groups it is in, the inner ones first. */
  private Map<String, String> variables(String host) {
    Map<String, Set<String>> parents = new HashMap<>();
    children.forEach((parent, inner) -> inner.forEach(child -> parents.computeIfAbsent(child, _ -> new LinkedHashSet<>()).add(parent)));
    Set<String> groups = new LinkedHashSet<>();
    members.forEach(
        (group, hosts) -> {
          if (hosts.contains(host)) {
            groups.addAll(walk(group, parents));
          }
        });
    groups.remove(ALL);
    groups.add(ALL);
    Map<String, String> found = new HashMap<>(hostVariables.get(host));
    groups.forEach(group -> groupVariables.getOrDefault(group, Map.of()).forEach(found::putIfAbsent));
    return found;
  }

  private void addHost(String group, String name, Map<String, String> variables) throws InventoryException {
    for (String host : expand(name)) {
      members.computeIfAbsent(group, _ -> new LinkedHashSet<>()).add(host);
      hostVariables.computeIfAbsent(host, _ -> new HashMap<>()).putAll(variables);
      if (hostVariables.size() > NodeList.MOST) {
        throw new InventoryException("The inventory has more than " + NodeList.MOST + " hosts.");
      }
    }
  }

  // INI

  private void readIni(String text) throws InventoryException {
    String group = "ungrouped";
    String kind = null;
    int number = 0;
    for (String raw : text.split("\\R", -1)) {
      number++;
      String line = raw.replaceFirst("(^|\\s)[#;].*", "").strip();
      Matcher section = SECTION.matcher(line);
      if (line.isEmpty()) {
        continue;
      }
      if (section.matches()) {
        group = section.group(1).strip();
        kind = section.group(2);
        members.computeIfAbsent(group, _ -> new LinkedHashSet<>());
      } else if (kind == null) {
        String[] words = line.split("\\s+", 2);
        addHost(group, words[0], assignments(words.length > 1 ? words[1] : ""));
      } else if (kind.equals("children")) {
        children.computeIfAbsent(group, _ -> new LinkedHashSet<>()).add(line);
        members.computeIfAbsent(line, _ -> new LinkedHashSet<>());
      } else if (kind.equals("vars")) {
        groupVariables.computeIfAbsent(group, _ -> new HashMap<>()).putAll(assignments(line));
      } else {
        throw new InventoryException("Line " + number + " of the inventory is in a section of a kind that Ansible does not have: " + kind + ".");
      }
    }
  }

  private static Map<String, String> assignments(String text) {
    Map<String, String> found = new HashMap<>();
    Matcher matcher = VARIABLE.matcher(text);
    while (matcher.find()) {
      String value = matcher.group(2);
      boolean quoted = value.length() >= 2 && (value.startsWith("\"") || value.startsWith("'"));
      found.put(matcher.group(1), quoted ? value.substring(1, value.length() - 1) : value);
    }
    return found;
  }

  /** {@code node[01:20:2]} and {@code db-[a:f]}. */
  private static List<String> expand(String name) throws InventoryException {
    Matcher matcher = LETTERS_OR_DIGITS.matcher(name);
    if (!matcher.find()) {
      return List.of(name);
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    boolean digits = first.matches("\\d{1,8}") && last.matches("\\d{1,8}");
    if (!digits && !(first.matches("[a-zA-Z]") && last.matches("[a-zA-Z]"))) {
      throw new InventoryException("\"" + name + "\" in the inventory is not a range. Write for example node[01:20] or db-[a:f].");
    }
    int from = digits ? Integer.parseInt(first) : first.charAt(0);
    int to = digits ? Integer.parseInt(last) : last.charAt(0);
    int step = matcher.group(3) == null ? 1 : Math.max(1, Integer.parseInt(matcher.group(3)));
    List<String> names = new ArrayList<>();
    for (int value = from; value <= to; value += step) {
      if (names.size() > NodeList.MOST) {
        throw new InventoryException("\"" + name + "\" in the inventory names more than " + NodeList.MOST + " hosts.");
      }
      String written = digits ? String.format("%0" + first.length() + "d", value) : String.valueOf((char) value);
      names.addAll(expand(name.substring(0, matcher.start()) + written + name.substring(matcher.end())));
    }
    return names;
  }

  // YAML

  private void readYaml(String text) throws InventoryException {
    Object root;
    try {
      root = new Load(LoadSettings.builder().setMaxAliasesForCollections(MOST_ALIASES).setAllowDuplicateKeys(false).build()).loadFromString(text);
    } catch (YamlEngineException e) {
      throw new InventoryException("The inventory is not sound YAML: " + e.getMessage().strip().replaceAll("\\s+", " "), e);
    }
    for (Map.Entry<?, ?> group : map(root).entrySet()) {
      readGroup(String.valueOf(group.getKey()), group.getValue(), new HashSet<>());
    }
  }

  private void readGroup(String name, Object group, Set<String> above) throws InventoryException {
    if (!above.add(name)) {
      throw new InventoryException("Group \"" + name + "\" of the inventory is inside itself.");
    }
    members.computeIfAbsent(name, _ -> new LinkedHashSet<>());
    groupVariables.computeIfAbsent(name, _ -> new HashMap<>()).putAll(texts(map(group).get("vars")));
    for (Map.Entry<?, ?> host : map(map(group).get("hosts")).entrySet()) {
      addHost(name, String.valueOf(host.getKey()), texts(host.getValue()));
    }
    for (Map.Entry<?, ?> child : map(map(group).get("children")).entrySet()) {
      children.computeIfAbsent(name, _ -> new LinkedHashSet<>()).add(String.valueOf(child.getKey()));
      readGroup(String.valueOf(child.getKey()), child.getValue(), new HashSet<>(above));
    }
  }

  private static Map<?, ?> map(Object value) throws InventoryException {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new InventoryException("The inventory does not have Ansible's form: groups with hosts, children and vars, each a map.");
  }

  private static Map<String, String> texts(Object value) throws InventoryException {
    Map<String, String> found = new HashMap<>();
    map(value).forEach((key, text) -> found.put(String.valueOf(key), String.valueOf(text)));
    return found;
  }
}
