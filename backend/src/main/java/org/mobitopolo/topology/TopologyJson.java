// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/**
 * The topology file: JSON, UTF-8. Reading and writing give equal topologies; writing the same
 * topology gives the same bytes. Reading is strict: what is not understood is refused with line,
 * column, path and what to write instead, never dropped.
 */
public final class TopologyJson {

  static final String FORMAT = "mobitopolo-topology";
  static final int VERSION = 1;

  private static final long LONGEST_FILE = 64 << 20;
  private static final JsonFactory FACTORY = new JsonFactory();

  private TopologyJson() {}

  /**
   * Reads a topology.
   *
   * @param source what to call the text in messages, such as its file's name
   * @throws TopologyFormatException when it is not a topology this version reads
   */
  public static Topology read(String text, String source) throws TopologyFormatException {
    JsonTree tree = JsonTree.parse(text, source);
    return tree.make(() -> TopologyReader.read(tree));
  }

  /**
   * Reads a file.
   *
   * @throws TopologyFormatException when the file can't be read or is not a topology this version
   *     reads
   */
  public static Topology read(Path file) throws TopologyFormatException {
    try {
      if (Files.size(file) > LONGEST_FILE) {
        throw fault(
            file,
            "the file is larger than " + (LONGEST_FILE >> 20) + " MiB, so it is no topology.",
            null);
      }
      return read(Files.readString(file), file.toString());
    } catch (NoSuchFileException e) {
      throw fault(file, "there is no such file.", e);
    } catch (CharacterCodingException e) {
      throw fault(file, "the file is not UTF-8 text, so it is no topology.", e);
    } catch (IOException e) {
      throw fault(file, "the file can't be read: " + e.getMessage() + ".", e);
    }
  }

  private static TopologyFormatException fault(Path file, String sentence, Exception cause) {
    return new TopologyFormatException(file.toString(), 0, 0, sentence, cause);
  }

  /** The topology as text of a file, with a line feed at its end. */
  public static String write(Topology topology) {
    return generate(topology, new Indented()) + "\n";
  }

  /** The topology as JSON in one line, for sending it to hosts. */
  public static String writeLine(Topology topology) {
    return generate(topology, null);
  }

  private static String generate(Topology topology, PrettyPrinter printer) {
    StringWriter text = new StringWriter();
    ObjectWriteContext context =
        new ObjectWriteContext.Base() {
          @Override
          public PrettyPrinter getPrettyPrinter() {
            return printer;
          }
        };
    try (JsonGenerator out = FACTORY.createGenerator(context, text)) {
      new TopologyWriter(out).write(topology);
    }
    return text.toString();
  }

  /** Replaces the file in one step: a failure leaves the old one. */
  public static void write(Topology topology, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path fresh = folder.resolve("." + file.getFileName() + ".new");
    try {
      Files.write(fresh, write(topology).getBytes(StandardCharsets.UTF_8));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Two spaces a level, line feeds, {@code "key": value}. */
  private static final class Indented extends DefaultPrettyPrinter {

    private static final long serialVersionUID = 1;

    Indented() {
      super(
          Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER));
      DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
      indentObjectsWith(indenter);
      indentArraysWith(indenter);
    }
  }
}
