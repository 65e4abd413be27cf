/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The cost of UDP is the system call and the walk through the network stack for each datagram. So datagrams are laid one
 * behind the other into an arena; neighbours of one size to one address become one message, which the kernel cuts (UDP_SEGMENT, Linux 4.18),
 * and all messages go with one sendmmsg. The receiving side takes up to 64 KiB of merged datagrams a message (UDP_GRO, Linux 5.0). Both are
 * asked for at the start; a kernel that has neither gets plain datagrams, and so does a path that refuses a segmented one.
 *
 * When the socket is full the arena keeps what was not sent, and its owner stops producing until the socket takes more: the pressure reaches
 * the guest, nothing is lost here.
 *
 * Addresses are kept as IPv6 ones, IPv4 mapped, whatever the socket is: one form to compare and to print.
 */
#define _GNU_SOURCE
#include "udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#define ARENA_SIZE (1u << 20)
#define MESSAGES 256
#define SEGMENTS_MAX 60
#define MESSAGE_MAX 65000
#define RECEIVE_SIZE 65536
#define SOCKET_BUFFER (4 << 20)
#define LOOPBACK_PAYLOAD 60000
#define IPV4_UDP_HEADERS 28

struct outgoing {
	struct udp_address to;
	uint32_t start, size, segment, segments;
	bool closed; /* its last datagram is shorter: no other may follow */
};

struct udp {
	int fd;
	int family;
	unsigned port;
	bool gso;
	uint64_t unsent;
	/* sending */
	uint8_t *arena;
	uint32_t arena_used;
	struct outgoing out[MESSAGES];
	unsigned out_first, out_count; /* messages [first, count) wait */
	/* receiving */
	uint8_t *buffers;
	struct mmsghdr in[UDP_BATCH];
	struct iovec in_parts[UDP_BATCH];
	union udp_socket_address in_from[UDP_BATCH];
	_Alignas(struct cmsghdr) char in_control[UDP_BATCH][CMSG_SPACE(sizeof(int))];
};

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool is_v4(const struct udp_address *address)
{
	return !memcmp(address->ip, mapped_prefix, sizeof(mapped_prefix));
}

