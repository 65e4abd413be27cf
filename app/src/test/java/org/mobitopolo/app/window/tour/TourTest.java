// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.tour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.tour.Tour.Done;
import org.mobitopolo.app.window.tour.Tour.Step;

class TourTest {
  private final Tour tour = new Tour();

  @Test
  void eachStepEndsWhenItsThingWasDone() {
    tour.update(new Done(true, true, 0));
    assertThat(tour.step().get()).as("the first is read at leisure").isEqualTo(Step.LOOK);
    tour.next();
    tour.update(new Done(false, false, 0));
    assertThat(tour.step().get()).isEqualTo(Step.START);
    tour.update(new Done(true, false, 0));
    assertThat(tour.step().get()).isEqualTo(Step.CONSOLE);
    tour.update(new Done(true, true, 0));
    assertThat(tour.step().get()).isEqualTo(Step.MIGRATE);
    tour.update(new Done(true, true, 1));
    assertThat(tour.step().get()).isEqualTo(Step.UNDO);
    tour.update(new Done(true, true, 1));
    assertThat(tour.step().get()).as("one migration ends one step").isEqualTo(Step.UNDO);
    tour.update(new Done(true, true, 2));
    assertThat(tour.step().get()).isEqualTo(Step.END);
  }

  @Test
  void oneCanGoBackAndForthWithinTheTour() {
    tour.back();
    assertThat(tour.step().get()).isEqualTo(Step.LOOK);
    for (int i = 0; i < 10; i++) {
      tour.next();
    }
    assertThat(tour.step().get()).isEqualTo(Step.END);
    tour.back();
    assertThat(tour.step().get()).isEqualTo(Step.UNDO);
  }
}
