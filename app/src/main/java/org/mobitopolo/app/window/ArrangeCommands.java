// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Optional;
import java.util.Set;
import javafx.beans.value.ObservableValue;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.canvas.arrange.Alignment;
import org.mobitopolo.canvas.arrange.LayoutKind;
import org.mobitopolo.icons.Icon;

/** The commands that bring order into a lab. */
final class ArrangeCommands {
  final Command layered;
  final Command force;
  final Command tree;
  final Command circle;
  final Command left;
  final Command centre;
  final Command right;
  final Command top;
  final Command middle;
  final Command bottom;
  final Command across;
  final Command down;
  final Command link;

  private final MainWindow window;
  private final WindowCommands commands;

  ArrangeCommands(MainWindow window, WindowCommands commands) {
    this.window = window;
    this.commands = commands;
    layered = layout("command.arrange-layered", "Shortcut+L", Icon.ARRANGE, LayoutKind.LAYERED);
    force = layout("command.arrange-force", "Shortcut+Shift+L", null, LayoutKind.FORCE);
    tree = layout("command.arrange-tree", "", null, LayoutKind.TREE);
    circle = layout("command.arrange-circle", "", null, LayoutKind.CIRCLE);
    left = align("command.align-left", "Shortcut+Shift+LEFT", Icon.ALIGN_LEFT, Alignment.LEFT);
    centre = align("command.align-centre", "", Icon.ALIGN_CENTRE, Alignment.CENTRE);
    right = align("command.align-right", "Shortcut+Shift+RIGHT", Icon.ALIGN_RIGHT, Alignment.RIGHT);
    top = align("command.align-top", "Shortcut+Shift+UP", Icon.ALIGN_TOP, Alignment.TOP);
    middle = align("command.align-middle", "", Icon.ALIGN_MIDDLE, Alignment.MIDDLE);
    bottom =
        align("command.align-bottom", "Shortcut+Shift+DOWN", Icon.ALIGN_BOTTOM, Alignment.BOTTOM);
    across =
        commands
            .command("command.gaps-across", Icon.DISTRIBUTE_ACROSS, "", () -> distribute(true))
            .disabledWhen(fewerThan(3));
    down =
        commands
            .command("command.gaps-down", Icon.DISTRIBUTE_DOWN, "", () -> distribute(false))
            .disabledWhen(fewerThan(3));
    link =
        commands
            .command(
                "command.link-selected",
                Icon.LINK,
                "",
                () -> window.view().ifPresent(view -> view.canvas().linkSelected()))
            .disabledWhen(fewerThan(2));
  }

  private Command layout(String key, String keys, Icon icon, LayoutKind kind) {
    return commands
        .command(
            key,
            icon,
            keys,
            () ->
                window
                    .view()
                    .ifPresent(
                        view -> view.arranger().start(view.canvas().selection().ids(), kind)))
        .disabledWhen(window.current().map(Optional::isEmpty));
  }

  private Command align(String key, String keys, Icon icon, Alignment alignment) {
    return commands
        .command(
            key, icon, keys, () -> window.view().ifPresent(view -> view.canvas().align(alignment)))
        .disabledWhen(fewerThan(2));
  }

  private void distribute(boolean horizontally) {
    window.view().ifPresent(view -> view.canvas().distribute(horizontally));
  }

  private ObservableValue<Boolean> fewerThan(int count) {
    return window.ofView(
        view ->
            view.canvas()
                .selection()
                .idsProperty()
                .map(ids -> view.selectedNodes().size() + notes(view, ids) < count),
        true);
  }

  private static long notes(DocumentView view, Set<String> ids) {
    return view.canvas().topology().notes().stream()
        .filter(note -> ids.contains(note.id()))
        .count();
  }

  /** Those for the menu; null stands for a line between them. */
  Command[] forMenu() {
    return new Command[] {
      layered, force, tree, circle, null, left, centre, right, null, top, middle, bottom, null,
      across, down, null, link
    };
  }

  /** Those for a menu of several selected nodes; null stands for a line between them. */
  Command[] forSelection() {
    return new Command[] {
      left, centre, right, top, middle, bottom, null, across, down, null, layered, force, tree,
      circle
    };
  }
}
