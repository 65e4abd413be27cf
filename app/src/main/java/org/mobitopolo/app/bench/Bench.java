// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.io.file.PathUtils;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.LabCommand;
import org.mobitopolo.app.cli.OutputOptions;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What benchmarks have in common: a lab and a host folder of their own, gone at the end. */
@Command
abstract class Bench extends LabCommand {

  @Spec private CommandSpec spec;

  Bench(Surroundings surroundings) {
    super(surroundings);
  }

  /** The lab to measure with. */
  abstract Topology topology(String id, HostUrl host);

  /**
   * Measures and prints.
   *
   * @param lab open, nothing running
   * @return the program's exit status
   */
  abstract int measure(Session session, Lab lab) throws Exception;

  @Override
  protected final int run(Session session) throws Exception {
    String id = "bench-" + UUID.randomUUID().toString().substring(0, 8);
    Path folder = Files.createTempDirectory("mobitopolo-" + id + "-");
    boolean folderNeeded = false;
    try {
      HostUrl host = new HostUrl.Local(Optional.of(folder.toString()));
      Lab lab = session.open(topology(id, host), Optional.empty());
      folderNeeded = true;
      try {
        return measure(session, lab);
      } catch (InterruptedIOException e) {
        throw (InterruptedException) new InterruptedException().initCause(e);
      } finally {
        // what interrupted the measuring must not interrupt the tidying
        Thread.interrupted();
        session.follow(lab.destroy());
        surroundings().knownLabs().forget(id);
        folderNeeded = false;
      }
    } finally {
      if (!folderNeeded) {
        tryToRemove(folder);
      }
    }
  }

  private void tryToRemove(Path folder) {
    try {
      PathUtils.deleteDirectory(folder);
    } catch (IOException e) {
      surroundings()
          .err()
          .println(
              "mobitopolo: the folder of the benchmark could not be removed: "
                  + e
                  + ". No VM uses it any more; delete it by hand: "
                  + folder);
    }
  }

  /** Refuses the command line, with a sentence, unless this holds. */
  final void require(boolean holds, String sentence) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), sentence);
    }
  }

  /** Tells the user what goes on, where progress is shown. */
  static void say(Session session, String sentence) {
    session.display().ifPresent(display -> display.say(sentence));
  }

  /** The next line of a measuring program must be this one. */
  static void expect(GuestProgram.Running program, String word) throws IOException, CliException {
    String line = program.line();
    if (!line.equals(word)) {
      throw new CliException("A measuring program in a guest could not begin: " + line + ".");
    }
  }

  /** What a script for the guest's shell prints; waits until it has ended. */
  static String inGuest(Lab lab, String node, String script) throws InterruptedException, IOException {
    try (ExecStream command = lab.exec(node, ExecRequest.shell(script))) {
      command.stdin().close();
      return new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What is done with a lab's bundle. */
  interface BundleWork<T> {
    T with(Path file) throws Exception;
  }

  /** Gives the work a file of its own, which is gone afterwards. */
  static <T> T withBundleFile(BundleWork<T> work) throws Exception {
    Path folder = Files.createTempDirectory("mobitopolo-bench-");
    try {
      return work.with(folder.resolve("lab.mobitopolo"));
    } finally {
      PathUtils.deleteDirectory(folder);
    }
  }

  /** A program of the distribution that measures inside guests, put into these nodes. */
  final GuestProgram install(Lab lab, String name, String... nodes)
      throws IOException, InterruptedException {
    Path file = surroundings().installation().benchProgram(name);
    GuestProgram program = new GuestProgram(name, Files.readAllBytes(file));
    for (String node : nodes) {
      program.install(lab, node);
    }
    return program;
  }

  final void printJson(Map<String, Object> report) {
    OutputOptions.printJson(out(), report);
  }
}
