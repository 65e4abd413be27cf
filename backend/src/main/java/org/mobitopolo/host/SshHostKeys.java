// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.HostKeyRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.UserInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/**
 * Known host keys: those of OpenSSH (system and account) are read, our own file is read and written. A key that differs from a known one of
 * its type in any file is refused; an unknown one is for the {@link HostKeyPolicy} to decide.
 */
final class SshHostKeys implements HostKeyRepository {
  private static final Path SYSTEM = Path.of("/etc/ssh/ssh_known_hosts");

  private final Path own;
  private final HostKeyPolicy policy;
  private final List<HostKeyRepository> files = new ArrayList<>();

  SshHostKeys(SshSettings settings, HostKeyPolicy policy) throws JSchException {
    this.own = settings.knownHosts();
    this.policy = policy;
    for (Path file : List.of(settings.sshFolder().resolve("known_hosts"), SYSTEM, own)) {
      if (Files.isReadable(file)) {
        JSch reader = new JSch();
        reader.setKnownHosts(file.toString());
        files.add(reader.getHostKeyRepository());
      }
    }
  }

  @Override
  public int check(String host, byte[] key) {
    List<Integer> verdicts = files.stream().map(file -> file.check(host, key)).toList();
    if (verdicts.contains(CHANGED)) {
      return CHANGED;
    }
    if (verdicts.contains(OK)) {
      return OK;
    }
    try {
      HostKey shown = new HostKey(host, key);
      if (!policy.accepts(new HostKeyPolicy.UnknownKey(host, shown.getType(), fingerprint(key)))) {
        return NOT_INCLUDED;
      }
      remember(shown);
      return OK;
    } catch (JSchException e) {
      return NOT_INCLUDED;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("The key of " + host + " can't be written to " + own + ".", e);
    }
  }

  private void remember(HostKey key) throws IOException {
    Files.createDirectories(own.getParent());
    try {
      Files.createFile(own, privately());
    } catch (FileAlreadyExistsException e) {
      // by an earlier contact, or one to another host at this moment
    }
    String line = key.getHost() + " " + key.getType() + " " + key.getKey() + "\n";
    Files.write(own, line.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.APPEND);
  }

  /** For this account only; on Windows what is in a home folder is so anyway. */
  private FileAttribute<?>[] privately() {
    boolean posix = own.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))} : new FileAttribute<?>[0];
  }

  /** As {@code ssh-keygen -l} shows it. */
  static String fingerprint(byte[] key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public HostKey[] getHostKey() {
    return files.stream().map(HostKeyRepository::getHostKey).flatMap(SshHostKeys::stream).toArray(HostKey[]::new);
  }

  @Override
  public HostKey[] getHostKey(String host, String type) {
    return files.stream().map(file -> file.getHostKey(host, type)).flatMap(SshHostKeys::stream).toArray(HostKey[]::new);
  }

  private static Stream<HostKey> stream(HostKey[] keys) {
    return keys == null ? Stream.empty() : Arrays.stream(keys);
  }

  @Override
  public String getKnownHostsRepositoryID() {
    return own.toString();
  }

  /** Never called: keys are added by {@link #check}. */
  @Override
  public void add(HostKey key, UserInfo ui) {
    throw new UnsupportedOperationException("host keys are added when they are checked");
  }

  @Override
  public void remove(String host, String type) {
    throw new UnsupportedOperationException("known host keys are never removed by this program");
  }

  @Override
  public void remove(String host, String type, byte[] key) {
    throw new UnsupportedOperationException("known host keys are never removed by this program");
  }
}
