// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * The migrations to show: those under way, and for a while the results of those that ended while
 * somebody watched. One thread.
 */
public final class MigrationsModel {
  private static final Duration RESULT_STAYS = Duration.ofSeconds(20);

  /** A migration as a card shows it: names instead of ids. */
  public record Card(String node, String name, String from, String to, MigrationProgress progress) {
    public boolean ended() {
      return MigrationsModel.ended(progress.status());
    }
  }

  private final InstantSource clock;
  private final ObservableList<Card> cards = FXCollections.observableArrayList();
  private final Set<String> seenRunning = new HashSet<>();
  private final Set<String> dismissed = new HashSet<>();
  private final Map<String, Instant> endedAt = new HashMap<>();
  private final Map<String, MigrationTrace> traces = new HashMap<>();
  private final ObservableList<Entry> history = FXCollections.observableArrayList();

  /** A migration of the list of all that were seen, with its course. */
  public record Entry(Card card, MigrationTrace trace) {}

  public MigrationsModel(InstantSource clock) {
    this.clock = clock;
  }

  public ObservableList<Card> cards() {
    return cards;
  }

  /** All migrations that were seen since the lab was opened, the latest first. */
  public ObservableList<Entry> history() {
    return history;
  }

  /** How a migration went so far. */
  public MigrationTrace trace(MigrationProgress progress) {
    return traces.computeIfAbsent(progress.migration(), _ -> new MigrationTrace(clock.instant()));
  }

  /**
   * Takes over what the hosts report now; to be called now and then also without news, so that old
   * results go.
   */
  public void update(Topology topology, LabState state) {
    List<Card> all =
        topology.nodes().stream()
            .flatMap(node -> card(topology, node, state.vm(node.id())).stream())
            .toList();
    all.forEach(this::remember);
    List<Card> wanted = all.stream().filter(card -> isToBeSeen(card.progress())).toList();
    if (!wanted.equals(cards)) {
      cards.setAll(wanted);
    }
  }

  /** One that had ended before it was seen is nobody's news any more. */
  private void remember(Card card) {
    if (card.ended() && !traces.containsKey(card.progress().migration())) {
      return;
    }
    MigrationTrace trace = trace(card.progress());
    if (!card.ended()) {
      trace.add(clock.instant(), card.progress());
    }
    Entry entry = new Entry(card, trace);
    for (int i = 0; i < history.size(); i++) {
      if (history.get(i).trace() == trace) {
        if (!history.get(i).equals(entry)) {
          history.set(i, entry);
        }
        return;
      }
    }
    history.addFirst(entry);
  }

  /** Takes a result away. */
  public void dismiss(Card card) {
    dismissed.add(card.progress().migration());
    cards.remove(card);
  }

  private Optional<Card> card(Topology topology, Node node, VmState vm) {
    return vm.migration()
        .map(
            progress ->
                new Card(
                    node.id(),
                    node.name(),
                    regionName(topology, progress.fromRegion()),
                    regionName(topology, progress.toRegion()),
                    progress));
  }

  private boolean isToBeSeen(MigrationProgress progress) {
    String id = progress.migration();
    if (!ended(progress.status())) {
      seenRunning.add(id);
      return true;
    }
    Instant end = endedAt.computeIfAbsent(id, _ -> clock.instant());
    return seenRunning.contains(id)
        && !dismissed.contains(id)
        && Duration.between(end, clock.instant()).compareTo(RESULT_STAYS) < 0;
  }

  private static boolean ended(MigrationStatus status) {
    return status == MigrationStatus.DONE
        || status == MigrationStatus.FAILED
        || status == MigrationStatus.CANCELLED;
  }

  private static String regionName(Topology topology, String region) {
    return topology.region(region).map(Region::name).orElse(region);
  }
}
