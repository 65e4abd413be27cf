// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.mobitopolo.topology.HostUrl;

/** All hosts of this program: one connection each, opened on demand, kept, and opened again when it breaks. Thread-safe. */
public final class Hosts implements AutoCloseable {
  private final NativeParts nativeParts;
  private final SshConnector ssh;
  private final Map<HostUrl, Host> hosts = new LinkedHashMap<>();
  private final List<Consumer<HostState>> listeners = new CopyOnWriteArrayList<>();
  private AgentParts agentParts;

  /**
   * Opens nothing yet.
   *
   * @param parts what is uploaded to hosts
   * @param keyPolicy decides about unknown host keys
   * @param credentials asks for passphrases and passwords
   */
  public Hosts(NativeParts parts, SshSettings settings, HostKeyPolicy keyPolicy, Credentials credentials) {
    this.nativeParts = parts;
    this.ssh = new SshConnector(settings, keyPolicy, credentials);
  }

  /** What is uploaded to hosts. */
  public NativeParts parts() {
    return nativeParts;
  }

  /** The host of that URL; made known if it was not. Does not connect. */
  public Host host(HostUrl url) {
    synchronized (hosts) {
      return hosts.computeIfAbsent(url, key -> new Host(key, this::agentParts, ssh, this::stateChanged));
    }
  }

  /** All hosts that were asked for so far. */
  public List<Host> known() {
    synchronized (hosts) {
      return List.copyOf(hosts.values());
    }
  }

  /** Hears of each change of any host's state, on background threads. */
  public void addListener(Consumer<HostState> listener) {
    listeners.add(listener);
  }

  public void removeListener(Consumer<HostState> listener) {
    listeners.remove(listener);
  }

  /** Closes all connections. VMs go on running. */
  @Override
  public void close() {
    known().forEach(Host::close);
  }

  /** Read and hashed when the first host needs it. */
  private synchronized AgentParts agentParts() {
    if (agentParts == null) {
      agentParts = AgentParts.of(nativeParts);
    }
    return agentParts;
  }

  private void stateChanged(HostState state) {
    listeners.forEach(listener -> listener.accept(state));
  }
}
