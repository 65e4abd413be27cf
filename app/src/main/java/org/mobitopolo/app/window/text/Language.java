// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.text;

import java.util.Locale;

/** A language that the window speaks. */
public enum Language {
  ENGLISH(Locale.ENGLISH, "English"),
  JAPANESE(Locale.JAPANESE, "日本語");

  private final Locale locale;
  private final String ownName;

  Language(Locale locale, String ownName) {
    this.locale = locale;
    this.ownName = ownName;
  }

  public Locale locale() {
    return locale;
  }

  /** How its speakers call it. */
  public String ownName() {
    return ownName;
  }

  /** The language that suits a locale; English where there is no better one. */
  public static Language of(Locale wanted) {
    for (Language language : values()) {
      if (language.locale.getLanguage().equals(wanted.getLanguage())) {
        return language;
      }
    }
    return ENGLISH;
  }
}
