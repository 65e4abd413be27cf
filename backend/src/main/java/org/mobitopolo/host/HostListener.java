// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import org.mobitopolo.task.LabException;
import tools.jackson.databind.JsonNode;

/** Hears of one host. Called on background threads; must return soon. */
public interface HostListener {

  /** The agent answers; its events follow. Comes also at once to a listener that is added while the host is connected. */
  void connected(Agent agent);

  /** An event of protocols.md section 5, other than those of streams. */
  void event(Agent agent, JsonNode event);

  /** The connection broke, or an attempt to connect failed. */
  void disconnected(LabException reason);
}
