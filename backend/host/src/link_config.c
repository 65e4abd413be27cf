/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing of link objects. Every number is checked against what the packet path can bear; what is absent has its default. */
#include "link_config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "params.h"

#define MTU_MIN 576
#define MTU_MAX 65535
#define MTU_DEFAULT 1500
#define DELAY_MAX_US 60000000
#define RATE_MAX_BPS 1000000000000
#define GENERATION_MAX (1ULL << 62)

struct reader {
	char *error;
	size_t size;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void refuse(struct reader *reader, const char *format, ...)
{
	va_list args;

	if (reader->failed)
		return;
	reader->failed = true;
	va_start(args, format);
	vsnprintf(reader->error, reader->size, format, args);
	va_end(args);
}

static uint64_t read_integer(struct reader *reader, const json_t *object, const char *name, uint64_t fallback, uint64_t min,
			     uint64_t max)
{
	const json_t *value = json_object_get(object, name);

	if (!value)
		return fallback;
	if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) < min ||
	    (uint64_t)json_integer_value(value) > max) {
		refuse(reader, "The link was not set: \"%s\" must be a whole number from %llu to %llu.", name, (unsigned long long)min,
		       (unsigned long long)max);
		return fallback;
	}
	return (uint64_t)json_integer_value(value);
}

static double read_number(struct reader *reader, const json_t *object, const char *name, double max)
{
	const json_t *value = json_object_get(object, name);
	double number;

	if (!value)
		return 0;
	number = json_number_value(value);
	if (!json_is_number(value) || !(number >= 0 && number <= max)) {
		refuse(reader, "The link was not set: \"%s\" must be a number from 0 to %g.", name, max);
		return 0;
	}
	return number;
}

static void read_egress(struct reader *reader, const json_t *egress, struct impairment_config *config)
{
	const char *distribution = json_string_value(json_object_get(egress, "distribution"));

	if (!egress)
		return;
	if (!json_is_object(egress)) {
		refuse(reader, "The link was not set: \"egress\" must be an object.");
		return;
	}
	config->delay_us = read_integer(reader, egress, "delayUs", 0, 0, DELAY_MAX_US);
	config->jitter_us = read_integer(reader, egress, "jitterUs", 0, 0, DELAY_MAX_US);
	config->loss = read_number(reader, egress, "loss", 1);
	config->loss_burst = read_number(reader, egress, "lossBurst", 1e6);
	config->duplicate = read_number(reader, egress, "duplicate", 1);
	config->reorder = read_number(reader, egress, "reorder", 1);
	config->corrupt = read_number(reader, egress, "corrupt", 1);
	config->rate_bps = read_integer(reader, egress, "rateBps", 0, 0, RATE_MAX_BPS);
	config->queue_bytes = read_integer(reader, egress, "queueBytes", 0, 0, IMPAIRMENT_BYTES_MAX);
	if (!distribution || !strcmp(distribution, "normal"))
		config->distribution = IMPAIRMENT_NORMAL;
	else if (!strcmp(distribution, "uniform"))
		config->distribution = IMPAIRMENT_UNIFORM;
	else if (!strcmp(distribution, "pareto"))
		config->distribution = IMPAIRMENT_PARETO;
	else
		refuse(reader, "The link was not set: \"distribution\" must be \"normal\", \"uniform\" or \"pareto\".");
}

void link_key_id(const uint8_t key[SEAL_KEY_SIZE], char id[LINK_KEY_ID_SIZE])
{
	uint8_t digest[SEAL_KEY_SIZE];

	seal_derive(digest, key, "id");
	sodium_bin2hex(id, LINK_KEY_ID_SIZE, digest, (LINK_KEY_ID_SIZE - 1) / 2);
}

static void read_secret(struct reader *reader, const json_t *object, uint8_t key[SEAL_KEY_SIZE])
{
	struct fail fail;

	if (params_key(object, "key", key, &fail) < 0)
		refuse(reader, "The link was not set: %.150s", fail.message);
}

static void read_key(struct reader *reader, const json_t *link, struct link_config *config)
{
	const char *id = json_string_value(json_object_get(link, "keyId"));

	config->ordered = json_object_get(link, "generation") != NULL;
	config->generation = read_integer(reader, link, "generation", 0, 0, GENERATION_MAX);
	if (!json_object_get(link, "key") && id) {
		if (strlen(id) != LINK_KEY_ID_SIZE - 1)
			refuse(reader, "The link was not set: \"keyId\" must be as a status tells it.");
		else
			strcpy(config->key_id, id);
		return;
	}
	read_secret(reader, link, config->key);
	config->keyed = true;
	link_key_id(config->key, config->key_id);
}

/* More addresses than `most` say nothing new: the first ones are the best. Returns how many there are. */
static unsigned read_addresses(struct reader *reader, const json_t *object, const char *name, unsigned most, struct udp_address *addresses)
{
	const json_t *list = json_object_get(object, name);
	unsigned count = json_array_size(list) < most ? (unsigned)json_array_size(list) : most;

	if (list && !json_is_array(list))
		refuse(reader, "The link was not set: \"%s\" must be a list of \"ip:port\".", name);
	for (unsigned i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !udp_address_parse(text, &addresses[i])) {
			refuse(reader, "The link was not set: \"%s\" has an entry that is not \"ip:port\" with a numeric address.", name);
			return i;
		}
	}
	return count;
}

