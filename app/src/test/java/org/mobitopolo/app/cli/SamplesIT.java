// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.Leftovers;

/** The sample labs do what their notes say, with real virtual machines. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class SamplesIT {

  private static final Pattern SHORTEST = Pattern.compile("min/avg/max = ([0-9.]+)/");

  private Path home;
  private Program program;

  @BeforeEach
  void makeHome() throws Exception {
    home = Files.createTempDirectory("mobitopolo-samples-");
    program = new Program(home);
  }

  @AfterEach
  void removeEverything() {
    Leftovers.endProcessesIn(home);
    Leftovers.remove(home);
  }

  private void apply(String sample) throws Exception {
    Path file = home.resolve("lab.json");
    program.run("sample", sample, "-o", file.toString()).expect(0);
    program.run("apply", file.toString()).expect(0);
  }

  private String in(String lab, String node, String command) throws Exception {
    return program.run("exec", lab, node, "--", "sh", "-c", command).expect(0).text();
  }

  @Test
  void thePageOfTheThreeTiersComesFromAllOfThemAlsoWhenTheMiddleOneMoves() throws Exception {
    String lab = "three-tier-web";
    apply(lab);
    String ask =
        "for i in 1 2 3 4 5 6 7 8 9 10; do wget -q -O - http://10.1.0.1/ && break; sleep 1; done";
    assertThat(in(lab, "client", ask))
        .contains("Made by app,", "there was a server called content.");
    // only neighbours reach each other
    program
        .run("exec", lab, "client", "--", "wget", "-q", "-T", "3", "-O", "-", "http://10.3.0.2/story")
        .expect(1);
    program.run("migrate", lab, "app", "Front").expect(0);
    assertThat(in(lab, "client", ask)).contains("Made by app,", "server called content.");
  }

  @Test
  void theRouterOfTheTriangleShortensTheWayWhenItMovesToItsClient() throws Exception {
    String lab = "wan-triangle";
    apply(lab);
    String ping = "ping -c 6 10.5.2.2";
    // the emulated way through Virginia is 180 ms long, there and back 360 ms
    assertThat(shortest(in(lab, "client", ping))).isGreaterThanOrEqualTo(359);
    program.run("migrate", lab, "router", "Tokyo").expect(0);
    // now 55 ms, there and back 110 ms; a way through Virginia can't be shorter than 360 ms
    assertThat(shortest(in(lab, "client", ping))).isBetween(109.0, 359.0);
  }

  private static double shortest(String pings) {
    Matcher matcher = SHORTEST.matcher(pings);
    assertThat(matcher.find()).as(pings).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void packetsGoAroundTheIpv6RingByTheirSource() throws Exception {
    String lab = "ipv6-ring";
    apply(lab);
    assertThat(in(lab, "alice", "traceroute6 -n -w 3 -q 1 -s fd00:a::2 fd00:c::2"))
        .contains("fd00:1::2")
        .doesNotContain("fd00:4::2");
    assertThat(in(lab, "alice", "traceroute6 -n -w 3 -q 1 -s fd00:a::3 fd00:c::2"))
        .contains("fd00:4::2")
        .doesNotContain("fd00:1::2");
    assertThat(in(lab, "alice", "ping6 -c 3 -I fd00:a::3 fd00:c::2")).contains("3 packets received");
  }
}
