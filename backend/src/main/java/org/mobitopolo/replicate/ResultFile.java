// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.json.JsonMapper;

/** The results of an experiment as a table: CSV (RFC 4180), or JSON when the file's name ends in {@code .json}. */
public final class ResultFile {
  private static final Set<Character> FORMULA = Set.of('=', '+', '-', '@');
  private static final String NUMBER = "[-+]?[0-9.]+([eE][-+]?[0-9]+)?";

  private ResultFile() {}

  /**
   * Writes it whole or not at all.
   *
   * @throws LabException.FilesUnusable if it can't be written
   */
  public static void write(Path file, List<CopyResult> results) {
    String text = file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".json") ? json(results) : csv(results);
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(part, text);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          "The results can't be written to " + file + ": " + e.getMessage() + ".", "The experiment itself is done.", "Choose another place for the file.", e);
    }
  }

  /** One object a copy. */
  public static List<Map<String, Object>> objects(List<CopyResult> results) {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (CopyResult result : results) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("copy", result.copy().number());
      object.put("lab", result.copy().topology().id());
      object.put("parameters", result.copy().parameters());
      object.put("status", result.status());
      object.put("seconds", result.seconds());
      object.put("values", result.values());
      object.put("output", result.output());
      object.put("errors", result.errors());
      objects.add(object);
    }
    return objects;
  }

  private static String json(List<CopyResult> results) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(objects(results)) + "\n";
  }

  /** A row a copy; a column each for number, parameters, status, seconds and every value that any script told. */
  static String csv(List<CopyResult> results) {
    Set<String> parameters = new LinkedHashSet<>();
    Set<String> values = new LinkedHashSet<>();
    results.forEach(result -> parameters.addAll(result.copy().parameters().keySet()));
    results.forEach(result -> values.addAll(result.values().keySet()));
    List<String> heading = new ArrayList<>(List.of("copy"));
    heading.addAll(parameters);
    heading.addAll(List.of("status", "seconds"));
    heading.addAll(values);
    StringBuilder text = new StringBuilder();
    row(text, heading);
    for (CopyResult result : results) {
      List<String> cells = new ArrayList<>(List.of(String.valueOf(result.copy().number())));
      parameters.forEach(name -> cells.add(result.copy().parameters().getOrDefault(name, "")));
      cells.addAll(List.of(String.valueOf(result.status()), String.format(Locale.ROOT, "%.3f", result.seconds())));
      values.forEach(name -> cells.add(result.values().getOrDefault(name, "")));
      row(text, cells);
    }
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append(String.join(",", cells.stream().map(ResultFile::cell).toList())).append("\r\n");
  }

  /** What a guest printed must not become a formula in a spreadsheet. */
  private static String cell(String value) {
    boolean formula = !value.isEmpty() && FORMULA.contains(value.charAt(0)) && !value.matches(NUMBER);
    String safe = formula ? "'" + value : value;
    boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quoted ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
  }
}
