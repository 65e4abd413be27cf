// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON from files and hosts that may mean harm: bounded depth, no key twice, nothing behind its end. */
final class Json {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_TEXT = 4 << 20;

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxStringLength(MAX_TEXT).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads an object.
   *
   * @throws IllegalArgumentException if it is none
   */
  static JsonNode parse(byte[] bytes) {
    try {
      JsonNode json = MAPPER.readTree(bytes);
      if (json.isObject()) {
        return json;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("a part of it that should be JSON is not: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("a part of it that should be a JSON object is not");
  }
}
