// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.CursorShape;
import com.techsenger.jeditermfx.core.RequestOrigin;
import com.techsenger.jeditermfx.core.TerminalDisplay;
import com.techsenger.jeditermfx.core.TerminalOutputStream;
import com.techsenger.jeditermfx.core.TextStyle;
import com.techsenger.jeditermfx.core.compatibility.Point;
import com.techsenger.jeditermfx.core.emulator.JediEmulator;
import com.techsenger.jeditermfx.core.emulator.mouse.MouseFormat;
import com.techsenger.jeditermfx.core.emulator.mouse.MouseMode;
import com.techsenger.jeditermfx.core.input.MouseEvent;
import com.techsenger.jeditermfx.core.model.CharBuffer;
import com.techsenger.jeditermfx.core.model.JediTerminal;
import com.techsenger.jeditermfx.core.model.SelectionUtil;
import com.techsenger.jeditermfx.core.model.StyleState;
import com.techsenger.jeditermfx.core.model.TerminalLine;
import com.techsenger.jeditermfx.core.model.TerminalSelection;
import com.techsenger.jeditermfx.core.model.TerminalTextBuffer;
import com.techsenger.jeditermfx.core.util.CharUtils;
import com.techsenger.jeditermfx.core.util.TermSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A terminal without a picture: the emulator, its screen, its history and the selection.
 *
 * <p>One thread runs the emulator. All others read the screen under the buffer's lock; as the
 * emulator takes and releases that lock for every few characters, a visitor would starve in a flood
 * of output. So visitors announce themselves, and the emulator makes way after the operation at
 * hand, which takes microseconds.
 */
final class TerminalModel implements TerminalDisplay, TerminalOutputStream {
  static final int HISTORY_LINES = 10_000;

  /**
   * The buffer itself would limit its history by copying all of it for each line that comes in; so
   * it is told not to, and old lines are cut off here, many at once.
   */
  private static final int UNLIMITED = -1;

  private static final int HISTORY_SLACK = 2_000;

  /** How long the FX thread tries to see the screen before it leaves that to the next frame. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final long WAY_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  private final TerminalTextBuffer buffer;
  private final JediTerminal terminal;
  private final TerminalInput input;
  private final Runnable changed;
  private final Consumer<String> titleChanged;
  private final AtomicInteger visitors = new AtomicInteger();
  private volatile TerminalOutput output;

  private volatile int cursorColumn;
  private volatile int cursorRow;
  private volatile boolean cursorVisible = true;
  private volatile TerminalScreen.Shape cursorShape = TerminalScreen.Shape.BLOCK;
  private volatile MouseMode mouseMode = MouseMode.MOUSE_REPORTING_NONE;
  private volatile boolean bracketedPaste;
  private volatile boolean alternate;
  private volatile String title = "";

  // under the buffer's lock
  private TerminalSelection selection;
  private int scrolledBack;

  /**
   * @param changed runs on the emulator's thread when the screen may look different
   * @param titleChanged takes the window title that the program asks for, on the emulator's thread
   */
  TerminalModel(int columns, int rows, Runnable changed, Consumer<String> titleChanged) {
    this.changed = changed;
    this.titleChanged = titleChanged;
    StyleState style = new StyleState();
    buffer = new TerminalTextBuffer(columns, rows, style, UNLIMITED, null);
    terminal = new JediTerminal(this, buffer, style);
    terminal.setTerminalOutput(this);
    input = new TerminalInput(changed);
  }

  /** Starts the emulator's thread. */
  void start(String name) {
    Thread.ofPlatform()
        .daemon()
        .name("terminal " + name)
        .priority(Thread.NORM_PRIORITY - 1)
        .start(this::emulate);
  }

  private void emulate() {
    JediEmulator emulator = new JediEmulator(input, terminal);
    buffer.addModelListener(changed::run);
    while (emulator.hasNext()) {
      makeWay();
      cutHistory();
      try {
        emulator.next();
      } catch (IOException | RuntimeException e) {
        // A sequence that the emulator cannot digest must not end the console; it goes on behind
        // it.
        System.getLogger(TerminalModel.class.getName())
            .log(System.Logger.Level.DEBUG, "escape sequence skipped", e);
      }
    }
  }

  private void makeWay() {
    while (visitors.get() > 0) {
      LockSupport.parkNanos(WAY_NANOS);
    }
  }

