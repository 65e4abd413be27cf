// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.util.Optional;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/**
 * A host at one moment.
 *
 * @param phase what the connecting does now, one sentence such as "Uploading the host agent."; empty when it does nothing
 * @param facts as last measured; kept while unreachable
 * @param failure why it is unreachable; present exactly then
 */
public record HostState(
    HostUrl url, Status status, String phase, Optional<HostFacts> facts, Optional<LabException> failure) {

  /** Whether the host can be used. */
  public enum Status {
    /** Nobody asked for it yet. */
    IDLE,
    CONNECTING,
    CONNECTED,
    /** The last attempt failed or the connection broke; it is tried again now and then, or at once by {@link Host#retry}. */
    UNREACHABLE
  }
}
