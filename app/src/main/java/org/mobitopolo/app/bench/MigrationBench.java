// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.Quantity;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench migrate}: a matrix of memory, load and network; with {@code --qemu} the same work on QEMU in the same run. */
@Command(
    name = "migrate",
    description =
        "Migrate a VM there and back between two regions of this computer, for each combination of memory, load and network, while it sends another VM a"
            + " datagram each millisecond and talks to it by a checked TCP stream. The gap is the longest time without a datagram that the other one saw.")
final class MigrationBench extends Bench {
  private static final List<Size> ALL_SIZES = List.of(Size.parse("64MiB"), Size.parse("256MiB"), Size.parse("1024MiB"));
  private static final List<Integer> ALL_RATES = List.of(0, 1, 10, 50);
  private static final List<NetworkPath> ALL_NETWORKS =
      List.of(NetworkPath.UNSHAPED, NetworkPath.parse("100Mbit/170ms"), NetworkPath.parse("8Mbit/170ms"));

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many migrations of each combination, there and back in turns (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "64MiB,256MiB",
      converter = Quantity.OfSize.class,
      description = "Memory of the VM, several with commas (default: ${DEFAULT-VALUE}).")
  private List<Size> memory;

  @Option(
      names = "--dirty",
      paramLabel = "MB/s",
      split = ",",
      defaultValue = "0,10",
      description = "Pages that its program writes to each second, several with commas (default: ${DEFAULT-VALUE}).")
  private List<Integer> dirty;

  @Option(
      names = "--working-set",
      paramLabel = "SIZE",
      converter = Quantity.OfSize.class,
      description = "What the program writes to, filled with what does not compress (default: a quarter of the memory).")
  private Size workingSet;

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      split = ",",
      defaultValue = "unshaped",
      converter = NetworkPath.Converter.class,
      description = "What is between the regions: unshaped, or rate and round trip such as 8Mbit/170ms; several with commas (default: ${DEFAULT-VALUE}).")
  private List<NetworkPath> networks;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "0",
      description = "So many more programs sleep in the VM; not in one of QEMU (default: ${DEFAULT-VALUE}).")
  private int processes;

  @Option(names = "--all", description = "The whole matrix: 64, 256 and 1024 MiB; 0, 1, 10 and 50 MB/s; unshaped, 100Mbit/170ms and 8Mbit/170ms.")
  private boolean all;

  @Option(
      names = "--qemu",
      arity = "0..1",
      paramLabel = "PROGRAM",
      fallbackValue = "",
      description =
          "Do the same on QEMU, version 10 or later: this program, or one that is fetched from Debian into the cache. A guest of it has only the"
              + " writing program, at least 128 MiB, and a byte each millisecond shows whether it runs; KVM is used besides TCG where guests really run on it.")
  private String qemu;

  private final List<MigrationResult> results = new ArrayList<>();
  private long sent;
  private long lost;
  private CheckedStream.Verdict verdict = new CheckedStream.Verdict("ok 0");

  MigrationBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    if (all) {
      memory = ALL_SIZES;
      dirty = ALL_RATES;
      networks = ALL_NETWORKS;
    }
    require(
        count >= 1 && processes >= 0 && dirty.stream().allMatch(rate -> rate >= 0),
        "--count must be at least 1, --processes and --dirty not negative.");
    return BenchLabs.empty(id, host);
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    Optional<Qemu> other = Optional.empty();
    if (qemu != null) {
      say(session, "Looking for QEMU.");
      other = Optional.of(Qemu.find(surroundings().installation(), qemu));
    }
    for (Size size : memory) {
      measureOurs(session, lab, size);
      if (other.isPresent()) {
        measureQemu(session, other.get(), size);
      }
    }
    report();
    return verdict.intact() ? 0 : CommandLineProgram.FAILED;
  }

  private List<MigrationCase> cases(Size size) {
    Size set = workingSet == null ? new Size(size.bytes() / 4) : workingSet;
    return dirty.stream().flatMap(rate -> networks.stream().map(network -> new MigrationCase(size, set, rate, network))).toList();
  }

  private void measureOurs(Session session, Lab lab, Size size) throws Exception {
    HostUrl host = lab.topology().regions().getFirst().host();
    lab.setTopology(BenchLabs.pair(lab.topology().id(), host, size));
    session.follow(lab.start(List.of(BenchLabs.LEFT, BenchLabs.RIGHT)));
    GuestProgram stream = install(lab, "stream", BenchLabs.LEFT, BenchLabs.RIGHT);
    GuestProgram probe = install(lab, "probe", BenchLabs.LEFT, BenchLabs.RIGHT);
    startSleepers(lab);
    LabMigrations migrations = new LabMigrations(session, lab, stream, probe, install(lab, "load", BenchLabs.RIGHT));
    for (MigrationCase each : cases(size)) {
      MigrationResult result = result(each, "Mobitopolo");
      migrations.measure(each, count, sample -> took(session, result, sample));
    }
    sent += migrations.sent();
    lost += migrations.lost();
    verdict = verdict.intact() ? migrations.verdict() : verdict;
    lab.setTopology(BenchLabs.empty(lab.topology().id(), host));
    session.follow(lab.settle());
  }

  private void startSleepers(Lab lab) throws Exception {
    String script =
        """
        for _ in $(seq %1$d); do sleep 86400 < /dev/null > /dev/null 2>&1 & done
        for _ in $(seq 100); do n=$(ps -o comm | grep -cx sleep); [ $n = %1$d ] && break; done
        echo $n
        """
            .formatted(processes);
    String started = inGuest(lab, BenchLabs.RIGHT, script).strip();
    if (!started.equals(String.valueOf(processes))) {
      throw new CliException("Of " + processes + " programs the VM runs only " + started + ". Give it more memory with --memory, or ask for fewer with --processes.");
    }
  }

  private void measureQemu(Session session, Qemu program, Size size) throws Exception {
    for (MigrationCase each : cases(size)) {
      for (QemuMigrations contender : QemuMigrations.contenders(program, each)) {
        MigrationResult result = result(each, contender.toString());
        contender.measure(count, sample -> took(session, result, sample)).ifPresent(result::failed);
      }
    }
  }

  private MigrationResult result(MigrationCase measured, String who) {
    MigrationResult result = new MigrationResult(measured, who);
    results.add(result);
    return result;
  }

  private void took(Session session, MigrationResult result, MigrationCase.Sample sample) {
    result.add(sample);
    say(
        session,
        result + ": gap " + Units.milliseconds(sample.gap()) + ", downtime " + Units.milliseconds(sample.downtime()) + ", all " + Units.milliseconds(sample.total())
            + ", " + Units.bytes(sample.bytes()) + ", " + sample.passes() + " passes");
  }

  /** Ours of the same case. */
  private MigrationResult ours(MigrationResult result) {
    return results.stream().filter(other -> other.measured().equals(result.measured())).findFirst().orElse(result);
  }

  private void report() {
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("migrations", count);
      report.put("results", results.stream().map(MigrationResult::json).toList());
      report.put("datagrams", sent);
      report.put("datagramsLost", lost);
      verdict.put(report);
      printJson(report);
      return;
    }
    Table table = MigrationResult.table();
    results.forEach(result -> result.print(table, ours(result)));
    table.print(out());
    out().println("Datagrams: " + sent + " sent around the migrations, " + lost + " lost.");
    verdict.print(out());
  }
}
