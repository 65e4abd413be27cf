// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.mobitopolo.topology.Topology;

/**
 * The lab a command is about.
 *
 * @param topology of the lab as the hosts hold it, or the file's where no host holds it
 * @param file the file that was named, if one was
 * @param known whether a host holds it
 */
record LabTarget(Topology topology, Optional<Path> file, boolean known) {

  LabTarget withFile(Path newFile) {
    return new LabTarget(topology, Optional.of(newFile), known);
  }
}
