// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import java.util.Map;
import org.mobitopolo.topology.Topology;

/**
 * A copy of a lab.
 *
 * @param number from 1
 * @param topology with an id and a name of its own
 * @param parameters by name, in their order
 */
public record Copy(int number, Topology topology, Map<String, String> parameters) {}
