// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * The hosts of a lab, each once, in the order of the regions. When one becomes unreachable there is
 * a notice with the reason and a way to try again. One thread.
 */
public final class HostsModel {
  private final Notices notices;
  private final Texts texts;
  private final Consumer<HostUrl> retry;
  private final ObservableList<HostState> hosts = FXCollections.observableArrayList();
  private final Map<HostUrl, LabException> told = new LinkedHashMap<>();

  /**
   * @param retry takes a host that the user wants tried again
   */
  public HostsModel(Notices notices, Texts texts, Consumer<HostUrl> retry) {
    this.notices = notices;
    this.texts = texts;
    this.retry = retry;
  }

  public ObservableList<HostState> hosts() {
    return hosts;
  }

  public void retry(HostUrl host) {
    told.remove(host);
    retry.accept(host);
  }

  public void update(Topology topology, LabState state) {
    Map<HostUrl, HostState> byUrl = new LinkedHashMap<>();
    for (Region region : topology.regions()) {
      HostState host = state.hosts().get(region.id());
      if (host != null) {
        byUrl.put(host.url(), host);
      }
    }
    List<HostState> wanted = List.copyOf(byUrl.values());
    if (!wanted.equals(hosts)) {
      hosts.setAll(wanted);
    }
    wanted.forEach(this::tell);
  }

  private void tell(HostState host) {
    if (host.failure().isEmpty()) {
      if (host.status() == HostState.Status.CONNECTED && told.remove(host.url()) != null) {
        notices.show(
            Notice.success(
                texts.get("host.answers-again", HostStates.name(host.url(), texts)), ""));
      }
      return;
    }
    LabException failure = host.failure().get();
    LabException before = told.put(host.url(), failure);
    if (before == null || !before.getMessage().equals(failure.getMessage())) {
      notices.show(
          Notice.error(
                  texts.get("host.no-connection", HostStates.name(host.url(), texts)),
                  failure.getMessage())
              .with(new Notice.Action(texts.get("word.try-again"), () -> retry(host.url()))));
    }
  }
}
