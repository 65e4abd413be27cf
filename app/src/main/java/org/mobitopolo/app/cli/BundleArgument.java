// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mobitopolo.snapshot.BundleDownload;
import org.mobitopolo.snapshot.bundle.Bundle;

/**
 * A bundle that an argument names: a file, or an address of the web, from which what is needed is
 * fetched when it is needed; all of it first where the server sends whole files only.
 */
final class BundleArgument implements AutoCloseable {

  private final Bundle bundle;
  private final Optional<Path> temporary;

  private BundleArgument(Bundle bundle, Optional<Path> temporary) {
    this.bundle = bundle;
    this.temporary = temporary;
  }

  static boolean isUrl(String argument) {
    return argument.startsWith("http://") || argument.startsWith("https://");
  }

  /** Opens it. */
  static BundleArgument open(Session session, String argument) throws IOException, CliException {
    if (!isUrl(argument)) {
      return new BundleArgument(Bundle.open(Path.of(argument)), Optional.empty());
    }
    URI uri = uri(argument);
    Optional<Bundle> onWeb = Bundle.open(uri);
    if (onWeb.isPresent()) {
      return new BundleArgument(onWeb.get(), Optional.empty());
    }
    Path file = Files.createTempFile("mobitopolo-", Bundle.SUFFIX);
    boolean opened = false;
    try {
      session.follow(session.tasks().run("Download the bundle", new BundleDownload(uri, file)));
      BundleArgument argumentOfWeb = new BundleArgument(Bundle.open(file), Optional.of(file));
      opened = true;
      return argumentOfWeb;
    } finally {
      if (!opened) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static URI uri(String argument) throws CliException {
    try {
      URI uri = URI.create(argument);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new CliException("\"" + argument + "\" is no address of the web.");
  }

  Bundle bundle() {
    return bundle;
  }

  @Override
  public void close() throws IOException {
    bundle.close();
    if (temporary.isPresent()) {
      Files.deleteIfExists(temporary.get());
    }
  }
}
