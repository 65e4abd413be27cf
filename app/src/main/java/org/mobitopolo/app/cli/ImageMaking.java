// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.function.Supplier;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.image.Image;
import org.mobitopolo.task.Task;
import picocli.CommandLine.Command;

/** What the commands that make images have in common. */
@Command
abstract class ImageMaking extends LabCommand {

  protected ImageMaking(Surroundings surroundings) {
    super(surroundings);
  }

  /** Does the work as a task and tells what was made. */
  final int make(Session session, String title, Task.Work work, Supplier<Image> made) {
    session.follow(session.tasks().run(title, work));
    Image image = made.get();
    if (output().json()) {
      OutputOptions.printJson(out(), ImageListCommand.json(image));
    } else {
      out()
          .println(
              image.name()
                  + " has "
                  + Units.bytes(image.compressed().toFile().length())
                  + ", its disk "
                  + Units.bytes(image.sizeBytes())
                  + ". "
                  + image.description());
    }
    return 0;
  }
}
