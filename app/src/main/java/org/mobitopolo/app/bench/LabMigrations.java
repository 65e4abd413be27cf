// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.migration.MigrationProgress;

/**
 * Migrations of VMs of ours. {@link BenchLabs#RIGHT} moves there and back between the regions, sends a datagram to {@link BenchLabs#LEFT} each millisecond, and
 * both exchange a checked TCP stream. The gap is the longest time without a datagram that LEFT saw around a migration; the downtime is what the hosts report.
 */
final class LabMigrations {
  private static final String PROBE_PORT = "4001";
  private static final int STREAM_BYTES_A_SECOND = 20_000;

  /** The probe runs for so long before and after each migration. */
  private static final long CALM_MS = 400;

  private final Session session;
  private final Lab lab;
  private final GuestProgram stream;
  private final GuestProgram probe;
  private final GuestProgram load;
  private long sent;
  private long lost;
  private CheckedStream.Verdict verdict = new CheckedStream.Verdict("ok 0");

  /** Of a lab made by {@link BenchLabs#pair} whose VMs run, with the programs in both. */
  LabMigrations(Session session, Lab lab, GuestProgram stream, GuestProgram probe, GuestProgram load) {
    this.session = session;
    this.lab = lab;
    this.stream = stream;
    this.probe = probe;
    this.load = load;
  }

  /** Measures so many migrations; each is given to {@code each} as soon as it has ended. */
  void measure(MigrationCase measured, int count, Consumer<MigrationCase.Sample> each) throws IOException, InterruptedException, CliException {
    lab.update(topology -> topology.withWans(measured.network().wans(BenchLabs.HERE, BenchLabs.THERE)));
    session.follow(lab.settle());
    List<String> writing = measured.dirty() == 0 ? List.of() : List.of(BenchLabs.RIGHT);
    try (GuestProgram.Running watch = probe.start(lab, BenchLabs.LEFT, "watch", PROBE_PORT)) {
      Bench.expect(watch, "listening");
      try (Writers _ = new Writers(lab, load, writing, measured.workingSet(), measured.dirty());
          CheckedStream connection = CheckedStream.begin(lab, stream, BenchLabs.LEFT, BenchLabs.RIGHT, BenchLabs.RIGHT_ADDRESS, STREAM_BYTES_A_SECOND);
          GuestProgram.Running _ = probe.start(lab, BenchLabs.RIGHT, "beacon", BenchLabs.LEFT_ADDRESS, PROBE_PORT)) {
        for (int i = 0; i < count; i++) {
          each.accept(migrate(measured.network(), watch));
        }
        CheckedStream.Verdict now = connection.end();
        verdict = verdict.intact() ? now : verdict;
      }
    }
  }

  private MigrationCase.Sample migrate(NetworkPath network, GuestProgram.Running watch) throws IOException, InterruptedException {
    long pauseMs = CALM_MS + 2 * network.roundTrip().toMillis();
    String here = lab.state().vm(BenchLabs.RIGHT).region().orElse(BenchLabs.HERE);
    Thread.sleep(pauseMs);
    watch.say("before");
    watch.line();
    session.follow(lab.migrate(BenchLabs.RIGHT, here.equals(BenchLabs.HERE) ? BenchLabs.THERE : BenchLabs.HERE));
    MigrationProgress progress = lab.state().vm(BenchLabs.RIGHT).migration().orElseThrow();
    Thread.sleep(pauseMs);
    watch.say("after");
    // gap MILLISECONDS sent N lost N ...
    String[] words = watch.line().split(" ");
    sent += Long.parseLong(words[3]);
    lost += Long.parseLong(words[5]);
    return new MigrationCase.Sample(
        Double.parseDouble(words[1]), progress.downtimeMs().orElseThrow(), progress.totalMs().orElseThrow(), progress.transferred(), progress.pass());
  }

  long sent() {
    return sent;
  }

  long lost() {
    return lost;
  }

  /** Of all streams; of the first that broke, if one did. */
  CheckedStream.Verdict verdict() {
    return verdict;
  }
}
