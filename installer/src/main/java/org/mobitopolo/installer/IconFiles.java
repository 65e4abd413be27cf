// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.installer;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import javax.imageio.ImageIO;

/**
 * Makes the program's icon in the forms that the systems want: {@code IconFiles SVG FOLDER} leaves {@code <size>.png}, {@code mobitopolo.svg}, {@code mobitopolo.ico}
 * and {@code mobitopolo.icns} in the folder. Both containers hold PNG pictures, as Windows does since Vista and macOS since 10.7.
 */
final class IconFiles {
  private static final int[] PNG_SIZES = {16, 22, 24, 32, 48, 64, 128, 256, 512, 1024};
  private static final int[] ICO_SIZES = {16, 24, 32, 48, 64, 128, 256};
  private static final int ICO_HEAD = 6;
  private static final int ICO_ENTRY = 16;
  private static final int ICNS_HEAD = 8;

  /** Types of an icns file and their sizes in pixels; those that come twice are for screens of twice the density. */
  private static final SequencedMap<String, Integer> ICNS_TYPES = new LinkedHashMap<>();

  static {
    ICNS_TYPES.put("ic11", 32);
    ICNS_TYPES.put("ic12", 64);
    ICNS_TYPES.put("ic07", 128);
    ICNS_TYPES.put("ic13", 256);
    ICNS_TYPES.put("ic08", 256);
    ICNS_TYPES.put("ic14", 512);
    ICNS_TYPES.put("ic09", 512);
    ICNS_TYPES.put("ic10", 1024);
  }

  private IconFiles() {}

  public static void main(String[] arguments) throws IOException {
    System.setProperty("java.awt.headless", "true");
    Path source = Path.of(arguments[0]);
    Path folder = Files.createDirectories(Path.of(arguments[1]));
    SVGDocument drawing = new SVGLoader().load(source.toUri().toURL());
    if (drawing == null) {
      throw new IOException(source + " is not a drawing that can be read; no icons were made.");
    }
    Map<Integer, byte[]> pictures = new LinkedHashMap<>();
    for (int size : PNG_SIZES) {
      pictures.put(size, png(drawing, size));
      Files.write(folder.resolve(size + ".png"), pictures.get(size));
    }
    Files.copy(source, folder.resolve("mobitopolo.svg"), StandardCopyOption.REPLACE_EXISTING);
    Files.write(folder.resolve("mobitopolo.ico"), ico(pictures));
    Files.write(folder.resolve("mobitopolo.icns"), icns(pictures));
  }

  private static byte[] png(SVGDocument drawing, int size) throws IOException {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    drawing.render((java.awt.Component) null, graphics, new ViewBox(0, 0, size, size));
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** A directory of fixed-size entries, then the pictures; 256 pixels are written as 0. */
  static byte[] ico(Map<Integer, byte[]> pictures) {
    int offset = ICO_HEAD + ICO_ENTRY * ICO_SIZES.length;
    int length = offset;
    for (int size : ICO_SIZES) {
      length += pictures.get(size).length;
    }
    ByteBuffer file = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    file.putShort((short) 0).putShort((short) 1).putShort((short) ICO_SIZES.length);
    for (int size : ICO_SIZES) {
      byte[] picture = pictures.get(size);
      file.put((byte) size).put((byte) size).put((byte) 0).put((byte) 0).putShort((short) 1).putShort((short) 32);
      file.putInt(picture.length).putInt(offset);
      offset += picture.length;
    }
    for (int size : ICO_SIZES) {
      file.put(pictures.get(size));
    }
    return file.array();
  }

  /** Chunks of type, length including this head, picture; around them one of type {@code icns}. */
  static byte[] icns(Map<Integer, byte[]> pictures) {
    int length = ICNS_HEAD + ICNS_TYPES.values().stream().mapToInt(size -> ICNS_HEAD + pictures.get(size).length).sum();
    ByteBuffer file = ByteBuffer.allocate(length);
    file.put("icns".getBytes(StandardCharsets.US_ASCII)).putInt(length);
    ICNS_TYPES.forEach(
        (type, size) ->
            file.put(type.getBytes(StandardCharsets.US_ASCII)).putInt(ICNS_HEAD + pictures.get(size).length).put(pictures.get(size)));
    return file.array();
  }
}
