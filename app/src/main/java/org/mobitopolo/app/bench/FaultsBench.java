// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.SshSettings;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code bench faults}: a VM moves between two hosts of this computer, over a distance and under a load drawn by lot, and at a moment drawn by lot something drawn by lot
 * happens. A desktop of its own asks for each move, while this one only looks on, as a window beside {@code mobitopolo migrate} does; it decides what is left open. Afterwards
 * exactly one copy of the VM must run, as the records on the hosts say, every page of a program that stamps its memory must be as it left it, and a TCP connection of
 * the other VM must go on. Nothing of that is repaired: one VM goes through all rounds.
 */
@Command(
    name = "faults",
    description =
        "Migrate a VM between two hosts of this computer, and let something go wrong at a random"
            + " moment: a killed supervisor, agent or desktop, a host that stands still, a cancel."
            + " Afterwards exactly one VM must run, its memory intact, its connections alive.")
final class FaultsBench extends Bench {

  private static final String PORT = "5000";
  private static final String CHECKED = "/dev/shm/checked";
  private static final long SETTLE_NANOS = Duration.ofSeconds(120).toNanos();
  private static final long PROGRESS_NANOS = Duration.ofSeconds(60).toNanos();

  /** What happens. */
  private enum Fault {
    NONE,
    CANCEL,
    KILL_SOURCE,
    KILL_TARGET,
    KILL_BOTH,
    KILL_AGENTS,
    LOSE_DESKTOP,
    STALL_SOURCE,
    STALL_TARGET
  }

  /** When it happens: as soon as the migration is so far, or some time after its begin. */
  private enum Moment {
    SENDING,
    FROZEN,
    HANDED_OVER,
    SOMETIME
  }

  /** One round. */
  private record Round(Fault fault, Moment moment, String wan, int dirty, String state, String end, boolean moved, double settledMs) {}

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many rounds (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      description = "Draw the same lots as the run that printed this number.")
  private Long seed;

  private final List<Round> rounds = new ArrayList<>();
  private HostFolder here;
  private HostFolder there;
  private Random lots;

  FaultsBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    Path folder = Path.of(((HostUrl.Local) host).folder().orElseThrow());
    here = new HostFolder(folder.resolve("here"));
    there = new HostFolder(folder.resolve("there"));
    seed = seed == null ? System.nanoTime() & 0xffffff : seed;
    lots = new Random(seed);
    return BenchLabs.pair(id, host, Size.parse("64MiB"))
        .withRegions(
            List.of(
                new Region(BenchLabs.HERE, "Here", local(here), new Bounds(0, 0, 400, 300), "blue"),
                new Region(BenchLabs.THERE, "There", local(there), new Bounds(500, 0, 400, 300), "orange")));
  }

  private static HostUrl local(HostFolder host) {
    return new HostUrl.Local(Optional.of(host.folder().toString()));
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    session.follow(lab.start(List.of(BenchLabs.LEFT, BenchLabs.RIGHT)));
    GuestProgram load = install(lab, "load", BenchLabs.LEFT, BenchLabs.RIGHT);
    inGuest(lab, BenchLabs.RIGHT, "/tmp/load serve " + PORT + " > /dev/null 2>&1 & /tmp/load stamp 16 20 " + CHECKED + " > /dev/null 2>&1 & sleep 0.2");
    inGuest(lab, BenchLabs.LEFT, "ping -c 1 -W 5 " + BenchLabs.RIGHT_ADDRESS + "; /tmp/load chat " + BenchLabs.RIGHT_ADDRESS + " " + PORT + " " + CHECKED + " > /dev/null 2>&1 & sleep 0.5");
    Optional<String> violation = Optional.empty();
    for (int i = 0; i < count && violation.isEmpty(); i++) {
      violation = round(session, lab, load);
    }
    return report(violation);
  }

  /** Empty: all is well afterwards. */
  private Optional<String> round(Session session, Lab lab, GuestProgram load) throws Exception {
    Fault fault = Fault.values()[lots.nextInt(Fault.values().length)];
    Moment moment = Moment.values()[lots.nextInt(Moment.values().length)];
    long laterMs = lots.nextInt(1500);
    int dirty = List.of(0, 1, 10, 40).get(lots.nextInt(4));
    Wan wan = new Wan(BenchLabs.HERE, BenchLabs.THERE, Duration.ofMillis(lots.nextInt(120)), Rate.parse(List.of("60Mbit", "200Mbit", "1Gbit").get(lots.nextInt(3))));
    String distance = Quantities.format(wan.delay()) + " " + wan.rate();
    lab.update(topology -> topology.withWans(List.of(wan)));
    session.follow(lab.settle());
    String from = lab.state().vm(BenchLabs.RIGHT).region().orElseThrow();
    HostFolder source = from.equals(BenchLabs.HERE) ? here : there;
    HostFolder target = source == here ? there : here;
    String old = source.copies(BenchLabs.RIGHT).getFirst().instance();
    long begin = System.nanoTime();
    String state;
    String end;
    try (Mover mover = new Mover(lab.topology())) {
      GuestProgram.Running writer = dirty == 0 ? null : load.start(lab, BenchLabs.RIGHT, "dirty", "12", String.valueOf(dirty));
      Task task = mover.lab.migrate(BenchLabs.RIGHT, from.equals(BenchLabs.HERE) ? BenchLabs.THERE : BenchLabs.HERE);
      await(mover.lab, task, source, old, moment, laterMs);
      state = stateOf(source, old) + "/" + target.copies(BenchLabs.RIGHT).stream().map(HostFolder.Copy::state).findFirst().orElse("-");
      strike(fault, mover, task, source, target, old);
      end = fault == Fault.LOSE_DESKTOP ? "nobody asks" : outcome(task);
      if (writer != null) {
        writer.close();
      }
    }
    Optional<String> violation = check(lab);
    boolean moved = !source.copies(BenchLabs.RIGHT).stream().anyMatch(copy -> copy.state().equals("running"));
    rounds.add(new Round(fault, moment, distance, dirty, state, end, moved, (System.nanoTime() - begin) / 1e6));
    say(session, rounds.size() + ": " + fault + " at " + state + ", " + end + violation.map(text -> ": " + text).orElse(""));
    return violation;
  }

  private static String stateOf(HostFolder host, String instance) throws IOException {
    return host.copies(BenchLabs.RIGHT).stream().filter(copy -> copy.instance().equals(instance)).map(HostFolder.Copy::state).findFirst().orElse("gone");
  }

  private static void await(Lab lab, Task task, HostFolder source, String instance, Moment moment, long laterMs) throws Exception {
    while (!isSoFar(lab, stateOf(source, instance), moment) && !task.end().isDone()) {
      Thread.sleep(2);
    }
    if (moment == Moment.SOMETIME) {
      Thread.sleep(laterMs);
    }
  }

  /** By the source's record, where it tells: that a VM stands still is never written. */
  private static boolean isSoFar(Lab lab, String record, Moment moment) {
    boolean handedOver = record.equals("handed-over");
    return switch (moment) {
      case SENDING, SOMETIME -> handedOver || record.equals("sending");
      case FROZEN -> handedOver || lab.state().vm(BenchLabs.RIGHT).migration().filter(move -> move.status() == MigrationStatus.FROZEN).isPresent();
      case HANDED_OVER -> handedOver;
    };
  }

  private void strike(Fault fault, Mover mover, Task task, HostFolder source, HostFolder target, String old) throws Exception {
    List<Long> sources = supervisors(source, old::equals);
    List<Long> targets = supervisors(target, instance -> true);
    switch (fault) {
      case NONE -> {}
      case CANCEL -> task.cancel();
      case KILL_SOURCE -> signal("KILL", sources);
      case KILL_TARGET -> signal("KILL", targets);
      case KILL_BOTH -> signal("KILL", Stream.concat(sources.stream(), targets.stream()).toList());
      case KILL_AGENTS -> signal("KILL", agents());
      case LOSE_DESKTOP -> mover.close();
      case STALL_SOURCE -> stall(sources);
      case STALL_TARGET -> stall(targets);
    }
  }

  private static List<Long> supervisors(HostFolder host, Predicate<String> which) throws IOException {
    return host.copies(BenchLabs.RIGHT).stream()
        .filter(copy -> which.test(copy.instance()) && copy.supervised())
        .map(HostFolder.Copy::supervisor)
        .toList();
  }

  /** The agents that this program has started on both hosts, for either desktop. */
  private List<Long> agents() {
    String folder = here.folder().getParent().toString();
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().commandLine().filter(line -> line.contains(folder) && line.contains(" rpc ")).isPresent())
        .map(ProcessHandle::pid)
        .toList();
  }

  private void stall(List<Long> processes) throws Exception {
    signal("STOP", processes);
    Thread.sleep(500 + lots.nextInt(20_000));
    signal("CONT", processes);
  }

  private static void signal(String name, List<Long> processes) throws Exception {
    if (!processes.isEmpty()) {
      List<String> command = new ArrayList<>(List.of("kill", "-" + name));
      processes.forEach(process -> command.add(String.valueOf(process)));
      // one that has ended meanwhile is no failure
      new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static String outcome(Task task) throws InterruptedException {
    try {
      task.awaitSuccess();
      return "done";
    } catch (LabException.Cancelled e) {
      return "cancelled";
    } catch (LabException e) {
      return "failed";
    }
  }

  private Optional<String> check(Lab lab) throws Exception {
    long until = System.nanoTime() + SETTLE_NANOS;
    while (!oneRuns(lab)) {
      if (System.nanoTime() > until) {
        return Optional.of("not exactly one copy runs: here " + here.copies(BenchLabs.RIGHT) + ", there " + there.copies(BenchLabs.RIGHT) + "; the desktop says " + lab.state().vm(BenchLabs.RIGHT));
      }
      Thread.sleep(100);
    }
    for (String node : List.of(BenchLabs.RIGHT, BenchLabs.LEFT)) {
      Optional<String> broken = progress(lab, node);
      if (broken.isPresent()) {
        return broken;
      }
    }
    return Optional.empty();
  }

  /** By the records on both hosts, and as the desktop sees it. */
  private boolean oneRuns(Lab lab) throws IOException {
    List<HostFolder.Copy> copies = new ArrayList<>(here.copies(BenchLabs.RIGHT));
    copies.addAll(there.copies(BenchLabs.RIGHT));
    return copies.size() == 1
        && copies.getFirst().state().equals("running")
        && lab.state().vm(BenchLabs.RIGHT).status() == VmStatus.RUNNING
        && lab.state().vm(BenchLabs.RIGHT).instance().equals(Optional.of(copies.getFirst().instance()));
  }

  /** What the program in the guest says grows, and is not that something is broken. */
  private static Optional<String> progress(Lab lab, String node) throws Exception {
    long until = System.nanoTime() + PROGRESS_NANOS;
    long first = -1;
    while (System.nanoTime() < until) {
      String[] words = checked(lab, node).strip().split(" ");
      if (words.length == 2 && words[0].equals("ok")) {
        long now = Long.parseLong(words[1]);
        first = first < 0 ? now : first;
        if (now > first + 1) {
          return Optional.empty();
        }
      } else if (words.length > 2) {
        return Optional.of(node + ": " + String.join(" ", words));
      }
      Thread.sleep(50);
    }
    return Optional.of(node.equals(BenchLabs.LEFT) ? "the TCP connection stands still" : "the program that checks its memory stands still");
  }

  private static String checked(Lab lab, String node) throws InterruptedException {
    try {
      return inGuest(lab, node, "cat " + CHECKED);
    } catch (LabException | IOException e) {
      // its agent or supervisor is just coming back
      return "";
    }
  }

  private int report(Optional<String> violation) {
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("seed", seed);
      report.put("rounds", rounds.size());
      report.put("violation", violation.orElse(null));
      printJson(report);
    } else {
      Table table = new Table("FAULT", "AT", "WAN", "MB/s", "THE MOVE", "THE VM", "SETTLED");
      for (Round round : rounds) {
        table.row(
            round.fault().name().toLowerCase().replace('_', ' '),
            round.state(),
            round.wan(),
            String.valueOf(round.dirty()),
            round.end(),
            round.moved() ? "moved" : "stayed",
            String.format("%.1f s", round.settledMs() / 1000));
      }
      table.print(out());
      out().println(rounds.size() + " rounds, seed " + seed + ". " + violation.map(text -> "VIOLATION in the last one: " + text).orElse("Exactly one VM ran after each, memory and connection intact."));
    }
    return violation.isEmpty() ? 0 : CommandLineProgram.FAILED;
  }

  /** A desktop that asks for one move. */
  private final class Mover implements AutoCloseable {
    private final Hosts hosts =
        new Hosts(
            surroundings().installation().nativeParts(surroundings().folders()),
            SshSettings.ofAccount(surroundings().folders().home(), surroundings().environment()),
            HostKeyPolicy.ACCEPT_NEW,
            Credentials.NONE);
    private final Lab lab;

    Mover(Topology topology) throws InterruptedException {
      lab = Lab.open(topology, hosts, new Tasks());
      lab.awaitKnown();
    }

    @Override
    public void close() {
      lab.close();
      hosts.close();
    }
  }
}
