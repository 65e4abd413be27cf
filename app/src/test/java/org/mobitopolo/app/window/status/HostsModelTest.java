// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

class HostsModelTest {
  private static final HostUrl FAR = HostUrl.parse("ssh://ann@far.example.org");
  private static final Topology TOPOLOGY =
      Topology.empty("lab", "Lab")
          .withRegions(
              List.of(
                  new Region("a", "A", FAR, new Bounds(0, 0, 1, 1), "blue"),
                  new Region("b", "B", FAR, new Bounds(0, 0, 1, 1), "blue")));

  private final List<HostUrl> retried = new ArrayList<>();
  private final Notices notices = new Notices(Runnable::run, InstantSource.system());
  private final HostsModel model =
      new HostsModel(notices, Texts.in(Language.ENGLISH), retried::add);

  @Test
  void aHostOfTwoRegionsIsListedOnce() {
    show(HostState.Status.CONNECTED, Optional.empty());
    assertThat(model.hosts()).singleElement().extracting(HostState::url).isEqualTo(FAR);
  }

  @Test
  void anUnreachableHostIsToldOnceWithItsReasonAndCanBeTriedAgain() {
    LabException reason =
        new LabException.HostUnreachable(
            "far.example.org refused the connection.", "", "Start sshd there.", null);
    show(HostState.Status.UNREACHABLE, Optional.of(reason));
    show(HostState.Status.CONNECTING, Optional.empty());
    show(HostState.Status.UNREACHABLE, Optional.of(reason));
    assertThat(notices.shown()).hasSize(1);
    Notice notice = notices.shown().getFirst();
    assertThat(notice.text())
        .isEqualTo("far.example.org refused the connection. Start sshd there.");
    notice.actions().getFirst().run().run();
    assertThat(retried).containsExactly(FAR);
  }

  @Test
  void itIsToldWhenAHostAnswersAgain() {
    show(
        HostState.Status.UNREACHABLE,
        Optional.of(new LabException.HostUnreachable("No.", "", "", null)));
    show(HostState.Status.CONNECTED, Optional.empty());
    assertThat(notices.shown()).last().extracting(Notice::kind).isEqualTo(Notice.Kind.SUCCESS);
  }

  private void show(HostState.Status status, Optional<LabException> failure) {
    HostState state = new HostState(FAR, status, "", Optional.empty(), failure);
    model.update(TOPOLOGY, new LabState(Map.of(), Map.of(), Map.of("a", state, "b", state)));
  }
}
