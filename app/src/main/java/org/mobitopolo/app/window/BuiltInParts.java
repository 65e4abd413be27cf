// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.app.window.palette.Part;
import org.mobitopolo.app.window.palette.StartingParts;
import org.mobitopolo.app.window.palette.Template;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.image.Image;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.AddNode;

/** The parts that the palette holds from the beginning. Pure functions. */
final class BuiltInParts {
  private static final int CLIENTS = 3;

  private BuiltInParts() {}

  static StartingParts of(Texts texts) {
    return new StartingParts(
        List.of(
            machine(texts.get("command.add-machine"), Icon.VM, Symbol.VM),
            machine(texts.get("command.add-client"), Icon.CLIENT, Symbol.CLIENT),
            machine(texts.get("command.add-server"), Icon.SERVER, Symbol.SERVER),
            new Part(
                texts.get("command.add-router"),
                texts.get("palette.router"),
                Icon.ROUTER,
                (topology, place) -> Additions.machine(topology, Symbol.ROUTER, place)),
            new Part(
                texts.get("command.add-switch"),
                texts.get("palette.switch"),
                Icon.SWITCH,
                Additions::networkSwitch),
            new Part(
                texts.get("command.add-gateway"),
                texts.get("palette.gateway"),
                Icon.GATEWAY,
                Additions::gateway)),
        List.of(
            new Part(
                texts.get("command.add-region"),
                texts.get("palette.region"),
                Icon.REGION,
                (topology, place) -> Additions.region(topology, Optional.of(place), texts)),
            new Part(
                texts.get("command.add-note"),
                "",
                Icon.NOTE,
                (topology, place) -> Additions.note(topology, place, texts)),
            new Part(
                texts.get("command.add-area"),
                texts.get("palette.area"),
                Icon.AREA,
                (topology, place) -> Additions.area(topology, place, texts))),
        BuiltInParts::machineOf,
        List.of(webServer(texts), office(texts)));
  }

  private static Part machine(String name, Icon icon, Symbol symbol) {
    return new Part(
        name, "", icon, (topology, place) -> Additions.machine(topology, symbol, place));
  }

  private static Part machineOf(Image image) {
    return new Part(
        image.name(),
        image.description(),
        Icon.VM,
        (topology, place) -> {
          VirtualMachine vm =
              (VirtualMachine) Additions.machine(topology, Symbol.VM, place).node();
          return new AddNode(
              vm.withImage(image.name())
                  .withMemory(Size.ofMiB(image.memoryMiB())));
        });
  }

  private static Template webServer(Texts texts) {
    VirtualMachine server =
        VirtualMachine.create("web", "web", new Point(0, 0))
            .withSymbol(Symbol.SERVER)
            .withStartup(
                """
                mkdir -p /srv/www
                [ -e /srv/www/index.html ] || hostname > /srv/www/index.html
                httpd -h /srv/www
                """);
    return template(texts.get("palette.web-server"), List.of(server), List.of());
  }

  /** A switch with clients around it. */
  private static Template office(Texts texts) {
    List<Node> nodes = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    List<Nic> ports = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      ports.add(new Nic("port" + i, mac(i), List.of()));
      VirtualMachine client =
          VirtualMachine.create("client" + i, "client-" + (i + 1), new Point(220 * (i - 1), 140))
              .withSymbol(Symbol.CLIENT)
              .withNics(List.of(new Nic("eth0", mac(CLIENTS + i), List.of())));
      nodes.add(client);
      links.add(
          Link.create("link" + i, new End(client.id(), "eth0"), new End("switch", "port" + i)));
    }
    nodes.addFirst(new Switch("switch", "switch", Optional.empty(), new Point(0, 0), ports));
    return template(texts.get("palette.office", CLIENTS), nodes, links);
  }

  /** Only to be told apart: copies get addresses of their own. */
  private static String mac(int number) {
    return String.format("02:00:00:00:00:%02x", number + 1);
  }

  private static Template template(String name, List<Node> nodes, List<Link> links) {
    Topology part = Topology.empty("template", name).withNodes(nodes).withLinks(links);
    return new Template(name, part, Optional.empty());
  }
}
