// SPDX-License-Identifier: Apache-2.0
/**
 * The small, named, invertible changes of a topology, and the undo history over them. Window,
 * command line and importers change a topology through these edits only.
 */
package org.mobitopolo.topology.edit;
