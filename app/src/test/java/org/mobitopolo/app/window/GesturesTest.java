// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobitopolo.app.window.TestWindow.on;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Control;
import javafx.scene.control.Labeled;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import org.junit.jupiter.api.Test;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.VirtualMachine;
import org.testfx.util.WaitForAsyncUtils;

/** What users do in the window with mouse and keyboard while nothing runs. */
class GesturesTest extends ExampleWindowTest {

  // the palette

  @Test
  void aPartDraggedIntoARegionBecomesANodeThere() {
    drag(part("Server"), window.screen(800, 280));
    assertThat(added()).hasSize(1);
    VirtualMachine server = (VirtualMachine) added().getFirst();
    assertThat(server.region()).contains("florida");
    assertThat(server.name()).startsWith("server");
    assertThat(on(() -> window.view().canvas().selection().ids())).containsExactly(server.id());
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("undone", () -> added().isEmpty());
  }

  @Test
  void aPartLetGoBesideTheCanvasIsPlacedNowhere() {
    drag(part("Server"), robot.point(".status-line").query());
    assertThat(window.topology()).isEqualTo(Examples.fileServer());
    assertThat(robot.lookup(".placing-ghost").queryAll()).isEmpty();
  }

  @Test
  void withShiftHeldAPartIsPlacedAgainAndAgain() {
    robot.clickOn(part("Client"));
    robot.press(KeyCode.SHIFT);
    robot.clickOn(window.screen(760, 90));
    robot.clickOn(window.screen(760, 280));
    robot.clickOn(window.screen(1000, 280));
    robot.release(KeyCode.SHIFT);
    window.await("three clients", () -> added().size() == 3);
    assertThat(robot.lookup(".placing-ghost").queryAll()).isEmpty();
    assertThat(added()).allSatisfy(node -> assertThat(node.region()).contains("florida"));
    assertThat(added().stream().map(node -> node.name()).collect(Collectors.toSet())).hasSize(3);
    robot.clickOn(window.screen(100, 300));
    assertThat(added()).as("nothing more is placed").hasSize(3);
  }

  @Test
  void escapeGivesUpWhatIsCarried() {
    robot.clickOn(part("Router"));
    robot.moveTo(window.screen(800, 280));
    assertThat(robot.lookup(".placing-ghost").queryAll()).hasSize(1);
    robot.type(KeyCode.ESCAPE);
    robot.clickOn(window.screen(800, 280));
    assertThat(window.topology()).isEqualTo(Examples.fileServer());
  }

  @Test
  void enterOnAPartPlacesItWithoutAMouse() {
    Button part = robot.from(part("Router")).queryButton();
    robot.interact(part::requestFocus);
    robot.type(KeyCode.ENTER);
    window.await("a router", () -> added().size() == 1);
    assertThat(((VirtualMachine) added().getFirst()).forward()).as("routers forward").isTrue();
  }

  @Test
  void selectedNodesAreKeptAsATemplateAndPlacedAgainWithTheirLinks() {
    window.select("protocol", "content");
    io(() -> window.window().keepTemplate());
    window.await("the question", () -> robot.lookup(".dialog-pane .text-field").tryQuery().isPresent());
    robot.clickOn(".dialog-pane .text-field").write("Pair of servers").type(KeyCode.ENTER);
    window.await("the template", () -> !window.context().library().templates().isEmpty());
    robot.clickOn(part("Pair of servers"));
    robot.clickOn(window.screen(400, 290));
    window.await("two more nodes", () -> added().size() == 2);
    Set<String> ids = added().stream().map(node -> node.id()).collect(Collectors.toSet());
    assertThat(window.topology().links())
        .filteredOn(link -> ids.contains(link.a().node()) && ids.contains(link.b().node()))
        .hasSize(1);
  }

  // the clipboard

  @Test
  void copiesAreTextThatPastesIntoAnotherLab() throws Exception {
    window.select("protocol", "content");
    robot.interact(() -> window.view().canvas().requestFocus());
    robot.push(KeyCode.CONTROL, KeyCode.C);
    String text = on(() -> Clipboard.getSystemClipboard().getString());
    assertThat(TopologyJson.read(text, "the clipboard").links()).hasSize(1);

    window.show(Topology.empty("other", "Other"), LabState.EMPTY);
    robot.push(KeyCode.CONTROL, KeyCode.V);
    window.await("the copies", () -> window.document().topology().get().nodes().size() == 2);
    assertThat(window.topology().links()).hasSize(1);
    robot.push(KeyCode.CONTROL, KeyCode.D);
    window.await("once more", () -> window.document().topology().get().nodes().size() == 4);
    assertThat(window.topology().links()).hasSize(2);
  }

  @Test
  void textThatIsNoPartOfALabIsNotPastedButTold() {
    robot.interact(
        () -> {
          ClipboardContent content = new ClipboardContent();
          content.putString("a shopping list");
          Clipboard.getSystemClipboard().setContent(content);
          window.view().canvas().requestFocus();
        });
    robot.push(KeyCode.CONTROL, KeyCode.V);
    window.await(
        "the notice",
        () ->
            window.context().notices().shown().stream()
                .anyMatch(notice -> notice.text().contains("no part of a lab")));
    assertThat(window.topology()).isEqualTo(Examples.fileServer());
  }

