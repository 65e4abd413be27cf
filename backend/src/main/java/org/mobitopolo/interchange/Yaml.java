// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML 1.2 with maps, lists, texts, numbers and truth values only. Tags that would make objects are
 * refused, and so are files whose aliases would grow into more than was written.
 */
final class Yaml {

  private static final int MOST_ALIASES = 50;
  private static final int DEEPEST = 50;
  private static final int MOST_VALUES = 500_000;

  private Yaml() {}

  /**
   * Reads one document whose root is a map.
   *
   * @param name the file, for messages
   * @throws ImportException with the place of the fault
   */
  static Map<String, Object> read(String name, String text) throws ImportException {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setMaxAliasesForCollections(MOST_ALIASES)
            .setCodePointLimit(LabFolder.LONGEST_FILE)
            .build();
    try {
      Object root = new Load(settings).loadFromString(text);
      if (!(root instanceof Map<?, ?>)) {
        throw new ImportException(
            name + " is no lab of containerlab: it has to begin with keys such as \"name:\".");
      }
      if (size(root, 0) > MOST_VALUES) {
        throw new ImportException(name + " has aliases that grow without end; write them out.");
      }
      return map(root);
    } catch (MarkedYamlEngineException e) {
      String place =
          e.getProblemMark()
              .map(mark -> ", line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
              .orElse("");
      throw new ImportException(name + place + ": " + sentence(e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new ImportException(name + " is no YAML that is taken here: " + sentence(e.getMessage()), e);
    } catch (StackOverflowError e) {
      throw new ImportException(name + " is nested too deeply.", e);
    }
  }

  private static String sentence(String problem) {
    String text = problem == null ? "the text is damaged" : problem.lines().findFirst().orElse("");
    return text.endsWith(".") ? text : text + ".";
  }

  /** How many values there are when aliases are written out; stops counting above the most. */
  private static int size(Object value, int depth) throws ImportException {
    if (depth > DEEPEST) {
      throw new ImportException("The YAML is nested too deeply.");
    }
    Collection<?> parts =
        switch (value) {
          case Map<?, ?> map -> map.values();
          case Collection<?> list -> list;
          case null, default -> List.of();
        };
    int total = 1;
    for (Object part : parts) {
      total += size(part, depth + 1);
      if (total > MOST_VALUES) {
        return total;
      }
    }
    return total;
  }

  /** The value as a map with texts as keys, in the order of the file; empty when it is none. */
  static Map<String, Object> map(Object value) {
    Map<String, Object> result = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, entry) -> result.put(String.valueOf(key), entry));
    }
    return result;
  }

  /** The value as a list; empty when it is none. */
  static List<Object> list(Object value) {
    return value instanceof List<?> list ? List.copyOf(list.stream().map(Yaml::orEmpty).toList()) : List.of();
  }

  private static Object orEmpty(Object value) {
    return value == null ? "" : value;
  }

  /** The value as a text; empty when there is none. */
  static String text(Object value) {
    return value == null || value instanceof Map || value instanceof List ? "" : value.toString();
  }

  /** Writes a document. */
  static String write(Map<String, Object> root) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndicatorIndent(2)
            .setIndentWithIndicator(true)
            .setWidth(200)
            .build();
    return new Dump(settings).dumpToString(root);
  }
}
