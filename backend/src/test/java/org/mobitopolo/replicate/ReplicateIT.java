// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.GuestPrograms;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.RunningLab;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.Tasks;

/** Copies of a busy lab on two real SSH hosts. */
@Timeout(300)
@Tag("long")
class ReplicateIT {
  private static final String SCRIPT =
      """
      case $rate in 2) sleep 1000 & kill -9 $$;; esac
      ping -c 1 -W 5 10.0.0.2 > /dev/null && echo reaches=yes
      echo "square=$((rate * rate))"
      echo copy=$MOBITOPOLO_COPY of=$MOBITOPOLO_COPIES
      echo seen=$(cat /tmp/seen 2> /dev/null)
      echo $MOBITOPOLO_COPY > /tmp/seen
      """;

  @TempDir Path folder;

  @Test
  void copiesRunApartEachWithItsParametersAndTheirResultsAreGathered() throws Exception {
    try (SshHosts ssh = SshHosts.start(2);
        Hosts hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE)) {
      Tasks tasks = new Tasks();
      RunningLab original = RunningLab.start(RunningLab.topology(ssh.url(0), ssh.url(1)), hosts, GuestPrograms.compile("stream"));
      Path file = folder.resolve("lab.mobitopolo");
      tasks.run("Save", new SaveLab(original.lab(), hosts, file, BundleOptions.PLAIN)).awaitSuccess();
      original.destroy();
      Map<String, List<String>> values = new LinkedHashMap<>();
      values.put("rate", List.of("1", "2", "3"));
      try (Bundle bundle = Bundle.open(file)) {
        ReplicateLab work = new ReplicateLab(bundle, 4, new ParameterGrid(values), List.of(ssh.url(0), ssh.url(1)), hosts);
        tasks.run("Replicate", work).awaitSuccess();
        Set<String> ids = new HashSet<>();
        List<RunningLab> labs = new ArrayList<>();
        for (Copy copy : work.copies()) {
          ids.add(copy.topology().id());
          labs.add(RunningLab.open(copy.topology(), hosts));
        }
        assertThat(ids).hasSize(4);
        assertThat(work.copies()).extracting(copy -> copy.topology().name()).containsExactly("Pair #1", "Pair #2", "Pair #3", "Pair #4");
        RunInCopies script = new RunInCopies(work.copies(), labs.stream().map(RunningLab::lab).toList(), new Experiment("left", SCRIPT));
        tasks.run("Run", script).awaitSuccess();
        List<CopyResult> results = script.results();
        assertThat(results).extracting(CopyResult::status).containsExactly(0, 137, 0, 0);
        assertThat(results.get(0).values()).containsEntry("reaches", "yes").containsEntry("square", "1").containsEntry("copy", "1 of=4").containsEntry("seen", "");
        assertThat(results.get(2).values()).containsEntry("square", "9");
        assertThat(results.get(3).values()).containsEntry("square", "1").containsEntry("seen", "");
        for (RunningLab lab : labs) {
          lab.assertGoesOn();
          assertThat(lab.endStream()).isPositive();
        }
        for (RunningLab lab : labs) {
          lab.destroy();
        }
      }
    }
  }
}