static void read_relay(struct reader *reader, const json_t *relay, struct link_relay_config *config)
{
	const char *by = json_string_value(json_object_get(relay, "by"));

	if (!relay)
		return;
	config->set = true;
	if (!by || strlen(by) > LINK_RELAY_BY_MAX)
		refuse(reader, "The link was not set: \"relay\" must say \"by\" whom, in at most %d bytes.", LINK_RELAY_BY_MAX);
	else
		strcpy(config->by, by);
	config->pair = (uint32_t)read_integer(reader, relay, "pair", 0, 1, UINT32_MAX);
	read_secret(reader, relay, config->secret);
	config->endpoint_count = read_addresses(reader, relay, "endpoints", LINK_RELAYS_MAX, config->endpoints);
}

int link_config_parse(const json_t *json, struct link_config *config, char *error, size_t error_size)
{
	struct reader reader = { .error = error, .size = error_size };
	const char *id = json_string_value(json_object_get(json, "link"));
	const char *side = json_string_value(json_object_get(json, "side"));
	const char *cipher = json_string_value(json_object_get(json, "cipher"));
	const json_t *up = json_object_get(json, "up");

	memset(config, 0, sizeof(*config));
	if (!id || !*id || strlen(id) > LINK_ID_MAX)
		refuse(&reader, "The link was not set: \"link\" must be a text of 1 to %d bytes.", LINK_ID_MAX);
	else
		strcpy(config->id, id);
	if (!side || (strcmp(side, "a") && strcmp(side, "b")))
		refuse(&reader, "The link was not set: \"side\" must be \"a\" or \"b\".");
	else
		config->side = side[0];
	if (!cipher)
		config->cipher = SEAL_CHACHA20;
	else if (!seal_cipher_parse(cipher, &config->cipher))
		refuse(&reader, "The link was not set: \"cipher\" must be \"aes256gcm\" or \"chacha20\".");
	if (!seal_available(config->cipher))
		refuse(&reader, "The link was not set: this host's CPU has no AES instructions; set \"cipher\" to \"chacha20\" at both ends.");
	if (up && !json_is_boolean(up))
		refuse(&reader, "The link was not set: \"up\" must be true or false.");
	config->up = !json_is_false(up);
	config->mtu = (unsigned)read_integer(&reader, json, "mtu", MTU_DEFAULT, MTU_MIN, MTU_MAX);
	read_key(&reader, json, config);
	config->peer_count = read_addresses(&reader, json, "peers", LINK_PEERS_MAX, config->peers);
	read_relay(&reader, json_object_get(json, "relay"), &config->relay);
	read_egress(&reader, json_object_get(json, "egress"), &config->egress);
	return reader.failed ? -EINVAL : 0;
}

static json_t *egress_json(const struct impairment_config *egress)
{
	static const char *const names[] = { "normal", "uniform", "pareto" };

	return json_pack("{s:I,s:I,s:s,s:f,s:f,s:f,s:f,s:f,s:I,s:I}", "delayUs", (json_int_t)egress->delay_us, "jitterUs",
			 (json_int_t)egress->jitter_us, "distribution", names[egress->distribution], "loss", egress->loss, "lossBurst",
			 egress->loss_burst, "duplicate", egress->duplicate, "reorder", egress->reorder, "corrupt", egress->corrupt,
			 "rateBps", (json_int_t)egress->rate_bps, "queueBytes", (json_int_t)egress->queue_bytes);
}

static json_t *addresses_json(const struct udp_address *addresses, unsigned count)
{
	char text[UDP_ADDRESS_TEXT];
	json_t *list = json_array();

	for (unsigned i = 0; i < count; i++) {
		udp_address_format(&addresses[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *key_json(const uint8_t bytes[SEAL_KEY_SIZE])
{
	char text[sodium_base64_ENCODED_LEN(SEAL_KEY_SIZE, sodium_base64_VARIANT_ORIGINAL)];
	json_t *json;

	sodium_bin2base64(text, sizeof(text), bytes, SEAL_KEY_SIZE, sodium_base64_VARIANT_ORIGINAL);
	json = json_string(text);
	sodium_memzero(text, sizeof(text));
	return json;
}

json_t *link_config_json(const struct link_config *config)
{
	const struct link_relay_config *relay = &config->relay;
	char side[2] = { config->side, 0 };
	json_t *json = json_pack("{s:s,s:o,s:I,s:s,s:s,s:o,s:i,s:o,s:b}", "link", config->id, "key", key_json(config->key), "generation", (json_int_t)config->generation, "cipher", seal_cipher_name(config->cipher),
				 "side", side, "peers", addresses_json(config->peers, config->peer_count), "mtu", (int)config->mtu, "egress",
				 egress_json(&config->egress), "up", config->up);

	if (json && relay->set)
		json_object_set_new(json, "relay", json_pack("{s:s,s:I,s:o,s:o}", "by", relay->by, "pair", (json_int_t)relay->pair, "key", key_json(relay->secret),
							     "endpoints", addresses_json(relay->endpoints, relay->endpoint_count)));
	return json;
}
