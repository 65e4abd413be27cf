// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

class MigrationsModelTest {
  private static final Topology TOPOLOGY =
      Topology.empty("lab", "Lab")
          .withRegions(
              List.of(
                  new Region("t", "Tokyo", HostUrl.LOCAL, new Bounds(0, 0, 1, 1), "blue"),
                  new Region("f", "Florida", HostUrl.LOCAL, new Bounds(0, 0, 1, 1), "blue")))
          .withNodes(List.of(VirtualMachine.create("p", "protocol", new Point(0, 0))));

  private Instant now = Instant.EPOCH;
  private final MigrationsModel model = new MigrationsModel(() -> now);

  @Test
  void showsAMigrationUnderWayWithNames() {
    model.update(TOPOLOGY, state(MigrationStatus.PASSES));
    assertThat(model.cards())
        .singleElement()
        .satisfies(
            card -> {
              assertThat(card.name()).isEqualTo("protocol");
              assertThat(card.from()).isEqualTo("Tokyo");
              assertThat(card.to()).isEqualTo("Florida");
              assertThat(card.ended()).isFalse();
            });
  }

  @Test
  void theResultStaysForAWhile() {
    model.update(TOPOLOGY, state(MigrationStatus.PASSES));
    model.update(TOPOLOGY, state(MigrationStatus.DONE));
    assertThat(model.cards()).singleElement().matches(MigrationsModel.Card::ended);
    now = now.plusSeconds(19);
    model.update(TOPOLOGY, state(MigrationStatus.DONE));
    assertThat(model.cards()).hasSize(1);
    now = now.plusSeconds(2);
    model.update(TOPOLOGY, state(MigrationStatus.DONE));
    assertThat(model.cards()).isEmpty();
  }

  @Test
  void aMigrationThatEndedBeforeAnybodyLookedIsNotShown() {
    model.update(TOPOLOGY, state(MigrationStatus.DONE));
    assertThat(model.cards()).isEmpty();
  }

  @Test
  void aResultThatWasClosedDoesNotComeBack() {
    model.update(TOPOLOGY, state(MigrationStatus.PASSES));
    model.update(TOPOLOGY, state(MigrationStatus.FAILED));
    model.dismiss(model.cards().getFirst());
    model.update(TOPOLOGY, state(MigrationStatus.FAILED));
    assertThat(model.cards()).isEmpty();
  }

  private static LabState state(MigrationStatus status) {
    MigrationProgress progress =
        new MigrationProgress(
            "m",
            "t",
            "f",
            status,
            2,
            10,
            5,
            20,
            1,
            1,
            OptionalDouble.empty(),
            0,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Optional.empty(),
            Optional.empty());
    VmState vm =
        new VmState(
            "p",
            VmStatus.MIGRATING,
            "",
            OptionalDouble.empty(),
            Optional.of("t"),
            Optional.of(HostUrl.LOCAL),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            0,
            0,
            Optional.of(progress),
            Optional.empty());
    return new LabState(Map.of("p", vm), Map.of(), Map.of());
  }
}
