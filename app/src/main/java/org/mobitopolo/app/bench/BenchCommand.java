// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.Map;
import java.util.function.Supplier;
import org.mobitopolo.app.cli.Surroundings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: the group of the benchmarks. */
@Command(
    name = BenchCommand.NAME,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Measure booting, migration, links, snapshots and copies with VMs on this computer, which"
            + " are removed at the end, or the drawing and planning of large labs.")
public final class BenchCommand implements Runnable {

  static final String NAME = "bench";

  @Spec private CommandSpec spec;

  private BenchCommand() {}

  /**
   * The command with its benchmarks, by its name.
   *
   * @param canvas shows a window when it is used
   */
  public static Map<String, Supplier<CommandLine>> in(Surroundings surroundings, CanvasMeter canvas) {
    return Map.of(NAME, () -> create(surroundings, canvas));
  }

  private static CommandLine create(Surroundings surroundings, CanvasMeter canvas) {
    return new CommandLine(new BenchCommand())
        .addSubcommand(new BootBench(surroundings))
        .addSubcommand(new MigrationBench(surroundings))
        .addSubcommand(new FaultsBench(surroundings))
        .addSubcommand(new LinkBench(surroundings))
        .addSubcommand(new SnapshotBench(surroundings))
        .addSubcommand(new ReplicateBench(surroundings))
        .addSubcommand(new CanvasBench(surroundings, canvas))
        .addSubcommand(new ReconcileBench(surroundings))
        .addSubcommand(new AllBench(surroundings, canvas));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to measure: boot, migrate, faults, links, snapshot, replicate, canvas, reconcile or all.");
  }
}
