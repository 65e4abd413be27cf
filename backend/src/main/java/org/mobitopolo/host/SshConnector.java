// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchChangedHostKeyException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchRevokedHostKeyException;
import com.jcraft.jsch.JSchUnknownHostKeyException;
import com.jcraft.jsch.OpenSSHConfig;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/**
 * Opens SSH connections. ~/.ssh/config is heeded for HostName, User, Port, IdentityFile, IdentitiesOnly, HostKeyAlias and ProxyJump; what
 * the host's URL says comes first.
 */
final class SshConnector {
  private static final int CONNECT_TIMEOUT_MS = 15_000;
  private static final int ALIVE_INTERVAL_MS = 5_000;
  private static final int ALIVE_COUNT = 3;
  private static final int MAX_JUMPS = 8;
  private static final int DEFAULT_PORT = 22;

  private final SshSettings settings;
  private final HostKeyPolicy keyPolicy;
  private final Credentials credentials;
  private final ConcurrentHashMap<String, ConcurrentHashMap<String, String>> answers = new ConcurrentHashMap<>();

  SshConnector(SshSettings settings, HostKeyPolicy keyPolicy, Credentials credentials) {
    this.settings = settings;
    this.keyPolicy = keyPolicy;
    this.credentials = credentials;
  }

  /** What URL and configuration say about a host. */
  private record Target(
      String alias, String host, int port, String user, Optional<String> keyAlias, List<Path> identities, boolean identitiesOnly, List<String> jumps) {
    String account() {
      return user + "@" + host + (port == DEFAULT_PORT ? "" : ":" + port);
    }
  }

  /**
   * Connects and logs in. Waits for network and user.
   *
   * @throws LabException if that fails, with the reason
   */
  SshTransport connect(HostUrl.Ssh url) {
    List<Session> opened = new ArrayList<>();
    try {
      Session session = connect(target(url.address(), url.user(), url.port()), opened);
      opened.remove(session);
      return new SshTransport(url.displayName(), session, opened);
    } catch (LabException e) {
      opened.reversed().forEach(Session::disconnect);
      throw e;
    }
  }

  private Session connect(Target target, List<Session> opened) {
    for (String jump : target.jumps()) {
      if (opened.size() >= MAX_JUMPS) {
        throw unusable(target, "ProxyJump in " + config() + " goes through more than " + MAX_JUMPS + " hosts", null);
      }
      HostUrl.Ssh hop = (HostUrl.Ssh) HostUrl.parse(jump.startsWith("ssh://") ? jump : "ssh://" + jump);
      connect(target(hop.address(), hop.user(), hop.port()), opened);
    }
    SshLogin login =
        new SshLogin(target.account(), credentials, answers.computeIfAbsent(target.account(), account -> new ConcurrentHashMap<>()));
    try {
      Session session = prepare(target, login);
      if (!opened.isEmpty()) {
        session.setProxy(new SshJump(opened.getLast()));
      }
      session.connect(CONNECT_TIMEOUT_MS);
      session.setTimeout(0);
      opened.add(session);
      return session;
    } catch (JSchException | UncheckedIOException e) {
      throw explain(target, login, e);
    }
  }

  private Session prepare(Target target, SshLogin login) throws JSchException {
    JSch jsch = new JSch();
    jsch.setHostKeyRepository(new SshHostKeys(settings, keyPolicy));
    jsch.setIdentityRepository(new SshIdentities(settings, target.identities(), target.identitiesOnly()));
    Session session = jsch.getSession(target.user(), target.host(), target.port());
    target.keyAlias().ifPresent(session::setHostKeyAlias);
    session.setUserInfo(login);
    // "yes": an unknown key is refused unless SshHostKeys has asked and agreed; a changed one always is
    session.setConfig("StrictHostKeyChecking", "yes");
    session.setConfig("PreferredAuthentications", "publickey,keyboard-interactive,password");
    session.setServerAliveInterval(ALIVE_INTERVAL_MS);
    session.setServerAliveCountMax(ALIVE_COUNT);
    session.setDaemonThread(true);
    return session;
  }

  private Path config() {
    return settings.sshFolder().resolve("config");
  }

  private Target target(String alias, Optional<String> user, OptionalInt port) {
    ConfigRepository.Config entry = entry(alias);
    if (entry.getValue("ProxyCommand") != null && entry.getValue("ProxyJump") == null) {
      throw new LabException.HostUnreachable(
          alias + " can't be reached: " + config() + " asks for a ProxyCommand, which is not supported.",
          "",
          "Write ProxyJump instead.",
          null);
    }
    int configuredPort = entry.getPort();
    return new Target(
        alias,
        Optional.ofNullable(entry.getHostname()).map(name -> name.replace("%h", alias)).orElse(alias),
        port.orElse(configuredPort > 0 ? configuredPort : DEFAULT_PORT),
        user.or(() -> Optional.ofNullable(entry.getUser())).orElseGet(() -> System.getProperty("user.name")),
        Optional.ofNullable(entry.getValue("HostKeyAlias")),
        identityFiles(entry),
        "yes".equalsIgnoreCase(entry.getValue("IdentitiesOnly")),
        jumps(entry));
  }

