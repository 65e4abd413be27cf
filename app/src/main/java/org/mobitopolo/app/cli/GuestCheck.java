// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/**
 * Boots a guest on each host, lets it run a command, and lets the guests ping each other, which shows
 * whether frames cross between the hosts. The lab is its own and is removed at the end.
 */
final class GuestCheck {

  private static final int PINGS = 3;
  private static final long PATIENCE_S = 60;

  private final Session session;
  private final Checkup checkup;
  private final List<HostUrl> hosts;

  GuestCheck(Session session, Checkup checkup, List<HostUrl> hosts) {
    this.session = session;
    this.checkup = checkup;
    this.hosts = hosts;
  }

  void run() throws InterruptedException {
    String id = "doctor-" + UUID.randomUUID().toString().substring(0, 8);
    Lab lab = session.open(topology(id), Optional.empty());
    try {
      List<Integer> up = new ArrayList<>();
      for (int i = 0; i < hosts.size(); i++) {
        if (boots(lab, i)) {
          up.add(i);
        }
      }
      for (int a : up) {
        for (int b : up) {
          if (a < b) {
            pings(lab, a, b);
          }
        }
      }
    } finally {
      // what interrupted the checking must not interrupt the tidying
      boolean interrupted = Thread.interrupted();
      remove(lab, id);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void remove(Lab lab, String id) {
    try {
      session.follow(lab.destroy());
      session.surroundings().knownLabs().forget(id);
    } catch (LabException e) {
      checkup.add(
          "all hosts",
          "tidying",
          Checkup.Verdict.WARNING,
          "The guests of this check were not all removed: " + e.problem(),
          "Remove them with: mobitopolo destroy --yes " + id);
    }
  }

  private static String node(int host) {
    return "guest-" + (host + 1);
  }

  private static String nic(int host, int other) {
    return "eth" + (other < host ? other : other - 1);
  }

  private static String address(int a, int b, int end) {
    return "10." + (Math.min(a, b) + 1) + "." + (Math.max(a, b) + 1) + "." + (end == Math.min(a, b) ? 1 : 2);
  }

  /** A guest a host and a cable between each two of them. */
  private Topology topology(String id) {
    List<Region> regions = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < hosts.size(); i++) {
      Bounds bounds = new Bounds(300.0 * i, 0, 250, 200);
      String region = "host-" + (i + 1);
      regions.add(new Region(region, region, hosts.get(i), bounds, Region.DEFAULT_COLOR));
      List<Nic> nics = new ArrayList<>();
      for (int other = 0; other < hosts.size(); other++) {
        if (other != i) {
          String mac = String.format(Locale.ROOT, "02:00:00:00:%02x:%02x", i, other);
          nics.add(new Nic(nic(i, other), mac, List.of(Cidr.parse(address(i, other, i) + "/30"))));
        }
        if (other > i) {
          links.add(
              Link.create(
                  "cable-" + (i + 1) + "-" + (other + 1),
                  new End(node(i), nic(i, other)),
                  new End(node(other), nic(other, i))));
        }
      }
      nodes.add(
          VirtualMachine.create(node(i), node(i), new Point(300.0 * i + 125, 100))
              .withRegion(Optional.of(region))
              .withNics(nics));
    }
    return Topology.empty(id, id).withRegions(regions).withNodes(nodes).withLinks(links);
  }

  private boolean boots(Lab lab, int host) throws InterruptedException {
    String name = hosts.get(host).displayName();
    try {
      long began = System.nanoTime();
      session.follow(lab.start(List.of(node(host))));
      VmState state = lab.state().vm(node(host));
      if (state.status() != VmStatus.RUNNING || state.error().isPresent()) {
        checkup.add(
            name,
            Checkup.GUEST,
            Checkup.Verdict.FAILED,
            "The guest is "
                + Words.status(state.status())
                + state.error().map(error -> ": " + error).orElse("")
                + ".",
            "Look at its log: mobitopolo status tells where the lab is.");
        return false;
      }
      String kernel = command(lab, host, "uname -r").strip();
      double seconds = (System.nanoTime() - began) / 1e9;
      checkup.add(
          name,
          Checkup.GUEST,
          Checkup.Verdict.OK,
          String.format(
              Locale.ROOT,
              "A guest with Linux %s runs commands, %.1f s after it was asked for.",
              kernel,
              seconds),
          "");
      return true;
    } catch (LabException e) {
      checkup.failed(name, Checkup.GUEST, e);
    } catch (IOException e) {
      checkup.add(
          name,
          Checkup.GUEST,
          Checkup.Verdict.FAILED,
          "The guest runs, but a command in it failed: " + e.getMessage(),
          "Report this with the guest's log.");
    }
    return false;
  }

  private void pings(Lab lab, int a, int b) throws InterruptedException {
    String between = hosts.get(a).displayName() + " - " + hosts.get(b).displayName();
    try {
      String said = command(lab, a, "ping -c " + PINGS + " -W 3 " + address(a, b, b) + " 2>&1; true");
      boolean answered = said.contains(" " + PINGS + " packets received");
      String trip =
          lab.state().links().values().stream()
              .filter(link -> link.link().equals("cable-" + (a + 1) + "-" + (b + 1)))
              .flatMap(link -> link.roundTrip().stream())
              .findFirst()
              .map(time -> "; the round trip of the tunnel is " + Units.milliseconds(time.toNanos() / 1e6))
              .orElse("");
      checkup.add(
          between,
          Checkup.FRAMES,
          answered ? Checkup.Verdict.OK : Checkup.Verdict.FAILED,
          answered
              ? "Guests there reach each other" + trip + "."
              : "Guests there don't reach each other: UDP does not get through in either direction,"
                  + " or only with loss.",
          answered
              ? ""
              : "Let UDP pass between the two (any port, to one of the two is enough), or put a host"
                  + " that both reach between them.");
    } catch (LabException e) {
      checkup.failed(between, Checkup.FRAMES, e);
    } catch (IOException e) {
      checkup.add(between, Checkup.FRAMES, Checkup.Verdict.FAILED, e.getMessage(), "Try again.");
    }
  }

  private String command(Lab lab, int host, String line) throws IOException, InterruptedException {
    try (ExecStream stream = lab.exec(node(host), ExecRequest.shell(line))) {
      stream.stdin().close();
      ExecStream.Exit exit = stream.exit().get(PATIENCE_S, TimeUnit.SECONDS);
      String said = new String(stream.stdout().readAllBytes(), StandardCharsets.UTF_8);
      if (!exit.equals(new ExecStream.Exit.Status(0))) {
        throw new IOException("\"" + line + "\" ended with " + exit + ".");
      }
      return said;
    } catch (TimeoutException e) {
      throw new IOException("\"" + line + "\" did not end within " + PATIENCE_S + " s.", e);
    } catch (ExecutionException e) {
      throw new IOException("\"" + line + "\" broke off: " + e.getCause().getMessage(), e);
    }
  }
}
