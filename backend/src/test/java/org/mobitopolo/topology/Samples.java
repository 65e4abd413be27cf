// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Topologies for tests. */
public final class Samples {

  private Samples() {}

  /**
   * Two regions with a distance between them, a machine in each, a switch in none, one link, one
   * note; every field is used.
   */
  public static Topology full() {
    Map<String, String> env = new LinkedHashMap<>();
    env.put("ZONE", "a \"quoted\" value");
    env.put("ANSWER", "42");
    VirtualMachine client =
        VirtualMachine.create("client", "client", new Point(80, 90.5))
            .withSymbol(Symbol.CLIENT)
            .withRegion(Optional.of("tokyo"))
            .withImage("small")
            .withMemory(Size.ofMiB(96))
            .withStartup("#!/bin/sh\necho ready\n\nexit 0\n")
            .withEnv(env)
            .withForward(true)
            .withNics(
                List.of(
                    new Nic(
                        "eth0",
                        "02:00:00:00:00:01",
                        List.of(Cidr.parse("10.0.1.2/24"), Cidr.parse("fd00:1::2/64"))),
                    new Nic("eth1", "02:00:00:00:00:02", List.of())))
            .withRoutes(
                List.of(
                    Route.parse("default", Cidr.parseAddress("10.0.1.1")),
                    Route.parse("fd00:9::/32", Cidr.parseAddress("fd00:1::1"))));
    VirtualMachine server =
        VirtualMachine.create("server", "server", new Point(480, 90))
            .withRegion(Optional.of("florida"))
            .withStartup("echo no line feed at the end")
            .withNics(
                List.of(new Nic("eth0", "02:00:00:00:00:03", List.of(Cidr.parse("10.0.1.1/24")))));
    Switch hub =
        new Switch(
            "hub",
            "hub",
            Optional.empty(),
            new Point(300, -40),
            List.of(new Nic("port0", "02:00:00:00:00:04", List.of())));
    Impairment bad =
        new Impairment(
            Duration.ofMillis(85),
            Duration.ofNanos(250_000),
            Distribution.PARETO,
            0.005,
            3.5,
            0.01,
            0.02,
            0.000001,
            Rate.parse("8Mbit"),
            Size.parse("64KiB"));
    return new Topology(
        "6f1d1c5e-3a7e-4f0c-9d59-0c5f6e1f2a3b",
        "Everything",
        List.of(
            new Region("tokyo", "Tokyo", HostUrl.LOCAL, new Bounds(0, 0, 400, 300), "blue"),
            new Region(
                "florida",
                "Florida",
                HostUrl.parse("ssh://ann@example.org:2201/home/ann/lab"),
                new Bounds(420, 0, 400, 300),
                "orange")),
        List.of(new Wan("tokyo", "florida", Duration.ofMillis(85), Rate.parse("8Mbit"))),
        List.of(client, server, hub),
        List.of(
            new Link(
                "l1",
                new End("client", "eth0"),
                new End("server", "eth0"),
                bad,
                Impairment.NONE,
                List.of(new Point(200, 10))),
            Link.create("l2", new End("client", "eth1"), new End("hub", "port0"))),
        List.of(
            new Note("area-1", "Core", new Bounds(0, 0, 300, 200), "teal", Note.Kind.AREA),
            new Note("note-1", "Drag me\nto Florida", new Bounds(10, 320, 200, 60), "gray")));
  }
}
