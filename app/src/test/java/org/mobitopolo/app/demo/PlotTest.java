// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PlotTest {

  /** 120 kbit/s for 20 s, a migration until 26 s, then 6000 kbit/s until 36 s. */
  private static DemoResult result() {
    List<Sample> samples = new ArrayList<>();
    long bytes = 0;
    for (double seconds = 0; seconds <= 36; seconds += 0.25) {
      samples.add(new Sample(seconds, bytes));
      bytes += Math.round((seconds < 26 ? 120 : 6000) * 1000 / 8.0 / 4);
    }
    MigrationProgress migration =
        new MigrationProgress(
            "m",
            "tokyo",
            "florida",
            MigrationStatus.DONE,
            3,
            1,
            0,
            1,
            0,
            0,
            OptionalDouble.empty(),
            0,
            OptionalDouble.of(42),
            OptionalDouble.of(6000),
            Optional.empty(),
            Optional.empty());
    return new DemoResult(new Bandwidth(samples), 20, 26, 120, 6000, migration, 0, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 72, 110})
  void theTextPlotFitsItsWidthAndMarksTheMigration(int columns) {
    List<String> lines = TextPlot.draw(result(), columns).lines().toList();
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(columns));
    assertThat(lines)
        .anySatisfy(line -> assertThat(line).contains("Tokyo").contains("├").contains("┤"));
    assertThat(lines).anySatisfy(line -> assertThat(line.strip()).isEqualTo("migration"));
    assertThat(lines.getLast()).endsWith("36 s");
  }

  @Test
  void barsAreHigherAfterTheMigration() {
    List<String> bars =
        TextPlot.draw(result(), 110).lines().filter(line -> line.contains("│")).toList();
    assertThat(bars.getFirst().substring(0, 60)).doesNotContain("█");
    assertThat(bars.get(1)).endsWith("██████");
    assertThat(bars.getLast().substring(13)).startsWith("████").endsWith("████");
  }

  @Test
  void theAxisHasRoundLabels() {
    assertThat(RateAxis.of(List.of(118.0, 6100.0)).ticks())
        .containsExactly(10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0);
    assertThat(RateAxis.label(200)).isEqualTo("200 kbit/s");
    assertThat(RateAxis.label(5000)).isEqualTo("5 Mbit/s");
    assertThat(RateAxis.of(List.of(0.0)).ticks()).isNotEmpty();
  }

  @Test
  void theSvgIsWellFormedAndTellsTheFigures() throws Exception {
    String svg = SvgPlot.draw(result());
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(1);
    assertThat(document.getDocumentElement().getTextContent())
        .contains("50.0 times as fast")
        .contains("42")
        .contains("migrates");
  }
}
