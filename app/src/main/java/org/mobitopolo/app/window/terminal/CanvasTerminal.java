// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.emulator.mouse.MouseButtonCodes;
import com.techsenger.jeditermfx.core.emulator.mouse.MouseButtonModifierFlags;
import com.techsenger.jeditermfx.core.input.MouseEvent;
import com.techsenger.jeditermfx.core.input.MouseWheelEvent;
import java.util.concurrent.atomic.AtomicBoolean;
import javafx.animation.AnimationTimer;
import javafx.application.Platform;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.geometry.Orientation;
import javafx.geometry.Point2D;
import javafx.scene.AccessibleRole;
import javafx.scene.Node;
import javafx.scene.canvas.Canvas;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.ScrollBar;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.InputMethodEvent;
import javafx.scene.input.InputMethodRequests;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseButton;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.Background;
import javafx.scene.layout.Region;
import org.mobitopolo.app.window.text.Texts;

/**
 * A terminal painted on a JavaFX canvas.
 *
 * <p>The emulator says only that something changed; the next frame takes a copy of the screen and
 * paints it. At most every second frame paints, so that a flood of output leaves the FX thread free
 * for the rest of the window. A terminal that is not in a scene does not paint.
 *
 * <p>Keys: all go to the far end, except Ctrl+Shift combinations (Ctrl+Shift+C and V copy and
 * paste, others are the window's), Shift+PageUp, PageDown, Home and End (scroll), and Ctrl with
 * plus, minus and 0 (font size).
 */
public final class CanvasTerminal implements TerminalView {
  private static final long FRAME_NANOS = 30_000_000;
  private static final int IDLE_FRAMES = 30;
  private static final double PADDING = 6;
  private static final int WHEEL_LINES = 3;

  private final TerminalModel model;
  private final Canvas canvas = new Canvas();
  private final ScrollBar scrollBar = new ScrollBar();
  private final Surface surface = new Surface();
  private final TerminalPainter painter;
  private final ReadOnlyStringWrapper title = new ReadOnlyStringWrapper("");
  private final AtomicBoolean changed = new AtomicBoolean();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final Frames frames = new Frames();
  private final ContextMenu menu;
  private TerminalFont font = TerminalFont.ofSize(TerminalFont.USUAL_SIZE);
  private final Texts texts;
  private TerminalColors colors;
  private final int usualSize;
  private int fontSize = TerminalFont.USUAL_SIZE;
  private int columns = 80;
  private int rows = 24;
  private double wheelRest;
  private boolean updatingScrollBar;
  private TerminalOutput output;

  /**
   * @param name names the emulator's thread
   * @param usualSize of the text, in points
   */
  public CanvasTerminal(String name, Texts texts, int usualSize, boolean dark) {
    this.usualSize = usualSize;
    this.texts = texts;
    menu = contextMenu();
    colors = dark ? TerminalColors.DARK : TerminalColors.LIGHT;
    painter = new TerminalPainter(canvas, font, colors);
    model =
        new TerminalModel(
            columns, rows, this::wake, text -> Platform.runLater(() -> title.set(text)));
    surface.setBackground(Background.fill(colors.background()));
    handleKeys();
    handleMouse();
    scrollBar.valueProperty().addListener((_, _, value) -> scrollBarMoved(value.doubleValue()));
    surface.focusedProperty().addListener(_ -> wake());
    surface.sceneProperty().addListener(_ -> wake());
    setFontSize(usualSize);
    model.start(name);
  }

  @Override
  public Node node() {
    return surface;
  }

  @Override
  public void feed(byte[] bytes, Runnable consumed) {
    model.feed(bytes, consumed);
  }

  @Override
  public void connect(TerminalOutput newOutput) {
    output = newOutput;
    model.setOutput(newOutput);
    newOutput.resize(rows, columns);
  }

  @Override
  public void disconnect() {
    output = null;
    model.setOutput(null);
  }

  @Override
  public void reset() {
    model.reset();
  }

  @Override
  public void requestFocus() {
    surface.requestFocus();
  }

  @Override
  public void copy() {
    String text = model.selectedText();
    if (!text.isEmpty()) {
      ClipboardContent content = new ClipboardContent();
      content.putString(text);
      Clipboard.getSystemClipboard().setContent(content);
    }
  }

