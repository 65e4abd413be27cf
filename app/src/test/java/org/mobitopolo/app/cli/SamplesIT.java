// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sample labs do what their notes say, with real virtual machines. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class SamplesIT extends InNewHome {

  private static final Pattern UP_TIME = Pattern.compile("\"lastPrgrsvChangeMsec\":(\\d+)");
  private static final Pattern SHORTEST = Pattern.compile("min/avg/max = ([0-9.]+)/");

  private void apply(String sample) throws Exception {
    Path file = home.resolve("lab.json");
    program.run("sample", sample, "-o", file.toString()).expect(0);
    program.run("apply", file.toString()).expect(0);
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

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void theRouterOfTheOspfRingKeepsItsNeighboursWhenItMoves() throws Exception {
    String lab = "ospf-ring";
    BuiltImages.provide(program, home, "router");
    apply(lab);
    until(lab, "north", "vtysh -c 'show ip ospf neighbor'", text -> count(text, "Full/") == 2);
    until(lab, "alice", "ping -c 1 -W 2 10.6.3.2", text -> text.contains("1 packets received"));
    long before = upTime(in(lab, "west", "vtysh -c 'show ip ospf neighbor 10.6.0.2 detail json'"));
    program.run("migrate", lab, "north", "East").expect(0);
    // of a neighbour that was lost it would begin anew
    assertThat(upTime(in(lab, "west", "vtysh -c 'show ip ospf neighbor 10.6.0.2 detail json'"))).isGreaterThanOrEqualTo(before);
    program.run("stop", lab, "north", "--grace", "0").expect(0);
    until(lab, "alice", "traceroute -n -q 1 -w 2 10.6.3.2", text -> text.contains("10.6.14.2"));
  }

  /** Milliseconds for which a neighbour has been full. */
  private static long upTime(String neighbour) {
    Matcher matcher = UP_TIME.matcher(neighbour);
    assertThat(matcher.find()).as(neighbour).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void theBgpTriangleFindsTheWayAroundAndKeepsItsSessionsWhenARouterMoves() throws Exception {
    String lab = "bgp-triangle";
    BuiltImages.provide(program, home, "router");
    apply(lab);
    String way = "traceroute -n -q 1 -w 2 -m 6 10.8.2.2";
    until(lab, "alice", way, text -> text.contains("10.8.12.2"));
    // each network is known by its direct way and by the one through the third
    assertThat(in(lab, "as1", "vtysh -c 'show bgp ipv4 unicast 10.8.2.0/24'")).contains("65003 65002", "Paths: (2 available");
    in(lab, "as1", "ip link set eth1 down");
    until(lab, "alice", way, text -> text.contains("10.8.13.2") && text.contains("10.8.2.2"));
    in(lab, "as1", "ip link set eth1 up");
    until(lab, "alice", way, text -> text.contains("10.8.12.2"));
    String established = "vtysh -c 'show bgp neighbors 10.8.13.2 json' | grep -o '\"connectionsEstablished\":[0-9]*'";
    String sessions = in(lab, "as1", established);
    program.run("migrate", lab, "as3", "Tokyo").expect(0);
    assertThat(in(lab, "as1", established)).isEqualTo(sessions).contains(":1");
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void namesAreResolvedFromTheRootDownAndThenFromTheCacheThatMovesAlong() throws Exception {
    String lab = "dns-hierarchy";
    BuiltImages.provide(program, home, "server");
    apply(lab);
    String ask = "nslookup www.acme.lab 10.9.4.53";
    until(lab, "client", ask, text -> text.contains("10.9.3.80"));
    assertThat(in(lab, "resolver", "drill -r /etc/unbound/root.hints -T www.acme.lab")).contains("ns.root.", "ns.lab.", "ns.acme.lab.");
    for (String server : new String[] {"root", "lab", "acme"}) {
      program.run("stop", lab, server, "--grace", "0").expect(0);
    }
    program.run("migrate", lab, "resolver", "Virginia").expect(0);
    // nobody else is there to tell
    assertThat(in(lab, "client", ask)).contains("10.9.3.80");
    assertThat(in(lab, "client", "nslookup mail.acme.lab 10.9.4.53 || true")).doesNotContain("10.9.3.25");
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void theImageServerServesPagesAndHasPython() throws Exception {
    BuiltImages.provide(program, home, "server");
    String lab = "three-tier-web";
    Path file = home.resolve("lab.json");
    program.run("sample", lab, "-o", file.toString()).expect(0);
    Files.writeString(file, Files.readString(file).replace("\"image\": \"small\"", "\"image\": \"server\""));
    program.run("apply", file.toString(), "--no-start").expect(0);
    program.run("start", file.toString(), "content").expect(0);
    assertThat(in(lab, "content", "nginx && echo 'from nginx' > /var/www/html/index.html && curl -s http://127.0.0.1/")).contains("from nginx");
    assertThat(in(lab, "content", "python3 -c 'print(6 * 7)'; apt-get --version; id -un www-data")).contains("42", "apt 2", "www-data");
    program.run("migrate", lab, "content", "Front").expect(0);
    assertThat(in(lab, "content", "curl -s http://127.0.0.1/")).contains("from nginx");
  }

  private static int count(String text, String word) {
    return text.split(Pattern.quote(word), -1).length - 1;
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
