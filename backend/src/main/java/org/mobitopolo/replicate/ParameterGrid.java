// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The parameters of an experiment: every combination of their values. Copies take the combinations in turn, the last parameter changing fastest,
 * and begin anew when all were taken.
 *
 * @param values by name, in the order in which they were named; each has at least one
 */
public record ParameterGrid(Map<String, List<String>> values) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
  private static final int LONGEST_VALUE = 500;
  private static final int MOST_PARAMETERS = 32;
  private static final String RESERVED = "MOBITOPOLO_";

  /** No parameters: one combination, the empty one. */
  public static final ParameterGrid NONE = new ParameterGrid(Map.of());

  /**
   * Checks names and values.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public ParameterGrid {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    values.forEach((name, list) -> copy.put(requireName(name), requireValues(name, list)));
    if (copy.size() > MOST_PARAMETERS) {
      throw new IllegalArgumentException("There are more than " + MOST_PARAMETERS + " parameters.");
    }
    values = Collections.unmodifiableMap(copy);
  }

  private static String requireName(String name) {
    if (!NAME.matcher(name).matches() || name.startsWith(RESERVED)) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no name for a parameter: it becomes a variable of the shell, so letters, digits and _, and not " + RESERVED + "...");
    }
    return name;
  }

  private static List<String> requireValues(String name, List<String> values) {
    if (values.isEmpty() || values.stream().anyMatch(value -> value.isEmpty() || value.length() > LONGEST_VALUE || value.chars().anyMatch(c -> c < ' '))) {
      throw new IllegalArgumentException("The parameter " + name + " needs values, such as " + name + "=1,2,4, each at most " + LONGEST_VALUE + " characters long.");
    }
    return List.copyOf(values);
  }

  /** How many combinations there are. */
  public long combinations() {
    return values.values().stream().mapToLong(List::size).reduce(1, Math::multiplyExact);
  }

  /** The combination of a copy, from 0. */
  public Map<String, String> of(int copy) {
    long rest = copy % combinations();
    Map<String, String> result = new LinkedHashMap<>();
    values.keySet().forEach(name -> result.put(name, ""));
    for (String name : List.copyOf(values.keySet()).reversed()) {
      List<String> choices = values.get(name);
      result.put(name, choices.get((int) (rest % choices.size())));
      rest /= choices.size();
    }
    return result;
  }
}
