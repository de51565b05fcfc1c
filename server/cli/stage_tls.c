#include "cli/stage_tls.h"

#include "cli/say.h"
#include "cli/state_folder.h"
#include "wire/certificate.h"
#include "wire/identity.h"
#include "wire/tls.h"

#include <stdlib.h>
#include <string.h>

/* The folder's full name, because clients may run elsewhere. */
static bool open_store(struct certificate_store *store, struct error *error)
{
	struct buffer path = { 0 };
	bool opened = false;
	char *full = NULL;

	if (state_folder_find(getenv, &path, error) && state_folder_make(path.data, error)) {
		full = realpath(path.data, NULL);
		opened = certificate_store_open(full ? full : path.data, store, error);
	}
	free(full);
	buffer_release(&path);
	return opened;
}

static bool read_made_certificate(struct stage_tls *tls, struct certificate_store *store,
                                  struct certificate *certificate)
{
	bool got = open_store(store, &tls->error);

	switch (tls->options->tls) {
	case TLS_MODERN:
		got = got && certificate_store_leaf(store, certificate, &tls->error);
		if (got)
			memcpy(tls->authority_file, store->authority_file, sizeof tls->authority_file);
		break;
	case TLS_AUTHENTIC:
		got = got && certificate_store_authentic(store, certificate, &tls->error);
		break;
	}
	return got;
}

static bool prepare_made(struct stage_tls *tls)
{
	struct certificate certificate = { 0 };
	struct certificate_store store;

	if (!read_made_certificate(tls, &store, &certificate))
		return false;
	tls->context = tls_context_new(tls->options->tls, &certificate, &tls->error);
	certificate_release(&certificate);
	if (!tls->context || identity_set_store(tls->context, &store))
		return tls->context != NULL;
	error_set(&tls->error, "memory ran out");
	return false;
}

/* Whatever is wrong with the user's own certificate, another file must be named. */
static bool prepare_own(struct stage_tls *tls)
{
	const struct options *options = tls->options;
	struct certificate certificate = { 0 };
	struct error why;

	tls->is_usage = true;
	if (!certificate_load(options->cert, options->key, &certificate, &tls->error))
		return false;
	tls->context = tls_context_new(options->tls, &certificate, &why);
	certificate_release(&certificate);
	if (!tls->context)
		error_set(&tls->error, "%s: %s", options->cert, why.text);
	return tls->context != NULL;
}

static void prepare(struct stage_tls *tls)
{
	const bool got = tls_start(&tls->error) && (tls->options->cert ? prepare_own(tls) : prepare_made(tls));

	if (got)
		return;
	SSL_CTX_free(tls->context);
	tls->context = NULL;
}

static void *run(void *tls)
{
	prepare(tls);
	return NULL;
}

void stage_tls_begin(struct stage_tls *tls, const struct options *options)
{
	*tls = (struct stage_tls){ .options = options };
	tls->has_thread = pthread_create(&tls->thread, NULL, run, tls) == 0;
	if (!tls->has_thread)
		prepare(tls);
}

void stage_tls_await(struct stage_tls *tls)
{
	if (tls->has_thread)
		pthread_join(tls->thread, NULL);
	tls->has_thread = false;
}

enum exit_code stage_tls_say(const struct stage_tls *tls, const char *command)
{
	if (tls->context)
		return EXIT_FINE;
	return tls->is_usage ? say_usage(command, &tls->error) : say_error(EXIT_INTERNAL, &tls->error);
}

void stage_tls_release(struct stage_tls *tls)
{
	SSL_CTX_free(tls->context);
	tls->context = NULL;
}
