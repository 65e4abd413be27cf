// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.concurrent.Executor;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;

/**
 * The notices that are to be seen, oldest first. The list belongs to the executor's thread; {@link
 * #show} may come from any.
 */
public final class Notices {
  private static final int MOST = 4;

  private final Executor executor;
  private final ObservableList<Notice> shown = FXCollections.observableArrayList();

  public Notices(Executor executor) {
    this.executor = executor;
  }

  /**
   * Shows a notice; one that is shown already is not shown twice, and too many push out the oldest.
   */
  public void show(Notice notice) {
    executor.execute(
        () -> {
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

  public void dismiss(Notice notice) {
    executor.execute(() -> shown.remove(notice));
  }

  public ObservableList<Notice> shown() {
    return shown;
  }
}
