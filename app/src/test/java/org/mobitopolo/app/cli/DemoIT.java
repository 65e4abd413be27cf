// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.Leftovers;
import tools.jackson.databind.JsonNode;

/** The demonstration, with real virtual machines. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DemoIT extends InNewHome {

  @Test
  void theCopyGetsSeveralTimesAsFastAndIsNeverInterrupted() throws Exception {
    Path plot = home.resolve("plot.svg");
    JsonNode result =
        program.run("demo", "--json", "--plot", plot.toString()).expect(0).json();
    assertThat(result.get("interrupted").asBoolean()).isFalse();
    assertThat(result.get("checksumOk").asBoolean()).isTrue();
    assertThat(result.get("ratio").asDouble()).isGreaterThanOrEqualTo(6);
    // a block of 2550 bytes each 170 ms is 120 kbit/s; a loaded computer adds to the round trip
    assertThat(result.get("tokyoKbps").asDouble()).isBetween(60.0, 121.0);
    assertThat(result.get("downtimeMs").asDouble()).isPositive();
    assertThat(Files.readString(plot)).startsWith("<svg").contains("in Florida");
    assertThat(Leftovers.processesIn(home)).isEmpty();
  }

  @Test
  void withoutADisplayTheSampleIsTheDemoInTheTerminal() throws Exception {
    Program.Running running = program.start("sample");
    long end = System.nanoTime() + 60_000_000_000L;
    while (!running.errorsSoFar().contains("copies a file")) {
      assertThat(System.nanoTime()).as("waiting for the copy").isLessThan(end);
      Thread.sleep(200);
    }
    running.interrupt();
    Program.Outcome outcome = running.await();
    assertThat(outcome.status()).isEqualTo(130);
    assertThat(outcome.text()).contains("no display");
    assertThat(Leftovers.processesIn(home)).isEmpty();
  }
}