  @Override
  public void paste() {
    String text = Clipboard.getSystemClipboard().getString();
    if (text != null) {
      model.paste(text);
    }
  }

  @Override
  public boolean find(String text, boolean up) {
    boolean found = model.find(text, up);
    wake();
    return found;
  }

  @Override
  public void zoom(int points) {
    setFontSize(points == 0 ? usualSize : fontSize + points);
  }

  private void setFontSize(int wished) {
    fontSize = Math.clamp(wished, TerminalFont.SMALLEST_SIZE, TerminalFont.LARGEST_SIZE);
    font = TerminalFont.ofSize(fontSize);
    painter.setFont(font);
    surface.requestLayout();
    wake();
  }

  /** Takes the colours of the dark or the light theme. */
  public void setDark(boolean dark) {
    colors = dark ? TerminalColors.DARK : TerminalColors.LIGHT;
    painter.setColors(colors);
    surface.setBackground(Background.fill(colors.background()));
    wake();
  }

  @Override
  public String screenText() {
    return model.screen().map(TerminalScreen::text).orElse("");
  }

  @Override
  public ReadOnlyStringProperty title() {
    return title.getReadOnlyProperty();
  }

  @Override
  public void dispose() {
    model.dispose();
    frames.stop();
  }

  /** Makes the next frame paint; any thread. */
  private void wake() {
    changed.set(true);
    if (awake.compareAndSet(false, true)) {
      Platform.runLater(frames::start);
    }
  }

  private void paint() {
    changed.set(false);
    model
        .screen()
        .ifPresentOrElse(
            screen -> {
              painter.paint(screen, surface.isFocused());
              updateScrollBar(screen);
            },
            () -> changed.set(true));
  }

  private void updateScrollBar(TerminalScreen screen) {
    updatingScrollBar = true;
    int history = screen.history();
    scrollBar.setVisible(history > 0);
    scrollBar.setMax(history);
    scrollBar.setVisibleAmount(history * (double) rows / (history + rows));
    scrollBar.setValue(history - screen.scrolledBack());
    updatingScrollBar = false;
  }

  private void scrollBarMoved(double value) {
    if (!updatingScrollBar) {
      model.scrollTo((int) Math.round(scrollBar.getMax() - value));
      wake();
    }
  }

  private void fit(double width, double height) {
    canvas.setWidth(width);
    canvas.setHeight(height);
    painter.repaintAll();
    int newColumns = Math.max(5, (int) (width / font.cellWidth()));
    int newRows = Math.max(2, (int) (height / font.cellHeight()));
    if (newColumns != columns || newRows != rows) {
      columns = newColumns;
      rows = newRows;
      model.resize(columns, rows);
      if (output != null) {
        output.resize(rows, columns);
      }
    }
    wake();
  }

  // keyboard

  private void handleKeys() {
    surface.addEventHandler(KeyEvent.KEY_PRESSED, this::keyPressed);
    surface.addEventHandler(
        KeyEvent.KEY_TYPED,
        event -> {
          TerminalKeys.typed(event).ifPresent(this::type);
          event.consume();
        });
    surface.setInputMethodRequests(new InputMethod());
    surface.addEventHandler(
        InputMethodEvent.INPUT_METHOD_TEXT_CHANGED,
        event -> {
          if (!event.getCommitted().isEmpty()) {
            model.send(event.getCommitted());
          }
        });
  }

  private void keyPressed(KeyEvent event) {
    if (isWindowShortcut(event)) {
      return;
    }
    if (!ownShortcut(event)) {
      TerminalKeys.pressed(event, model).ifPresent(this::type);
    }
    event.consume();
  }

  private static boolean isWindowShortcut(KeyEvent event) {
    boolean clipboard = event.getCode() == KeyCode.C || event.getCode() == KeyCode.V;
    return event.isMetaDown() || event.isControlDown() && event.isShiftDown() && !clipboard;
  }

