// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import tools.jackson.databind.node.ObjectNode;

/** Which key a link is to have. Hosts keep keys; they never tell them, only a key's id and generation (protocols.md section 5). */
public sealed interface Keying {
  /** Writes into the {@code link} of link.set. */
  void write(ObjectNode link);

  /** The key that both ends have; an end that has another one by now refuses. */
  record Keep(String keyId) implements Keying {
    @Override
    public void write(ObjectNode link) {
      link.put("keyId", keyId);
    }
  }

  /**
   * A new one. Of two that are given at the same time both ends keep the same one.
   *
   * @param generation greater than that of the key that an end has; 1 for the first one
   */
  record Renew(SharedKey key, long generation) implements Keying {
    @Override
    public void write(ObjectNode link) {
      link.put("key", key.base64()).put("generation", generation);
    }
  }
}
