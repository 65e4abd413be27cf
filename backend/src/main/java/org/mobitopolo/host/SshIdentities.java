// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.Identity;
import com.jcraft.jsch.IdentityRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SSHAgentConnector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys to log in with, in the order they are offered: those that ~/.ssh/config names for the host, those of the SSH agent, the default
 * ones. Servers count attempts, so no key is offered twice.
 */
final class SshIdentities implements IdentityRepository {
  private static final Logger LOG = LoggerFactory.getLogger(SshIdentities.class);
  private static final List<String> DEFAULTS = List.of("id_ed25519", "id_ecdsa", "id_rsa");

  private final SshSettings settings;
  private final List<Path> configured;
  private final boolean configuredOnly;

  /**
   * @param configured key files that the configuration names for this host
   * @param configuredOnly whether the agent's other keys and the default keys are left out (IdentitiesOnly)
   */
  SshIdentities(SshSettings settings, List<Path> configured, boolean configuredOnly) {
    this.settings = settings;
    this.configured = configured;
    this.configuredOnly = configuredOnly;
  }

  // JSch asks for this type
  @Override
  public Vector<Identity> getIdentities() {
    Map<String, Identity> found = new LinkedHashMap<>();
    configured.forEach(file -> addFile(file, found));
    if (!configuredOnly) {
      addAgent(found);
      DEFAULTS.forEach(name -> addFile(settings.sshFolder().resolve(name), found));
    }
    return new Vector<>(found.values());
  }

  private static void addFile(Path file, Map<String, Identity> found) {
    if (!Files.isReadable(file)) {
      return;
    }
    try {
      JSch reader = new JSch();
      reader.addIdentity(file.toString());
      reader.getIdentityRepository().getIdentities().forEach(identity -> add(identity, found));
    } catch (JSchException e) {
      LOG.info("{} is not a private key that can be used: {}", file, e.getMessage());
    }
  }

  private void addAgent(Map<String, Identity> found) {
    settings
        .agentSocket()
        .filter(Files::exists)
        .ifPresent(
            socket -> {
              try {
                new AgentIdentityRepository(new SSHAgentConnector(socket)).getIdentities().forEach(identity -> add(identity, found));
              } catch (AgentProxyException e) {
                LOG.info("the SSH agent at {} does not answer: {}", socket, e.getMessage());
              }
            });
  }

  private static void add(Identity identity, Map<String, Identity> found) {
    byte[] key = identity.getPublicKeyBlob();
    found.putIfAbsent(key == null ? identity.getName() : SshHostKeys.fingerprint(key), identity);
  }

  @Override
  public String getName() {
    return "keys of the account";
  }

  @Override
  public int getStatus() {
    return RUNNING;
  }

  @Override
  public boolean add(byte[] identity) {
    return false;
  }

  @Override
  public boolean remove(byte[] blob) {
    return false;
  }

  /** Nothing to do: identities are read anew for each connection. */
  @Override
  public void removeAll() {}
}
