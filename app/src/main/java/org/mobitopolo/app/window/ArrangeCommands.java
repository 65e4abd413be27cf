// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
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

  ArrangeCommands(MainWindow window) {
    this.window = window;
    layered = layout("Arrange in tiers", "Shortcut+L", Icon.ARRANGE, LayoutKind.LAYERED);
    force = layout("Arrange by distance", "Shortcut+Shift+L", null, LayoutKind.FORCE);
    tree = layout("Arrange as a tree", "", null, LayoutKind.TREE);
    circle = layout("Arrange on a circle", "", null, LayoutKind.CIRCLE);
    left = align("Align left edges", "Shortcut+Shift+LEFT", Icon.ALIGN_LEFT, Alignment.LEFT);
    centre = align("Align centres", "", Icon.ALIGN_CENTRE, Alignment.CENTRE);
    right = align("Align right edges", "Shortcut+Shift+RIGHT", Icon.ALIGN_RIGHT, Alignment.RIGHT);
    top = align("Align upper edges", "Shortcut+Shift+UP", Icon.ALIGN_TOP, Alignment.TOP);
    middle = align("Align middles", "", Icon.ALIGN_MIDDLE, Alignment.MIDDLE);
    bottom =
        align("Align lower edges", "Shortcut+Shift+DOWN", Icon.ALIGN_BOTTOM, Alignment.BOTTOM);
    across =
        Command.of("Equal gaps across", Icon.DISTRIBUTE_ACROSS, "", () -> distribute(true))
            .disabledWhen(fewerThan(3));
    down =
        Command.of("Equal gaps down", Icon.DISTRIBUTE_DOWN, "", () -> distribute(false))
            .disabledWhen(fewerThan(3));
    link =
        Command.of(
                "Link the selected nodes",
                Icon.LINK,
                "",
                () -> window.view().ifPresent(view -> view.canvas().linkSelected()))
            .disabledWhen(fewerThan(2));
  }

  private Command layout(String text, String keys, Icon icon, LayoutKind kind) {
    return Command.of(
            text,
            icon,
            keys,
            () ->
                window
                    .view()
                    .ifPresent(
                        view -> view.arranger().start(view.canvas().selection().ids(), kind)))
        .disabledWhen(window.current().map(Optional::isEmpty));
  }

  private Command align(String text, String keys, Icon icon, Alignment alignment) {
    return Command.of(
            text,
            icon,
            keys,
            () -> window.view().ifPresent(view -> view.canvas().align(alignment)))
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

  /** Those with keys, for the sheet of shortcuts. */
  List<Command> withKeys() {
    return List.of(layered, force, left, right, top, bottom);
  }
}
