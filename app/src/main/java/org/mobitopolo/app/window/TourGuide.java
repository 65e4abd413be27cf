// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Optional;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.layout.StackPane;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.tour.Tour;
import org.mobitopolo.app.window.tour.TourCard;
import org.mobitopolo.migration.MigrationStatus;

/** Leads through the sample lab with a card above the canvas, and watches what was done there. */
final class TourGuide {
  private static final double EDGE = 14;

  private final StackPane overlays;
  private final Texts texts;
  private final Runnable ended;
  private Optional<Tour> tour = Optional.empty();

  /**
   * @param overlays where the card is shown
   * @param ended runs when the user has had enough
   */
  TourGuide(StackPane overlays, Texts texts, Runnable ended) {
    this.overlays = overlays;
    this.texts = texts;
    this.ended = ended;
  }

  void start() {
    end();
    Tour fresh = new Tour();
    tour = Optional.of(fresh);
    TourCard card = new TourCard(fresh, texts, this::end);
    StackPane.setAlignment(card, Pos.BOTTOM_LEFT);
    StackPane.setMargin(card, new Insets(EDGE));
    overlays.getChildren().add(card);
  }

  private void end() {
    tour = Optional.empty();
    if (overlays.getChildren().removeIf(TourCard.class::isInstance)) {
      ended.run();
    }
  }

  /** Looks at the lab that is seen; to be called now and then. */
  void look(OpenLab lab) {
    tour.ifPresent(running -> running.update(done(lab)));
  }

  private static Tour.Done done(OpenLab lab) {
    LabDocument document = lab.document();
    long machines = document.topology().get().virtualMachines().count();
    long moved =
        lab.migrations().history().stream()
            .filter(entry -> entry.card().progress().status() == MigrationStatus.DONE)
            .count();
    return new Tour.Done(
        document.state().get().liveVms() == machines,
        !lab.view().consoles().empty().get(),
        (int) moved);
  }
}
