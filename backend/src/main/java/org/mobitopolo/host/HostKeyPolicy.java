// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

/**
 * Decides about the key of a host that was never met before. A key that differs from a known one is refused without asking.
 */
@FunctionalInterface
public interface HostKeyPolicy {

  /** Accepts whatever an unknown host shows, and remembers it. */
  HostKeyPolicy ACCEPT_NEW = unknown -> true;

  /** Trusts known hosts only. */
  HostKeyPolicy KNOWN_ONLY = unknown -> false;

  /**
   * The key of a host that is in no known_hosts file.
   *
   * @param host name and port as they would stand in known_hosts
   * @param keyType such as {@code ssh-ed25519}
   * @param fingerprint such as {@code SHA256:...}
   */
  record UnknownKey(String host, String keyType, String fingerprint) {}

  /** Called on a background thread, which waits; true remembers the key and goes on. */
  boolean accepts(UnknownKey unknown);
}
