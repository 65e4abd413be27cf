// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javafx.animation.KeyFrame;
import javafx.animation.Timeline;
import javafx.scene.image.Image;
import javafx.stage.Stage;
import javafx.util.Duration;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.snapshots.CopiesPane;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** Copies of a lab in a window of their own, which asks their hosts every now and then. FX thread. */
final class CopiesWindow implements CopiesPane.Actions {
  private static final Duration EVERY = Duration.seconds(2);

  private final WindowContext context;
  private final LabDesk desk;
  private final CopiesPane pane;
  private final Stage stage;
  private final Set<HostUrl> hosts = new LinkedHashSet<>();
  private final Timeline asking;
  private boolean waiting;

  private CopiesWindow(
      WindowContext context,
      Stage owner,
      LabDesk desk,
      List<Topology> copies,
      Optional<Image> picture) {
    this.context = context;
    this.desk = desk;
    copies.forEach(copy -> copy.regions().stream().map(Region::host).forEach(hosts::add));
    pane = new CopiesPane(context.texts(), copies, picture, this);
    stage = ToolWindow.show(context, owner, context.texts().get("copies.title"), pane);
    asking = new Timeline(new KeyFrame(EVERY, _ -> ask()));
    asking.setCycleCount(Timeline.INDEFINITE);
    asking.play();
    stage.setOnHidden(_ -> asking.stop());
    ask();
  }

  static CopiesWindow open(
      WindowContext context,
      Stage owner,
      LabDesk desk,
      List<Topology> copies,
      Optional<Image> picture) {
    return new CopiesWindow(context, owner, desk, copies, picture);
  }

  Stage stage() {
    return stage;
  }

  private void ask() {
    if (waiting) {
      return;
    }
    waiting = true;
    Set<HostUrl> all = Set.copyOf(hosts);
    context
        .io()
        .execute(
            () -> {
              Map<String, Integer> running = new HashMap<>();
              try {
                Labs.find(context.hosts(), all)
                    .labs()
                    .forEach(found -> running.put(found.topology().id(), found.liveVms()));
                context.fx().execute(() -> answered(running));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void answered(Map<String, Integer> running) {
    waiting = false;
    pane.showRunning(running);
  }

  @Override
  public void open(Topology copy) {
    desk.openMade(copy);
  }

  @Override
  public void destroy(List<Topology> copies) {
    boolean sure =
        context
            .dialogs()
            .confirm(
                context.texts().get("copies.destroy-question", copies.size()),
                context.texts().get("copies.destroy-text"),
                context.texts().get("copies.destroy"),
                Dialogs.Role.DANGER);
    if (sure) {
      copies.forEach(this::destroy);
    }
  }

  private void destroy(Topology copy) {
    Optional<Lab> open = desk.tabs().find(copy.id()).flatMap(tab -> tab.document().lab().get());
    context
        .tasks()
        .run(
            context.texts().get("copies.destroy-task", copy.name()),
            _ -> {
              if (open.isPresent()) {
                open.get().destroy().awaitSuccess();
              } else {
                destroyClosed(copy);
              }
              context.fx().execute(() -> pane.remove(copy.id()));
            });
  }

  private void destroyClosed(Topology copy) throws InterruptedException {
    try (Lab lab = Lab.open(copy, context.hosts(), context.tasks())) {
      lab.awaitKnown();
      lab.destroy().awaitSuccess();
    }
  }
}
