// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import tools.jackson.databind.JsonNode;

/**
 * What an instance's record keeps about a migration that it takes or took part in (protocols.md section 5, {@code migration} of a status).
 *
 * @param state of migration_states.h; empty if no supervisor takes part any more
 * @param source whether it gives the VM away, otherwise it takes it
 * @param other the instance at the other side; empty if that is not known yet
 * @param targetRegion where a source sends it; empty if it was not told
 * @param ready whether a target has all of the guest, so that it may be told to run it
 * @param memory whether the guest's memory is there
 */
record Handover(String state, boolean source, String other, String targetRegion, boolean ready, boolean memory) {

  static Handover parse(JsonNode migration) {
    boolean source = migration.path("role").asString("").equals("source");
    return new Handover(
        migration.path("state").asString(""),
        source,
        migration.path(source ? "targetInstance" : "sourceInstance").asString(""),
        migration.path("targetRegion").asString(""),
        migration.path("ready").asBoolean(false),
        migration.path("memory").asBoolean(true));
  }

  /** Whether it waits for a verdict: it lost the other side, or has no supervisor that could go on by itself. */
  boolean open() {
    return state.isEmpty() || state.endsWith("-unsure");
  }

  /** Whether a target can be told to run the guest. */
  boolean whole() {
    return ready && memory;
  }
}