  private boolean ownShortcut(KeyEvent event) {
    boolean control = event.isControlDown() && !event.isAltDown();
    boolean shift = event.isShiftDown() && !event.isControlDown() && !event.isAltDown();
    switch (event.getCode()) {
      case C, V -> {
        if (!control || !event.isShiftDown()) {
          return false;
        }
        if (event.getCode() == KeyCode.C) {
          copy();
        } else {
          paste();
        }
        return true;
      }
      case INSERT -> {
        if (shift) {
          paste();
        } else if (control) {
          copy();
        }
        return shift || control;
      }
      case PLUS, EQUALS, ADD -> {
        return zoomIf(control, 1);
      }
      case MINUS, SUBTRACT -> {
        return zoomIf(control, -1);
      }
      case DIGIT0, NUMPAD0 -> {
        return zoomIf(control, 0);
      }
      case PAGE_UP -> {
        return scrollIf(shift, rows - 1);
      }
      case PAGE_DOWN -> {
        return scrollIf(shift, 1 - rows);
      }
      case HOME -> {
        return scrollIf(shift, TerminalModel.HISTORY_LINES);
      }
      case END -> {
        return scrollIf(shift, -TerminalModel.HISTORY_LINES);
      }
      default -> {
        return false;
      }
    }
  }

  private boolean zoomIf(boolean condition, int points) {
    if (condition) {
      zoom(points);
    }
    return condition;
  }

  private boolean scrollIf(boolean condition, int lines) {
    boolean scroll = condition && !model.isAlternate();
    if (scroll) {
      model.scrollBy(lines);
      wake();
    }
    return scroll;
  }

  private void type(byte[] bytes) {
    model.scrollTo(0);
    model.clearSelection();
    model.send(bytes);
    wake();
  }

  // mouse

  private void handleMouse() {
    surface.setOnMousePressed(this::mousePressed);
    surface.setOnMouseDragged(this::mouseDragged);
    surface.setOnMouseReleased(
        event -> {
          if (reportsMouse(event)) {
            model.mouseReleased(column(event.getX()), row(event.getY()), report(event));
          }
        });
    surface.setOnScroll(this::scrolled);
    surface.setOnContextMenuRequested(
        event -> {
          if (!model.wantsMouse()) {
            menu.show(surface, event.getScreenX(), event.getScreenY());
          }
          event.consume();
        });
  }

  private void mousePressed(javafx.scene.input.MouseEvent event) {
    surface.requestFocus();
    menu.hide();
    int row = row(event.getY());
    int column = column(event.getX());
    if (reportsMouse(event)) {
      model.mousePressed(column, row, report(event));
    } else if (event.getButton() == MouseButton.MIDDLE) {
      String text = model.selectedText();
      if (!text.isEmpty()) {
        model.paste(text);
      }
    } else if (event.getButton() == MouseButton.PRIMARY) {
      switch (event.getClickCount()) {
        case 1 -> {
          int edge = edge(event.getX());
          model.select(row, edge, row, edge);
        }
        case 2 -> model.selectWord(row, column);
        default -> model.select(row, 0, row, columns);
      }
    }
    event.consume();
    wake();
  }

  private void mouseDragged(javafx.scene.input.MouseEvent event) {
    if (reportsMouse(event)) {
      model.mouseDragged(column(event.getX()), row(event.getY()), report(event));
    } else if (event.isPrimaryButtonDown()) {
      if (event.getY() < 0 || event.getY() > surface.getHeight()) {
        model.scrollBy(event.getY() < 0 ? 1 : -1);
      }
      model.extendSelection(row(event.getY()), edge(event.getX()));
    }
    event.consume();
    wake();
  }

  /** Shift keeps the mouse for selecting when the program in the terminal wants it. */
  private boolean reportsMouse(javafx.scene.input.MouseEvent event) {
    return model.wantsMouse() && !event.isShiftDown();
  }

  private static MouseEvent report(javafx.scene.input.MouseEvent event) {
    int button =
        switch (event.getButton()) {
          case PRIMARY -> MouseButtonCodes.LEFT;
          case MIDDLE -> MouseButtonCodes.MIDDLE;
          case SECONDARY -> MouseButtonCodes.RIGHT;
          default -> MouseButtonCodes.NONE;
        };
    int modifiers =
        (event.isControlDown() ? MouseButtonModifierFlags.MOUSE_BUTTON_CTRL_FLAG : 0)
            | (event.isAltDown() ? MouseButtonModifierFlags.MOUSE_BUTTON_META_FLAG : 0);
    return new MouseEvent(button, modifiers);
  }