bool udp_address_equal(const struct udp_address *a, const struct udp_address *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void from_socket(const union udp_socket_address *from, struct udp_address *address)
{
	memset(address, 0, sizeof(*address));
	if (from->any.sa_family == AF_INET) {
		memcpy(address->ip, mapped_prefix, sizeof(mapped_prefix));
		memcpy(address->ip + 12, &from->v4.sin_addr, 4);
		address->port = ntohs(from->v4.sin_port);
	} else {
		memcpy(address->ip, &from->v6.sin6_addr, 16);
		address->scope = from->v6.sin6_scope_id;
		address->port = ntohs(from->v6.sin6_port);
	}
}

/* For a socket of that family; 0 if an IPv4 socket cannot reach it. */
static socklen_t to_socket(const struct udp_address *address, int family, union udp_socket_address *to)
{
	memset(to, 0, sizeof(*to));
	if (family == AF_INET) {
		if (!is_v4(address))
			return 0;
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons((uint16_t)address->port);
		memcpy(&to->v4.sin_addr, address->ip + 12, 4);
		return sizeof(to->v4);
	}
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons((uint16_t)address->port);
	to->v6.sin6_scope_id = address->scope;
	memcpy(&to->v6.sin6_addr, address->ip, 16);
	return sizeof(to->v6);
}

socklen_t udp_address_to_socket(const struct udp_address *address, union udp_socket_address *to)
{
	return to_socket(address, is_v4(address) ? AF_INET : AF_INET6, to);
}

bool udp_address_parse(const char *text, struct udp_address *address)
{
	char host[UDP_ADDRESS_TEXT], *scope;
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	char *end;
	long port;

	if (!length || length >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtol(colon + 1, &end, 10);
	if (*end || port < 1 || port > 65535)
		return false;
	memset(address, 0, sizeof(*address));
	address->port = (uint32_t)port;
	if (text[0] != '[') {
		memcpy(host, text, length);
		host[length] = 0;
		memcpy(address->ip, mapped_prefix, sizeof(mapped_prefix));
		return inet_pton(AF_INET, host, address->ip + 12) == 1;
	}
	if (length < 3 || text[length - 1] != ']')
		return false;
	memcpy(host, text + 1, length - 2);
	host[length - 2] = 0;
	scope = strchr(host, '%');
	if (scope) {
		*scope = 0;
		address->scope = if_nametoindex(scope + 1);
		if (!address->scope)
			return false;
	}
	return inet_pton(AF_INET6, host, address->ip) == 1;
}

void udp_address_format(const struct udp_address *address, char text[UDP_ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN], name[IF_NAMESIZE];

	if (is_v4(address)) {
		inet_ntop(AF_INET, address->ip + 12, host, sizeof(host));
		snprintf(text, UDP_ADDRESS_TEXT, "%s:%u", host, address->port);
		return;
	}
	inet_ntop(AF_INET6, address->ip, host, sizeof(host));
	/* An IPv6 text has at most 45 characters, an interface 15, a port 5. */
	if (address->scope && if_indextoname(address->scope, name))
		snprintf(text, UDP_ADDRESS_TEXT, "[%.39s%%%.15s]:%u", host, name, address->port & 0xffff);
	else
		snprintf(text, UDP_ADDRESS_TEXT, "[%s]:%u", host, address->port);
}

/* A socket connected to the address knows the route's MTU; nothing is sent by that. */
size_t udp_path_payload(const struct udp_address *to, size_t mtu)
{
	size_t headers = is_v4(to) ? IPV4_UDP_HEADERS : UDP_IPV6_HEADERS;
	int family = is_v4(to) ? AF_INET : AF_INET6, route = 0;
	socklen_t size = sizeof(route);
	union udp_socket_address address;
	socklen_t length = to_socket(to, family, &address);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		if (connect(fd, &address.any, length) < 0 ||
		    getsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, family == AF_INET ? IP_MTU : IPV6_MTU, &route,
			       &size) < 0)
			route = 0;
		close(fd);
	}
	if (route > LOOPBACK_PAYLOAD)
		return LOOPBACK_PAYLOAD;
	if (route >= 576 && (size_t)route < mtu)
		mtu = (size_t)route;
	return mtu - headers;
}

static int add_endpoint(json_t *list, const struct sockaddr *socket_address, unsigned port)
{
	char text[UDP_ADDRESS_TEXT];
	struct udp_address address;
	union udp_socket_address copy;

	memset(&copy, 0, sizeof(copy));
	memcpy(&copy, socket_address, socket_address->sa_family == AF_INET ? sizeof(copy.v4) : sizeof(copy.v6));
	from_socket(&copy, &address);
	address.port = port;
	udp_address_format(&address, text);
	return json_array_append_new(list, json_string(text));
}

json_t *udp_local_endpoints(unsigned port)
{
	struct ifaddrs *all = NULL;
	json_t *list = json_array();

	if (!list || getifaddrs(&all) < 0)
		return list;
	for (int loopback = 0; loopback < 2; loopback++) {
		for (struct ifaddrs *entry = all; entry; entry = entry->ifa_next) {
			int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;

			if ((family != AF_INET && family != AF_INET6) || !(entry->ifa_flags & IFF_UP))
				continue;
			if (!(entry->ifa_flags & IFF_LOOPBACK) != !loopback)
				continue;
			/* A link-local address means nothing on another host. */
			if (family == AF_INET6 &&
			    IN6_IS_ADDR_LINKLOCAL(&((struct sockaddr_in6 *)(void *)entry->ifa_addr)->sin6_addr))
				continue;
			if (add_endpoint(list, entry->ifa_addr, port) < 0) {
				json_decref(list);
				freeifaddrs(all);
				return NULL;
			}
		}
	}
	freeifaddrs(all);
	return list;
}

