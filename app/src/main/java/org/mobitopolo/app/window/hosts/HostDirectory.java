// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.hosts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.host.HostState;
import org.mobitopolo.inventory.SshConfigHosts;
import org.mobitopolo.topology.HostUrl;

/**
 * The hosts to choose from: this computer, those of the open lab and of labs used before, those the
 * user added, and those of {@code ~/.ssh/config}. One thread.
 */
public final class HostDirectory {
  private static final String SETTING = "hosts";

  /**
   * @param detail what is known without connecting; may be empty
   */
  public record Entry(HostUrl url, String detail) {}

  private final Settings settings;
  private final Function<HostUrl, HostState> states;
  private final ObservableList<Entry> entries = FXCollections.observableArrayList();

  /**
   * @param states tells how a host is now
   */
  public HostDirectory(Settings settings, Function<HostUrl, HostState> states) {
    this.settings = settings;
    this.states = states;
  }

  public ObservableList<Entry> entries() {
    return entries;
  }

  public HostState state(HostUrl url) {
    return states.apply(url);
  }

  /** Fills the list, each host once. */
  public void fill(Collection<HostUrl> used, List<SshConfigHosts.Entry> configured) {
    Map<HostUrl, Entry> all = new LinkedHashMap<>();
    all.put(HostUrl.LOCAL, new Entry(HostUrl.LOCAL, ""));
    used.forEach(url -> all.putIfAbsent(url, new Entry(url, "")));
    added().forEach(url -> all.putIfAbsent(url, new Entry(url, "")));
    configured.forEach(
        entry -> all.putIfAbsent(entry.url(), new Entry(entry.url(), entry.detail())));
    entries.setAll(all.values());
  }

  /** Adds a host and remembers it. */
  public void add(HostUrl url) {
    if (entries.stream().noneMatch(entry -> entry.url().equals(url))) {
      entries.add(new Entry(url, ""));
      List<HostUrl> all = new ArrayList<>(added());
      all.add(url);
      settings.put(SETTING, all.stream().map(HostUrl::toString).collect(Collectors.joining(" ")));
    }
  }

  private List<HostUrl> added() {
    return settings.get(SETTING).stream()
        .flatMap(text -> Arrays.stream(text.split(" ")))
        .flatMap(text -> parse(text).stream())
        .toList();
  }

  private static Optional<HostUrl> parse(String text) {
    try {
      return Optional.of(HostUrl.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the file was edited by hand
    }
  }
}
