// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.io.IOException;
import java.io.OutputStream;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;

/** A lab in a bundle. */
record BundleLab(Bundle bundle) implements SavedLab {
  @Override
  public Manifest manifest() {
    return bundle.manifest();
  }

  @Override
  public void check(Task.Progress progress) throws InterruptedException {
    progress.phase("Checking the bundle.");
    if (bundle.isOnWeb()) {
      // each page is checked as it comes, before any VM starts and before an old one gives way
      bundle.checkMaps();
      return;
    }
    bundle.check(read -> progress.amount(read, bundle.size(), Unit.BYTES));
  }

  @Override
  public void writeImage(String sha256, OutputStream out) throws IOException {
    bundle.writeImage(sha256, out);
  }

  @Override
  public States states(boolean often) {
    return new StateSpool(bundle, often);
  }
}
