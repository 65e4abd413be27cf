// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.mobitopolo.fixture.Leftovers;

/** Tests of the program as somebody runs it whose home is new. What they leave there is ended and removed. */
abstract class InNewHome {

  private static final Duration PATIENCE = Duration.ofSeconds(120);

  Path home;
  Program program;

  @BeforeEach
  final void makeHome() throws Exception {
    home = Files.createTempDirectory("mobitopolo-test-");
    program = new Program(home);
  }

  @AfterEach
  final void removeEverything() {
    Leftovers.endProcessesIn(home);
    Leftovers.remove(home);
  }

  /** What a command in a VM says; it must succeed. */
  final String in(String lab, String node, String command) throws Exception {
    return ask(lab, node, command).expect(0).text();
  }

  /** Asks a VM again and again until the answer is this one; what runs in it may fail until then, as of a service that still starts. */
  final String until(String lab, String node, String command, Predicate<String> wanted) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Program.Outcome outcome = ask(lab, node, command);
    while (!wanted.test(outcome.text()) && System.nanoTime() < end) {
      Thread.sleep(500);
      outcome = ask(lab, node, command);
    }
    assertThat(outcome.text()).as("%s, which at last said: %s", command, outcome.errors()).matches(wanted);
    return outcome.text();
  }

  private Program.Outcome ask(String lab, String node, String command) throws Exception {
    return program.run("exec", lab, node, "--", "sh", "-c", command);
  }
}
