// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.KnownLabs;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.status.Notices;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.Tasks;

/**
 * What the parts of the window share.
 *
 * @param library images and templates to choose from
 * @param sshFolder the account's folder of SSH's own files
 * @param fx hops onto the FX thread
 * @param io runs what may wait, each piece on a thread of its own
 */
record WindowContext(
    Installation installation,
    Texts texts,
    KnownLabs knownLabs,
    Hosts hosts,
    Tasks tasks,
    Settings settings,
    Autosave autosave,
    Library library,
    Theme theme,
    Notices notices,
    Dialogs dialogs,
    Path sshFolder,
    Executor fx,
    Executor io) {}
