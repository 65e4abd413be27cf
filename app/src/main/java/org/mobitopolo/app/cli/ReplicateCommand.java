// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.replicate.Copy;
import org.mobitopolo.replicate.CopyResult;
import org.mobitopolo.replicate.Experiment;
import org.mobitopolo.replicate.ParameterGrid;
import org.mobitopolo.replicate.ReplicateLab;
import org.mobitopolo.replicate.ResultFile;
import org.mobitopolo.replicate.RunInCopies;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicate}: copies of a lab, and an experiment in each. */
@Command(
    name = "replicate",
    description =
        "Make copies of a saved or running lab that know nothing of each other: all go on from the"
            + " same moment. With --run a script runs in each, its results are gathered, and the"
            + " copies are removed at the end.")
final class ReplicateCommand extends LabCommand {

  private static final int MOST_COPIES = 1000;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "LAB|FILE|URL",
      description = "A lab that runs, or a bundle: a file that ends in .mobitopolo, or its address.")
  private String source;

  @Option(
      names = {"-n", "--copies"},
      paramLabel = "N",
      description = "How many (default: one for each combination of parameters).")
  private Integer count;

  @Option(
      names = "--param",
      paramLabel = "NAME=V1,V2,...",
      description =
          "A parameter, which the script finds in its environment. May be repeated: the copies take"
              + " the combinations in turn.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--on",
      paramLabel = "HOST",
      description =
          "Hosts to use; each copy goes where most memory is free (default: the lab's hosts, this"
              + " computer for a file).")
  private List<String> on = List.of();

  @Option(
      names = "--run",
      paramLabel = "[NODE:]SCRIPT",
      description =
          "Run this file's lines with /bin/sh in the VM NODE of each copy (default: the lab's first"
              + " VM). Lines name=value that it prints become columns.")
  private String run;

  @Option(
      names = "--collect",
      paramLabel = "FILE",
      description = "Write the results there: a table as CSV, or JSON if it ends in .json.")
  private Path collect;

  @Option(names = "--keep", description = "Do not remove the copies after --run.")
  private boolean keep;

  ReplicateCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    ParameterGrid grid = grid();
    int copies = count == null ? Math.toIntExact(Math.min(grid.combinations(), MOST_COPIES + 1)) : count;
    if (copies < 1 || copies > MOST_COPIES) {
      throw new ParameterException(
          spec.commandLine(), "There can be 1 to " + MOST_COPIES + " copies, not " + copies + ".");
    }
    if (run == null && collect != null) {
      throw new ParameterException(
          spec.commandLine(), "--collect gathers what --run gives, so it needs --run.");
    }
    if (BundleArgument.isUrl(source) || source.endsWith(Bundle.SUFFIX)) {
      try (BundleArgument argument = BundleArgument.open(session, source)) {
        return replicate(session, argument.bundle(), copies, grid, List.of(HostUrl.LOCAL));
      }
    }
    return replicateRunning(session, copies, grid);
  }

  private ParameterGrid grid() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    parameters.forEach((name, list) -> values.put(name, List.of(list.split(",", -1))));
    try {
      return new ParameterGrid(values);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  /** A lab that runs is saved first; the copies begin at that moment. */
  private int replicateRunning(Session session, int copies, ParameterGrid grid) throws Exception {
    LabTarget target = new LabFinder(session).find(source);
    Lab lab = session.open(target.topology(), target.file());
    Path folder = Files.createTempDirectory("mobitopolo-replicate-");
    Path file = folder.resolve("lab.mobitopolo");
    try {
      SaveLab save = new SaveLab(lab, session.hosts(), file, BundleOptions.PLAIN);
      session.follow(session.tasks().run("Save " + lab.topology().name(), save));
      Set<HostUrl> urls = new LinkedHashSet<>();
      lab.topology().regions().forEach(region -> urls.add(region.host()));
      try (Bundle bundle = Bundle.open(file)) {
        return replicate(session, bundle, copies, grid, List.copyOf(urls));
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private int replicate(
      Session session, Bundle bundle, int copies, ParameterGrid grid, List<HostUrl> otherwise)
      throws Exception {
    Optional<Experiment> experiment =
        run == null ? Optional.empty() : Optional.of(experiment(bundle.manifest().topology()));
    List<HostUrl> hosts = on.isEmpty() ? otherwise : hosts(on);
    ReplicateLab work = new ReplicateLab(bundle, copies, grid, hosts, session.hosts());
    String title = "Make " + copies + (copies == 1 ? " copy of " : " copies of ") + bundle.manifest().name();
    session.follow(session.tasks().run(title, work));
    List<Lab> labs = new ArrayList<>();
    if (experiment.isEmpty()) {
      open(session, work.copies(), labs);
      tell(work.copies());
      return 0;
    }
    try {
      open(session, work.copies(), labs);
      RunInCopies script = new RunInCopies(work.copies(), labs, experiment.get());
      session.follow(session.tasks().run("Run " + run, script));
      return tellResults(script.results());
    } finally {
      if (!keep) {
        remove(session, work.copies(), labs);
      }
    }
  }

  /** Opens those that are not open yet. */
  private static void open(Session session, List<Copy> copies, List<Lab> labs)
      throws InterruptedException {
    for (Copy copy : copies.subList(labs.size(), copies.size())) {
      labs.add(session.open(copy.topology(), Optional.empty()));
    }
  }

  private Experiment experiment(Topology topology) throws CliException, IOException {
    int colon = run.indexOf(':');
    VirtualMachine node =
        colon > 0
            ? machine(topology, run.substring(0, colon))
            : topology.virtualMachines().findFirst().orElseThrow();
    Path script = Path.of(run.substring(colon + 1));
    if (!Files.isReadable(script)) {
      throw new CliException("The script " + script + " can't be read; nothing was started.");
    }
    return new Experiment(node.id(), Files.readString(script));
  }

  /** Also after ^C: that asked the script to end, and copies nobody wants must not stay. */
  private void remove(Session session, List<Copy> copies, List<Lab> labs)
      throws InterruptedException {
    boolean interrupted = Thread.interrupted();
    LabException failure = null;
    open(session, copies, labs);
    List<Task> removals = labs.stream().map(Lab::destroy).toList();
    for (int i = 0; i < labs.size(); i++) {
      try {
        session.follow(removals.get(i));
        surroundings().knownLabs().forget(labs.get(i).topology().id());
      } catch (LabException e) {
        failure = e;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void tell(List<Copy> copies) {
    if (output().json()) {
      List<Object> list = new ArrayList<>();
      for (Copy copy : copies) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("copy", copy.number());
        entry.put("lab", copy.topology().id());
        entry.put("name", copy.topology().name());
        entry.put("parameters", copy.parameters());
        list.add(entry);
      }
      OutputOptions.printJson(out(), Map.of("copies", list));
      return;
    }
    Table table = new Table("COPY", "LAB", "PARAMETERS", "HOST", "ID");
    for (Copy copy : copies) {
      table.row(
          String.valueOf(copy.number()),
          copy.topology().name(),
          parameters(copy),
          copy.topology().regions().getFirst().host().displayName(),
          copy.topology().id());
    }
    table.print(out());
  }

  private static String parameters(Copy copy) {
    List<String> texts = new ArrayList<>();
    copy.parameters().forEach((name, value) -> texts.add(name + "=" + value));
    return texts.isEmpty() ? "-" : String.join(" ", texts);
  }

  private int tellResults(List<CopyResult> results) {
    if (collect != null) {
      ResultFile.write(collect, results);
    }
    boolean all = results.stream().allMatch(CopyResult::succeeded);
    if (output().json()) {
      OutputOptions.printJson(out(), Map.of("results", ResultFile.objects(results)));
    } else {
      Table table = new Table("COPY", "PARAMETERS", "STATUS", "TOOK", "RESULT");
      for (CopyResult result : results) {
        table.row(
            String.valueOf(result.copy().number()),
            parameters(result.copy()),
            String.valueOf(result.status()),
            Units.milliseconds(result.seconds() * 1000),
            summary(result));
      }
      table.print(out());
    }
    return all ? 0 : CommandLineProgram.FAILED;
  }

  /** What guests print must not reach the terminal as it is. */
  private static String summary(CopyResult result) {
    return told(result).replaceAll("\\p{Cntrl}", " ");
  }

  private static String told(CopyResult result) {
    if (!result.values().isEmpty()) {
      List<String> texts = new ArrayList<>();
      result.values().forEach((name, value) -> texts.add(name + "=" + value));
      return String.join(" ", texts);
    }
    String text = result.succeeded() ? result.output() : result.errors();
    return text.strip().lines().reduce((first, second) -> second).orElse("-");
  }
}
