// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.nio.charset.StandardCharsets;

/** Numbers and limits of the state stream (protocols.md section 9). */
final class StateMessage {
  static final int PAGES = 2;
  static final int DEVICES = 4;
  static final int DIGEST = 5;
  static final int CONFIG = 32;
  static final int HEAD = 33;
  static final int END = 34;

  static final int ENCODING_ZERO = 0;
  static final int ENCODING_RAW = 1;
  static final int DEVICES_JSON = 0;
  static final int DEVICES_FRAMES = 1;

  static final int HEADER_BYTES = 4;
  static final int MAX_PAYLOAD = 320 << 10;
  static final int MOST_PAGES = 64;
  static final int RUN_BYTES = 12;

  private static final byte[] MAGIC = "MOBISTA1".getBytes(StandardCharsets.US_ASCII);

  private StateMessage() {}

  static byte[] magic() {
    return MAGIC.clone();
  }
}