  private void scrolled(ScrollEvent event) {
    event.consume();
    if (event.isControlDown()) {
      zoom(event.getDeltaY() > 0 ? 1 : -1);
      return;
    }
    double lines = wheelRest + WHEEL_LINES * event.getDeltaY() / 40;
    int whole = (int) lines;
    wheelRest = lines - whole;
    if (whole == 0) {
      return;
    }
    if (model.wantsMouse() && !event.isShiftDown()) {
      int button = whole > 0 ? MouseButtonCodes.SCROLLDOWN : MouseButtonCodes.SCROLLUP;
      model.mousePressed(column(event.getX()), row(event.getY()), new MouseWheelEvent(button, 0));
    } else if (model.isAlternate()) {
      byte[] arrow = model.keyCode((whole > 0 ? KeyCode.UP : KeyCode.DOWN).getCode(), 0);
      for (int i = 0; i < Math.abs(whole); i++) {
        model.send(arrow);
      }
    } else {
      model.scrollBy(whole);
    }
    wake();
  }

  private int column(double x) {
    return Math.clamp((int) ((x - PADDING) / font.cellWidth()), 0, columns - 1);
  }

  /** The boundary between cells that is next to x. */
  private int edge(double x) {
    return Math.clamp(Math.round((x - PADDING) / font.cellWidth()), 0, columns);
  }

  private int row(double y) {
    return Math.clamp((int) ((y - PADDING) / font.cellHeight()), 0, rows - 1);
  }

  private ContextMenu contextMenu() {
    MenuItem copy = new MenuItem(texts.get("terminal.copy"));
    copy.setOnAction(_ -> copy());
    MenuItem paste = new MenuItem(texts.get("terminal.paste"));
    paste.setOnAction(_ -> paste());
    ContextMenu context = new ContextMenu(copy, paste);
    context.setOnShowing(
        _ -> {
          copy.setDisable(model.selectedText().isEmpty());
          paste.setDisable(!Clipboard.getSystemClipboard().hasString());
        });
    return context;
  }

  private final class Surface extends Region {
    Surface() {
      getStyleClass().add("terminal");
      setFocusTraversable(true);
      setAccessibleRole(AccessibleRole.TEXT_AREA);
      setMinSize(40, 30);
      scrollBar.setOrientation(Orientation.VERTICAL);
      scrollBar.setFocusTraversable(false);
      scrollBar.setVisible(false);
      canvas.setManaged(false);
      getChildren().addAll(canvas, scrollBar);
    }

    @Override
    protected void layoutChildren() {
      double bar = scrollBar.prefWidth(-1);
      canvas.relocate(PADDING, PADDING);
      fit(Math.max(0, getWidth() - bar - 2 * PADDING), Math.max(0, getHeight() - 2 * PADDING));
      scrollBar.resizeRelocate(getWidth() - bar, 0, bar, getHeight());
    }
  }

  /**
   * Paints while there are changes, and rests after a while without any, or while the terminal is
   * not seen.
   */
  private final class Frames extends AnimationTimer {
    private long last;
    private int idle;

    @Override
    public void start() {
      idle = 0;
      super.start();
    }

    @Override
    public void handle(long now) {
      boolean seen = surface.getScene() != null && canvas.getWidth() > 0;
      if (!seen || !changed.get()) {
        idle++;
        if (idle > IDLE_FRAMES) {
          rest(seen);
        }
        return;
      }
      idle = 0;
      if (now - last >= FRAME_NANOS) {
        last = now;
        paint();
      }
    }

    private void rest(boolean seen) {
      stop();
      awake.set(false);
      if (seen && changed.get()) {
        wake(); // the change came between the last look and the rest
      }
    }
  }

  /** Lets an input method (Japanese and others) show its candidates beside the cursor. */
  private final class InputMethod implements InputMethodRequests {
    @Override
    public Point2D getTextLocation(int offset) {
      return model
          .screen()
          .map(TerminalScreen::cursor)
          .map(
              cursor ->
                  canvas.localToScreen(
                      cursor.column() * font.cellWidth(), (cursor.row() + 1) * font.cellHeight()))
          .orElseGet(() -> canvas.localToScreen(0, 0));
    }

    @Override
    public int getLocationOffset(int x, int y) {
      return 0;
    }

    @Override
    public void cancelLatestCommittedText() {
      // What was sent to the far end can't be taken back.
    }

    @Override
    public String getSelectedText() {
      return model.selectedText();
    }
  }
}
