// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobitopolo.host.Host;
import org.mobitopolo.topology.HostUrl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code doctor}: finds out whether hosts can run VMs, and why not. */
@Command(
    name = "doctor",
    description =
        "Check step by step whether this computer, and each HOST together with it, can run VMs:"
            + " reached, key, login, agent, CPU, memory, disk; then boot a guest on each and let"
            + " frames cross between them. Each failure is explained.")
final class DoctorCommand extends LabCommand {

  private static final int MOST_HOSTS = 16;

  @Parameters(
      paramLabel = "HOST",
      arity = "0..*",
      description = HostsCommand.FORMS + " local: is always checked.")
  private List<String> urls = List.of();

  @Option(names = "--no-guest", description = "Boot no guests.")
  private boolean noGuest;

  DoctorCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    Checkup checkup = new Checkup(this::tell);
    List<HostUrl> fit = new ArrayList<>();
    for (HostUrl url : wanted()) {
      Host host = session.hosts().host(url);
      host.connect();
      if (checkup.judge(HostsCommand.await(host))) {
        fit.add(url);
      }
    }
    if (!noGuest && !fit.isEmpty()) {
      new GuestCheck(session, checkup, fit).run();
    }
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("ok", !checkup.hasFailed());
      report.put("steps", checkup.steps().stream().map(DoctorCommand::json).toList());
      OutputOptions.printJson(out(), report);
    } else {
      out().println();
      out().println(verdict(checkup));
    }
    return checkup.hasFailed() ? CommandLineProgram.FAILED : 0;
  }

  private Set<HostUrl> wanted() throws CliException, InterruptedException {
    Set<HostUrl> wanted = new LinkedHashSet<>(Set.of(HostUrl.LOCAL));
    wanted.addAll(hosts(urls));
    if (wanted.size() > MOST_HOSTS) {
      throw new CliException("At most " + (MOST_HOSTS - 1) + " hosts can be checked at once.");
    }
    return wanted;
  }

  private void tell(Checkup.Step step) {
    if (output().json()) {
      return;
    }
    String mark =
        switch (step.verdict()) {
          case OK -> "ok";
          case WARNING -> "warning";
          case FAILED -> "FAILED";
          case SKIPPED -> "skipped";
        };
    String line =
        String.format(Locale.ROOT, "%-8s %s, %s: %s", mark, step.host(), step.name(), step.found());
    out().println(line);
    if (!step.advice().isEmpty()) {
      out().println("         -> " + step.advice());
    }
    out().flush();
  }

  private static String verdict(Checkup checkup) {
    long failed =
        checkup.steps().stream().filter(s -> s.verdict() == Checkup.Verdict.FAILED).count();
    return failed == 0
        ? "All is well: VMs can run here."
        : Findings.count(failed, "step") + " failed. Mend what the arrows say and run doctor again.";
  }

  private static Map<String, Object> json(Checkup.Step step) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("host", step.host());
    entry.put("step", step.name());
    entry.put("verdict", Words.lower(step.verdict()));
    entry.put("found", step.found());
    entry.put("advice", step.advice());
    return entry;
  }
}
