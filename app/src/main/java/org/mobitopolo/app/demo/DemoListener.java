// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

/** Hears how the demonstration goes on. Called on background threads. */
public interface DemoListener {

  /** A new part of the demonstration begins: a sentence. */
  void phase(String sentence);

  /**
   * Something more arrived at the client.
   *
   * @param kbps rate of the last second or so, kilobits a second
   */
  void progress(Sample sample, double kbps);
}
