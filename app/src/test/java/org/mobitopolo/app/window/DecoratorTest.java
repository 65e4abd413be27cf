// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.document.DocumentStates;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.DropAdvice;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.topology.Topology;

/** What the canvas is told: live states, and what dropping nodes would do. */
class DecoratorTest {
  private static final Texts ENGLISH = Texts.in(Language.ENGLISH);

  private final Topology topology = Examples.fileServer();
  private final LabState running = Examples.running(topology);

  @Test
  void aLinkShowsItsRateAndItsShareOfTheDistancesRate() {
    Decorations decorations = Decorator.decorate(topology, running, ENGLISH);
    assertThat(decorations.link("l1").label()).isEqualTo("1.61 Mbit/s \u00b7 3 ms");
    assertThat(decorations.link("l1").loadAb()).as("1.58 of 8 Mbit/s").isBetween(0.19, 0.21);
    assertThat(decorations.link("l1").up()).isTrue();
  }

  @Test
  void aRelayedLinkSaysByWayOfWhom() {
    assertThat(Decorator.decorate(topology, running, ENGLISH).link("l2").label())
        .endsWith("\u00b7 via this computer");
  }

  @Test
  void aLinkWhoseEndDoesNotRunIsDrawnWithoutLiveState() {
    LabState state =
        Examples.with(
            running,
            Examples.vmState("client", VmStatus.STOPPED, Optional.empty(), Optional.empty()));
    assertThat(Decorator.decorate(topology, state, ENGLISH).link("l1"))
        .isEqualTo(LinkDecoration.NONE);
  }

  @Test
  void aMigrationShowsRingAndPhaseThenItsDowntime() {
    LabState moving =
        Examples.with(
            running,
            Examples.vmState(
                "protocol",
                VmStatus.MIGRATING,
                Optional.of(Examples.migrating(0.62)),
                Optional.empty()));
    var node = Decorator.decorate(topology, moving, ENGLISH).node("protocol");
    assertThat(node.state()).isEqualTo(NodeState.MIGRATING);
    assertThat(node.progress()).hasValueCloseTo(0.62, org.assertj.core.data.Offset.offset(0.01));
    assertThat(node.progressText()).isEqualTo("pass 3, 24.3 MiB left");
    LabState moved =
        Examples.with(
            running,
            Examples.vmState(
                "protocol", VmStatus.RUNNING, Optional.of(Examples.moved()), Optional.empty()));
    assertThat(Decorator.decorate(topology, moved, ENGLISH).node("protocol").result())
        .contains("24.3 ms downtime");
  }

  @Test
  void anUnreachableHostIsShownOnItsRegion() {
    LabState state = Examples.with(running, "florida", Examples.unreachable(Examples.FAR));
    assertThat(Decorator.decorate(topology, state, ENGLISH).region("florida").reachable())
        .isFalse();
    assertThat(Decorator.decorate(topology, state, ENGLISH).region("florida").trouble())
        .isNotEmpty();
    assertThat(Decorator.decorate(topology, state, ENGLISH).region("tokyo").reachable()).isTrue();
  }

  @Test
  void aRegionTellsWhatMattersOfItsHostFirst() {
    RegionDecoration florida = Decorator.decorate(topology, running, ENGLISH).region("florida");
    assertThat(florida.facts()).containsExactly("1 of 3 VMs", "RTT 171 ms", "19.6 GiB free", "8 CPUs");
    assertThat(florida.cpu()).hasValue(1.3 / 8);
    assertThat(florida.memory().orElseThrow()).isBetween(0.38, 0.39);
    RegionDecoration tokyo = Decorator.decorate(topology, running, ENGLISH).region("tokyo");
    assertThat(tokyo.facts()).as("a host that is near").containsExactly("2 of 3 VMs", "19.6 GiB free", "8 CPUs");
  }

  @Test
  void aRegionCountsTheVmsThatReallyAreInIt() {
    LabState allInTokyo =
        Examples.with(
            running,
            Examples.vmState("client", VmStatus.RUNNING, Optional.empty(), Optional.empty()));
    Decorations decorations = Decorator.decorate(topology, allInTokyo, ENGLISH);
    assertThat(decorations.region("tokyo").facts()).startsWith("3 VMs");
    assertThat(decorations.region("florida").facts()).startsWith("0 of 3 VMs");
  }

  @Test
  void droppingARunningVmElsewhereIsCalledMigrating() {
    assertThat(advise(running, "protocol", Optional.of("florida")))
        .isEqualTo(new DropAdvice(true, "Migrate protocol live to Florida, about 67 s"));
  }

  @Test
  void aStoppedVmIsJustPlaced() {
    assertThat(advise(LabState.EMPTY, "protocol", Optional.of("florida")))
        .isEqualTo(new DropAdvice(true, "Place in Florida"));
  }

  @Test
  void whatTheTargetCannotTakeIsRefusedBeforeItIsDropped() {
    LabState state = Examples.with(running, "florida", Examples.unreachable(Examples.FAR));
    assertThat(advise(state, "protocol", Optional.of("florida")))
        .isEqualTo(new DropAdvice(false, "Florida can’t be reached"));
    assertThat(advise(running, "protocol", Optional.empty()).fits()).isFalse();
  }

  @Test
  void nodesAreFoundByNameAndAddress() {
    assertThat(FindBar.matches(topology, "proto")).containsExactly("protocol");
    assertThat(FindBar.matches(topology, "10.0.1.")).containsExactly("protocol", "client");
    assertThat(FindBar.matches(topology, "florida")).containsExactly("florida");
    assertThat(FindBar.matches(topology, "nothing")).isEqualTo(List.of());
  }

  private DropAdvice advise(LabState state, String node, Optional<String> region) {
    LabDocument document =
        new LabDocument(topology, Optional.empty(), false, Runnable::run, _ -> {});
    DocumentStates.show(document, state);
    return new DropJudge(document, ENGLISH).advise(Set.of(node), region);
  }
}
