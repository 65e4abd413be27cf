// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.app.window.hosts.ConnectionSteps.Outcome;
import org.mobitopolo.app.window.hosts.ConnectionSteps.Step;
import org.mobitopolo.host.HostState;
import org.mobitopolo.inventory.SshConfigHosts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/** Which hosts are offered, and how far connecting to one came. */
class HostDirectoryTest {
  private static final HostUrl ANN = HostUrl.parse("ssh://ann@far.example.org");

  @TempDir private Path folder;

  @Test
  void eachHostIsListedOnceAndAddedOnesAreRemembered() {
    HostDirectory directory = new HostDirectory(new Settings(folder), HostDirectoryTest::idle);
    directory.fill(List.of(ANN, HostUrl.LOCAL), List.of(new SshConfigHosts.Entry(ANN, "")));
    assertThat(directory.entries())
        .extracting(HostDirectory.Entry::url)
        .containsExactly(HostUrl.LOCAL, ANN);
    HostUrl other = HostUrl.parse("ssh://bob@near.example.org:2022");
    directory.add(other);
    directory.add(other);
    HostDirectory later = new HostDirectory(new Settings(folder), HostDirectoryTest::idle);
    later.fill(List.of(), List.of());
    assertThat(later.entries())
        .extracting(HostDirectory.Entry::url)
        .containsExactly(HostUrl.LOCAL, other);
  }

  @Test
  void aFailureStandsAtItsStepWithAllBeforeItDone() {
    assertThat(steps(new LabException.LoginRefused("No.", "", "", null)))
        .isEqualTo(with(Step.LOGIN, Outcome.FAILED));
    assertThat(steps(new LabException.HostKeyRefused("No.", "", "", null)))
        .isEqualTo(with(Step.KEY, Outcome.FAILED));
    assertThat(
            steps(new LabException.HostUnreachable("No.", "", "", new UnknownHostException("far"))))
        .isEqualTo(with(Step.NAME, Outcome.FAILED));
    assertThat(steps(new LabException.HostUnreachable("No.", "", "", null)))
        .isEqualTo(with(Step.REACH, Outcome.FAILED));
    assertThat(steps(new LabException.HostUnfit("No.", "", "")))
        .isEqualTo(with(Step.AGENT, Outcome.FAILED));
  }

  @Test
  void theAgentsPhasesFollowTheLogin() {
    assertThat(ConnectionSteps.of(connecting("Connecting to far.")).get(Step.NAME))
        .isEqualTo(Outcome.RUNNING);
    assertThat(ConnectionSteps.of(connecting("Uploading the host agent to far.")))
        .isEqualTo(with(Step.AGENT, Outcome.RUNNING));
  }

  private static Map<Step, Outcome> steps(LabException failure) {
    return ConnectionSteps.of(
        new HostState(
            ANN, HostState.Status.UNREACHABLE, "", Optional.empty(), Optional.of(failure)));
  }

  private static HostState connecting(String phase) {
    return new HostState(
        ANN, HostState.Status.CONNECTING, phase, Optional.empty(), Optional.empty());
  }

  private static HostState idle(HostUrl url) {
    return new HostState(url, HostState.Status.IDLE, "", Optional.empty(), Optional.empty());
  }

  private static Map<Step, Outcome> with(Step at, Outcome outcome) {
    Map<Step, Outcome> steps = new EnumMap<>(Step.class);
    for (Step step : Step.values()) {
      steps.put(step, step.compareTo(at) < 0 ? Outcome.OK : Outcome.WAITING);
    }
    steps.put(at, outcome);
    return steps;
  }
}
