// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.text;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.PropertyResourceBundle;
import java.util.ResourceBundle;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The texts of the window in one language, from {@code texts.properties} (English) or {@code
 * texts_ja.properties}. A text is a {@link MessageFormat} pattern; numbers of things are told with
 * its {@code choice}. Apostrophes are typographic ones (’), so that none needs quoting.
 * Thread-safe.
 *
 * <p>What hosts and the backend say, such as why a migration failed and what undo would take back,
 * is English everywhere.
 */
public final class Texts {
  private final Language language;
  private final ResourceBundle bundle;
  private final Map<String, MessageFormat> patterns = new ConcurrentHashMap<>();

  private Texts(Language language, ResourceBundle bundle) {
    this.language = language;
    this.bundle = bundle;
  }

  public static Texts in(Language language) {
    String file =
        language == Language.ENGLISH
            ? "texts.properties"
            : "texts_" + language.locale().getLanguage() + ".properties";
    try (Reader reader =
        new InputStreamReader(Texts.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
      return new Texts(language, new PropertyResourceBundle(reader));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Language language() {
    return language;
  }

  /**
   * The text of a key, with the arguments at their places.
   *
   * @throws MissingResourceException if there is none; a test finds such keys
   */
  public String get(String key, Object... arguments) {
    String pattern = bundle.getString(key);
    if (arguments.length == 0) {
      return pattern;
    }
    MessageFormat format =
        patterns.computeIfAbsent(key, _ -> new MessageFormat(pattern, language.locale()));
    synchronized (format) {
      return format.format(arguments);
    }
  }

  /** How a constant reads: the text of {@code name.Type.CONSTANT}. */
  public String name(Enum<?> constant) {
    return get("name." + constant.getDeclaringClass().getSimpleName() + "." + constant.name());
  }

  /** The keys that there are, sorted. */
  List<String> keys() {
    List<String> keys = new ArrayList<>(bundle.keySet());
    keys.sort(null);
    return keys;
  }

  /** The language that a setting names, else the one of the system. */
  public static Language chosen(String setting, Locale system) {
    for (Language language : Language.values()) {
      if (language.name().equals(setting)) {
        return language;
      }
    }
    return Language.of(system);
  }
}
