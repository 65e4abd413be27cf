// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

/** Receives what a console shows. Called on a thread of its own, one call at a time. */
public interface ConsoleListener {

  /**
   * Bytes for the terminal. While this method does not return, the guest is slowed down: that is how a listener limits a flood.
   *
   * @param bytes belong to the listener
   */
  void output(byte[] bytes);

  /** The stream was connected, or connected again after the VM had moved or had been started again. Scrollback follows as output. */
  default void connected() {}

  /**
   * There is no connection now: the VM does not run, or its host does not answer. The stream connects again by itself.
   *
   * @param reason a sentence
   */
  default void disconnected(String reason) {}
}
