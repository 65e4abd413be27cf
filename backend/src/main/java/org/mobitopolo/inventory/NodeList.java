// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of many hosts in short, as Slurm writes them: {@code node[01-16,20],login}. Source of the form: Slurm's {@code scontrol show
 * hostnames}.
 */
final class NodeList {
  static final int MOST = 10_000;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

  private NodeList() {}

  /**
   * All names, in the order of the text.
   *
   * @throws InventoryException if the text has another form, or more than {@value #MOST} names
   */
  static List<String> expand(String text) throws InventoryException {
    List<String> names = new ArrayList<>();
    for (String part : parts(text)) {
      addAll(names, part, text);
    }
    return names;
  }

  /**
   * The parts between commas that stand outside brackets.
   *
   * @throws InventoryException if brackets don't match or a part is empty
   */
  static List<String> parts(String text) throws InventoryException {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (depth < 0 || depth > 1) {
        throw wrong(text);
      }
      if (c == ',' && depth == 0) {
        parts.add(text.substring(begin, i));
        begin = i + 1;
      }
    }
    if (depth != 0) {
      throw wrong(text);
    }
    parts.add(text.substring(begin));
    if (parts.stream().anyMatch(String::isBlank)) {
      throw wrong(text);
    }
    return parts;
  }

  /** Puts all values into the first brackets, and so on with the next ones. */
  private static void addAll(List<String> names, String part, String text) throws InventoryException {
    int open = part.indexOf('[');
    if (open < 0) {
      if (names.size() == MOST) {
        throw new InventoryException("\"" + text + "\" names more than " + MOST + " hosts.");
      }
      names.add(part.strip());
      return;
    }
    int close = part.indexOf(']', open);
    for (String range : part.substring(open + 1, close).split(",", -1)) {
      Matcher matcher = RANGE.matcher(range);
      if (!matcher.matches()) {
        throw wrong(text);
      }
      String first = matcher.group(1);
      String last = matcher.group(2) == null ? first : matcher.group(2);
      if (Integer.parseInt(last) < Integer.parseInt(first)) {
        throw wrong(text);
      }
      for (int number = Integer.parseInt(first); number <= Integer.parseInt(last); number++) {
        String digits = "0".repeat(Math.max(0, first.length() - String.valueOf(number).length())) + number;
        addAll(names, part.substring(0, open) + digits + part.substring(close + 1), text);
      }
    }
  }

  private static InventoryException wrong(String text) {
    return new InventoryException("\"" + text + "\" is not a list of hosts. Write for example node[01-16,20] or node1,node2.");
  }
}
