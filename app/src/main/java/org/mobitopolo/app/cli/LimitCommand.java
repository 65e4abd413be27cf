// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.host.Upkeep;
import org.mobitopolo.topology.Size;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code limit}: how much of a host VMs may take. */
@Command(
    name = "limit",
    description = {
      "Show how much memory and disk the VMs of this account may take on a host, and take; or set it.",
      "Memory counts by what VMs that run were given, disk by what disks may grow to, and what images and snapshots take. What is there stays; nothing more is let in than the limit allows."
    })
final class LimitCommand extends LabCommand {

  @Parameters(paramLabel = "HOST", description = HostsCommand.FORMS)
  private String name;

  @ArgGroup private Wish wish;

  /** What is to be set. */
  private static final class Wish {
    @ArgGroup(exclusive = false)
    private Sizes sizes;

    @Option(names = "--none", description = "Set no limits.")
    private boolean none;
  }

  /** The limits. */
  private static final class Sizes {
    @Option(
        names = "--memory",
        paramLabel = "SIZE",
        converter = Quantity.OfSize.class,
        description = "Such as 8GiB. Without it memory is not limited.")
    private Size memory;

    @Option(
        names = "--disk",
        paramLabel = "SIZE",
        converter = Quantity.OfSize.class,
        description = "Such as 50GiB. Without it disk is not limited.")
    private Size disk;
  }

  LimitCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    Upkeep upkeep = new Upkeep(session.hosts().host(host(name)).agent());
    Upkeep.Limits limits;
    if (wish == null) {
      limits = upkeep.limits();
    } else if (wish.none) {
      limits = upkeep.limit(Optional.empty(), Optional.empty());
    } else {
      limits = upkeep.limit(Optional.ofNullable(wish.sizes.memory), Optional.ofNullable(wish.sizes.disk));
    }
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("memory", limits.memory().orElse(null));
      report.put("memoryTaken", limits.memoryTaken());
      report.put("disk", limits.disk().orElse(null));
      report.put("diskTaken", limits.diskTaken());
      OutputOptions.printJson(out(), report);
    } else {
      Table table = new Table("", "TAKEN", "LIMIT");
      table.row("memory", Units.bytes(limits.memoryTaken()), limits.memory().map(Units::bytes).orElse("none"));
      table.row("disk", Units.bytes(limits.diskTaken()), limits.disk().map(Units::bytes).orElse("none"));
      table.print(out());
    }
    return 0;
  }
}
