// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.hosts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.topology.HostUrl;

/**
 * The hosts that {@code ~/.ssh/config} names, to be offered by name. Only names are taken from it;
 * when a host is connected to, the SSH library reads the file itself, as OpenSSH does. Names with
 * wildcards are rules for others, and are left out; files that are included are not followed.
 */
public final class SshConfigHosts {
  private static final int MOST = 500;

  /**
   * A name of the file.
   *
   * @param detail address and jump hosts, as far as the file says, for people
   */
  public record Entry(HostUrl url, String detail) {}

  private SshConfigHosts() {}

  /** Reads the file; one that is missing or can't be read has no hosts. */
  public static List<Entry> read(Path config) {
    try {
      return Files.isReadable(config) ? parse(Files.readAllLines(config)) : List.of();
    } catch (IOException e) {
      return List
          .of(); // what it can't offer can still be typed; connecting tells what is wrong with the
                 // file
    }
  }

  static List<Entry> parse(List<String> lines) {
    Map<String, Map<String, String>> hosts = new LinkedHashMap<>();
    List<String> current = List.of();
    for (String line : lines) {
      String[] words = line.strip().split("[\\s=]+", 2);
      if (words.length < 2 || words[0].startsWith("#")) {
        continue;
      }
      String key = words[0].toLowerCase(Locale.ROOT);
      if (key.equals("host")) {
        current = List.of(words[1].strip().split("\\s+"));
        current.stream()
            .filter(name -> !name.matches(".*[*?!].*"))
            .forEach(name -> hosts.computeIfAbsent(name, _ -> new LinkedHashMap<>()));
      } else if (key.equals("match")) {
        current = List.of();
      } else {
        for (String name : current) {
          if (hosts.containsKey(name)) {
            hosts.get(name).putIfAbsent(key, words[1].strip());
          }
        }
      }
    }
    List<Entry> entries = new ArrayList<>();
    hosts.forEach(
        (name, values) -> url(name).ifPresent(url -> entries.add(new Entry(url, detail(values)))));
    return entries.subList(0, Math.min(MOST, entries.size()));
  }

  private static Optional<HostUrl> url(String name) {
    try {
      return Optional.of(HostUrl.parse("ssh://" + name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String detail(Map<String, String> values) {
    String user = Optional.ofNullable(values.get("user")).map(name -> name + "@").orElse("");
    String port = Optional.ofNullable(values.get("port")).map(number -> ":" + number).orElse("");
    String jump = Optional.ofNullable(values.get("proxyjump")).map(host -> " ← " + host).orElse("");
    return user + values.getOrDefault("hostname", "") + port + jump;
  }
}
