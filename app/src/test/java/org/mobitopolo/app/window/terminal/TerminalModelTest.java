// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TerminalModelTest {
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final List<String> titles = new CopyOnWriteArrayList<>();
  private TerminalModel model;

  @BeforeEach
  void start() {
    model = new TerminalModel(20, 5, () -> {}, titles::add);
    model.setOutput(
        new TerminalOutput() {
          @Override
          public void write(byte[] bytes) {
            sent.add(new String(bytes, StandardCharsets.UTF_8));
          }

          @Override
          public void resize(int rows, int columns) {
            throw new AssertionError("the model does not tell sizes");
          }
        });
    model.start("test");
  }

  @AfterEach
  void end() {
    model.dispose();
  }

  @Test
  void showsTextWithItsLineBreaks() throws Exception {
    feed("hello\r\nworld");
    assertThat(screen().text()).isEqualTo("hello\nworld");
    assertThat(screen().cursor())
        .isEqualTo(new TerminalScreen.Cursor(1, 5, TerminalScreen.Shape.BLOCK));
  }

  @Test
  void aCharacterThatArrivesInTwoPiecesIsShownOnce() throws Exception {
    byte[] bytes = "aé東z".getBytes(StandardCharsets.UTF_8);
    for (byte one : bytes) {
      feed(new byte[] {one});
    }
    assertThat(screen().text()).isEqualTo("aé東z");
  }

  @Test
  void whatScrolledAwayIsFoundSelectedAndShown() throws Exception {
    feed("the needle\r\n" + "hay\r\n".repeat(100));
    assertThat(model.find("NEEDLE", true)).isTrue();
    assertThat(model.selectedText()).isEqualTo("needle");
    assertThat(screen().text()).contains("the needle");
    assertThat(model.find("absent", true)).isFalse();
    assertThat(model.selectedText()).as("what was found before stays").isEqualTo("needle");
  }

  @Test
  void wideCharactersAreFoundAndCopiedAsTheyWereWritten() throws Exception {
    feed("x 日本語 and é");
    assertThat(screen().text()).isEqualTo("x 日本語 and é");
    assertThat(model.find("本語 a", true)).isTrue();
    assertThat(model.selectedText()).isEqualTo("本語 a");
    model.selectWord(0, 4);
    assertThat(model.selectedText()).isEqualTo("日本語");
  }

  @Test
  void brokenUtf8AndBrokenSequencesDoNotEndTheTerminal() throws Exception {
    feed(new byte[] {(byte) 0xff, (byte) 0xc3, 'x'});
    feed(
        "\u001b[999999999999999;;;;m\u001b[?\u001b]0;\u0007\u001b[99999;99999H\u001b[H\u001b[2Jdone");
    assertThat(screen().text()).isEqualTo("done");
  }

  @Test
  void keepsColoursAndInverseOfEachRun() throws Exception {
    feed("\u001b[31mred\u001b[0m \u001b[38;2;1;2;3mrgb\u001b[0m \u001b[7minv");
    List<TerminalScreen.Run> runs = screen().rows().getFirst().runs();
    assertThat(runs).extracting(TerminalScreen.Run::text).contains("red", "rgb", "inv");
    assertThat(TerminalColors.DARK.text(run(runs, "red").style()))
        .isEqualTo(TerminalColors.DARK.palette().get(1));
    assertThat(TerminalColors.DARK.text(run(runs, "rgb").style()))
        .isEqualTo(javafx.scene.paint.Color.rgb(1, 2, 3));
    assertThat(TerminalColors.DARK.behind(run(runs, "inv").style()))
        .isEqualTo(TerminalColors.DARK.foreground());
  }

  @Test
  void all256ColoursAreThoseOfXterm() throws Exception {
    feed("\u001b[38;5;196mA\u001b[38;5;244mB\u001b[38;5;4mC");
    List<TerminalScreen.Run> runs = screen().rows().getFirst().runs();
    assertThat(TerminalColors.DARK.text(run(runs, "A").style()))
        .isEqualTo(javafx.scene.paint.Color.rgb(255, 0, 0));
    assertThat(TerminalColors.DARK.text(run(runs, "B").style()))
        .isEqualTo(javafx.scene.paint.Color.rgb(128, 128, 128));
    assertThat(TerminalColors.DARK.text(run(runs, "C").style()))
        .isEqualTo(TerminalColors.DARK.palette().get(4));
  }

  @Test
  void linesThatLeaveTheScreenCanBeScrolledBackTo() throws Exception {
    for (int i = 1; i <= 30; i++) {
      feed("line " + i + "\r\n");
    }
    assertThat(screen().text()).startsWith("line 27");
    model.scrollBy(10);
    assertThat(screen().text()).startsWith("line 17");
    feed("more\r\nmore\r\n");
    assertThat(screen().text())
        .as("the view stays on its text while output goes on")
        .startsWith("line 17");
    model.scrollTo(0);
    assertThat(screen().text()).startsWith("line 29");
  }

  @Test
  void theHistoryIsLimited() throws Exception {
    feed("a line\r\n".repeat(3 * TerminalModel.HISTORY_LINES));
    assertThat(screen().history())
        .isBetween(TerminalModel.HISTORY_LINES, TerminalModel.HISTORY_LINES + 2_001);
  }

  @Test
  void selectionGivesTheTextAndStaysOnItWhenItScrolls() throws Exception {
    feed("one two three\r\nsecond\r\n");
    model.selectWord(0, 5);
    assertThat(model.selectedText()).isEqualTo("two");
    feed("a\r\nb\r\nc\r\nd\r\ne\r\n");
    assertThat(model.selectedText()).isEqualTo("two");
    model.clearSelection();
    assertThat(model.selectedText()).isEmpty();
  }

  @Test
  void arrowKeysFollowTheModeOfTheProgram() throws Exception {
    assertThat(new String(model.keyCode(KeyCode.UP.getCode(), 0), StandardCharsets.US_ASCII))
        .isEqualTo("\u001b[A");
    feed("\u001b[?1h");
    assertThat(new String(model.keyCode(KeyCode.UP.getCode(), 0), StandardCharsets.US_ASCII))
        .isEqualTo("\u001bOA");
  }

  @Test
  void pastedTextIsMarkedWhereAskedForAndCannotEndTheMark() throws Exception {
    model.paste("a\nb");
    feed("\u001b[?2004h");
    model.paste("x\u001b[201~rm");
    assertThat(sent).containsExactly("a\rb", "\u001b[200~x[201~rm\u001b[201~");
  }

  @Test
  void answersWhereTheCursorIs() throws Exception {
    feed("ab\u001b[6n");
    assertThat(sent).containsExactly("\u001b[1;3R");
  }

  @Test
  void theAlternateScreenLeavesTheTextUntouched() throws Exception {
    feed("shell$ \u001b[?1049h\u001b[2J\u001b[Hvi");
    assertThat(screen().text()).isEqualTo("vi");
    assertThat(model.isAlternate()).isTrue();
    feed("\u001b[?1049l");
    assertThat(screen().text()).isEqualTo("shell$");
  }

  @Test
  void resizeWrapsLinesAnew() throws Exception {
    feed("0123456789abcdefghij");
    model.resize(10, 5);
    feed("");
    assertThat(screen().text()).isEqualTo("0123456789\nabcdefghij");
  }

  @Test
  void resetForgetsScreenAndHistory() throws Exception {
    for (int i = 0; i < 20; i++) {
      feed("old\r\n");
    }
    model.reset();
    feed("new");
    assertThat(screen().text()).isEqualTo("new");
    assertThat(screen().history()).isZero();
  }

  @Test
  void theTitleOfTheProgramIsTold() throws Exception {
    feed("\u001b]0;vi file\u0007");
    assertThat(titles).containsExactly("vi file");
  }

  @Test
  void aVisitorSeesTheScreenDuringAFlood() throws Exception {
    byte[] lines =
        "the quick brown fox jumps over\r\n".repeat(500).getBytes(StandardCharsets.US_ASCII);
    CountDownLatch last = new CountDownLatch(1);
    for (int i = 0; i < 200; i++) {
      model.feed(lines, i == 199 ? last::countDown : () -> {});
    }
    List<Long> waits = new ArrayList<>();
    int missed = 0;
    while (last.getCount() > 0) {
      long before = System.nanoTime();
      if (model.screen().isEmpty()) {
        missed++;
      }
      waits.add(System.nanoTime() - before);
      Thread.sleep(5);
    }
    waits.sort(null);
    assertThat(waits).hasSizeGreaterThan(3);
    assertThat(missed).as("looks in vain of %d", waits.size()).isLessThan(waits.size() * 4 / 5);
    System.out.printf(
        "median time to see the screen during a flood: %d µs%n",
        waits.get(waits.size() / 2) / 1000);
  }

  private static TerminalScreen.Run run(List<TerminalScreen.Run> runs, String text) {
    return runs.stream().filter(run -> run.text().equals(text)).findFirst().orElseThrow();
  }

  private TerminalScreen screen() {
    for (int i = 0; i < 100; i++) {
      var screen = model.screen();
      if (screen.isPresent()) {
        return screen.get();
      }
    }
    throw new AssertionError("the emulator never made way");
  }

  private void feed(String text) throws InterruptedException {
    feed(text.getBytes(StandardCharsets.UTF_8));
  }

  private void feed(byte[] bytes) throws InterruptedException {
    CountDownLatch consumed = new CountDownLatch(1);
    model.feed(bytes, consumed::countDown);
    assertThat(consumed.await(30, TimeUnit.SECONDS)).as("bytes consumed").isTrue();
  }
}
