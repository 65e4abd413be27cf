// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
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
 * wildcards are rules for others, and are left out.
 */
public final class SshConfigHosts {
  private static final int MOST = NodeList.MOST;
  private static final int MOST_INCLUDES = 16;

  /**
   * A name of the file.
   *
   * @param detail address and jump hosts, as far as the file says, for people
   */
  public record Entry(HostUrl url, String detail) {}

  private final Map<String, Map<String, String>> hosts = new LinkedHashMap<>();
  private List<String> current = List.of();

  private SshConfigHosts() {}

  /** Reads the file and those it includes; one that is missing or can't be read has no hosts. */
  public static List<Entry> read(Path config) {
    SshConfigHosts found = new SshConfigHosts();
    found.readFile(config, 0);
    return found.entries();
  }

  private void readFile(Path config, int depth) {
    List<String> lines;
    try {
      lines = Files.isReadable(config) ? Files.readAllLines(config) : List.of();
    } catch (IOException e) {
      // what it can't offer can still be typed; connecting tells what is wrong with the file
      return;
    }
    for (String line : lines) {
      String[] words = line.strip().split("[\\s=]+", 2);
      if (words.length == 2 && words[0].equalsIgnoreCase("include") && depth < MOST_INCLUDES) {
        for (String pattern : words[1].strip().split("\\s+")) {
          included(config, pattern).forEach(file -> readFile(file, depth + 1));
        }
      } else if (words.length == 2 && !words[0].startsWith("#")) {
        readLine(words[0].toLowerCase(Locale.ROOT), words[1].strip());
      }
    }
  }

  /** As OpenSSH: a relative name is one of the folder of the account's file, and its last part may have wildcards. */
  private static List<Path> included(Path config, String pattern) {
    String home = System.getProperty("user.home");
    Path wanted = config.resolveSibling(pattern.startsWith("~/") ? home + pattern.substring(1) : pattern);
    List<Path> found = new ArrayList<>();
    Path folder = wanted.getParent();
    if (folder != null && Files.isDirectory(folder)) {
      var matcher = FileSystems.getDefault().getPathMatcher("glob:" + wanted.getFileName());
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> matcher.matches(file.getFileName()) && Files.isRegularFile(file))) {
        files.forEach(found::add);
      } catch (IOException e) {
        return List.of();
      }
    }
    found.sort(null);
    return found;
  }

  private void readLine(String key, String value) {
    if (key.equals("host")) {
      current = List.of(value.split("\\s+"));
      current.stream()
          .filter(name -> !name.matches(".*[*?!].*"))
          .forEach(name -> hosts.computeIfAbsent(name, _ -> new LinkedHashMap<>()));
    } else if (key.equals("match")) {
      current = List.of();
    } else {
      current.stream().filter(hosts::containsKey).forEach(name -> hosts.get(name).putIfAbsent(key, value));
    }
  }

  private List<Entry> entries() {
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
