// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import com.jcraft.jsch.ChannelDirectTCPIP;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Proxy;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** Carries one SSH connection through another (ProxyJump). */
final class SshJump implements Proxy {
  private final Session through;
  private ChannelDirectTCPIP channel;
  private InputStream input;
  private OutputStream output;

  SshJump(Session through) {
    this.through = through;
  }

  @Override
  public void connect(SocketFactory factory, String host, int port, int timeout) throws JSchException, IOException {
    channel = (ChannelDirectTCPIP) through.openChannel("direct-tcpip");
    channel.setHost(host);
    channel.setPort(port);
    input = channel.getInputStream();
    output = channel.getOutputStream();
    channel.connect(timeout);
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  @Override
  public OutputStream getOutputStream() {
    return output;
  }

  /** There is no socket of its own; JSch does without. */
  @Override
  public Socket getSocket() {
    return null;
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.disconnect();
    }
  }
}
