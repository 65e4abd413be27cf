// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value that knows where in its file it stands, so that every fault can be told with line,
 * column and path. Jackson's own tree forgets the places.
 */
final class JsonTree {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(32).maxStringLength(4 << 20).build())
          .build();

  private final String source;
  private final String path;
  private final int line;
  private final int column;

  /**
   * A Map of JsonTree, a List of JsonTree, a String, a Double, a Long, a Boolean; null for null.
   */
  private final Object value;

  private JsonTree(String source, String path, TokenStreamLocation place, Object value) {
    this.source = source;
    this.path = path;
    this.line = place.getLineNr();
    this.column = place.getColumnNr();
    this.value = value;
  }

  static JsonTree parse(String text, String source) throws TopologyFormatException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        throw new TopologyFormatException(
            source,
            0,
            0,
            "the file is empty. A topology begins with {\"format\":\"mobitopolo-topology\".",
            null);
      }
      JsonTree tree = read(parser, source, "");
      if (parser.nextToken() != null) {
        throw tree.at(
            parser.currentTokenLocation(),
            "there is more after the end of the topology. Remove it.");
      }
      return tree;
    } catch (JacksonException e) {
      TokenStreamLocation place = e.getLocation();
      throw new TopologyFormatException(
          source,
          place == null ? 0 : place.getLineNr(),
          place == null ? 0 : place.getColumnNr(),
          "this is not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse("") + ".",
          e);
    }
  }

  private static JsonTree read(JsonParser parser, String source, String path) {
    TokenStreamLocation place = parser.currentTokenLocation();
    Object value =
        switch (parser.currentToken()) {
          case START_OBJECT -> {
            Map<String, JsonTree> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
              String name = parser.currentName();
              parser.nextToken();
              fields.put(name, read(parser, source, path.isEmpty() ? name : path + "." + name));
            }
            yield fields;
          }
          case START_ARRAY -> {
            List<JsonTree> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              elements.add(read(parser, source, path + "[" + elements.size() + "]"));
            }
            yield elements;
          }
          case VALUE_STRING -> parser.getString();
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
          case VALUE_TRUE -> Boolean.TRUE;
          case VALUE_FALSE -> Boolean.FALSE;
          default -> null;
        };
    return new JsonTree(source, path, place, value);
  }

  /** A fault at this value. */
  TopologyFormatException fault(String sentence) {
    return new TopologyFormatException(
        source, line, column, (path.isEmpty() ? "" : path + ": ") + sentence, null);
  }

  private TopologyFormatException at(TokenStreamLocation place, String sentence) {
    return new TopologyFormatException(
        source, place.getLineNr(), place.getColumnNr(), sentence, null);
  }

  private Map<String, JsonTree> fields() throws TopologyFormatException {
    if (value instanceof Map<?, ?> map) {
      @SuppressWarnings("unchecked")
      Map<String, JsonTree> fields = (Map<String, JsonTree>) map;
      return fields;
    }
    throw fault("an object in braces { } is wanted here.");
  }

  /** The fields of an object whose names are free to choose. */
  Map<String, JsonTree> entries() throws TopologyFormatException {
    return fields();
  }

  /**
   * Refuses fields of other names: most often they are slips of the pen, and would be lost at the
   * next save.
   */
  JsonTree onlyFields(String... known) throws TopologyFormatException {
    Set<String> names = Set.of(known);
    for (Map.Entry<String, JsonTree> field : fields().entrySet()) {
      if (!names.contains(field.getKey())) {
        throw field
            .getValue()
            .fault(
                "there is no field of this name. Known here are: "
                    + String.join(", ", new TreeSet<>(names))
                    + ".");
      }
    }
    return this;
  }

  boolean has(String field) throws TopologyFormatException {
    JsonTree child = fields().get(field);
    return child != null && child.value != null;
  }

  JsonTree get(String field) throws TopologyFormatException {
    if (!has(field)) {
      throw fault("the field \"" + field + "\" is missing.");
    }
    return fields().get(field);
  }

  /** The elements of a list. */
  List<JsonTree> elements() throws TopologyFormatException {
    if (value instanceof List<?> list) {
      @SuppressWarnings("unchecked")
      List<JsonTree> elements = (List<JsonTree>) list;
      return elements;
    }
    throw fault("a list in brackets [ ] is wanted here.");
  }

  /** The elements of a list; none when the field is missing. */
  List<JsonTree> elementsOf(String field) throws TopologyFormatException {
    return has(field) ? get(field).elements() : List.of();
  }

  boolean isText() {
    return value instanceof String;
  }

  String text() throws TopologyFormatException {
    if (value instanceof String text) {
      return text;
    }
    throw fault("a text in quotes is wanted here.");
  }

  String textOf(String field) throws TopologyFormatException {
    return get(field).text();
  }

  String textOf(String field, String otherwise) throws TopologyFormatException {
    return has(field) ? get(field).text() : otherwise;
  }

  double number() throws TopologyFormatException {
    if (value instanceof Double number) {
      return number;
    }
    throw fault("a number is wanted here.");
  }

  int integer() throws TopologyFormatException {
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw fault("a whole number is wanted here.");
  }

  double numberOf(String field) throws TopologyFormatException {
    return get(field).number();
  }

  double numberOf(String field, double otherwise) throws TopologyFormatException {
    return has(field) ? get(field).number() : otherwise;
  }

  boolean flagOf(String field) throws TopologyFormatException {
    if (!has(field)) {
      return false;
    }
    JsonTree child = get(field);
    if (child.value instanceof Boolean flag) {
      return flag;
    }
    throw child.fault("true or false is wanted here.");
  }

  /**
   * A text that the function reads; what it refuses with an IllegalArgumentException is told with
   * the place.
   */
  <T> T parsed(Function<String, T> parser) throws TopologyFormatException {
    String text = text();
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TopologyFormatException(source, line, column, path + ": " + e.getMessage(), e);
    }
  }

  <T> T parsedOf(String field, T otherwise, Function<String, T> parser)
      throws TopologyFormatException {
    return has(field) ? get(field).parsed(parser) : otherwise;
  }

  /** Makes a record of what was read here; what its constructor refuses is told with the place. */
  <T> T make(Maker<T> maker) throws TopologyFormatException {
    try {
      return maker.make();
    } catch (IllegalArgumentException e) {
      throw new TopologyFormatException(
          source, line, column, (path.isEmpty() ? "" : path + ": ") + e.getMessage(), e);
    }
  }

  /** Makes something of fields. */
  interface Maker<T> {
    T make() throws TopologyFormatException;
  }
}