  private void cutHistory() {
    int tooMany = buffer.getHistoryLinesCount() - HISTORY_LINES;
    if (tooMany > HISTORY_SLACK) {
      buffer.modify(() -> buffer.getHistoryBuffer().removeTopLines(tooMany));
    }
  }

  void dispose() {
    output = null;
    input.end();
  }

  void feed(byte[] bytes, Runnable consumed) {
    input.put(bytes, consumed);
  }

  void setOutput(TerminalOutput newOutput) {
    output = newOutput;
  }

  void send(byte[] bytes) {
    TerminalOutput out = output;
    if (out != null && bytes != null && bytes.length > 0) {
      out.write(bytes);
    }
  }

  private void answer(byte[] bytes) {
    TerminalOutput out = output;
    if (out != null && bytes.length > 0) {
      out.answer(bytes);
    }
  }

  void send(String text) {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends text as if it were typed, marked as pasted where the program asked for that. */
  void paste(String text) {
    String typed = text.replace("\r\n", "\r").replace('\n', '\r').replace("\u001b", "");
    send(bracketedPaste ? "\u001b[200~" + typed + "\u001b[201~" : typed);
    scrollTo(0);
  }

  /** Changes the size behind the output that is already waiting; lines are wrapped anew. */
  void resize(int columns, int rows) {
    input.run(
        () -> {
          terminal.resize(new TermSize(columns, rows), RequestOrigin.User);
          changed.run();
        });
  }

  void reset() {
    input.run(
        () -> {
          terminal.useAlternateBuffer(false);
          terminal.reset(true);
          buffer.modify(buffer::clearScreenAndHistoryBuffers);
          terminal.cursorPosition(1, 1);
          scrollTo(0);
          changed.run();
        });
  }

  /**
   * What to show, or nothing when the emulator does not make way soon enough: ask again with the
   * next frame.
   */
  Optional<TerminalScreen> screen() {
    visitors.incrementAndGet();
    try {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (!buffer.tryLock()) {
        if (System.nanoTime() > deadline) {
          return Optional.empty();
        }
        Thread.onSpinWait();
      }
      try {
        return Optional.of(copyScreen());
      } finally {
        buffer.unlock();
      }
    } finally {
      visitors.decrementAndGet();
    }
  }

  private <T> T visit(Supplier<T> action) {
    visitors.incrementAndGet();
    buffer.lock();
    try {
      return action.get();
    } finally {
      buffer.unlock();
      visitors.decrementAndGet();
    }
  }

  private TerminalScreen copyScreen() {
    int history = alternate ? 0 : buffer.getHistoryLinesCount();
    scrolledBack = Math.clamp(scrolledBack, 0, history);
    int width = buffer.getWidth();
    int height = buffer.getHeight();
    List<TerminalScreen.Row> rows = new ArrayList<>(height);
    for (int y = 0; y < height; y++) {
      rows.add(copyRow(y - scrolledBack, width));
    }
    int row = cursorRow - 1 + scrolledBack;
    boolean shown = cursorVisible && row < height;
    // the cursor waits behind the last column until the next character
    int column = Math.clamp(cursorColumn, 0, width - 1);
    return new TerminalScreen(
        width,
        List.copyOf(rows),
        new TerminalScreen.Cursor(shown ? row : -1, column, cursorShape),
        history,
        scrolledBack);
  }

  private TerminalScreen.Row copyRow(int line, int width) {
    List<TerminalScreen.Run> runs = new ArrayList<>();
    boolean exists = line < 0 || line < buffer.getScreenLinesCount();
    if (exists) {
      int column = 0;
      for (TerminalLine.TextEntry entry : buffer.getLine(line).getEntries()) {
        if (!entry.isNul()) {
          addRuns(
              runs,
              column,
              Math.min(entry.getLength(), width - column),
              entry.getText(),
              entry.getStyle());
        } else if (entry.getStyle().getBackground() != null
            || entry.getStyle().hasOption(TextStyle.Option.INVERSE)) {
          int cells = Math.max(0, Math.min(entry.getLength(), width - column));
          runs.add(new TerminalScreen.Run(column, cells, " ".repeat(cells), entry.getStyle()));
        }
        column += entry.getLength();
      }
    }
    int from = 0;
    int to = 0;
    if (selection != null) {
      Point first = first(selection);
      Point last = first == selection.getStart() ? selection.getEnd() : selection.getStart();
      if (line >= first.y && line <= last.y) {
        from = line == first.y ? first.x : 0;
        to = line == last.y ? last.x : width;
      }
    }
    return new TerminalScreen.Row(List.copyOf(runs), from, to);
  }

  private static Point first(TerminalSelection selection) {
    Point a = selection.getStart();
    Point b = selection.getEnd();
    return a.y < b.y || a.y == b.y && a.x <= b.x ? a : b;
  }

  /**
   * Splits text so that characters whose glyph may not be one cell wide stand in runs of their own.
   */
  private static void addRuns(
      List<TerminalScreen.Run> runs, int column, int cells, CharBuffer text, TextStyle style) {
    int start = 0;
    int i = 0;
    while (i < cells) {
      char c = text.charAt(i);
      if (c < '\u2000' && c != CharUtils.NUL_CHAR) {
        i++;
        continue;
      }
      addRun(runs, column + start, i - start, text.subBuffer(start, i - start).toString(), style);
      int taken = i + 1 < cells && text.charAt(i + 1) == CharUtils.DWC ? 2 : 1;
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < cells
              && Character.isLowSurrogate(text.charAt(i + 1));
      String glyph =
          pair
              ? "" + c + text.charAt(i + 1)
              : String.valueOf(c == CharUtils.NUL_CHAR || c == CharUtils.DWC ? ' ' : c);
      taken = pair ? 2 : taken;
      addRun(runs, column + i, taken, glyph, style);
      i += taken;
      start = i;
    }
    addRun(
        runs,
        column + start,
        i - start,
        start < i ? text.subBuffer(start, i - start).toString() : "",
        style);
  }

  private static void addRun(
      List<TerminalScreen.Run> runs, int column, int cells, String text, TextStyle style) {
    if (cells > 0) {
      runs.add(new TerminalScreen.Run(column, cells, text, style));
    }
  }

  // scrolling and selection; columns and rows as on the view

  void scrollBy(int lines) {
    visit(
        () -> {
          scrolledBack =
              Math.clamp(
                  (long) scrolledBack + lines, 0, alternate ? 0 : buffer.getHistoryLinesCount());
          return null;
        });
  }

  void scrollTo(int linesAboveBottom) {
    visit(
        () -> {
          scrolledBack = Math.clamp(linesAboveBottom, 0, buffer.getHistoryLinesCount());
          return null;
        });
  }

  void select(int row, int column, int toRow, int toColumn) {
    visit(
        () -> {
          selection =
              new TerminalSelection(
                  new Point(column, row - scrolledBack), new Point(toColumn, toRow - scrolledBack));
          return null;
        });
  }

  /** Moves the end of the selection, which stays fixed to the text when that scrolls. */
  void extendSelection(int row, int column) {
    visit(
        () -> {
          if (selection != null) {
            selection.updateEnd(new Point(column, row - scrolledBack));
          }
          return null;
        });
  }

  void clearSelection() {
    visit(() -> selection = null);
  }

  void selectWord(int row, int column) {
    visit(
        () -> {
          int line = row - scrolledBack;
          String text = buffer.getLine(line).getText();
          int from = column;
          int to = column;
          while (from > 0 && from <= text.length() && isWord(text.charAt(from - 1))) {
            from--;
          }
          while (to < text.length() && isWord(text.charAt(to))) {
            to++;
          }
          selection =
              to > from ? new TerminalSelection(new Point(from, line), new Point(to, line)) : null;
          return null;
        });
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c)
        || c == CharUtils.DWC
        || "_-./:@%+~=?&#".indexOf(c) >= 0;
  }