  // the rest

  @Test
  void f6GoesRoundThroughThePartsOfTheWindow() {
    robot.interact(() -> window.view().canvas().requestFocus());
    robot.type(KeyCode.F6);
    window.await("the properties", () -> window.view().inspector().isFocusWithin());
    robot.type(KeyCode.F6);
    window.await("the palette", () -> focused().filter(Button.class::isInstance).isPresent());
    assertThat(on(() -> focused().orElseThrow().getStyleClass())).contains("part");
    robot.type(KeyCode.F6);
    window.await("the canvas", () -> window.view().canvas().isFocused());
  }

  @Test
  void aClickOnTheRingShowsTheCourseOfTheMigrationAndItsResult() {
    LabState running = Examples.running(Examples.fileServer());
    for (double share : List.of(0.1, 0.3, 0.5, 0.7)) {
      window.show(
          Examples.with(
              running,
              Examples.vmState(
                  "protocol",
                  VmStatus.MIGRATING,
                  Optional.of(Examples.migrating(share)),
                  Optional.empty())));
    }
    robot.clickOn(".phase-pill");
    window.await("the details", () -> robot.lookup(".migration-popover").tryQuery().isPresent());
    assertThat(robot.lookup(".migration-popover .figure-value").queryAll()).hasSizeGreaterThan(3);
    window.show(
        Examples.with(
            running,
            Examples.vmState(
                "protocol",
                VmStatus.RUNNING,
                Optional.of(Examples.moved()),
                Optional.empty())));
    window.await(
        "the measured downtime",
        () ->
            robot.lookup(".migration-popover .migration-phase").queryLabeled().getText()
                .contains("24.3 ms"));
  }

  @Test
  void theScriptIsEditedInAWindowWithLineNumbersAndUndone() {
    window.select("client");
    window.await("its form", () -> robot.lookup("Edit in a window…").tryQuery().isPresent());
    Button larger = robot.lookup("Edit in a window…").queryButton();
    robot.interact(larger::fire);
    window.await("the editor", () -> robot.lookup(".script-editor").tryQuery().isPresent());
    TextInputControl editor = robot.lookup(".script-editor .text-area").queryTextInputControl();
    robot.clickOn(editor).write("echo one").type(KeyCode.ENTER).write("echo two");
    robot.push(KeyCode.CONTROL, KeyCode.ENTER);
    window.await("the script", () -> script().equals("echo one\necho two"));
    assertThat(robot.lookup(".script-editor .line-numbers-text").queryText().getText())
        .isEqualTo("1\n2\n");
    robot.write(" more").type(KeyCode.ESCAPE);
    window.await("what was typed before closing", () -> script().endsWith("two more"));
    robot.interact(() -> window.document().undo(_ -> true));
    robot.interact(() -> window.document().undo(_ -> true));
    assertThat(on(this::script)).isEmpty();
  }

  @Test
  void everyControlHasANameForThoseWhoDoNotSeeIt() {
    window.show(Examples.running(Examples.fileServer()));
    for (String selected : List.of("protocol", "l1", "tokyo")) {
      window.select(selected);
      window.await(
          "the form of " + selected, () -> !window.view().inspector().lookupAll(".form").isEmpty());
      WaitForAsyncUtils.waitForFxEvents();
      List<String> nameless =
          on(
              () ->
                  stage.getScene().getRoot().lookupAll("*").stream()
                      .filter(node -> node instanceof Control && node.isFocusTraversable())
                      .filter(node -> isSeen(node) && name((Control) node).isBlank())
                      .map(Node::toString)
                      .toList());
      assertThat(nameless).as("with " + selected + " selected").isEmpty();
    }
  }

  @Test
  void noTwoCommandsHaveTheSameKey() {
    assertThat(window.window().commands().withKeys())
        .extracting(command -> command.keys().orElseThrow())
        .doesNotHaveDuplicates();
  }

  private static String name(Control control) {
    String text = control instanceof Labeled labeled ? labeled.getText() : "";
    return Stream.of(control.getAccessibleText(), text).filter(name -> name != null && !name.isBlank()).findFirst().orElse("");
  }

  private String script() {
    return ((VirtualMachine) window.document().topology().get().node("client").orElseThrow())
        .startup();
  }

  private Optional<Node> focused() {
    return Optional.ofNullable(stage.getScene().getFocusOwner());
  }

  /** Runs what opens a dialog and so comes back late. */
  private void io(Runnable action) {
    window.context().fx().execute(() -> Platform.runLater(action));
  }

  private List<? extends org.mobitopolo.topology.Node> added() {
    Topology before = Examples.fileServer();
    Topology now = window.document().topology().get();
    return now.nodes().stream().filter(node -> before.node(node.id()).isEmpty()).toList();
  }

  private Node part(String name) {
    return on(
        () ->
            stage.getScene().getRoot().lookupAll(".part").stream()
                .filter(each -> each instanceof Button button && button.getText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no part " + name)));
  }

  private void drag(Node from, Point2D to) {
    robot.moveTo(from).press(MouseButton.PRIMARY);
    robot.moveBy(8, 8);
    robot.moveTo(to).release(MouseButton.PRIMARY);
    WaitForAsyncUtils.waitForFxEvents();
  }
}
