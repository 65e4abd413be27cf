// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code image show}. */
@Command(name = "show", description = "Describe an image: what it was made of, what is installed in it.")
final class ImageShowCommand implements Callable<Integer> {

  @Parameters(paramLabel = "IMAGE", description = "Name or hash.")
  private String name;

  @Option(names = "--verify", description = "Check that the stored image is what its hash says.")
  private boolean verify;

  @Mixin private OutputOptions output;

  private final Surroundings surroundings;

  ImageShowCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    Image image = ImageCommand.catalogue(surroundings).require(name);
    if (verify) {
      ImageStore.verify(image);
    }
    if (output.json()) {
      Map<String, Object> report = ImageListCommand.json(image);
      report.put("file", image.compressed().toString());
      report.put("origin", image.origin());
      report.put("packages", image.packages());
      report.put("verified", verify);
      OutputOptions.printJson(surroundings.out(), report);
    } else {
      print(image, surroundings.out());
    }
    return 0;
  }

  private void print(Image image, PrintStream out) {
    out.println(image.name() + ": " + image.description());
    out.println("  SHA-256   " + image.sha256() + (verify ? " (verified)" : ""));
    out.println("  Disk      " + Units.bytes(image.sizeBytes()));
    out.println("  Memory    " + image.memoryMiB() + " MiB as a rule");
    out.println("  File      " + image.compressed());
    if (image.bundled()) {
      out.println("  Origin    Came with the program.");
    } else {
      out.println("  Origin    " + image.origin());
    }
    if (!image.created().equals(Instant.EPOCH)) {
      out.println("  Made      " + Words.time(image.created()));
    }
    if (!image.packages().isEmpty()) {
      out.println("  Packages");
      image.packages().forEach(item -> out.println("    " + item));
    }
  }
}
