// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import java.security.SecureRandom;
import java.util.Base64;

/** A secret of 32 bytes that two supervisors share, for a link or a migration. Lives in memory only and never prints. */
public final class SharedKey {
  private static final int BYTES = 32;

  private final byte[] key = new byte[BYTES];

  /** A new key. */
  public SharedKey() {
    new SecureRandom().nextBytes(key);
  }

  /** As the agent protocol wants it. */
  public String base64() {
    return Base64.getEncoder().encodeToString(key);
  }

  @Override
  public String toString() {
    return "a shared key";
  }
}
