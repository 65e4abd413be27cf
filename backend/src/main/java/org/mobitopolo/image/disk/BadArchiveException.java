// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.IOException;

/** An archive is damaged, hostile or too large; the message is a part of a sentence that says how, such as "it is cut off". */
public final class BadArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  public BadArchiveException(String how) {
    super(how);
  }
}
