// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobitopolo.app.window.TestWindow.on;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.Labeled;
import javafx.scene.control.TableView;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.stage.Window;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskStatus;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.VirtualMachine;
import org.testfx.framework.junit5.Start;

/** What users do every day besides drawing, with mouse and keyboard, while nothing runs. */
class DailyWorkTest extends ExampleWindowTest {

  @BeforeEach
  void focus() {
    focusCanvas();
  }

  // finding

  @Test
  void elementsAreFoundByAddressImageRegionAndName() {
    robot.push(KeyCode.CONTROL, KeyCode.F);
    robot.write("10.0.2.2");
    window.await("the node of the address", () -> isSelected("content"));
    robot.eraseText(8).write("florida");
    window.await("the region", () -> isSelected("florida"));
    robot.eraseText(7).write("small");
    window.await("the first node of the image", () -> isSelected("content"));
    robot.type(KeyCode.ENTER);
    window.await("the next one", () -> isSelected("protocol"));
    robot.push(KeyCode.SHIFT, KeyCode.ENTER);
    window.await("the one before", () -> isSelected("content"));
    robot.type(KeyCode.ESCAPE);
    window.await("the canvas", () -> window.view().canvas().isFocused());
  }

  @Test
  void everyCommandIsFoundByItsNameAndDone() {
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.P);
    robot.write("note");
    robot.type(KeyCode.ENTER);
    window.await("a note", () -> topology().notes().size() == 1);
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("undone", () -> topology().notes().isEmpty());
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.Z);
    window.await("done again by the other key", () -> topology().notes().size() == 1);
  }

  // changing

  @Test
  void aNetworkIsGeneratedAndIsOneStepForUndo() {
    robot.push(KeyCode.CONTROL, KeyCode.G);
    window.await("the question", () -> inDialogs("Generate").isPresent());
    robot.clickOn(on(() -> inDialogs("Generate").orElseThrow()));
    window.await("its nodes", () -> topology().nodes().size() > 3);
    focusCanvas();
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("undone", () -> topology().equals(Examples.fileServer()));
  }

  @Test
  void aLayoutIsComputedShownAndUndone() {
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.L);
    window.await("other places", () -> !places().equals(places(Examples.fileServer())));
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("the old places", () -> places().equals(places(Examples.fileServer())));
  }

  @Test
  void whatIsTypedIsCheckedWhileTypingAndCanBeTakenBack() {
    window.select("client");
    TextField memory = textField("Memory", "64MiB");
    robot.doubleClickOn(memory).push(KeyCode.CONTROL, KeyCode.A);
    robot.write("lots");
    window.await("what is wrong", () -> problem().filter(text -> text.contains("lots")).isPresent());
    assertThat(topologyNow()).isEqualTo(Examples.fileServer());
    robot.type(KeyCode.ESCAPE);
    window.await("nothing wrong", () -> problem().isEmpty());
    robot.push(KeyCode.CONTROL, KeyCode.A).write("128MiB").type(KeyCode.ENTER);
    window.await("128 MiB", () -> memoryOf("client").equals(Size.parse("128MiB")));
    focusCanvas();
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("undone", () -> topology().equals(Examples.fileServer()));
  }

  @Test
  void severalMachinesAreChangedAtOnce() {
    window.select("client", "content");
    robot.clickOn(textField("Memory", "64MiB")).push(KeyCode.CONTROL, KeyCode.A);
    robot.write("96MiB").type(KeyCode.ENTER);
    window.await(
        "both changed",
        () ->
            memoryOf("client").equals(Size.parse("96MiB"))
                && memoryOf("content").equals(Size.parse("96MiB")));
    assertThat(memoryOf("protocol")).isEqualTo(Size.parse("64MiB"));
    focusCanvas();
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("one step for undo", () -> topology().equals(Examples.fileServer()));
  }

  @Test
  void aLinkBecomesASatelliteLinkByItsPreset() {
    window.select("l1");
    window.await("its form", () -> robot.lookup("Ideal: no delay, no limit").tryQuery().isPresent());
    robot.clickOn("Ideal: no delay, no limit");
    robot.clickOn("Geostationary satellite");
    window.await(
        "a delay of a satellite",
        () -> topology().link("l1").orElseThrow().ab().delay().toMillis() > 200);
    focusCanvas();
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("undone", () -> topology().equals(Examples.fileServer()));
  }

  @Test
  void theDistanceOfTwoRegionsIsChosenAndMovedWithASlider() {
    window.select("tokyo");
    window.await("its form", () -> robot.lookup("Distance to Florida").tryQuery().isPresent());
    robot.clickOn(item("Tokyo – Florida"));
    robot.clickOn(item("Same city"));
    window.await("a short distance", () -> distance() < 10);
    Node slider =
        robot.lookup(node -> node.getStyleClass().contains("thumb") && isSeen(node)).query();
    robot.drag(slider, MouseButton.PRIMARY).moveBy(50, 0).drop();
    window.await("a longer one", () -> distance() > 10);
  }

  @Test
  void aRightClickMovesANodeIntoAnotherRegion() {
    robot.clickOn(window.place("node-client"), MouseButton.SECONDARY);
    robot.clickOn("Move to region");
    robot.clickOn(item("Tokyo"));
    window.await(
        "the client in Tokyo",
        () -> topology().node("client").orElseThrow().region().equals(Optional.of("tokyo")));
  }

  // files

  @Test
  void aLabIsSavedChangedAndFoundAmongTheRecentOnes() throws Exception {
    Path file = folder.resolve("mine.json");
    TopologyJson.write(Examples.fileServer().withId("mine").withName("Mine"), file);
    robot.interact(() -> window.window().open(file));
    window.await("the lab", () -> topology().name().equals("Mine"));
    robot.push(KeyCode.CONTROL, KeyCode.A);
    robot.type(KeyCode.RIGHT);
    window.await("unsaved", () -> stage.getTitle().startsWith("● Mine"));
    robot.push(KeyCode.CONTROL, KeyCode.S);
    window.await("saved", () -> stage.getTitle().startsWith("Mine – mine.json"));
    assertThat(TopologyJson.read(file)).isEqualTo(topologyNow());

    robot.push(KeyCode.CONTROL, KeyCode.W);
    window.await("closed", () -> topology().equals(Examples.fileServer()));
    robot.clickOn("File").clickOn("Open recent").clickOn(item(file.toString()));
    window.await("open again", () -> topology().name().equals("Mine"));
  }

  @Test
  void closingAsksAboutUnsavedChanges() {
    robot.push(KeyCode.CONTROL, KeyCode.A);
    robot.type(KeyCode.RIGHT);
    window.await("unsaved", () -> window.document().modified().get());
    robot.push(KeyCode.CONTROL, KeyCode.W);
    window.await("the question", () -> inDialogs("Don’t save").isPresent());
    robot.clickOn("Cancel");
    window.await("no question", () -> inDialogs("Don’t save").isEmpty());
    assertThat(on(() -> window.document().modified().get())).isTrue();
    focusCanvas();
    robot.push(KeyCode.CONTROL, KeyCode.W);
    window.await("the question", () -> inDialogs("Don’t save").isPresent());
    robot.clickOn("Don’t save");
    window.await("the welcome page", () -> window.window().current().get().isEmpty());
  }

  @Test
  void theWelcomePageOffersSamplesAndWhatACrashLeft() {
    Topology lost = Examples.fileServer().withId("lost").withName("Nearly lost");
    robot.push(KeyCode.CONTROL, KeyCode.W);
    robot.interact(
        () ->
            window
                .window()
                .showWelcomePage(
                    new Labs.Search(List.of(), Map.of()),
                    List.of(new Autosave.Left(lost, Optional.empty()))));
    robot.clickOn("Nearly lost");
    window.await("it open", () -> topology().equals(lost));
    assertThat(on(() -> window.document().modified().get())).as("still to be saved").isTrue();
    robot.interact(() -> window.window().desk().closeAll());
    robot.interact(() -> window.window().showWelcome());
    robot.clickOn("A web site of three tiers");
    window.await("the sample", () -> topology().name().equals("three-tier-web"));
    assertThat(on(() -> window.document().file().get())).as("saved elsewhere").isEmpty();
  }

  @Test
  void changesAreKeptForAfterACrash() {
    robot.push(KeyCode.CONTROL, KeyCode.A);
    robot.type(KeyCode.RIGHT);
    Path copy =
        folder.resolve("autosave").resolve(Examples.fileServer().id() + ".topology.json");
    window.await("a copy", () -> Files.exists(copy));
    robot.push(KeyCode.CONTROL, KeyCode.Z);
    window.await("nothing to save", () -> !window.document().modified().get());
  }

  @Test
  void aFileThatIsNoBundleIsToldAndLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("lab.mobitopolo"), "not a bundle");
    robot.interact(() -> window.window().open(file));
    window.await(
        "the notice",
        () ->
            window.context().notices().shown().stream()
                .anyMatch(notice -> notice.title().contains("lab.mobitopolo can’t be restored")));
    assertThat(file).hasContent("not a bundle");
  }

  @Test
  void picturesAreWrittenInTheFormatOfTheirName() throws IOException {
    assertThat(picture("lab.png")).startsWith("\u0089PNG");
    assertThat(picture("lab.pdf")).startsWith("%PDF-");
    assertThat(picture("lab.svg")).contains("<svg", "protocol", "Florida");
    write("lab.bmp");
    window.await("which formats there are", () -> isTold(".svg, .pdf or .png"));
    assertThat(folder.resolve("lab.bmp")).doesNotExist();
  }

  private String picture(String name) throws IOException {
    Path file = write(name);
    window.await(name, () -> isTold(file.toString()));
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private Path write(String name) {
    Path file = folder.resolve(name);
    robot.interact(
        () ->
            PictureFile.write(
                window.view().canvas(),
                file,
                window.io(),
                window.context().notices(),
                window.context().texts()));
    return file;
  }

  private boolean isTold(String text) {
    return window.context().notices().shown().stream()
        .anyMatch(notice -> notice.text().contains(text));
  }

  // tasks, notices, events

  @Test
  void aTaskShowsItsProgressAndIsCancelledInTheList() {
    CountDownLatch never = new CountDownLatch(1);
    Task task =
        window
            .context()
            .tasks()
            .run(
                "Wait for long",
                progress -> {
                  progress.phase("Waiting for nothing.");
                  never.await(1, TimeUnit.HOURS);
                });
    window.await("the task", () -> robot.lookup("Wait for long").tryQuery().isPresent());
    robot.push(KeyCode.CONTROL, KeyCode.T);
    window.await("its phase", () -> inWindows("Waiting for nothing.").isPresent());
    robot.clickOn("Cancel");
    window.await("its end", () -> task.state().status() == TaskStatus.CANCELLED);
    window.await("no tasks", () -> robot.lookup("No tasks").tryQuery().isPresent());
  }

  @Test
  void noticesLeaveTheFocusAloneAndAreReachedByKeys() {
    CountDownLatch done = new CountDownLatch(1);
    window.select("client");
    TextField name = textField("Name", "client");
    robot.clickOn(name).push(KeyCode.CONTROL, KeyCode.A).write("cli");
    window
        .context()
        .notices()
        .show(
            Notice.error("Something happened", "It can be mended.")
                .with(new Notice.Action("Mend it", done::countDown)));
    window.await("the notice", () -> robot.lookup("Mend it").tryQuery().isPresent());
    robot.write("mate");
    assertThat(name.getText()).isEqualTo("climate");
    robot.type(KeyCode.ESCAPE);
    for (int i = 0; i < 4 && !focusIsOn("Mend it"); i++) {
      robot.type(KeyCode.F6);
    }
    robot.type(KeyCode.SPACE);
    window.await("mended", () -> done.getCount() == 0);
    window.await("the focus on the canvas", () -> window.view().canvas().isFocused());
  }

  @Test
  void theEventsAreFilteredByWordsAndToProblems() {
    window.context().notices().log(Notice.success("Done: Start client", ""));
    window.context().notices().log(Notice.error("No connection to florida", "Timed out."));
    window.context().notices().log(Notice.warning("Not possible", "Tokyo is full."));
    robot.interact(window.window().tools()::events);
    window.await("three events", () -> events().size() == 3);
    robot.clickOn(".event-table .text-field").write("timed");
    window.await("the one with the word", () -> events().size() == 1);
    robot.eraseText(5);
    robot.clickOn("Problems only");
    window.await("the problems", () -> events().size() == 2);
    robot.type(KeyCode.ESCAPE);
    window.await("the table closed", () -> robot.lookup(".event-table").tryQuery().isEmpty());
    window.await("the focus back in the window", stage::isFocused);
  }

  private List<?> events() {
    return ((TableView<?>) robot.lookup(".event-table .table-view").query()).getItems();
  }

  // help and looks

  @Test
  void theTourGoesOnWhenItsThingWasDone() {
    robot.push(KeyCode.CONTROL, KeyCode.W);
    robot.clickOn("Two-minute tour");
    window.await("the first step", () -> tour("Three machines in two places"));
    robot.clickOn("Next");
    window.await("the second step", () -> tour("Start them"));
    Topology sample = topologyNow();
    window.show(Examples.running(sample));
    window.await("the third step, by itself", () -> tour("Open a console"));
    robot.clickOn("Back");
    robot.clickOn("End the tour");
    window.await("its end", () -> robot.lookup(".tour-card").tryQuery().isEmpty());
    assertThat(on(() -> window.view().canvas().isFocused())).isTrue();
  }

  private boolean tour(String title) {
    return robot.lookup(".tour-card").tryQuery().isPresent()
        && robot.from(robot.lookup(".tour-card")).lookup(title).tryQuery().isPresent();
  }

  @Test
  void lightAndDarkChangeByAKeyAndAreKept() {
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.T);
    window.await("dark", () -> window.context().theme().dark().get());
    window.await(
        "it kept",
        () -> window.context().settings().get("theme").equals(Optional.of(Theme.Choice.DARK.name())));
    robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.T);
    window.await("light", () -> !window.context().theme().dark().get());
  }

  @Test
  void thePreferencesAreKept() {
    robot.push(KeyCode.CONTROL, KeyCode.COMMA);
    window.await("them", () -> inWindows("Language").isPresent());
    robot.clickOn("English");
    robot.clickOn(item("日本語"));
    window.await(
        "the language kept",
        () -> window.context().settings().get("language").equals(Optional.of("JAPANESE")));
    robot.clickOn("Close");
    window.await("the focus back in the window", stage::isFocused);
  }

  @Test
  void theSheetOfKeysShowsAndGoes() {
    robot.type(KeyCode.F1);
    window.await("the sheet", () -> inWindows("Ctrl+Shift+P").isPresent());
    robot.type(KeyCode.ESCAPE);
    window.await("no sheet", () -> inWindows("Ctrl+Shift+P").isEmpty());
  }

  // the robot's eyes

  private Topology topology() {
    return window.window().current().get().map(LabDocument::topology).orElseThrow().get();
  }

  private Topology topologyNow() {
    return on(this::topology);
  }

  private void focusCanvas() {
    robot.interact(() -> window.view().canvas().requestFocus());
  }

  private boolean isSelected(String id) {
    return window.view().canvas().selection().ids().equals(Set.of(id));
  }

  private Size memoryOf(String id) {
    return ((VirtualMachine) topology().node(id).orElseThrow()).memory();
  }

  private long distance() {
    return topology().wan("tokyo", "florida").orElseThrow().delay().toMillis();
  }

  private List<Point> places() {
    return places(topology());
  }

  private static List<Point> places(Topology topology) {
    return topology.nodes().stream().map(node -> node.position()).toList();
  }

  private Optional<String> problem() {
    return robot.lookup(".field-problem").queryAll().stream()
        .filter(Node::isVisible)
        .map(label -> ((Labeled) label).getText())
        .filter(text -> !text.isEmpty())
        .findFirst();
  }

  private TextField textField(String name, String text) {
    Predicate<Node> named =
        node ->
            node instanceof TextField field
                && name.equals(field.getAccessibleText())
                && text.equals(field.getText())
                && isSeen(field);
    window.await("the field " + name, () -> robot.lookup(named).tryQuery().isPresent());
    return robot.lookup(named).queryAs(TextField.class);
  }

  private boolean focusIsOn(String button) {
    return on(
        () ->
            stage.getScene().getFocusOwner() instanceof Button focused
                && focused.getText().equals(button));
  }

  /** A button of a dialog. */
  private Optional<Node> inDialogs(String text) {
    return labelled(text, ".dialog-pane .button");
  }

  private Optional<Node> inWindows(String text) {
    return labelled(text, ".label");
  }

  /** An item of a menu or list that is open. */
  private Node item(String text) {
    window.await("the item " + text, () -> open(text).isPresent());
    return on(() -> open(text).orElseThrow());
  }

  private Optional<Node> open(String text) {
    return Stream.of(".label", ".list-cell", ".menu-button")
        .flatMap(selector -> labelled(text, selector).stream())
        .findFirst();
  }

  private Optional<Node> labelled(String text, String selector) {
    return Window.getWindows().stream()
        .map(Window::getScene)
        .map(Scene::getRoot)
        .flatMap(root -> root.lookupAll(selector).stream())
        .filter(node -> node instanceof Labeled label && text.equals(label.getText()))
        .filter(ExampleWindowTest::isSeen)
        .findFirst();
  }
}