static int open_socket(struct udp *udp, int family, bool local)
{
	union udp_socket_address any = { .any.sa_family = (sa_family_t)family };
	socklen_t size = family == AF_INET ? sizeof(any.v4) : sizeof(any.v6);
	int off = 0;

	udp->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (udp->fd < 0)
		return -1;
	udp->family = family;
	if (local)
		any.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((family == AF_INET6 && setsockopt(udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0) ||
	    bind(udp->fd, &any.any, size) < 0 || getsockname(udp->fd, &any.any, &size) < 0) {
		close(udp->fd);
		udp->fd = -1;
		return -1;
	}
	udp->port = ntohs(family == AF_INET ? any.v4.sin_port : any.v6.sin6_port);
	return 0;
}

static void set_options(struct udp *udp)
{
	int size = SOCKET_BUFFER, on = 1, off = 0, fragment = IP_PMTUDISC_DONT;

	setsockopt(udp->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* A path narrower than told is IP's business: better a fragment than a frame lost for ever. */
	setsockopt(udp->fd, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment));
	setsockopt(udp->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on));
	udp->gso = !setsockopt(udp->fd, IPPROTO_UDP, UDP_SEGMENT, &off, sizeof(off));
}

static struct udp *create(bool local)
{
	struct udp *udp = calloc(1, sizeof(*udp));

	if (!udp)
		return NULL;
	udp->fd = -1;
	udp->arena = malloc(ARENA_SIZE);
	udp->buffers = malloc((size_t)UDP_BATCH * RECEIVE_SIZE);
	if (!udp->arena || !udp->buffers || ((local || open_socket(udp, AF_INET6, false) < 0) && open_socket(udp, AF_INET, local) < 0)) {
		udp_destroy(udp);
		return NULL;
	}
	set_options(udp);
	return udp;
}

struct udp *udp_create(void)
{
	return create(false);
}

struct udp *udp_create_local(void)
{
	return create(true);
}

void udp_destroy(struct udp *udp)
{
	int error = errno;

	if (!udp)
		return;
	if (udp->fd >= 0)
		close(udp->fd);
	free(udp->arena);
	free(udp->buffers);
	free(udp);
	errno = error;
}

int udp_fd(const struct udp *udp)
{
	return udp->fd;
}

unsigned udp_port(const struct udp *udp)
{
	return udp->port;
}

bool udp_blocked(const struct udp *udp)
{
	return udp->out_first < udp->out_count;
}

uint64_t udp_unsent(const struct udp *udp)
{
	return udp->unsent;
}

static bool joins(const struct udp *udp, const struct outgoing *last, const struct udp_address *to, size_t size)
{
	return udp->gso && !last->closed && size <= last->segment && last->segments < SEGMENTS_MAX &&
	       last->size + size <= MESSAGE_MAX && udp_address_equal(&last->to, to);
}

bool udp_prepare(struct udp *udp, unsigned datagrams, size_t bytes)
{
	if (udp->arena_used + bytes <= ARENA_SIZE && udp->out_count + datagrams <= MESSAGES)
		return true;
	return udp_flush(udp);
}

uint8_t *udp_reserve(struct udp *udp, const struct udp_address *to, size_t size)
{
	struct outgoing *message = udp->out_first < udp->out_count ? &udp->out[udp->out_count - 1] : NULL;
	uint8_t *room = udp->arena + udp->arena_used;

	if (!message || !joins(udp, message, to, size)) {
		message = &udp->out[udp->out_count++];
		*message = (struct outgoing){ .to = *to, .start = udp->arena_used, .segment = (uint32_t)size };
	}
	message->size += (uint32_t)size;
	message->segments++;
	message->closed = size < message->segment;
	udp->arena_used += (uint32_t)size;
	return room;
}

/* One message as single datagrams, for a path that takes no segmented ones. False: the socket is full. */
static bool send_singly(struct udp *udp, struct outgoing *message)
{
	union udp_socket_address to;
	socklen_t length = to_socket(&message->to, udp->family, &to);

	while (message->size) {
		uint32_t size = message->size < message->segment ? message->size : message->segment;

		if (sendto(udp->fd, udp->arena + message->start, size, MSG_DONTWAIT | MSG_NOSIGNAL, &to.any, length) < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				return false;
			udp->unsent++;
		}
		message->start += size;
		message->size -= size;
	}
	return true;
}

