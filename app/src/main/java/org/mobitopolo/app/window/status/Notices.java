// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;

/**
 * The notices that are to be seen, oldest first. The list belongs to the executor's thread; {@link
 * #show} may come from any.
 */
public final class Notices {
  private static final int MOST = 4;

  private static final int MOST_EVENTS = 2000;

  /** A notice with the moment when it was given. */
  public record Event(Instant time, Notice notice) {}

  private final Executor executor;
  private final InstantSource clock;
  private final ObservableList<Event> events = FXCollections.observableArrayList();
  private final ObservableList<Notice> shown = FXCollections.observableArrayList();

  public Notices(Executor executor, InstantSource clock) {
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * Shows a notice; one that is shown already is not shown twice, and too many push out the oldest.
   */
  public void show(Notice notice) {
    executor.execute(
        () -> {
          remember(notice);
          shown.removeIf(
              other ->
                  other.kind() == notice.kind()
                      && other.title().equals(notice.title())
                      && other.text().equals(notice.text()));
          shown.add(notice);
          if (shown.size() > MOST) {
            shown.removeFirst();
          }
        });
  }

  /** Remembers something among the events without showing it. */
  public void log(Notice notice) {
    executor.execute(() -> remember(notice));
  }

  private void remember(Notice notice) {
    events.addFirst(new Event(clock.instant(), notice));
    if (events.size() > MOST_EVENTS) {
      events.removeLast();
    }
  }

  /** All notices that were given, shown or not, the latest first. */
  public ObservableList<Event> events() {
    return events;
  }

  public void dismiss(Notice notice) {
    executor.execute(() -> shown.remove(notice));
  }

  public ObservableList<Notice> shown() {
    return shown;
  }
}
