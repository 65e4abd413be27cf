// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.RelayName;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** How the command line calls things. */
final class Words {

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  private Words() {}

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String status(VmStatus status) {
    return lower(status);
  }

  /** Date and time in the computer's zone. */
  static String time(Instant instant) {
    return CLOCK.format(instant.atZone(ZoneId.systemDefault()));
  }

  /**
   * A time such as {@code 90s}, {@code 10m}, {@code 2h}.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  static Duration span(String text) {
    if (!text.matches("[1-9][0-9]{0,6}[smh]")) {
      throw new IllegalArgumentException("\"" + text + "\" is no time: say 90s, 10m or 2h.");
    }
    return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }

  /** The name of the region with this id. */
  static String region(Topology topology, String id) {
    return topology.region(id).map(Region::name).orElse(id);
  }

  /** Node and NIC, {@code client:eth0}. */
  static String end(Topology topology, End end) {
    return topology.node(end.node()).map(Node::name).orElse(end.node()) + ":" + end.nic();
  }

  /** Who passes on between hosts that do not reach each other. */
  static String relay(String by) {
    return RelayName.of(by, "this computer");
  }

  /** The figures of a migration that succeeded, as one sentence. */
  static String migrated(MigrationProgress progress) {
    StringBuilder text = new StringBuilder();
    progress
        .downtimeMs()
        .ifPresent(ms -> text.append("It stood still for ").append(Units.milliseconds(ms)));
    progress
        .totalMs()
        .ifPresent(
            ms ->
                text.append(text.isEmpty() ? "All" : "; all")
                    .append(" took ")
                    .append(Units.milliseconds(ms)));
    text.append(text.isEmpty() ? "It took " : " in ")
        .append(progress.pass())
        .append(progress.pass() == 1 ? " pass, " : " passes, ");
    text.append(Units.bytes(progress.transferred())).append(" transferred");
    progress.relayedBy().ifPresent(by -> text.append(", relayed by ").append(relay(by)));
    return text.append(".").toString();
  }
}
