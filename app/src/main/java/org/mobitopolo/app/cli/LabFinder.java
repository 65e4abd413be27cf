// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mobitopolo.app.KnownLabs;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.Validator;

/**
 * Finds the lab that an argument names: a topology file, or the name or id of a lab that hosts
 * hold. A lab that hosts hold is taken as it is there, even when a file was named, as VMs may have
 * moved since the file was written; only {@code apply} brings the file's state.
 */
final class LabFinder {

  private final Session session;

  LabFinder(Session session) {
    this.session = session;
  }

  /** Reads a topology file and refuses one with errors. */
  static Topology read(Path file) throws TopologyFormatException, CliException {
    Topology topology = TopologyJson.read(file);
    List<Problem> errors = Validator.errors(topology);
    if (!errors.isEmpty()) {
      throw new CliException(
          file
              + " can't be used as it is:\n"
              + errors.stream()
                  .map(problem -> "  " + problem.message())
                  .collect(Collectors.joining("\n"))
              + "\nMend the file and try again; nothing was changed.");
    }
    return topology;
  }

  /**
   * Finds a lab.
   *
   * @throws CliException when the argument names no lab, or several
   */
  LabTarget find(String argument)
      throws CliException, TopologyFormatException, InterruptedException {
    Path file = Path.of(argument);
    if (argument.endsWith(".json") || Files.isRegularFile(file)) {
      Topology topology = read(file);
      return held(topology).orElse(new LabTarget(topology, Optional.empty(), false)).withFile(file);
    }
    return named(argument);
  }

  /** The lab of that id as its hosts hold it, if one does. */
  Optional<LabTarget> held(Topology topology) throws InterruptedException {
    Set<HostUrl> urls = new LinkedHashSet<>();
    topology.regions().stream().map(Region::host).forEach(urls::add);
    session.surroundings().knownLabs().entries().stream()
        .filter(entry -> entry.id().equals(topology.id()))
        .map(KnownLabs.Entry::hosts)
        .forEach(urls::addAll);
    return Labs.find(session.hosts(), urls).labs().stream()
        .filter(found -> found.topology().id().equals(topology.id()))
        .findFirst()
        .map(found -> new LabTarget(found.topology(), Optional.empty(), true));
  }

  private LabTarget named(String argument) throws CliException, InterruptedException {
    KnownLabs knownLabs = session.surroundings().knownLabs();
    Set<HostUrl> likely =
        knownLabs.entries().stream()
            .filter(entry -> entry.id().equals(argument) || entry.name().equals(argument))
            .flatMap(entry -> entry.hosts().stream())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (!likely.isEmpty()) {
      List<Labs.Found> found = matching(Labs.find(session.hosts(), likely).labs(), argument);
      if (found.size() == 1) {
        return new LabTarget(found.getFirst().topology(), Optional.empty(), true);
      }
    }
    Labs.Search search = Labs.find(session.hosts(), knownLabs.hosts());
    List<Labs.Found> found = matching(search.labs(), argument);
    if (found.size() == 1) {
      return new LabTarget(found.getFirst().topology(), Optional.empty(), true);
    }
    if (found.size() > 1) {
      throw new CliException(
          found.size()
              + " labs are called \""
              + argument
              + "\". Say which one by its id: "
              + found.stream().map(lab -> lab.topology().id()).collect(Collectors.joining(", "))
              + ".");
    }
    throw new CliException(notFound(argument, search));
  }

  private static List<Labs.Found> matching(Collection<Labs.Found> labs, String argument) {
    List<Labs.Found> byId =
        labs.stream().filter(found -> found.topology().id().equals(argument)).toList();
    return byId.isEmpty()
        ? labs.stream().filter(found -> found.topology().name().equals(argument)).toList()
        : byId;
  }

  private static String notFound(String argument, Labs.Search search) {
    StringBuilder text =
        new StringBuilder("There is neither a file nor a lab called \"" + argument + "\".");
    if (search.labs().isEmpty()) {
      text.append(
          " No host that answers holds a lab; \"mobitopolo apply LAB.json\" starts one from a"
              + " file.");
    } else {
      text.append(" The hosts hold: ")
          .append(
              search.labs().stream()
                  .map(lab -> "\"" + lab.topology().name() + "\"")
                  .collect(Collectors.joining(", ")))
          .append('.');
    }
    search
        .failures()
        .forEach(
            (url, failure) ->
                text.append("\n  ")
                    .append(url.displayName())
                    .append(" could not be asked: ")
                    .append(failure.getMessage()));
    return text.toString();
  }
}
