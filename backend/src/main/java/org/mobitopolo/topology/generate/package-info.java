// SPDX-License-Identifier: Apache-2.0
/** Makes whole networks at once: rings, stars, meshes and the like, as edits. */
package org.mobitopolo.topology.generate;
