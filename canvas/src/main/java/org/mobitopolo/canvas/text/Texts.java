// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.text;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.PropertyResourceBundle;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;

/**
 * The texts of the canvas in the language that is used now, English at first. They lie in {@code
 * texts.properties} and {@code texts_ja.properties}, as {@link MessageFormat} patterns. FX thread
 * only.
 */
public final class Texts {
  private Locale locale = Locale.ENGLISH;
  private ResourceBundle bundle = load(locale);

  /** English texts. */
  public Texts() {}

  /** Uses another language from now on; one that there are no texts in becomes English. */
  public void use(Locale newLocale) {
    locale = newLocale;
    bundle = load(newLocale);
  }

  private static ResourceBundle load(Locale locale) {
    String file =
        locale.getLanguage().equals(Locale.JAPANESE.getLanguage())
            ? "texts_ja.properties"
            : "texts.properties";
    try (Reader reader =
        new InputStreamReader(Texts.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
      return new PropertyResourceBundle(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a key, with the arguments at their places. */
  public String get(String key, Object... arguments) {
    String pattern = bundle.getString(key);
    return arguments.length == 0 ? pattern : new MessageFormat(pattern, locale).format(arguments);
  }

  /** The keys that there are. */
  Set<String> keys() {
    return new TreeSet<>(bundle.keySet());
  }
}
