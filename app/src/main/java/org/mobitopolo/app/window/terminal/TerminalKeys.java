// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.input.InputEvent;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;

/**
 * What keys send, as xterm does it. Keys whose code depends on the mode (arrows, function keys) are
 * asked of the emulator.
 */
final class TerminalKeys {
  private static final byte[] ESCAPE = {0x1b};

  private TerminalKeys() {}

  /** What a pressed key sends; empty for one that types a character or does nothing. */
  static Optional<byte[]> pressed(KeyEvent event, TerminalModel model) {
    KeyCode code = event.getCode();
    if (code == KeyCode.BACK_SPACE && event.isAltDown()) {
      return Optional.of(new byte[] {0x1b, 0x7f});
    }
    if (code == KeyCode.TAB) {
      return Optional.of(
          (event.isShiftDown() ? "\u001b[Z" : "\t").getBytes(StandardCharsets.US_ASCII));
    }
    byte[] special = isText(code) ? null : model.keyCode(code.getCode(), modifiers(event));
    if (special != null) {
      return Optional.of(special);
    }
    if (event.isControlDown()) {
      return control(code).map(bytes -> event.isAltDown() ? join(ESCAPE, bytes) : bytes);
    }
    if (event.isAltDown()) {
      return plain(code, event.isShiftDown()).map(bytes -> join(ESCAPE, bytes));
    }
    return Optional.empty();
  }

  /** What a typed character sends; empty for the ones that {@link #pressed} has sent. */
  static Optional<byte[]> typed(KeyEvent event) {
    String text = event.getCharacter();
    boolean command = event.isControlDown() != event.isAltDown() || event.isMetaDown();
    if (command
        || text.isEmpty()
        || text.equals(KeyEvent.CHAR_UNDEFINED)
        || Character.isISOControl(text.codePointAt(0))) {
      return Optional.empty();
    }
    return Optional.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isText(KeyCode code) {
    return code.isLetterKey() || code.isDigitKey() && !code.isKeypadKey() || code == KeyCode.SPACE;
  }

  private static Optional<byte[]> control(KeyCode code) {
    if (code.isLetterKey()) {
      return one(code.getCode() & 0x1f);
    }
    return switch (code) {
      case SPACE, DIGIT2, AT -> one(0);
      case OPEN_BRACKET, DIGIT3 -> one(27);
      case BACK_SLASH, DIGIT4 -> one(28);
      case CLOSE_BRACKET, DIGIT5 -> one(29);
      case CIRCUMFLEX, DIGIT6 -> one(30);
      case UNDERSCORE, SLASH, DIGIT7 -> one(31);
      case DIGIT8 -> one(127);
      default -> Optional.empty();
    };
  }

  private static Optional<byte[]> plain(KeyCode code, boolean shift) {
    if (code.isLetterKey()) {
      return one(shift ? code.getCode() : Character.toLowerCase(code.getCode()));
    }
    if (code.isDigitKey() && !code.isKeypadKey()) {
      return one('0' + code.getCode() - KeyCode.DIGIT0.getCode());
    }
    return switch (code) {
      case PERIOD -> one(shift ? '>' : '.');
      case COMMA -> one(shift ? '<' : ',');
      case SLASH -> one(shift ? '?' : '/');
      case MINUS -> one(shift ? '_' : '-');
      case SPACE -> one(' ');
      default -> Optional.empty();
    };
  }

  static int modifiers(KeyEvent event) {
    return (event.isShiftDown() ? InputEvent.SHIFT_MASK : 0)
        | (event.isControlDown() ? InputEvent.CTRL_MASK : 0)
        | (event.isAltDown() ? InputEvent.ALT_MASK : 0)
        | (event.isMetaDown() ? InputEvent.META_MASK : 0);
  }

  private static Optional<byte[]> one(int value) {
    return Optional.of(new byte[] {(byte) value});
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
