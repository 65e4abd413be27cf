// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import javafx.animation.AnimationTimer;
import javafx.scene.Scene;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.scene.layout.StackPane;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.testing.Pictures;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/** A terminal in a window with a real shell behind it, used with keyboard and mouse. */
@ExtendWith(ApplicationExtension.class)
class CanvasTerminalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private CanvasTerminal terminal;
  private LocalShell shell;

  @Start
  void start(Stage stage) {
    terminal =
        new CanvasTerminal("test", Texts.in(Language.ENGLISH), TerminalFont.USUAL_SIZE, true);
    stage.setScene(new Scene(new StackPane(terminal.node()), 760, 420));
    stage.show();
    terminal.requestFocus();
  }

  @AfterEach
  void end(FxRobot robot) throws InterruptedException {
    if (shell != null) {
      shell.end();
    }
    robot.interact(terminal::dispose);
  }

  @Test
  void whatIsTypedReachesTheShellAndItsAnswerTheScreen(FxRobot robot) throws Exception {
    open("PS1=ready$ sh");
    awaitText("ready$");
    robot.write("echo $((6*7)) done");
    robot.type(KeyCode.ENTER);
    awaitText("42 done");
  }

  @Test
  void specialKeysSendWhatXtermSends(FxRobot robot) throws Exception {
    open("stty -icanon -echo; cat -v");
    Thread.sleep(500);
    robot.type(
        KeyCode.UP,
        KeyCode.F1,
        KeyCode.F5,
        KeyCode.HOME,
        KeyCode.DELETE,
        KeyCode.PAGE_DOWN,
        KeyCode.TAB,
        KeyCode.ESCAPE);
    awaitText("^[[A^[OP^[[15~");
    awaitText("^[[3~^[[6~");
    robot.press(KeyCode.ALT).type(KeyCode.B).release(KeyCode.ALT);
    awaitText("^[b");
    robot.press(KeyCode.CONTROL).type(KeyCode.A, KeyCode.X).release(KeyCode.CONTROL);
    awaitText("^A^X");
  }

  @Test
  void controlCEndsACommand(FxRobot robot) throws Exception {
    open("PS1=ready$ sh");
    awaitText("ready$");
    robot.write("sleep 1000");
    robot.type(KeyCode.ENTER);
    Thread.sleep(300);
    robot.press(KeyCode.CONTROL).type(KeyCode.C).release(KeyCode.CONTROL);
    awaitText("^C");
    robot.write("echo back");
    robot.type(KeyCode.ENTER);
    awaitText("\nback");
  }

  @Test
  void aWordIsSelectedWithTwoClicksAndCopied(FxRobot robot) throws Exception {
    open("PS1=ready$ sh");
    awaitText("ready$");
    robot.write("echo first second");
    robot.type(KeyCode.ENTER);
    awaitText("\nfirst second");
    robot.moveTo(
        terminal.node(),
        javafx.geometry.Pos.TOP_LEFT,
        new javafx.geometry.Point2D(80, 34),
        org.testfx.robot.Motion.DIRECT);
    robot.doubleClickOn(MouseButton.PRIMARY);
    robot
        .press(KeyCode.CONTROL, KeyCode.SHIFT)
        .type(KeyCode.C)
        .release(KeyCode.SHIFT, KeyCode.CONTROL);
    robot.interact(
        () -> assertThat(Clipboard.getSystemClipboard().getString()).isEqualTo("second"));
  }

  @Test
  void pastedTextIsTyped(FxRobot robot) throws Exception {
    open("PS1=ready$ sh");
    awaitText("ready$");
    robot.interact(
        () -> {
          ClipboardContent content = new ClipboardContent();
          content.putString("echo pasted-$((1+1))\n");
          Clipboard.getSystemClipboard().setContent(content);
        });
    robot
        .press(KeyCode.CONTROL, KeyCode.SHIFT)
        .type(KeyCode.V)
        .release(KeyCode.SHIFT, KeyCode.CONTROL);
    awaitText("pasted-2");
  }

  @Test
  void coloursAndStylesArePainted(FxRobot robot) throws Exception {
    String script =
        "printf '\\033[1mbold\\033[0m \\033[3mitalic\\033[0m \\033[4munderlined\\033[0m"
            + " \\033[7minverse\\033[0m \\033[2mdim\\033[0m\\n"
            + "'; for i in 0 1 2 3 4 5 6 7; do printf \"\\033[3${i}mcolour$i"
            + " \\033[9${i}mbright$i\\033[0m \"; done; echo; i=16; while [ $i -lt 232 ]; do printf"
            + " \"\\033[48;5;${i}m \"; i=$((i+1)); [ $(((i-16)%72)) -eq 0 ] && printf '\\033[0m\\n"
            + "'; done; printf '\\033[0m\\033[38;2;255;128;0mtrue colour\\033[0m"
            + " \\342\\224\\214\\342\\224\\200\\342\\224\\220 \\342\\234\\223\\n"
            + "'; sleep 100";
    open("sh -c '" + script.replace("'", "'\\''") + "'");
    awaitText("true colour");
    settle();
    Pictures.save("terminal-dark", robot.capture(terminal.node()).getImage());
    robot.interact(() -> terminal.setDark(false));
    settle();
    Pictures.save("terminal-light", robot.capture(terminal.node()).getImage());
  }

  @Test
  void aFloodOfOutputLeavesTheWindowMoving(FxRobot robot) throws Exception {
    List<Long> gaps = Collections.synchronizedList(new ArrayList<>());
    AnimationTimer frames =
        new AnimationTimer() {
          private long last;

          @Override
          public void handle(long now) {
            if (last != 0) {
              gaps.add(now - last);
            }
            last = now;
          }
        };
    robot.interact(frames::start);
    open("seq 1 400000");
    await("end of the flood", () -> terminal.screenText().contains("400000"));
    robot.interact(frames::stop);
    List<Long> sorted = gaps.stream().sorted().toList();
    assertThat(sorted).hasSizeGreaterThan(10);
    System.out.printf(
        "time between frames during the flood, 90th percentile of %d: %d ms%n",
        sorted.size(), Duration.ofNanos(sorted.get(sorted.size() * 9 / 10)).toMillis());
  }

  private void open(String command) throws Exception {
    shell = new LocalShell(terminal, command);
  }

  private void awaitText(String text) throws InterruptedException {
    await("\"" + text + "\" on the screen", () -> terminal.screenText().contains(text));
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "waited too long for " + what + "; the screen shows:\n" + terminal.screenText());
      }
      Thread.sleep(20);
    }
  }

  private static void settle() throws InterruptedException {
    WaitForAsyncUtils.waitForFxEvents();
    Thread.sleep(300);
    WaitForAsyncUtils.waitForFxEvents();
  }
}
