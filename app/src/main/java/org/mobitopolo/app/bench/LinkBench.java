// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bench links}: what a link between two VMs on this computer carries. */
@Command(
    name = "links",
    description =
        "Measure the link between two VMs on this computer: TCP throughput, every byte checked, and"
            + " the round trip of a datagram each millisecond; before that a link without VMs: how"
            + " many frames it carries and how exactly it keeps delay and rate.")
final class LinkBench extends Bench {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String STREAM_PORT = "4000";
  private static final String PROBE_PORT = "4001";

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many times throughput is measured (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "4",
      description = "Length of each measurement (default: ${DEFAULT-VALUE}).")
  private int seconds;

  LinkBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    require(count >= 1 && seconds >= 1, "--count and --seconds must be at least 1.");
    return BenchLabs.pair(id, host, VirtualMachine.DEFAULT_MEMORY);
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    say(session, "A link alone.");
    WireBench wire = new WireBench();
    wire.measure(surroundings().installation().benchProgram("forward"), seconds);
    session.follow(lab.start(List.of(BenchLabs.LEFT, BenchLabs.RIGHT)));
    GuestProgram load = install(lab, "load", BenchLabs.LEFT, BenchLabs.RIGHT);
    GuestProgram probe = install(lab, "probe", BenchLabs.LEFT, BenchLabs.RIGHT);
    String[] roundTrip = roundTrip(session, lab, probe);
    Figures throughput = new Figures();
    try (GuestProgram.Running server = load.start(lab, BenchLabs.RIGHT, "serve", STREAM_PORT)) {
      if (!server.line().equals("listening")) {
        throw new CliException("The sending program in a guest could not begin.");
      }
      for (int round = 0; round < count; round++) {
        throughput.add(throughput(session, lab, load));
      }
    }
    print(throughput, roundTrip, wire);
    return 0;
  }

  /** The fields of the probe's answer: gap G sent N lost N rtt P50 P95 MAX. */
  private String[] roundTrip(Session session, Lab lab, GuestProgram probe)
      throws IOException, InterruptedException {
    say(session, "A datagram each millisecond.");
    try (GuestProgram.Running echo = probe.start(lab, BenchLabs.RIGHT, "echo", PROBE_PORT)) {
      echo.line();
      try (GuestProgram.Running prober =
          probe.start(lab, BenchLabs.LEFT, "run", BenchLabs.RIGHT_ADDRESS, PROBE_PORT)) {
        // the first datagrams wait for the peer's address
        Thread.sleep(1000);
        prober.say("begin");
        prober.line();
        Thread.sleep(seconds * 1000L);
        prober.say("end");
        return prober.line().split(" ");
      }
    }
  }

  /** Megabits a second. */
  private double throughput(Session session, Lab lab, GuestProgram load)
      throws IOException, InterruptedException, CliException {
    try (GuestProgram.Running client =
        load.start(
            lab,
            BenchLabs.LEFT,
            "stream",
            BenchLabs.RIGHT_ADDRESS,
            STREAM_PORT,
            String.valueOf(seconds))) {
      JsonNode answer = MAPPER.readTree(client.line());
      long errors = answer.path("errors").asLong(-1);
      if (errors != 0) {
        throw new CliException("The stream arrived damaged: " + answer + ".");
      }
      double megabits = answer.path("mbitPerSecond").asDouble(0);
      say(session, "TCP " + Units.bitRate(megabits * 125_000));
      return megabits;
    }
  }

  private void print(Figures throughput, String[] roundTrip, WireBench wire) {
    double[] micros = new double[3];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = Double.parseDouble(roundTrip[7 + i]);
    }
    if (output().json()) {
      Map<String, Object> times = new LinkedHashMap<>();
      times.put("p50", micros[0]);
      times.put("p95", micros[1]);
      times.put("max", micros[2]);
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("seconds", seconds);
      report.put("tcpMbitPerSecond", throughput.json());
      report.put("roundTripUs", times);
      report.put("datagrams", Long.parseLong(roundTrip[3]));
      report.put("datagramsLost", Long.parseLong(roundTrip[5]));
      report.put("linkAlone", wire.json());
      printJson(report);
    } else {
      Table table = Figures.table();
      throughput.print(table, "TCP throughput", megabits -> Units.bitRate(megabits * 125_000));
      table.row(
          "UDP round trip",
          Units.milliseconds(micros[0] / 1000),
          Units.milliseconds(micros[1] / 1000),
          Units.milliseconds(micros[2] / 1000));
      table.print(out());
      out().println("Datagrams: " + roundTrip[3] + " sent, " + roundTrip[5] + " lost.");
      out().println();
      wire.print(out());
    }
  }
}
