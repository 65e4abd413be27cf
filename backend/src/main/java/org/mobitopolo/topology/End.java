// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * Where a link ends.
 *
 * @param node id of the node
 * @param nic name of the node's NIC
 */
public record End(String node, String nic) {}
