// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Names a host and the folder there: {@code local:} or {@code local:/folder} for this computer,
 * {@code ssh://user@name:port/folder} for an SSH account, where all but the name is optional and
 * the name may be one of ~/.ssh/config. A folder is absolute.
 */
public sealed interface HostUrl {

  /** This computer, without SSH. */
  HostUrl LOCAL = new Local(Optional.empty());

  /**
   * The folder that holds agent, images and VMs; empty means {@code ~/.local/share/mobitopolo} of
   * the account.
   */
  Optional<String> folder();

  /** A short name for people: "this computer" or user and host. */
  String displayName();

  /** This computer. */
  record Local(Optional<String> folder) implements HostUrl {

    public Local {
      folder.ifPresent(HostUrl::checkFolder);
    }

    @Override
    public String displayName() {
      return "this computer" + folder.map(name -> " (" + name + ")").orElse("");
    }

    @Override
    public String toString() {
      return "local:" + folder.orElse("");
    }
  }

  /**
   * An account that SSH reaches.
   *
   * @param user empty means what ~/.ssh/config says, else the local user's name
   * @param host a name, an address, or an alias of ~/.ssh/config
   * @param port empty means what ~/.ssh/config says, else 22
   */
  record Ssh(Optional<String> user, String host, OptionalInt port, Optional<String> folder)
      implements HostUrl {

    private static final Pattern HOST =
        Pattern.compile(
            "[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\\[[0-9a-fA-F:.]{2,45}(?:%[A-Za-z0-9]{1,15})?]");
    private static final Pattern USER = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._+$-]{0,62})");

    public Ssh {
      if (!HOST.matcher(host).matches()) {
        throw new IllegalArgumentException(
            "\""
                + host
                + "\" is not a host name. Use letters, digits, dots, hyphens, or an IPv6 address in"
                + " brackets.");
      }
      user.ifPresent(
          name -> {
            if (!USER.matcher(name).matches()) {
              throw new IllegalArgumentException(
                  "\"" + name + "\" is not a user name of an SSH account.");
            }
          });
      port.ifPresent(
          number -> {
            if (number < 1 || number > 65535) {
              throw new IllegalArgumentException(
                  "Port " + number + " does not exist; ports go from 1 to 65535.");
            }
          });
      folder.ifPresent(HostUrl::checkFolder);
    }

    /** The name or address without the brackets of an IPv6 address. */
    public String address() {
      return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String displayName() {
      return user.map(name -> name + "@").orElse("")
          + host
          + (port.isPresent() ? ":" + port.getAsInt() : "");
    }

    @Override
    public String toString() {
      return "ssh://" + displayName() + folder.orElse("");
    }
  }

  /**
   * Reads the written form; {@link Object#toString} gives it back.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  static HostUrl parse(String text) {
    String url = text.strip();
    if (url.startsWith("local:")) {
      return new Local(optionalFolder(url.substring("local:".length())));
    }
    if (!url.startsWith("ssh://")) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is not a host. Write local: for this computer, or ssh://user@name:port for an"
              + " SSH account.");
    }
    return parseSsh(text, url.substring("ssh://".length()));
  }

  private static Ssh parseSsh(String text, String rest) {
    int slash = rest.indexOf('/');
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    int at = authority.lastIndexOf('@');
    String hostAndPort = authority.substring(at + 1);
    Optional<String> user = at < 0 ? Optional.empty() : Optional.of(authority.substring(0, at));
    if (user.filter(name -> name.indexOf(':') >= 0).isPresent()) {
      throw new IllegalArgumentException(
          "A host's URL must not hold a password. Write ssh://user@name and let the SSH agent, a"
              + " key or the password prompt do the rest.");
    }
    int colon =
        hostAndPort.startsWith("[")
            ? hostAndPort.indexOf(':', hostAndPort.indexOf(']') + 1)
            : hostAndPort.indexOf(':');
    OptionalInt port = OptionalInt.empty();
    if (colon >= 0) {
      String digits = hostAndPort.substring(colon + 1);
      if (!digits.matches("\\d{1,5}")) {
        throw new IllegalArgumentException(
            "\"" + digits + "\" in \"" + text + "\" is not a port number.");
      }
      port = OptionalInt.of(Integer.parseInt(digits));
    }
    String host = colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
    return new Ssh(user, host, port, optionalFolder(slash < 0 ? "" : rest.substring(slash)));
  }

  private static Optional<String> optionalFolder(String folder) {
    return folder.isEmpty() || folder.equals("/") ? Optional.empty() : Optional.of(folder);
  }

  private static void checkFolder(String folder) {
    if (!folder.startsWith("/")
        || folder.length() > 1024
        || folder.chars().anyMatch(c -> c < ' ' || c == 127)) {
      throw new IllegalArgumentException(
          "\"" + folder + "\" is not an absolute folder. Write for example /home/you/mobitopolo.");
    }
  }
}
