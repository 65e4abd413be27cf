// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobitopolo.app.window.hosts.ConnectionSteps;
import org.mobitopolo.app.window.inspector.Distances;
import org.mobitopolo.app.window.inspector.Presets;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.app.window.welcome.Sample;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.generate.Shape;

/** No text is missing in any language, none is left over, and none stands in the code itself. */
class TextsTest {
  private static final Path SOURCES = Path.of("src/main/java/org/mobitopolo/app/window");

  /** What measures the canvas speaks the command line's language, English. */
  private static final Path MEASURING = SOURCES.resolve("frames");

  /** A string literal that looks like the key of a text. */
  private static final Pattern KEY = Pattern.compile("\"([a-z]+(?:\\.[a-z0-9-]+)+)\"");

  /** What shows a text to the user, with a literal of more than a sign or an abbreviation in it. */
  private static final Pattern SPOKEN =
      Pattern.compile(
          "(?:new"
              + " (?:Label|Button|Menu|MenuItem|Hyperlink|Tooltip|CheckBox|RadioButton|ToggleButton|Tab)"
              + "|setText|setTitle|setPromptText|setAccessibleText|Notice\\.(?:info|success|warning|error)|new"
              + " Figure|new Notice\\.Action|Command\\.of)\\(\\s*\"([^\"]*[A-Za-z]{3}[^\"]*)\"");

  /** Where an argument is written out; one that only chooses a plural is not needed everywhere. */
  private static final Pattern PLAIN = Pattern.compile("\\{(\\d)}");

  private static final Pattern ANY = Pattern.compile("\\{(\\d)");

  /** File names that look like keys. */
  private static final Set<String> FILES = Set.of("lab.conf", "lab.png");

  /** Names that read the same in all languages. */
  private static final Set<String> NAMES = Set.of("Mobitopolo");

  private final Texts english = Texts.in(Language.ENGLISH);

  @ParameterizedTest
  @EnumSource(Language.class)
  void everyLanguageHasTheSameKeys(Language language) {
    assertThat(Texts.in(language).keys()).isEqualTo(english.keys());
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void everyTextIsAPatternWithTheSamePlaces(Language language) {
    Texts texts = Texts.in(language);
    for (String key : texts.keys()) {
      String text = texts.get(key);
      assertThat(text).as(key).isNotBlank().doesNotContain("'");
      assertThat(places(text, PLAIN))
          .as("places of %s in %s", key, language)
          .isEqualTo(places(english.get(key), PLAIN));
      assertThat(places(english.get(key), ANY))
          .as("places of %s", key)
          .containsAll(places(text, ANY));
      new MessageFormat(text, language.locale());
    }
  }

  private static Set<String> places(String text, Pattern form) {
    return form.matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyKeyInTheCodeHasATextAndEveryTextIsUsed() throws IOException {
    Set<String> families =
        english.keys().stream().map(key -> key.split("\\.")[0]).collect(Collectors.toSet());
    Set<String> used = new TreeSet<>();
    for (String source : sources()) {
      KEY.matcher(source)
          .results()
          .map(match -> match.group(1))
          .filter(key -> families.contains(key.split("\\.")[0]) && !FILES.contains(key))
          .forEach(used::add);
    }
    Set<String> known = new TreeSet<>(english.keys());
    Set<String> missing = new TreeSet<>(used);
    missing.removeAll(known);
    assertThat(missing).as("keys in the code without a text").isEmpty();
    Set<String> leftOver = new TreeSet<>(known);
    leftOver.removeAll(used);
    leftOver.removeIf(key -> key.startsWith("name.") || key.startsWith("colour."));
    assertThat(leftOver).as("texts that nothing shows").isEmpty();
  }

  @Test
  void everyConstantThatIsShownHasAName() {
    List<Enum<?>> shown = new ArrayList<>();
    for (Class<? extends Enum<?>> type :
        List.of(
            VmStatus.class,
            Symbol.class,
            Distribution.class,
            Theme.Choice.class,
            Presets.class,
            Distances.class,
            ConnectionSteps.Step.class,
            ConnectionSteps.Outcome.class,
            Shape.class,
            Note.Kind.class,
            LinkLabels.class,
            Sample.class)) {
      shown.addAll(List.of(type.getEnumConstants()));
    }
    assertThat(shown).allSatisfy(constant -> assertThat(english.name(constant)).isNotBlank());
    assertThat(english.keys().stream().filter(key -> key.startsWith("name.")))
        .hasSize(shown.size());
  }

  @Test
  void noTextStandsInTheCodeItself() throws IOException {
    List<String> found = new ArrayList<>();
    for (String source : sources()) {
      SPOKEN
          .matcher(source)
          .results()
          .map(MatchResult::group)
          .filter(match -> NAMES.stream().noneMatch(name -> match.endsWith("\"" + name + "\"")))
          .forEach(found::add);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void numbersAndPlacesAreFilledIn() {
    assertThat(english.get("status.machines", 1, 1)).isEqualTo("1 of 1 VM runs");
    assertThat(english.get("status.machines", 2, 3)).isEqualTo("2 of 3 VMs run");
    assertThat(Texts.in(Language.JAPANESE).get("status.machines", 2, 3))
        .isEqualTo("VM 3 台中 2 台が実行中");
  }

  @Test
  void theSettingDecidesThenTheSystem() {
    assertThat(Texts.chosen("JAPANESE", Locale.US)).isEqualTo(Language.JAPANESE);
    assertThat(Texts.chosen("", Locale.JAPAN)).isEqualTo(Language.JAPANESE);
    assertThat(Texts.chosen("", Locale.GERMANY)).isEqualTo(Language.ENGLISH);
  }

  private static List<String> sources() throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        if (!file.startsWith(MEASURING)) {
          all.add(Files.readString(file));
        }
      }
    }
    assertThat(all).hasSizeGreaterThan(50);
    return all;
  }
}
