// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

/**
 * What happened to one thing of an imported file.
 *
 * @param element the node, link or interface as the file names it; the file's name for the whole
 * @param subject what of the element is meant, such as {@code kind nokia_srlinux}
 * @param became what it is now; empty when it was left out
 * @param reason why it is not just what it was; empty when it is
 */
public record Finding(
    Outcome outcome, String element, String subject, String became, String reason) {

  /** How well it came over. */
  public enum Outcome {
    /** It means the same as before. */
    MAPPED,
    /** Something like it stands in its place. */
    CHANGED,
    /** It is not in the topology. */
    LEFT_OUT
  }

  static Finding mapped(String element, String subject, String became) {
    return new Finding(Outcome.MAPPED, element, subject, became, "");
  }

  static Finding changed(String element, String subject, String became, String reason) {
    return new Finding(Outcome.CHANGED, element, subject, became, reason);
  }

  static Finding leftOut(String element, String subject, String reason) {
    return new Finding(Outcome.LEFT_OUT, element, subject, "", reason);
  }
}