  private ConfigRepository.Config entry(String alias) {
    try {
      OpenSSHConfig parsed = Files.isReadable(config()) ? OpenSSHConfig.parseFile(config().toString()) : OpenSSHConfig.parse("");
      return parsed.getConfig(alias);
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          config() + " can't be read: " + Printable.sentence(Printable.line(String.valueOf(e.getMessage()), 300)),
          "",
          "Mend the file or its permissions.",
          e);
    }
  }

  private List<Path> identityFiles(ConfigRepository.Config entry) {
    String[] files = entry.getValues("IdentityFile");
    return files == null
        ? List.of()
        : Arrays.stream(files)
            .map(file -> file.startsWith("~/.ssh/") ? settings.sshFolder().resolve(file.substring("~/.ssh/".length()))
                : file.startsWith("~/") ? settings.sshFolder().resolveSibling(file.substring(2))
                : settings.sshFolder().resolve(file))
            .toList();
  }

  private static List<String> jumps(ConfigRepository.Config entry) {
    String value = entry.getValue("ProxyJump");
    return value == null || value.equalsIgnoreCase("none") ? List.of() : List.of(value.strip().split("\\s*,\\s*"));
  }

  private LabException explain(Target target, SshLogin login, Exception e) {
    String reason = Printable.sentence(Printable.line(String.valueOf(e.getMessage()), 300));
    return switch (e) {
      case JSchChangedHostKeyException changed ->
          new LabException.HostKeyRefused(
              target.account() + " shows another host key than before, so it was refused. Either the host was set up anew, or somebody else"
                  + " answers in its place.",
              "Nothing was sent to it.",
              "Ask who runs the host. If the new key is right, remove the old one: ssh-keygen -R " + knownName(target) + " (and with -f "
                  + settings.knownHosts() + "), then retry.",
              changed);
      case JSchRevokedHostKeyException revoked ->
          new LabException.HostKeyRefused(
              target.account() + " shows a host key that is marked as revoked.", "Nothing was sent to it.", "Ask who runs the host.", revoked);
      case JSchUnknownHostKeyException unknown ->
          new LabException.HostKeyRefused(
              "The host key of " + target.account() + " is not known and was not accepted.",
              "Nothing was sent to it.",
              "Compare its fingerprint with what the host's owner says and accept it at the next attempt, or connect once with ssh "
                  + target.alias() + ".",
              unknown);
      default -> explainByCause(target, login, e, reason);
    };
  }

  private LabException explainByCause(Target target, SshLogin login, Exception e, String reason) {
    String message = String.valueOf(e.getMessage());
    if (message.startsWith("Auth fail") || message.startsWith("Auth cancel") || message.contains("Too many authentication failures")) {
      login.forget();
      return new LabException.LoginRefused(
          target.account() + " refused the login" + (login.asked() ? " with the password or passphrase that was given." : ": it took none of the keys."),
          "Nothing runs there because of this attempt.",
          "Check the user name, and that ssh " + target.alias() + " works; add the key to the SSH agent or to the host's authorized_keys.",
          e);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return unreachable(target, "there is no host of that name", e);
      }
      if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
        return unreachable(target, Printable.line(String.valueOf(cause.getMessage()), 200), e);
      }
    }
    if (message.contains("timeout") || message.contains("timed out")) {
      return unreachable(target, "no answer within " + CONNECT_TIMEOUT_MS / 1000 + " s", e);
    }
    return unusable(target, reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason, e);
  }

  private static LabException unreachable(Target target, String reason, Exception cause) {
    return new LabException.HostUnreachable(
        target.account() + " can't be reached on port " + target.port() + ": " + reason + ".",
        "What runs there goes on.",
        "Check the name, the network and that an SSH server listens there.",
        cause);
  }

  private static LabException unusable(Target target, String reason, Exception cause) {
    return new LabException.HostUnreachable(
        "The SSH connection to " + target.account() + " failed: " + reason + ".", "What runs there goes on.", "Check that ssh " + target.alias() + " works.", cause);
  }

  private static String knownName(Target target) {
    return target.port() == DEFAULT_PORT ? target.host() : "'[" + target.host() + "]:" + target.port() + "'";
  }
}
