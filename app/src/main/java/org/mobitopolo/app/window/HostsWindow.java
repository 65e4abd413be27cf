// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javafx.stage.Stage;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.hosts.HostDirectory;
import org.mobitopolo.app.window.hosts.HostsPane;
import org.mobitopolo.inventory.SshConfigHosts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.edit.ChangeRegion;

/** The hosts in a window of their own, which follows their states while it is open. */
final class HostsWindow {
  private HostsWindow() {}

  static Stage open(WindowContext context, Stage owner, Optional<LabDocument> document) {
    HostDirectory directory =
        new HostDirectory(context.settings(), url -> context.hosts().host(url).state());
    HostsPane pane =
        new HostsPane(
            context.texts(),
            directory,
            url -> context.hosts().host(url).retry(),
            (region, url) -> document.ifPresent(open -> give(open, region, url)));
    pane.showRegions(document.map(open -> open.topology().get().regions()).orElse(List.of()));
    Consumer<HostState> listener = FxThread.latest(context.fx(), _ -> pane.refresh());
    context.hosts().addListener(listener);
    context.io().execute(() -> fill(context, document, directory));

    Stage stage = ToolWindow.show(context, owner, context.texts().get("hosts.title"), pane);
    stage.setOnHidden(_ -> context.hosts().removeListener(listener));
    return stage;
  }

  /** Reads files; not for the FX thread. */
  private static void fill(
      WindowContext context, Optional<LabDocument> document, HostDirectory directory) {
    Path config = context.sshFolder().resolve("config");
    List<SshConfigHosts.Entry> configured = SshConfigHosts.read(config);
    Set<HostUrl> known = context.knownLabs().hosts();
    context
        .fx()
        .execute(
            () -> {
              Set<HostUrl> used = new LinkedHashSet<>();
              document.ifPresent(
                  open ->
                      open.topology().get().regions().stream()
                          .map(Region::host)
                          .forEach(used::add));
              used.addAll(known);
              directory.fill(used, configured);
            });
  }

  private static void give(LabDocument document, Region region, HostUrl url) {
    document
        .topology()
        .get()
        .region(region.id())
        .ifPresent(now -> document.edit(new ChangeRegion(now.withHost(url))));
  }
}
