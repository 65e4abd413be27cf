// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mobitopolo.task.LabException;

/** Runs commands through one SSH connection. At most 8 channels at once: servers allow 10 by default. */
final class SshTransport implements Transport {
  private static final int MAX_CHANNELS = 8;
  private static final int OPEN_TIMEOUT_MS = 20_000;
  private static final long POLL_MS = 20;

  private final String name;
  private final Session session;
  private final List<Session> jumps;
  private final Optional<String> address;
  private final Semaphore channels = new Semaphore(MAX_CHANNELS, true);

  /**
   * @param session connected
   * @param jumps the connections that carry it, nearest first
   */
  SshTransport(String name, Session session, List<Session> jumps) {
    this.name = name;
    this.session = session;
    this.jumps = List.copyOf(jumps);
    this.address = jumps.isEmpty() ? resolve(session.getHost()) : Optional.empty();
  }

  private static Optional<String> resolve(String host) {
    try {
      return Optional.of(InetAddress.getByName(host).getHostAddress());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  @Override
  public RemoteProcess start(String script) throws InterruptedException {
    channels.acquire();
    ChannelExec channel = null;
    try {
      channel = (ChannelExec) session.openChannel("exec");
      // whatever the account's login shell is, it understands this
      channel.setCommand("exec /bin/sh -c " + Shell.quote(script));
      SshProcess process = new SshProcess(channel);
      channel.connect(OPEN_TIMEOUT_MS);
      return process;
    } catch (JSchException | IOException e) {
      channels.release();
      if (channel != null) {
        channel.disconnect();
      }
      throw new LabException.HostUnreachable(
          name + " opens no channel on the SSH connection: " + Printable.sentence(Printable.line(String.valueOf(e.getMessage()), 300)),
          "",
          "The connection is opened again by itself; if this lasts, see the limits MaxSessions and ForceCommand in the host's sshd_config.",
          e);
    }
  }

  @Override
  public Optional<String> address() {
    return address;
  }

  @Override
  public void close() {
    session.disconnect();
    jumps.reversed().forEach(Session::disconnect);
  }

  private final class SshProcess implements RemoteProcess {
    private final ChannelExec channel;
    private final InputStream stdout;
    private final OutputStream stdin;
    private final ErrorTail errors = new ErrorTail();
    private final AtomicBoolean closed = new AtomicBoolean();

    SshProcess(ChannelExec channel) throws IOException {
      this.channel = channel;
      channel.setErrStream(errors);
      stdout = channel.getInputStream();
      stdin = channel.getOutputStream();
    }

    @Override
    public InputStream stdout() {
      return stdout;
    }

    @Override
    public OutputStream stdin() {
      return stdin;
    }

    @Override
    public String errorTail() {
      return errors.toString();
    }

    /** JSch has no wait for the end of a channel; the exit status follows the last output at once, so this hardly ever sleeps. */
    @Override
    public int waitFor() throws InterruptedException {
      while (!channel.isClosed() && channel.isConnected()) {
        Thread.sleep(POLL_MS);
      }
      return channel.getExitStatus();
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        channel.disconnect();
        channels.release();
      }
    }
  }
}
