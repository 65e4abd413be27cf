// SPDX-License-Identifier: Apache-2.0
/** Hosts: SSH and local access, installing the agent there, and speaking its RPC. The only package that knows JSch. */
package org.mobitopolo.host;
