// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.ArrayTerminalDataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The stream that the emulator reads: UTF-8 bytes and commands, in the order in which they were put
 * in. Commands run on the emulator's thread between two characters, so that they never meet a
 * half-changed screen.
 *
 * <p>The queue has no limit of its own: the sender has one, as it is granted more only after {@code
 * consumed} ran.
 */
final class TerminalInput extends ArrayTerminalDataStream {
  private sealed interface Item {}

  private record Bytes(byte[] bytes, Runnable consumed) implements Item {}

  private record Command(Runnable action) implements Item {}

  private record End() implements Item {}

  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final Runnable idle;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer undecoded = ByteBuffer.allocate(0);
  private Runnable consumed = () -> {};

  /**
   * @param idle runs on the emulator's thread whenever it is about to wait
   */
  TerminalInput(Runnable idle) {
    super(new char[0]);
    this.idle = idle;
  }

  void put(byte[] bytes, Runnable whenConsumed) {
    queue.add(new Bytes(bytes.clone(), whenConsumed));
  }

  void run(Runnable command) {
    queue.add(new Command(command));
  }

  void end() {
    queue.add(new End());
  }

  @Override
  public char getChar() throws IOException {
    fillIfEmpty();
    return super.getChar();
  }

  @Override
  public String readNonControlCharacters(int maximum) throws IOException {
    fillIfEmpty();
    return super.readNonControlCharacters(maximum);
  }

  private void fillIfEmpty() throws IOException {
    while (myLength == 0) {
      consumed.run();
      consumed = () -> {};
      if (queue.isEmpty()) {
        idle.run();
      }
      switch (take()) {
        case Bytes item -> {
          decode(item.bytes());
          consumed = item.consumed();
        }
        case Command item -> item.action().run();
        case End _ -> throw new EOF();
      }
    }
  }

  private Item take() throws EOF {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EOF();
    }
  }

  private void decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.allocate(undecoded.remaining() + bytes.length);
    in.put(undecoded).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.decode(in, out, false);
    undecoded = in.slice();
    myBuf = out.array();
    myOffset = 0;
    myLength = out.position();
  }
}
