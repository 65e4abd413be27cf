// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads GML (Himsolt, 1997): nested lists of keys with numbers, quoted texts or lists. Lines that
 * begin with {@code #} are comments; in texts, {@code &} begins a character entity.
 */
final class GmlReader {

  private static final int DEEPEST = 32;
  private static final int MOST_VALUES = 500_000;
  private static final Pattern ENTITY = Pattern.compile("&#(\\d{1,7});");

  /** Keys may come again, so a list of entries and no map. */
  private record Entry(String key, String text, List<Entry> list) {}

  private final String file;
  private final String text;
  private int at;
  private int line = 1;
  private int values;

  private GmlReader(String file, String text) {
    this.file = file;
    this.text = text;
  }

  static Graph read(Path file) throws ImportException {
    GmlReader reader = new GmlReader(file.toString(), LabFolder.text(file));
    List<Entry> root = reader.list(0);
    List<Entry> graph =
        root.stream()
            .filter(entry -> entry.key.equals("graph") && !entry.list.isEmpty())
            .findFirst()
            .orElseThrow(() -> new ImportException(file + " has no graph [ ... ] in it."))
            .list;
    List<Graph.Vertex> vertices = new ArrayList<>();
    List<Graph.Edge> edges = new ArrayList<>();
    for (Entry entry : graph) {
      Map<String, String> attributes = attributes(entry.list);
      switch (entry.key) {
        case "node" ->
            vertices.add(new Graph.Vertex(attributes.getOrDefault("id", ""), attributes));
        case "edge" ->
            edges.add(
                new Graph.Edge(
                    attributes.getOrDefault("source", ""),
                    attributes.getOrDefault("target", ""),
                    attributes));
        default -> {}
      }
    }
    return new Graph(attributes(graph), vertices, edges);
  }

  private static Map<String, String> attributes(List<Entry> entries) {
    Map<String, String> result = new LinkedHashMap<>();
    entries.forEach(entry -> result.putIfAbsent(entry.key, entry.text));
    return result;
  }

  private List<Entry> list(int depth) throws ImportException {
    if (depth > DEEPEST) {
      throw fault("the lists are nested too deeply");
    }
    List<Entry> entries = new ArrayList<>();
    while (true) {
      blanks();
      if (at >= text.length()) {
        if (depth > 0) {
          throw fault("a list is not closed with ]");
        }
        return entries;
      }
      if (text.charAt(at) == ']') {
        if (depth == 0) {
          throw fault("there is a ] too many");
        }
        at++;
        return entries;
      }
      entries.add(entry(depth));
      if (++values > MOST_VALUES) {
        throw fault("there are too many values");
      }
    }
  }

  private Entry entry(int depth) throws ImportException {
    String key = word();
    if (!key.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw fault("\"" + Draft.limit(key, 40) + "\" can't be a key");
    }
    key = key.toLowerCase(Locale.ROOT);
    blanks();
    if (at >= text.length() || text.charAt(at) == ']') {
      throw fault("the key \"" + key + "\" has no value");
    }
    return switch (text.charAt(at)) {
      case '[' -> {
        at++;
        yield new Entry(key, "", list(depth + 1));
      }
      case '"' -> new Entry(key, quoted(), List.of());
      default -> new Entry(key, word(), List.of());
    };
  }

  private void blanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        line++;
      } else if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
        continue;
      } else if (!Character.isWhitespace(c)) {
        return;
      }
      at++;
    }
  }

  private String word() {
    int start = at;
    while (at < text.length()
        && !Character.isWhitespace(text.charAt(at))
        && "[]\"".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (at == start) {
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted() throws ImportException {
    int end = text.indexOf('"', at + 1);
    if (end < 0) {
      throw fault("a text is not closed with \"");
    }
    String value = text.substring(at + 1, end);
    line += (int) value.chars().filter(c -> c == '\n').count();
    at = end + 1;
    return ENTITY
        .matcher(value)
        .replaceAll(match -> Matcher.quoteReplacement(character(match.group(1), match.group())))
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }

  /** The character of that number; the text as it stands when there is none. */
  private static String character(String number, String otherwise) {
    int code = Integer.parseInt(number);
    return Character.isValidCodePoint(code) && !Character.isISOControl(code)
        ? Character.toString(code)
        : otherwise;
  }

  private ImportException fault(String what) {
    return new ImportException(file + ", line " + line + ": " + what + ".");
  }
}
