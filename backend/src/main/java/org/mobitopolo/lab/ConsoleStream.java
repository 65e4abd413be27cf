// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

/**
 * A terminal at a VM's console. Follows the VM through migrations and restarts until it is closed. No method waits for I/O. Thread-safe.
 */
public interface ConsoleStream extends AutoCloseable {

  /** Queues bytes for the guest; what is written while there is no connection is dropped. */
  void write(byte[] bytes);

  /** Tells the guest the size of the terminal; remembered for later connections. */
  void resize(int rows, int columns);

  boolean connected();

  @Override
  void close();
}
