// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Command lines and links in a Markdown text. */
final class DocumentedCommands {

  private static final Pattern INDENTED = Pattern.compile("(?m)^ {4}(?:.*\\| )?mobitopolo (.*)$");
  private static final Pattern INLINE = Pattern.compile("`mobitopolo ([^`]+)`");
  private static final Pattern NOT_RUN = Pattern.compile("<!-- not run: \\w.+ -->");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|[^\\s'\"]+");

  private DocumentedCommands() {}

  /** What follows the program's name on each line of code. Forms with brackets or dots for what is left out are no command lines. */
  static List<String> lines(String text) {
    return found(INDENTED, text);
  }

  /** The same of code within sentences, where a command may be named without all that it needs. */
  static List<String> mentions(String text) {
    return found(INLINE, text);
  }

  private static List<String> found(Pattern pattern, String text) {
    List<String> lines = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      // what stands far to the right explains; what follows a bar or an angle is the shell's
      String line = matcher.group(1).replaceAll(" {2,}.*| [|>#&].*| < .*", "").strip();
      if (!line.matches(".*(\\[[A-Z-]|\\.\\.\\.).*")) {
        lines.add(line);
      }
    }
    return lines;
  }

  /** All lines of code as one script that ends at the first failure, but for blocks below a comment that says why they are not run. */
  static String script(String text) {
    StringBuilder script = new StringBuilder("set -ex\n");
    boolean left = false;
    for (String line : text.split("\n")) {
      if (line.startsWith("    ")) {
        script.append(left ? "" : line.strip() + "\n");
      } else if (!line.isBlank()) {
        left = NOT_RUN.matcher(line).matches();
      }
    }
    return script.toString();
  }

  /** The words of a line, as a shell divides them. */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2) != null ? matcher.group(2) : matcher.group());
    }
    return words;
  }

  /** Files that links name. */
  static List<String> links(String text) {
    return LINK.matcher(text).results().map(found -> found.group(1)).toList();
  }
}
