// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * XML as a tree of elements. Document types are refused, and with them all entities, so nothing
 * grows while it is read and nothing outside the file is looked at. Files are read as UTF-8, which
 * all writers of these formats use.
 */
final class Xml {

  private static final int DEEPEST = 64;
  private static final int MOST_ELEMENTS = 500_000;

  /** An element; its name without namespace. */
  record Element(String name, Map<String, String> attributes, List<Element> children, StringBuilder content) {

    /** An attribute's value, empty when it is missing. */
    String get(String attribute) {
      return attributes.getOrDefault(attribute, "");
    }

    String text() {
      return content.toString().strip();
    }

    Stream<Element> all(String childName) {
      return children.stream().filter(child -> child.name.equals(childName));
    }

    Optional<Element> first(String childName) {
      return all(childName).findFirst();
    }

    /** Children of a child that is a list. */
    List<Element> in(String listName, String childName) {
      return first(listName).stream().flatMap(list -> list.all(childName)).toList();
    }
  }

  private Xml() {}

  /**
   * Reads a file.
   *
   * @param root what the outermost element is called
   * @throws ImportException with the place of the fault
   */
  static Element read(Path file, String root) throws ImportException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setXMLResolver(
        (_, _, _, _) -> {
          throw new XMLStreamException("it refers to another file");
        });
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(LabFolder.text(file)));
      Element result = tree(file, reader);
      if (!result.name.equals(root)) {
        throw new ImportException(
            file + " begins with <" + Draft.limit(result.name, 60) + ">, but <" + root + "> was expected.");
      }
      return result;
    } catch (XMLStreamException e) {
      throw new ImportException(
          file
              + (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNumber())
              + ": the XML is damaged: "
              + sentence(e.getMessage()),
          e);
    }
  }

  /** The last line of the parser's message, which says what is wrong; some are only addresses. */
  private static String sentence(String message) {
    String text = message.lines().reduce("", (_, last) -> last).replaceFirst("^Message: ", "");
    if (text.startsWith("http://www.w3.org/")) {
      return "an attribute comes twice or has a prefix that is not declared.";
    }
    return text.endsWith(".") ? text : text + ".";
  }

  private static Element tree(Path file, XMLStreamReader reader)
      throws XMLStreamException, ImportException {
    List<Element> open = new ArrayList<>();
    Element root = null;
    int count = 0;
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
            throw new ImportException(
                file
                    + " has a document type or entities, which are not taken: they can hide other"
                    + " files. Remove the <!DOCTYPE ...> lines.");
        case XMLStreamConstants.START_ELEMENT -> {
          Element element = element(reader);
          if (open.isEmpty()) {
            root = element;
          } else {
            open.getLast().children.add(element);
          }
          open.add(element);
          if (open.size() > DEEPEST || ++count > MOST_ELEMENTS) {
            throw new ImportException(file + " is nested too deeply or has too many elements.");
          }
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (!open.isEmpty()) {
            open.getLast().content.append(reader.getText());
          }
        }
        case XMLStreamConstants.END_ELEMENT -> open.removeLast();
        default -> {}
      }
    }
    return root;
  }

  private static Element element(XMLStreamReader reader) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
    }
    return new Element(reader.getLocalName(), attributes, new ArrayList<>(), new StringBuilder());
  }
}
