// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.List;
import org.mobitopolo.topology.Topology;

/**
 * What an import gave.
 *
 * @param topology has no errors; see {@link org.mobitopolo.topology.Validator}
 * @param findings in the order of the file
 */
public record Imported(Format format, Topology topology, List<Finding> findings) {

  public Imported {
    findings = List.copyOf(findings);
  }

  /** How many findings had this outcome. */
  public long count(Finding.Outcome outcome) {
    return findings.stream().filter(finding -> finding.outcome() == outcome).count();
  }
}
