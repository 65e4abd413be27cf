// SPDX-License-Identifier: Apache-2.0
/**
 * Labs of other programs: reading them into a topology, and writing a topology for containerlab.
 *
 * <p>Each format has one reader. It fills a {@link org.mobitopolo.interchange.Draft}, which gives
 * out names, ids, interfaces and MAC addresses that fit our rules, and it writes a finding for each
 * element: what it became, or why it was left out. Files are taken as hostile: sizes are limited,
 * XML has no DTD, YAML has no types and few aliases, and nothing outside the lab's own folder is
 * read. docs/interchange.md has the tables of what maps to what.
 */
package org.mobitopolo.interchange;
