// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.VirtualMachine;

/** The files of the tests, imported, and ways to ask about them. */
final class Labs {

  static final Path FOLDER = Path.of("src/test/resources/interchange");

  private Labs() {}

  /** Imports a file; what comes out has to be sound, and the same when it is imported again. */
  static Imported read(String file) throws ImportException {
    Imported imported = LabImport.read(FOLDER.resolve(file), Optional.empty());
    assertThat(Validator.errors(imported.topology())).isEmpty();
    assertThat(LabImport.read(FOLDER.resolve(file), Optional.empty())).isEqualTo(imported);
    return imported;
  }

  /** Imports text from a file of that name. */
  static Imported read(Path folder, String name, String text) throws Exception {
    return LabImport.read(Files.writeString(folder.resolve(name), text), Optional.empty());
  }

  static VirtualMachine machine(Imported imported, String name) {
    return (VirtualMachine) imported.topology().nodeNamed(name).orElseThrow();
  }

  static Nic nic(Imported imported, String node, String nic) {
    return imported.topology().nodeNamed(node).orElseThrow().nic(nic).orElseThrow();
  }

  static Link link(Topology topology, String node, String nic) {
    return topology
        .linkAt(new End(topology.nodeNamed(node).orElseThrow().id(), nic))
        .orElseThrow();
  }

  /** The findings about an element, each as {@code OUTCOME subject: became (reason)}. */
  static List<String> findings(Imported imported, String element) {
    return imported.findings().stream()
        .filter(finding -> finding.element().equals(element))
        .map(f -> f.outcome() + " " + f.subject() + ": " + f.became() + " (" + f.reason() + ")")
        .toList();
  }
}
