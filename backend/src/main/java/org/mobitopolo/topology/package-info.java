// SPDX-License-Identifier: Apache-2.0
/**
 * The topology: what a user wishes to have. Immutable records, their JSON, validation and queries.
 *
 * <p>A topology changes only through the edits of {@link org.mobitopolo.topology.edit}. Nothing
 * here knows hosts, windows or any other package of the program, and nothing here does I/O except
 * {@link org.mobitopolo.topology.TopologyJson}.
 */
package org.mobitopolo.topology;
