// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** Says on which hosts the regions of a bundle shall lie. */
public final class Placement {
  private final Manifest manifest;
  private final Map<HostUrl, Long> free = new LinkedHashMap<>();

  /**
   * For one bundle and the hosts that may be used. Waits until they have answered.
   *
   * @throws LabException if one does not
   */
  public Placement(Manifest manifest, Hosts hosts, List<HostUrl> allowed) throws InterruptedException {
    this.manifest = manifest;
    for (HostUrl url : allowed) {
      free.put(url, Fitness.free(hosts.host(url).agent().facts()));
    }
  }

  /** The bundle's topology on hosts that are given for each region, by its id. */
  public static Topology onto(Manifest manifest, Function<Region, HostUrl> host) {
    return manifest.topology().withRegions(manifest.topology().regions().stream().map(region -> region.withHost(host.apply(region))).toList());
  }

  /**
   * The bundle's topology on the hosts that have most memory free: on one if that can take all VMs, else region by region, those together that
   * were on one host. What it takes there counts as used for the next call.
   */
  public Topology next() {
    return next(Map.of());
  }

  /**
   * As {@link #next()}, but for regions whose hosts are chosen, by their ids; when all are, no hosts need to be allowed.
   */
  public Topology next(Map<String, HostUrl> chosen) {
    if (manifest.topology().regions().stream().allMatch(region -> chosen.containsKey(region.id()))) {
      return onto(manifest, region -> chosen.get(region.id()));
    }
    Topology spread = spread();
    return spread.withRegions(spread.regions().stream().map(region -> region.withHost(chosen.getOrDefault(region.id(), region.host()))).toList());
  }

  /** Bytes of memory that a host could give to VMs. */
  public static long free(HostFacts facts) {
    return Fitness.free(facts);
  }

  private Topology spread() {
    Map<Integer, Long> needs = new HashMap<>();
    manifest.places().values().forEach(place -> needs.put(place, 0L));
    manifest.machines().forEach(machine -> needs.merge(manifest.places().get(machine.region()), Fitness.need(machine.head()), Long::sum));
    long all = needs.values().stream().mapToLong(Long::longValue).sum();
    HostUrl emptiest = emptiest();
    if (free.get(emptiest) >= all) {
      free.merge(emptiest, -all, Long::sum);
      return onto(manifest, region -> emptiest);
    }
    Map<Integer, HostUrl> chosen = new HashMap<>();
    List<Integer> largestFirst = new ArrayList<>(needs.keySet());
    largestFirst.sort(Comparator.comparing(needs::get).reversed());
    for (int place : largestFirst) {
      HostUrl host = emptiest();
      free.merge(host, -needs.get(place), Long::sum);
      chosen.put(place, host);
    }
    return onto(manifest, region -> chosen.get(manifest.places().get(region.id())));
  }

  private HostUrl emptiest() {
    return free.keySet().stream().max(Comparator.comparing(free::get)).orElseThrow();
  }
}