  /** The selected text; empty without a selection. */
  String selectedText() {
    return visit(
        () ->
            selection == null
                ? ""
                : SelectionUtil.getSelectedText(selection.getStart(), selection.getEnd(), buffer)
                    .stripTrailing());
  }

  /** A text as lines hold it: with a filler behind each character that is two cells wide. */
  private static String inCells(String text) {
    StringBuilder cells = new StringBuilder();
    for (char c : text.toCharArray()) {
      cells.append(c);
      if (CharUtils.isDoubleWidthCharacter(c, false)) {
        cells.append(CharUtils.DWC);
      }
    }
    return cells.toString();
  }

  /**
   * Selects the next place with this text, above or below the last one, and scrolls there.
   *
   * @return whether there is one
   */
  boolean find(String text, boolean up) {
    String wanted = inCells(text);
    return visit(
        () -> {
          int first = alternate ? 0 : -buffer.getHistoryLinesCount();
          int last = buffer.getScreenLinesCount() - 1;
          Optional<TerminalSearch.Place> before =
              Optional.ofNullable(selection)
                  .map(TerminalModel::first)
                  .map(start -> new TerminalSearch.Place(start.y, start.x, start.x));
          Optional<TerminalSearch.Place> place =
              TerminalSearch.next(
                  line -> buffer.getLine(line).getText(), first, last, wanted, before, up);
          place.ifPresent(this::show);
          return place.isPresent();
        });
  }