static unsigned prepare(struct udp *udp, struct mmsghdr *messages, struct iovec *parts, union udp_socket_address *addresses,
			char (*control)[CMSG_SPACE(sizeof(uint16_t))])
{
	unsigned count = 0;

	for (unsigned i = udp->out_first; i < udp->out_count && count < UDP_BATCH; i++, count++) {
		struct outgoing *out = &udp->out[i];
		struct msghdr *header = &messages[count].msg_hdr;

		parts[count] = (struct iovec){ udp->arena + out->start, out->size };
		*header = (struct msghdr){ .msg_iov = &parts[count], .msg_iovlen = 1, .msg_name = &addresses[count] };
		header->msg_namelen = to_socket(&out->to, udp->family, &addresses[count]);
		if (out->size > out->segment) {
			uint16_t segment = (uint16_t)out->segment;
			struct cmsghdr *option;

			header->msg_control = control[count];
			header->msg_controllen = sizeof(control[count]);
			option = CMSG_FIRSTHDR(header);
			option->cmsg_level = IPPROTO_UDP;
			option->cmsg_type = UDP_SEGMENT;
			option->cmsg_len = CMSG_LEN(sizeof(segment));
			memcpy(CMSG_DATA(option), &segment, sizeof(segment));
		}
	}
	return count;
}

bool udp_flush(struct udp *udp)
{
	struct mmsghdr messages[UDP_BATCH];
	struct iovec parts[UDP_BATCH];
	union udp_socket_address addresses[UDP_BATCH];
	_Alignas(struct cmsghdr) char control[UDP_BATCH][CMSG_SPACE(sizeof(uint16_t))];

	while (udp_blocked(udp)) {
		unsigned count = prepare(udp, messages, parts, addresses, control);
		int sent = sendmmsg(udp->fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			udp->out_first += (unsigned)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return false;
		/* The first one of the batch is refused: singly it may pass, or it is counted and left out. */
		if (!send_singly(udp, &udp->out[udp->out_first]))
			return false;
		udp->out_first++;
	}
	udp->out_first = udp->out_count = 0;
	udp->arena_used = 0;
	return true;
}

unsigned udp_receive(struct udp *udp)
{
	int count;

	for (unsigned i = 0; i < UDP_BATCH; i++) {
		udp->in_parts[i] = (struct iovec){ udp->buffers + (size_t)i * RECEIVE_SIZE, RECEIVE_SIZE };
		udp->in[i].msg_hdr = (struct msghdr){ .msg_name = &udp->in_from[i], .msg_namelen = sizeof(udp->in_from[i]),
						      .msg_iov = &udp->in_parts[i], .msg_iovlen = 1,
						      .msg_control = udp->in_control[i],
						      .msg_controllen = sizeof(udp->in_control[i]) };
	}
	count = recvmmsg(udp->fd, udp->in, UDP_BATCH, MSG_DONTWAIT, NULL);
	return count > 0 ? (unsigned)count : 0;
}

bool udp_message(struct udp *udp, unsigned index, struct udp_message *message)
{
	struct msghdr *header = &udp->in[index].msg_hdr;

	if ((header->msg_flags & MSG_TRUNC) || !udp->in[index].msg_len)
		return false;
	from_socket(&udp->in_from[index], &message->from);
	message->bytes = udp->in_parts[index].iov_base;
	message->size = message->segment = udp->in[index].msg_len;
	for (struct cmsghdr *option = CMSG_FIRSTHDR(header); option; option = CMSG_NXTHDR(header, option)) {
		int segment;

		if (option->cmsg_level != IPPROTO_UDP || option->cmsg_type != UDP_GRO)
			continue;
		memcpy(&segment, CMSG_DATA(option), sizeof(segment));
		if (segment > 0 && (size_t)segment < message->size)
			message->segment = (size_t)segment;
	}
	return true;
}
