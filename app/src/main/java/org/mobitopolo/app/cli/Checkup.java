// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/**
 * Judges one host: whether it is reached, and whether it has what VMs need. Each step is told as soon
 * as it is known.
 */
final class Checkup {

  /** How a step went. */
  enum Verdict {
    OK,
    /** VMs will run, but not as well as they could. */
    WARNING,
    FAILED,
    /** An earlier step failed. */
    SKIPPED
  }

  /**
   * One step.
   *
   * @param host the host as people write it; two of them for a step between hosts
   * @param found what was found, a sentence
   * @param advice what to do, a sentence; empty when nothing is to be done
   */
  record Step(String host, String name, Verdict verdict, String found, String advice) {}

  static final String GUEST = "guest";
  static final String FRAMES = "frames";

  /** What programs may expect of a CPU: x86-64-v2, which images are built for. */
  private static final List<String> FEATURES =
      List.of("cx16", "lahf_lm", "pni", "popcnt", "sse4_1", "sse4_2", "ssse3");

  private static final long GUEST_BYTES = 64L << 20;
  private static final long ROOMY_BYTES = 512L << 20;
  private static final long IMAGE_BYTES = 64L << 20;
  private static final long ROOMY_DISK_BYTES = 1L << 30;

  private static final String REACHED = "reached";
  private static final String KEY = "host key";
  private static final String LOGIN = "login";
  private static final String AGENT = "host agent";

  private final List<Step> steps = new ArrayList<>();
  private final Consumer<Step> listener;

  /** A checkup whose steps are told to the listener. */
  Checkup(Consumer<Step> listener) {
    this.listener = listener;
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  boolean hasFailed() {
    return steps.stream().anyMatch(step -> step.verdict == Verdict.FAILED);
  }

  void add(String host, String name, Verdict verdict, String found, String advice) {
    Step step = new Step(host, name, verdict, found, advice);
    steps.add(step);
    listener.accept(step);
  }

  /** A step that failed with what the failure says. */
  void failed(String host, String name, LabException failure) {
    add(host, name, Verdict.FAILED, failure.problem(), failure.advice());
  }

  /**
   * Judges a host that was connected to, or could not be.
   *
   * @return whether guests can be tried on it
   */
  boolean judge(HostState state) {
    String host = state.url().displayName();
    if (state.failure().isPresent()) {
      connection(host, state.url(), state.failure().get());
      return false;
    }
    if (state.facts().isEmpty()) {
      add(
          host,
          state.url() instanceof HostUrl.Ssh ? REACHED : AGENT,
          Verdict.FAILED,
          "It did not answer within a minute; the last was: " + state.phase(),
          "Try again; if it stays so, check that ssh to it works without questions.");
      return false;
    }
    List<String> done =
        state.url() instanceof HostUrl.Ssh ? List.of(REACHED, KEY, LOGIN, AGENT) : List.of(AGENT);
    done.forEach(step -> add(host, step, Verdict.OK, ok(step), ""));
    facts(host, state.facts().orElseThrow());
    return true;
  }

  private static String ok(String step) {
    return switch (step) {
      case REACHED -> "An SSH server answers.";
      case KEY -> "Its key is the known one.";
      case LOGIN -> "It lets this account in.";
      default -> "Agent and guest kernel are in place, and the agent answers.";
    };
  }

  /** Tells which step a failed connection failed in; those after it were never tried. */
  private void connection(String host, HostUrl url, LabException failure) {
    List<String> names =
        url instanceof HostUrl.Ssh ? List.of(REACHED, KEY, LOGIN, AGENT) : List.of(AGENT);
    String failedStep =
        !(url instanceof HostUrl.Ssh)
            ? AGENT
            : switch (failure) {
              case LabException.HostUnreachable _ -> REACHED;
              case LabException.HostKeyRefused _ -> KEY;
              case LabException.LoginRefused _ -> LOGIN;
              default -> AGENT;
            };
    int at = names.indexOf(failedStep);
    for (int i = 0; i < names.size(); i++) {
      if (i < at) {
        add(host, names.get(i), Verdict.OK, ok(names.get(i)), "");
      } else if (i == at) {
        failed(host, names.get(i), failure);
      } else {
        add(host, names.get(i), Verdict.SKIPPED, "It needs the step before.", "");
      }
    }
  }

  private void facts(String host, HostFacts facts) {
    List<String> missing =
        FEATURES.stream().filter(feature -> !facts.cpuFeatures().contains(feature)).toList();
    add(
        host,
        "CPU",
        missing.isEmpty() ? Verdict.OK : Verdict.FAILED,
        missing.isEmpty()
            ? facts.cpus() + " x " + facts.cpuModel() + ", which programs for x86-64-v2 run on."
            : "The CPU lacks " + String.join(", ", missing) + ".",
        missing.isEmpty() ? "" : "Programs of images need x86-64-v2; use a host with a CPU of after 2009.");
    add(
        host,
        "fast guests",
        facts.seccomp() ? Verdict.OK : Verdict.WARNING,
        facts.seccomp()
            ? "Linux " + facts.kernel() + " runs guests in the fast seccomp mode."
            : "Linux " + facts.kernel() + " runs guests in the slower ptrace mode.",
        facts.seccomp() ? "" : "Nothing has to be done; another kernel or container may allow seccomp.");
    boolean confined = facts.seccomp() && facts.landlock() > 0;
    add(
        host,
        "confinement",
        confined ? Verdict.OK : Verdict.WARNING,
        confined
            ? "Guests are confined by seccomp and Landlock."
            : "This host has no " + (facts.seccomp() ? "Landlock" : "seccomp filters that trap") + ": who breaks out of a guest's kernel could open the account's files.",
        confined ? "" : "Linux 5.13 or newer with Landlock switched on confines guests fully.");
    room(
        host,
        "guest memory",
        facts.ramAvailable(),
        GUEST_BYTES,
        ROOMY_BYTES,
        "of tmpfs are free for guests' RAM",
        "Enlarge /dev/shm (mount -o remount,size=..., or --shm-size of a container), or remove files"
            + " there.");
    room(
        host,
        "memory",
        facts.memoryAvailable(),
        GUEST_BYTES,
        ROOMY_BYTES,
        "of memory are free",
        "Stop something there, or use another host.");
    room(
        host,
        "disk",
        facts.diskAvailable(),
        IMAGE_BYTES,
        ROOMY_DISK_BYTES,
        "of disk are free where the host folder lies",
        "Remove files, or give the region another folder: ssh://user@host/folder.");
  }

  private void room(
      String host, String name, long free, long needed, long roomy, String what, String advice) {
    Verdict verdict =
        free < needed ? Verdict.FAILED : free < roomy ? Verdict.WARNING : Verdict.OK;
    add(
        host,
        name,
        verdict,
        Units.bytes(free) + " " + what + ".",
        verdict == Verdict.OK ? "" : advice);
  }
}