  private void show(TerminalSearch.Place place) {
    selection =
        new TerminalSelection(
            new Point(place.from(), place.line()), new Point(place.to(), place.line()));
    int height = buffer.getHeight();
    int row = place.line() + scrolledBack;
    if (row < 0 || row >= height) {
      scrolledBack = Math.clamp((long) height / 2 - place.line(), 0, buffer.getHistoryLinesCount());
    }
  }

  // keyboard and mouse

  /** What a special key sends in the current mode, or null for an ordinary key. */
  byte[] keyCode(int awtKey, int modifiers) {
    return terminal.getCodeForKey(awtKey, modifiers);
  }

  boolean wantsMouse() {
    return mouseMode != MouseMode.MOUSE_REPORTING_NONE;
  }

  boolean isAlternate() {
    return alternate;
  }

  void mousePressed(int column, int row, MouseEvent event) {
    terminal.mousePressed(column, row, event);
  }

  void mouseReleased(int column, int row, MouseEvent event) {
    terminal.mouseReleased(column, row, event);
  }

  void mouseDragged(int column, int row, MouseEvent event) {
    terminal.mouseDragged(column, row, event);
  }

  // TerminalOutputStream: answers of the emulator

  @Override
  public void sendBytes(byte[] bytes, boolean userInput) {
    if (userInput) {
      send(bytes);
    } else {
      answer(bytes);
    }
  }

  @Override
  public void sendString(String text, boolean userInput) {
    sendBytes(text.getBytes(StandardCharsets.UTF_8), userInput);
  }

  // TerminalDisplay: called by the emulator

  @Override
  public void setCursor(int column, int row) {
    cursorColumn = column;
    cursorRow = row;
  }

  @Override
  public void setCursorShape(CursorShape shape) {
    cursorShape =
        switch (shape) {
          case BLINK_UNDERLINE, STEADY_UNDERLINE -> TerminalScreen.Shape.UNDERLINE;
          case BLINK_VERTICAL_BAR, STEADY_VERTICAL_BAR -> TerminalScreen.Shape.BAR;
          case BLINK_BLOCK, STEADY_BLOCK -> TerminalScreen.Shape.BLOCK;
          case null -> TerminalScreen.Shape.BLOCK;
        };
  }

  @Override
  public void beep() {
    // A console in the background must not make noise.
  }

  @Override
  public void scrollArea(int top, int size, int dy) {
    buffer.modify(
        () -> {
          if (top == 1 && selection != null) {
            selection.shiftY(dy);
          }
          if (top == 1 && scrolledBack > 0) {
            scrolledBack = Math.clamp((long) scrolledBack - dy, 0, buffer.getHistoryLinesCount());
          }
        });
  }

  @Override
  public void setCursorVisible(boolean visible) {
    cursorVisible = visible;
    changed.run();
  }

  @Override
  public void useAlternateScreenBuffer(boolean use) {
    alternate = use;
    buffer.modify(
        () -> {
          scrolledBack = 0;
          selection = null;
        });
  }

  @Override
  public String getWindowTitle() {
    return title;
  }

  @Override
  public void setWindowTitle(String newTitle) {
    title = newTitle;
    titleChanged.accept(newTitle);
  }

  @Override
  public TerminalSelection getSelection() {
    return selection;
  }

  @Override
  public void terminalMouseModeSet(MouseMode mode) {
    mouseMode = mode;
  }

  @Override
  public void setMouseFormat(MouseFormat format) {
    // JediTerminal itself writes its mouse reports in this format.
  }

  @Override
  public boolean ambiguousCharsAreDoubleWidth() {
    return false;
  }

  @Override
  public void setBracketedPasteMode(boolean enabled) {
    bracketedPaste = enabled;
  }
}
