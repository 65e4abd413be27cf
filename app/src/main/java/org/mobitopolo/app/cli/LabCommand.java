// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mobitopolo.inventory.HostSelection;
import org.mobitopolo.inventory.InventoryException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What the commands that work with hosts have in common. */
@Command
public abstract class LabCommand implements Callable<Integer> {

  @Mixin private HostOptions hostOptions;
  @Mixin private OutputOptions output;

  private final Surroundings surroundings;

  protected LabCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public final Integer call() throws Exception {
    try (Session session = new Session(surroundings, hostOptions, output)) {
      return run(session);
    }
  }

  /**
   * Does the work.
   *
   * @return the program's exit status
   */
  protected abstract int run(Session session) throws Exception;

  protected final Surroundings surroundings() {
    return surroundings;
  }

  /** The hosts that a command line names, in the forms of {@link HostSelection}. */
  protected final List<HostUrl> hosts(List<String> words) throws CliException, InterruptedException {
    try {
      return new HostSelection(
              surroundings.folders().home().resolve(".ssh/config"), surroundings.environment())
          .expand(words);
    } catch (InventoryException e) {
      throw new CliException(e.getMessage());
    }
  }

  /** The one host that a word of the command line names. */
  protected final HostUrl host(String word) throws CliException, InterruptedException {
    List<HostUrl> named = hosts(List.of(word));
    if (named.size() != 1) {
      throw new CliException("\"" + word + "\" names " + named.size() + " hosts; name one.");
    }
    return named.getFirst();
  }

  protected final OutputOptions output() {
    return output;
  }

  protected final PrintStream out() {
    return surroundings.out();
  }

  /** The node that people call by this name. */
  static Node node(Topology topology, String name) throws CliException {
    return topology
        .nodeNamed(name)
        .or(() -> topology.node(name))
        .orElseThrow(
            () ->
                new CliException(
                    "The lab \""
                        + topology.name()
                        + "\" has no node \""
                        + name
                        + "\". It has: "
                        + topology.nodes().stream().map(Node::name).collect(Collectors.joining(", "))
                        + "."));
  }

  /** The virtual machine that people call by this name. */
  static VirtualMachine machine(Topology topology, String name) throws CliException {
    Node node = node(topology, name);
    if (node instanceof VirtualMachine machine) {
      return machine;
    }
    throw new CliException("\"" + name + "\" is a " + node.kind() + ", not a virtual machine.");
  }

  /** Ids of the nodes of these names; of all when none is named. */
  static List<String> nodes(Topology topology, List<String> names) throws CliException {
    if (names.isEmpty()) {
      return topology.nodes().stream().map(Node::id).toList();
    }
    List<String> ids = new ArrayList<>();
    for (String name : names) {
      ids.add(node(topology, name).id());
    }
    return ids;
  }
}
