// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import org.mobitopolo.host.Agent;

/**
 * A VM's part of a snapshot, on its host.
 *
 * @param node id of the VM's node
 * @param name of the VM
 * @param agent of the host that keeps the part
 * @param instance the VM's incarnation there
 */
record Part(String node, String name, Agent agent, String instance) {}
