// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;

class MigrationTextsTest {
  private static final Texts ENGLISH = Texts.in(Language.ENGLISH);

  @Test
  void howFarAVmIsSlowedDownIsAmongItsFigures() {
    assertThat(MigrationTexts.figures(passes(75), ENGLISH))
        .contains(new MigrationTexts.Figure("VM slowed by", "75 %"));
  }

  @Test
  void aVmThatRunsAsItLikesHasNoSuchFigure() {
    assertThat(MigrationTexts.figures(passes(0), ENGLISH))
        .extracting(MigrationTexts.Figure::name)
        .doesNotContain("VM slowed by");
  }

  private static MigrationProgress passes(double throttle) {
    return new MigrationProgress(
        "m", "t", "f", MigrationStatus.PASSES, 4, 10, 5, 20, 1, 1, OptionalDouble.of(900), throttle,
        OptionalDouble.empty(), OptionalDouble.empty(), Optional.empty(), Optional.empty());
  }
}
