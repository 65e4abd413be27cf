// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.mobitopolo.task.LabException;

/**
 * The agent's files and their name on hosts. One build of agent and guest kernel has one folder on a host, named by the content, so
 * several versions of this program may use one account at once.
 *
 * @param hash SHA-256 of both files, 64 hexadecimal digits
 */
record AgentParts(String hash, List<Part> parts) {

  /** One file. */
  record Part(String name, Path file, long bytes, String sha256) {}

  /**
   * Reads and hashes both files.
   *
   * @throws LabException.FilesUnusable if one is missing
   */
  static AgentParts of(NativeParts parts) {
    MessageDigest both = sha256();
    List<Part> read = List.of(read("mobihost", parts.mobihost(), both), read("linux", parts.linux(), both));
    return new AgentParts(HexFormat.of().formatHex(both.digest()), read);
  }

  private static Part read(String name, Path file, MessageDigest both) {
    MessageDigest own = sha256();
    try (InputStream in = Files.newInputStream(file);
        DigestOutputStream first = new DigestOutputStream(OutputStream.nullOutputStream(), own);
        DigestOutputStream second = new DigestOutputStream(first, both)) {
      long bytes = in.transferTo(second);
      return new Part(name, file, bytes, HexFormat.of().formatHex(own.digest()));
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          "The program's own file " + file + " can't be read, so no host can be prepared.",
          "",
          "Install Mobitopolo again, or build it with mvn package.",
          e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
